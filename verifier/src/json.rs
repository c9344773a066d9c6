//! Strict JSON in front of serde: what two parsers could read differently is refused.
//! No duplicate or escaped member names, at most eight levels, whole numbers within ±(2⁵³ − 1).

use serde::de::DeserializeOwned;

use crate::code::{Code, VerifyError};

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 8;

/// Checks the bytes and reads them into `T`; a wrong shape is [`Code::Claim`].
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, VerifyError> {
    let text = checked(bytes)?;
    serde_json::from_str(text).map_err(|error| Code::Claim.because(error.to_string()))
}

/// Checks that the bytes are one strict JSON object.
pub fn check(bytes: &[u8]) -> Result<(), VerifyError> {
    checked(bytes).map(drop)
}

fn checked(bytes: &[u8]) -> Result<&str, VerifyError> {
    let text = std::str::from_utf8(bytes).map_err(|_| refuse("not UTF-8"))?;
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
    };
    scanner.whitespace();
    if scanner.peek() != Some(b'{') {
        return Err(refuse("not an object"));
    }
    scanner.value(0)?;
    scanner.whitespace();
    if scanner.peek().is_some() {
        return Err(refuse("bytes after the object"));
    }
    Ok(text)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), VerifyError> {
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => Err(refuse("a value is missing")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), VerifyError> {
        within(depth)?;
        self.at += 1;
        self.whitespace();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        let mut names: Vec<&'a [u8]> = Vec::with_capacity(8);
        loop {
            self.whitespace();
            if self.peek() != Some(b'"') {
                return Err(refuse("a member name is missing"));
            }
            let name = self.string()?;
            // Escapes give one name several spellings, which duplicate checks elsewhere miss.
            if name.contains(&b'\\') {
                return Err(refuse("an escape in a member name"));
            }
            names.push(name);
            self.whitespace();
            if self.next() != Some(b':') {
                return Err(refuse("a colon is missing"));
            }
            self.whitespace();
            self.value(depth)?;
            self.whitespace();
            match self.next() {
                Some(b',') => {}
                Some(b'}') => break,
                _ => return Err(refuse("an object does not end")),
            }
        }
        distinct(names)
    }

    fn array(&mut self, depth: usize) -> Result<(), VerifyError> {
        within(depth)?;
        self.at += 1;
        self.whitespace();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.whitespace();
            self.value(depth)?;
            self.whitespace();
            match self.next() {
                Some(b',') => {}
                Some(b']') => return Ok(()),
                _ => return Err(refuse("an array does not end")),
            }
        }
    }

    /// The raw bytes between the quotes.
    fn string(&mut self) -> Result<&'a [u8], VerifyError> {
        self.at += 1;
        let start = self.at;
        loop {
            self.at += plain_prefix(self.bytes.get(self.at..).unwrap_or_default());
            match self.next() {
                Some(b'"') => {
                    let inner = self.bytes.get(start..self.at - 1);
                    return inner.ok_or_else(|| refuse("a string does not end"));
                }
                Some(b'\\') => self.escape()?,
                _ => return Err(refuse("a string does not end or holds a control character")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), VerifyError> {
        match self.next() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => match self.hex4()? {
                0xD800..=0xDBFF => {
                    let low = (self.next(), self.next());
                    if low == (Some(b'\\'), Some(b'u')) && (0xDC00..=0xDFFF).contains(&self.hex4()?)
                    {
                        Ok(())
                    } else {
                        Err(refuse("half a surrogate pair"))
                    }
                }
                0xDC00..=0xDFFF => Err(refuse("half a surrogate pair")),
                _ => Ok(()),
            },
            _ => Err(refuse("an unknown escape")),
        }
    }

    fn hex4(&mut self) -> Result<u32, VerifyError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self
                .next()
                .and_then(|byte| char::from(byte).to_digit(16))
                .ok_or_else(|| refuse("a bad \\u escape"))?;
            value = value * 16 + digit;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<(), VerifyError> {
        let negative = self.peek() == Some(b'-');
        if negative {
            self.at += 1;
        }
        let start = self.at;
        let mut value: u64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            value = value
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(u64::from(digit - b'0')))
                .filter(|value| *value <= MAX_INTEGER)
                .ok_or_else(|| refuse("a number out of range"))?;
        }
        let digits = self.at - start;
        let leading_zero = digits > 1 && self.bytes.get(start) == Some(&b'0');
        let minus_zero = negative && value == 0;
        let not_whole = matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if digits == 0 || leading_zero || minus_zero || not_whole {
            return Err(refuse("a number that is not a plain whole number"));
        }
        Ok(())
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), VerifyError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(refuse("an unknown word"));
        }
        self.at += word.len();
        Ok(())
    }
}

