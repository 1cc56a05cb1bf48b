//! The words that the HTML of a body has of its own: names for screen readers, and titles of callouts.

use std::borrow::Cow;
use std::sync::LazyLock;

use pulldown_cmark::BlockQuoteKind;

use crate::escape::escape_attribute;

/// The words in one language, as HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyWords {
    pub(crate) heading_link: String,
    pub(crate) table: String,
    pub(crate) footnotes: String,
    pub(crate) task_done: String,
    pub(crate) task_open: String,
    footnote: String,
    footnote_back: String,
    callouts: [String; 5],
}

/// What stands for a number in a word.
const NUMBER: &str = "{number}";

impl BodyWords {
    /// Asks `find_word` for each word by its key. `{number}` in a word stands for the number of a footnote.
    pub fn new<'w>(find_word: impl Fn(&'static str) -> Cow<'w, str>) -> Self {
        let word = |key: &'static str| {
            let mut escaped = String::new();
            escape_attribute(&mut escaped, &find_word(key));
            escaped
        };
        Self {
            heading_link: word("heading_link"),
            table: word("table"),
            footnotes: word("footnotes"),
            task_done: word("task_done"),
            task_open: word("task_open"),
            footnote: word("footnote"),
            footnote_back: word("footnote_back"),
            callouts: [
                word("callout_note"),
                word("callout_tip"),
                word("callout_important"),
                word("callout_warning"),
                word("callout_caution"),
            ],
        }
    }

    /// Returns the words in English.
    pub fn english() -> &'static Self {
        static ENGLISH: LazyLock<BodyWords> = LazyLock::new(|| {
            BodyWords::new(|key| {
                Cow::Borrowed(match key {
                    "heading_link" => "Link to this section",
                    "table" => "Table",
                    "footnotes" => "Footnotes",
                    "task_done" => "Completed task",
                    "task_open" => "Incomplete task",
                    "footnote" => "Footnote {number}",
                    "footnote_back" => "Back to reference {number}",
                    "callout_note" => "Note",
                    "callout_tip" => "Tip",
                    "callout_important" => "Important",
                    "callout_warning" => "Warning",
                    "callout_caution" => "Caution",
                    _ => "",
                })
            })
        });
        &ENGLISH
    }

    /// Returns the name of a link to a footnote.
    pub(crate) fn footnote(&self, number: usize) -> String {
        self.footnote.replace(NUMBER, &number.to_string())
    }

    /// Returns the name of a link from a footnote back to its reference.
    pub(crate) fn footnote_back(&self, number: usize) -> String {
        self.footnote_back.replace(NUMBER, &number.to_string())
    }

    /// Returns the title of a callout.
    pub(crate) fn callout(&self, kind: BlockQuoteKind) -> &str {
        let [note, tip, important, warning, caution] = &self.callouts;
        match kind {
            BlockQuoteKind::Note => note,
            BlockQuoteKind::Tip => tip,
            BlockQuoteKind::Important => important,
            BlockQuoteKind::Warning => warning,
            BlockQuoteKind::Caution => caution,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{RenderOptions, render_markdown};

    #[test]
    fn words_of_a_language_are_in_the_html_and_cannot_end_an_attribute() {
        let options = RenderOptions {
            words: Some(Arc::new(BodyWords::new(|key| {
                format!("<{key} \"{{number}}\">").into()
            }))),
            ..RenderOptions::default()
        };
        let body =
            "# A\n\n## B[^1]\n\n- [x] c\n- [ ] d\n\n> [!TIP]\n> e\n\n|f|\n|-|\n|g|\n\n[^1]: h\n";
        let html = render_markdown(body, &options).html_as_written();
        for key in [
            "heading_link",
            "task_done",
            "task_open",
            "callout_tip",
            "table",
            "footnotes",
        ] {
            let word = format!("&lt;{key} &quot;{{number}}&quot;&gt;");
            assert!(html.contains(&word), "{word}: {html}");
        }
        assert!(html.contains("&lt;footnote &quot;1&quot;&gt;"), "{html}");
        assert!(
            html.contains("&lt;footnote_back &quot;1&quot;&gt;"),
            "{html}"
        );
        assert!(
            !html.contains("Footnote") && !html.contains("Table"),
            "{html}"
        );
    }
}
