//! Reads quantities, times and codes.

use std::sync::Arc;

use serde_json::Value as Json;

use super::fields::{Fields, missing, wrong};
use crate::error::Fault;
use crate::names::Names;
use crate::program::{Code, Concept, Span};
use crate::random::{Amount, Shape};
use crate::time::Unit;

/// `exact`, `range` or `distribution` of a state, where it has one.
pub(super) fn amount(fields: Fields<'_>) -> Result<Option<Amount>, Fault> {
    if let Some(exact) = fields.object("exact")? {
        return Ok(Some(Amount {
            shape: Shape::Exact(exact.fixed("quantity")?),
            decimals: None,
        }));
    }
    if let Some(range) = fields.object("range")? {
        return range_of(range).map(Some);
    }
    match fields.any("distribution") {
        Some(value) => distribution(Fields::of(value, "distribution")?).map(Some),
        None => Ok(None),
    }
}

fn range_of(range: Fields<'_>) -> Result<Amount, Fault> {
    let (low, high) = (range.fixed("low")?, range.fixed("high")?);
    Ok(Amount {
        // Some modules have the two the other way round.
        shape: Shape::Uniform(low.min(high), low.max(high)),
        decimals: range.count("decimals")?,
    })
}

fn distribution(fields: Fields<'_>) -> Result<Amount, Fault> {
    let kind = fields.text("kind")?;
    let parameters = fields
        .object("parameters")?
        .ok_or_else(|| missing("parameters"))?;
    let shape = match kind.to_ascii_uppercase().as_str() {
        "EXACT" => Shape::Exact(parameters.fixed("value")?),
        "UNIFORM" => {
            let (low, high) = (parameters.fixed("low")?, parameters.fixed("high")?);
            Shape::Uniform(low.min(high), low.max(high))
        }
        "GAUSSIAN" => Shape::Normal {
            mean: parameters.fixed("mean")?,
            deviation: parameters.fixed("standardDeviation")?,
            min: parameters.optional_fixed("min")?,
            max: parameters.optional_fixed("max")?,
        },
        "EXPONENTIAL" => Shape::Exponential(parameters.fixed("mean")?),
        "TRIANGULAR" => triangle(parameters)?,
        _ => {
            return Err(Fault::UnknownWord {
                field: "kind".to_owned(),
                value: kind.to_owned(),
                known: "EXACT, UNIFORM, GAUSSIAN, EXPONENTIAL, TRIANGULAR".to_owned(),
            });
        }
    };
    Ok(Amount {
        shape,
        decimals: fields.flag("round")?.then_some(0),
    })
}

fn triangle(parameters: Fields<'_>) -> Result<Shape, Fault> {
    let (min, mode, max) = (
        parameters.fixed("min")?,
        parameters.fixed("mode")?,
        parameters.fixed("max")?,
    );
    if min > mode || mode > max {
        return Err(wrong("mode", "between min and max"));
    }
    Ok(Shape::Triangular { min, mode, max })
}

/// A time to be drawn: its unit stands in `exact` or `range`, or beside `distribution`.
pub(super) fn span(fields: Fields<'_>) -> Result<Option<Span>, Fault> {
    let Some(amount) = amount(fields)? else {
        return Ok(None);
    };
    let within = fields.object("exact")?.or(fields.object("range")?);
    let unit = unit(within.unwrap_or(fields))?;
    Ok(Some(Span { amount, unit }))
}

/// A time that a procedure takes: `duration` with a range, or `distribution`.
pub(super) fn duration(fields: Fields<'_>) -> Result<Option<Span>, Fault> {
    match fields.object("duration")? {
        Some(range) => Ok(Some(Span {
            amount: range_of(range)?,
            unit: unit(range)?,
        })),
        None => span(fields),
    }
}

