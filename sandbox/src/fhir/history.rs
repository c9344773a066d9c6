//! What a resource, a type or the whole sandbox went through (R4 §3.1.0.13), newest first. Of a type
//! and of the sandbox that is what was written: what is computed has one version and no past.

use serde_json::Value;
use verifier::scope::Permission;

use super::error::FhirError;
use super::overlay::{Change, Version};
use super::period::Period;
use super::permit::Permit;
use super::population::Indexed;
use super::room::{Room, shown};
use super::types::TypeInfo;

/// Page size without `_count`, and the largest.
const USUAL_COUNT: usize = 100;
const MOST_COUNT: usize = 500;

/// Whose history is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of<'a> {
    Instance(&'static TypeInfo, &'a str),
    Type(&'static TypeInfo),
    System,
}

/// Which part of it.
#[derive(Debug)]
pub(crate) struct Page {
    count: usize,
    since: Option<i64>,
    offset: usize,
}

impl Page {
    pub(crate) fn parse(pairs: &[(String, String)]) -> Result<Self, FhirError> {
        let mut page = Self {
            count: USUAL_COUNT,
            since: None,
            offset: 0,
        };
        for (name, value) in pairs {
            let wrong = |takes| FhirError::BadValue {
                name: name.clone(),
                takes,
            };
            match name.as_str() {
                "_count" => {
                    let count: usize = value.parse().map_err(|_| wrong("a number"))?;
                    page.count = count.clamp(1, MOST_COUNT);
                }
                "_since" => {
                    let period = Period::parse(value);
                    page.since = Some(period.ok_or_else(|| wrong("an instant"))?.start);
                }
                "_page" => page.offset = value.parse().map_err(|_| FhirError::BadPage)?,
                _ => {}
            }
        }
        Ok(page)
    }
}

/// One line of a history.
struct Line {
    info: &'static TypeInfo,
    id: String,
    version: Version,
}

impl Room {
    /// The Bundle of a history.
    pub(crate) async fn history(
        &self,
        of: Of<'_>,
        page: &Page,
        base_of: &str,
    ) -> Result<Vec<u8>, FhirError> {
        let mut lines = self.lines(of).await?;
        if let Some(since) = page.since {
            lines.retain(|line| line.version.updated >= since);
        }
        let total = lines.len();
        let wanted = lines.into_iter().skip(page.offset).take(page.count);
        let mut entries = Vec::new();
        for line in wanted {
            if let Some(entry) = self.line(&line, matches!(of, Of::Instance(..))).await? {
                entries.push(entry);
            }
        }
        let address = |offset: usize| {
            let count = page.count;
            format!(
                "{}/{base_of}?_count={count}&_page={offset}",
                self.tenant.base
            )
        };
        let mut links = vec![("self", address(page.offset))];
        if page.offset + page.count < total {
            links.push(("next", address(page.offset + page.count)));
        }
        let links = links.iter().map(|(relation, url)| {
            format!(
                r#"{{"relation":"{relation}","url":{}}}"#,
                Value::from(url.as_str())
            )
        });
        let links: Vec<String> = links.collect();
        let mut bundle = format!(
            r#"{{"resourceType":"Bundle","type":"history","total":{total},"link":[{}]"#,
            links.join(",")
        );
        if !entries.is_empty() {
            bundle.push_str(r#","entry":["#);
            bundle.push_str(&entries.join(","));
            bundle.push(']');
        }
        bundle.push('}');
        Ok(bundle.into_bytes())
    }

    async fn lines(&self, of: Of<'_>) -> Result<Vec<Line>, FhirError> {
        let overlay = self.overlay().await?;
        let Of::Instance(info, id) = of else {
            let view = overlay.view();
            let logged = view.newest_first();
            let of_type = logged.filter(|one| match of {
                Of::Type(info) => one.info.name == info.name,
                _ => true,
            });
            return Ok(of_type
                .map(|one| Line {
                    info: one.info,
                    id: one.id.clone(),
                    version: one.version,
                })
                .collect());
        };
        let mut versions: Vec<Version> = {
            let view = overlay.view();
            let slot = view.slot(info, id);
            slot.map(|slot| slot.versions.clone()).unwrap_or_default()
        };
        let first = versions.first().map_or(1, |first| first.number);
        // What was computed comes before what was written.
        if let Some(computed) = self.computed(info, id).await?
            && (versions.is_empty() || computed.version < first)
        {
            versions.insert(
                0,
                Version {
                    number: computed.version,
                    updated: computed.updated,
                    deleted: false,
                },
            );
        }
        if versions.is_empty() {
            return Err(FhirError::Unknown(shown(info, id)));
        }
        let lines = versions.into_iter().rev().map(|version| Line {
            info,
            id: id.to_owned(),
            version,
        });
        Ok(lines.collect())
    }

    /// An entry of the Bundle; none where the token does not open the version.
    async fn line(&self, line: &Line, refuse: bool) -> Result<Option<String>, FhirError> {
        let permission = if refuse {
            Permission::Read
        } else {
            Permission::Search
        };
        let permit = match self.permit(line.info, permission) {
            Err(FhirError::ScopeMissing { .. }) if !refuse => return Ok(None),
            permit => permit?,
        };
        let content = self.content_of(line).await?;
        if !may_see(&permit, content.as_ref(), refuse)? {
            return Ok(None);
        }
        let (name, id) = (line.info.name, &line.id);
        let number = line.version.number;
        let at = foundation::Timestamp::from_millis(line.version.updated).rfc3339();
        let (method, url, status) = match (&content, number) {
            (None, _) => ("DELETE", format!("{name}/{id}"), "204"),
            (Some(_), 1) => ("POST", name.to_owned(), "201"),
            (Some(_), _) => ("PUT", format!("{name}/{id}"), "200"),
        };
        let resource = content.map_or_else(String::new, |content| {
            format!(
                r#""resource":{},"#,
                String::from_utf8_lossy(&content.entry.json)
            )
        });
        let full = Value::from(format!("{}/{name}/{id}", self.tenant.base));
        Ok(Some(format!(
            r#"{{"fullUrl":{full},{resource}"request":{{"method":"{method}","url":"{url}"}},"response":{{"status":"{status}","etag":"W/\"{number}\"","lastModified":"{at}"}}}}"#
        )))
    }

    async fn content_of(&self, line: &Line) -> Result<Option<Indexed>, FhirError> {
        if line.version.deleted {
            return Ok(None);
        }
        let overlay = self.overlay().await?;
        let number = line.version.number;
        let written = overlay
            .version(&self.state.database, line.info, &line.id, number)
            .await?;
        if let Some(Change { content, .. }) = written {
            return Ok(content);
        }
        let computed = self.computed(line.info, &line.id).await?;
        Ok(computed.map(|entry| Indexed::new(line.info, entry, &self.tenant.base)))
    }
}

/// A deletion is seen by who sees everybody's, and in the history of the resource itself.
fn may_see(permit: &Permit, content: Option<&Indexed>, refuse: bool) -> Result<bool, FhirError> {
    match content {
        Some(content) if refuse => {
            permit.check(&content.entry, &content.keys)?;
            Ok(true)
        }
        Some(content) => Ok(permit.admits(&content.entry, &content.keys)),
        None => Ok(refuse || permit.only_patient().is_none()),
    }
}
