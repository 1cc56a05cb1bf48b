//! Keeps an author's elements balanced, with each other and with the Markdown around them.

use super::elements::ContentModel;

#[derive(Debug, Clone, Copy)]
struct OpenElement {
    name: &'static str,
    model: ContentModel,
    /// Number of Markdown blocks and spans that contain it.
    depth: usize,
    /// HTML that follows its end tag.
    suffix: &'static str,
    /// What was there before it, if it is hidden. At its end, all that came after goes.
    hidden: Option<PageState>,
}

/// How much a page consists of at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct PageState {
    pub(in super::super) html: usize,
    pub(in super::super) ids: usize,
    pub(in super::super) references: usize,
    pub(in super::super) toc: usize,
    pub(in super::super) levels: usize,
    /// Length of the text of the open heading.
    pub(in super::super) heading: usize,
}

/// The author's elements that are open.
///
/// Elements opened inside a Markdown block end with that block at the latest. The rules here are
/// only some of HTML's. They make sure that each element ends where an HTML parser ends it. If a
/// parser ends a paragraph or an item that contains an open `<b>` or `<a>`, it opens a copy of that
/// element, with all its attributes, in every paragraph that follows. A page with one long title
/// attribute and many paragraphs would then grow with the square of its length.
#[derive(Debug, Default)]
pub(in super::super) struct OpenElements {
    stack: Vec<OpenElement>,
    /// The state that the page goes back to, since a hidden element has ended.
    goes_back_to: Option<PageState>,
}

/// What surrounds the start of an author's element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Surroundings {
    /// Number of Markdown blocks and spans that contain it.
    pub(super) depth: usize,
    /// Its position in a Markdown paragraph, if it is in one.
    pub(super) in_paragraph: Option<InParagraph>,
    /// Whether a Markdown link contains it.
    pub(super) in_link: bool,
}

/// The position of an element in a Markdown paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InParagraph {
    /// Directly in its text.
    Directly,
    /// In emphasis, a link or another span.
    InSpan,
}

/// Returns whether the children of an element can only be parts of a table.
fn is_table_frame(name: &str) -> bool {
    matches!(
        name,
        "table" | "thead" | "tbody" | "tfoot" | "tr" | "colgroup"
    )
}

/// Returns the parts of a table that may contain this one.
fn table_part_parents(part: &str) -> &'static [&'static str] {
    match part {
        "td" | "th" => &["tr", "tbody", "thead", "tfoot", "table"],
        "tr" => &["tbody", "thead", "tfoot", "table"],
        "col" => &["colgroup", "table"],
        _ => &["table"],
    }
}

/// Returns which items an item ends, and which lists it belongs to.
fn item_group(item: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match item {
        "li" => (&["li"], &["ul", "ol"]),
        _ => (&["dt", "dd"], &["dl"]),
    }
}

/// Returns whether the search for an open item stops at this element.
fn bounds_items(element: &OpenElement) -> bool {
    match element.model {
        ContentModel::Block => !matches!(element.name, "address" | "div" | "p"),
        ContentModel::Item | ContentModel::TablePart => true,
        ContentModel::Phrase | ContentModel::Void => false,
    }
}

/// Returns whether the search for an open paragraph stops at this element.
fn bounds_paragraphs(element: &OpenElement) -> bool {
    matches!(element.name, "table" | "td" | "th" | "caption")
}

impl OpenElements {
    pub(in super::super) fn is_empty(&self) -> bool {
        self.stack.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.stack.len()
    }

    /// Returns whether an element with this name is open.
    pub(in super::super) fn contains(&self, name: &str) -> bool {
        self.stack.iter().any(|element| element.name == name)
    }

    /// Closes elements to make room for a new one; returns false if it has no place here.
    pub(super) fn make_room_for(
        &mut self,
        out: &mut String,
        name: &'static str,
        model: ContentModel,
        around: Surroundings,
    ) -> bool {
        match model {
            ContentModel::TablePart => self.fit_table_part(out, name, around.depth),
            ContentModel::Block => self.fit_block(out, name, around),
            ContentModel::Void if name == "hr" => self.fit_block(out, name, around),
            ContentModel::Void => {
                self.before_content(out, around.depth, false);
                true
            }
            ContentModel::Phrase => {
                self.before_content(out, around.depth, false);
                name != "a" || self.fit_link(out, around)
            }
            ContentModel::Item => self.fit_item(out, name, around),
        }
    }

    /// Makes room for a link. A link cannot contain another one, so it ends an open link.
    fn fit_link(&mut self, out: &mut String, around: Surroundings) -> bool {
        self.close_nearest(out, &["a"], |_| false, around.depth);
        !around.in_link && !self.contains("a")
    }

    fn fit_item(&mut self, out: &mut String, name: &str, around: Surroundings) -> bool {
        let (ended, lists) = item_group(name);
        let is_here = |element: &&OpenElement| element.depth == around.depth;
        let mut here = self.stack.iter().rev().take_while(is_here);
        // Without its own list, the item would end that of a Markdown list.
        let has_list = here.any(|element| lists.contains(&element.name));
        if (around.depth > 0 && !has_list) || !self.fit_block(out, name, around) {
            return false;
        }
        self.close_nearest(out, ended, bounds_items, around.depth);
        true
    }

