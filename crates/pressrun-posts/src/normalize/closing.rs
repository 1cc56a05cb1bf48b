//! Removes what a model says after its text: "Would you like me to change anything?" (R8.2 of the
//! ingest contract).

use std::sync::LazyLock;

use pressrun_text::blocks::{BlockKind, is_rule, iter_blocks};
use pressrun_text::fence::find_item_text;
use pressrun_text::line::{TextLine, count_words_of_lines, join_lines, trimmed_range};
use pressrun_text::plain::markdown_to_plain;

use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::phrases::{LanguagePhrases, PhraseIndex, fold_phrase_text};

/// Removes the last paragraph if it is a phrase of the assistant, with the list that it leads to.
pub fn remove_closing(body: &mut Vec<TextLine>, findings: &mut Vec<Finding>) -> bool {
    let Some(closing) = find_closing(body) else {
        return false;
    };
    let message = format!(
        "the closing words of the assistant were removed: {}",
        quote_for_message(&closing.text)
    );
    findings.push(Finding::new(
        Code::ChatTextRemoved,
        body[closing.start].number,
        message,
    ));
    body.truncate(closing.start);
    true
}

/// The words of the assistant at the end of a body.
struct ClosingWords {
    /// The line where they start.
    start: usize,
    /// The first paragraph, as plain text.
    text: String,
}

fn find_closing(body: &[TextLine]) -> Option<ClosingWords> {
    let is_outer_rule = |line: &TextLine| !line.in_fence() && is_rule(&line.text);
    let end = trimmed_range(body, is_outer_rule).end;
    let body = &body[..end];
    let block = find_last_block(body)?;
    let (start, list) = match block.kind {
        BlockKind::Paragraph => {
            // A list directly below the paragraph is a part of that block.
            let list = (block.start + 1..end).find(|&at| find_item_text(&body[at].text).is_some());
            (block.start, list)
        }
        BlockKind::List => {
            let (start, list) = find_lead_of_list(body, block.start)?;
            (start, Some(list))
        }
        _ => return None,
    };
    // Without this, a reply that is nothing else would lose its whole body.
    if body[..start]
        .iter()
        .all(|line| line.is_blank() || is_rule(&line.text))
    {
        return None;
    }
    if let Some(list) = list
        && let Some(text) =
            read_closing(&body[start..list]).filter(|text| text.ends_with([':', '：']))
    {
        let words = count_words_of_lines(&body[list..]);
        return (words <= MAX_LIST_WORDS).then_some(ClosingWords { start, text });
    }
    if block.kind == BlockKind::List {
        return None;
    }
    let text = read_closing(&body[start..])?;
    Some(ClosingWords { start, text })
}

/// The maximum number of words in a list that goes with the closing words above it.
const MAX_LIST_WORDS: usize = 100;

/// The last block of a text.
struct LastBlock {
    kind: BlockKind,
    start: usize,
}

fn find_last_block(body: &[TextLine]) -> Option<LastBlock> {
    let last = body.iter().rposition(|line| !line.is_blank())?;
    if body[last].in_fence() {
        return None;
    }
    // Blocks end at blank lines and fences, so it is enough to read from the last one of these on.
    let apart = |line: &TextLine| line.is_blank() || line.in_fence();
    let first = body[..last].iter().rposition(apart).map_or(0, |at| at + 1);
    let block = iter_blocks(&body[first..=last]).last()?;
    Some(LastBlock {
        kind: block.kind,
        start: first + block.lines.start,
    })
}

/// Returns where the paragraph before a list starts, and where the list starts. Blank lines may
/// stand between the items.
fn find_lead_of_list(body: &[TextLine], mut list: usize) -> Option<(usize, usize)> {
    let mut words = 0;
    loop {
        let before = find_last_block(&body[..list])?;
        match before.kind {
            BlockKind::Paragraph => return Some((before.start, list)),
            BlockKind::List => {
                words += count_words_of_lines(&body[before.start..list]);
                // A longer list stays, so its start does not matter.
                if words > MAX_LIST_WORDS {
                    return None;
                }
                list = before.start;
            }
            _ => return None,
        }
    }
}

