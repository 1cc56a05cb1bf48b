//! Writes code blocks.

use std::fmt::Write;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event};

use super::HtmlWriter;
use crate::code_info::CodeInfo;
use crate::highlight::{self, CodeLanguage};
use crate::lines::BodyPlace;
use crate::{UnknownLanguage, escape};

/// The start of the element in which Mermaid looks for a diagram.
pub(super) const DIAGRAM_START: &str = "<pre class=\"mermaid\"";

impl HtmlWriter<'_> {
    /// Writes a code block, reading events up to its end.
    pub(super) fn code_block(&mut self, kind: &CodeBlockKind<'_>, range: Range<usize>) {
        let mut code = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Text(text) => code.push_str(&text),
                _ => break,
            }
        }
        // The parser ends the last line of a block with a line break too.
        let code = code.strip_suffix('\n').unwrap_or(&code);
        let info = match kind {
            CodeBlockKind::Fenced(info) => CodeInfo::parse(info),
            CodeBlockKind::Indented => CodeInfo::default(),
        };
        if info.language == "math" {
            self.math_block(code, range);
        } else if self.is_feed() {
            self.plain_title(&info);
            self.html.push_str("<pre><code>");
            escape::escape_text(&mut self.html, code);
            self.html.push_str("</code></pre>\n");
        } else if self.options.diagrams && info.language == "mermaid" {
            self.plain_title(&info);
            self.html.push_str(DIAGRAM_START);
            self.html.push_str(" tabindex=\"0\">");
            escape::escape_text(&mut self.html, code);
            self.html.push_str("</pre>\n");
        } else {
            self.site_code(code, &info, range);
        }
    }

    /// Writes the title of code as a paragraph.
    fn plain_title(&mut self, info: &CodeInfo) {
        if let Some(title) = &info.title {
            self.html.push_str("<p><strong>");
            escape::escape_text(&mut self.html, title);
            self.html.push_str("</strong></p>\n");
        }
    }

    fn site_code(&mut self, code: &str, info: &CodeInfo, range: Range<usize>) {
        let name = &*info.language;
        self.html.push_str("<div class=\"code\"");
        if !name.is_empty() {
            self.html.push_str(" data-lang=\"");
            escape::escape_attribute(&mut self.html, name);
            self.html.push('"');
        }
        self.html.push('>');
        if let Some(title) = &info.title {
            self.html.push_str("<p class=\"code-title\">");
            escape::escape_text(&mut self.html, title);
            self.html.push_str("</p>");
        }
        // An element that scrolls must be focusable.
        self.html.push_str("<pre tabindex=\"0\"><code");
        if !name.is_empty() {
            self.html.push_str(" class=\"language-");
            escape::escape_attribute(&mut self.html, name);
            self.html.push('"');
        }
        self.html.push('>');
        let start = self.html.len();
        self.colour(code, name, range);
        if info.has_lines() {
            let coloured = self.html.split_off(start);
            push_lines(&mut self.html, &coloured, info);
        }
        self.html.push_str("</code></pre></div>\n");
    }

    fn colour(&mut self, code: &str, name: &str, range: Range<usize>) {
        if !self.options.highlight || name.is_empty() {
            return escape::escape_text(&mut self.html, code);
        }
        match highlight::find_code_language(name) {
            CodeLanguage::Unknown => {
                // The block stays readable without colours; the caller warns about its language.
                let body_line = self.lines.line_of(BodyPlace::Offset(range.start));
                self.unknown_languages.push(UnknownLanguage {
                    name: name.to_owned(),
                    body_line,
                });
                escape::escape_text(&mut self.html, code);
            }
            language => {
                let (html, effort) = (&mut self.html, &mut self.effort);
                if highlight::highlight_code(html, code, language, effort).is_err() {
                    let body_line = self.lines.line_of(BodyPlace::Offset(range.start));
                    self.unhighlighted_blocks.push(body_line);
                }
            }
        }
    }
}

/// Writes coloured code line by line. No element goes on from one line to the next.
fn push_lines(html: &mut String, coloured: &str, info: &CodeInfo) {
    let count = coloured.split('\n').count();
    let marks = info.mark_lines(count);
    for (index, (line, is_marked)) in coloured.split('\n').zip(marks).enumerate() {
        if index > 0 {
            html.push('\n');
        }
        html.push_str("<span class=\"code-line");
        if is_marked {
            html.push_str(" code-marked");
        }
        if let Some(first) = info.first_number {
            let _ = write!(html, "\" data-line=\"{}", u64::from(first) + index as u64);
        }
        html.push_str("\">");
        html.push_str(line);
        html.push_str("</span>");
    }
}

#[cfg(test)]
mod tests {
    use crate::{RenderOptions, render_markdown};

    #[track_caller]
    fn check(body: &str, options: &RenderOptions, has_diagrams: bool, expected: &str) {
        let rendered = render_markdown(body, options);
        assert_eq!(rendered.has_diagrams, has_diagrams, "{body}");
        assert_eq!(rendered.html_as_written(), expected, "{body}");
    }

    #[test]
    fn diagram_is_left_to_a_script_only_if_there_is_one() {
        let none = RenderOptions::default();
        let some = RenderOptions {
            diagrams: true,
            ..none.clone()
        };
        let feed = RenderOptions {
            feed: true,
            ..some.clone()
        };
        let body = "```Mermaid\nA-->B<b>\n```";
        let code = "A--&gt;B&lt;b&gt;";
        let drawn = format!("<pre class=\"mermaid\" tabindex=\"0\">{code}</pre>\n");
        check(body, &some, true, &drawn);
        let after_html = format!("{body}\n\n<i>x</i>");
        check(
            &after_html,
            &some,
            true,
            &format!("{drawn}<p><i>x</i></p>\n"),
        );
        check(
            body,
            &feed,
            false,
            &format!("<pre><code>{code}</code></pre>\n"),
        );
        assert!(!render_markdown(body, &none).has_diagrams);
        assert!(!render_markdown("```rust\nmermaid\n```", &some).has_diagrams);
    }
}
