//! The tables `[categories]` and `[tags]`.

use pressrun_posts::normalize::OffListAction;

/// The table `[categories]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CategoriesConfig {
    /// The closed list; empty if any category is allowed.
    pub allowed: Vec<String>,
    /// What happens to a category that is not in the list.
    pub off_list: OffListAction,
    /// Aliases of categories: pairs of an alias and the name of the category.
    pub aliases: Vec<(String, String)>,
}

/// The table `[tags]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TagsConfig {
    /// Aliases of tags: pairs of an alias and the name of the tag.
    pub aliases: Vec<(String, String)>,
    /// Pages of tags with fewer posts than this are hidden from search engines.
    pub noindex_below: usize,
}
