//! Converts Markdown to plain text: what a reader sees of a paragraph, without its markup.
//!
//! Images, marks of footnotes, HTML comments and tags are dropped. Links become their text, marks of emphasis and code
//! are removed, entities are decoded, and white space is collapsed. `Vec<T>` stays, because only
//! names of HTML elements in lower case count as tags. `__name__` stays too, because it is Python
//! more often than emphasis. Every step takes linear time.
//!
//! Not here: block structure. The input is the text of one block, without list or quote marks.

use std::collections::HashSet;

use super::characters::fold_case;
use super::inline_code::find_code_spans;
use super::{entities, html};

/// Returns the plain text of one block of Markdown that has no link reference definitions.
pub fn markdown_to_plain(text: &str) -> String {
    markdown_to_plain_with(text, &LinkDefinitions::default())
}

/// Returns the plain text of one block of Markdown, in a text with these definitions.
///
/// `[text][name]` is a link only if the text has the definition of the name.
pub fn markdown_to_plain_with(text: &str, definitions: &LinkDefinitions) -> String {
    // Shortcut for text without any markup.
    if !has_special(text.as_bytes()) {
        return collapse_white_space(text);
    }
    let mut reader = PlainTextReader::new(text, definitions);
    reader.read_pieces();
    pair_emphasis(&mut reader.pieces);
    let mut out = CollapsedText::with_capacity(text.len());
    for piece in &reader.pieces {
        match piece {
            InlinePiece::Text(part) => out.push_str(part),
            InlinePiece::Char(c) => out.push(*c),
            InlinePiece::Open { image } => out.push_str(if *image { "![" } else { "[" }),
            InlinePiece::Marks(marks) => (0..marks.count).for_each(|_| out.push(marks.mark)),
            InlinePiece::Gone => {}
        }
    }
    out.text
}

/// The names of the link reference definitions of a text: `[name]: address`.
#[derive(Debug, Default)]
pub struct LinkDefinitions {
    names: HashSet<String>,
}

impl LinkDefinitions {
    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        self.names.insert(normalise_reference(name));
    }

    fn has(&self, name: &str) -> bool {
        // A longer text is no name. The limit bounds the work for nested brackets.
        !self.names.is_empty()
            && name.len() <= MAX_REFERENCE
            && self.names.contains(&normalise_reference(name))
    }
}

/// Returns a name of a definition without what does not count in it: case and white space.
fn normalise_reference(name: &str) -> String {
    fold_case(&collapse_white_space(name))
}

/// Collapses each run of white space to one space, and trims both ends.
pub fn collapse_white_space(text: &str) -> String {
    let mut out = CollapsedText::with_capacity(text.len());
    out.push_str(text);
    out.text
}

fn has_special(text: &[u8]) -> bool {
    memchr::memchr3(b'*', b'_', b'`', text).is_some()
        || memchr::memchr3(b'[', b']', b'<', text).is_some()
        || memchr::memchr3(b'&', b'\\', b'~', text).is_some()
}

fn is_special(byte: u8) -> bool {
    matches!(
        byte,
        b'*' | b'_' | b'`' | b'[' | b']' | b'<' | b'&' | b'\\' | b'~'
    )
}

/// A string that collapses white space as it grows.
struct CollapsedText {
    text: String,
    gap: bool,
}

impl CollapsedText {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            text: String::with_capacity(capacity),
            gap: false,
        }
    }

    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            self.gap = true;
            return;
        }
        if self.gap && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.gap = false;
        self.text.push(c);
    }

    fn push_str(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let words = rest.trim_start();
            self.gap |= words.len() < rest.len();
            let length = measure_single_spaced(words);
            if length > 0 {
                if self.gap && !self.text.is_empty() {
                    self.text.push(' ');
                }
                self.gap = false;
                self.text.push_str(&words[..length]);
            }
            rest = &words[length..];
        }
    }
}

/// Returns the length of the words at the start of `text` that single spaces separate.
fn measure_single_spaced(text: &str) -> usize {
    let mut after_space = false;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        let is_gap = match byte {
            b' ' if !after_space => {
                after_space = true;
                continue;
            }
            // ASCII white space, and the first bytes of white space outside ASCII.
            0..=b' ' | 0xC2 | 0xE1..=0xE3 => text[at..].starts_with(char::is_whitespace),
            _ => false,
        };
        if is_gap {
            return at - usize::from(after_space);
        }
        after_space = false;
    }
    text.len() - usize::from(after_space)
}

