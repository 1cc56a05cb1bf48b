//! The letters under which an index lists names: Ä under A in German, after Z in Swedish, Ch after H in Czech.
//!
//! As ICU's `AlphabeticIndex`: CLDR lists the letters of each language ("index exemplars"), and a name stands
//! under the last of them that does not come after it. Only letters decide, no marks and no cases. Names in another script
//! stand under its letters.

use std::collections::HashMap;

use icu_collator::CollatorBorrowed;
use icu_collator::options::Strength;
use icu_locale::LocaleExpander;
use icu_locale::exemplar_chars::ExemplarCharacters;
use icu_locale_core::LanguageIdentifier;
use icu_locale_core::subtags;
use icu_provider::DataLocale;
use unicode_script::{Script, UnicodeScript};

use crate::order::{collation_key, load_collator};

/// The heading of all names that begin with no letter.
const NO_LETTER: &str = "#";

/// The heading of Chinese characters where the language does not sort them by sound or strokes. Japanese indexes
/// by this word where readings are not known.
const CHINESE_CHARACTERS: &str = "漢字";

/// The first of them where they sort by radicals.
const FIRST_CHINESE_CHARACTER: &str = "一";

/// The heading of a group of names. Headings sort as the language sorts their letters; `#` comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexLetter {
    /// The collation key that gives the heading its place.
    place: Vec<u8>,
    /// The letter as readers see it.
    pub label: String,
}

/// Finds the headings of names in an index of one language.
pub struct IndexLetters {
    language: LanguageIdentifier,
    script: Script,
    /// Compares letters without their marks and cases.
    collator: CollatorBorrowed<'static>,
    /// The letters of each script that was asked for, in order.
    letters: HashMap<Script, Vec<LetterStart>>,
}

/// Where the names of a letter begin.
#[derive(Clone)]
struct LetterStart {
    /// The collation key of the first of them.
    key: Vec<u8>,
    letter: IndexLetter,
}

impl IndexLetters {
    pub(crate) fn load(language: &LanguageIdentifier) -> Self {
        let mut full = language.clone();
        LocaleExpander::new_common().maximize(&mut full);
        let script = full.script.map_or(Script::Latin, to_unicode_script);
        Self {
            language: language.clone(),
            script: folded_script(script),
            collator: load_collator(language, Strength::Primary),
            letters: HashMap::new(),
        }
    }

    /// Returns the heading under which a name stands.
    pub fn find_letter(&mut self, name: &str) -> IndexLetter {
        let Some(first) = name.chars().next().filter(|c| c.is_alphabetic()) else {
            return IndexLetter {
                place: Vec::new(),
                label: NO_LETTER.to_owned(),
            };
        };
        let key = collation_key(&self.collator, name);
        let letters = self.letters_of(folded_script(first.script()));
        let after = letters.partition_point(|start| start.key <= key);
        match after.checked_sub(1) {
            Some(place) => letters[place].letter.clone(),
            None => self.letter_itself(first),
        }
    }

    /// Returns the letters of a script: those of the language if it uses the script, or those of the language that
    /// uses it most.
    fn letters_of(&mut self, script: Script) -> &[LetterStart] {
        if !self.letters.contains_key(&script) {
            let letters = match script {
                Script::Han => self.load_chinese_letters(),
                _ => self.load_letters(script),
            };
            self.letters.insert(script, letters);
        }
        &self.letters[&script]
    }

    fn load_letters(&self, script: Script) -> Vec<LetterStart> {
        let language = if script == self.script {
            self.language.clone()
        } else {
            likely_language(script)
        };
        let has_script = |letter: &String| {
            let first = letter.chars().next();
            first.is_some_and(|c| folded_script(c.script()) == script)
        };
        let mut labels = index_exemplars(&language);
        labels.retain(|letter| has_script(letter) && self.is_one_letter(letter));
        // Of letters that differ in marks only the first stays: Е, and not Ё, in Russian.
        let order = load_collator(&self.language, Strength::Tertiary);
        labels.sort_by(|a, b| order.compare(a, b).then_with(|| a.cmp(b)));
        labels.dedup_by(|later, earlier| self.collator.compare(later, earlier).is_eq());
        let letters = labels.iter();
        let mut letters: Vec<_> = letters
            .map(|letter| self.start_of(letter, title_case(letter)))
            .collect();
        if script == Script::Latin {
            self.place_among_pinyin(&mut letters);
        }
        letters
    }

