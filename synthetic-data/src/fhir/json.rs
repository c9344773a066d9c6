//! Writes JSON text straight into a buffer: members in the order written, numbers from scaled
//! integers, so that the same person gives the same bytes on every machine.

use crate::date::{Date, Moment};

/// A JSON text under construction.
#[derive(Debug, Default)]
pub(crate) struct Json {
    out: Vec<u8>,
    comma: bool,
}

impl Json {
    /// The bytes of one object.
    pub(crate) fn object(fill: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut json = Self {
            out: Vec::with_capacity(1600),
            comma: false,
        };
        json.nested(b'{', b'}', fill);
        json.out
    }

    /// A member that is an object.
    pub(crate) fn member(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.nested(b'{', b'}', fill);
    }

    /// A member that is an array.
    pub(crate) fn array(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.nested(b'[', b']', fill);
    }

    /// An object in an array.
    pub(crate) fn item(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.nested(b'{', b'}', fill);
    }

    /// A text in an array.
    pub(crate) fn text_item(&mut self, value: &str) {
        self.separate();
        self.string(value);
        self.comma = true;
    }

    /// A member that is an array with one object.
    pub(crate) fn one(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.array(key, |array| array.item(fill));
    }

    /// A member that is a text.
    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.string(value);
        self.comma = true;
    }

    /// A member that is a date.
    pub(crate) fn date(&mut self, key: &str, date: Date) {
        self.plain(key, &date.text());
    }

    /// A member that is a point in time.
    pub(crate) fn moment(&mut self, key: &str, moment: Moment) {
        self.plain(key, &moment.text());
    }

    /// A member that is a text of two parts with a sign between, as in `Patient/p17`.
    pub(crate) fn joined(&mut self, key: &str, (first, between, last): (&str, u8, &str)) {
        self.key(key);
        self.out.push(b'"');
        self.content(first);
        self.out.push(between);
        self.content(last);
        self.out.push(b'"');
        self.comma = true;
    }

    /// A text that needs no escaping.
    fn plain(&mut self, key: &str, value: &[u8]) {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(value);
        self.out.push(b'"');
        self.comma = true;
    }

    /// A member that is true or false.
    pub(crate) fn flag(&mut self, key: &str, value: bool) {
        self.raw(key, if value { "true" } else { "false" });
    }

    /// A member that is a decimal number, given in units of its last decimal.
    pub(crate) fn decimal(&mut self, key: &str, scaled: i32, decimals: u8) {
        self.raw(key, &decimal(scaled, decimals, '.'));
    }

    fn raw(&mut self, key: &str, value: &str) {
        self.key(key);
        self.out.extend_from_slice(value.as_bytes());
        self.comma = true;
    }

    /// Keys are ours: nothing in them needs escaping.
    fn key(&mut self, key: &str) {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.comma = false;
    }

    fn separate(&mut self) {
        if self.comma {
            self.out.push(b',');
        }
        self.comma = false;
    }

    fn nested(&mut self, open: u8, close: u8, fill: impl FnOnce(&mut Self)) {
        self.out.push(open);
        self.comma = false;
        fill(self);
        self.out.push(close);
        self.comma = true;
    }

    fn string(&mut self, value: &str) {
        self.out.push(b'"');
        self.content(value);
        self.out.push(b'"');
    }

    fn content(&mut self, value: &str) {
        // Without an early way out, so that the compiler looks at many bytes at once.
        let marked = value.bytes().fold(0_u8, |found, byte| {
            found | u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\')
        });
        if marked > 0 {
            self.escaped(value);
        } else {
            self.out.extend_from_slice(value.as_bytes());
        }
    }

    fn escaped(&mut self, value: &str) {
        for byte in value.bytes() {
            match byte {
                b'"' => self.out.extend_from_slice(b"\\\""),
                b'\\' => self.out.extend_from_slice(b"\\\\"),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                0..0x20 => self
                    .out
                    .extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                _ => self.out.push(byte),
            }
        }
    }
}

/// A scaled integer as decimal text: 1352 with one decimal is `135.2`.
pub(crate) fn decimal(scaled: i32, decimals: u8, point: char) -> String {
    let scale = 10_i32.pow(u32::from(decimals));
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = ((scaled / scale).abs(), (scaled % scale).abs());
    match decimals {
        0 => scaled.to_string(),
        _ => format!(
            "{sign}{whole}{point}{rest:0width$}",
            width = usize::from(decimals)
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in ".{0,40}", whole in any::<i32>(), scaled in -99_999i32..99_999) {
            let bytes = Json::object(|json| {
                json.text("text", &text);
                json.decimal("whole", whole, 0);
                json.decimal("decimal", scaled, 2);
                json.array("list", |list| {
                    list.text_item(&text);
                    list.item(|item| item.flag("yes", true));
                    list.item(|_| ());
                });
            });
            let value: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(value["text"].as_str(), Some(text.as_str()));
            prop_assert_eq!(value["whole"].as_i64(), Some(i64::from(whole)));
            prop_assert_eq!(value["list"].as_array().unwrap().len(), 3);
            let shown = decimal(scaled, 2, '.');
            let digits: String = shown.chars().filter(|c| *c != '.').collect();
            prop_assert_eq!(digits.parse::<i32>().unwrap(), scaled);
        }
    }
}
