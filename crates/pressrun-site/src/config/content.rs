//! The table `[content]`: addresses and dates of posts.

use pressrun_posts::post::slug::{SlugAlphabet, SlugOrigin};

use super::Permalink;

/// The table `[content]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContentConfig {
    /// The pattern of post addresses.
    pub permalink: Permalink,
    /// The source of the date for posts that state none.
    pub dates: DateSource,
    /// What happens to a near-duplicate of another post.
    pub near_duplicates: NearDuplicateAction,
    /// The letters of the addresses of posts and terms.
    pub slugs: SlugAlphabet,
    /// What slugs are made from, unless a post states one.
    pub slug_from: SlugOrigin,
}

/// What happens to a near-duplicate of another post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum NearDuplicateAction {
    /// It is published, with a warning.
    #[default]
    Report,
    /// It is treated as a draft, with a warning.
    Draft,
    /// Its page names the other post as canonical, with a warning.
    Canonical,
}

/// The source of the date for posts that state none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateSource {
    /// The commit that added the file, otherwise [`DateSource::Mtime`].
    Git,
    /// The time when the file was last changed.
    Mtime,
    /// No source: the post has no date.
    None,
}
