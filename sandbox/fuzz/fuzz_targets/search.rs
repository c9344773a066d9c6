//! A search and a resource that it is held against.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sandbox::fuzzing::search(bytes));
