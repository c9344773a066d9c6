//! Recorded occurrences, judged by the suite.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| conformance::fuzzing::replay(bytes));
