//! Slugs: the last part of an address (R12.1 to R12.4 of the ingest contract).
//!
//! Letters of every script are kept, so that a Russian title keeps its words. Only Latin letters
//! lose their accents. A site may choose ASCII slugs instead ([`SlugAlphabet`]), and these are spelt
//! as the language does ([`SlugSpelling`]).
//!
//! Not here: which slugs are taken (`normalize::slug` within a file, `pressrun-site` across files).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use pressrun_text::ascii::{self, AsciiSpelling};
use pressrun_text::characters::{cut_to_bytes, fold_case, is_digit, is_latin, is_letter, is_mark};

/// The maximum number of characters in a slug (R12.3).
pub const MAX_CHARACTERS: usize = 80;

/// The maximum number of bytes in a slug that becomes a file name.
///
/// File names have at most 255 bytes, and a number and an extension are added. In some scripts 80
/// letters take 320 bytes.
pub const MAX_BYTES: usize = 230;

/// The slug of a post whose title and file name give none (R12.4).
pub const FALLBACK: &str = "post";

/// The letters that slugs of a site are made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SlugAlphabet {
    /// Letters of every script.
    #[default]
    Unicode,
    /// ASCII only; other letters are transliterated.
    Ascii,
}

/// What slugs are made from, unless a post states one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SlugOrigin {
    /// The title.
    #[default]
    Title,
    /// The name of the file.
    File,
}

/// How slugs are spelt: with which letters, and in which language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SlugSpelling {
    alphabet: SlugAlphabet,
    language: AsciiSpelling,
}

impl SlugSpelling {
    /// Returns the spelling of an alphabet in the language with this BCP 47 tag.
    pub fn new(alphabet: SlugAlphabet, tag: &str) -> Self {
        let language = AsciiSpelling::of_language(tag);
        Self { alphabet, language }
    }

    /// Returns the spelling for slugs that an author states, which keep their letters.
    #[must_use]
    pub fn of_stated(self) -> Self {
        Self {
            alphabet: SlugAlphabet::Unicode,
            ..self
        }
    }

    /// Returns the same alphabet as no language spells it, or `None` if it is this spelling.
    ///
    /// Terms were once spelt so in every language.
    pub fn without_language(self) -> Option<Self> {
        let common = Self {
            language: AsciiSpelling::Common,
            ..self
        };
        let language = self.spelling_language();
        (language != AsciiSpelling::Common).then_some(common)
    }

    /// Returns the language whose letters are spelt out. With letters of every script, German is the
    /// only one that does it.
    fn spelling_language(self) -> AsciiSpelling {
        match (self.alphabet, self.language) {
            (SlugAlphabet::Ascii, language) | (_, language @ AsciiSpelling::German) => language,
            (SlugAlphabet::Unicode, _) => AsciiSpelling::Common,
        }
    }

    /// Returns the slug of a title or name; empty if this alphabet cannot spell any of it.
    pub fn slugify(self, text: &str) -> String {
        let mut slug = slugify_uncut(&self.spelling_language().spell(text));
        if self.alphabet == SlugAlphabet::Ascii && !slug.is_ascii() {
            // Latin letters are ASCII by now, with the same spelling as in the other alphabet.
            slug = slugify_uncut(&ascii::transliterate_to_ascii(&slug));
        }
        // Cutting comes last, because transliteration can make the slug longer.
        cut_to_length(&mut slug);
        slug
    }

    /// Returns the slug of a file name without folders, extension and leading date, or
    /// [`FALLBACK`].
    pub fn slugify_file_name(self, path: &str) -> String {
        let slug = self.slugify(strip_date_prefix(file_stem(path)));
        if slug.is_empty() {
            FALLBACK.to_owned()
        } else {
            slug
        }
    }
}

/// Returns the slug of a title or name, at most [`MAX_CHARACTERS`] long.
///
/// It is empty if the text has no letter and no digit.
pub fn slugify(text: &str) -> String {
    SlugSpelling::default().slugify(text)
}

/// Returns a slug that is a valid file name on every file system.
///
/// It is cut to [`MAX_BYTES`], and a device name of Windows gets a suffix. This does not depend on
/// the machine, so that a site has the same addresses everywhere.
pub fn make_portable(slug: &str) -> Cow<'_, str> {
    if is_device_name(slug) {
        return format!("{slug}-1").into();
    }
    cut_to_bytes(slug, MAX_BYTES).into()
}

