//! Reads conditions.

use std::sync::Arc;

use serde_json::Value as Json;

use super::amount::{code_in, code_names, unit};
use super::fields::{Fields, missing, wrong};
use crate::error::Fault;
use crate::names::Names;
use crate::program::{Condition, Kind, Operator, Test, Value};
use crate::run::Sex;
use crate::time::Instant;

/// Conditions in conditions, at most; the JSON parser allows 128 levels of anything.
const DEEPEST: usize = 40;

/// The condition in a field, where there is one.
pub(super) fn condition_in(
    names: &mut Names,
    fields: Fields<'_>,
    field: &str,
) -> Result<Option<Condition>, Fault> {
    let object = fields.object(field)?;
    object.map(|one| condition(names, one, 0)).transpose()
}

fn condition(names: &mut Names, fields: Fields<'_>, depth: usize) -> Result<Condition, Fault> {
    if depth > DEEPEST {
        return Err(Fault::TooDeep(DEEPEST));
    }
    let kind = fields.text("condition_type")?;
    Ok(match kind {
        "True" => Condition::Constant(true),
        "False" => Condition::Constant(false),
        "And" => Condition::All(several(names, fields, depth)?),
        "Or" => Condition::Any(several(names, fields, depth)?),
        "Not" => {
            let inner = fields.object("condition")?;
            let inner = inner.ok_or_else(|| missing("condition"))?;
            Condition::Not(Box::new(condition(names, inner, depth + 1)?))
        }
        "At Least" => {
            Condition::AtLeast(number(fields, "minimum")?, several(names, fields, depth)?)
        }
        "At Most" => Condition::AtMost(number(fields, "maximum")?, several(names, fields, depth)?),
        _ => single(names, fields, kind)?,
    })
}

fn several(names: &mut Names, fields: Fields<'_>, depth: usize) -> Result<Vec<Condition>, Fault> {
    let inner = fields.objects("conditions")?.into_iter();
    inner.map(|one| condition(names, one, depth + 1)).collect()
}

