//! Which form of a word follows a number.

use icu_locale_core::LanguageIdentifier;
use icu_plurals::{PluralCategory as IcuCategory, PluralRules};

/// A category of CLDR, for each of which a language may have a form of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PluralCategory {
    /// Such as 0 in Arabic.
    Zero,
    /// Such as 1 in English, or 21 in Russian.
    One,
    /// Such as 2 in Hebrew.
    Two,
    /// Such as 2 to 4 in Czech.
    Few,
    /// Such as 5 in Polish.
    Many,
    /// Each language has it, and some have no other one.
    Other,
}

impl PluralCategory {
    /// All categories, in the order of CLDR.
    pub const ALL: [Self; 6] = [
        Self::Zero,
        Self::One,
        Self::Two,
        Self::Few,
        Self::Many,
        Self::Other,
    ];

    /// Returns the name of the category in CLDR: `zero`, `one`, `two`, `few`, `many` or `other`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::One => "one",
            Self::Two => "two",
            Self::Few => "few",
            Self::Many => "many",
            Self::Other => "other",
        }
    }

    /// Finds the category with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.name() == name)
    }

    fn from_icu(category: IcuCategory) -> Self {
        match category {
            IcuCategory::Zero => Self::Zero,
            IcuCategory::One => Self::One,
            IcuCategory::Two => Self::Two,
            IcuCategory::Few => Self::Few,
            IcuCategory::Many => Self::Many,
            IcuCategory::Other => Self::Other,
        }
    }
}

/// The rules of one language for numbers that count.
pub(crate) struct CardinalRules(PluralRules);

impl CardinalRules {
    pub(crate) fn load(language: &LanguageIdentifier) -> Self {
        // Rules depend on the language alone, and on the region of Portuguese; a script would hide them
        // (`sr-Latn`), because scripts have no data of their own.
        let language = LanguageIdentifier {
            script: None,
            ..language.clone()
        };
        let rules = PluralRules::try_new_cardinal((&language).into());
        Self(rules.expect("the data of ICU4X is compiled in and falls back to the root"))
    }

    /// Returns the category of a number.
    pub(crate) fn category_of(&self, number: u64) -> PluralCategory {
        PluralCategory::from_icu(self.0.category_for(number))
    }

    /// Returns the categories that the language has, in the order of CLDR.
    pub(crate) fn categories(&self) -> Vec<PluralCategory> {
        let mut all: Vec<_> = self.0.categories().map(PluralCategory::from_icu).collect();
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use crate::locale::Locale;

    /// Checks the categories of a language, and those of some numbers.
    fn check(tag: &str, categories: &str, numbers: &[(u64, &str)]) {
        let locale = Locale::for_tag(tag);
        let names: Vec<_> = locale
            .plural_categories()
            .iter()
            .map(|category| category.name())
            .collect();
        assert_eq!(names.join(" "), categories, "{tag}");
        for &(number, expected) in numbers {
            let found = locale.plural_category(number).name();
            assert_eq!(found, expected, "{number} in {tag}");
        }
    }

    #[test]
    fn languages_have_the_categories_of_cldr() {
        let one = [(0, "other"), (1, "one"), (2, "other"), (21, "other")];
        check("en", "one other", &one);
        check("de", "one other", &one);
        check("sv", "one other", &one);
        check(
            "he",
            "one two other",
            &[(1, "one"), (2, "two"), (3, "other")],
        );
        check(
            "fr",
            "one many other",
            &[(0, "one"), (1, "one"), (2, "other"), (1_000_000, "many")],
        );
        check(
            "cs",
            "one few many other",
            &[(1, "one"), (4, "few"), (5, "other")],
        );
        check(
            "pl",
            "one few many other",
            &[(1, "one"), (22, "few"), (5, "many"), (21, "many")],
        );
        check(
            "ru",
            "one few many other",
            &[(21, "one"), (2, "few"), (12, "many")],
        );
        let arabic = [
            (0, "zero"),
            (1, "one"),
            (2, "two"),
            (3, "few"),
            (11, "many"),
            (100, "other"),
        ];
        check("ar", "zero one two few many other", &arabic);
        check("fa", "one other", &[(0, "one"), (1, "one"), (2, "other")]);
        check("hi", "one other", &[(0, "one"), (1, "one"), (2, "other")]);
        for tag in ["th", "zh-Hans", "zh-Hant", "ja", "ko", "id"] {
            check(tag, "other", &[(0, "other"), (1, "other"), (2, "other")]);
        }
    }

    #[test]
    fn script_changes_no_rule() {
        check("sr-Latn", "one few other", &[(21, "one"), (2, "few")]);
    }
}
