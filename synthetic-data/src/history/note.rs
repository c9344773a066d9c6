//! Notes in bokmål, written from the same facts that become resources, so that text and data never
//! disagree.

use super::drug::Drug;
use super::plan::Form;
use super::quantity::What;
use super::{Code, Value};
use crate::fhir::digits::decimal;

/// A note being gathered during a visit.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    found: Vec<&'static str>,
    findings: String,
    plan: String,
}

impl Draft {
    pub(crate) fn found(&mut self, name: &'static str) {
        self.found.push(name);
    }

    pub(crate) fn measured(&mut self, what: What, value: Value) {
        let quantity = what.quantity();
        let text = &mut self.findings;
        if !text.is_empty() {
            text.push_str("; ");
        }
        match value {
            Value::Pressure {
                systolic,
                diastolic,
            } => {
                for part in ["BT ", &systolic.to_string(), "/", &diastolic.to_string()] {
                    text.push_str(part);
                }
            }
            Value::Scaled(number) => {
                text.push_str(quantity.name);
                text.push(' ');
                text.push_str(&decimal(number, quantity.decimals, ','));
                if !matches!(quantity.unit, "{score}" | "/min") {
                    text.push(' ');
                }
                text.push_str(match quantity.unit {
                    "{score}" => "",
                    "Cel" => "°C",
                    "kg/m2" => "kg/m²",
                    "umol/L" => "µmol/L",
                    "m[IU]/L" => "mIE/L",
                    "mL/min/{1.73_m2}" => "ml/min/1,73 m²",
                    other => other,
                });
            }
        }
    }

    pub(crate) fn starts(&mut self, drug: &Drug) {
        let dosage = lower(drug.dosage);
        self.decides(&[
            "Starter ",
            drug.substance,
            " ",
            drug.form,
            ", ",
            &dosage,
            ".",
        ]);
    }

    pub(crate) fn renews(&mut self, drug: &Drug) {
        self.decides(&["Fornyer resept på ", drug.substance, " ", drug.form, "."]);
    }

    /// A sentence of its own in the plan, in parts.
    pub(crate) fn decides(&mut self, sentence: &[&str]) {
        if !self.plan.is_empty() {
            self.plan.push(' ');
        }
        self.plan.extend(sentence.iter().copied());
    }

    /// The finished text.
    pub(crate) fn text(&self, form: Form, reasons: &[Code]) -> String {
        let mut text = String::with_capacity(self.findings.len() + self.plan.len() + 160);
        text.push_str(form.name());
        let mut before = ": ";
        for reason in reasons {
            text.push_str(before);
            text.push_str(reason.name);
            before = ", ";
        }
        text.push('.');
        if !self.findings.is_empty() {
            text.extend(["\nFunn: ", &self.findings, "."]);
        }
        if !self.found.is_empty() {
            text.extend(["\nVurdering: ", &self.found.join(", "), " er påvist."]);
        }
        let plan = match self.plan.as_str() {
            "" => "Tar kontakt ved behov.",
            plan => plan,
        };
        text.extend(["\nPlan: ", plan]);
        text
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
