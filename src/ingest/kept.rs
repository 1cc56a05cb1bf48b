//! Keeps the posts of the first pass as far as they fit into memory, so that small sources are read only
//! once.
//!
//! Not here: what happens to the posts (`plan`), and writing them (`write`).

use pressrun_posts::post::Post;

/// The posts of the first pieces of the sources.
#[derive(Debug, Default)]
pub(super) struct KeptPosts {
    /// The pieces in order, from the first one on.
    pub(super) pieces: Vec<KeptPiece>,
    /// How many bytes still fit; `None` if a piece did not fit.
    room: Option<usize>,
}

/// The posts of a piece.
#[derive(Debug)]
pub(super) struct KeptPiece {
    /// Index of its file among the sources.
    pub(super) file: usize,
    /// Its posts.
    pub(super) posts: Vec<Post>,
}

impl KeptPosts {
    /// Creates a place for posts that take so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self {
            pieces: Vec::new(),
            room: Some(bytes),
        }
    }

    /// Keeps the posts of the next piece, unless it or a piece before it does not fit. `bytes` is its size in the
    /// source.
    pub(super) fn add(&mut self, piece: KeptPiece, bytes: u64) {
        // A compressed source is smaller than its texts, and short posts take more than their texts.
        let texts: usize = piece.posts.iter().map(|post| post.body.len()).sum();
        let texts = texts.max(usize::try_from(bytes).unwrap_or(usize::MAX));
        let taken = texts.saturating_add(piece.posts.len() * size_of::<Post>());
        self.room = self.room.and_then(|room| room.checked_sub(taken));
        if self.room.is_some() {
            self.pieces.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the files whose pieces are kept in room for three posts and ten bytes.
    fn keep(pieces: &[(usize, u64)]) -> Vec<usize> {
        let mut kept = KeptPosts::with_room(3 * size_of::<Post>() + 10);
        for (file, &(length, bytes)) in pieces.iter().enumerate() {
            let post = Post {
                body: "x".repeat(length),
                ..Post::default()
            };
            let posts = vec![post];
            kept.add(KeptPiece { file, posts }, bytes);
        }
        kept.pieces.iter().map(|piece| piece.file).collect()
    }

    #[test]
    fn pieces_are_kept_up_to_the_first_that_does_not_fit() {
        assert_eq!(keep(&[(6, 6), (4, 4), (1, 1), (0, 0)]), [0, 1]);
    }

    #[test]
    fn size_in_the_source_and_the_posts_themselves_count() {
        assert_eq!(keep(&[(1, 9), (1, 2), (0, 0)]), [0, 1]);
        assert_eq!(keep(&[(0, 0), (0, 0), (0, 0), (0, 0)]), [0, 1, 2]);
    }
}
