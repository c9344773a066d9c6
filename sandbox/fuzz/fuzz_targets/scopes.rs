//! Scopes asked for, registered and allowed by the launch, a line each.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sandbox::fuzzing::scopes(bytes));
