//! The words of the preview's own pages, in the language of the site.

use std::borrow::Cow;
use std::sync::Arc;

use pressrun_locale::messages::{MessageValue, Messages, Words};
use pressrun_site::render::SiteRenderer;
use pressrun_text::html::escape_html;
use pressrun_text::language;

/// The words in one language.
#[derive(Debug, Clone)]
pub(super) struct OwnWords {
    pub(super) words: Arc<Words>,
    /// The BCP 47 tag of the language.
    pub(super) language: String,
}

impl OwnWords {
    /// Returns the words of a site.
    pub(super) fn of_site(site: &SiteRenderer) -> Self {
        let config = site.config();
        Self {
            words: config.messages.messages.site_words(),
            language: config.language.clone(),
        }
    }

    /// Returns the words for a site that cannot be read.
    pub(super) fn english() -> Self {
        Self {
            words: Messages::default().site_words(),
            language: "en".to_owned(),
        }
    }

    /// Returns a word of the preview.
    pub(super) fn text(&self, key: &str) -> String {
        self.fill(key, &[])
    }

    /// Returns what the preview says of a number.
    pub(super) fn count(&self, key: &str, number: usize) -> String {
        self.fill(key, &[("count", MessageValue::of_count(number))])
    }

    /// Fills in a message of the preview.
    pub(super) fn fill(&self, key: &str, values: &[(&str, MessageValue<'_>)]) -> String {
        let key = format!("preview.{key}");
        // A site's own words show no other values than those of the theme.
        self.words.fill(&key, values).unwrap_or(key)
    }

    /// Fills in a message of the preview as HTML.
    pub(super) fn fill_html(&self, key: &str, values: &[(&str, MessageValue<'_>)]) -> String {
        self.fill_key_html(format!("preview.{key}"), values)
    }

    /// Returns a word of the review desk.
    pub(super) fn desk_text(&self, key: &str) -> String {
        self.words.text(&format!("desk.{key}"))
    }

    /// Fills in a message of the review desk as HTML.
    pub(super) fn fill_desk_html(&self, key: &str, values: &[(&str, MessageValue<'_>)]) -> String {
        self.fill_key_html(format!("desk.{key}"), values)
    }

    fn fill_key_html(&self, key: String, values: &[(&str, MessageValue<'_>)]) -> String {
        let filled = self.words.fill_as(&key, values, escape);
        filled.unwrap_or(key)
    }

    /// Returns the attributes of an HTML element in the language.
    pub(super) fn html_attributes(&self) -> String {
        let direction = if language::is_right_to_left(&self.language) {
            " dir=\"rtl\""
        } else {
            ""
        };
        format!("lang=\"{}\"{direction}", escape_html(&self.language))
    }
}

fn escape(text: &str) -> Cow<'_, str> {
    escape_html(text).into()
}
