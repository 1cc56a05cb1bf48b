#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pressrun_fuzz::fields::check_fields(bytes));