fn number(fields: Fields<'_>, field: &str) -> Result<usize, Fault> {
    let number = fields.count(field)?.ok_or_else(|| missing(field))?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

/// A condition without others in it.
fn single(names: &mut Names, fields: Fields<'_>, kind: &str) -> Result<Condition, Fault> {
    Ok(match kind {
        "Gender" => Condition::Gender(gender(fields)?),
        "Age" => Condition::Age(operator(fields)?, fields.fixed("quantity")?, unit(fields)?),
        "Date" => date(fields)?,
        "Attribute" => {
            let attribute = names.attributes.of(fields.text("attribute")?);
            Condition::Attribute(attribute, test(names, fields)?)
        }
        "Race" => word(names, "race", fields.text("race")?),
        "Ethnicity" => word(names, "ethnicity", fields.text("ethnicity")?),
        "Socioeconomic Status" => word(names, "socioeconomic_category", fields.text("category")?),
        "PriorState" => prior(names, fields)?,
        "Active Allergy" => active(names, fields, Kind::Allergy)?,
        "Active CarePlan" => active(names, fields, Kind::CarePlan)?,
        "Active Condition" => active(names, fields, Kind::Condition)?,
        "Active Medication" => active(names, fields, Kind::Medication)?,
        "Observation" => Condition::Observation {
            codes: code_names(names, fields)?,
            attribute: attribute(names, fields, "referenced_by_attribute")?,
            test: test(names, fields)?,
        },
        "Vital Sign" => Condition::VitalSign(
            names.signs.of(fields.text("vital_sign")?),
            operator(fields)?,
            fields.fixed("value")?,
        ),
        "Symptom" => Condition::Symptom(
            names.symptoms.of(fields.text("symptom")?),
            operator(fields)?,
            fields.fixed("value")?,
        ),
        _ => return Err(Fault::UnknownCondition(kind.chars().take(60).collect())),
    })
}

/// A field that names an attribute.
pub(super) fn attribute(
    names: &mut Names,
    fields: Fields<'_>,
    field: &str,
) -> Result<Option<crate::names::Name>, Fault> {
    let text = fields.filled(field)?;
    Ok(text.map(|text| names.attributes.of(text)))
}

fn word(names: &mut Names, attribute: &str, text: &str) -> Condition {
    Condition::Word(names.attributes.of(attribute), Box::from(text))
}

fn gender(fields: Fields<'_>) -> Result<Sex, Fault> {
    match fields.text("gender")? {
        "F" => Ok(Sex::Female),
        "M" => Ok(Sex::Male),
        other => Err(Fault::UnknownWord {
            field: "gender".to_owned(),
            value: other.to_owned(),
            known: "F, M".to_owned(),
        }),
    }
}

fn operator(fields: Fields<'_>) -> Result<Operator, Fault> {
    let word = fields.text("operator")?;
    Operator::named(word).ok_or_else(|| Fault::UnknownWord {
        field: "operator".to_owned(),
        value: word.to_owned(),
        known: Operator::KNOWN.to_owned(),
    })
}

fn prior(names: &mut Names, fields: Fields<'_>) -> Result<Condition, Fault> {
    let within = fields.object("within")?;
    let within = within.map(|span| Ok(unit(span)?.times(span.fixed("quantity")?)));
    let state = names.states.of(fields.text("name")?);
    let since = fields.filled("since")?.map(|name| names.states.of(name));
    names.watched.insert(state);
    names.watched.extend(since);
    Ok(Condition::Prior {
        state,
        since,
        within: within.transpose()?,
    })
}

fn active(names: &mut Names, fields: Fields<'_>, kind: Kind) -> Result<Condition, Fault> {
    Ok(Condition::Active {
        kind,
        codes: code_names(names, fields)?,
        attribute: attribute(names, fields, "referenced_by_attribute")?,
    })
}

fn date(fields: Fields<'_>) -> Result<Condition, Fault> {
    let operator = operator(fields)?;
    if let Some(year) = fields.count("year")? {
        return Ok(Condition::Year(operator, i64::from(year)));
    }
    if let Some(month) = fields.count("month")? {
        return Ok(Condition::Month(operator, month));
    }
    let date = fields.object("date")?.ok_or_else(|| missing("year"))?;
    let part = |field, usual| Ok::<_, Fault>(date.count(field)?.unwrap_or(usual));
    let year = i32::try_from(part("year", 0)?).unwrap_or(0);
    let day = Instant::of_day(year, part("month", 1)?, part("day", 1)?);
    let day = day.ok_or_else(|| wrong("date", "a day of the calendar"))?;
    let clock = [("hour", 3600), ("minute", 60), ("second", 1)];
    let seconds = clock
        .iter()
        .map(|(field, each)| Ok(i64::from(part(field, 0)?) * each));
    let seconds: Result<i64, Fault> = seconds.sum();
    Ok(Condition::Date(operator, day.plus(seconds?)))
}

fn test(names: &mut Names, fields: Fields<'_>) -> Result<Test, Fault> {
    match fields.text("operator")? {
        "is nil" => return Ok(Test::Nil),
        "is not nil" => return Ok(Test::NotNil),
        _ => {}
    }
    let operator = operator(fields)?;
    if let Some(code) = code_in(names, fields, "value_code")? {
        return Ok(Test::Compare(operator, Value::Codes(Arc::from([code]))));
    }
    if let Some(other) = attribute(names, fields, "value_attribute")? {
        return Ok(Test::Attribute(operator, other));
    }
    let value = value(fields)?.ok_or_else(|| missing("value"))?;
    Ok(Test::Compare(operator, value))
}

/// A plain `value`.
pub(super) fn value(fields: Fields<'_>) -> Result<Option<Value>, Fault> {
    Ok(Some(match fields.any("value") {
        None => return Ok(None),
        Some(Json::Bool(flag)) => Value::Flag(*flag),
        Some(Json::Number(_)) => Value::Number(fields.fixed("value")?),
        Some(Json::String(text)) => Value::Text(Arc::from(text.as_str())),
        Some(_) => return Err(wrong("value", "a text, a number, true or false")),
    }))
}
