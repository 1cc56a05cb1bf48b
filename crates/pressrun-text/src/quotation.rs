//! The quotation marks of languages.
//!
//! The table follows the delimiters of CLDR 48 (`main/*/delimiters.json` of `cldr-misc-full`), but
//! for these:
//!
//! - French has narrow no-break spaces inside, which the data leaves to programs, and `“…”` for a
//!   quotation in another, as on most sites. Swiss French has none, like Swiss newspapers.
//! - German of Switzerland and Liechtenstein has `«…»`, which is what is printed there.
//! - Danish has `”…”`, the form in the rules of Dansk Sprognævn, where CLDR has the English one.
//! - Dutch has `“…”` outside and `‘…’` inside: each is what the author typed, a double or a single
//!   mark.
//! - Spanish has `«…»` in Spain and where no country is named, as the Real Academia asks. The
//!   countries of America have `“…”`.
//! - Japanese and traditional Chinese keep straight marks. Authors type `「…」`; a straight mark
//!   stands around foreign words and code, where corner brackets would be wrong.
//!
//! Not here: which straight mark begins a quotation and which is an apostrophe
//! (`pressrun-markdown`).

use crate::language::fold_tag;

/// The quotation marks of a language: each the one that opens and the one that closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotationMarks {
    /// For what stands between straight double marks.
    pub double: [&'static str; 2],
    /// For what stands between straight single marks, and for a quotation inside another.
    pub single: [&'static str; 2],
    /// Letters that are a word of their own behind an apostrophe: `'t` and `'s` in Dutch.
    pub clipped_words: &'static str,
    /// Whether straight marks between and behind Hebrew letters belong to words: `צה"ל`.
    pub in_words: bool,
}

const CURLY: [&str; 2] = ["“", "”"];
const CURLY_SINGLE: [&str; 2] = ["‘", "’"];
const LOW_HIGH: [&str; 2] = ["„", "“"];
const LOW_HIGH_SINGLE: [&str; 2] = ["‚", "‘"];
const LOW_RIGHT: [&str; 2] = ["„", "”"];
const ANGLES: [&str; 2] = ["«", "»"];
const ANGLES_SINGLE: [&str; 2] = ["‹", "›"];
const SPACED_ANGLES: [&str; 2] = ["«\u{202f}", "\u{202f}»"];
const RIGHT: [&str; 2] = ["”", "”"];
const RIGHT_SINGLE: [&str; 2] = ["’", "’"];
const RIGHT_LEFT: [&str; 2] = ["”", "“"];
const RIGHT_LEFT_SINGLE: [&str; 2] = ["’", "‘"];
const STRAIGHT: [&str; 2] = ["\"", "\""];
const STRAIGHT_SINGLE: [&str; 2] = ["'", "'"];

/// Returns the quotation marks of the language with this BCP 47 tag, or `None` for English.
///
/// Languages without an entry have those of English.
pub fn quotation_marks(tag: &str) -> Option<QuotationMarks> {
    let tag = fold_tag(tag);
    let language = tag.split('-').next().unwrap_or_default();
    let has = |wanted: &[&str]| tag.split('-').skip(1).any(|part| wanted.contains(&part));
    let [double, single] = match language {
        "en" => return None,
        "de" | "fr" | "it" if has(&["ch", "li"]) => [ANGLES, ANGLES_SINGLE],
        "de" | "cs" | "sk" | "sl" | "hr" | "mk" | "et" | "is" | "lb" | "nds" | "dsb" | "hsb"
        | "ksh" => [LOW_HIGH, LOW_HIGH_SINGLE],
        "bs" if has(&["cyrl"]) => [LOW_HIGH, LOW_HIGH_SINGLE],
        "bs" => [LOW_RIGHT, CURLY_SINGLE],
        "sr" => [LOW_RIGHT, RIGHT_SINGLE],
        "bg" | "lt" => [LOW_HIGH, LOW_HIGH],
        "ka" => [LOW_HIGH, ANGLES],
        "pl" | "ro" => [LOW_RIGHT, ANGLES],
        "hu" => [LOW_RIGHT, ["»", "«"]],
        "fr" => [SPACED_ANGLES, CURLY],
        "oc" | "ht" | "hy" => [ANGLES, ANGLES],
        "gsw" | "rm" | "fa" | "am" | "mzn" => [ANGLES, ANGLES_SINGLE],
        // No country means the academy of Spanish, but most readers of Portuguese are in Brazil.
        "es" if region_of(&tag).is_none_or(|region| region == "es") => [ANGLES, CURLY],
        "pt" if region_of(&tag).is_none_or(|region| region == "br") => [CURLY, CURLY_SINGLE],
        "pt" | "it" | "ca" | "el" | "eu" | "ast" | "br" | "kk" | "sc" | "lij" => [ANGLES, CURLY],
        "ru" | "uk" | "be" | "ky" | "os" | "sah" => [ANGLES, LOW_HIGH],
        "no" | "nb" | "nn" => [ANGLES, CURLY_SINGLE],
        "da" | "sv" | "fi" | "se" | "he" | "yi" => [RIGHT, RIGHT_SINGLE],
        "ar" | "ur" | "syr" => [RIGHT_LEFT, RIGHT_LEFT_SINGLE],
        "ug" => [["»", "«"], ["›", "‹"]],
        "eo" => [CURLY, ANGLES],
        "ja" | "yue" => [STRAIGHT, STRAIGHT_SINGLE],
        "zh" if has(&["hant"]) || (has(&["tw", "hk", "mo"]) && !has(&["hans"])) => {
            [STRAIGHT, STRAIGHT_SINGLE]
        }
        _ => [CURLY, CURLY_SINGLE],
    };
    Some(QuotationMarks {
        double,
        single,
        clipped_words: match language {
            "nl" | "af" | "fy" => "dkmnrst",
            _ => "",
        },
        in_words: matches!(language, "he" | "yi"),
    })
}

/// Returns the region of a language tag: `ch` of `de-ch`, `419` of `es-419`.
fn region_of(tag: &str) -> Option<&str> {
    tag.split('-').skip(1).find(|part| {
        let bytes = part.as_bytes();
        (bytes.len() == 2 && bytes.iter().all(u8::is_ascii_alphabetic))
            || (bytes.len() == 3 && bytes.iter().all(u8::is_ascii_digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_marks() {
        for (tag, double, single) in [
            ("de", "„…“", "‚…‘"),
            ("de-AT", "„…“", "‚…‘"),
            ("de-CH", "«…»", "‹…›"),
            ("fr", "«\u{202f}…\u{202f}»", "“…”"),
            ("fr-CH", "«…»", "‹…›"),
            ("es", "«…»", "“…”"),
            ("es-MX", "“…”", "‘…’"),
            ("es-419", "“…”", "‘…’"),
            ("pt", "“…”", "‘…’"),
            ("pt-BR", "“…”", "‘…’"),
            ("pt_PT", "«…»", "“…”"),
            ("it", "«…»", "“…”"),
            ("nl", "“…”", "‘…’"),
            ("pl", "„…”", "«…»"),
            ("cs", "„…“", "‚…‘"),
            ("sv", "”…”", "’…’"),
            ("da", "”…”", "’…’"),
            ("nb", "«…»", "‘…’"),
            ("tr", "“…”", "‘…’"),
            ("ru", "«…»", "„…“"),
            ("uk", "«…»", "„…“"),
            ("ar", "”…“", "’…‘"),
            ("he", "”…”", "’…’"),
            ("fa", "«…»", "‹…›"),
            ("hi", "“…”", "‘…’"),
            ("zh-Hans", "“…”", "‘…’"),
            ("zh-CN", "“…”", "‘…’"),
            ("zh-TW", "\"…\"", "'…'"),
            ("zh-Hans-HK", "“…”", "‘…’"),
            ("zh-Hant", "\"…\"", "'…'"),
            ("ja", "\"…\"", "'…'"),
            ("ko", "“…”", "‘…’"),
            ("sw", "“…”", "‘…’"),
        ] {
            let marks = quotation_marks(tag).unwrap();
            assert_eq!(marks.double.join("…"), double, "{tag}");
            assert_eq!(marks.single.join("…"), single, "{tag}");
        }
        assert_eq!(quotation_marks("en-GB"), None);
    }
}
