//! Removes HTML that runs or loads something (R8.6 of the ingest contract).
//!
//! It is removed from the source so that the author is told. The rendered page is made safe later
//! by a real HTML parser (`pressrun-markdown`).

use std::ops::Range;

use pressrun_text::entities;
use pressrun_text::html::{self, HtmlTagText, parse_attributes};
use pressrun_text::line::TextLine;

use super::text_edits::{
    EmptiedLines, OrderedEdits, TextEdit, edit_outside_fences, find_code_ranges,
};
use crate::diagnostic::{Code, Finding};

/// Removes scripts, frames, forms, event handlers and script URLs outside code.
pub fn remove_unsafe_html(body: &mut Vec<TextLine>, findings: &mut Vec<Finding>) {
    if !body
        .iter()
        .any(|line| !line.in_fence() && is_suspected_line(&line.text))
    {
        return;
    }
    let changed = edit_outside_fences(body, EmptiedLines::Dropped, find_unsafe_edits);
    if let Some(line) = changed {
        let message = "scripts, event handlers, frames or script URLs were removed";
        findings.push(Finding::new(Code::UnsafeHtmlRemoved, line, message));
    }
}

/// Returns whether some line may have something to remove. Most texts have none.
pub fn is_suspected(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'<', b']', bytes).any(|at| match bytes.get(at + 1) {
        _ if bytes[at] == b'<' => true,
        Some(b'(') => may_be_unsafe(text[at + 2..].trim_start()),
        following => following == Some(&b':'),
    })
}

/// Returns whether a line has a tag, or a link that may run a script. Nearly all prose has neither.
fn is_suspected_line(line: &str) -> bool {
    let bytes = line.as_bytes();
    let found = memchr::memchr2_iter(b'<', b'(', bytes).any(|at| match bytes[at] {
        b'<' => true,
        _ => {
            bytes[..at].ends_with(b"]")
                && may_be_unsafe(line[at + 1..].trim_start().trim_start_matches('<'))
        }
    });
    found
        || (bytes.contains(&b'[')
            && find_definition_address(line).is_some_and(|address| may_be_unsafe(&line[address])))
}

/// Returns whether a URL begins like a scheme that runs scripts, or like a disguise of one.
fn may_be_unsafe(url: &str) -> bool {
    url.starts_with(['j', 'J', 'v', 'V', 'd', 'D', '&', '\\', '"', '\''])
}

/// Returns the edits for lines without fences, as ranges of the joined lines.
fn find_unsafe_edits(region: &[TextLine]) -> Vec<TextEdit> {
    let text = pressrun_text::line::join_lines(region);
    let mut scanner = UnsafeHtmlScanner {
        code: find_code_ranges(region),
        next_code: 0,
        text: &text,
        lower: None,
        edits: OrderedEdits::default(),
        never_closed: Vec::new(),
    };
    scanner.scan();
    scanner.edits.into_edits()
}

/// Elements that are removed with their content.
const WITH_CONTENT: [&str; 6] = ["script", "style", "iframe", "object", "embed", "form"];

/// Tags that are removed alone.
const ALONE: [&str; 3] = ["meta", "link", "base"];

/// Attributes whose value is a URL.
const URL_ATTRIBUTES: [&str; 5] = ["href", "src", "xlink:href", "action", "formaction"];

/// Scans a text for what has to be removed.
struct UnsafeHtmlScanner<'t> {
    text: &'t str,
    /// The text in lower case, created when a closing tag is first searched for.
    lower: Option<String>,
    code: Vec<Range<usize>>,
    /// The index of the first code range that does not end before the current position.
    next_code: usize,
    edits: OrderedEdits,
    /// Elements that are not closed after some position, so that each search fails only once.
    never_closed: Vec<&'static str>,
}

