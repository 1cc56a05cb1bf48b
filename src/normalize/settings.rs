//! What a site may choose about how its content is read.

use std::collections::HashMap;

use crate::config::OffList;
use crate::post::category::{self, CategoryList};
use crate::post::slug::Alphabet;
use crate::post::tag;

/// What a site chooses. The default is that of a single file without a site.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which categories there are.
    pub categories: Categories,
    /// What becomes of a category that is not in the list.
    pub off_list: OffList,
    /// BCP 47 tag of the language that texts are in, unless they say or plainly are in another.
    pub language: String,
    /// Whether a post without tags gets some from its text.
    pub generate_tags: bool,
    /// Which letters the slugs of titles and file names are made of.
    pub slugs: Alphabet,
    /// Whether HTML that runs or loads something stays in bodies: where it is shown as text, or
    /// where whoever writes the posts is trusted.
    pub keeps_html: bool,
    category_aliases: HashMap<String, String>,
    tag_aliases: HashMap<String, String>,
}

/// Which categories there are.
#[derive(Debug, Clone, Default)]
pub enum Categories {
    /// Any, where a prompt gives no list.
    Open,
    /// The built-in ones, where a prompt gives no list.
    #[default]
    BuiltIn,
    /// These, whatever a prompt says.
    Listed(CategoryList),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            categories: Categories::default(),
            off_list: OffList::default(),
            language: "en".to_owned(),
            generate_tags: true,
            slugs: Alphabet::default(),
            keeps_html: false,
            category_aliases: HashMap::new(),
            tag_aliases: HashMap::new(),
        }
    }
}

impl Settings {
    /// Reads the category `alias` as `name`.
    pub fn alias_category(&mut self, alias: &str, name: impl Into<String>) {
        self.category_aliases
            .insert(category::key(alias), name.into());
    }

    /// Reads the tag `alias` as `name`.
    pub fn alias_tag(&mut self, alias: &str, name: impl Into<String>) {
        self.tag_aliases.insert(tag::key(alias), name.into());
    }

    pub(super) fn category_alias(&self, name: &str) -> Option<&str> {
        if self.category_aliases.is_empty() {
            return None;
        }
        self.category_aliases
            .get(&category::key(name))
            .map(String::as_str)
    }

    /// The name that stands for the tag with this key.
    pub(super) fn tag_alias(&self, key: &str) -> Option<&str> {
        self.tag_aliases.get(key).map(String::as_str)
    }
}
