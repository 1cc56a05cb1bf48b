//! Breaks text into lines of similar length, in the largest size that fits.

use super::font;

/// A text broken into lines, and the size it is set in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LaidOutText {
    pub(super) size: u16,
    pub(super) lines: Vec<String>,
}

/// Breaks a text into lines of at most `width` pixels. Uses the first of `sizes` in which it needs
/// at most the number of lines given with that size. A text that is too long for the last size is
/// cut off with an ellipsis.
pub(super) fn lay_out_text(text: &str, width: u16, sizes: &[(u16, usize)]) -> LaidOutText {
    let width = f32::from(width);
    let mut set = LaidOutText {
        size: 0,
        lines: Vec::new(),
    };
    for &(size, most) in sizes {
        set.size = size;
        set.lines = fill_lines(text, width, size, most + 1);
        if set.lines.len() <= most {
            set.lines = balance_lines(text, width, size, set.lines);
            return set;
        }
    }
    // The last line only shows that the text goes on.
    set.lines.pop();
    if let Some(last) = set.lines.last_mut() {
        while font::measure_text_width(&format!("{last}…"), set.size) > width && !last.is_empty()
        {
            // Drop whole words if there are any, otherwise single letters.
            let before = last.char_indices().next_back().map_or(0, |(at, _)| at);
            last.truncate(last.rfind(' ').unwrap_or(before));
        }
        last.truncate(last.trim_end_matches([' ', ',', '.', ':', ';', '-']).len());
        last.push('…');
    }
    set
}

/// Makes lines as equal in length as it can; `best` are those that take the text in the fewest.
fn balance_lines(text: &str, width: f32, size: u16, mut best: Vec<String>) -> Vec<String> {
    let mut narrow = width;
    // Narrow the lines step by step, as long as the text needs no more of them.
    while best.len() > 1 {
        narrow -= width / 40.0;
        let lines = fill_lines(text, narrow, size, best.len() + 1);
        let fits = |line: &String| font::measure_text_width(line, size) <= narrow;
        if lines.len() > best.len() || !lines.iter().all(fits) {
            break;
        }
        best = lines;
    }
    best
}

/// Fills at most `most` lines with as many words as fit; a word that is wider than a line is broken.
fn fill_lines(text: &str, width: f32, size: u16, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if font::measure_text_width(&longer, size) <= width {
                *line = longer;
                continue;
            }
        }
        if lines.len() >= most {
            break;
        }
        lines.extend(break_word(word, width, size));
    }
    lines.truncate(most);
    lines
}

/// Breaks a word into pieces that each fit a line; usually just one.
fn break_word(word: &str, width: f32, size: u16) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in word.chars() {
        let part = parts.last_mut().expect("there is one from the start");
        part.push(c);
        // A piece keeps at least one letter, so the loop ends even if a letter is wider than a
        // line.
        if part.chars().nth(1).is_some() && font::measure_text_width(part, size) > width {
            part.pop();
            parts.push(c.to_string());
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [(u16, usize); 2] = [(80, 3), (40, 4)];

    fn check(text: &str, size: u16, lines: usize) -> LaidOutText {
        let set = lay_out_text(text, 1000, &SIZES);
        assert_eq!((set.size, set.lines.len()), (size, lines), "{set:?}");
        for line in &set.lines {
            assert!(font::measure_text_width(line, set.size) <= 1000.0, "{line}");
        }
        set
    }

    #[test]
    fn text_is_as_large_as_fits() {
        check("Short", 80, 1);
        check(&"word ".repeat(12), 80, 3);
        check(&"word ".repeat(40), 40, 4);
    }

    #[test]
    fn no_word_stands_alone_on_the_last_line() {
        let set = check("A Backup Is a Rumour Until You Restore It", 80, 2);
        assert_eq!(set.lines[1], "Until You Restore It");
    }

    #[test]
    fn what_does_not_fit_is_cut_off() {
        let set = check(&"word ".repeat(400), 40, 4);
        assert!(set.lines[3].ends_with("word…"));
        check(&"w".repeat(4000), 40, 4);
        check("", 80, 0);
    }
}
