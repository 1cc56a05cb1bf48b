//! Writes code blocks.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event};

use super::HtmlWriter;
use crate::highlight::{self, CodeLanguage};
use crate::lines::BodyPlace;
use crate::{UnknownLanguage, escape};

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
        let name = match kind {
            // An info string may contain entities that decode to forbidden characters.
            CodeBlockKind::Fenced(info) => {
                highlight::parse_language_name(info).replace(escape::is_unfit, "\u{fffd}")
            }
            CodeBlockKind::Indented => String::new(),
        };
        if name == "math" {
            self.math_block(code, range);
        } else if self.is_feed() {
            self.html.push_str("<pre><code>");
            escape::escape_text(&mut self.html, code);
            self.html.push_str("</code></pre>\n");
        } else {
            self.site_code(code, &name, range);
        }
    }

    fn site_code(&mut self, code: &str, name: &str, range: Range<usize>) {
        self.html.push_str("<div class=\"code\"");
        if !name.is_empty() {
            self.html.push_str(" data-lang=\"");
            escape::escape_attribute(&mut self.html, name);
            self.html.push('"');
        }
        // An element that scrolls must be focusable.
        self.html.push_str("><pre tabindex=\"0\"><code");
        if !name.is_empty() {
            self.html.push_str(" class=\"language-");
            escape::escape_attribute(&mut self.html, name);
            self.html.push('"');
        }
        self.html.push('>');
        self.colour(code, name, range);
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
