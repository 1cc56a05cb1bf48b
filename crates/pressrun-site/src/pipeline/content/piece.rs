//! Keeps the posts of a piece of a file, which is joined with the others later.

use pressrun_posts::content_file::FilePiece;
use pressrun_posts::panics::catch_panic;

use super::ContentReader;
use crate::cache::{BodyStore, StoredBody};
use crate::discover::{self, SourceFile};
use crate::error::Result;

impl ContentReader {
    /// Stores the bodies of the posts in a piece of a file.
    ///
    /// # Errors
    ///
    /// Returns an error if a body cannot be stored.
    pub(in crate::pipeline) fn store_piece(
        &self,
        file: &SourceFile,
        piece: FilePiece,
        bodies: &BodyStore,
    ) -> Result<FilePiece<StoredBody>> {
        let are_drafts = discover::is_draft_path(&file.path);
        piece.try_map_posts(|mut post, profile| {
            post.draft |= are_drafts;
            let line = post.source.line;
            let profile = profile.unwrap_or_default();
            match catch_panic(|| self.store_post(post, profile, bodies)) {
                Ok(stored) => Ok(Ok(stored?)),
                Err(panic) => Ok(Err(panic.finding(Some(line)))),
            }
        })
    }
}
