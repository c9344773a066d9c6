//! An authorization request, as its query.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sandbox::fuzzing::authorization(bytes));
