//! Resources written one after another into one buffer, and how they begin: type, id and meta. What
//! is in them is each kind's own; what they refer to again and again is in `cover`.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::json::{Json, Names};
use super::{Resource, ResourceType, Revision, system};

/// The tag that everything here has: HTEST of `v3-ActReason`.
const TAG: &[u8] = br#""tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HTEST","display":"test health data"}]"#;

/// Resources as NDJSON in one buffer, which can be filled again and again: whoever writes many people
/// asks for memory once.
#[derive(Debug, Default)]
pub struct Sheaf {
    json: Json,
    spans: Vec<Span>,
    /// The code of `v3-Confidentiality` that what is written next stands under.
    pub(crate) label: Option<&'static str>,
}

/// Where one resource stands, and what of it is asked for without reading it.
#[derive(Clone, Debug)]
struct Span {
    resource_type: ResourceType,
    version: u32,
    id: Range<usize>,
    updated: Range<usize>,
    all: Range<usize>,
}

impl Sheaf {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what was written, and keeps the memory.
    pub fn clear(&mut self) {
        self.json.clear();
        self.spans.clear();
        self.label = None;
    }

    /// What is written next is of somebody who is written of in this language, with names of codes from there.
    pub(crate) fn name_from(&mut self, names: Option<Arc<dyn Names>>, nynorsk: bool) {
        self.json.name_from(names, nynorsk);
    }

    /// How many resources there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// All of them, a line each.
    pub fn lines(&self) -> &[u8] {
        self.json.bytes()
    }

    /// Each with its type, its id and its line, the line break with it.
    pub fn iter(&self) -> impl Iterator<Item = (ResourceType, &str, &[u8])> {
        let lines = self.lines();
        self.spans.iter().map(move |span| {
            let id = lines.get(span.id.clone());
            let id = id.and_then(|id| std::str::from_utf8(id).ok());
            let line = lines.get(span.all.start..=span.all.end);
            (span.resource_type, id.unwrap_or(""), line.unwrap_or(&[]))
        })
    }

    /// Each by itself, in the memory that all of them share.
    pub fn into_resources(self) -> Vec<Resource> {
        let lines = Bytes::from(self.json.into_bytes());
        let text = |range: Range<usize>| {
            let bytes = lines.get(range).unwrap_or(&[]);
            String::from_utf8(bytes.to_vec()).unwrap_or_default()
        };
        let one = |span: Span| Resource {
            resource_type: span.resource_type,
            id: text(span.id),
            version: span.version,
            last_updated: text(span.updated),
            json: lines.slice(span.all),
        };
        self.spans.into_iter().map(one).collect()
    }

    /// Writes them as NDJSON; returns how many.
    pub fn write_to(&self, out: &mut impl io::Write) -> io::Result<u64> {
        out.write_all(self.lines())?;
        Ok(u64::try_from(self.len()).unwrap_or(u64::MAX))
    }

    /// Writes one resource: type, id and meta, then what `fill` adds.
    pub(crate) fn write(
        &mut self,
        kind: ResourceType,
        id: impl AsRef<str>,
        revision: Revision,
        profile: Option<&str>,
        fill: impl FnOnce(&mut Json),
    ) {
        let (label, json) = (self.label, &mut self.json);
        let start = json.len();
        let (mut own, mut updated) = (0..0, 0..0);
        json.line(|json| {
            json.word("resourceType", kind.name());
            own = json.placed("id", id.as_ref().as_bytes());
            json.member("meta", |meta| {
                meta.number("versionId", revision.version);
                updated = meta.placed_moment("lastUpdated", revision.updated);
                if let Some(profile) = profile {
                    meta.array("profile", |profiles| profiles.text_item(profile));
                }
                if let Some(label) = label {
                    meta.one("security", |security| {
                        security.word("system", system::CONFIDENTIALITY);
                        security.word("code", label);
                    });
                }
                meta.fragment(TAG);
            });
            fill(json);
        });
        self.spans.push(Span {
            resource_type: kind,
            version: revision.version,
            id: own,
            updated,
            all: start..json.len() - 1,
        });
    }
}
