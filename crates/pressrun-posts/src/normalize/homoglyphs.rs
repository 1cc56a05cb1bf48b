//! Repairs homoglyphs: look-alike letters of another script inside words (R13 of the ingest
//! contract).
//!
//! Rewriting tools put Cyrillic letters into English words so that copies are not detected. Such
//! words mix scripts, which ordinary text hardly ever does. Words of a single script are never
//! changed, because nothing distinguishes a Russian `рот` from a spoofed `pot`.

use pressrun_text::characters::{is_letter, is_mark};
use pressrun_text::inline_code::rewrite_outside_code;
use pressrun_text::line::TextLine;
use pressrun_text::plain::measure_link_target;
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

use crate::diagnostic::{Code, Finding};
use crate::parse::given::GivenField;
use crate::parse::label::Label;

/// Repairs the body outside code and URLs, and the fields that readers see.
///
/// `fields` has the title only if a field gives it; otherwise the title is part of the body.
pub fn repair_homoglyphs(
    body: &mut [TextLine],
    fields: &mut [&mut GivenField],
    findings: &mut Vec<Finding>,
) {
    let in_body = body
        .iter()
        .any(|line| !line.in_fence() && is_suspected(&line.text));
    if !in_body
        && !fields
            .iter()
            .any(|given| given.value.iter_texts().any(is_suspected))
    {
        return;
    }
    let document = document_script(body, fields);
    let mut count = 0;
    let line = rewrite_outside_code(body, is_suspected, |text, out| {
        rewrite_mixed_words(text, document, out, &mut count)
    });
    let mut first = line;
    for given in fields {
        if is_seen(given.label) && repair_field(given, document, &mut count) {
            first = Some(first.map_or(given.line, |line| line.min(given.line)));
        }
    }
    if let Some(line) = first {
        let message =
            format!("look-alike letters from another script were replaced inside words: {count}");
        findings.push(Finding::new(Code::HomoglyphsRepaired, line, message));
    }
}

fn is_seen(label: Label) -> bool {
    matches!(label, Label::Title | Label::SeoTitle | Label::Topic)
        || label.is_description()
        || label.is_list()
}

fn repair_field(given: &mut GivenField, document: Script, count: &mut usize) -> bool {
    let before = *count;
    given.value.for_each_text(|text| {
        if is_suspected(text) {
            let mut out = String::with_capacity(text.len());
            rewrite_mixed_words(text, document, &mut out, count);
            *text = out;
        }
    });
    *count > before
}

/// Returns whether a text has a byte that begins a Greek or Cyrillic letter.
fn is_suspected(text: &str) -> bool {
    !text.is_ascii() && text.bytes().any(|byte| matches!(byte, 0xCD..=0xD4))
}

/// Returns Cyrillic if title and body have more Cyrillic than Latin letters, otherwise Latin.
fn document_script(body: &[TextLine], fields: &[&mut GivenField]) -> Script {
    let title = fields
        .iter()
        .filter(|given| given.label == Label::Title)
        .flat_map(|given| given.value.iter_texts());
    let body = body
        .iter()
        .filter(|line| !line.in_fence())
        .map(|line| &*line.text);
    let mut cyrillic = 0_usize;
    let mut latin = 0_usize;
    for c in body.chain(title).flat_map(str::chars) {
        if c.is_ascii() {
            latin += usize::from(c.is_ascii_alphabetic());
        } else {
            match c.script() {
                Script::Cyrillic => cyrillic += 1,
                Script::Latin => latin += 1,
                _ => {}
            }
        }
    }
    if cyrillic > latin {
        Script::Cyrillic
    } else {
        Script::Latin
    }
}

/// Appends `text` to `out` with mixed words rewritten, except in URLs.
fn rewrite_mixed_words(text: &str, document: Script, out: &mut String, count: &mut usize) -> bool {
    let before = *count;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if is_letter(c) {
            let word = split_first_word(rest);
            let url = measure_url(rest, word);
            if url == 0 {
                push_word(word, document, out, count);
                rest = &rest[word.len()..];
                continue;
            }
            url
        } else if c == ']' {
            // The target of a link is copied as it is.
            1 + measure_link_target(&rest[1..])
                .filter(|_| rest[1..].starts_with('('))
                .unwrap_or(0)
        } else {
            c.len_utf8()
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    *count > before
}

fn split_first_word(text: &str) -> &str {
    let end = text
        .find(|c| !is_letter(c) && !is_mark(c))
        .unwrap_or(text.len());
    &text[..end]
}

/// Returns the length of the URL at the start of `text`, or 0. `word` is the first word of `text`.
fn measure_url(text: &str, word: &str) -> usize {
    let rest = &text[word.len()..];
    if !(rest.starts_with("://") || (word.eq_ignore_ascii_case("www") && rest.starts_with('.'))) {
        return 0;
    }
    text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ')' | ']'))
        .unwrap_or(text.len())
}

