//! Documents (R4 `documents.html`): a Bundle that begins with its Composition and holds what that
//! refers to. Here is how one is put together; [`summary`] writes a Composition of its own, [`assemble`]
//! takes one that an app wrote.

mod assemble;
mod narrative;
mod sections;
mod summary;

use bytes::Bytes;
use foundation::{Entropy, Timestamp, entropy};
use serde_json::{Value, json};

use super::super::population::Entry;

/// A document while it is put together.
#[derive(Debug, Default)]
struct Document(Vec<(String, Bytes)>);

impl Document {
    /// Adds a resource under its address, unless it is there.
    fn add(&mut self, address: String, json: Bytes) {
        if !self.0.iter().any(|(known, _)| *known == address) {
            self.0.push((address, json));
        }
    }

    fn add_entry(&mut self, base: &str, entry: &Entry) {
        self.add(address(base, entry), entry.json.clone());
    }

    /// The Bundle, with an identifier of its own as R4 asks of documents.
    fn bundle(&self, identifier: &str, now: Timestamp) -> Vec<u8> {
        let identifier = json!({"system": "urn:ietf:rfc:3986", "value": identifier});
        let size: usize = self.0.iter().map(|(_, json)| json.len() + 160).sum();
        let mut out = Vec::with_capacity(size + 256);
        let at = now.rfc3339();
        out.extend_from_slice(
            format!(r#"{{"resourceType":"Bundle","identifier":{identifier},"type":"document","timestamp":"{at}","entry":["#)
                .as_bytes(),
        );
        for (place, (address, json)) in self.0.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            let address = Value::from(address.as_str());
            out.extend_from_slice(format!(r#"{{"fullUrl":{address},"resource":"#).as_bytes());
            out.extend_from_slice(json);
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
        out
    }
}

fn address(base: &str, entry: &Entry) -> String {
    format!("{base}/{}/{}", entry.resource_type, entry.id)
}

/// A fresh `urn:uuid` (RFC 9562, version 4).
fn urn(source: &dyn Entropy) -> String {
    let random = u128::from_be_bytes(entropy::bytes::<16>(source));
    let versioned = random & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{versioned:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_urn_says_its_version_and_variant_and_is_never_the_same() {
        let source = foundation::testing::entropy();
        let (one, other) = (urn(&*source), urn(&*source));
        assert_ne!(one, other);
        for urn in [one, other] {
            let parts: Vec<&str> = urn.split([':', '-']).collect();
            let lengths: Vec<usize> = parts.iter().skip(2).map(|part| part.len()).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12]);
            assert!(parts[4].starts_with('4'), "{urn}");
            assert!(parts[5].starts_with(['8', '9', 'a', 'b']), "{urn}");
        }
    }
}