impl UnsafeHtmlScanner<'_> {
    fn scan(&mut self) {
        let mut at = 0;
        let mut line_start = true;
        while at < self.text.len() {
            if line_start {
                at = self.check_definition(at);
            }
            line_start = false;
            let rest = &self.text.as_bytes()[at..];
            let Some(found) = rest
                .iter()
                .position(|byte| matches!(byte, b'<' | b'(' | b'\n'))
            else {
                break;
            };
            at += found;
            if let Some(end) = self.code_around(at) {
                at = end;
                continue;
            }
            match self.text.as_bytes()[at] {
                b'<' => at = self.check_angle(at),
                b'(' => at = self.check_link(at),
                _ => {
                    at += 1;
                    line_start = true;
                }
            }
        }
    }

    /// Returns the end of the inline code around a position, if there is any.
    fn code_around(&mut self, at: usize) -> Option<usize> {
        while self
            .code
            .get(self.next_code)
            .is_some_and(|code| code.end <= at)
        {
            self.next_code += 1;
        }
        let code = self.code.get(self.next_code)?;
        (code.start <= at).then_some(code.end)
    }

    /// Checks a `<`; returns the position where scanning continues.
    fn check_angle(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        if rest.starts_with("<!--") {
            return self.end_of_comment(at);
        }
        let Some(tag) = html::parse_tag(rest) else {
            // Not a tag, but it may be an autolink: `<javascript:…>`.
            let address = rest[1..]
                .find(['>', '<', ' ', '\n'])
                .map(|end| &rest[1..=end]);
            if let Some(address) = address
                && rest[1 + address.len()..].starts_with('>')
                && is_unsafe_url(address)
            {
                return self.edits.replace(at..at + address.len() + 2, "#");
            }
            return at + 1;
        };
        let end = at + tag.length;
        let name = tag.name.to_ascii_lowercase();
        if let Some(&element) = WITH_CONTENT.iter().find(|&&element| element == name) {
            // A stray closing tag and `embed`, which has no content, are removed alone.
            let end = if tag.closing || element == "embed" {
                end
            } else {
                self.end_of(element, end)
            };
            return self.edits.replace(at..end, "");
        }
        if ALONE.contains(&name.as_str()) {
            return self.edits.replace(at..end, "");
        }
        if !tag.closing {
            self.check_attributes(&tag, at + 1 + tag.name.len());
        }
        end
    }

    /// Returns where a comment ends. A comment that is never closed is text.
    fn end_of_comment(&mut self, at: usize) -> usize {
        const COMMENT: &str = "comment";
        if !self.never_closed.contains(&COMMENT) {
            if let Some(end) = self.text[at..].find("-->") {
                return at + end + 3;
            }
            self.never_closed.push(COMMENT);
        }
        at + 4
    }

    /// Returns where an element ends that was opened before `from`.
    ///
    /// That is after its closing tag, or at `from` if it is never closed.
    fn end_of(&mut self, element: &'static str, from: usize) -> usize {
        if self.never_closed.contains(&element) {
            return from;
        }
        let lower = self
            .lower
            .get_or_insert_with(|| self.text.to_ascii_lowercase());
        let closing = format!("</{element}");
        let Some(found) = lower[from..].find(&closing) else {
            self.never_closed.push(element);
            return from;
        };
        let start = from + found + closing.len();
        lower[start..]
            .find('>')
            .map_or(start, |end| start + end + 1)
    }

    /// Removes event handlers and script URLs from the attributes that begin at `start`.
    fn check_attributes(&mut self, tag: &HtmlTagText, start: usize) {
        for attribute in parse_attributes(tag.attributes) {
            let name = attribute.name.to_ascii_lowercase();
            let range = start + attribute.range.start..start + attribute.range.end;
            if attribute.has_value && is_handler(&name) {
                // The white space before the attribute is removed with it.
                self.edits.replace(start + attribute.space..range.end, "");
            } else if URL_ATTRIBUTES.contains(&name.as_str())
                && is_unsafe_url(&tag.attributes[attribute.value.clone()])
            {
                let value = start + attribute.value.start..start + attribute.value.end;
                self.edits.replace(value, "#");
            }
        }
    }

    /// Checks the `(` of a Markdown link; returns the position where scanning continues.
    fn check_link(&mut self, at: usize) -> usize {
        if !self.text[..at].ends_with(']') {
            return at + 1;
        }
        let inner = &self.text[at + 1..];
        let start = at + 1 + (inner.len() - inner.trim_start().len());
        let length = measure_destination(&self.text[start..]);
        if is_unsafe_url(self.text[start..start + length].trim_start_matches('<')) {
            self.edits.replace(start..start + length, "#");
        }
        start + length
    }

    /// Checks a line that may be a link definition, `[name]: address`; returns the position where
    /// scanning continues.
    fn check_definition(&mut self, at: usize) -> usize {
        let line = self.text[at..].split('\n').next().unwrap_or_default();
        match find_definition_address(line) {
            // What the edit takes away holds nothing that is still to be looked at.
            Some(address) if is_unsafe_url(&line[address.clone()]) => self
                .edits
                .replace(at + address.start..at + address.end, "#"),
            _ => at,
        }
    }
}

