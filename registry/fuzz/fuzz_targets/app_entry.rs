//! An app's entry.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| registry::fuzzing::app_entry(bytes));
