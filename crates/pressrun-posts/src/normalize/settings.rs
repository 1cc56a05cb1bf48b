//! The settings of a site for reading its content.

use std::collections::HashMap;
use std::sync::Arc;

use crate::parse::request_book::RequestBook;
use crate::post::category::{self, CategoryList};
use crate::post::slug::{SlugAlphabet, SlugOrigin};
use crate::post::tag;

/// How content is read. The default is for a single file without a site.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub struct ReadSettings {
    /// Which categories exist.
    pub categories: CategoryPolicy,
    /// What happens to a category that is not in the list.
    pub off_list: OffListAction,
    /// The BCP 47 tag of the language of texts, unless they state or clearly show another.
    pub language: String,
    /// The language that the name of the file gives, which counts unless a text states another.
    pub file_language: Option<String>,
    /// Whether tags are derived for a post without tags.
    pub generate_tags: bool,
    /// The letters of slugs made from titles and file names.
    pub slugs: SlugAlphabet,
    /// What slugs are made from, unless a post states one.
    pub slug_from: SlugOrigin,
    /// Whether HTML that runs or loads something stays in bodies.
    ///
    /// It may stay if HTML is shown as text, or if the authors are trusted.
    pub keeps_html: bool,
    /// Whether the result has a [profile](pressrun_text::similarity) of each post.
    pub makes_profiles: bool,
    /// Whether `rules` give opinions on posts. Whoever reads a file a second time knows them.
    pub gives_opinions: bool,
    /// Whether opinions include that a body is nearly the same as an earlier one of its file (R15). This
    /// needs all words of the file at a time, and a site compares the posts of all files itself.
    pub finds_near_duplicates: bool,
    /// The requests of batches whose results are read.
    pub requests: Arc<RequestBook>,
    category_aliases: HashMap<String, String>,
    tag_aliases: HashMap<String, String>,
}

/// What happens to a category that is not in the closed list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OffListAction {
    /// It is kept as written, with a warning.
    #[default]
    Keep,
    /// It is dropped, with a warning.
    Drop,
    /// The reply is rejected.
    Reject,
}

/// Which categories exist.
#[derive(Debug, Clone, Default)]
pub enum CategoryPolicy {
    /// Any, unless a prompt gives a list.
    Open,
    /// The built-in list, unless a prompt gives another.
    #[default]
    BuiltIn,
    /// This list, whatever a prompt says.
    Listed(CategoryList),
}

impl Default for ReadSettings {
    fn default() -> Self {
        Self {
            categories: CategoryPolicy::default(),
            off_list: OffListAction::default(),
            language: "en".to_owned(),
            file_language: None,
            generate_tags: true,
            slugs: SlugAlphabet::default(),
            slug_from: SlugOrigin::default(),
            keeps_html: false,
            makes_profiles: false,
            gives_opinions: true,
            finds_near_duplicates: true,
            requests: Arc::default(),
            category_aliases: HashMap::new(),
            tag_aliases: HashMap::new(),
        }
    }
}

impl ReadSettings {
    /// Makes the category `alias` another name of `name`.
    pub fn alias_category(&mut self, alias: &str, name: impl Into<String>) {
        self.category_aliases
            .insert(category::category_key(alias), name.into());
    }

    /// Makes the tag `alias` another name of `name`.
    pub fn alias_tag(&mut self, alias: &str, name: impl Into<String>) {
        self.tag_aliases.insert(tag::tag_key(alias), name.into());
    }

    pub(super) fn category_alias(&self, name: &str) -> Option<&str> {
        if self.category_aliases.is_empty() {
            return None;
        }
        self.category_aliases
            .get(&category::category_key(name))
            .map(String::as_str)
    }

    /// Returns the tag that replaces the one with this key, if there is an alias.
    pub(super) fn tag_alias(&self, key: &str) -> Option<&str> {
        self.tag_aliases.get(key).map(String::as_str)
    }
}