/// Returns whether an attribute, in lower case, is an event handler.
fn is_handler(name: &str) -> bool {
    let event = name.strip_prefix("on").unwrap_or_default();
    !event.is_empty() && event.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Returns the range of the address in a link definition.
fn find_definition_address(line: &str) -> Option<Range<usize>> {
    let text = line.trim_start_matches([' ', '>']);
    let colon = text.starts_with('[').then(|| text.find("]:"))?? + 2;
    let rest = &text[colon..];
    let start = line.len() - rest.trim_start().len();
    let end = line[start..]
        .find(char::is_whitespace)
        .map_or(line.len(), |at| start + at);
    Some(start..end)
}

/// Returns the length of a link's address, up to white space or the parenthesis that closes the
/// link.
fn measure_destination(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return at,
            b')' => depth -= 1,
            b' ' | b'\t' | b'\n' => return at,
            _ => {}
        }
    }
    text.len()
}

/// Returns whether a URL runs a script, read as a browser does: with entities decoded and white
/// space ignored.
fn is_unsafe_url(url: &str) -> bool {
    const SCHEMES: [&str; 3] = ["javascript:", "vbscript:", "data:text/html"];
    let start = url.trim_start();
    if !may_be_unsafe(start) {
        return false;
    }
    let scheme: String = entities::decode_entities(start)
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '\\' | '"' | '\''))
        .take(32)
        .flat_map(char::to_lowercase)
        .collect();
    // `entities` knows only the names of HTML 4.
    let scheme = scheme.replace("&colon;", ":");
    SCHEMES
        .iter()
        .any(|unsafe_scheme| scheme.starts_with(unsafe_scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::tests::check_repair;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        check_repair(remove_unsafe_html, text, expected);
    }

    #[test]
    fn elements_that_run_go_with_their_content() {
        check("a<script>b</script>c", "ac");
        check("a\n<SCRIPT src=\"x\">\nb\n\nc\n</script >\nd", "a\nd");
        check(
            "a<style>b</style><iframe src=x></iframe><form>\n<p>c</p></form>d",
            "ad",
        );
        check("a <embed src=x> b", "a  b");
        check("a</script>b", "ab");
        check("a <script>b", "a b");
    }

    #[test]
    fn tags_that_change_the_page_go() {
        check("<meta charset=x>a<link rel=x><base href=x>", "a");
    }

    #[test]
    fn event_handlers_go() {
        check("<p onclick=\"a > b\" class=c>d</p>", "<p class=c>d</p>");
        check("<img src=a ONERROR=b()>", "<img src=a>");
        check("<p\nonclick='a'>b", "<p>b");
        check("<img/onerror=a src=b>", "<img src=b>");
        check(
            "<p class=\"on\" on-x=a once>b",
            "<p class=\"on\" on-x=a once>b",
        );
    }

    #[test]
    fn script_urls_become_harmless() {
        check("<a href=\"javascript:a()\">b</a>", "<a href=\"#\">b</a>");
        check("<a href=' JAVA\tscript:a'>b</a>", "<a href='#'>b</a>");
        check(
            "<a href=\"&#106;avascript&colon;a\">b</a>",
            "<a href=\"#\">b</a>",
        );
        check(
            "[a](javascript:alert(1)) [b]( <vbscript:x> \"t\")",
            "[a](#) [b]( # \"t\")",
        );
        check("![a](data:text/html;base64,x)", "![a](#)");
        check("[a]: javascript:b\nc", "[a]: #\nc");
        check("<javascript:a>", "#");
    }

    #[test]
    fn what_an_edit_removes_is_not_examined_again() {
        check("[x]: javascript:<base>", "[x]: #");
        check("[x]: javascript:<script>a</script> b", "[x]: # b");
        check("[x]: javascript:](javascript:a) <base>", "[x]: # ");
        check("[x]: javascript:`<base>` <base>", "[x]: # ");
        check(
            "> [x]: vbscript:<p onclick=\"a\nb <base>c",
            "> [x]: # onclick=\"a\nb c",
        );
        check("a\n[x]: javascript:<base>\n<base>", "a\n[x]: #");
    }

    #[test]
    fn code_and_harmless_html_stay() {
        for text in [
            "`<script>a</script>` b",
            "```\n<script>a</script>\n```",
            "<p class=a>b</p>",
            "Vec<T> (a)",
            "[a](data:image/png;base64,x)",
            "javascript: the good parts",
            "(javascript:a)",
            "<!-- <script> -->",
            "<a href=\"https://a.example/javascript:\">b</a>",
            "a < b",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for unit in [
            "<script>",
            "<p onclick=\"",
            "](",
            "<",
            "<!--",
            "[a]: ",
            "</form",
            "<a href=x ",
        ] {
            check_time(&unit.repeat(100_000));
            check_time(&format!("{unit}\n").repeat(50_000));
        }
    }

    fn check_time(text: &str) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        remove_unsafe_html(&mut lines, &mut Vec::new());
    }
}
