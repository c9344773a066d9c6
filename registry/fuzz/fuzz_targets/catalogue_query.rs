//! A search in the catalogue.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| registry::fuzzing::catalogue_query(bytes));
