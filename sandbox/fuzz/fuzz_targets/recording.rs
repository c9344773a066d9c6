//! What surrounds a secret in a request that is recorded.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sandbox::fuzzing::recording(bytes));
