//! Any text is read as `site.toml`: as a configuration, or as errors with places inside of it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pressrun::config::Config;

fuzz_target!(|text: &str| {
    if let Err(errors) = Config::parse(text) {
        let lines = text.matches('\n').count() as u32 + 1;
        assert!(!errors.is_empty());
        assert!(
            errors
                .iter()
                .all(|one| one.place.line.is_none_or(|line| line <= lines))
        );
    }
});