/// A part of the text. Brackets and emphasis marks stay open until their partner is found.
enum InlinePiece<'a> {
    Text(&'a str),
    Char(char),
    /// An opening bracket that may begin a link or an image.
    Open {
        image: bool,
    },
    /// Emphasis marks without a partner so far.
    Marks(EmphasisMarks),
    /// Markup that leaves no text.
    Gone,
}

struct EmphasisMarks {
    mark: char,
    count: usize,
    opens: bool,
    closes: bool,
}

struct PlainTextReader<'a> {
    text: &'a str,
    definitions: &'a LinkDefinitions,
    at: usize,
    pieces: Vec<InlinePiece<'a>>,
    /// The [`InlinePiece::Open`] that have no closing bracket yet: their indices, and where in the
    /// text their content begins.
    brackets: Vec<(usize, usize)>,
    /// Set once a search for `-->` failed, so that it is not repeated for each `<!--`.
    no_comment_end: bool,
}

impl<'a> PlainTextReader<'a> {
    fn new(text: &'a str, definitions: &'a LinkDefinitions) -> Self {
        Self {
            text,
            definitions,
            at: 0,
            pieces: Vec::new(),
            brackets: Vec::new(),
            no_comment_end: false,
        }
    }

    fn read_pieces(&mut self) {
        let spans = find_code_spans(self.text);
        let mut spans = spans.iter().peekable();
        while self.at < self.text.len() {
            // A span that starts before `at` lies inside something read already, such as a tag:
            // skip it.
            if let Some(span) = spans.next_if(|span| span.outer.start <= self.at) {
                if span.outer.start == self.at {
                    self.pieces
                        .push(InlinePiece::Text(&self.text[span.inner.clone()]));
                    self.at = span.outer.end;
                }
                continue;
            }
            let rest = &self.text.as_bytes()[self.at..];
            let limit = spans
                .peek()
                .map_or(rest.len(), |span| span.outer.start - self.at);
            match rest[..limit].iter().position(|&byte| is_special(byte)) {
                Some(0) => self.read_special(),
                found => self.take_text(found.unwrap_or(limit)),
            }
        }
    }

    /// Takes the next `length` bytes as text.
    fn take_text(&mut self, length: usize) {
        let end = self.at + length;
        self.pieces
            .push(InlinePiece::Text(&self.text[self.at..end]));
        self.at = end;
    }

    fn read_special(&mut self) {
        let rest = &self.text[self.at..];
        match rest.as_bytes()[0] {
            b'\\' => self.read_escape(rest),
            b'&' => match entities::parse_entity(rest) {
                Some((c, length)) => {
                    self.pieces.extend(c.map(InlinePiece::Char));
                    self.at += length;
                }
                None => self.take_text(1),
            },
            b'<' => self.read_angle(rest),
            b'[' => self.open_bracket(),
            b']' => self.close_bracket(),
            b'`' => self.take_text(1),
            mark => self.read_marks(mark),
        }
    }

    fn read_escape(&mut self, rest: &'a str) {
        match rest.as_bytes().get(1) {
            Some(byte) if byte.is_ascii_punctuation() => {
                self.at += 1;
                self.take_text(1);
            }
            // A backslash at the end of a line is a hard line break.
            Some(b'\n') => self.at += 1,
            _ => self.take_text(1),
        }
    }

    /// Reads a tag, a comment or an address in angle brackets.
    fn read_angle(&mut self, rest: &'a str) {
        if let Some(tag) = html::parse_tag(rest)
            && html::is_element(tag.name)
        {
            self.at += tag.length;
            if tag.name == "br" {
                self.pieces.push(InlinePiece::Char(' '));
            }
            return;
        }
        if let Some(comment) = rest.strip_prefix("<!--")
            && !self.no_comment_end
        {
            if let Some(end) = comment.find("-->") {
                self.at += 4 + end + 3;
                return;
            }
            self.no_comment_end = true;
        }
        match autolink(rest) {
            Some(address) => {
                self.pieces.push(InlinePiece::Text(address));
                self.at += address.len() + 2;
            }
            None => self.take_text(1),
        }
    }

