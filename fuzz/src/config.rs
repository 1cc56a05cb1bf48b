//! Parses any text as `site.toml`. The result must be a configuration, or errors with places inside
//! the text.

use pressrun_site::config::Config;

/// Checks one input.
pub fn check_config(bytes: &[u8]) {
    let text = super::text_of(bytes);
    if let Err(errors) = Config::parse(text) {
        let lines = text.matches('\n').count() as u32 + 1;
        assert!(!errors.is_empty());
        assert!(
            errors
                .iter()
                .all(|one| one.place.line.is_none_or(|line| line <= lines))
        );
    }
}
