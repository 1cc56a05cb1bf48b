//! The order of names in a language.

use icu_collator::CollatorBorrowed;
use icu_collator::options::{CollatorOptions, Strength};
use icu_locale_core::LanguageIdentifier;

/// How one language sorts.
pub(crate) struct NameOrder(CollatorBorrowed<'static>);

/// What decides the order of a name among others of one language. Keys compare faster than names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortKey(Box<[u8]>);

impl NameOrder {
    /// Loads the order of a language, in which letters, then marks, then cases decide.
    pub(crate) fn load(language: &LanguageIdentifier) -> Self {
        Self(load_collator(language, Strength::Tertiary))
    }

    /// Makes the key of a name. Names that differ in nothing that the language looks at sort by code points.
    pub(crate) fn sort_key(&self, name: &str) -> SortKey {
        let mut key = collation_key(&self.0, name);
        // A collation key has no zero, so no key ends where a longer one goes on.
        key.push(0);
        key.extend_from_slice(name.as_bytes());
        SortKey(key.into())
    }
}

/// Loads the rules of a language.
pub(crate) fn load_collator(
    language: &LanguageIdentifier,
    strength: Strength,
) -> CollatorBorrowed<'static> {
    let mut options = CollatorOptions::default();
    options.strength = Some(strength);
    CollatorBorrowed::try_new(language.into(), options)
        .expect("the data of ICU4X is compiled in and falls back to the root")
}

/// Makes the bytes by whose order a language sorts.
pub(crate) fn collation_key(collator: &CollatorBorrowed<'_>, name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(3 * name.len());
    let Ok(()) = collator.write_sort_key_to(name, &mut key);
    key
}

#[cfg(test)]
mod tests {
    use crate::locale::Locale;

    /// Checks that a language sorts names in this order.
    fn check(tag: &str, expected: &[&str]) {
        let locale = Locale::for_tag(tag);
        let mut names = expected.to_vec();
        names.reverse();
        names.sort_by_cached_key(|name| locale.sort_key(name));
        assert_eq!(names, expected, "{tag}");
    }

    #[test]
    fn names_sort_as_in_the_language() {
        check(
            "en",
            &[
                ".NET", "3D", "Äpfel", "apple", "C", "C#", "rust", "Rust", "rusty", "zoo",
            ],
        );
        check(
            "de",
            &["Apfel", "Äpfel", "Öl", "Strasse", "straße", "Übung", "Zoo"],
        );
        check("sv", &["apa", "zebra", "Ångström", "Äpple", "Öl"]);
        check("da", &["Zoo", "Æble", "Østers", "Århus", "Aarhus"]);
        check("fr", &["cote", "coté", "côte", "côté", "État", "œuf"]);
        check(
            "cs",
            &["cesta", "čaj", "hora", "chata", "ide", "ryba", "řeka"],
        );
        check(
            "pl",
            &["cena", "ćma", "Lublin", "Łódź", "zamek", "źle", "żaba"],
        );
        check("es", &["nube", "nz", "ñandú", "oso"]);
        check("tr", &["cam", "çay", "ırmak", "iyi", "şeker"]);
        check("ru", &["ёлка", "ель", "игра", "яблоко", "Rust"]);
        check("ar", &["أحمد", "برمجة", "تعلم", "Rust"]);
        check("he", &["אדם", "בית", "תכנות", "Rust"]);
        check("fa", &["آب", "برنامه", "پدر", "کتاب", "گل"]);
        check("hi", &["अमर", "आम", "कला", "हिंदी"]);
        check("th", &["กา", "เกม", "ปลา", "โปรแกรม", "มา"]);
        check(
            "zh-Hans",
            &["安全", "编程", "重庆", "人工智能", "中国", "Rust"],
        );
        check("zh-Hant", &["一", "人", "中國", "龍", "Rust"]);
        check("ja", &["Rust", "あい", "がく", "カフェ", "日本"]);
        check("ko", &["가나", "까치", "나무", "한국", "Rust"]);
    }

    #[test]
    fn names_that_look_alike_have_an_order_too() {
        // The last two are the same letters in different code points.
        check("en", &["a", "a\u{0}", "A", "A\u{30A}", "\u{C5}"]);
    }
}
