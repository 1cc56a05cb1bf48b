//! Dates the posts of a site: those that they state, and those of their files.

use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::{Date, Moment, Post, SiteDate, TextRole};
use pressrun_text::numbers::group_thousands;

use super::ContentReader;
use crate::cache::StoredBody;
use crate::config::DateSource;
use crate::corpus::DatedPost;
use crate::discover::{self, SourceFile};
use crate::review::ReviewState;

impl ContentReader {
    /// Gives a date to posts that state none, as `[content] dates` says. Also returns whether git was
    /// asked.
    pub(super) fn date_posts(
        &mut self,
        posts: Vec<Arc<Post<StoredBody>>>,
        files: &[SourceFile],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> (Vec<DatedPost>, bool) {
        // Asking git costs time, so do it only if a post needs it.
        let needs_date =
            |post: &&Arc<Post<StoredBody>>| post.date.is_none() && post.role() == TextRole::Post;
        let wanted = self.dates != DateSource::None && posts.iter().any(|post| needs_date(&post));
        let is_git_asked = wanted && self.dates == DateSource::Git;
        if is_git_asked {
            let undated = posts.iter().filter(needs_date);
            let paths = undated.map(|post| &*post.source.file);
            let root = &self.root;
            let update = self
                .memory
                .update_history(|history| history.update(root, paths));
            diagnostics.extend(update);
        }
        let found = |path: &str| {
            let at = files.binary_search_by(|file| (*file.path).cmp(path)).ok()?;
            self.found_date(&files[at])
        };
        let posts = posts.into_iter();
        let posts = posts.map(|post| self.date_post(post, found));
        (posts.collect(), is_git_asked)
    }

    /// Places the dates of a post in time. `found` returns the date for posts of a file that state
    /// none.
    pub(super) fn date_post(
        &self,
        post: Arc<Post<StoredBody>>,
        found: impl Fn(&str) -> Option<SiteDate>,
    ) -> DatedPost {
        let place = |stated| self.zone.place_date(stated);
        let stated = post.stated_date().map(place);
        // A page has only the date that it states.
        let path = (post.role() == TextRole::Post).then_some(&*post.source.file);
        let added = || self.day_added(path?);
        let lasting = stated.or_else(|| added().map(|day| place(day.into())));
        DatedPost {
            date: stated.or_else(|| found(path?)),
            lasting_date: lasting.map(|date| date.moment),
            updated: post.updated.map(place),
            expires: post.expires.map(place),
            review: ReviewState::default(),
            post,
        }
    }

    /// Returns the day of the commit that added a file, if `[content] dates` is `git`.
    fn day_added(&self, path: &str) -> Option<Date> {
        let asked = self.dates == DateSource::Git;
        asked.then(|| self.memory.history().day_added(path))?
    }

    /// Returns the date for posts of a file that state none.
    pub(super) fn found_date(&self, file: &SourceFile) -> Option<SiteDate> {
        if self.dates == DateSource::None {
            return None;
        }
        let added = self.day_added(&file.path);
        let modified = || {
            let moment = Moment::from_system_time(file.stamp?.modified()?)?;
            Some(self.zone.day_of(moment))
        };
        let day = added.or_else(modified)?;
        Some(self.zone.place_date(day.into()))
    }
}

/// Returns a note if all posts without a date get one and the same day from their files: that is
/// when they were copied, and not when they were written.
pub(super) fn note_same_day(posts: &[DatedPost]) -> Option<Diagnostic> {
    let stated = |dated: &&DatedPost| dated.post.date.is_some() || dated.hold().is_some();
    let mut undated = posts.iter().filter(|dated| !stated(dated));
    // The day of a commit lasts.
    let of_file = |dated: &DatedPost| dated.date.filter(|_| dated.lasting_date.is_none());
    let day = of_file(undated.next()?)?.day;
    let mut count = 1;
    for dated in undated {
        if of_file(dated)?.day != day {
            return None;
        }
        count += 1;
    }
    if count < 2 {
        return None;
    }
    let message = format!(
        "all {} posts without a date get the day of their files, {day}",
        group_thousands(count)
    );
    let help = "give them dates with `pressrun ingest --start DATE`, or none with \
                `dates = \"none\"` in `[content]`";
    let place = FilePlace::file(discover::FOLDER);
    Some(Diagnostic::new(Code::SameDayDates, place, message).with_help(help))
}
