//! Recognises what a model says before its text: "Sure! Here is the article:" (R8.1 of the ingest
//! contract, for unlabelled replies).

use pressrun_text::blocks::{Block, BlockKind, is_all_bold, iter_blocks};
use pressrun_text::line::TextLine;
use pressrun_text::plain::markdown_to_plain;
use pressrun_text::words::{self, fold_for_phrases, strip_phrase};

use super::front_matter;
use super::label::parse_label_line;

/// Returns the number of `lines` that the preamble at their start takes, or 0 if there is none.
pub fn count_preamble_lines(lines: &[TextLine]) -> usize {
    let mut all = iter_blocks(lines);
    let Some(first) = all.find(|block| block.kind != BlockKind::Rule) else {
        return 0;
    };
    let is_preamble = match first.kind {
        // No label name begins like a preamble, so this is a field.
        BlockKind::Paragraph if parse_label_line(&lines[first.lines.start].text).is_some() => false,
        BlockKind::Paragraph => {
            let text = first.plain(lines);
            let next = all.next();
            reads_like_preamble(
                &text,
                next.is_some_and(|next| begins_text(&lines[first.lines.end..], &next, lines)),
            )
        }
        // A rule directly below the preamble turns it into a heading by accident.
        BlockKind::Heading(2) if first.lines.len() > 1 => {
            let text = first.plain(lines);
            text.ends_with(':') && reads_like_preamble(&text, true)
        }
        _ => false,
    };
    if is_preamble { first.lines.end } else { 0 }
}

/// Returns whether a paragraph is a preamble, if the text begins right after it or it ends in a
/// colon.
pub fn reads_like_preamble(plain_text: &str, followed: bool) -> bool {
    let colon = plain_text.ends_with([':', '：']);
    if !(colon || followed) || words::count_words(plain_text) > MAX_WORDS {
        return false;
    }
    let text = fold_for_phrases(plain_text);
    let strong = starts_with_any(&text, &STRONG);
    let names_the_text = || {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|word| NAMES.contains(&word))
    };
    (strong && colon) || ((strong || starts_with_any(&text, &WEAK)) && names_the_text())
}

/// The maximum number of words in a preamble.
const MAX_WORDS: usize = 40;

/// Openings of a preamble that need only a colon at its end.
const STRONG: [&str; 8] = [
    "sure",
    "certainly",
    "of course",
    "absolutely",
    "no problem",
    "happy to help",
    "great question",
    "great topic",
];

/// Openings that need a word for the text ([`NAMES`]) as well.
const WEAK: [&str; 10] = [
    "great",
    "okay",
    "ok",
    "yes",
    "here is",
    "here's",
    "here are",
    "below is",
    "i've written",
    "i have written",
];

/// The words by which a preamble refers to the text that follows it.
const NAMES: [&str; 12] = [
    "blog",
    "post",
    "article",
    "draft",
    "version",
    "rewrite",
    "reply",
    "content",
    "markdown",
    "piece",
    "topic",
    "requested",
];

fn starts_with_any(text: &str, phrases: &[&str]) -> bool {
    phrases
        .iter()
        .any(|phrase| strip_phrase(text, phrase).is_some())
}

/// Returns whether a block begins the text itself: a heading, rule, all-bold line, label or front
/// matter.
fn begins_text(rest: &[TextLine], block: &Block, lines: &[TextLine]) -> bool {
    let first = &lines[block.lines.start];
    let blank = rest.iter().take_while(|line| line.is_blank()).count();
    block.is_heading()
        || block.kind == BlockKind::Rule
        || is_all_bold(&first.text)
        || parse_label_line(&first.text).is_some()
        || front_matter::count_front_matter_lines(&rest[blank..]).is_some()
}

/// Returns whether `lines` are exactly one preamble, if the text begins after it.
pub fn is_only_preamble(lines: &[TextLine]) -> bool {
    let mut paragraphs = iter_blocks(lines).filter(|block| block.kind != BlockKind::Rule);
    match (paragraphs.next(), paragraphs.next()) {
        (Some(block), None) if block.kind == BlockKind::Paragraph => {
            reads_like_preamble(&markdown_to_plain(&block.text(lines)), true)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: usize) {
        let lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        assert_eq!(count_preamble_lines(&lines), expected, "{text}");
    }

    #[test]
    fn a_preamble_names_the_text_and_ends_in_a_colon() {
        check("Here's the article:\n\nBees.", 1);
        check("I’ve written a draft for\nyou:\n\nBees.", 2);
        check("Here are bees:\n\nBees.", 0);
        check("Here's the article.\n\nBees.", 0);
    }

    #[test]
    fn a_strong_opening_needs_only_a_colon() {
        check("Certainly! Bees it is:\n\nBees.", 1);
        check("Great! Bees it is:\n\nBees.", 0);
    }

    #[test]
    fn the_start_of_the_text_may_stand_for_the_colon() {
        for next in [
            "# Bees",
            "---",
            "**Bees**",
            "Tags: bees",
            "---\ntitle: bees\n---",
        ] {
            check(&format!("Sure! Here is a post.\n\n{next}\n\nBees."), 1);
        }
        check("Sure! Here is a post.\n\nBees.", 0);
    }

    #[test]
    fn a_rule_right_under_it_makes_no_heading_of_it() {
        check("Sure! Here is the post:\n---\n\nBees.", 2);
        check("Sure ways to post\n---\n\nBees.", 0);
    }

    #[test]
    fn long_or_other_paragraphs_are_text() {
        check(&format!("Sure, {} post:\n\nBees.", "very ".repeat(39)), 0);
        check("Surely the post:\n\nBees.", 0);
        check("Sure-fire ways to write a blog post:\n\nBees.", 0);
        check("Not sure. Here is the post:\n\nBees.", 0);
    }
}
