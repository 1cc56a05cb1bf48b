//! Notices while an answer arrives that a model is caught in a loop: it writes the same line, phrase
//! or block again and again, until the limit stops it.
//!
//! Only the end of the text is looked at, each time that it has grown a little, so the work is
//! proportional to the text. Numbers of list items do not count, because models count on.
//!
//! Not here: texts that repeat themselves with changes, which the reader of replies finds.

use std::ops::Range;

use memchr::memmem;

/// The number of characters that a loop has when it is noticed, if its unit is short.
const SHORT_LOOP: usize = 1000;

/// The same, for units that take a large part of it.
const LONG_LOOP: usize = 1800;

/// How often a unit stands in a loop, unless [`LONG_LOOP`] is reached.
const LEAST_UNITS: usize = 3;

/// The maximum length of a unit, in bytes.
const LONGEST_UNIT: usize = 4000;

/// The number of bytes by which a text grows between two looks at its end.
const STEP: usize = 96;

/// The same, for looks at enough of it to find the longest units.
const LONG_STEP: usize = 4 * LONGEST_UNIT;

/// The number of bytes that a look at short units covers: a character has at most four.
const SHORT_WINDOW: usize = 4 * (LONG_LOOP + 200);

/// Watches an answer for a loop.
#[derive(Debug, Clone, Default)]
pub struct RepetitionWatch {
    /// The length of the text at the last look.
    looked: usize,
    /// The length of the text at the last long look.
    looked_far: usize,
}

/// A text that ends in a loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLoop {
    /// The place of the unit where it stands first: what follows it is worth nothing.
    pub first: Range<usize>,
}

impl RepetitionWatch {
    /// Looks at all of an answer so far. Call it after each piece that arrives.
    ///
    /// A line that is repeated without end is found within 2,000 characters.
    pub fn check(&mut self, text: &str) -> Option<TextLoop> {
        if text.len() < self.looked + STEP {
            return None;
        }
        self.looked = text.len();
        if let Some(found) = find_loop(text, SHORT_WINDOW) {
            return Some(found);
        }
        if text.len() < self.looked_far + LONG_STEP {
            return None;
        }
        self.looked_far = text.len();
        find_loop(text, (LEAST_UNITS + 1) * LONGEST_UNIT)
    }
}

/// Returns the loop in which a whole answer ends.
pub fn find_loop_at_end(text: &str) -> Option<TextLoop> {
    find_loop(text, (LEAST_UNITS + 1) * LONGEST_UNIT)
}

/// Returns the loop in the last `window` bytes of a text.
fn find_loop(text: &str, window: usize) -> Option<TextLoop> {
    /// The number of bytes at the end whose earlier places are tried as the last unit.
    const PROBE: usize = 48;
    /// The number of these places that are tried.
    const TRIES: usize = 8;

    let start =
        pressrun_text::characters::floor_char_boundary(text, text.len().saturating_sub(window));
    let end = CountlessText::new(&text[start..]);
    let bytes = &*end.bytes;
    let probe = &bytes[bytes.len().checked_sub(PROBE)?..];
    let mut before = bytes.len() - 1;
    for _ in 0..TRIES {
        // The place may overlap with the probe itself: the unit is then shorter.
        let found = memmem::rfind(&bytes[..before], probe)?;
        let unit = bytes.len() - PROBE - found;
        let length = measure_loop(bytes, unit);
        if is_loop(&bytes[bytes.len() - length..], unit) {
            let first = bytes.len() - length;
            let first = start + end.place_of(first)..start + end.place_of(first + unit);
            return Some(TextLoop { first });
        }
        before = found + PROBE - 1;
    }
    None
}

/// Returns how many of the last bytes repeat with this period.
fn measure_loop(bytes: &[u8], unit: usize) -> usize {
    let later = bytes.iter().rev();
    let earlier = bytes[..bytes.len() - unit].iter().rev();
    unit + later.zip(earlier).take_while(|(a, b)| a == b).count()
}

/// Returns whether a text that consists of one unit again and again is long enough for a loop.
fn is_loop(text: &[u8], unit: usize) -> bool {
    // Without the continuation bytes of UTF-8.
    let characters = text.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
    let units = text.len() / unit;
    (characters >= SHORT_LOOP && units >= LEAST_UNITS)
        || (characters >= LONG_LOOP
            && units >= LEAST_UNITS - 1
            && unit <= text.len() / 2
            && characters < 2 * LONG_LOOP)
}

/// A text without the numbers of its list items.
struct CountlessText {
    bytes: Vec<u8>,
    /// Where something was left out: the place in `bytes`, and the one in the text.
    gaps: Vec<(usize, usize)>,
}

