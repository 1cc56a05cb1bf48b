//! A language with all that CLDR knows of it.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use icu_locale::LocaleExpander;
use icu_locale_core::LanguageIdentifier;
use icu_locale_core::subtags::script;
use jiff::civil;

use crate::dates::DateFormats;
use crate::index_letters::IndexLetters;
use crate::lists::ListFormat;
use crate::numbers::NumberFormat;
use crate::order::{NameOrder, SortKey};
use crate::plurals::{CardinalRules, PluralCategory};
use crate::tag::parse_tag;

/// How a language writes and sorts. Copies are cheap, and threads share what one of them has loaded.
#[derive(Clone)]
pub struct Locale(Arc<LocaleData>);

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locale({})", self.0.language)
    }
}

/// The language decides everything else.
impl Hash for Locale {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.language.hash(state);
    }
}

/// Each part is loaded when it is first used.
struct LocaleData {
    language: LanguageIdentifier,
    plurals: OnceLock<CardinalRules>,
    numbers: OnceLock<NumberFormat>,
    dates: OnceLock<DateFormats>,
    lists: OnceLock<ListFormat>,
    order: OnceLock<NameOrder>,
}

/// Content can state any number of languages; those after the first are loaded whenever they are used.
const KEPT_LOCALES: usize = 200;

/// A longer tag has extensions, which change nothing.
const LONGEST_KEPT_TAG: usize = 35;

impl Locale {
    /// Returns the locale of a tag such as `de`, `pt-BR` or `zh-Hans`.
    ///
    /// `en` without a region is international English: `20 November 2026`, and no comma before "and". What CLDR does not
    /// know of a language it takes from the next wider one (`de-XX` from `de`). Text that is no tag counts as English.
    pub fn for_tag(tag: &str) -> Self {
        static KEPT: RwLock<Option<HashMap<String, Locale>>> = RwLock::new(None);
        let kept = KEPT.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(locale) = kept.as_ref().and_then(|kept| kept.get(tag)) {
            return locale.clone();
        }
        drop(kept);
        let locale = Self::load(tag);
        let mut kept = KEPT.write().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get_or_insert_default();
        if kept.len() < KEPT_LOCALES && tag.len() <= LONGEST_KEPT_TAG {
            // Another thread may have been faster; then its locale is used by all.
            return kept.entry(tag.to_owned()).or_insert(locale).clone();
        }
        locale
    }

    fn load(tag: &str) -> Self {
        Self(Arc::new(LocaleData {
            language: parse_tag(tag),
            plurals: OnceLock::new(),
            numbers: OnceLock::new(),
            dates: OnceLock::new(),
            lists: OnceLock::new(),
            order: OnceLock::new(),
        }))
    }

    /// Returns the plural category of a number of things.
    pub fn plural_category(&self, count: u64) -> PluralCategory {
        self.plurals().category_of(count)
    }

    /// Returns the plural categories that whole and other numbers have in the language, in the order of CLDR.
    pub fn plural_categories(&self) -> Vec<PluralCategory> {
        self.plurals().categories()
    }

    fn plurals(&self) -> &CardinalRules {
        let load = || CardinalRules::load(&self.0.language);
        self.0.plurals.get_or_init(load)
    }

    /// Writes a whole number in the digits and groups of the language: `12,345`.
    pub fn format_number(&self, number: i64) -> String {
        let load = || NumberFormat::load(&self.0.language);
        self.0.numbers.get_or_init(load).format_number(number)
    }

    /// Writes a day with its month and year: `20 November 2026`.
    pub fn format_day(&self, day: civil::Date) -> String {
        self.dates().format_day(day)
    }

    /// Writes a day with its month: `20 November`.
    pub fn format_day_of_year(&self, day: civil::Date) -> String {
        self.dates().format_day_of_year(day)
    }

    /// Writes the month of a day with its year: `November 2026`.
    pub fn format_month(&self, day: civil::Date) -> String {
        self.dates().format_month(day)
    }

    /// Writes the month of a day alone: `November`.
    pub fn format_month_name(&self, day: civil::Date) -> String {
        self.dates().format_month_name(day)
    }

    /// Returns whether the language is written in Latin letters.
    pub fn is_in_latin(&self) -> bool {
        let mut full = self.0.language.clone();
        LocaleExpander::new_common().maximize(&mut full);
        full.script == Some(script!("Latn"))
    }

    /// Writes a year: `2026`, or `2026年` in Japanese.
    pub fn format_year(&self, year: i16) -> String {
        self.dates().format_year(year)
    }

    fn dates(&self) -> &DateFormats {
        let load = || DateFormats::load(&self.0.language);
        self.0.dates.get_or_init(load)
    }

    /// Returns the text before an item of a list, counted from 0, such as `, ` or ` and `. Together they make `A, B and C`.
    ///
    /// The item decides too: Spanish writes `e` for `y` before a name that begins with that sound.
    pub fn find_joint(&self, index: usize, total: usize, item: &str) -> String {
        let load = || ListFormat::load(&self.0.language);
        let lists = self.0.lists.get_or_init(load);
        lists.find_joint(index, total, item)
    }

    /// Makes the key of a name. Keys sort as the language sorts the names; only those of equal names are equal.
    pub fn sort_key(&self, name: &str) -> SortKey {
        let load = || NameOrder::load(&self.0.language);
        self.0.order.get_or_init(load).sort_key(name)
    }

    /// Returns the letters under which an index lists names.
    pub fn index_letters(&self) -> IndexLetters {
        IndexLetters::load(&self.0.language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_are_kept_up_to_a_number() {
        let german = Locale::for_tag("de");
        assert!(Arc::ptr_eq(&german.0, &Locale::for_tag("de").0));
        for number in 0..1000 {
            let locale = Locale::for_tag(&format!("de-x-{number}"));
            assert_eq!(locale.format_number(1234), "1.234");
        }
    }

    #[test]
    fn threads_share_locales() {
        fn check<T: Send + Sync>(_: &T) {}
        check(&Locale::for_tag("ja"));
    }
}
