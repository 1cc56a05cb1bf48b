//! The script that reads the index in a browser: Pagefind's own, compiled for each language that it
//! has word stems for.
//!
//! `script/README.md` says where the files come from.

use pagefind_stem::Algorithm;

/// The version of the script, and of the format that it reads.
pub(super) const VERSION: &str = "1.6.0";

/// Files that every index has.
pub(super) const COMMON: [(&str, &[u8]); 3] = [
    ("pagefind.js", include_bytes!("script/pagefind.js")),
    (
        "pagefind-worker.js",
        include_bytes!("script/pagefind-worker.js"),
    ),
    (
        "wasm.unknown.pagefind",
        include_bytes!("script/wasm/unknown.wasm.gz"),
    ),
];

/// Makes the stemmer of a language. [`Algorithm`] cannot be copied.
type MakeStemming = fn() -> Algorithm;

/// Returns how words of a language are reduced to their stems, and the program for browsers that does
/// the same. `base` is the first part of its BCP 47 tag.
pub(super) fn stemming(base: &str) -> Option<(MakeStemming, &'static [u8])> {
    macro_rules! table {
        ($($($tag:literal)|+ => $file:literal $algorithm:ident,)+) => {
            match base {
                $($($tag)|+ => Some((
                    || Algorithm::$algorithm,
                    include_bytes!(concat!("script/wasm/", $file, ".wasm.gz")).as_slice(),
                )),)+
                _ => None,
            }
        };
    }
    table! {
        "ar" => "ar" Arabic,
        "ca" => "ca" Catalan,
        "da" => "da" Danish,
        "de" => "de" German,
        "el" => "el" Greek,
        "en" => "en" English,
        "eo" => "eo" Esperanto,
        "es" => "es" Spanish,
        "et" => "et" Estonian,
        "eu" => "eu" Basque,
        "fi" => "fi" Finnish,
        "fr" => "fr" French,
        "ga" => "ga" Irish,
        "hi" => "hi" Hindi,
        "hu" => "hu" Hungarian,
        "hy" => "hy" Armenian,
        "id" => "id" Indonesian,
        "it" => "it" Italian,
        "lt" => "lt" Lithuanian,
        "nb" | "nn" | "no" => "nb" Norwegian,
        "ne" => "ne" Nepali,
        "nl" => "nl" Dutch,
        "pl" => "pl" Polish,
        "pt" => "pt" Portuguese,
        "ro" => "ro" Romanian,
        "ru" => "ru" Russian,
        "sr" => "sr" Serbian,
        "sv" => "sv" Swedish,
        "ta" => "ta" Tamil,
        "tr" => "tr" Turkish,
        "yi" => "yi" Yiddish,
    }
}

/// Returns the language of a BCP 47 tag without its region and script.
pub(super) fn base_language(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}
