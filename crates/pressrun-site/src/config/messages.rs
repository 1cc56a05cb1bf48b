//! The words of a site: those of the theme, and those of its message files.

use std::hash::{Hash, Hasher};

use pressrun_locale::messages::Messages;
use pressrun_posts::diagnostic::Diagnostic;

/// The words of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteMessages {
    /// The words of every language.
    pub messages: Messages,
    /// Words that the theme does not have, by their keys. A template of the site may show them.
    pub unknown: Vec<(String, Diagnostic)>,
    /// Notes about the files.
    pub notes: Vec<Diagnostic>,
}

impl Hash for SiteMessages {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // What is said of the files is not on pages.
        self.messages.hash(state);
    }
}
