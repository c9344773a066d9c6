//! Writes JSON text straight into a buffer: members in the order written, numbers from scaled
//! integers, so that the same person gives the same bytes on every machine.

#![expect(
    clippy::inline_always,
    reason = "with a key that is known, its bytes are stores and no call"
)]

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::digits::{MOST_DIGITS, sextets, written};
use crate::date::{Date, Moment, Texts};
use crate::nynorsk;

/// Where the names of codes come from that may not be shipped.
pub trait Names: fmt::Debug + Send + Sync {
    /// What to show for a code, in nynorsk where that is wanted and there is one.
    fn name(&self, system: &str, code: &str, nynorsk: bool) -> Option<&str>;
}

/// JSON text under construction.
#[derive(Debug, Default)]
pub(crate) struct Json {
    out: Vec<u8>,
    comma: bool,
    texts: Texts,
    names: Option<Arc<dyn Names>>,
    nynorsk: bool,
}

impl Json {
    /// The bytes of some members, without braces: to be written again and again.
    pub(crate) fn piece(fill: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut json = Self::default();
        fill(&mut json);
        json.out
    }

    /// From where codes get their names from now on, and whether these are to be in nynorsk.
    pub(crate) fn name_from(&mut self, names: Option<Arc<dyn Names>>, nynorsk: bool) {
        self.names = names;
        self.nynorsk = nynorsk;
    }

    /// The members of a coding whose name is not ours to give.
    pub(crate) fn code(&mut self, system: &str, code: &str) {
        self.word("system", system);
        self.word("code", code);
        if let Some(names) = self.names.clone()
            && let Some(name) = names.name(system, code, self.nynorsk)
        {
            self.text("display", name);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.out.clear();
        self.comma = false;
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.out
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// An object on a line of its own.
    pub(crate) fn line(&mut self, fill: impl FnOnce(&mut Self)) {
        self.nested(b'{', b'}', fill);
        self.out.push(b'\n');
        self.comma = false;
    }

    /// A member that is an object.
    #[inline(always)]
    pub(crate) fn member(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.nested(b'{', b'}', fill);
    }

    /// A member that is an array.
    #[inline(always)]
    pub(crate) fn array(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.nested(b'[', b']', fill);
    }

    /// An object in an array.
    #[inline(always)]
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
    #[inline(always)]
    pub(crate) fn one(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.array(key, |array| array.item(fill));
    }

    /// A member that is a text.
    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.string(value);
        self.comma = true;
    }

    /// A member that is a word of ours, a code or an address: without anything to escape.
    #[inline(always)]
    pub(crate) fn word(&mut self, key: &str, value: &str) {
        debug_assert!(!needs_escape(value), "{value}");
        self.plain(key, value.as_bytes());
    }

    /// A member that is a date.
    #[inline(always)]
    pub(crate) fn date(&mut self, key: &str, date: Date) {
        self.plain(key, &date.text());
    }

    /// A member that is a point in time.
    #[inline(always)]
    pub(crate) fn moment(&mut self, key: &str, moment: Moment) {
        let text = self.texts.of(moment);
        self.plain(key, &text);
    }

    /// The same; gives the place of the text.
    pub(crate) fn placed_moment(&mut self, key: &str, moment: Moment) -> Range<usize> {
        let text = self.texts.of(moment);
        self.placed(key, &text)
    }

    /// A member that is a text of two parts with a sign between, as in `Patient/p17`.
    #[inline(always)]
    pub(crate) fn joined(&mut self, key: &str, (first, between, last): (&str, u8, &str)) {
        debug_assert!(!needs_escape(first) && !needs_escape(last), "{first}{last}");
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(first.as_bytes());
        self.out.push(between);
        self.out.extend_from_slice(last.as_bytes());
        self.out.push(b'"');
        self.comma = true;
    }

    /// A text that needs no escaping.
    #[inline(always)]
    pub(crate) fn plain(&mut self, key: &str, value: &[u8]) {
        self.open();
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":\"");
        self.out.extend_from_slice(value);
        self.out.push(b'"');
        self.comma = true;
    }

    /// The same; gives its place.
    pub(crate) fn placed(&mut self, key: &str, value: &[u8]) -> Range<usize> {
        self.plain(key, value);
        let end = self.out.len() - 1;
        end - value.len()..end
    }

    /// Members that were written before, with [`Self::piece`].
    #[inline]
    pub(crate) fn fragment(&mut self, members: &[u8]) {
        self.separate();
        self.out.extend_from_slice(members);
        self.comma = true;
    }

    /// A member that is true or false.
    pub(crate) fn flag(&mut self, key: &str, value: bool) {
        self.raw(key, if value { b"true" } else { b"false" });
    }

