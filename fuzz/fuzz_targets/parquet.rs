#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pressrun_fuzz::parquet::check_parquet(bytes));
