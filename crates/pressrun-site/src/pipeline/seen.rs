//! What a build sees of its sources without reading them: if that is what the last build saw, the
//! site is the same, and nothing has to be read.

use std::time::SystemTime;

use pressrun_posts::post::{Moment, SiteDate};
use serde::{Deserialize, Serialize};

use super::content::ReadContent;
use super::request::StageInputs;
use crate::cache::Fingerprint;
use crate::config::DateSource;
use crate::corpus::DatedPost;
use crate::discover::{DiscoveredFiles, SourceFile, dates};

/// What a build saw of everything that its site was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SeenSources {
    /// Fingerprint of the sources.
    sources: Fingerprint,
    /// Fingerprint of the commits that are checked out, if git gave dates to posts.
    heads: Option<Fingerprint>,
    /// The last moment before the build at which a post appeared or expired.
    since: Option<Moment>,
    /// The first moment after the build at which one will.
    until: Option<Moment>,
}

impl SeenSources {
    /// Describes the sources of a site at a moment. `heads` must be older than the content. Returns
    /// `None` if the sources do not tell all.
    pub(super) fn new(
        sources: Option<Fingerprint>,
        heads: Option<Fingerprint>,
        content: &ReadContent,
        present: Moment,
    ) -> Option<Self> {
        let is_known = heads.is_some() || !content.is_dated_by_git;
        let dates = |post: &DatedPost| [post.date, post.expires];
        let dates = content.posts.iter().flat_map(dates);
        let moments = dates.flatten().map(|date: SiteDate| date.moment);
        Some(Self {
            sources: sources.filter(|_| is_known)?,
            heads: heads.filter(|_| content.is_dated_by_git),
            since: moments.clone().filter(|&moment| moment <= present).max(),
            until: moments.filter(|&moment| moment > present).min(),
        })
    }

    /// Returns whether git gave dates to posts.
    pub(super) fn is_dated_by_git(&self) -> bool {
        self.heads.is_some()
    }

    /// Returns whether a build that sees this at a moment would make the same site.
    pub(super) fn are_still(
        &self,
        sources: Option<Fingerprint>,
        heads: Option<Fingerprint>,
        present: Moment,
    ) -> bool {
        sources == Some(self.sources)
            && (self.heads.is_none() || heads == self.heads)
            && self.since.is_none_or(|since| since <= present)
            && self.until.is_none_or(|until| present < until)
    }
}

/// Returns a fingerprint of the content of a site as it is listed, and of everything outside of the
/// content. Returns `None` if a file changed so shortly before `now` that a further change could go
/// unnoticed.
pub(super) fn fingerprint_sources(
    outside: Fingerprint,
    listed: &DiscoveredFiles,
    now: SystemTime,
) -> Option<Fingerprint> {
    let stamps = |files: &[SourceFile]| {
        let stamps = files.iter().map(|file| {
            let stamp = file.stamp.filter(|stamp| stamp.is_at_rest(now))?;
            Some((file.path.clone(), stamp))
        });
        stamps.collect::<Option<Vec<_>>>()
    };
    let notes = listed.diagnostics.iter();
    let notes: Vec<(&str, &str)> = notes
        .map(|found| (&*found.place.file, &*found.message))
        .collect();
    let files = (stamps(&listed.files)?, stamps(&listed.media)?);
    Some(Fingerprint::of_value(&(outside, files, notes)))
}

/// Returns a fingerprint of the commits that are checked out, if git gives dates to posts that state
/// none and if it answers.
pub(super) fn fingerprint_heads(
    inputs: &StageInputs<'_>,
    listed: &DiscoveredFiles,
) -> Option<Fingerprint> {
    let asked = inputs.config.content.dates == DateSource::Git;
    let paths = listed.files.iter().map(|file| &*file.path);
    asked.then(|| dates::fingerprint_heads(&inputs.request.root, paths))?
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::Date;

    use super::*;

    fn day(day: i8) -> SiteDate {
        Date::constant(2026, 1, day).into()
    }

    fn content(dates: &[(i8, Option<i8>)]) -> ReadContent {
        let posts = dates.iter().map(|&(date, expires)| DatedPost {
            date: Some(day(date)),
            expires: expires.map(day),
            ..DatedPost::default()
        });
        ReadContent {
            posts: posts.collect(),
            ..ReadContent::default()
        }
    }

    #[test]
    fn site_is_the_same_until_a_post_appears_or_expires() {
        let sources = Some(Fingerprint::of_bytes(b"a"));
        let content = content(&[(3, Some(9)), (6, None)]);
        let seen = SeenSources::new(sources, None, &content, day(4).moment).unwrap();
        let same = |at: i8| seen.are_still(sources, None, day(at).moment);
        assert_eq!(
            [2, 3, 4, 5, 6, 9].map(same),
            [false, true, true, true, false, false]
        );
    }

    #[test]
    fn other_sources_are_another_site() {
        let [a, b] = [b"a", b"b"].map(|bytes| Some(Fingerprint::of_bytes(bytes)));
        let present = day(4).moment;
        let seen = SeenSources::new(a, b, &content(&[]), present).unwrap();
        let same = |sources| seen.are_still(sources, None, present);
        assert_eq!([a, b, None].map(same), [true, false, false]);
    }

    #[test]
    fn other_commit_is_another_site_if_git_gave_dates() {
        let [a, b] = [b"a", b"b"].map(|bytes| Some(Fingerprint::of_bytes(bytes)));
        let present = day(4).moment;
        let of_git = ReadContent {
            is_dated_by_git: true,
            ..content(&[])
        };
        assert_eq!(SeenSources::new(a, None, &of_git, present), None);
        let seen = SeenSources::new(a, b, &of_git, present).unwrap();
        let same = |heads| seen.are_still(a, heads, present);
        assert_eq!([b, a, None].map(same), [true, false, false]);
    }
}
