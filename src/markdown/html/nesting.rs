//! Keeps an author's elements in balance with each other and with the Markdown around them.

use super::elements::Model;

#[derive(Debug, Clone, Copy)]
struct OpenElement {
    name: &'static str,
    /// How many Markdown blocks and spans it stands in.
    depth: usize,
}

/// The elements of an author that are open.
///
/// Those opened inside a Markdown block end with it at the latest. The rules here are not all
/// those of HTML; they see to it that nothing stays open and that a parser has little to
/// rearrange, which could take it a time quadratic in the size of the page.
#[derive(Debug, Default)]
pub(in super::super) struct OpenElements {
    stack: Vec<OpenElement>,
}

/// Elements whose children can only be parts of a table.
fn is_table_frame(name: &str) -> bool {
    matches!(
        name,
        "table" | "thead" | "tbody" | "tfoot" | "tr" | "colgroup"
    )
}

/// The parts of a table that this one may stand in.
fn parents(part: &str) -> &'static [&'static str] {
    match part {
        "td" | "th" => &["tr", "tbody", "thead", "tfoot", "table"],
        "tr" => &["tbody", "thead", "tfoot", "table"],
        "col" => &["colgroup", "table"],
        _ => &["table"],
    }
}

/// What an item ends, and where the search for it stops.
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

    /// Forgets the elements opened since there were `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        self.stack.truncate(length);
    }

    /// Makes room for an element, or says that it has no place here.
    pub(super) fn fit(
        &mut self,
        out: &mut String,
        name: &'static str,
        model: Model,
        depth: usize,
    ) -> bool {
        match model {
            Model::TablePart => return self.fit_table_part(out, name, depth),
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

    /// Closes what cannot hold text, and, before a block, an open paragraph.
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

    /// Closes the innermost open element with this name, and all within it.
    pub(super) fn close(&mut self, out: &mut String, name: &'static str, depth: usize) {
        self.close_nearest(out, &[name], &[], depth);
    }

    /// Closes the elements opened in the Markdown block or span at this depth.
    pub(in super::super) fn close_all_at(&mut self, out: &mut String, depth: usize) {
        while self
            .stack
            .last()
            .is_some_and(|element| element.depth >= depth)
        {
            self.close_last(out);
        }
    }

    /// Closes the innermost element with one of these names, if nothing at another depth and
    /// none of `bounds` is nearer.
    fn close_nearest(&mut self, out: &mut String, names: &[&str], bounds: &[&str], depth: usize) {
        let mut elements = self.stack.iter().enumerate().rev();
        let found = elements.find_map(|(at, element)| {
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
