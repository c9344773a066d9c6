//! OLPC canonical JSON, the spelling whose bytes a TUF signature is over: sorted members, no
//! whitespace, whole numbers, strings with only the quote and the backslash escaped.
//!
//! It is written here and never read: what is read is strict JSON, whatever its spelling.

use serde_json::Value;

/// A value without a canonical spelling: a number that is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number that is not whole has no canonical spelling")]
pub struct NotCanonical;

/// The canonical bytes of a value.
pub fn encode(value: &Value) -> Result<Vec<u8>, NotCanonical> {
    let mut out = Vec::with_capacity(1024);
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::Number(_) => return Err(NotCanonical),
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            // The order of UTF-8 bytes is the order of code points.
            let mut names: Vec<_> = members.iter().collect();
            names.sort_unstable_by_key(|(name, _)| name.as_str());
            out.push(b'{');
            for (at, (name, item)) in names.into_iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                string(name, out);
                out.push(b':');
                write(item, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_spelling_is_the_one_of_olpc() {
        let value = json!({"b": [1, -2, true, null], "a": "x\n\"\\æ/", "": {"z": {}, "y": []}});
        let expected = "{\"\":{\"y\":[],\"z\":{}},\"a\":\"x\n\\\"\\\\æ/\",\"b\":[1,-2,true,null]}";
        assert_eq!(encode(&value).unwrap(), expected.as_bytes());
        assert_eq!(encode(&json!({"a": 1.5})), Err(NotCanonical));
    }

    proptest! {
        #[test]
        fn the_order_of_members_does_not_matter(names in prop::collection::btree_set(".{0,6}", 0..8)) {
            let object = |names: Vec<&String>| {
                Value::Object(names.into_iter().map(|name| (name.clone(), json!(name))).collect())
            };
            let forth = object(names.iter().collect());
            let back = object(names.iter().rev().collect());
            prop_assert_eq!(encode(&forth), encode(&back));
        }

        #[test]
        fn two_strings_never_have_one_spelling(left in any::<String>(), right in any::<String>()) {
            let same = encode(&json!([left])) == encode(&json!([right]));
            prop_assert_eq!(same, left == right);
        }
    }
}