impl CountlessText {
    fn new(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len());
        let mut gaps = Vec::new();
        let mut start = 0;
        for line in pressrun_text::line::split_lines(text) {
            let number = measure_item_number(line);
            if number > 0 {
                gaps.push((bytes.len(), start + number));
            }
            bytes.extend_from_slice(&line.as_bytes()[number..]);
            bytes.push(b'\n');
            start += line.len() + 1;
        }
        // The last line has no line feed.
        bytes.pop();
        Self { bytes, gaps }
    }

    /// Returns the place in the text of a place in `bytes`. At a gap, it is the one before it.
    fn place_of(&self, at: usize) -> usize {
        let gaps = self.gaps.partition_point(|&(place, _)| place < at);
        match gaps.checked_sub(1).map(|last| self.gaps[last]) {
            Some((place, in_text)) => in_text + (at - place),
            None => at,
        }
    }
}

/// Returns the length of the number of a list item at the start of a line.
fn measure_item_number(line: &str) -> usize {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let is_item = digits > 0 && line[digits..].starts_with(['.', ')']);
    if is_item { digits } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds a text in pieces, and returns how much of it had arrived when the loop was noticed.
    fn feed(text: &str, piece: usize) -> Option<(usize, TextLoop)> {
        let mut watch = RepetitionWatch::default();
        let mut arrived = 0;
        while arrived < text.len() {
            arrived = pressrun_text::characters::floor_char_boundary(
                text,
                (arrived + piece).min(text.len()),
            );
            if let Some(found) = watch.check(&text[..arrived]) {
                return Some((text[..arrived].chars().count(), found));
            }
        }
        None
    }

    fn count_words_to(end: usize) -> String {
        let words: Vec<String> = (0..end).map(|n| format!("word{n} ")).collect();
        words.concat()
    }

    const START: &str = "TITLE: Tea\nTAGS: tea\n\nTea is a drink.\n\n";

    #[test]
    fn repeated_text_is_noticed_within_2000_characters() {
        let long_line = count_words_to(140);
        for unit in [
            "Tea is good for you.\n",
            "- Tea\n",
            "tea ",
            "a",
            "\n",
            "茶很好。\n",
            "It is good. It is bad.\n\nIt is so so, they say, and so it is, so it is.\n\n",
            &long_line[..600],
            &format!("{}\n", &long_line[..890]),
        ] {
            let text = format!("{START}{}", unit.repeat(40_000 / unit.len()));
            for piece in [4, 33, 500] {
                let (arrived, found) = feed(&text, piece).expect(unit);
                let since = arrived - START.chars().count();
                assert!(since <= 2000, "{unit}: {since}");
                assert!(found.first.end <= START.len() + 2 * unit.len(), "{unit}");
            }
        }
    }

    #[test]
    fn first_unit_is_what_is_worth_keeping() {
        let text = format!("{START}{}", "Tea is good for you.\n".repeat(100));
        let (_, found) = feed(&text, 10).unwrap();
        assert_eq!(
            &text[..found.first.end],
            format!("{START}Tea is good for you.")
        );
    }

    #[test]
    fn items_that_count_on_are_a_loop() {
        let items = (1..500).map(|n| format!("{n}. Drink more tea.\n"));
        let text = format!("{START}{}", items.collect::<String>());
        let (arrived, found) = feed(&text, 10).unwrap();
        assert!(arrived <= START.len() + 2000);
        assert!(
            text[..found.first.end].ends_with("1. Drink more tea."),
            "{found:?}"
        );
    }

    #[test]
    fn repeated_blocks_are_noticed() {
        let block = count_words_to(300);
        let text = format!("{START}{}", format!("{block}\n\n").repeat(20));
        let (arrived, _) = feed(&text, 50).unwrap();
        assert!(arrived < 8 * block.len(), "{arrived}");
        assert!(find_loop_at_end(&text).is_some());
    }

    #[test]
    fn text_with_refrains_or_tables_is_no_loop() {
        let verse =
            |n| format!("Verse {n} is about the thing number {n}.\n\nLa la la, la la la.\n\n");
        let song: String = (0..100).map(verse).collect();
        let table = (0..300).map(|n| format!("| row {n} | yes | no |\n"));
        let table = table.collect::<Vec<_>>().concat();
        let numbers = count_words_to(3000).replace("word", "");
        let twice = "One and two.\n".repeat(5);
        for text in [&song, &table, &numbers, &twice, "", "a"] {
            assert_eq!(feed(text, 20), None, "{text}");
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let text: String = (0..200_000)
            .map(|n: u32| {
                if n.count_ones().is_multiple_of(2) {
                    'a'
                } else {
                    'b'
                }
            })
            .collect();
        assert_eq!(feed(&text, 3), None);
    }
}