    fn open_bracket(&mut self) {
        // A `!` before the bracket makes it an image, and is not text then.
        let image = match self.pieces.last_mut() {
            Some(InlinePiece::Text(text))
                if text.ends_with('!') && !self.text[..self.at].ends_with("\\!") =>
            {
                *text = &text[..text.len() - 1];
                true
            }
            _ => false,
        };
        self.brackets.push((self.pieces.len(), self.at + 1));
        self.pieces.push(InlinePiece::Open { image });
        self.at += 1;
    }

    fn close_bracket(&mut self) {
        let Some((open, start)) = self.brackets.pop() else {
            return self.take_text(1);
        };
        let content = &self.text[start..self.at];
        let rest = &self.text[self.at + 1..];
        if is_footnote_name(content) && !rest.starts_with('(') {
            // The `!` before the mark belongs to the text.
            let is_image = matches!(self.pieces[open], InlinePiece::Open { image: true });
            self.pieces.truncate(open);
            self.pieces
                .extend(is_image.then_some(InlinePiece::Char('!')));
            self.at += 1;
            return;
        }
        let Some(length) = self.measure_target(content, rest) else {
            return self.take_text(1);
        };
        // The text of an image is its alternative text: drop all pieces since the opening bracket.
        // For a link, only the bracket itself is dropped.
        if matches!(self.pieces[open], InlinePiece::Open { image: true }) {
            self.pieces.truncate(open);
        } else {
            self.pieces[open] = InlinePiece::Gone;
        }
        self.at += 1 + length;
    }

    /// Returns the length of what makes the text in brackets before `rest` a link: an address, the
    /// name of a definition, or nothing if the text is such a name.
    fn measure_target(&self, content: &str, rest: &str) -> Option<usize> {
        match measure_link_target(rest) {
            Some(length) if rest.starts_with('(') => Some(length),
            Some(length) => {
                let name = &rest[1..length - 1];
                let name = if name.is_empty() { content } else { name };
                self.definitions.has(name).then_some(length)
            }
            None => self.definitions.has(content).then_some(0),
        }
    }

    /// Reads a run of `*`, `_` or `~~`. Its neighbours decide whether it can open or close
    /// emphasis.
    fn read_marks(&mut self, mark: u8) {
        let rest = &self.text[self.at..];
        let count = rest.bytes().take_while(|&byte| byte == mark).count();
        if mark == b'~' && count != 2 {
            return self.take_text(count);
        }
        let before = self.text[..self.at].chars().next_back().unwrap_or(' ');
        let after = rest[count..].chars().next().unwrap_or(' ');
        let left = is_flanking(after, before);
        let right = is_flanking(before, after);
        // Within a word, `_` is part of a name: `snake_case`.
        let (opens, closes) = if mark == b'_' {
            let open = left && (!right || is_punctuation(before));
            (open, right && (!left || is_punctuation(after)))
        } else {
            (left, right)
        };
        if mark == b'_' && count == 2 && is_dunder(rest) {
            let name = rest[2..].find("__").map_or(rest.len(), |end| end + 4);
            return self.take_text(name);
        }
        self.pieces.push(InlinePiece::Marks(EmphasisMarks {
            mark: mark as char,
            count,
            opens,
            closes,
        }));
        self.at += count;
    }
}

/// Returns whether the text in brackets makes them the mark of a footnote: `[^name]`.
fn is_footnote_name(content: &str) -> bool {
    let name = content.strip_prefix('^').unwrap_or_default();
    !name.is_empty()
        && name.len() <= MAX_REFERENCE
        && !name.contains(|c: char| c.is_whitespace() || matches!(c, '[' | '^'))
}

/// Returns whether `text` starts with `__name__` around one word.
fn is_dunder(text: &str) -> bool {
    let name = &text[2..];
    let length = name
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count();
    let word = name[..length].strip_suffix("__");
    word.is_some_and(|word| !word.is_empty() && !word.contains("__") && !word.starts_with('_'))
        && !name[length..].starts_with(char::is_alphanumeric)
}

fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace()
}

/// Returns whether a run of marks is flanking towards `inner` (left- and right-flanking in
/// `CommonMark`).
fn is_flanking(inner: char, outer: char) -> bool {
    !inner.is_whitespace()
        && (!is_punctuation(inner) || outer.is_whitespace() || is_punctuation(outer))
}

