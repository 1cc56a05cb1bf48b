//! How posts resemble each other: near-duplicates, posts that compete, languages.
//!
//! What is not known is `None`, and the report does not speak of it.

use serde::Serialize;

use super::{Capped, PostLine, Posts};
use crate::corpus::Gathered;

/// How posts resemble each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Related {
    /// Posts that say nearly the same, the largest groups first.
    pub near_duplicates: Option<Capped<Cluster>>,
    /// Posts that want to be found for the same words, the largest groups first.
    pub competing: Option<Capped<Competing>>,
    /// Languages, those of most posts first.
    pub languages: Option<Vec<InLanguage>>,
}

/// Posts that say nearly the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    /// The one to keep.
    pub keeper: PostLine,
    /// The others.
    pub others: Capped<Likeness>,
}

/// A post that says nearly the same as another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Likeness {
    /// The post.
    #[serde(flatten)]
    pub post: PostLine,
    /// How much it is like the other, from 0 to 1.
    pub similarity: f64,
    /// Where they differ.
    pub differences: Vec<Difference>,
}

/// A passage in which two posts differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What the one to keep says; may be empty.
    pub keeper: String,
    /// What the other says; may be empty.
    pub other: String,
}

/// Posts that want to be found for the same words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Competing {
    /// The words.
    pub phrase: String,
    /// The posts.
    pub posts: Capped<PostLine>,
}

/// A language and how many posts are in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InLanguage {
    /// Its BCP 47 tag.
    pub language: String,
    /// How many posts.
    pub posts: usize,
}

/// What the corpus knows of it.
///
/// Here what `corpus` finds is put into words: `posts.entries[id as usize]` is the post with an
/// id, and `posts.line` names it.
pub(super) fn of(_posts: &Posts<'_>, _planned: &Gathered) -> Related {
    Related::default()
}