pub(super) fn unit(fields: Fields<'_>) -> Result<Unit, Fault> {
    let word = fields.text("unit")?;
    Unit::named(word).ok_or_else(|| Fault::UnknownWord {
        field: "unit".to_owned(),
        value: word.to_owned(),
        known: Unit::KNOWN.to_owned(),
    })
}

/// A list of codes; empty where there is none.
pub(super) fn concept(
    names: &mut Names,
    fields: Fields<'_>,
    field: &str,
) -> Result<Concept, Fault> {
    let items = fields.objects(field)?.into_iter();
    let codes: Result<Vec<_>, _> = items.map(|item| code(names, item)).collect();
    Ok(Arc::from(codes?))
}

/// The names of a list of codes, for comparison.
pub(super) fn code_names(
    names: &mut Names,
    fields: Fields<'_>,
) -> Result<Vec<crate::names::Name>, Fault> {
    let codes = concept(names, fields, "codes")?;
    Ok(codes.iter().map(|code| code.name).collect())
}

/// A code in a field of its own.
pub(super) fn code_in(
    names: &mut Names,
    fields: Fields<'_>,
    field: &str,
) -> Result<Option<Code>, Fault> {
    let object = fields.object(field)?;
    object.map(|object| code(names, object)).transpose()
}

pub(super) fn code(names: &mut Names, fields: Fields<'_>) -> Result<Code, Fault> {
    let text = match fields.any("code") {
        Some(Json::String(text)) if !text.trim().is_empty() => text.trim().to_owned(),
        Some(Json::Number(number)) => number.to_string(),
        None => return Err(missing("code")),
        Some(_) => return Err(wrong("code", "a text or a number")),
    };
    let word = fields.text("system")?;
    let system = system(word)?;
    let written = if system == OID_SYSTEM && !text.starts_with("urn:oid:") {
        format!("urn:oid:{text}")
    } else {
        text.clone()
    };
    Ok(Code {
        name: names.codes.of(&text),
        system: Arc::from(system),
        text: Arc::from(written),
        display: Arc::from(fields.optional_text("display")?.unwrap_or_default().trim()),
    })
}

/// Where a code is itself an address.
const OID_SYSTEM: &str = "urn:ietf:rfc:3986";

/// The address in FHIR of a system by its word in modules; an address stays as it is.
fn system(word: &str) -> Result<&str, Fault> {
    Ok(match word.trim() {
        "SNOMED-CT" | "SNOMED" => "http://snomed.info/sct",
        "LOINC" => "http://loinc.org",
        "RxNorm" => "http://www.nlm.nih.gov/research/umls/rxnorm",
        "CVX" => "http://hl7.org/fhir/sid/cvx",
        "NUBC" => "http://www.nubc.org/patient-discharge",
        "DICOM-DCM" => "http://dicom.nema.org/resources/ontology/DCM",
        "DICOM-SOP" => OID_SYSTEM,
        "ICD10" | "ICD-10" => "http://hl7.org/fhir/sid/icd-10",
        "ICD10-CM" | "ICD-10-CM" => "http://hl7.org/fhir/sid/icd-10-cm",
        "ICD9-CM" | "ICD-9-CM" => "http://hl7.org/fhir/sid/icd-9-cm",
        "CPT" => "http://www.ama-assn.org/go/cpt",
        "CDT" => "http://www.ada.org/cdt",
        "HCPCS" => "https://bluebutton.cms.gov/resources/codesystem/hcpcs",
        "NDC" => "http://hl7.org/fhir/sid/ndc",
        "UCUM" => "http://unitsofmeasure.org",
        "ATC" => "http://www.whocc.no/atc",
        "ICPC-2" => "http://hl7.org/fhir/sid/icpc-2",
        address if is_address(address) => address,
        _ => return Err(Fault::UnknownSystem(word.chars().take(60).collect())),
    })
}

fn is_address(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\'));
    let begins = ["http://", "https://", "urn:"];
    plain
        && begins
            .iter()
            .any(|begin| text.starts_with(begin) && text.len() > begin.len())
}
