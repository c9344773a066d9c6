//! Recorded occurrences, read without their secrets.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| conformance::fuzzing::scrubbing(bytes));
