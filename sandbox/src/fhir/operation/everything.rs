//! `$everything` (R4 Patient and Encounter operations): what is in the compartment, and what that
//! leads to, as far as the token opens it.

use super::super::condition::Condition;
use super::super::criterion::Criterion;
use super::super::error::FhirError;
use super::super::include::Include;
use super::super::query::{Query, Target};
use super::super::room::Room;
use super::super::search::Found;
use super::super::types::TypeInfo;

impl Room {
    /// Everything of a patient or of a contact.
    pub(super) async fn everything_of(
        &self,
        info: &'static TypeInfo,
        id: &str,
        pairs: Vec<(String, String)>,
    ) -> Result<(Query, Found), FhirError> {
        if !matches!(info.name, "Patient" | "Encounter") {
            return Err(FhirError::Method(format!("$everything of {}", info.name)));
        }
        self.readable(info, id).await?;
        let inside = |one: &&'static TypeInfo| {
            one.name == info.name || !one.definition.compartment(info.name).is_empty()
        };
        let target = Target {
            types: TypeInfo::all().iter().filter(inside).collect(),
            path: format!("{}/{id}/$everything", info.name),
            compartment: Some((info.name, id.to_owned())),
        };
        let pairs = pairs.into_iter().map(|(name, value)| match name.as_str() {
            "_since" => ("_lastUpdated".to_owned(), format!("ge{value}")),
            _ => (name, value),
        });
        let (dates, pairs): (Vec<_>, Vec<_>) =
            pairs.partition(|(name, _)| matches!(name.as_str(), "start" | "end"));
        let mut query = Query::parse(target, pairs, false, self)?;
        for (name, date) in &dates {
            self.within(&mut query, name, date)?;
        }
        // The page's own address asks for the same dates.
        query.pairs.extend(dates);
        query.includes.push(Include::everything());
        let found = self.search(&query).await?;
        Ok((query, found))
    }

    /// Care dates: held against what has a date, as `start` and `end` ask.
    fn within(&self, query: &mut Query, name: &str, date: &str) -> Result<(), FhirError> {
        let prefix = if name == "start" { "ge" } else { "le" };
        let types = query.target.types.iter().zip(&mut query.conditions);
        for (info, conditions) in types {
            if info.parameter("date").is_none() {
                continue;
            }
            let criterion = Criterion::parse(info, "date", &format!("{prefix}{date}"), self);
            let criterion = criterion.map_err(|_| FhirError::BadValue {
                name: name.to_owned(),
                takes: "a date such as 2026-11-21",
            })?;
            conditions.push(Condition::Own(criterion));
        }
        Ok(())
    }
}
