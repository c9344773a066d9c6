//! What a search brings along: what its matches lead to (`_include`), and what leads to them
//! (`_revinclude`), once or again and again (R4 §3.1.1.5.3).

use std::collections::BTreeSet;

use super::condition::Resolved;
use super::error::FhirError;
use super::keys::Key;
use super::population::Indexed;
use super::room::Room;
use super::types::TypeInfo;
use super::value::Unreadable;

/// Resources that one page brings along.
const MOST_INCLUDED: usize = 1000;
/// Rounds of `:iterate`.
const MOST_ROUNDS: usize = 5;

/// One wish for resources beside the matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Include {
    /// The type that holds the reference; any where absent.
    of: Option<&'static str>,
    /// The parameter that leads; every one where absent.
    by: Option<&'static str>,
    /// The type wanted of what is led to; any where absent.
    target: Option<&'static str>,
    reverse: bool,
    iterate: bool,
}

impl Include {
    /// Everything that the matches lead to.
    pub(crate) const fn everything() -> Self {
        Self {
            of: None,
            by: None,
            target: None,
            reverse: false,
            iterate: false,
        }
    }

    /// Reads `_include` or `_revinclude`, with `:iterate` or without.
    pub(crate) fn parse(
        types: &[&'static TypeInfo],
        name: &str,
        value: &str,
    ) -> Result<Option<Self>, Unreadable> {
        let (plain, modifier) = match name.split_once(':') {
            Some((plain, modifier)) => (plain, Some(modifier)),
            None => (name, None),
        };
        let iterate = match modifier {
            None => false,
            // The name that STU 3 had for it is still met.
            Some("iterate" | "recurse") => true,
            Some(other) => return Err(Unreadable::Modifier(other.chars().take(40).collect())),
        };
        let reverse = match plain {
            "_include" => false,
            "_revinclude" => true,
            _ => return Err(Unreadable::Unknown),
        };
        let mut include = Self {
            of: None,
            by: None,
            target: None,
            reverse,
            iterate,
        };
        if value == "*" && !reverse {
            return Ok(Some(include));
        }
        let mut parts = value.split(':');
        let of = parts.next().and_then(TypeInfo::by_name);
        let of = of.ok_or(Unreadable::Unknown)?;
        include.of = Some(of.name);
        match parts.next() {
            Some("*") => {}
            Some(code) => {
                let found = of.references().find(|parameter| parameter.code == code);
                include.by = Some(found.ok_or(Unreadable::Unknown)?.code);
            }
            None => return Err(Unreadable::Unknown),
        }
        if let Some(target) = parts.next() {
            let target = TypeInfo::by_name(target).ok_or(Unreadable::Unknown)?;
            include.target = Some(target.name);
        }
        // What no match can hold is an unknown wish, unless it may come with a later round.
        let useless = !reverse && !iterate && !types.iter().any(|info| info.name == of.name);
        if useless {
            return Err(Unreadable::Unknown);
        }
        Ok(Some(include))
    }
}

type Name = (String, String);

fn name(one: &Indexed) -> Name {
    (one.entry.resource_type.to_owned(), one.entry.id.clone())
}

impl Room {
    /// What comes along with a page, each once, as far as the token allows it to be read.
    pub(crate) async fn included(
        &self,
        page: &[Indexed],
        includes: &[Include],
    ) -> Result<Vec<Indexed>, FhirError> {
        let mut known: BTreeSet<Name> = page.iter().map(name).collect();
        let mut all: Vec<Indexed> = Vec::new();
        let mut news: Vec<Indexed> = page.to_vec();
        for round in 0..MOST_ROUNDS {
            let wishes: Vec<&Include> = includes
                .iter()
                .filter(|one| round == 0 || one.iterate)
                .collect();
            let mut found = Vec::new();
            for wish in wishes {
                found.extend(self.one_wish(wish, &news).await?);
            }
            news = found
                .into_iter()
                .filter(|one| known.insert(name(one)))
                .collect();
            if news.is_empty() || all.len() > MOST_INCLUDED {
                break;
            }
            all.extend(news.iter().cloned());
        }
        all.truncate(MOST_INCLUDED);
        Ok(all)
    }

    async fn one_wish(&self, wish: &Include, of: &[Indexed]) -> Result<Vec<Indexed>, FhirError> {
        if wish.reverse {
            self.leading_to(wish, of).await
        } else {
            self.led_to(wish, of).await
        }
    }

    async fn led_to(&self, wish: &Include, of: &[Indexed]) -> Result<Vec<Indexed>, FhirError> {
        let mut names: Vec<Name> = Vec::new();
        for one in of {
            let Some(info) = TypeInfo::by_name(one.entry.resource_type) else {
                continue;
            };
            if wish.of.is_some_and(|of| of != info.name) {
                continue;
            }
            let by = info.references();
            for parameter in by.filter(|one| wish.by.is_none_or(|by| by == one.code)) {
                for key in one.keys.get(parameter) {
                    if let Key::Reference { resource_type, id } = key
                        && wish.target.is_none_or(|target| target == resource_type)
                    {
                        names.push((resource_type.clone(), id.clone()));
                    }
                }
            }
        }
        names.sort_unstable();
        names.dedup();
        let mut found = Vec::new();
        for (resource_type, id) in names {
            let Some(info) = TypeInfo::by_name(&resource_type) else {
                continue;
            };
            match self.readable(info, &id).await {
                Ok(entry) => found.push(Indexed::new(info, entry, &self.tenant.base)),
                Err(FhirError::Store(error)) => return Err(FhirError::Store(error)),
                Err(_) => {} // what may not be read, or is not there, does not come along
            }
        }
        Ok(found)
    }

    async fn leading_to(&self, wish: &Include, of: &[Indexed]) -> Result<Vec<Indexed>, FhirError> {
        let Some(info) = wish.of.and_then(TypeInfo::by_name) else {
            return Ok(Vec::new());
        };
        let to: BTreeSet<Name> = of
            .iter()
            .filter(|one| {
                wish.target
                    .is_none_or(|target| target == one.entry.resource_type)
            })
            .map(name)
            .collect();
        let mut found = Vec::new();
        let by = info.references();
        for parameter in by.filter(|one| wish.by.is_none_or(|by| by == one.code)) {
            let leads = Resolved::Leads {
                by: parameter,
                to: to.clone(),
            };
            match self.every(info, vec![leads]).await {
                Ok(matches) => found.extend(matches),
                Err(FhirError::ScopeMissing { .. } | FhirError::OtherPatient { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(found)
    }
}
