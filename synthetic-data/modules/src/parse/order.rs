//! Reads onsets, prescriptions and care plans.

use std::sync::Arc;

use super::action::{filled, reason};
use super::amount::{code_in, concept, unit};
use super::condition::attribute;
use super::fields::{Fields, missing};
use crate::error::Fault;
use crate::names::Names;
use crate::number::{Chance, Fixed};
use crate::program::{
    Action, Allergy, CarePlan, Goal, Kind, MedicationOrder, Onset, Prescription, Reaction,
};

pub(super) fn onset(names: &mut Names, fields: Fields<'_>, kind: Kind) -> Result<Action, Fault> {
    let allergy = match kind {
        Kind::Allergy => Some(allergy(names, fields)?),
        _ => None,
    };
    Ok(Action::Onset(Onset {
        kind,
        codes: filled(names, fields)?,
        target: fields
            .filled("target_encounter")?
            .map(|name| names.states.of(name)),
        assign: attribute(names, fields, "assign_to_attribute")?,
        allergy,
    }))
}

fn allergy(names: &mut Names, fields: Fields<'_>) -> Result<Allergy, Fault> {
    let category = match fields.filled("category")? {
        Some("food") => Some("food"),
        Some("medication" | "drug") => Some("medication"),
        Some("environment") => Some("environment"),
        Some("biologic") => Some("biologic"),
        _ => None,
    };
    let reactions = fields.objects("reactions")?.into_iter();
    let reactions: Result<Vec<_>, _> = reactions.map(|one| reaction(names, one)).collect();
    Ok(Allergy {
        intolerance: fields.filled("allergy_type")? == Some("intolerance"),
        category,
        reactions: reactions?,
    })
}

fn reaction(names: &mut Names, fields: Fields<'_>) -> Result<Reaction, Fault> {
    let code = code_in(names, fields, "reaction")?.ok_or_else(|| missing("reaction"))?;
    let severity = |one: Fields<'_>| -> Result<(Option<&'static str>, Chance), Fault> {
        let level = match one.text("level")?.to_ascii_lowercase().as_str() {
            "mild" => Some("mild"),
            "moderate" => Some("moderate"),
            "severe" => Some("severe"),
            "none" => None,
            other => {
                return Err(Fault::UnknownWord {
                    field: "level".to_owned(),
                    value: other.to_owned(),
                    known: "mild, moderate, severe, none".to_owned(),
                });
            }
        };
        let chance = one.chance("value")?.ok_or_else(|| missing("value"))?;
        Ok((level, chance))
    };
    let severities = fields.objects("possible_severities")?.into_iter();
    let severities: Result<Vec<_>, _> = severities.map(severity).collect();
    Ok(Reaction {
        code,
        severities: severities?,
    })
}

pub(super) fn medication(names: &mut Names, fields: Fields<'_>) -> Result<Action, Fault> {
    let prescription = fields.object("prescription")?;
    let prescription = prescription.map(|one| prescribed(names, one)).transpose()?;
    Ok(Action::Medication(MedicationOrder {
        codes: filled(names, fields)?,
        reason: reason(names, fields)?,
        chronic: fields.flag("chronic")?,
        administration: fields.flag("administration")?,
        assign: attribute(names, fields, "assign_to_attribute")?,
        prescription,
    }))
}

fn prescribed(names: &mut Names, fields: Fields<'_>) -> Result<Prescription, Fault> {
    let dosage = fields.object("dosage")?.map(|dosage| {
        Ok::<_, Fault>((
            dosage.fixed("amount")?,
            dosage.count("frequency")?.unwrap_or(1),
            dosage
                .optional_fixed("period")?
                .unwrap_or_else(|| Fixed::whole(1)),
            unit(dosage)?,
        ))
    });
    let duration = fields
        .object("duration")?
        .map(|span| Ok::<_, Fault>((span.fixed("quantity")?, unit(span)?)));
    Ok(Prescription {
        as_needed: fields.flag("as_needed")?,
        dosage: dosage.transpose()?,
        duration: duration.transpose()?,
        refills: fields.count("refills")?,
        instructions: concept(names, fields, "instructions")?,
    })
}

pub(super) fn care_plan(names: &mut Names, fields: Fields<'_>) -> Result<Action, Fault> {
    let goals = fields.objects("goals")?.into_iter();
    let goals: Result<Vec<_>, _> = goals.map(|one| goal(names, one)).collect();
    Ok(Action::CarePlan(CarePlan {
        codes: filled(names, fields)?,
        reason: reason(names, fields)?,
        activities: concept(names, fields, "activities")?,
        goals: goals?,
        assign: attribute(names, fields, "assign_to_attribute")?,
    }))
}

fn goal(names: &mut Names, fields: Fields<'_>) -> Result<Goal, Fault> {
    let measure = fields.object("observation")?.map(|one| {
        let codes = concept(names, one, "codes")?;
        let value = one.any("value").and_then(serde_json::Value::as_number);
        Ok::<_, Fault>((codes, value.and_then(Fixed::from_json)))
    });
    Ok(Goal {
        text: Arc::from(fields.filled("text")?.unwrap_or("Goal")),
        measure: measure.transpose()?,
    })
}
