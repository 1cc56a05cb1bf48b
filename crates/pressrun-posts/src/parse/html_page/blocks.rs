//! Puts blank lines between the block elements of HTML, so that each is a block of Markdown.

use pressrun_text::line::TextLine;
use pressrun_text::page_html::HtmlPiece;

use super::iter_placed_pieces;

/// Block elements that hold text. What is inside stays together.
const TEXT_BLOCKS: [&str; 19] = [
    "address",
    "blockquote",
    "details",
    "dl",
    "fieldset",
    "figure",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "menu",
    "ol",
    "p",
    "pre",
    "table",
    "ul",
];

/// Block elements that hold other blocks.
const CONTAINERS: [&str; 12] = [
    "article", "aside", "center", "div", "footer", "header", "hgroup", "hr", "main", "nav",
    "search", "section",
];

/// Returns the lines of some HTML, with blank lines around its block elements.
///
/// Lines lose their indent, or Markdown would take them for code. `numbers` are the numbers of the
/// lines of `text`.
pub(super) fn separate_blocks(text: &str, numbers: &[u32]) -> Vec<TextLine<'static>> {
    let mut out = BlockLines {
        lines: Vec::new(),
        current: String::new(),
        number: 1,
        row: 0,
        numbers,
        block: None,
        preformatted: 0,
    };
    let mut at = 0;
    for (range, piece) in iter_placed_pieces(text) {
        // A comment may stand between two pieces.
        out.row += memchr::memchr_iter(b'\n', &text.as_bytes()[at..range.start]).count();
        at = range.end;
        match piece {
            HtmlPiece::Text(text) => out.push_text(text),
            HtmlPiece::Content(text) => out.push_raw(text),
            HtmlPiece::Tag(tag) => {
                let name = tag.name.to_ascii_lowercase();
                out.push_tag(&text[range], &name, tag.closing);
            }
        }
    }
    out.end_line();
    out.lines
}

/// The lines so far.
struct BlockLines<'n> {
    lines: Vec<TextLine<'static>>,
    /// The text of the line that has not ended, and its number.
    current: String,
    number: u32,
    /// The index of the current line of the source.
    row: usize,
    numbers: &'n [u32],
    /// The open block that holds text, with the number of its elements inside each other.
    block: Option<(String, usize)>,
    /// The number of open `pre` elements.
    preformatted: usize,
}

impl BlockLines<'_> {
    fn push_text(&mut self, text: &str) {
        for (at, part) in text.split('\n').enumerate() {
            if at > 0 {
                self.row += 1;
                self.break_line();
            }
            let at_start = at > 0 || self.current.is_empty();
            let part = if at_start && self.preformatted == 0 {
                part.trim_start()
            } else {
                part
            };
            self.push(part);
        }
    }

    /// Adds a comment or a script with its lines as they are.
    fn push_raw(&mut self, text: &str) {
        for (at, part) in text.split('\n').enumerate() {
            if at > 0 {
                self.row += 1;
                self.end_line();
            }
            self.push(part);
        }
    }

    fn push_tag(&mut self, text: &str, name: &str, closing: bool) {
        let is_text_block = TEXT_BLOCKS.contains(&name);
        let is_container = CONTAINERS.contains(&name);
        if name == "pre" {
            self.preformatted = if closing {
                self.preformatted.saturating_sub(1)
            } else {
                self.preformatted + 1
            };
        }
        match &mut self.block {
            // `</p>` may be left out before another block.
            Some((open, _))
                if !closing && (is_text_block || is_container) && holds_only_text(open) =>
            {
                self.block = None;
                self.separate();
            }
            Some((open, depth)) => {
                if open == name {
                    *depth = if closing { *depth - 1 } else { *depth + 1 };
                }
                let ends = *depth == 0;
                self.push_joined(text);
                if ends {
                    self.block = None;
                    self.separate();
                }
                return;
            }
            None => {}
        }
        if is_text_block && !closing {
            self.separate();
            self.block = Some((name.to_owned(), 1));
            self.push_joined(text);
        } else if is_container {
            self.separate();
            self.push_joined(text);
            self.separate();
        } else {
            self.push_joined(text);
        }
    }

    /// Adds a tag, whose attributes may be on several lines.
    fn push_joined(&mut self, tag: &str) {
        self.push(&tag.replace('\n', " "));
        self.row += memchr::memchr_iter(b'\n', tag.as_bytes()).count();
    }

    fn push(&mut self, text: &str) {
        if self.current.is_empty() {
            self.number = self.numbers.get(self.row).copied().unwrap_or(self.number);
        }
        self.current.push_str(text);
    }

    /// Ends a line of text. A heading is one line.
    fn break_line(&mut self) {
        let in_heading = self
            .block
            .as_ref()
            .is_some_and(|(name, _)| name.starts_with('h'));
        if in_heading {
            if !self.current.is_empty() {
                self.current.push(' ');
            }
        } else if self.preformatted > 0 {
            self.add_line();
        } else {
            self.end_line();
        }
    }

    /// Ends the line, and drops it if it is blank: a blank line inside a block would end it.
    fn end_line(&mut self) {
        self.current.truncate(self.current.trim_end().len());
        if !self.current.is_empty() {
            self.add_line();
        }
    }

    fn add_line(&mut self) {
        let text = std::mem::take(&mut self.current);
        self.lines.push(TextLine::new(text, self.number));
    }

    /// Begins a new block.
    fn separate(&mut self) {
        self.end_line();
        if self.lines.last().is_some_and(|line| !line.is_blank()) {
            self.lines.push(TextLine::new("", self.number));
        }
    }
}

