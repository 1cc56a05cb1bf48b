//! The names of languages in the languages themselves, and where each is mostly spoken.
//!
//! The names are those of CLDR, with a capital at their beginning as in a menu. ICU4X has them too, in
//! a part that is not stable and brings the names of all languages in all others.

use std::borrow::Cow;

/// A language or a variety of it.
struct LanguageName {
    /// Its BCP 47 tag.
    tag: &'static str,
    /// Its name in itself.
    name: &'static str,
    /// The territory where it is mostly spoken, by the likely subtags of CLDR; empty if that is none.
    territory: &'static str,
}

/// Returns the name of a language in that language, or its tag if the name is not known: `Deutsch` for
/// `de`. What the tag says besides follows in parentheses: `Deutsch (LU)`.
pub fn own_language_name(tag: &str) -> Cow<'_, str> {
    match find_longest(tag) {
        Some((known, "")) => known.name.into(),
        Some((known, rest)) => format!("{} ({rest})", known.name).into(),
        None => tag.into(),
    }
}

/// Returns whether the primary subtag of a tag is that of a known language.
pub fn is_known_language(tag: &str) -> bool {
    find_longest(tag).is_some()
}

/// Returns the locale of a language as Open Graph writes it: `de_DE` for `de`, `pt_PT` for `pt-PT`.
/// Returns `None` if the tag names no territory and none is usual.
pub fn open_graph_locale(tag: &str) -> Option<String> {
    let mut parts = tag.split(['-', '_']);
    let language = parts.next()?.to_ascii_lowercase();
    // Open Graph knows only the written form of Norwegian.
    let language = if language == "no" { "nb" } else { &language };
    // A script may stand before it.
    let is_territory =
        |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let stated = parts.take(2).find(is_territory);
    let territory = match stated {
        Some(stated) => stated.to_ascii_uppercase(),
        None => find_longest(tag)
            .map(|(known, _)| known.territory)
            .filter(|territory| !territory.is_empty())?
            .to_owned(),
    };
    Some(format!("{language}_{territory}"))
}

/// Returns the entry of the longest beginning of a tag that has one, and the rest of the tag.
fn find_longest(tag: &str) -> Option<(&'static LanguageName, &str)> {
    let mut end = tag.len();
    loop {
        if let Some(known) = find_entry(&tag[..end]) {
            return Some((known, tag[end..].trim_start_matches(['-', '_'])));
        }
        end = tag[..end].rfind(['-', '_'])?;
    }
}

fn find_entry(tag: &str) -> Option<&'static LanguageName> {
    let is_same = |known: &&LanguageName| {
        let bytes = tag.bytes().map(|byte| match byte {
            b'_' => b'-',
            byte => byte.to_ascii_lowercase(),
        });
        let known = known.tag.bytes().map(|byte| byte.to_ascii_lowercase());
        known.eq(bytes)
    };
    NAMES.iter().find(is_same)
}

const fn entry(tag: &'static str, name: &'static str, territory: &'static str) -> LanguageName {
    LanguageName {
        tag,
        name,
        territory,
    }
}

