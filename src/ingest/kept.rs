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
    /// How many bytes of texts still fit; `None` if a piece did not fit.
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
    /// Creates a place for posts with so many bytes of texts.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self {
            pieces: Vec::new(),
            room: Some(bytes),
        }
    }

    /// Keeps the posts of the next piece, unless it or a piece before it does not fit.
    pub(super) fn add(&mut self, piece: KeptPiece) {
        let bytes = piece.posts.iter().map(|post| post.body.len()).sum();
        self.room = self.room.and_then(|room| room.checked_sub(bytes));
        if self.room.is_some() {
            self.pieces.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_kept_up_to_the_first_that_does_not_fit() {
        let mut kept = KeptPosts::with_room(10);
        for (file, length) in [6, 4, 1, 0].into_iter().enumerate() {
            let body = "x".repeat(length);
            let posts = vec![Post {
                body,
                ..Post::default()
            }];
            kept.add(KeptPiece { file, posts });
        }
        let files: Vec<usize> = kept.pieces.iter().map(|piece| piece.file).collect();
        assert_eq!(files, [0, 1]);
    }
}
