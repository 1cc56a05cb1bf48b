//! Where pressrun itself comes from: the repository whose releases have this very version.
//!
//! The workflow that makes a release sets `PRESSRUN_REPOSITORY` to its address. A published crate states
//! it in its manifest. Any other build does not know it, and nothing is guessed.

/// Returns the address of the repository, such as `https://github.com/OWNER/NAME`, if it is known.
pub(super) fn find_release_repository() -> Option<&'static str> {
    let stated = option_env!("PRESSRUN_REPOSITORY").unwrap_or(env!("CARGO_PKG_REPOSITORY"));
    is_repository_address(stated).then_some(stated)
}

/// Returns whether a text is an address of the form that releases are found below.
fn is_repository_address(text: &str) -> bool {
    let is_plain = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty() && bytes.all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let parts = text.strip_prefix("https://").map(|rest| rest.split('/'));
    parts.is_some_and(|parts| parts.clone().count() == 3 && parts.clone().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_of_repositories_are_known() {
        for (text, expected) in [
            ("https://github.com/me/press.run", true),
            ("", false),
            ("me/pressrun", false),
            ("http://github.com/me/pressrun", false),
            ("https://github.com/me", false),
            ("https://github.com/me/pressrun/", false),
            ("https://github.com/me/a'b", false),
        ] {
            assert_eq!(is_repository_address(text), expected, "{text}");
        }
    }
}
