//! Transactions: each resource is put under its own id, so that loading one again changes nothing.

use std::io;

use super::Streams;
use crate::fhir::Sheaf;

/// Writes a transaction as one line.
pub(super) fn write(sheaf: &Sheaf, streams: &mut (impl Streams + ?Sized)) -> io::Result<u64> {
    let mut text = Vec::with_capacity(sheaf.lines().len() + sheaf.len() * 128 + 64);
    text.extend_from_slice(br#"{"resourceType":"Bundle","type":"transaction","entry":["#);
    for (place, (kind, id, line)) in sheaf.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        text.extend_from_slice(br#"{"resource":"#);
        text.extend_from_slice(line.trim_ascii_end());
        let url = format!("{}/{id}", kind.name());
        let request = format!(r#","request":{{"method":"PUT","url":"{url}"}}}}"#);
        text.extend_from_slice(request.as_bytes());
    }
    text.extend_from_slice(b"]}\n");
    streams.append("Bundle.ndjson", &text)?;
    Ok(u64::try_from(sheaf.len()).unwrap_or(u64::MAX))
}
