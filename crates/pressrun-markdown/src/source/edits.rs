//! Collects changes of a text, and applies them all at once.

use std::borrow::Cow;
use std::ops::Range;

/// Changes of a text.
#[derive(Debug, Default)]
pub(super) struct SourceEdits {
    edits: Vec<(Range<usize>, Cow<'static, str>)>,
}

impl SourceEdits {
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Replaces a range of the text. Of two changes at one place, the earlier one comes first.
    pub(super) fn replace(&mut self, range: Range<usize>, text: impl Into<Cow<'static, str>>) {
        self.edits.push((range, text.into()));
    }

    /// Inserts a text before this byte.
    pub(super) fn insert(&mut self, at: usize, text: impl Into<Cow<'static, str>>) {
        self.replace(at..at, text);
    }

    /// Returns the changed text. A change of what another one has replaced is left out.
    pub(super) fn apply_to(mut self, text: Cow<'_, str>) -> Cow<'_, str> {
        if self.edits.is_empty() {
            return text;
        }
        self.edits.sort_by_key(|(range, _)| range.start);
        let added: usize = self.edits.iter().map(|(_, text)| text.len()).sum();
        let mut out = String::with_capacity(text.len() + added);
        let mut done = 0;
        for (range, replacement) in &self.edits {
            if range.start < done {
                continue;
            }
            out.push_str(&text[done..range.start]);
            out.push_str(replacement);
            done = range.end;
        }
        out.push_str(&text[done..]);
        out.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_apply_in_the_order_of_their_places() {
        let mut edits = SourceEdits::default();
        edits.replace(2..4, "x");
        edits.insert(0, "a");
        edits.insert(0, "b");
        edits.replace(3..4, "lost");
        assert_eq!(edits.apply_to("0123".into()), "ab01x");
    }
}
