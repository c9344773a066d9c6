//! Tokens and strict JSON: what is read has one spelling, and serde reads it too.

#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::json;
use verifier::jws::{Token, TokenType};

fuzz_target!(|bytes: &[u8]| {
    if json::check(bytes).is_ok() {
        assert!(serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for typ in TokenType::ALL {
        if let Ok(token) = Token::parse(text, typ) {
            assert_eq!(token.typ(), typ);
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
        }
    }
});
