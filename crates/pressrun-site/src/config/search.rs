//! The table `[search]`.

/// The table `[search]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchConfig {
    /// Whether the site has a search page.
    pub enabled: bool,
    /// The maximum number of posts for which the full text is searched. On a larger site only
    /// titles, descriptions and headings are.
    pub full_text: usize,
    /// The maximum number of posts on a site with a search page.
    pub limit: usize,
}

impl SearchConfig {
    /// Returns what is searched of each post on a site of `posts` posts, or `None` without a search
    /// page.
    pub fn extent(&self, posts: usize) -> Option<SearchExtent> {
        let searched = self.enabled && posts <= self.limit;
        searched.then_some(if posts <= self.full_text {
            SearchExtent::FullText
        } else {
            SearchExtent::Outline
        })
    }
}

/// What is searched of each post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchExtent {
    /// Title, description and full text.
    FullText,
    /// Title, description and headings.
    Outline,
}
