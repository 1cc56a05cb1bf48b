//! Parses any text as `site.toml`. The result must be a configuration, or errors with places inside
//! the text.

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
