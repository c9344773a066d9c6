//! A lookup table of the user's.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| generic_modules::fuzzing::lookup_table(bytes));
