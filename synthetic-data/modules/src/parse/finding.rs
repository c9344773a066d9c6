//! Reads what is measured, pictured and handed out.

use std::sync::Arc;

use super::action::filled;
use super::amount::{amount, code, code_in};
use super::fields::{Fields, missing, wrong};
use crate::error::Fault;
use crate::names::Names;
use crate::program::{Imaging, Measured, Observed, Panel, Series, Supply};

/// As many pictures or supplies as one state may make.
const MOST: u32 = 1000;

pub(super) fn observed(names: &mut Names, fields: Fields<'_>) -> Result<Observed, Fault> {
    if fields.any("expression").is_some() {
        return Err(Fault::Expression("expression".to_owned()));
    }
    // What is exact may also be a text, as in «positive».
    let exact = fields
        .object("exact")?
        .and_then(|exact| exact.any("quantity"));
    let measured = if let Some(text) = exact.and_then(serde_json::Value::as_str) {
        Measured::Text(Arc::from(text))
    } else if let Some(amount) = amount(fields)? {
        Measured::Amount(amount)
    } else if let Some(attribute) = fields.filled("attribute")? {
        Measured::Attribute(names.attributes.of(attribute))
    } else if let Some(sign) = fields.filled("vital_sign")? {
        Measured::VitalSign(names.signs.of(sign))
    } else {
        code_in(names, fields, "value_code")?
            .map_or(Measured::Nothing, |code| Measured::Codes(Arc::from([code])))
    };
    Ok(Observed {
        codes: filled(names, fields)?,
        category: fields.filled("category")?.map(Arc::from),
        unit: Arc::from(fields.optional_text("unit")?.unwrap_or_default().trim()),
        measured,
    })
}

pub(super) fn panel(names: &mut Names, fields: Fields<'_>) -> Result<Panel, Fault> {
    let codes = filled(names, fields)?;
    let items = fields.objects("observations")?.into_iter();
    let observations: Result<Vec<_>, _> = items.map(|one| observed(names, one)).collect();
    let observations = observations?;
    let last = fields.count("number_of_observations")?.unwrap_or(0);
    Ok(Panel {
        codes,
        category: fields.filled("category")?.map(Arc::from),
        last: if observations.is_empty() {
            usize::try_from(last.min(MOST)).unwrap_or(0)
        } else {
            0
        },
        observations,
    })
}

pub(super) fn imaging(names: &mut Names, fields: Fields<'_>) -> Result<Imaging, Fault> {
    let procedure = code_in(names, fields, "procedure_code")?;
    let items = fields.objects("series")?.into_iter();
    let series: Result<Vec<_>, _> = items.map(|one| series(names, one)).collect();
    Ok(Imaging {
        procedure: procedure.ok_or_else(|| missing("procedure_code"))?,
        series: series?,
    })
}

fn series(names: &mut Names, fields: Fields<'_>) -> Result<Series, Fault> {
    let least = fields.count("min_number_instances")?;
    let most = fields.count("max_number_instances")?;
    let number = match (least, most) {
        (None, None) => None,
        (least, most) => {
            let least = least.unwrap_or(1);
            Some((least, most.unwrap_or(least).max(least)))
        }
    };
    if number.is_some_and(|(_, most)| most > MOST) {
        return Err(wrong("max_number_instances", "1000 at most"));
    }
    let instances = fields.objects("instances")?.into_iter().map(|one| {
        let class = code_in(names, one, "sop_class")?.ok_or_else(|| missing("sop_class"))?;
        let title = one.filled("title")?.unwrap_or_default();
        Ok((class, Arc::from(title)))
    });
    let instances: Result<Vec<_>, Fault> = instances.collect();
    Ok(Series {
        instances: instances?,
        body_site: code_in(names, fields, "body_site")?.ok_or_else(|| missing("body_site"))?,
        modality: code_in(names, fields, "modality")?.ok_or_else(|| missing("modality"))?,
        number,
    })
}

pub(super) fn supplies(names: &mut Names, fields: Fields<'_>) -> Result<Vec<Supply>, Fault> {
    let items = fields.objects("supplies")?.into_iter();
    items
        .map(|one| {
            let object = one.object("code")?.ok_or_else(|| missing("code"))?;
            Ok(Supply {
                code: code(names, object)?,
                quantity: one.count("quantity")?.unwrap_or(1),
            })
        })
        .collect()
}