#[rustfmt::skip]
const NAMES: &[LanguageName] = &[
    entry("af", "Afrikaans", "ZA"),
    entry("am", "አማርኛ", "ET"),
    entry("an", "Aragonés", "ES"),
    entry("ar", "العربية", "EG"),
    entry("as", "অসমীয়া", "IN"),
    entry("ast", "Asturianu", "ES"),
    entry("az", "Azərbaycanca", "AZ"),
    entry("be", "Беларуская", "BY"),
    entry("bg", "Български", "BG"),
    entry("bn", "বাংলা", "BD"),
    entry("br", "Brezhoneg", "FR"),
    entry("bs", "Bosanski", "BA"),
    entry("ca", "Català", "ES"),
    entry("ckb", "کوردی (سۆرانی)", "IQ"),
    entry("co", "Corsu", "FR"),
    entry("cs", "Čeština", "CZ"),
    entry("cy", "Cymraeg", "GB"),
    entry("da", "Dansk", "DK"),
    entry("de", "Deutsch", "DE"),
    entry("de-AT", "Deutsch (Österreich)", "AT"),
    entry("de-CH", "Deutsch (Schweiz)", "CH"),
    entry("de-DE", "Deutsch (Deutschland)", "DE"),
    entry("dsb", "Dolnoserbšćina", "DE"),
    entry("el", "Ελληνικά", "GR"),
    entry("en", "English", "US"),
    entry("en-AU", "English (Australia)", "AU"),
    entry("en-CA", "English (Canada)", "CA"),
    entry("en-GB", "English (UK)", "GB"),
    entry("en-US", "English (US)", "US"),
    entry("eo", "Esperanto", ""),
    entry("es", "Español", "ES"),
    entry("es-419", "Español (Latinoamérica)", "ES"),
    entry("es-ES", "Español (España)", "ES"),
    entry("es-MX", "Español (México)", "MX"),
    entry("et", "Eesti", "EE"),
    entry("eu", "Euskara", "ES"),
    entry("fa", "فارسی", "IR"),
    entry("fi", "Suomi", "FI"),
    entry("fil", "Filipino", "PH"),
    entry("fo", "Føroyskt", "FO"),
    entry("fr", "Français", "FR"),
    entry("fr-BE", "Français (Belgique)", "BE"),
    entry("fr-CA", "Français (Canada)", "CA"),
    entry("fr-CH", "Français (Suisse)", "CH"),
    entry("fr-FR", "Français (France)", "FR"),
    entry("fy", "Frysk", "NL"),
    entry("ga", "Gaeilge", "IE"),
    entry("gd", "Gàidhlig", "GB"),
    entry("gl", "Galego", "ES"),
    entry("gu", "ગુજરાતી", "IN"),
    entry("ha", "Hausa", "NG"),
    entry("he", "עברית", "IL"),
    entry("hi", "हिन्दी", "IN"),
    entry("hr", "Hrvatski", "HR"),
    entry("hsb", "Hornjoserbšćina", "DE"),
    entry("ht", "Kreyòl Ayisyen", "HT"),
    entry("hu", "Magyar", "HU"),
    entry("hy", "Հայերեն", "AM"),
    entry("ia", "Interlingua", ""),
    entry("id", "Bahasa Indonesia", "ID"),
    entry("ig", "Asụsụ Igbo", "NG"),
    entry("is", "Íslenska", "IS"),
    entry("it", "Italiano", "IT"),
    entry("it-CH", "Italiano (Svizzera)", "CH"),
    entry("it-IT", "Italiano (Italia)", "IT"),
    entry("ja", "日本語", "JP"),
    entry("ja-JP", "日本語", "JP"),
    entry("jv", "Basa Jawa", "ID"),
    entry("ka", "ქართული", "GE"),
    entry("kk", "Қазақша", "KZ"),
    entry("kl", "Kalaallisut", "GL"),
    entry("km", "ខ្មែរ", "KH"),
    entry("kn", "ಕನ್ನಡ", "IN"),
    entry("ko", "한국어", "KR"),
    entry("ko-KR", "한국어", "KR"),
    entry("ku", "Kurdî", "TR"),
    entry("ky", "Кыргызча", "KG"),
    entry("la", "Latina", "VA"),
    entry("lb", "Lëtzebuergesch", "LU"),
    entry("lo", "ລາວ", "LA"),
    entry("lt", "Lietuvių", "LT"),
    entry("lv", "Latviešu", "LV"),
    entry("mg", "Malagasy", "MG"),
    entry("mi", "Māori", "NZ"),
    entry("mk", "Македонски", "MK"),
    entry("ml", "മലയാളം", "IN"),
    entry("mn", "Монгол", "MN"),
    entry("mr", "मराठी", "IN"),
    entry("ms", "Bahasa Melayu", "MY"),
    entry("mt", "Malti", "MT"),
    entry("my", "မြန်မာ", "MM"),
    entry("nb", "Norsk bokmål", "NO"),
    entry("ne", "नेपाली", "NP"),
    entry("nl", "Nederlands", "NL"),
    entry("nl-BE", "Nederlands (België)", "BE"),
    entry("nl-NL", "Nederlands (Nederland)", "NL"),
    entry("nn", "Norsk nynorsk", "NO"),
    entry("no", "Norsk", "NO"),
    entry("oc", "Occitan", "FR"),
    entry("or", "ଓଡ଼ିଆ", "IN"),
    entry("pa", "ਪੰਜਾਬੀ", "IN"),
    entry("pl", "Polski", "PL"),
    entry("pl-PL", "Polski", "PL"),
    entry("ps", "پښتو", "AF"),
    entry("pt", "Português", "BR"),
    entry("pt-BR", "Português (Brasil)", "BR"),
    entry("pt-PT", "Português (Portugal)", "PT"),
    entry("qu", "Runasimi", "PE"),
    entry("rm", "Rumantsch", "CH"),
    entry("ro", "Română", "RO"),
    entry("ru", "Русский", "RU"),
    entry("ru-RU", "Русский", "RU"),
    entry("rw", "Ikinyarwanda", "RW"),
    entry("sa", "संस्कृतम्", "IN"),
    entry("sc", "Sardu", "IT"),
    entry("sd", "سنڌي", "PK"),
    entry("si", "සිංහල", "LK"),
    entry("sk", "Slovenčina", "SK"),
    entry("sl", "Slovenščina", "SI"),
    entry("so", "Soomaali", "SO"),
    entry("sq", "Shqip", "AL"),
    entry("sr", "Српски", "RS"),
    entry("sr-Cyrl", "Српски", "RS"),
    entry("sr-Latn", "Srpski", "RS"),
    entry("sv", "Svenska", "SE"),
    entry("sw", "Kiswahili", "TZ"),
    entry("ta", "தமிழ்", "IN"),
    entry("te", "తెలుగు", "IN"),
    entry("tg", "Тоҷикӣ", "TJ"),
    entry("th", "ไทย", "TH"),
    entry("ti", "ትግርኛ", "ET"),
    entry("tk", "Türkmençe", "TM"),
    entry("tl", "Tagalog", "PH"),
    entry("tr", "Türkçe", "TR"),
    entry("tt", "Татарча", "RU"),
    entry("ug", "ئۇيغۇرچە", "CN"),
    entry("uk", "Українська", "UA"),
    entry("ur", "اردو", "PK"),
    entry("uz", "Oʻzbekcha", "UZ"),
    entry("vi", "Tiếng Việt", "VN"),
    entry("wo", "Wolof", "SN"),
    entry("xh", "isiXhosa", "ZA"),
    entry("yi", "ייִדיש", "UA"),
    entry("yo", "Èdè Yorùbá", "NG"),
    entry("yue", "粵語", "HK"),
    entry("zh", "中文", "CN"),
    entry("zh-CN", "简体中文", "CN"),
    entry("zh-Hans", "简体中文", "CN"),
    entry("zh-Hant", "繁體中文", "TW"),
    entry("zh-HK", "繁體中文 (香港)", "HK"),
    entry("zh-TW", "繁體中文", "TW"),
    entry("zu", "isiZulu", "ZA"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_is_named_in_itself() {
        let check = |tag, name: &str| assert_eq!(own_language_name(tag), name, "{tag}");
        check("de", "Deutsch");
        check("JA", "日本語");
        check("pt-br", "Português (Brasil)");
        check("zh_Hant", "繁體中文");
        check("zh-Hant-HK", "繁體中文 (HK)");
        check("de-LU", "Deutsch (LU)");
        check("tlh", "tlh");
        check("", "");
    }

    #[test]
    fn locale_has_the_usual_territory_of_its_language() {
        let check = |tag, locale: Option<&str>| {
            assert_eq!(open_graph_locale(tag).as_deref(), locale, "{tag}");
        };
        check("de", Some("de_DE"));
        check("pt", Some("pt_BR"));
        check("pt-pt", Some("pt_PT"));
        check("zh-Hant", Some("zh_TW"));
        check("zh-Hant-HK", Some("zh_HK"));
        check("no", Some("nb_NO"));
        check("sr-Latn", Some("sr_RS"));
        check("es-419", Some("es_ES"));
        check("eo", None);
        check("tlh", None);
    }

    #[test]
    fn tags_are_unique_and_names_are_names() {
        let mut tags: Vec<&str> = NAMES.iter().map(|known| known.tag).collect();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), NAMES.len());
        for known in NAMES {
            assert!(!known.name.trim().is_empty() && known.name.trim() == known.name);
            assert!(known.territory.len() == 2 || known.territory.is_empty());
            assert!(is_known_language(known.tag));
        }
    }
}
