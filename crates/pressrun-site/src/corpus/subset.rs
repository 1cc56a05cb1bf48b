//! Which posts of a site a corpus has: all of them, or those that some of its pages show.

use std::sync::Arc;

use super::PostId;

/// The posts of a [`Corpus`](super::Corpus), by their ids in the whole site.
#[derive(Debug, Clone, Default)]
pub enum PostSubset {
    /// All posts of the site.
    #[default]
    All,
    /// These, in the order of their ids.
    These(Arc<[PostId]>),
}

impl PostSubset {
    /// Returns the index of a post among these.
    ///
    /// # Panics
    ///
    /// Panics if the post is none of them. A part of a site has every post that its pages show.
    pub fn position(&self, id: PostId) -> usize {
        match self {
            Self::All => id as usize,
            Self::These(ids) => ids
                .binary_search(&id)
                .expect("a part has every post that its pages show"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_of_a_part_keep_the_ids_of_the_site() {
        assert_eq!(PostSubset::All.position(7), 7);
        let part = PostSubset::These([2, 7, 9].into());
        assert_eq!([2, 7, 9].map(|id| part.position(id)), [0, 1, 2]);
    }
}