    /// Gives Latin letters the places of those of Pinyin, so that Chinese and other names share headings.
    fn place_among_pinyin(&self, letters: &mut [LetterStart]) {
        for letter in letters {
            if let Some(pinyin) = self.start_of_chinese(&letter.letter.label, String::new()) {
                letter.letter.place = pinyin.key;
            }
        }
    }

    /// Returns the headings of Chinese characters: by Pinyin or by strokes if the language sorts so, by the sound in
    /// Korean, or one for all of them.
    fn load_chinese_letters(&mut self) -> Vec<LetterStart> {
        if self.script == Script::Hangul {
            return self.letters_of(Script::Hangul).to_vec();
        }
        let pinyin = ('A'..='Z').map(|letter| (letter, letter.to_string()));
        let strokes = (1..=64_u32).filter_map(|count| {
            // Signs of the Braille block stand for the numbers.
            Some((char::from_u32(0x2800 + count)?, format!("{count}劃")))
        });
        let mut letters: Vec<LetterStart> = pinyin
            .chain(strokes)
            .filter_map(|(mark, label)| self.start_of_chinese(&mark.to_string(), label))
            .collect();
        if letters.is_empty() {
            let all = self.start_of(FIRST_CHINESE_CHARACTER, CHINESE_CHARACTERS.to_owned());
            letters.push(all);
        }
        letters
    }

    /// Returns where the Chinese characters of a letter of Pinyin or of a number of strokes begin. The collations hold
    /// these places as texts that begin with the noncharacter U+FDD0.
    fn start_of_chinese(&self, mark: &str, label: String) -> Option<LetterStart> {
        let start = self.start_of(&format!("\u{FDD0}{mark}"), label);
        // Collations without this place sort it as they sort the noncharacter, after all characters.
        let nowhere = collation_key(&self.collator, "\u{FDD0}");
        (start.key < nowhere).then_some(start)
    }

    fn start_of(&self, sorted_as: &str, label: String) -> LetterStart {
        let key = collation_key(&self.collator, sorted_as);
        let letter = IndexLetter {
            place: key.clone(),
            label,
        };
        LetterStart { key, letter }
    }

    /// Makes a heading of the first letter of a name, for scripts of which no index is known.
    fn letter_itself(&self, first: char) -> IndexLetter {
        let label: String = first.to_uppercase().collect();
        self.start_of(&first.to_string(), label).letter
    }

    /// Tells whether the language sorts these characters as one letter, as Czech does with `ch`.
    fn is_one_letter(&self, letter: &str) -> bool {
        /// U+034F, the combining grapheme joiner, which keeps letters apart that would sort as one.
        const JOINER: &str = "\u{34F}";
        let apart: Vec<String> = letter.chars().map(String::from).collect();
        apart.len() == 1 || self.collator.compare(letter, &apart.join(JOINER)).is_ne()
    }
}

/// Lists the letters that CLDR has for an index of a language.
fn index_exemplars(language: &LanguageIdentifier) -> Vec<String> {
    let locale = DataLocale::from(language.clone());
    let Ok(exemplars) = ExemplarCharacters::try_new_index(&locale) else {
        return Vec::new();
    };
    let characters = exemplars.code_points().iter_chars().map(String::from);
    let strings = exemplars.strings().iter().map(str::to_owned);
    characters.chain(strings).collect()
}

/// Returns the language that uses a script most, such as Russian of Cyrillic.
fn likely_language(script: Script) -> LanguageIdentifier {
    let script = subtags::Script::try_from_str(script.short_name()).ok();
    let mut language = LanguageIdentifier::UNKNOWN;
    language.script = script;
    LocaleExpander::new_common().maximize(&mut language);
    LanguageIdentifier {
        script: None,
        region: None,
        ..language
    }
}

/// Writes a letter of several characters as names begin with it: `Ch`, not `CH`.
fn title_case(letter: &str) -> String {
    let mut characters = letter.chars();
    let first = characters.next().into_iter();
    first
        .chain(characters.flat_map(char::to_lowercase))
        .collect()
}

/// Returns the script with which letters share an index.
fn folded_script(script: Script) -> Script {
    match script {
        Script::Katakana => Script::Hiragana,
        other => other,
    }
}

/// Returns the main script of a language; for those that mix several, the one of their index.
fn to_unicode_script(script: subtags::Script) -> Script {
    match script.as_str() {
        "Jpan" => Script::Hiragana,
        "Kore" => Script::Hangul,
        "Hans" | "Hant" => Script::Han,
        name => Script::from_short_name(name).unwrap_or(Script::Latin),
    }
}

