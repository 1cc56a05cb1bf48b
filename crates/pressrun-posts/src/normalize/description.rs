//! Chooses the description of a post (R11.1 of the ingest contract).

use pressrun_text::blocks::{BlockKind, collect_link_definitions, is_prose, iter_blocks};
use pressrun_text::line::TextLine;
use pressrun_text::sentences::split_sentences;
use pressrun_text::words;

use super::fields::PostFields;
use crate::diagnostic::{Code, Finding};
use crate::parse::label::Label;
use crate::post::FieldSource;

/// The maximum number of characters of a derived description. A longer given one is reported.
pub const MAX_CHARACTERS: usize = 160;

/// The minimum number of characters of a derived description made of whole sentences.
const MIN_CHARACTERS: usize = 80;

/// Returns the given description, otherwise one derived from the first prose paragraph, if there is
/// one.
pub fn choose_description(
    fields: &PostFields,
    body: &[TextLine],
    findings: &mut Vec<Finding>,
) -> (String, FieldSource) {
    if let Some((text, origin, _)) = fields.text(Label::Description) {
        return (text, origin);
    }
    let Some((line, text)) = find_description(body) else {
        return (String::new(), FieldSource::None);
    };
    let message = "the description was taken from the first paragraph";
    findings.push(Finding::new(
        Code::DescriptionDerived,
        body[line].number,
        message,
    ));
    (shorten_description(&text), FieldSource::Derived)
}

/// Returns the first prose paragraph and its line. A short lead-in (`In brief:`) is passed over if
/// another one follows.
fn find_description(body: &[TextLine]) -> Option<(usize, String)> {
    const MIN_LEAD_WORDS: usize = 10;
    let definitions = collect_link_definitions(body);
    let mut prose = iter_blocks(body)
        .filter(|block| block.kind == BlockKind::Paragraph)
        .map(|block| (block.lines.start, block.plain_with(body, &definitions)))
        .filter(|(_, text)| is_prose(text));
    let mut found = prose.next()?;
    let is_lead =
        |text: &str| text.ends_with([':', '：']) && words::count_words(text) < MIN_LEAD_WORDS;
    while is_lead(&found.1)
        && let Some(next) = prose.next()
    {
        found = next;
    }
    Some(found)
}

/// Cuts a plain text to the length of a description.
fn shorten_description(text: &str) -> String {
    let Some((limit, _)) = text.char_indices().nth(MAX_CHARACTERS) else {
        return text.to_owned();
    };
    let mut end = 0;
    for sentence in split_sentences(text) {
        // Sentences are slices of `text`, so the difference of the pointers is the position.
        let start = sentence.as_ptr() as usize - text.as_ptr() as usize;
        if start + sentence.len() > limit {
            break;
        }
        end = start + sentence.len();
    }
    if text[..end].chars().count() >= MIN_CHARACTERS {
        return text[..end].to_owned();
    }
    cut_at_word(text)
}

/// Cuts a text after a word, and adds an ellipsis.
fn cut_at_word(text: &str) -> String {
    // The ellipsis needs one of the characters.
    let (end, next) = text
        .char_indices()
        .nth(MAX_CHARACTERS - 1)
        .unwrap_or((text.len(), ' '));
    let cut = if next == ' ' {
        end
    } else {
        text[..end].rfind(' ').unwrap_or(end)
    };
    let is_dangling = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '–' | '—' | '-');
    format!("{}…", text[..cut].trim_end_matches(is_dangling))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_paragraph_is_taken_whole() {
        assert_eq!(shorten_description(&"a".repeat(160)), "a".repeat(160));
    }

    #[test]
    fn whole_sentences_are_taken_where_they_fit() {
        let first = format!("{} end.", "aaa ".repeat(19).trim_end());
        assert_eq!(first.len(), 80);
        let text = format!("{first} Bee sea. {}.", "Dee ".repeat(60).trim_end());
        assert_eq!(shorten_description(&text), format!("{first} Bee sea."));
    }

    #[test]
    fn a_long_sentence_is_cut_at_a_word() {
        let text = format!("Yes. {}, end.", "word ".repeat(40).trim_end());
        let cut = shorten_description(&text);
        assert!(
            cut.ends_with("word…") && cut.chars().count() <= 160,
            "{cut}"
        );
        assert_eq!(
            shorten_description(&"é".repeat(200)),
            format!("{}…", "é".repeat(159))
        );
        let text = format!("{} , b", "a".repeat(157)) + &"c".repeat(9);
        assert_eq!(shorten_description(&text), format!("{}…", "a".repeat(157)));
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        let chosen = choose_description(&PostFields::default(), &lines, &mut Vec::new());
        assert_eq!(chosen.0, expected, "{text}");
    }

    #[test]
    fn only_prose_is_taken() {
        check("a subtitle\n\n- a list.\n\nText.", "Text.");
        check("a subtitle\n\n- a list.", "");
    }

    #[test]
    fn a_short_lead_in_is_passed_over() {
        check("In brief:\n\nAnd so:\n\nText.", "Text.");
        check("In brief:\n\n- a list.", "In brief:");
        check(
            "What I learned when I kept bees in the garden:\n\nText.",
            "What I learned when I kept bees in the garden:",
        );
        check("概要：\n\n正文。", "正文。");
    }

    #[test]
    fn marks_that_a_reader_does_not_see_are_no_part_of_it() {
        check(
            "Old.[^1] See [docs][d], [d] and [2][3].\n\n[d]: https://a.example",
            "Old. See docs, d and [2][3].",
        );
    }
}
