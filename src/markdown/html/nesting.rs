//! Keeps an author's elements balanced, with each other and with the Markdown around them.

use super::elements::Model;

#[derive(Debug, Clone, Copy)]
struct OpenElement {
    name: &'static str,
    /// Number of Markdown blocks and spans that contain it.
    depth: usize,
}

/// The author's elements that are open.
///
/// Elements opened inside a Markdown block end with that block at the latest. The rules here are
/// only some of HTML's. They make sure that nothing stays open, and that a parser has little to
/// rearrange, which could take quadratic time in the size of the page.
#[derive(Debug, Default)]
pub(in super::super) struct OpenElements {
    stack: Vec<OpenElement>,
}

/// Returns whether the children of an element can only be parts of a table.
fn is_table_frame(name: &str) -> bool {
    matches!(
        name,
        "table" | "thead" | "tbody" | "tfoot" | "tr" | "colgroup"
    )
}

/// Returns the parts of a table that may contain this one.
fn parents(part: &str) -> &'static [&'static str] {
    match part {
        "td" | "th" => &["tr", "tbody", "thead", "tfoot", "table"],
        "tr" => &["tbody", "thead", "tfoot", "table"],
        "col" => &["colgroup", "table"],
        _ => &["table"],
    }
}

/// Returns which elements an item ends, and at which the search for them stops.
fn group(item: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match item {
        "li" => (&["li"], &["ul", "ol", "td", "th", "div", "details"]),
        _ => (&["dt", "dd"], &["dl", "td", "th", "div", "details"]),
    }
}

impl OpenElements {
    pub(in super::super) fn is_empty(&self) -> bool {
        self.stack.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.stack.len()
    }

    /// Forgets the elements that were opened after there were `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        self.stack.truncate(length);
    }

    /// Closes elements to make room for a new one; returns false if it has no place here.
    pub(super) fn fit(
        &mut self,
        out: &mut String,
        name: &'static str,
        model: Model,
        depth: usize,
    ) -> bool {
        match model {
            Model::TablePart => return self.fit_table_part(out, name, depth),
            // A link cannot contain another one, so `a` ends an open `a`; see below.
            Model::Phrase if name != "a" => self.before_content(out, depth, false),
            Model::Void => self.before_content(out, depth, name == "hr"),
            Model::Phrase => {
                self.before_content(out, depth, false);
                self.close_nearest(out, &["a"], &[], depth);
            }
            Model::Block => {
                self.before_content(out, depth, true);
                if name.len() == 2 && name.starts_with('h') {
                    self.close_nearest(out, &["h1", "h2", "h3", "h4", "h5", "h6"], &[], depth);
                }
            }
            Model::Item => {
                self.before_content(out, depth, true);
                let (ended, bounds) = group(name);
                self.close_nearest(out, ended, bounds, depth);
            }
        }
        true
    }

    fn fit_table_part(&mut self, out: &mut String, name: &str, depth: usize) -> bool {
        // A table outside the current Markdown block does not count.
        let in_scope = |element: &&OpenElement| element.depth == depth;
        let scope = self.stack.iter().rev().take_while(in_scope);
        if !scope.into_iter().any(|element| element.name == "table") {
            return false;
        }
        while let Some(last) = self.stack.last()
            && !parents(name).contains(&last.name)
        {
            self.close_last(out);
        }
        true
    }

    pub(super) fn push(&mut self, name: &'static str, depth: usize) {
        self.stack.push(OpenElement { name, depth });
    }

    /// Closes elements that cannot contain text and, before a block, an open paragraph.
    pub(in super::super) fn before_content(&mut self, out: &mut String, depth: usize, block: bool) {
        let Some(last) = self.stack.last() else {
            return;
        };
        if is_table_frame(last.name) {
            self.close_nearest(out, &["table"], &[], depth);
        } else if block && last.name == "p" && last.depth == depth {
            self.close_last(out);
        }
    }

    /// Closes the innermost open element with this name, and everything inside it.
    pub(super) fn close(&mut self, out: &mut String, name: &'static str, depth: usize) {
        self.close_nearest(out, &[name], &[], depth);
    }

    /// Closes the elements opened at this depth of Markdown blocks and spans, or deeper.
    pub(in super::super) fn close_all_at(&mut self, out: &mut String, depth: usize) {
        while self
            .stack
            .last()
            .is_some_and(|element| element.depth >= depth)
        {
            self.close_last(out);
        }
    }

    /// Closes the innermost element with one of these names, unless an element of another depth or
    /// one of `bounds` is nearer.
    fn close_nearest(&mut self, out: &mut String, names: &[&str], bounds: &[&str], depth: usize) {
        let mut elements = self.stack.iter().enumerate().rev();
        let found = elements.find_map(|(at, element)| {
            // `Some(None)` stops the search without a result.
            if element.depth != depth || bounds.contains(&element.name) {
                Some(None)
            } else {
                names.contains(&element.name).then_some(Some(at))
            }
        });
        if let Some(Some(at)) = found {
            while self.stack.len() > at {
                self.close_last(out);
            }
        }
    }

    fn close_last(&mut self, out: &mut String) {
        if let Some(element) = self.stack.pop() {
            out.push_str("</");
            out.push_str(element.name);
            out.push('>');
        }
    }
}
