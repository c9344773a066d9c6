//! Transactions: each resource is put under its own id, so that loading one again changes nothing.

use std::io;

use super::Streams;
use crate::fhir::Sheaf;

/// Where the entries say that they are. What they refer to relatively is looked for beside them (R4
/// §2.36.4.1), so they need an address; it is nobody's.
const BASE: &str = "https://population.example/fhir";

/// Writes a transaction as one line.
pub(super) fn write(sheaf: &Sheaf, streams: &mut (impl Streams + ?Sized)) -> io::Result<u64> {
    let mut text = Vec::with_capacity(sheaf.lines().len() + sheaf.len() * 192 + 64);
    text.extend_from_slice(br#"{"resourceType":"Bundle","type":"transaction","entry":["#);
    for (place, (kind, id, line)) in sheaf.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        let url = format!("{}/{id}", kind.name());
        let opening = format!(r#"{{"fullUrl":"{BASE}/{url}","resource":"#);
        text.extend_from_slice(opening.as_bytes());
        text.extend_from_slice(line.trim_ascii_end());
        let request = format!(r#","request":{{"method":"PUT","url":"{url}"}}}}"#);
        text.extend_from_slice(request.as_bytes());
    }
    text.extend_from_slice(b"]}\n");
    streams.append("Bundle.ndjson", &text)?;
    Ok(u64::try_from(sheaf.len()).unwrap_or(u64::MAX))
}