/// Returns whether Windows treats a file or folder with this name as a device, in any case of
/// letters.
///
/// Neither a build nor a clone of the published site could create it there. See "Naming Files,
/// Paths, and Namespaces" in the documentation of Windows.
pub fn is_device_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let port = ["com", "lpt"]
        .iter()
        .find_map(|port| name.strip_prefix(port));
    let is_port = port.is_some_and(|number| {
        let mut digits = number.chars();
        let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
        digits.next().is_some_and(is_digit) && digits.next().is_none()
    });
    is_port || matches!(&*name, "con" | "prn" | "aux" | "nul")
}

/// Returns the slug of a title or name, without a limit on its length (R12.1, R12.2).
pub fn slugify_uncut(text: &str) -> String {
    if let Some(slug) = slugify_plain_ascii(text) {
        return slug;
    }
    if text.is_ascii() {
        return hyphenate_gaps(spell_out(&text.to_ascii_lowercase()).chars());
    }
    let spelled = spell_out(&text.to_lowercase());
    let mut bare = String::with_capacity(spelled.len());
    let mut after_latin = false;
    // Decomposed, a Latin letter is followed by its accents, which are dropped. In other scripts
    // marks change the letter (`й` is not `и`), so they stay.
    for c in spelled.nfd() {
        if is_mark(c) {
            if !after_latin {
                bare.push(c);
            }
        } else {
            after_latin = is_latin(c);
            bare.push(c);
        }
    }
    hyphenate_gaps(bare.nfc())
}

/// Returns the words of a name in lower case. Unlike those of a slug, they have their own letters and
/// marks: *Bär* is not *Bar*.
pub fn split_into_words(name: &str) -> Vec<String> {
    let slug = slugify_plain_ascii(name).unwrap_or_else(|| {
        let folded: String = fold_case(name).nfc().collect();
        let letters = spell_out_names(&folded);
        hyphenate_gaps(letters.chars().filter(|&c| !is_apostrophe(c)))
    });
    let words = slug.split('-').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`')
}

/// Returns the slug of an ASCII text without characters that need spelling out, as in most names.
fn slugify_plain_ascii(text: &str) -> Option<String> {
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            if gap && !slug.is_empty() {
                slug.push('-');
            }
            gap = false;
            slug.push(char::from(byte.to_ascii_lowercase()));
        } else if !byte.is_ascii() || matches!(byte, b'&' | b'\'' | b'`' | b'+' | b'#' | b'.') {
            return None;
        } else {
            gap = true;
        }
    }
    Some(slug)
}

/// Returns the slug of a file name without folders, extension and leading date, or [`FALLBACK`].
pub fn slugify_file_name(path: &str) -> String {
    SlugSpelling::default().slugify_file_name(path)
}

/// Returns the name of a file without its folders and its last extension.
pub fn file_stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rfind('.') {
        // A dot at the start marks a hidden file, not an extension.
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

/// Returns the name of a post by its file: the stem without a leading date.
pub fn name_of_post_file(path: &str) -> &str {
    strip_date_prefix(dated_name_of_post_file(path))
}

/// Returns the stem of a file, which may begin with a date. `index` and `index.de` stand for the
/// folder around them.
pub fn dated_name_of_post_file(path: &str) -> &str {
    let stem = file_stem(path);
    let is_index = stem.split('.').next() == Some("index");
    let mut folders = path.rsplit('/').skip(1);
    // The first folder is that of all content.
    let folder = folders.next().filter(|_| folders.next().is_some());
    folder.filter(|_| is_index).unwrap_or(stem)
}

/// Strips a leading `YYYY-MM-DD-` from a file stem.
fn strip_date_prefix(stem: &str) -> &str {
    match super::date::parse_date_prefix(stem) {
        Some(_) => stem[10..].strip_prefix('-').unwrap_or_default(),
        None => stem,
    }
}

/// Spells out parts of a lower-case text that would be lost: `c++`, `&`, `ß`. Drops apostrophes.
fn spell_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in spell_out_names(text).chars() {
        match c {
            c if is_apostrophe(c) => {}
            'ß' => out.push_str("ss"),
            'æ' | 'ǽ' | 'ǣ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' | 'ǿ' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ł' => out.push('l'),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            'ħ' => out.push('h'),
            c => out.push(c),
        }
    }
    out
}

/// Spells out the names of programming languages in a lower-case text, and `&`.
pub(super) fn spell_out_names(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '+', '#', '.']) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((name, spelling)) = match_language_name(rest, before) {
            out.push_str(spelling);
            before = name.chars().next_back();
            rest = &rest[name.len()..];
            continue;
        }
        match c {
            '&' => out.push_str(" and "),
            c => out.push(c),
        }
        before = Some(c);
        rest = &rest[c.len_utf8()..];
    }
    out.into()
}