/// How many bytes of a string can be passed over. Most of a token is in long plain strings, so they
/// are looked at in blocks, without a branch per byte.
fn plain_prefix(bytes: &[u8]) -> usize {
    let special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let (blocks, _) = bytes.as_chunks::<32>();
    let plain = |block: &&[u8; 32]| {
        !block
            .iter()
            .fold(false, |found, byte| found | special(byte))
    };
    let passed = blocks.iter().take_while(plain).count() * 32;
    let rest = bytes.get(passed..).unwrap_or_default();
    passed + rest.iter().position(special).unwrap_or(rest.len())
}

fn within(depth: usize) -> Result<(), VerifyError> {
    if depth > MAX_DEPTH {
        return Err(refuse("more than eight levels"));
    }
    Ok(())
}

fn distinct(mut names: Vec<&[u8]>) -> Result<(), VerifyError> {
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(refuse("a duplicate member name"));
    }
    Ok(())
}

fn refuse(detail: &'static str) -> VerifyError {
    Code::Json.because(detail)
}

/// The largest whole number that every JSON library reads exactly (RFC 8259 §6).
const MAX_INTEGER: u64 = (1 << 53) - 1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ambiguous_json_is_refused() {
        let deep = format!("{}1{}", "{\"a\":".repeat(9), "}".repeat(9));
        let bad = [
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"\u0061":2}"#,
            r#"{"a":1.0}"#,
            r#"{"a":1e3}"#,
            r#"{"a":-0}"#,
            r#"{"a":01}"#,
            r#"{"a":9007199254740992}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":"\ud800\u0041"}"#,
            r#"{"a":"\x"}"#,
            "{\"a\":\"\n\"}",
            r#"{"a":1,}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":1} {}"#,
            "[1]",
            r#"{"a":nul}"#,
            r#"{"a""#,
            "",
            "\u{feff}{}",
            &deep,
        ];
        for text in bad {
            let error = check(text.as_bytes()).expect_err(text);
            assert_eq!(error.code, Code::Json, "{text}");
        }
        assert!(check(b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn plain_json_is_read() {
        let deep = format!("{}1{}", "{\"a\":".repeat(8), "}".repeat(8));
        let good = [
            "{}",
            r#" {"a" : [ ] , "b":{"a":-9007199254740991},"c":"\ud83d\ude00 æ\n"} "#,
            r#"{"a":[true,false,null,0,"a"]}"#,
            &deep,
        ];
        for text in good {
            assert_eq!(check(text.as_bytes()), Ok(()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_serde_reads_too(text in r#"[{}\[\]":,\\u0-9a-f.eE \-]{0,40}"#) {
            if check(text.as_bytes()).is_ok() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
            }
        }

        #[test]
        fn what_serde_writes_is_accepted(name in "[a-zæøå]{0,6}", value in any::<String>(), number in -9_007_199_254_740_991i64..=9_007_199_254_740_991) {
            let json = serde_json::json!({ name: [value, number.to_string()], "\u{1F600}": number });
            prop_assert!(check(json.to_string().as_bytes()).is_ok());
        }
    }
}