static STARTS: LazyLock<PhraseIndex> =
    LazyLock::new(|| PhraseIndex::new(|language| &language.closing.start));

/// A length in bytes that no closing words exceed. It spares long paragraphs the work.
const MAX_LENGTH: usize = 3000;

/// Returns the plain text of a paragraph if it is what an assistant says after its text.
fn read_closing(lines: &[TextLine]) -> Option<String> {
    if lines.iter().map(|line| line.text.len()).sum::<usize>() > MAX_LENGTH {
        return None;
    }
    let plain = markdown_to_plain(&join_lines(lines));
    is_closing_phrase(&plain).then_some(plain)
}

fn is_closing_phrase(plain: &str) -> bool {
    if !STARTS.may_start(plain) {
        return false;
    }
    let text = fold_phrase_text(plain);
    STARTS.find_starts(&text).any(|(language, ..)| {
        fits_closing(plain, language)
            // "If you need changes, leave a comment" is addressed to readers.
            && !language.closing.never.iter().any(|word| word.is_in(&text))
    })
}

/// Returns whether a text is short enough for closing words in this language.
fn fits_closing(plain: &str, language: &LanguagePhrases) -> bool {
    language.is_within(plain, 60, 150)
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_and_fence_lines as lines;

    use super::*;

    /// Checks what remains of a text.
    #[track_caller]
    fn check(text: &str, left: &str) {
        let mut body = lines(text);
        let mut findings = Vec::new();
        let removed = remove_closing(&mut body, &mut findings);
        assert_eq!(join_lines(&body).trim_end(), left, "{text}");
        assert_eq!(removed, text != left, "{text}");
        assert_eq!(findings.len(), usize::from(removed), "{text}");
    }

    #[test]
    fn closing_phrases_go() {
        for phrase in [
            "I hope this helps!",
            "Hope this helps.",
            "Let me know if you want more changes.",
            "**Please let me know if** the draft needs changes.",
            "Would you like me to go on?",
            "If you’d like, I can shorten it.",
            "If you need any revisions, say so.",
            "If you need further edits, say so.",
            "If you need changes, say so.",
            "Is there anything else?",
            "Feel free to ask.",
            "Should I shorten it?",
            "Lass mich wissen, ob ich etwas ändern soll!",
            "Başka bir değişiklik yapmamı ister misiniz?",
            "如果您需要修改，请告诉我！",
        ] {
            check(&format!("a.\n\n{phrase}"), "a.");
        }
    }

    #[test]
    fn words_of_the_author_stay() {
        for text in [
            "a.\n\nLet me know if it works.",
            "a.\n\nLet me know if you agree in the comments.",
            "a.\n\nShould I pull it out? I gave it a name instead.",
            "a.\n\nHope this helpsome.",
            "I hope this helps!",
            "a.\n\n- I hope this helps!",
            "a.\n\n> I hope this helps!",
            "a.\n\nIf you need a hammer, buy one.",
            "a.\n\nLass mich wissen, ob die Fassung passt, am liebsten im Kommentar.",
        ] {
            check(text, text);
        }
        let long = format!("a.\n\nWould you like me to {}", "b ".repeat(60).trim_end());
        check(&long, &long);
        let long = format!("a.\n\n您希望我{}吗？", "很".repeat(150));
        check(&long, &long);
    }

    #[test]
    fn list_goes_with_its_lead() {
        for list in [
            "- a\n- b",
            "\n- a\n- b",
            "\n* a\n\n* b\n  c",
            "\n1. a\n2. b",
        ] {
            check(&format!("a.\n\nWould you like me to:\n{list}"), "a.");
        }
        let long = "- b ".repeat(51);
        for text in [
            "a.\n\nWould you like me to write\n\n- a",
            "a.\n\nYou need:\n\n- a",
            "a.\n\nWould you like me to:\n\n- a\n\nb",
            "Would you like me to:\n\n- a",
            &format!("a.\n\nWould you like me to:\n\n{}", long.trim_end()),
        ] {
            check(text, text);
        }
    }
}
