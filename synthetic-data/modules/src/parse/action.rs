//! Reads what a state does, by its type.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::amount::{amount, code_in, code_names, concept, duration, span};
use super::condition::{attribute, condition_in, value};
use super::fields::{Fields, missing, wrong};
use super::{finding, order};
use crate::error::Fault;
use crate::names::Names;
use crate::number::{Chance, Fixed};
use crate::program::{
    Action, Assigned, Class, DeathOrder, EncounterOrder, Kind, ModuleId, Reason, StateId, Value,
    What,
};

/// What a state may refer to.
pub(super) struct Around<'a> {
    pub(super) names: &'a mut Names,
    pub(super) states: &'a BTreeMap<&'a str, StateId>,
    pub(super) modules: &'a BTreeMap<String, ModuleId>,
    /// The module's own name: what causes a symptom, where nothing else is said.
    pub(super) module: &'a str,
}

impl Around<'_> {
    pub(super) fn state(&self, name: &str) -> Result<StateId, Fault> {
        let found = self.states.get(name).copied();
        found.ok_or_else(|| Fault::NoSuchState(name.chars().take(120).collect()))
    }
}

/// What a state of this type does.
pub(super) fn action(around: &mut Around<'_>, fields: Fields<'_>) -> Result<Action, Fault> {
    let kind = fields.text("type")?;
    let names = &mut *around.names;
    Ok(match kind {
        "Initial" | "Simple" => Action::Pass,
        "Terminal" => Action::Terminal,
        "Delay" => Action::Delay(span(fields)?.ok_or_else(|| missing("exact"))?),
        "Guard" => {
            let allow = condition_in(names, fields, "allow")?;
            Action::Guard(allow.ok_or_else(|| missing("allow"))?)
        }
        "SetAttribute" => set(names, fields)?,
        "Counter" => count(names, fields)?,
        "Symptom" => symptom(around, fields)?,
        "VitalSign" => Action::VitalSign(
            names.signs.of(fields.text("vital_sign")?),
            amount(fields)?.ok_or_else(|| missing("range"))?,
        ),
        "CallSubmodule" => Action::Call(call(around, fields)?),
        "Physiology" => Action::Physiology(
            around.state(
                fields
                    .filled("alt_direct_transition")?
                    .or(fields.filled("direct_transition")?)
                    .ok_or_else(|| missing("alt_direct_transition"))?,
            )?,
        ),
        _ => recorded(names, fields, kind)?,
    })
}

/// The types that write into the record.
fn recorded(names: &mut Names, fields: Fields<'_>, kind: &str) -> Result<Action, Fault> {
    Ok(match kind {
        "Encounter" => encounter(names, fields)?,
        "EncounterEnd" => Action::EncounterEnd(code_in(names, fields, "discharge_disposition")?),
        "ConditionOnset" => order::onset(names, fields, Kind::Condition)?,
        "AllergyOnset" => order::onset(names, fields, Kind::Allergy)?,
        "MedicationOrder" => order::medication(names, fields)?,
        "CarePlanStart" => order::care_plan(names, fields)?,
        "Device" => Action::Device(
            code_in(names, fields, "code")?.ok_or_else(|| missing("code"))?,
            attribute(names, fields, "assign_to_attribute")?,
        ),
        "ConditionEnd" => Action::End(Kind::Condition, what(names, fields, "condition_onset")?),
        "AllergyEnd" => Action::End(Kind::Allergy, what(names, fields, "allergy_onset")?),
        "MedicationEnd" => Action::End(Kind::Medication, what(names, fields, "medication_order")?),
        "CarePlanEnd" => Action::End(Kind::CarePlan, what(names, fields, "careplan")?),
        "DeviceEnd" => Action::End(Kind::Device, what(names, fields, "device")?),
        "Procedure" => Action::Procedure {
            codes: filled(names, fields)?,
            reason: reason(names, fields)?,
            span: duration(fields)?,
            assign: attribute(names, fields, "assign_to_attribute")?,
        },
        "Observation" => Action::Observation(finding::observed(names, fields)?),
        "MultiObservation" => Action::Panel(finding::panel(names, fields)?),
        "DiagnosticReport" => Action::Report(finding::panel(names, fields)?),
        "ImagingStudy" => Action::Imaging(finding::imaging(names, fields)?),
        "SupplyList" => Action::Supplies(finding::supplies(names, fields)?),
        "Vaccine" => Action::Vaccine {
            codes: filled(names, fields)?,
            dose: fields.count("series")?.unwrap_or(1).max(1),
        },
        "Death" => Action::Death(DeathOrder {
            after: span(fields)?,
            codes: concept(names, fields, "codes")?,
            what: what(names, fields, "condition_onset")?,
        }),
        _ => return Err(Fault::UnknownState(kind.chars().take(60).collect())),
    })
}