/// Returns whether a block element cannot hold other blocks.
fn holds_only_text(name: &str) -> bool {
    name == "p" || (name.len() == 2 && name.starts_with('h'))
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::join_lines;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let lines = separate_blocks(text, &[]);
        assert_eq!(join_lines(&lines).trim(), expected, "{text}");
    }

    #[test]
    fn blocks_stand_between_blank_lines() {
        check(
            "<h1>a</h1><p>b <em>c</em></p>\n<p>d</p>e<hr>f",
            "<h1>a</h1>\n\n<p>b <em>c</em></p>\n\n<p>d</p>\n\ne\n\n<hr>\n\nf",
        );
        check(
            "<div\nclass=a>\n    <section>\n\t<p>b</p></section></div>",
            "<div class=a>\n\n<section>\n\n<p>b</p>\n\n</section>\n\n</div>",
        );
    }

    #[test]
    fn what_is_in_a_block_stays_together() {
        check(
            "<ul>\n\n  <li><p>a</p>\n  <ul>\n<li>b</ul>\n\n</ul>\n<h2>\n c\n d\n</h2>",
            "<ul>\n<li><p>a</p>\n<ul>\n<li>b</ul>\n</ul>\n\n<h2> c d </h2>",
        );
        check("<p>a\n\nb</p>c", "<p>a\nb</p>\n\nc");
    }

    #[test]
    fn preformatted_text_keeps_its_lines() {
        check(
            "<pre><code>\n  a\n\n  b\n</code></pre><p>c</p>",
            "<pre><code>\n  a\n\n  b\n</code></pre>\n\n<p>c</p>",
        );
    }

    #[test]
    fn tags_may_be_left_open() {
        check(
            "<p>a<p>b<h2>c</h2>d</p>e",
            "<p>a\n\n<p>b\n\n<h2>c</h2>\n\nd</p>e",
        );
    }

    #[test]
    fn lines_keep_their_numbers() {
        let lines = separate_blocks(
            "\n<p>a</p>\n\n<div\nb><p>c\nd</p></div>",
            &[5, 6, 7, 8, 9, 10],
        );
        let numbers: Vec<(u32, &str)> = lines
            .iter()
            .filter(|line| !line.is_blank())
            .map(|line| (line.number, &*line.text))
            .collect();
        assert_eq!(
            numbers,
            [
                (6, "<p>a</p>"),
                (8, "<div b>"),
                (9, "<p>c"),
                (10, "d</p>"),
                (10, "</div>")
            ]
        );
    }
}