/// Returns the programming language whose name `rest` starts with, and its spelling in a slug.
fn match_language_name(rest: &str, before: Option<char>) -> Option<(&'static str, &'static str)> {
    const NAMES: [(&str, &str); 4] = [
        ("c++", "cpp"),
        ("c#", "csharp"),
        ("f#", "fsharp"),
        (".net", "dotnet"),
    ];
    if !matches!(rest.as_bytes()[0], b'c' | b'f' | b'.') || before.is_some_and(is_word) {
        return None;
    }
    let &(name, spelling) = NAMES.iter().find(|(name, _)| rest.starts_with(name))?;
    // `.net` must be a whole word, or `.network` would match. After `c++` and `c#` letters may
    // follow.
    let glued = rest[name.len()..].chars().next().is_some_and(is_word);
    (name != ".net" || !glued).then_some((name, spelling))
}

fn is_word(c: char) -> bool {
    is_letter(c) || is_digit(c)
}

/// Replaces each run of other characters than letters, their marks and digits by one hyphen.
fn hyphenate_gaps(text: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut gap = false;
    let mut on_letter = false;
    for c in text {
        // A mark that has no letter before it is a separator.
        let letter = is_letter(c) || (on_letter && is_mark(c));
        if letter || is_digit(c) {
            if gap && !out.is_empty() {
                out.push('-');
            }
            gap = false;
            out.push(c);
        } else {
            gap = true;
        }
        on_letter = letter;
    }
    out
}

