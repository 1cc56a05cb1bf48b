//! Finds texts in which a model ran in a loop: the same sentence, line or list item again and again.
//!
//! A text is read as a list of such units, outside code and tables. A unit is *stale* from its fifth
//! occurrence on, if the one before is among the last 64 units. The text is reported if a stretch of
//! stale units is a third of it, or has 40 units. If that stretch goes on to the end, the text never
//! recovers, and the post is a draft.
//!
//! The limits were measured on 6,000 documents in English (manuals, changelogs, readmes), 2,000 songs
//! with their choruses written out, and the poems of one book. The longest stretch took 0.15 of a
//! document and 0.28 of a song, and had 9 and 24 units. If units were stale from their third
//! occurrence on, one song would have had a share of 0.44.

use std::collections::HashMap;

use memchr::memmem;
use pressrun_text::blocks::is_rule;
use pressrun_text::fence::{find_item_text, measure_indent, strip_quote_marks};
use pressrun_text::line::TextLine;
use pressrun_text::sentences::split_sentences;
use pressrun_text::words::{self, count_words, fold_words, hash_word};

use crate::diagnostic::{Code, Finding, quote_for_message};

/// The number of occurrences that are not stale.
const FRESH: u32 = 4;

/// The maximum number of units from one occurrence to the next.
const REACH: usize = 64;

/// The number of stale units in a row that are reported whatever their share is.
const MOST_UNITS: usize = 40;

/// A text may be stale in one of this many parts.
const SHARE: usize = 3;

/// The minimum length of a text in bytes, without markup: repetition in a shorter one means nothing.
const MIN_LENGTH: usize = 800;

/// A text that repeats itself.
#[derive(Debug)]
pub struct Repetition {
    /// The warning.
    pub finding: Finding,
    /// Whether the repetition goes on to the end of the text.
    pub to_the_end: bool,
}

/// Returns the repetition of a body. `words` are its words with their case folded.
pub fn find_repetition(body: &[TextLine], words: &str) -> Option<Repetition> {
    if words.len() < MIN_LENGTH || !may_repeat(words) {
        return None;
    }
    let units = read_units(body);
    let stretch = find_stale_stretch(&units)?;
    let total: usize = units.iter().map(|unit| unit.length).sum();
    let is_loop = stretch.units >= MOST_UNITS || stretch.length * SHARE >= total;
    if !is_loop || total < MIN_LENGTH {
        return None;
    }
    // The last unit of a text that was cut off may be incomplete.
    let to_the_end = stretch.end + 1 >= units.len();
    let unit = &units[stretch.end - stretch.units];
    let message = format!(
        "the text repeats itself{}: {}",
        if to_the_end {
            " to its end, so the post is a draft"
        } else {
            ""
        },
        quote_for_message(&body[unit.line].text)
    );
    let finding = Finding::new(Code::RepetitiveText, body[unit.line].number, message);
    Some(Repetition {
        finding: finding.with_help("ask the model again, or delete the repetition"),
        to_the_end,
    })
}

/// Returns false if a text certainly has no loop: a sample of every thousand bytes does not recur
/// soon. This takes a fraction of the time of reading units.
fn may_repeat(words: &str) -> bool {
    const SAMPLE: usize = 32;
    const STEP: usize = 1_000;
    const MIN_SAMPLES: usize = 8;
    const WINDOW: usize = 2_000;
    let bytes = words.as_bytes();
    let samples = MIN_SAMPLES.max(bytes.len() / STEP);
    (1..=samples).any(|number| {
        let at = bytes.len() / (samples + 1) * number;
        let rest = &bytes[at..bytes.len().min(at + SAMPLE + WINDOW)];
        rest.get(..SAMPLE)
            .is_some_and(|sample| memmem::find(&rest[1..], sample).is_some())
    })
}

/// A sentence, line or list item.
struct TextUnit {
    hash: u64,
    /// The number of bytes of its words.
    length: usize,
    /// The line of the body where it stands.
    line: usize,
}

fn read_units(body: &[TextLine]) -> Vec<TextUnit> {
    let mut units = Vec::new();
    for (line, text) in body.iter().enumerate() {
        let Some(text) = find_prose(text) else {
            continue;
        };
        for sentence in split_sentences(text) {
            let folded = fold_words(sentence);
            let mut add = |text: &str| {
                units.push(TextUnit {
                    hash: hash_word(text),
                    length: text.len(),
                    line,
                });
            };
            // A sentence that does not end is read word by word: its phrases may repeat.
            // A word and the space after it are two bytes at least.
            if folded.len() > 2 * MAX_SENTENCE && count_words(&folded) > MAX_SENTENCE {
                words::iter_words(&folded).for_each(add);
            } else if !folded.is_empty() {
                add(&folded);
            }
        }
    }
    units
}

