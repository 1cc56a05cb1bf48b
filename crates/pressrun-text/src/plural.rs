//! English plurals.

use std::borrow::Cow;

/// Words that end in `s` and are not plurals.
const NOT_PLURAL: [&str; 10] = [
    "news",
    "https",
    "series",
    "species",
    "kubernetes",
    "devops",
    "windows",
    "aws",
    "dns",
    "ios",
];

/// Returns the singular of a lower-case word.
///
/// The result need not be English. It only has to be the same for singular and plural.
pub fn make_singular(word: &str) -> Cow<'_, str> {
    if !word.ends_with('s') || NOT_PLURAL.contains(&word) {
        return word.into();
    }
    let letters = word.chars().count();
    if let Some(stem) = word.strip_suffix("ies")
        && letters > 4
    {
        return format!("{stem}y").into();
    }
    if ["sses", "shes", "ches", "xes", "zes"]
        .iter()
        .any(|end| word.ends_with(end))
    {
        return word[..word.len() - 2].into();
    }
    if letters < 4
        || ["ss", "us", "is", "ics"]
            .iter()
            .any(|end| word.ends_with(end))
    {
        return word.into();
    }
    word[..word.len() - 1].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_lose_their_ending() {
        for (word, singular) in [
            ("batteries", "battery"),
            ("ties", "tie"),
            ("boxes", "box"),
            ("locks", "lock"),
            ("gas", "gas"),
            ("physics", "physics"),
            ("windows", "windows"),
        ] {
            assert_eq!(make_singular(word), singular);
        }
    }
}
