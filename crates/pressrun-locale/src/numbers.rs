//! Whole numbers in the digits and groups of a language.

use fixed_decimal::Decimal;
use icu_decimal::DecimalFormatter;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale_core::LanguageIdentifier;
use writeable::Writeable;

/// How one language writes whole numbers.
pub(crate) struct NumberFormat {
    formatter: DecimalFormatter,
    /// Whether the language uses 0 to 9, so that small numbers need no formatter.
    has_ascii_digits: bool,
}

impl NumberFormat {
    pub(crate) fn load(language: &LanguageIdentifier) -> Self {
        let formatter =
            DecimalFormatter::try_new(language.into(), DecimalFormatterOptions::default())
                .expect("the data of ICU4X is compiled in and falls back to the root");
        let zero = formatter.format(&Decimal::from(0)).write_to_string() == "0";
        Self {
            formatter,
            has_ascii_digits: zero,
        }
    }

    pub(crate) fn format_number(&self, number: i64) -> String {
        // No language groups fewer than four digits.
        if self.has_ascii_digits && (0..1000).contains(&number) {
            return number.to_string();
        }
        self.formatter
            .format(&Decimal::from(number))
            .write_to_string()
            .into_owned()
    }
}

#[cfg(test)]
mod tests {
    use crate::locale::Locale;

    fn check(tag: &str, number: i64, expected: &str) {
        assert_eq!(
            Locale::for_tag(tag).format_number(number),
            expected,
            "{tag}"
        );
    }

    #[test]
    fn digits_and_groups_are_those_of_the_language() {
        check("en", 999, "999");
        check("en", 1_234_567, "1,234,567");
        check("de", 1234, "1.234");
        check("de-AT", 1234, "1\u{A0}234");
        check("fr", 1_234_567, "1\u{202F}234\u{202F}567");
        check("sv", 1234, "1\u{A0}234");
        check("cs", 1234, "1\u{A0}234");
        check("ru", 1_234_567, "1\u{A0}234\u{A0}567");
        check("ar", 1234, "1,234");
        check("ar-EG", 1234, "١٬٢٣٤");
        check("he", 1234, "1,234");
        check("fa", 12, "۱۲");
        check("fa", 1234, "۱٬۲۳۴");
        check("hi", 1_234_567, "12,34,567");
        check("th", 1234, "1,234");
        check("zh-Hans", 1234, "1,234");
        check("zh-Hant", 1234, "1,234");
        check("ja", 1234, "1,234");
        check("ko", 1234, "1,234");
        check("en", -1234, "-1,234");
    }

    #[test]
    fn four_digits_are_one_group_in_some_languages() {
        check("pl", 1234, "1234");
        check("pl", 12_345, "12\u{A0}345");
        check("es", 1234, "1234");
    }
}
