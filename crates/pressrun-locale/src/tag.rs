//! Turns the tag of a language, as a site or a post states it, into one that CLDR knows.

use icu_locale::LocaleCanonicalizer;
use icu_locale_core::subtags::Variants;
use icu_locale_core::{LanguageIdentifier, Locale as IcuLocale, langid};

/// Reads a tag such as `de`, `pt-BR` or `zh-Hans`.
///
/// Variants and extensions are dropped, so that a calendar or digits in a tag change nothing. Old codes
/// become the ones of today (`iw` is `he`, `no` is `nb`). Text that is no tag counts as English.
pub(crate) fn parse_tag(tag: &str) -> LanguageIdentifier {
    let mut locale = match IcuLocale::try_from_str(tag) {
        Ok(read) => IcuLocale::from(LanguageIdentifier {
            variants: Variants::default(),
            ..read.id
        }),
        Err(_) => IcuLocale::from(langid!("en")),
    };
    LocaleCanonicalizer::new_common().canonicalize(&mut locale);
    // CLDR's `en` is the English of the United States. English sites without a region had dates such as
    // `20 November 2026` from the beginning, which is international English.
    if locale.id == langid!("en") {
        return langid!("en-001");
    }
    // Data is stored for `no`, from which `nb` takes all of it, but the tag of the language is `nb`.
    if locale.id == langid!("no") {
        return langid!("nb");
    }
    locale.id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tag: &str, expected: &str) {
        assert_eq!(parse_tag(tag).to_string(), expected, "{tag}");
    }

    #[test]
    fn tags_become_those_of_cldr() {
        check("de", "de");
        check("pt-br", "pt-BR");
        check("ZH-hans", "zh-Hans");
        check("en", "en-001");
        check("en-US", "en-US");
        check("no", "nb");
        check("iw", "he");
        check("sl-nedis", "sl");
        check("fa-u-ca-persian-nu-latn", "fa");
    }

    #[test]
    fn text_that_is_no_tag_counts_as_english() {
        check("", "en-001");
        check("Deutsch, bitte", "en-001");
    }
}
