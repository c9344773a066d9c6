//! Transactions: each resource is put under its own id, so that loading one again changes nothing.

use std::io;

use super::Streams;
use crate::fhir::Resource;

/// Where the entries say that they are. What they refer to relatively is looked for beside them (R4
/// §2.36.4.1), so they need an address; it is nobody's.
const BASE: &str = "https://population.example/fhir";

/// Writes a transaction as one line.
pub(super) fn write(resources: &[Resource], streams: &mut impl Streams) -> io::Result<u64> {
    let bytes: usize = resources.iter().map(|one| one.json.len() + 192).sum();
    let mut text = Vec::with_capacity(bytes + 64);
    text.extend_from_slice(br#"{"resourceType":"Bundle","type":"transaction","entry":["#);
    for (place, resource) in resources.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        let url = format!("{}/{}", resource.resource_type.name(), resource.id);
        let opening = format!(r#"{{"fullUrl":"{BASE}/{url}","resource":"#);
        text.extend_from_slice(opening.as_bytes());
        text.extend_from_slice(&resource.json);
        let request = format!(r#","request":{{"method":"PUT","url":"{url}"}}}}"#);
        text.extend_from_slice(request.as_bytes());
    }
    text.extend_from_slice(b"]}\n");
    streams.append("Bundle.ndjson", &text)?;
    Ok(u64::try_from(resources.len()).unwrap_or(u64::MAX))
}
