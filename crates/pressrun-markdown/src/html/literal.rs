//! Follows the author's elements whose text is literal, such as `<code>`.
//!
//! Unlike [`OpenElements`](super::OpenElements) this also works where HTML is passed on or printed
//! as text.

use super::tags::{HtmlToken, HtmlTokens};

/// Elements in which quotes and dashes stay as they are.
const LITERAL: [&str; 6] = ["code", "kbd", "pre", "samp", "tt", "var"];

/// Elements that are nested more deeply are not followed.
const MAX_DEPTH: usize = 16;

/// The literal elements that are open.
#[derive(Debug, Default)]
pub(in super::super) struct OpenLiterals {
    /// The name of each, and the number of Markdown blocks and spans that contain it.
    stack: Vec<(&'static str, usize)>,
}

impl OpenLiterals {
    pub(in super::super) fn is_empty(&self) -> bool {
        self.stack.is_empty()
    }

    /// Follows the tags in HTML at this depth.
    pub(in super::super) fn follow(&mut self, html: &str, depth: usize) {
        for token in HtmlTokens::new(html) {
            match token {
                HtmlToken::Start(tag) if self.stack.len() < MAX_DEPTH => {
                    let name = find_literal(tag.name).map(|name| (name, depth));
                    self.stack.extend(name);
                }
                HtmlToken::End(name) => {
                    let name = find_literal(name);
                    let opened = self.stack.iter().rposition(|&(own, _)| Some(own) == name);
                    self.stack.truncate(opened.unwrap_or(self.stack.len()));
                }
                _ => {}
            }
        }
    }

    /// Forgets what was opened in a block or span that has ended.
    pub(in super::super) fn end_deeper(&mut self, depth: usize) {
        while self.stack.last().is_some_and(|&(_, own)| own > depth) {
            self.stack.pop();
        }
    }
}

fn find_literal(name: &str) -> Option<&'static str> {
    LITERAL
        .into_iter()
        .find(|literal| literal.eq_ignore_ascii_case(name))
}