#[cfg(test)]
mod tests {
    use crate::locale::Locale;

    /// Checks the headings of an index, each with its names.
    fn check(tag: &str, names: &[&str], expected: &str) {
        let locale = Locale::for_tag(tag);
        let mut letters = locale.index_letters();
        let mut listed: Vec<_> = names
            .iter()
            .map(|name| (letters.find_letter(name), locale.sort_key(name), *name))
            .collect();
        listed.sort();
        let groups = listed.chunk_by(|a, b| a.0 == b.0).map(|group| {
            let names: Vec<&str> = group.iter().map(|(_, _, name)| *name).collect();
            format!("{}: {}", group[0].0.label, names.join(" "))
        });
        assert_eq!(groups.collect::<Vec<_>>().join("; "), expected, "{tag}");
    }

    #[test]
    fn letters_with_marks_stand_where_the_language_puts_them() {
        let names = ["Äpfel", "apa", "zoo", "Öl", "Ångström"];
        check("de", &names, "A: Ångström apa Äpfel; O: Öl; Z: zoo");
        check("en", &names, "A: Ångström apa Äpfel; O: Öl; Z: zoo");
        check("sv", &names, "A: apa; Z: zoo; Å: Ångström; Ä: Äpfel; Ö: Öl");
        check("fr", &["État", "œuf", "zut"], "E: État; O: œuf; Z: zut");
        check(
            "es",
            &["oso", "ñandú", "nube", "llave"],
            "L: llave; N: nube; Ñ: ñandú; O: oso",
        );
        check(
            "pl",
            &["Łódź", "Lublin", "żaba", "źle"],
            "L: Lublin; Ł: Łódź; Ź: źle; Ż: żaba",
        );
        check(
            "tr",
            &["iyi", "Isparta", "çay"],
            "Ç: çay; I: Isparta; İ: iyi",
        );
        check("vi", &["đường", "dao", "ăn"], "Ă: ăn; D: dao; Đ: đường");
    }

    #[test]
    fn two_characters_may_be_one_letter() {
        let names = ["cesta", "chata", "hora", "ide", "čaj"];
        check("cs", &names, "C: cesta; Č: čaj; H: hora; Ch: chata; I: ide");
        check("de", &names, "C: čaj cesta chata; H: hora; I: ide");
    }

    #[test]
    fn names_that_begin_with_no_letter_stand_first() {
        check("en", &["Rust", "3D", ".NET", ""], "#:  .NET 3D; R: Rust");
        check("ar", &["٣", "Rust"], "#: ٣; R: Rust");
    }

    #[test]
    fn scripts_have_their_own_letters() {
        check(
            "ru",
            &["ёлка", "ель", "Rust", "яблоко"],
            "Е: ёлка ель; Я: яблоко; R: Rust",
        );
        check(
            "en",
            &["ёлка", "Rust", "서울", "カフェ"],
            "R: Rust; Е: ёлка; ㅅ: 서울; か: カフェ",
        );
        check("ar", &["برمجة", "أحمد"], "ا: أحمد; ب: برمجة");
        check("he", &["תכנות", "אדם"], "א: אדם; ת: תכנות");
        check("fa", &["گل", "کتاب", "پدر"], "پ: پدر; ک: کتاب; گ: گل");
        check("hi", &["हिंदी", "कला", "ज़मीन"], "क: कला; ज: ज़मीन; ह: हिंदी");
        // The vowel is written before the consonant under which a word stands.
        check("th", &["เกม", "ปลา"], "ก: เกม; ป: ปลา");
    }

    #[test]
    fn east_asian_names_stand_by_sound_or_strokes() {
        let names = ["カフェ", "がく", "パン", "日本", "Rust"];
        check(
            "ja",
            &names,
            "R: Rust; か: がく カフェ; は: パン; 漢字: 日本",
        );
        check(
            "ko",
            &["한국", "까치", "가나", "漢字"],
            "ㄱ: 가나 까치; ㅎ: 한국 漢字",
        );
        let names = ["安全", "编程", "中国", "Apple", "Rust"];
        check(
            "zh-Hans",
            &names,
            "A: 安全 Apple; B: 编程; R: Rust; Z: 中国",
        );
        check("zh-Hant", &["龍", "一", "人"], "1劃: 一; 2劃: 人; 16劃: 龍");
        check("zh-TW", &["龍", "一"], "1劃: 一; 16劃: 龍");
        check("de", &["日本", "中国"], "漢字: 中国 日本");
    }
}
