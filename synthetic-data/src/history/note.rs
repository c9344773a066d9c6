//! Notes in bokmål, written from the same facts that become resources, so that text and data never
//! disagree.

use super::drug::Drug;
use super::plan::Form;
use super::quantity::What;
use super::{Code, Value};
use crate::fhir::json::decimal;

/// A note being gathered during a visit.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    found: Vec<&'static str>,
    findings: Vec<String>,
    plan: Vec<String>,
}

impl Draft {
    pub(crate) fn found(&mut self, name: &'static str) {
        self.found.push(name);
    }

    pub(crate) fn measured(&mut self, what: What, value: Value) {
        let quantity = what.quantity();
        let shown = match value {
            Value::Pressure {
                systolic,
                diastolic,
            } => format!("BT {systolic}/{diastolic}"),
            Value::Scaled(number) => {
                let unit = match quantity.unit {
                    "{score}" => "",
                    "Cel" => " °C",
                    "kg/m2" => " kg/m²",
                    "umol/L" => " µmol/L",
                    "m[IU]/L" => " mIE/L",
                    "mL/min/{1.73_m2}" => " ml/min/1,73 m²",
                    "/min" => "/min",
                    other => &format!(" {other}"),
                };
                format!(
                    "{} {}{unit}",
                    quantity.name,
                    decimal(number, quantity.decimals, ',')
                )
            }
        };
        self.findings.push(shown);
    }

    pub(crate) fn starts(&mut self, drug: &Drug) {
        self.plan.push(format!(
            "Starter {} {}, {}.",
            drug.substance,
            drug.form,
            lower(drug.dosage)
        ));
    }

    pub(crate) fn renews(&mut self, drug: &Drug) {
        self.plan.push(format!(
            "Fornyer resept på {} {}.",
            drug.substance, drug.form
        ));
    }

    /// A sentence of its own in the plan.
    pub(crate) fn decides(&mut self, sentence: String) {
        self.plan.push(sentence);
    }

    /// The finished text.
    pub(crate) fn text(&self, form: Form, reasons: &[Code]) -> String {
        let names: Vec<String> = reasons
            .iter()
            .map(|reason| reason.name.to_owned())
            .collect();
        let mut lines = vec![match names.as_slice() {
            [] => format!("{}.", form.name()),
            names => format!("{}: {}.", form.name(), names.join(", ")),
        }];
        if !self.findings.is_empty() {
            lines.push(format!("Funn: {}.", self.findings.join("; ")));
        }
        if !self.found.is_empty() {
            lines.push(format!("Vurdering: {} er påvist.", self.found.join(", ")));
        }
        match self.plan.as_slice() {
            [] => lines.push("Plan: Tar kontakt ved behov.".to_owned()),
            plan => lines.push(format!("Plan: {}", plan.join(" "))),
        }
        lines.join("\n")
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
