//! A searchset Bundle, put together from the bytes of its resources.

use super::population::Indexed;
use super::query::Query;
use super::search::Found;
use super::shape::Shaping;

/// The Bundle of a page.
pub(crate) fn searchset(base: &str, query: &Query, found: &Found) -> Vec<u8> {
    let size: usize = found
        .page
        .iter()
        .chain(&found.included)
        .map(|entry| entry.entry.json.len() + 160)
        .sum();
    let mut out = Vec::with_capacity(size + 512);
    out.extend_from_slice(b"{\"resourceType\":\"Bundle\",\"type\":\"searchset\"");
    if let Some(total) = found.total {
        out.extend_from_slice(format!(",\"total\":{total}").as_bytes());
    }
    out.extend_from_slice(b",\"link\":[");
    link(&mut out, "self", &query.address(base, None));
    if let Some(next) = found.next {
        out.push(b',');
        link(&mut out, "next", &query.address(base, Some(next)));
    }
    out.push(b']');
    let matches = found.page.iter().map(|entry| (entry, "match"));
    let included = found.included.iter().map(|entry| (entry, "include"));
    let shaping = Shaping::new(&query.shape);
    // An array may not be empty in FHIR JSON.
    let mut opening: &[u8] = b",\"entry\":[";
    for (entry, mode) in matches.chain(included) {
        out.extend_from_slice(opening);
        opening = b",";
        item(&mut out, base, entry, mode, &shaping);
    }
    if opening == b"," {
        out.push(b']');
    }
    out.push(b'}');
    out
}

fn link(out: &mut Vec<u8>, relation: &str, address: &str) {
    out.extend_from_slice(b"{\"relation\":\"");
    out.extend_from_slice(relation.as_bytes());
    out.extend_from_slice(b"\",\"url\":");
    out.extend_from_slice(serde_json::Value::from(address).to_string().as_bytes());
    out.push(b'}');
}

fn item(out: &mut Vec<u8>, base: &str, one: &Indexed, mode: &str, shape: &Shaping<'_>) {
    let entry = &one.entry;
    let address = format!("{base}/{}/{}", entry.resource_type, entry.id);
    out.extend_from_slice(b"{\"fullUrl\":");
    out.extend_from_slice(serde_json::Value::from(address).to_string().as_bytes());
    out.extend_from_slice(b",\"resource\":");
    out.extend_from_slice(&shape.of(entry));
    out.extend_from_slice(b",\"search\":{\"mode\":\"");
    out.extend_from_slice(mode.as_bytes());
    out.extend_from_slice(b"\"}}");
}