/// The maximum number of words in a sentence.
const MAX_SENTENCE: usize = 80;

/// Returns the text of a line without the marks of its block, or `None` for code, tables and HTML.
fn find_prose<'l>(line: &'l TextLine) -> Option<&'l str> {
    if line.in_fence() || line.is_blank() || is_rule(&line.text) {
        return None;
    }
    let (_, text) = strip_quote_marks(&line.text);
    let item = find_item_text(text);
    if item.is_none() && measure_indent(text) >= 4 {
        return None;
    }
    let text = text[item.unwrap_or(0)..].trim();
    (!text.starts_with(['|', '<'])).then_some(text)
}

/// A run of stale units.
#[derive(Debug, Clone, Copy, Default)]
struct StaleStretch {
    units: usize,
    length: usize,
    /// The unit after the last one.
    end: usize,
}

/// Returns the longest run of stale units.
fn find_stale_stretch(units: &[TextUnit]) -> Option<StaleStretch> {
    let mut seen: HashMap<u64, (u32, usize)> = HashMap::new();
    let mut longest: Option<StaleStretch> = None;
    let mut current = StaleStretch::default();
    for (at, unit) in units.iter().enumerate() {
        let (count, last) = seen.entry(unit.hash).or_insert((0, at));
        let is_stale = *count >= FRESH && at - *last <= REACH;
        (*count, *last) = (*count + 1, at);
        if !is_stale {
            current = StaleStretch::default();
            continue;
        }
        current.units += 1;
        current.length += unit.length;
        current.end = at + 1;
        if longest.is_none_or(|longest| longest.length < current.length) {
            longest = Some(current);
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_and_fence_lines;

    use super::*;

    /// Checks whether a text repeats itself, and whether it does to its end.
    #[track_caller]
    fn check(text: &str, expected: Option<bool>) {
        let body = number_and_fence_lines(text);
        let found = find_repetition(&body, &fold_words(text));
        assert_eq!(found.map(|found| found.to_the_end), expected, "{text}");
    }

    /// Returns different sentences.
    fn prose(sentences: usize) -> String {
        let sentence =
            |n: usize| format!("In year {n} the river rose by {} inches and fell. ", n * 7);
        (0..sentences).map(sentence).collect()
    }

    #[test]
    fn loops_of_sentences_lines_and_items_are_found() {
        let sentence = "The bridge was closed, and the bridge was opened again. ".repeat(20);
        let lines = "The bell rings\nand the tide turns\n".repeat(30);
        let items = "- Check the valve\n- Check the pipe and the pump\n\n".repeat(20);
        let phrase = "and the sea and the wind ".repeat(60);
        let wide = "河水上涨了，桥也关闭了。".repeat(30);
        for text in [&sentence, &lines, &items, &phrase, &wide] {
            check(text, Some(true));
            check(&format!("{}\n\n{text}", prose(10)), Some(true));
        }
    }

    #[test]
    fn last_unit_may_be_cut_off() {
        let text = "The bridge was closed, and it was opened again. ".repeat(20);
        check(&format!("{text}The bridge was"), Some(true));
    }

    #[test]
    fn text_that_recovers_is_no_draft() {
        let text = "The bridge was closed, and it was opened again. ".repeat(20);
        check(&format!("{text}\n\n{}", prose(10)), Some(false));
    }

    #[test]
    fn long_loop_counts_in_a_longer_text() {
        let text = "The bridge was closed.\n".repeat(60);
        check(&format!("{}\n\n{text}", prose(200)), Some(true));
        let text = "The bridge was closed.\n".repeat(20);
        check(&format!("{}\n\n{text}", prose(200)), None);
    }

    #[test]
    fn refrains_tables_and_code_are_no_loops() {
        let verse = |n: usize| {
            format!(
                "In verse {n} a ship sets sail\nto harbour number {n}\nThe wind is {n} the sail \
                 is up\nand {n} are the hands\n\nOh the water, the water is wide\nand I cannot get \
                 over\nAnd neither have I wings to fly\n\n"
            )
        };
        check(&(0..8).map(verse).collect::<String>(), None);
        check(&"| yes | no | perhaps the other one |\n".repeat(60), None);
        check(
            &format!("```\n{}```", "let a = b + c + d;\n".repeat(60)),
            None,
        );
        check(&"    let a = b + c + d;\n".repeat(60), None);
        let log =
            |n: usize| format!("## 1.{n}.0\n\n- Fix bugs\n- Add option number {n}\n- Update\n\n");
        check(&(0..60).map(log).collect::<String>(), None);
        check(&prose(60), None);
        check(
            "Ha ha ha! Ha ha ha! Ha ha ha! Ha ha ha! Ha ha ha! Ha ha ha!",
            None,
        );
    }
}