/// Cuts a slug to the maximum length, at a hyphen if there is one (R12.3).
fn cut_to_length(slug: &mut String) {
    let Some((end, next)) = slug.char_indices().nth(MAX_CHARACTERS) else {
        return;
    };
    let at = if next == '-' {
        Some(end)
    } else {
        slug[..end].rfind('-')
    };
    slug.truncate(at.filter(|&at| at > 0).unwrap_or(end));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn plain_names_have_the_slug_that_all_names_have(text in "[a-zA-Z0-9 _,:/+#.&'-]{0,20}") {
            if let Some(slug) = slugify_plain_ascii(&text) {
                let spelled = spell_out(&text.to_ascii_lowercase());
                prop_assert_eq!(slug, hyphenate_gaps(spelled.chars()));
            }
        }
    }

    fn check(text: &str, slug: &str) {
        assert_eq!(slugify(text), slug, "{text}");
    }

    #[track_caller]
    fn check_in(alphabet: SlugAlphabet, tag: &str, text: &str, slug: &str) {
        let spelling = SlugSpelling::new(alphabet, tag);
        assert_eq!(spelling.slugify(text), slug, "{text} in {tag}");
    }

    #[test]
    fn umlauts_of_german_are_spelled_out() {
        for alphabet in [SlugAlphabet::Unicode, SlugAlphabet::Ascii] {
            let slug = "ueber-oel-muetter-and-masse";
            check_in(alphabet, "de-AT", "Über Öl, Mütter & Maße", slug);
            check_in(alphabet, "de", "u\u{308}ber", "ueber");
            check_in(alphabet, "sv", "Kött på ön", "kott-pa-on");
        }
        check("Über Öl", "uber-ol");
    }

    #[test]
    fn ascii_is_spelt_as_the_language_does() {
        for (tag, text, slug) in [
            ("da", "Smørrebrød på Ærø", "smoerrebroed-paa-aeroe"),
            ("tr", "Işık ve ĞÜZEL İstanbul", "isik-ve-guzel-istanbul"),
            ("is", "Þórður og ðað", "thordur-og-dad"),
            ("vi", "Đường phố", "duong-pho"),
            ("pl", "Łódź", "lodz"),
            ("uk", "Харків і п’ять", "kharkiv-i-piat"),
            ("ru", "Гитара", "gitara"),
            ("bg", "Щъркел", "shtarkel"),
            ("el", "Ουρανός", "ouranos"),
            ("ca", "Col·lecció", "colleccio"),
            ("ja", "日本の本", "ri-ben-no-ben"),
        ] {
            check_in(SlugAlphabet::Ascii, tag, text, slug);
        }
        check_in(
            SlugAlphabet::Unicode,
            "da",
            "Smørrebrød på Ærø",
            "smorrebrod-pa-aero",
        );
        check_in(SlugAlphabet::Unicode, "uk", "Харків", "харків");
    }

    #[test]
    fn words_are_lower_case_with_single_hyphens() {
        check("  Soup: a -- Second Try! ", "soup-a-second-try");
        check("Rock & Roll", "rock-and-roll");
        check("R&D", "r-and-d");
        check("…", "");
    }

    #[test]
    fn apostrophes_and_backticks_vanish() {
        check("Don't, don’t and `do`nʼt", "dont-dont-and-dont");
    }

    #[test]
    fn languages_keep_their_names_apart() {
        check("C, C++ and C#", "c-cpp-and-csharp");
        check("F#", "fsharp");
        check("C++20", "cpp20");
        check("Objective-C++", "objective-cpp");
        check("Abc++", "abc");
        check(".NET and ASP.NET, .NETs", "dotnet-and-asp-net-nets");
    }

    #[test]
    fn latin_letters_lose_accents_and_others_keep_theirs() {
        check("Crème brûlée à Łódź", "creme-brulee-a-lodz");
        check("Straße, Þór, Œuvre, Ærø", "strasse-thor-oeuvre-aero");
        check("Ǽ, Ǣ, ǿ and æ\u{301}", "ae-ae-o-and-ae");
        check("Йод и ёлка", "йод-и-ёлка");
        check("हिन्दी में", "हिन्दी-में");
        check("İstanbul ısı", "istanbul-isi");
        check("日本語の本", "日本語の本");
    }

    #[test]
    fn words_of_a_name_keep_their_marks() {
        for (name, words) in [
            ("Bär & Söhne", "bär and söhne"),
            ("Cafe\u{301}s, STRASSE, Straße", "cafés strasse strasse"),
            ("l'Été en C++", "lété en cpp"),
            ("web-Hosting", "web hosting"),
        ] {
            assert_eq!(split_into_words(name).join(" "), words);
        }
    }

    #[test]
    fn a_lone_mark_and_a_fraction_are_not_letters() {
        check("\u{301}a \u{301} ½ Ⅷ ٣", "a-٣");
    }

    #[test]
    fn a_long_slug_is_cut_at_a_hyphen() {
        let text = format!("{} {}", "a".repeat(79), "b".repeat(9));
        check(&text, &"a".repeat(79));
        check(&format!("{} b", "a".repeat(80)), &"a".repeat(80));
        check(&"é".repeat(200), &"e".repeat(80));
        check(&"ч".repeat(200), &"ч".repeat(80));
        check(&format!("{} {}", "a".repeat(79), "ч"), &"a".repeat(79));
    }

    #[test]
    fn every_file_system_can_have_a_portable_slug() {
        for (slug, name) in [
            ("con", "con-1"),
            ("lpt9", "lpt9-1"),
            ("console", "console"),
            ("com10", "com10"),
        ] {
            assert_eq!(make_portable(slug), name);
        }
        let long = "𝛼".repeat(80);
        assert!(
            make_portable(&long).len() <= MAX_BYTES && long.starts_with(&*make_portable(&long))
        );
    }

    #[test]
    fn ascii_alphabet_spells_every_script() {
        for (text, slug) in [
            ("Привет, мир", "privet-mir"),
            ("Объём щи", "obem-shchi"),
            ("北京 & C++", "bei-jing-and-cpp"),
            ("٣ тома", "3-toma"),
            ("Crème brûlée", "creme-brulee"),
            ("★ ½", ""),
        ] {
            check_in(SlugAlphabet::Ascii, "en", text, slug);
        }
        let ascii = SlugSpelling::new(SlugAlphabet::Ascii, "ru");
        assert_eq!(ascii.slugify(&"щ".repeat(80)).len(), 80);
        assert_eq!(ascii.slugify_file_name("2024-02-29-Мир.md"), "mir");
    }

    #[test]
    fn a_file_stem_stands_in_without_its_date() {
        assert_eq!(
            slugify_file_name("content/2024-02-29-Leap Day.md"),
            "leap-day"
        );
        assert_eq!(slugify_file_name("2024-13-01-x.txt"), "2024-13-01-x");
        assert_eq!(slugify_file_name("2024-02-29.txt"), "post");
        assert_eq!(slugify_file_name("….txt"), "post");
        assert_eq!(slugify_file_name(".hidden"), "hidden");
    }

    #[test]
    fn index_is_named_by_its_folder() {
        for (path, name) in [
            ("content/2024-02-29-Leap Day.md", "Leap Day"),
            ("content/leap/index.md", "leap"),
            ("content/a/2024-02-29-leap/index.de.md", "leap"),
            ("content/index.md", "index"),
            ("index.md", "index"),
            ("content/a/indexes.md", "indexes"),
        ] {
            assert_eq!(name_of_post_file(path), name, "{path}");
        }
    }
}