/// Removes the marks that pair up as emphasis.
fn pair_emphasis(pieces: &mut [InlinePiece]) {
    let mut openers: [Vec<usize>; 3] = Default::default();
    for at in 0..pieces.len() {
        let InlinePiece::Marks(marks) = &pieces[at] else {
            continue;
        };
        let (opens, closes) = (marks.opens, marks.closes);
        let stack = match marks.mark {
            '*' => &mut openers[0],
            '_' => &mut openers[1],
            _ => &mut openers[2],
        };
        // The pieces between an opener and its closer keep their own marks: only their counts go
        // down.
        while closes
            && count_marks(pieces, at) > 0
            && let Some(&opener) = stack.last()
        {
            let used = count_marks(pieces, opener).min(count_marks(pieces, at));
            use_up_marks(pieces, opener, used);
            use_up_marks(pieces, at, used);
            if count_marks(pieces, opener) == 0 {
                stack.pop();
            }
        }
        if opens && count_marks(pieces, at) > 0 {
            stack.push(at);
        }
    }
}

fn count_marks(pieces: &[InlinePiece], at: usize) -> usize {
    match &pieces[at] {
        InlinePiece::Marks(marks) => marks.count,
        _ => 0,
    }
}

fn use_up_marks(pieces: &mut [InlinePiece], at: usize, by: usize) {
    if let InlinePiece::Marks(marks) = &mut pieces[at] {
        marks.count -= by;
    }
}

/// Returns the address in `<https://…>` or `<name@host>`; `text` must start with `<`.
fn autolink(text: &str) -> Option<&str> {
    let end = text
        .bytes()
        .skip(1)
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'<' | b'>'))?;
    let address = &text[1..=end];
    let is_address =
        address.contains("://") || address.starts_with("mailto:") || address.contains('@');
    (text.as_bytes()[end + 1] == b'>' && is_address).then_some(address)
}

/// Returns the length of a link target after a closing bracket: `(url "title")` or `[id]`.
pub fn measure_link_target(text: &str) -> Option<usize> {
    match text.as_bytes().first()? {
        b'(' => measure_inline_target(text),
        b'[' => measure_reference_target(text),
        _ => None,
    }
}

fn measure_reference_target(text: &str) -> Option<usize> {
    let end = text
        .bytes()
        .take(MAX_REFERENCE)
        .skip(1)
        .position(|byte| matches!(byte, b'[' | b']' | b'\n'))?;
    (text.as_bytes()[end + 1] == b']').then_some(end + 2)
}

/// The maximum number of bytes in a reference; `CommonMark` allows 999 characters.
const MAX_REFERENCE: usize = 1000;

/// The maximum depth of parentheses in an address. `CommonMark` asks for at least 3; the limit
/// bounds the search.
const MAX_NESTING: usize = 32;

fn measure_inline_target(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1 + count_leading_white_space(&bytes[1..]);
    if bytes.get(at) == Some(&b'<') {
        let end = bytes[at + 1..]
            .iter()
            .position(|byte| matches!(byte, b'<' | b'>' | b'\n'))?;
        at += 1 + end;
        if bytes[at] != b'>' {
            return None;
        }
        at += 1;
    } else {
        at += measure_bare_destination(&bytes[at..])?;
    }
    let gap = count_leading_white_space(&bytes[at..]);
    at += gap;
    // A title must be separated from the address by white space.
    if gap > 0
        && let Some(&quote @ (b'"' | b'\'' | b'(')) = bytes.get(at)
    {
        let closing = if quote == b'(' { b')' } else { quote };
        let end = bytes[at + 1..]
            .iter()
            .position(|&byte| byte == closing || byte == quote)?;
        at += 1 + end;
        if bytes[at] != closing {
            return None;
        }
        at += 1;
        at += count_leading_white_space(&bytes[at..]);
    }
    (bytes.get(at) == Some(&b')')).then_some(at + 1)
}

fn count_leading_white_space(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}

/// Returns the length of an address without angle brackets, up to white space or the closing
/// parenthesis.
fn measure_bare_destination(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0;
    let mut escaped = false;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' if depth == MAX_NESTING => return None,
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(at),
            b')' => depth -= 1,
            b' ' | b'\t' | b'\n' => return (depth == 0).then_some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
