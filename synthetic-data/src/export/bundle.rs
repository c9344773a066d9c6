//! Transactions: each resource is put under its own id, so that loading one again changes nothing.

use std::io;

use super::Streams;
use crate::fhir::Resource;

/// Writes a transaction as one line.
pub(super) fn write(
    resources: &[Resource],
    streams: &mut (impl Streams + ?Sized),
) -> io::Result<u64> {
    let bytes: usize = resources.iter().map(|one| one.json.len() + 128).sum();
    let mut text = Vec::with_capacity(bytes + 64);
    text.extend_from_slice(br#"{"resourceType":"Bundle","type":"transaction","entry":["#);
    for (place, resource) in resources.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        let url = format!("{}/{}", resource.resource_type.name(), resource.id);
        text.extend_from_slice(br#"{"resource":"#);
        text.extend_from_slice(&resource.json);
        let request = format!(r#","request":{{"method":"PUT","url":"{url}"}}}}"#);
        text.extend_from_slice(request.as_bytes());
    }
    text.extend_from_slice(b"]}\n");
    streams.append("Bundle.ndjson", &text)?;
    Ok(u64::try_from(resources.len()).unwrap_or(u64::MAX))
}
