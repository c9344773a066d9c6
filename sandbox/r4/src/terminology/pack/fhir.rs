//! `CodeSystem` and `ValueSet` as FHIR writes them, alone or in a Bundle. Only what terminology is asked for is
//! kept: codes, displays and their languages.

use serde::Deserialize;

use super::super::{CodeSystem, Concept, Language, Named};
use super::{Draft, Fault, Pack, PackError, Source, kept, system};

#[derive(Debug, Deserialize)]
#[serde(tag = "resourceType")]
enum Resource {
    Bundle {
        #[serde(default)]
        entry: Vec<Entry>,
    },
    CodeSystem(System),
    ValueSet(Set),
}

#[derive(Debug, Deserialize)]
struct Entry {
    resource: Resource,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct System {
    url: String,
    version: String,
    name: String,
    title: String,
    content: String,
    language: String,
    case_sensitive: Option<bool>,
    value_set: Option<String>,
    identifier: Vec<Identifier>,
    concept: Vec<Node>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identifier {
    system: String,
    value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Node {
    code: String,
    display: String,
    designation: Vec<Designation>,
    concept: Vec<Self>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Designation {
    language: String,
    value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Set {
    url: String,
    version: String,
    name: String,
    title: String,
    compose: Compose,
    expansion: Option<Expansion>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Compose {
    include: Vec<Include>,
    exclude: Vec<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Include {
    system: Option<String>,
    concept: Vec<Node>,
    filter: Vec<serde_json::Value>,
    value_set: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Expansion {
    contains: Vec<Contained>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Contained {
    system: String,
    code: Option<String>,
    #[serde(rename = "abstract")]
    is_abstract: bool,
    contains: Vec<Self>,
}

impl Pack {
    pub(super) fn read_fhir(&mut self, file: &str, text: &str) -> Result<(), PackError> {
        let resource: Resource = serde_json::from_str(text).map_err(|error| {
            let line = Some(error.line()).filter(|line| *line > 0);
            PackError::new(file, line, Fault::Json(error.to_string()))
        })?;
        self.take(file, resource)
    }

    fn take(&mut self, file: &str, resource: Resource) -> Result<(), PackError> {
        match resource {
            Resource::Bundle { entry } => {
                for one in entry {
                    self.take(file, one.resource)?;
                }
                Ok(())
            }
            Resource::CodeSystem(given) => self.take_system(file, &given),
            Resource::ValueSet(given) => {
                let draft = draft(&given).map_err(|fault| PackError::new(file, None, fault))?;
                self.add_set(file, draft)
            }
        }
    }

    fn take_system(&mut self, file: &str, given: &System) -> Result<(), PackError> {
        let (mut concepts, mut names) = (Vec::new(), Vec::new());
        for node in &given.concept {
            gather(
                node,
                0,
                Language::of(&given.language),
                &mut concepts,
                &mut names,
            );
        }
        let whole = |url| CodeSystem {
            version: kept(&given.version),
            title: kept(titled(&given.title, &given.name)),
            content: if given.content == "fragment" {
                "fragment"
            } else {
                "complete"
            },
            ignores_case: given.case_sensitive == Some(false),
            ..system(url, concepts.clone(), names.clone())
        };
        // A system with an OID is known by that too.
        for identifier in &given.identifier {
            let other = identifier.value.as_str();
            if identifier.system == "urn:ietf:rfc:3986"
                && other.starts_with("urn:oid:")
                && other != given.url
            {
                self.add_system(file, whole(kept(other)))?;
            }
        }
        let own = whole(kept(&given.url));
        if !given.url.contains(':') {
            let fault = Fault::Json("a CodeSystem needs its `url`".to_owned());
            return Err(PackError::new(file, None, fault));
        }
        if let Some(set) = &given.value_set {
            self.add_whole(file, set, &own)?;
        }
        self.add_system(file, own)
    }
}

fn titled<'t>(title: &'t str, name: &'t str) -> &'t str {
    if title.is_empty() { name } else { title }
}

fn gather(
    node: &Node,
    depth: u8,
    own: Option<Language>,
    concepts: &mut Vec<Concept>,
    names: &mut Vec<Named>,
) {
    if !node.code.is_empty() {
        let concept = u32::try_from(concepts.len()).unwrap_or(u32::MAX);
        let code = kept(&node.code);
        let shown = if node.display.is_empty() {
            code
        } else {
            kept(&node.display)
        };
        names.extend(own.map(|language| Named {
            concept,
            language,
            text: shown,
        }));
        let mut display = shown;
        for one in &node.designation {
            let Some(language) = Language::of(&one.language).filter(|l| Some(*l) != own) else {
                continue;
            };
            let text = kept(&one.value);
            names.push(Named {
                concept,
                language,
                text,
            });
            if language == Language::Bokmal {
                display = text;
            }
        }
        concepts.push(Concept {
            code,
            display,
            depth,
            is_abstract: false,
        });
    }
    for one in &node.concept {
        gather(one, depth.saturating_add(1), own, concepts, names);
    }
}

fn draft(given: &Set) -> Result<Draft, Fault> {
    if !given.url.contains(':') {
        return Err(Fault::Json("a ValueSet needs its `url`".to_owned()));
    }
    let parts = match &given.expansion {
        Some(expansion) => expanded(&expansion.contains),
        None => composed(given)?,
    };
    Ok(Draft {
        url: kept(&given.url),
        version: kept(&given.version),
        title: kept(titled(&given.title, &given.name)),
        parts,
    })
}

fn expanded(contains: &[Contained]) -> Vec<Source> {
    fn walk<'c>(contains: &'c [Contained], found: &mut Vec<(&'c str, &'c str)>) {
        for one in contains {
            let code = one.code.as_deref().filter(|_| !one.is_abstract);
            found.extend(code.map(|code| (one.system.as_str(), code)));
            walk(&one.contains, found);
        }
    }
    let mut found = Vec::new();
    walk(contains, &mut found);
    let mut parts: Vec<(&str, Vec<&'static str>)> = Vec::new();
    for (system, code) in found {
        match parts.last_mut() {
            Some((last, codes)) if *last == system => codes.push(kept(code)),
            _ => parts.push((system, vec![kept(code)])),
        }
    }
    let source = |(system, codes)| Source::System(kept(system), Some(codes));
    parts.into_iter().map(source).collect()
}

fn composed(given: &Set) -> Result<Vec<Source>, Fault> {
    let include = &given.compose.include;
    let filtered = include.iter().any(|one| !one.filter.is_empty());
    // A system and a set in one include are what is in both.
    let both = include
        .iter()
        .any(|one| one.system.is_some() && !one.value_set.is_empty() || one.value_set.len() > 1);
    if filtered || both || !given.compose.exclude.is_empty() || include.is_empty() {
        return Err(Fault::Filter(given.url.clone()));
    }
    let mut parts = Vec::new();
    for one in include {
        if let Some(system) = &one.system {
            let codes: Vec<&'static str> = one.concept.iter().map(|c| kept(&c.code)).collect();
            let some = (!codes.is_empty()).then_some(codes);
            parts.push(Source::System(kept(system), some));
        }
        parts.extend(
            one.value_set
                .iter()
                .map(|set| Source::Set(kept(without_version(set)))),
        );
    }
    Ok(parts)
}

fn without_version(url: &str) -> &str {
    url.split_once('|').map_or(url, |(url, _)| url)
}
