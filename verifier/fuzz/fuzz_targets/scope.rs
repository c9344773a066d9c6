//! Scopes: what is read covers itself, and its canonical spelling means the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::scope::{Scope, ScopeSet};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(scope) = Scope::parse(text) {
        assert!(scope.covers(&scope));
        let spelled = scope.to_string();
        let again = Scope::parse(&spelled).expect("the canonical spelling is read");
        assert!(scope.covers(&again) && again.covers(&scope));
    }
    if let Ok(set) = ScopeSet::parse(text) {
        assert!(set.covers_all(&set));
        assert!(set.first_beyond(text).is_ok_and(|beyond| beyond.is_none()));
    }
});
