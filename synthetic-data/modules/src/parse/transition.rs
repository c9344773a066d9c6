//! Reads where a state leads. One that has several transitions goes by the first in the framework's
//! own order: direct, distributed, conditional, complex, lookup table, type of care.

use super::action::Around;
use super::condition::condition_in;
use super::fields::{Fields, missing, wrong};
use super::table::{self, Sheets};
use crate::error::Fault;
use crate::number::Chance;
use crate::program::{Choice, StateId, Transition, Weight};

pub(super) fn transition(
    around: &mut Around<'_>,
    sheets: &Sheets,
    fields: Fields<'_>,
) -> Result<Transition, Fault> {
    if let Some(target) = fields.filled("direct_transition")? {
        return around.state(target).map(Transition::Direct);
    }
    if fields.any("distributed_transition").is_some() {
        let options = fields.objects("distributed_transition")?;
        return distributed(around, options).map(Transition::Distributed);
    }
    for kind in ["conditional_transition", "complex_transition"] {
        if fields.any(kind).is_some() {
            let options = fields.objects(kind)?.into_iter();
            let options: Result<Vec<_>, _> = options.map(|one| option(around, one)).collect();
            return options.and_then(some).map(Transition::First);
        }
    }
    if fields.any("lookup_table_transition").is_some() {
        let options = fields.objects("lookup_table_transition")?;
        return table::table(around, sheets, &options).map(Transition::Lookup);
    }
    if let Some(care) = fields.object("type_of_care_transition")? {
        return Ok(Transition::Care {
            ambulatory: around.state(care.text("ambulatory")?)?,
            emergency: around.state(care.text("emergency")?)?,
            telemedicine: around.state(care.text("telemedicine")?)?,
        });
    }
    Err(Fault::NoTransition)
}

fn some<T>(options: Vec<T>) -> Result<Vec<T>, Fault> {
    if options.is_empty() {
        return Err(Fault::NoTransition);
    }
    Ok(options)
}

fn option(
    around: &mut Around<'_>,
    fields: Fields<'_>,
) -> Result<(Option<crate::program::Condition>, Choice), Fault> {
    let condition = condition_in(around.names, fields, "condition")?;
    let choice = match fields.filled("transition")? {
        Some(target) => Choice::To(around.state(target)?),
        None => Choice::Distributed(distributed(around, fields.objects("distributions")?)?),
    };
    Ok((condition, choice))
}

fn distributed(
    around: &mut Around<'_>,
    options: Vec<Fields<'_>>,
) -> Result<Vec<(Weight, StateId)>, Fault> {
    let options = options.into_iter().map(|one| {
        let target = around.state(one.text("transition")?)?;
        Ok((weight(around, one)?, target))
    });
    let options: Result<Vec<_>, Fault> = options.collect();
    options.and_then(some)
}

fn weight(around: &mut Around<'_>, fields: Fields<'_>) -> Result<Weight, Fault> {
    let value = fields
        .any("distribution")
        .ok_or_else(|| missing("distribution"))?;
    if value.is_object() {
        let named = Fields::of(value, "distribution")?;
        let attribute = around.names.attributes.of(named.text("attribute")?);
        let default = named.chance("default")?.unwrap_or(Chance::percent(0));
        return Ok(Weight::Attribute(attribute, default));
    }
    let chance = fields.chance("distribution")?;
    chance
        .map(Weight::Fixed)
        .ok_or_else(|| wrong("distribution", "from 0 to 1"))
}
