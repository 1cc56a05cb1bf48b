//! Recognises what a model says before its text: "Sure! Here is the article:" (R8.1 of the ingest
//! contract, for unlabelled replies).

use std::sync::LazyLock;

use pressrun_text::blocks::{Block, BlockKind, is_all_bold, iter_blocks};
use pressrun_text::line::TextLine;

use super::front_matter;
use super::interface_line::is_interface_line;
use super::label::parse_label_line;
use super::tagged_reply;
use crate::phrases::{LanguagePhrases, Phrase, PhraseIndex, fold_phrase_text};

/// Returns the number of `lines` that the preamble at their start takes, or 0 if there is none.
///
/// `unwrapped_at` is the line where a fence around the reply began, if one was taken off.
pub fn count_preamble_lines(lines: &[TextLine], unwrapped_at: Option<usize>) -> usize {
    // Rules and lines of the interface may stand around it.
    let mut blocks = iter_blocks(lines).filter(|block| {
        block.kind != BlockKind::Rule
            && !(block.is_single_line_paragraph()
                && is_interface_line(&lines[block.lines.start].text))
    });
    let Some(mut first) = blocks.next() else {
        return 0;
    };
    if is_lone_opening(&first, lines)
        && let Some(second) = blocks
            .next()
            .filter(|block| block.kind == BlockKind::Paragraph)
    {
        // "Got it!" alone belongs to the preamble after it.
        first = second;
    }
    if is_preamble(&first, lines, unwrapped_at) {
        first.lines.end
    } else {
        0
    }
}

/// Returns whether `lines` are exactly one preamble, if a fence around the text begins after it.
pub fn is_only_preamble(lines: &[TextLine]) -> bool {
    let end = count_preamble_lines(lines, Some(lines.len()));
    end > 0 && iter_blocks(&lines[end..]).all(|block| block.kind == BlockKind::Rule)
}

/// Returns whether a block is a preamble.
fn is_preamble(block: &Block, lines: &[TextLine], unwrapped_at: Option<usize>) -> bool {
    match block.kind {
        // No label name begins like a preamble, so this is a field.
        BlockKind::Paragraph if parse_label_line(&lines[block.lines.start].text).is_some() => false,
        BlockKind::Paragraph => reads_like_preamble(block, lines, || {
            classify_follower(lines, block.lines.end, unwrapped_at)
        }),
        // A rule directly below the preamble turns it into a heading by accident. Nobody ends a
        // heading like this.
        BlockKind::Heading(2) if block.lines.len() > 1 => {
            let ends = lines[block.lines.end - 2]
                .text
                .trim_end()
                .ends_with([':', '.', '!', '：', '。', '！']);
            ends && reads_like_preamble(block, lines, || Follower::Beginning)
        }
        _ => false,
    }
}

/// What follows a paragraph, as a sign that the text begins there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follower {
    /// A rule, an H1, an all-bold line, a label, front matter, or a fence that was taken off.
    Beginning,
    /// A heading below an H1.
    LowerHeading,
    /// Other text.
    Text,
}

fn classify_follower(lines: &[TextLine], end: usize, unwrapped_at: Option<usize>) -> Follower {
    let rest = &lines[end..];
    let blank = rest.iter().take_while(|line| line.is_blank()).count();
    if unwrapped_at.is_some_and(|at| (end..=end + blank).contains(&at)) {
        return Follower::Beginning;
    }
    let Some(next) = iter_blocks(rest).next() else {
        return Follower::Text;
    };
    let first = &rest[next.lines.start].text;
    let begins = matches!(next.kind, BlockKind::Rule | BlockKind::Heading(1))
        || is_all_bold(first)
        || parse_label_line(first).is_some()
        || front_matter::find_front_matter(rest).is_some()
        || tagged_reply::read_tagged_reply(rest).is_some();
    if begins {
        Follower::Beginning
    } else if next.is_heading() {
        Follower::LowerHeading
    } else {
        Follower::Text
    }
}

/// A length in bytes that no preamble exceeds. It spares long paragraphs the work.
const MAX_LENGTH: usize = 2000;

static STRONG: LazyLock<PhraseIndex> =
    LazyLock::new(|| PhraseIndex::new(|language| &language.preamble.strong));
static WEAK: LazyLock<PhraseIndex> =
    LazyLock::new(|| PhraseIndex::new(|language| &language.preamble.weak));