    /// A member that is a text of ours in bokmål; it is written in nynorsk where that is wanted.
    pub(crate) fn said(&mut self, key: &str, text: &str) {
        if self.nynorsk {
            self.text(key, &nynorsk::of(text));
        } else {
            self.text(key, text);
        }
    }

    /// A member that is a whole number.
    pub(crate) fn count(&mut self, key: &str, value: u32) {
        let mut digits = [0; MOST_DIGITS];
        self.raw(key, written(value, &mut digits));
    }

    /// A text that is a small number.
    pub(crate) fn number(&mut self, key: &str, value: u32) {
        let mut digits = [0; MOST_DIGITS];
        self.plain(key, written(value, &mut digits));
    }

    /// A member that is a decimal number, given in units of its last decimal.
    pub(crate) fn decimal(&mut self, key: &str, scaled: i32, decimals: u8) {
        self.key(key);
        if scaled < 0 {
            self.out.push(b'-');
        }
        let mut digits = [0; MOST_DIGITS];
        let scale = 10_u32.pow(u32::from(decimals));
        let size = scaled.unsigned_abs();
        self.out
            .extend_from_slice(written(size / scale, &mut digits));
        if decimals > 0 {
            self.out.push(b'.');
            let rest = written(size % scale, &mut digits);
            let noughts = usize::from(decimals).saturating_sub(rest.len());
            self.out.extend(std::iter::repeat_n(b'0', noughts));
            self.out.extend_from_slice(rest);
        }
        self.comma = true;
    }

    /// A member that is bytes in base64 with padding (RFC 4648 section 4).
    pub(crate) fn base64(&mut self, key: &str, bytes: &[u8]) {
        self.key(key);
        self.out.push(b'"');
        self.out.reserve(bytes.len().div_ceil(3) * 4);
        let (chunks, rest) = bytes.as_chunks::<3>();
        for [first, second, third] in chunks {
            self.out
                .extend_from_slice(&sextets([*first, *second, *third]));
        }
        match rest {
            [first] => {
                let [one, two, ..] = sextets([*first, 0, 0]);
                self.out.extend_from_slice(&[one, two, b'=', b'=']);
            }
            [first, second] => {
                let [one, two, three, _] = sextets([*first, *second, 0]);
                self.out.extend_from_slice(&[one, two, three, b'=']);
            }
            _ => {}
        }
        self.out.push(b'"');
        self.comma = true;
    }

    fn raw(&mut self, key: &str, value: &[u8]) {
        self.key(key);
        self.out.extend_from_slice(value);
        self.comma = true;
    }

    /// Keys are ours: nothing in them needs escaping.
    #[inline(always)]
    fn key(&mut self, key: &str) {
        self.open();
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.comma = false;
    }

    #[inline]
    fn open(&mut self) {
        if self.comma {
            self.out.extend_from_slice(b",\"");
        } else {
            self.out.push(b'"');
        }
    }

    #[inline]
    fn separate(&mut self) {
        if self.comma {
            self.out.push(b',');
        }
        self.comma = false;
    }

    #[inline(always)]
    fn nested(&mut self, open: u8, close: u8, fill: impl FnOnce(&mut Self)) {
        self.out.push(open);
        self.comma = false;
        fill(self);
        self.out.push(close);
        self.comma = true;
    }

    fn string(&mut self, value: &str) {
        self.out.push(b'"');
        if needs_escape(value) {
            self.escaped(value);
        } else {
            self.out.extend_from_slice(value.as_bytes());
        }
        self.out.push(b'"');
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

fn needs_escape(value: &str) -> bool {
    // Without an early way out, so that the compiler looks at many bytes at once.
    let marked = value.bytes().fold(0_u8, |found, byte| {
        found | u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\')
    });
    marked > 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::digits::decimal;
    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in ".{0,40}", whole in any::<i32>(), scaled in -99_999i32..99_999) {
            let mut json = Json::default();
            json.line(|json| {
                json.text("text", &text);
                json.decimal("whole", whole, 0);
                json.decimal("decimal", scaled, 2);
                json.array("list", |list| {
                    list.text_item(&text);
                    list.item(|item| item.flag("yes", true));
                    list.item(|_| ());
                });
            });
            let value: Value = serde_json::from_slice(json.bytes()).unwrap();
            prop_assert_eq!(value["decimal"].to_string(), serde_json::from_str::<Value>(&decimal(scaled, 2, '.')).unwrap().to_string());
            prop_assert_eq!(value["text"].as_str(), Some(text.as_str()));
            prop_assert_eq!(value["whole"].as_i64(), Some(i64::from(whole)));
            prop_assert_eq!(value["list"].as_array().unwrap().len(), 3);
        }
    }

    #[test]
    fn base64_gives_the_examples_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            let piece = Json::piece(|json| json.base64("b", plain.as_bytes()));
            assert_eq!(piece, format!("\"b\":\"{coded}\"").into_bytes());
        }
    }
}