/// Codes where at least one is needed.
pub(super) fn filled(
    names: &mut Names,
    fields: Fields<'_>,
) -> Result<crate::program::Concept, Fault> {
    let codes = concept(names, fields, "codes")?;
    if codes.is_empty() {
        return Err(missing("codes"));
    }
    Ok(codes)
}

pub(super) fn reason(names: &mut Names, fields: Fields<'_>) -> Result<Option<Reason>, Fault> {
    Ok(fields.filled("reason")?.map(|word| Reason {
        attribute: names.attributes.of(word),
        state: names.states.of(word),
    }))
}

fn what(names: &mut Names, fields: Fields<'_>, state: &str) -> Result<What, Fault> {
    Ok(What {
        attribute: attribute(names, fields, "referenced_by_attribute")?,
        state: fields.filled(state)?.map(|name| names.states.of(name)),
        codes: code_names(names, fields)?,
    })
}

fn set(names: &mut Names, fields: Fields<'_>) -> Result<Action, Fault> {
    let attribute = names.attributes.of(fields.text("attribute")?);
    if fields.any("expression").is_some() {
        return Err(Fault::Expression("expression".to_owned()));
    }
    let assigned = if let Some(code) = code_in(names, fields, "value_code")? {
        Assigned::Value(Value::Codes(Arc::from([code])))
    } else if let Some(other) = fields.filled("value_attribute")? {
        Assigned::Attribute(names.attributes.of(other))
    } else if let Some(amount) = amount(fields)? {
        Assigned::Amount(amount)
    } else {
        value(fields)?.map_or(Assigned::Nothing, Assigned::Value)
    };
    Ok(Action::Set(attribute, assigned))
}

fn count(names: &mut Names, fields: Fields<'_>) -> Result<Action, Fault> {
    let attribute = names.attributes.of(fields.text("attribute")?);
    let amount = fields
        .optional_fixed("amount")?
        .unwrap_or_else(|| Fixed::whole(1));
    let amount = match fields.text("action")? {
        "increment" => amount,
        "decrement" => Fixed::millionths(-amount.get()),
        other => {
            return Err(Fault::UnknownWord {
                field: "action".to_owned(),
                value: other.to_owned(),
                known: "increment, decrement".to_owned(),
            });
        }
    };
    Ok(Action::Count(attribute, amount))
}

fn symptom(around: &mut Around<'_>, fields: Fields<'_>) -> Result<Action, Fault> {
    let cause = fields.filled("cause")?.unwrap_or(around.module);
    Ok(Action::Symptom {
        symptom: around.names.symptoms.of(fields.text("symptom")?),
        cause: around.names.causes.of(cause),
        probability: fields
            .chance("probability")?
            .unwrap_or(Chance::percent(100)),
        amount: amount(fields)?.ok_or_else(|| missing("range"))?,
    })
}

fn call(around: &Around<'_>, fields: Fields<'_>) -> Result<ModuleId, Fault> {
    let path = fields.text("submodule")?;
    let found = around.modules.get(path).copied();
    found.ok_or_else(|| Fault::NoSuchModule(path.chars().take(120).collect()))
}

fn encounter(names: &mut Names, fields: Fields<'_>) -> Result<Action, Fault> {
    let class = if fields.flag("wellness")? {
        Class::Wellness
    } else {
        class(fields.filled("encounter_class")?.unwrap_or("ambulatory"))?
    };
    let remote = match fields.filled("telemedicine_possibility")? {
        None | Some("none") => Chance::percent(0),
        Some("possible") => POSSIBLY_REMOTE,
        Some("always") => Chance::percent(100),
        Some(_) => {
            return Err(wrong(
                "telemedicine_possibility",
                "none, possible or always",
            ));
        }
    };
    Ok(Action::Encounter(EncounterOrder {
        class,
        codes: concept(names, fields, "codes")?,
        reason: reason(names, fields)?,
        remote,
    }))
}

/// How many of the contacts that can be held at a distance are.
const POSSIBLY_REMOTE: Chance = Chance::percent(20);

fn class(word: &str) -> Result<Class, Fault> {
    Ok(match word.to_ascii_lowercase().as_str() {
        // A wellness class alone does not wait for the schedule.
        "ambulatory" | "outpatient" | "urgentcare" | "wellness" => Class::Ambulatory,
        "emergency" => Class::Emergency,
        "home" | "hospice" => Class::Home,
        "inpatient" | "snf" => Class::Inpatient,
        "virtual" => Class::Virtual,
        _ => {
            return Err(Fault::UnknownWord {
                field: "encounter_class".to_owned(),
                value: word.to_owned(),
                known: "ambulatory, outpatient, urgentcare, wellness, emergency, home, hospice, \
                        inpatient, snf, virtual"
                    .to_owned(),
            });
        }
    })
}