fn push_word(word: &str, document: Script, out: &mut String, count: &mut usize) {
    let start = out.len();
    if word.is_ascii() || !is_mixed(word) {
        out.push_str(word);
        return;
    }
    for c in word.chars() {
        // One letter without a twin means that the word is not spoofed, so it stays as a whole.
        let Some(c) = find_twin(c, document) else {
            out.truncate(start);
            out.push_str(word);
            return;
        };
        out.push(c);
    }
    *count += 1;
    // A letter under a combining mark may have changed, so the word is composed again.
    if word.contains(is_mark) {
        let composed: String = out[start..].nfc().collect();
        out.truncate(start);
        out.push_str(&composed);
    }
}

/// Returns whether a word has both Latin letters and Cyrillic or Greek ones.
fn is_mixed(word: &str) -> bool {
    let latin = |c: char| c.is_ascii() || c.script() == Script::Latin;
    word.contains(latin)
        && word.contains(|c: char| matches!(c.script(), Script::Cyrillic | Script::Greek))
}

/// Returns a letter as written in the script of the document, or `None` if it has no twin there.
fn find_twin(c: char, document: Script) -> Option<char> {
    let script = c.script();
    if script == document || matches!(script, Script::Common | Script::Inherited) {
        return Some(c);
    }
    let table: &[(&str, &str)] = match (document, script) {
        (Script::Latin, Script::Cyrillic) => &CYRILLIC_TO_LATIN,
        (Script::Latin, Script::Greek) => &GREEK_TO_LATIN,
        (Script::Cyrillic, Script::Latin) => &LATIN_TO_CYRILLIC,
        _ => return None,
    };
    table.iter().find_map(|(from, to)| {
        let at = from.chars().position(|known| known == c)?;
        to.chars().nth(at)
    })
}

const CYRILLIC_TO_LATIN: [(&str, &str); 2] = [
    ("асеорхуіѕјԁһԛԝӏ", "aceopxyisjdhqwl"),
    ("АВЕКМНОРСТХУІЅЈԚԜ", "ABEKMHOPCTXYISJQW"),
];

const GREEK_TO_LATIN: [(&str, &str); 1] = [("οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oABEZHIKMNOPTYX")];

const LATIN_TO_CYRILLIC: [(&str, &str); 2] =
    [("aceopxy", "асеорху"), ("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::value::FieldValue;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut body = [TextLine::new(text, 1)];
        let mut findings = Vec::new();
        repair_homoglyphs(&mut body, &mut [], &mut findings);
        assert_eq!(body[0].text, expected);
        assert_eq!(findings.len(), usize::from(text != expected), "{text}");
    }

    #[test]
    fn the_tables_are_pairs_of_equal_length() {
        for (from, to) in CYRILLIC_TO_LATIN
            .iter()
            .chain(&GREEK_TO_LATIN)
            .chain(&LATIN_TO_CYRILLIC)
        {
            assert_eq!(from.chars().count(), to.chars().count());
            assert!(
                from.chars()
                    .zip(to.chars())
                    .all(|(a, b)| a.script() != b.script())
            );
        }
    }

    #[test]
    fn mixed_words_take_the_script_of_the_document() {
        check("Thе соffее shоp is ореn.", "The coffee shop is open.");
        check("А Βrief Νote", "А Brief Note");
        check("Мoсква и Caнкт-Петербург", "Москва и Санкт-Петербург");
    }

    #[test]
    fn words_of_one_script_stay() {
        for text in [
            "рот and pot",
            "слово О here and more letters",
            "ΟΡΕΝ",
            "iPhone и Москва, слова",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn words_with_other_letters_stay() {
        for text in ["kΩ and ρgh", "Aν", "фish and chips"] {
            check(text, text);
        }
    }

    #[test]
    fn code_and_urls_stay() {
        for text in [
            "`pаypal` code",
            "see https://pаypal.example/а and go",
            "[link](pаypal) text",
            "www.pаypal.example is it",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn fields_are_repaired_too() {
        let mut tags = GivenField {
            label: Label::Tags,
            name: "TAGS".to_owned(),
            value: FieldValue::Text("соffee, tea".to_owned()),
            line: 3,
        };
        let mut findings = Vec::new();
        repair_homoglyphs(
            &mut [TextLine::new("text", 5)],
            &mut [&mut tags],
            &mut findings,
        );
        assert_eq!(tags.value, FieldValue::Text("coffee, tea".to_owned()));
        assert_eq!(findings[0].line, Some(3));
    }
}
