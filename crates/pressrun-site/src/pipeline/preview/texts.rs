//! Puts the new words of posts into a site as they are, if nothing else changed: the short way.

use std::collections::HashMap;
use std::sync::Arc;

use pressrun_posts::post::{Post, TextRole};

use super::{DueStage, FileChanges, LiveSite};
use crate::cache::StoredBody;
use crate::corpus::TextId;
use crate::pipeline::content::{ContentUpdate, ReplacedPost};
use crate::render::CommandFailure;

/// Most changed posts for which the short way is faster.
const FEW: usize = 64;

impl LiveSite {
    /// Reads what changed. Returns the posts with new words if nothing else changed; otherwise sets
    /// the stage that is due.
    pub(super) fn read_changed(
        &mut self,
        changes: &FileChanges,
    ) -> Result<Vec<ReplacedPost>, CommandFailure> {
        let reader = &mut self.site.reader;
        let now = self.setup.request.now;
        let files = (!changes.anything)
            .then(|| reader.find_known_files(&changes.paths))
            .flatten();
        let Some(files) = files else {
            // Search the whole content folder again.
            let is_moved = reader.discover(&self.setup.inputs(&self.cache))?;
            if reader.refresh_files(now)? || is_moved {
                self.due = DueStage::Places;
            }
            return Ok(Vec::new());
        };
        match reader.update_files(files, now)? {
            ContentUpdate::Words(replaced)
                if replaced.len() <= FEW
                    && self.due <= DueStage::Findings
                    && self.keep_places(&replaced) =>
            {
                return Ok(replaced);
            }
            ContentUpdate::Nothing => {}
            ContentUpdate::Words(_) | ContentUpdate::Anything => self.due = DueStage::Places,
        }
        Ok(Vec::new())
    }

    /// Returns whether all posts keep their places with their new words.
    fn keep_places(&self, replaced: &[ReplacedPost]) -> bool {
        // Rule R15 rejects all but one of the posts with the same words, so a change of words can
        // publish or reject other posts.
        let mut uses: HashMap<u128, usize> = HashMap::new();
        for one in replaced {
            uses.insert(one.old.words_hash, 0);
            uses.insert(one.new.words_hash, 0);
        }
        for post in self.site.reader.posts() {
            if let Some(count) = uses.get_mut(&post.words_hash)
                && post.role() == TextRole::Post
            {
                *count += 1;
            }
        }
        let in_place = |one: &ReplacedPost| {
            // The rule is for posts alone.
            if one.new.role() != TextRole::Post {
                return true;
            }
            let (old, new) = (one.old.words_hash, one.new.words_hash);
            // Nobody else has the new words, and nobody else had the old ones.
            uses[&new] == 1 && (old == new || uses[&old] == 0)
        };
        let mut posts = self.site.content.posts.iter();
        let review = &self.site.reader.review;
        let has_date = |one: &ReplacedPost| {
            let known = posts.find(|post| Arc::ptr_eq(&post.post, &one.old));
            known.is_some_and(|known| {
                known.date == one.date && review.judge_alone(&one.new) == Some(known.review)
            })
        };
        // `has_date` consumes one iterator for all posts: both lists are in the order of their
        // paths.
        replaced.iter().all(in_place) && replaced.iter().all(has_date)
    }

    /// Puts posts with new words into their places.
    pub(super) fn replace_texts(&mut self, replaced: Vec<ReplacedPost>) -> Vec<TextId> {
        let mut texts: Vec<(TextId, Arc<Post<StoredBody>>)> = Vec::new();
        for ReplacedPost { old, new, .. } in replaced {
            let posts = &mut self.site.content.posts;
            if let Some(post) = posts.iter_mut().find(|post| Arc::ptr_eq(&post.post, &old)) {
                post.post = Arc::clone(&new);
            }
            let mut entries = self.site.renderer.corpus().texts();
            // A draft that the preview does not show has no place.
            if let Some((id, _)) = entries.find(|(_, entry)| Arc::ptr_eq(&entry.post, &old)) {
                texts.push((id, new));
            }
        }
        let ids = texts.iter().map(|(id, _)| *id).collect();
        let bodies = Arc::clone(&self.site.content.bodies);
        self.site.renderer = Arc::new(self.site.renderer.with_texts(texts, bodies));
        self.due = self.due.max(DueStage::Findings);
        ids
    }
}