    /// Makes room for an element that ends a paragraph.
    fn fit_block(&mut self, out: &mut String, name: &str, around: Surroundings) -> bool {
        match around.in_paragraph {
            // The paragraph would end inside the span.
            Some(InParagraph::InSpan) => return false,
            _ if self.has_paragraph_around(around.depth) => return false,
            Some(InParagraph::Directly) => self.end_phrases(out, around.depth),
            None => {}
        }
        self.before_content(out, around.depth, true);
        if matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
            let headings = ["h1", "h2", "h3", "h4", "h5", "h6"];
            self.close_nearest(out, &headings, |_| false, around.depth);
        }
        true
    }

    /// Returns whether an author's paragraph contains the Markdown span of this depth.
    fn has_paragraph_around(&self, depth: usize) -> bool {
        let elements = self.stack.iter().rev();
        let mut scope = elements.take_while(|element| !bounds_paragraphs(element));
        scope.any(|element| element.name == "p" && element.depth < depth)
    }

    /// Closes the elements that are open at this depth, if all of them are part of a line.
    fn end_phrases(&mut self, out: &mut String, depth: usize) {
        let is_here = |element: &&OpenElement| element.depth == depth;
        let mut here = self.stack.iter().rev().take_while(is_here);
        if here.all(|element| element.model == ContentModel::Phrase) {
            self.close_all_at(out, depth);
        }
    }

    /// Closes a link that is still open before a Markdown block. Otherwise no later link could be
    /// written, because links cannot be nested.
    pub(in super::super) fn end_link(&mut self, out: &mut String, depth: usize) {
        let is_bound = |element: &OpenElement| element.model != ContentModel::Phrase;
        self.close_nearest(out, &["a"], is_bound, depth);
    }

    fn fit_table_part(&mut self, out: &mut String, name: &str, depth: usize) -> bool {
        // A table outside the current Markdown block does not count.
        let in_scope = |element: &&OpenElement| element.depth == depth;
        let scope = self.stack.iter().rev().take_while(in_scope);
        if !scope.into_iter().any(|element| element.name == "table") {
            return false;
        }
        while let Some(last) = self.stack.last()
            && !table_part_parents(name).contains(&last.name)
        {
            self.close_last(out);
        }
        true
    }

    /// Records that an element was opened, and the HTML that follows its end tag.
    pub(super) fn push(
        &mut self,
        name: &'static str,
        model: ContentModel,
        depth: usize,
        suffix: &'static str,
    ) {
        self.stack.push(OpenElement {
            name,
            model,
            depth,
            suffix,
            hidden: None,
        });
    }

    /// Records that a hidden element was opened on a page in this state. Its tags are not written.
    pub(super) fn push_hidden(
        &mut self,
        name: &'static str,
        model: ContentModel,
        depth: usize,
        before: PageState,
    ) {
        self.stack.push(OpenElement {
            name,
            model,
            depth,
            suffix: "",
            hidden: Some(before),
        });
    }

    /// Returns whether a hidden element is open.
    pub(in super::super) fn is_hidden(&self) -> bool {
        self.stack.iter().any(|element| element.hidden.is_some())
    }

    /// Returns the state that the page must go back to, once.
    pub(in super::super) fn take_back(&mut self) -> Option<PageState> {
        self.goes_back_to.take()
    }

    /// Closes a film or sound that is still open before a Markdown block, which would not be shown
    /// inside it.
    pub(in super::super) fn end_player(&mut self, out: &mut String, depth: usize) {
        self.close_nearest(out, &["audio", "video"], |_| false, depth);
    }

    /// Closes elements that cannot contain text and, before a block, an open paragraph.
    pub(in super::super) fn before_content(&mut self, out: &mut String, depth: usize, block: bool) {
        let Some(last) = self.stack.last() else {
            return;
        };
        if is_table_frame(last.name) {
            self.close_nearest(out, &["table"], |_| false, depth);
        }
        if block {
            self.close_nearest(out, &["p"], bounds_paragraphs, depth);
        }
    }

    /// Closes the innermost open element with this name, and everything inside it.
    pub(super) fn close(&mut self, out: &mut String, name: &'static str, depth: usize) {
        self.close_nearest(out, &[name], |_| false, depth);
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
    /// a bound is nearer.
    fn close_nearest(
        &mut self,
        out: &mut String,
        names: &[&str],
        is_bound: impl Fn(&OpenElement) -> bool,
        depth: usize,
    ) {
        let mut elements = self.stack.iter().enumerate().rev();
        let found = elements.find_map(|(at, element)| {
            // `Some(None)` stops the search without a result.
            if element.depth != depth {
                Some(None)
            } else if names.contains(&element.name) {
                Some(Some(at))
            } else {
                is_bound(element).then_some(None)
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
            if let Some(before) = element.hidden {
                // The writer does the same with what is not in the HTML. Hidden elements may be
                // nested; the outermost one decides.
                out.truncate(before.html);
                self.goes_back_to = Some(before);
                return;
            }
            out.push_str("</");
            out.push_str(element.name);
            out.push('>');
            out.push_str(element.suffix);
        }
    }
}
