//! Headers of a read or write, one a line.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sandbox::fuzzing::preconditions(bytes));