/// Returns whether a paragraph says that the text follows.
fn reads_like_preamble(
    block: &Block,
    lines: &[TextLine],
    follower: impl FnOnce() -> Follower,
) -> bool {
    let Some(plain) = read_opening(block, lines).filter(|plain| may_fit_opening(plain)) else {
        return false;
    };
    let colon = plain.ends_with([':', '：']);
    let text = fold_phrase_text(&plain);
    let names_the_text = |language: &LanguagePhrases| {
        let words: &[Phrase] = &language.preamble.words;
        words.iter().any(|word| word.is_in(&text))
    };
    let strong = STRONG
        .find_starts(&text)
        .filter(|(language, ..)| fits_opening(&plain, language))
        .any(|(language, ..)| colon || names_the_text(language));
    let is_weak = || {
        WEAK.find_starts(&text)
            .any(|(language, ..)| fits_opening(&plain, language) && names_the_text(language))
    };
    if !strong && !is_weak() {
        return false;
    }
    colon
        || match follower() {
            Follower::Beginning => true,
            Follower::LowerHeading => strong,
            Follower::Text => false,
        }
}

/// Returns whether a paragraph is nothing but an opening such as "Got it!".
fn is_lone_opening(block: &Block, lines: &[TextLine]) -> bool {
    const MAX_WORDS: usize = 4;
    if block.kind != BlockKind::Paragraph {
        return false;
    }
    read_opening(block, lines).is_some_and(|plain| {
        // Most paragraphs are longer, and need not be folded.
        plain.split_whitespace().nth(MAX_WORDS).is_none() && {
            let text = fold_phrase_text(&plain);
            STRONG
                .find_starts(&text)
                .any(|(_, phrase, _)| phrase.is_whole(&text))
        }
    })
}

/// Returns the plain text of a block that may start like a preamble.
fn read_opening(block: &Block, lines: &[TextLine]) -> Option<String> {
    let length: usize = lines[block.lines.clone()]
        .iter()
        .map(|line| line.text.len())
        .sum();
    let may_start = |text: &str| STRONG.may_start(text) || WEAK.may_start(text);
    // Most texts begin with a letter that no phrase begins with, and need not be made plain.
    let first = lines[block.lines.start].text.trim_start();
    if length > MAX_LENGTH || (first.starts_with(char::is_alphanumeric) && !may_start(first)) {
        return None;
    }
    let plain = block.plain(lines);
    may_start(&plain).then_some(plain)
}

/// The length of a preamble, in words and, in languages without spaces, in characters.
const MAX_OPENING: (usize, usize) = (40, 100);

/// Returns whether a text is short enough for a preamble in this language.
fn fits_opening(plain: &str, language: &LanguagePhrases) -> bool {
    language.is_within(plain, MAX_OPENING.0, MAX_OPENING.1)
}

/// Returns whether a text is short enough in any language, which is soon known.
fn may_fit_opening(plain: &str) -> bool {
    plain.split_whitespace().nth(MAX_OPENING.0).is_none()
        || plain.chars().nth(MAX_OPENING.1).is_none()
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
        assert_eq!(count_preamble_lines(&lines, None), expected, "{text}");
    }

    #[test]
    fn a_preamble_names_the_text_and_ends_in_a_colon() {
        check("Here's the article:\n\nBees.", 1);
        check("I’ve written a draft for\nyou:\n\nBees.", 2);
        check("Here are bees:\n\nBees.", 0);
        check("Here's the article.\n\nBees.", 0);
    }

    #[test]
    fn a_weak_opening_needs_a_colon_or_an_h1() {
        check("Here is a post about bees.\n\n# Bees\n\nBees.", 1);
        check("Here is a post about bees.\n\n## Bees\n\nBees.", 0);
        check("Sure! A post about bees.\n\n## Bees\n\nBees.", 1);
    }

    #[test]
    fn a_lone_opening_goes_with_the_preamble_after_it() {
        check("Got it!\n\nHere is the post:\n\nBees.", 3);
        check("Got it!\n\nBees.", 0);
        check("Got it! Bees!\n\nHere is the post:\n\nBees.", 0);
        check("Of course.\n\nI've written the post:\n\nBees.", 3);
    }

    #[test]
    fn lines_of_the_interface_may_stand_before_it() {
        check("Thought for 9 seconds\n\nHere is the post:\n\nBees.", 3);
    }

    #[test]
    fn openings_of_each_language_need_its_own_words() {
        check("Natürlich! Hier ist der Beitrag:\n\nBienen.", 1);
        check("当然！以下是一篇关于蜜蜂的博客文章：\n\n蜜蜂。", 1);
        check("Voici un article de blog sur les abeilles :\n\nElles.", 1);
        check("Voici les abeilles :\n\nElles.", 0);
        // `post` is no word of Polish preambles.
        check("Oto post:\n\nPszczoły.", 0);
        let long = "很".repeat(100);
        check(&format!("当然！{long}文章：\n\n蜜蜂。"), 0);
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
        check("Sure! Here is the post.\n---\n\nBees.", 2);
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
