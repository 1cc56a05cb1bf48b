//! Tags, and when two spellings are the same tag (R11.3 of the ingest contract).

use pressrun_text::characters::fold_case;
use pressrun_text::plural::make_singular;

use super::slug::slugify_uncut;

/// Returns the key of a tag name: equal for all spellings of one tag.
///
/// The key is the singular of the uncut slug without hyphens. A name without letters and digits has
/// no slug, so its key is the name with its case folded.
pub fn tag_key(name: &str) -> String {
    let slug = slugify_uncut(strip_plural_of_initials(name.trim()));
    if slug.is_empty() {
        return fold_case(name.trim());
    }
    // Without hyphens, `web hosting`, `web-hosting` and `webhosting` are one tag.
    make_singular(&slug.replace('-', "")).into_owned()
}

/// Strips the plural `s` from initials: `APIs` becomes `API`.
pub fn strip_plural_of_initials(name: &str) -> &str {
    let Some(stem) = name.strip_suffix('s') else {
        return name;
    };
    if stem
        .chars()
        .rev()
        .take(2)
        .filter(|c| c.is_uppercase())
        .count()
        == 2
    {
        stem
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(a: &str, b: &str) {
        assert_eq!(tag_key(a), tag_key(b), "{a} and {b}");
    }

    #[track_caller]
    fn differ(a: &str, b: &str) {
        assert_ne!(tag_key(a), tag_key(b), "{a} and {b}");
    }

    #[test]
    fn case_hyphens_and_accents_do_not_count() {
        same("e-mail", "Email");
        same("Open Source", "open-source");
        same("Café", "cafe");
        same("Node.js", "NodeJS");
    }

    #[test]
    fn plurals_fold() {
        same("Batteries", "battery");
        same("classes", "class");
        same("boxes", "box");
        same("smart locks", "Smart Lock");
        same("APIs", "API");
        same("REST APIs", "rest api");
    }

    #[test]
    fn words_that_only_look_plural_stay() {
        assert_eq!(tag_key("ties"), "tie");
        assert_eq!(tag_key("gas"), "gas");
        assert_eq!(tag_key("Physics"), "physics");
        assert_eq!(tag_key("Analysis"), "analysis");
        assert_eq!(tag_key("bus"), "bus");
        differ("HTTP", "HTTPS");
        differ("window", "Windows");
        differ("new", "news");
    }

    #[test]
    fn languages_differ() {
        differ("C", "C++");
        differ("C++", "C#");
        differ(".NET", "Net");
    }

    #[test]
    fn a_tag_without_letters_is_its_own_key() {
        differ("🎉", "🚀");
        assert_eq!(tag_key(" 🎉 "), "🎉");
    }
}
