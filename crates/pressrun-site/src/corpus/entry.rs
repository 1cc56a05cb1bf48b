//! A post of a site: as it was read, and in its place among the others.

use std::slice::from_ref;
use std::sync::Arc;

use pressrun_posts::post::{Moment, Originality, Post, SiteDate};

use serde::{Deserialize, Serialize};

use super::redirects::RedirectTarget;
use super::translations::TranslationPlace;
use super::unpublished::{self, PostSelection, UnpublishedPost, UnpublishedReason};
use super::{PostId, Taxonomy, TermId};
use crate::cache::StoredBody;
use crate::review::ReviewState;

/// A post as it was read, with its final date.
#[derive(Debug, Clone, Default)]
pub struct DatedPost {
    /// The post.
    pub post: Arc<Post<StoredBody>>,
    /// The date that the post states, or the one that was found for it.
    pub date: Option<SiteDate>,
    /// When the same date begins, but never the modification day of the file, which differs between
    /// clones.
    pub lasting_date: Option<Moment>,
    /// The date of the last change, if the post states one.
    pub updated: Option<SiteDate>,
    /// The date from which on it is no longer published, if the post states one.
    pub expires: Option<SiteDate>,
    /// The state of its review.
    pub review: ReviewState,
}

impl DatedPost {
    /// Returns why the post is kept back whatever its dates are, if it is.
    pub fn hold(&self) -> Option<UnpublishedReason> {
        unpublished::find_hold(&self.post, self.review)
    }

    /// Returns whether only an approval is missing: the post states a date, and without its review
    /// it would be published.
    pub fn is_due(&self, selection: PostSelection) -> bool {
        let waits = matches!(
            self.hold(),
            Some(UnpublishedReason::Waiting | UnpublishedReason::Outdated)
        );
        let reason = selection.find_reason(None, self.date, self.expires);
        waits && self.post.date.is_some() && reason.is_none()
    }

    /// Returns the rank of the post among posts with the same text.
    pub(crate) fn originality(&self) -> Originality<'_> {
        Originality::new(self.lasting_date, &self.post.source)
    }

    /// Returns the post as one that is published at a path, without relations to others.
    pub(super) fn into_entry(self, path: String) -> CorpusPost {
        CorpusPost {
            post: self.post,
            date: self.date,
            updated: self.updated,
            expires: self.expires,
            review: self.review,
            path,
            ..CorpusPost::default()
        }
    }

    /// Returns the post as one that is not published, with the path that it would have.
    pub(super) fn into_unpublished(
        self,
        path: String,
        reason: UnpublishedReason,
        selection: PostSelection,
    ) -> UnpublishedPost {
        UnpublishedPost {
            path,
            due: self.is_due(selection),
            ..UnpublishedPost::new(&self.post, self.date, reason)
        }
    }
}

/// A published post and its relations to others.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CorpusPost {
    /// The post as it was read.
    pub post: Arc<Post<StoredBody>>,
    /// Its final date.
    pub date: Option<SiteDate>,
    /// The date of the last change, if the post states one.
    pub updated: Option<SiteDate>,
    /// The date from which on it is no longer published, if the post states one.
    pub expires: Option<SiteDate>,
    /// The state of its review.
    pub review: ReviewState,
    /// The path of its page from the site root, starting with `/`, not percent-encoded.
    pub path: String,
    /// Its tags, in the order of the post.
    pub tags: Vec<TermId>,
    /// Its categories, in the order of the post.
    pub categories: Vec<TermId>,
    /// The names of its authors; none if no post of the site states its author.
    pub author_names: Vec<String>,
    /// Its authors, in the order of the post.
    pub authors: Vec<TermId>,
    /// The series that it belongs to.
    pub series: Option<SeriesPlace>,
    /// Its place among its translations, if it has some.
    pub translation: Option<TranslationPlace>,
    /// Related posts, best first.
    pub related: Vec<PostId>,
    /// Terms that the author did not give.
    pub derived: DerivedTerms,
    /// The index of its cluster in [`clusters`](super::Corpus::clusters).
    pub cluster: Option<u32>,
    /// The post that search engines should show instead, because this one is nearly the same.
    pub canonical: Option<PostId>,
    /// What search engines should show instead, because the author says so.
    pub stated_canonical: Option<RedirectTarget>,
}

/// The place of a post in its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesPlace {
    /// The series.
    pub id: TermId,
    /// How many of its posts come before this one.
    pub part: u32,
}

/// Terms of a post that are derived from its text and the rest of the site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DerivedTerms {
    /// The tags, if the author gave none.
    pub tags: Option<Vec<String>>,
    /// The category, if the author gave none and one fits.
    pub categories: Option<Vec<String>>,
}

impl CorpusPost {
    /// Returns the date of the last change: the stated one or that of publication, whichever is
    /// later.
    pub fn changed(&self) -> Option<SiteDate> {
        SiteDate::later(self.updated, self.date)
    }

    /// Returns why the post is kept back whatever its dates are, if it is. Only a preview shows it then.
    pub fn hold(&self) -> Option<UnpublishedReason> {
        unpublished::find_hold(&self.post, self.review)
    }

    /// Returns when its date begins.
    pub fn moment(&self) -> Option<Moment> {
        self.date.map(|date| date.moment)
    }

    /// Returns the BCP 47 tag of its language, which defaults to the language of the site.
    pub fn language<'l>(&'l self, of_site: &'l str) -> &'l str {
        self.post.language.as_deref().unwrap_or(of_site)
    }

    /// Returns the names of its terms: the derived ones if there are any, otherwise those of the
    /// author.
    pub fn names(&self, taxonomy: Taxonomy) -> &[String] {
        let given = match taxonomy {
            Taxonomy::Tags => &self.post.tags,
            Taxonomy::Categories => &self.post.categories,
            Taxonomy::Authors => &self.author_names,
            Taxonomy::Series => self.post.series.as_slice(),
        };
        self.derived.names(taxonomy).unwrap_or(given)
    }

    /// Returns its terms, in the order of the post.
    pub fn terms(&self, taxonomy: Taxonomy) -> &[TermId] {
        match taxonomy {
            Taxonomy::Tags => &self.tags,
            Taxonomy::Categories => &self.categories,
            Taxonomy::Authors => &self.authors,
            Taxonomy::Series => self
                .series
                .as_ref()
                .map_or(&[], |place| from_ref(&place.id)),
        }
    }
}

impl DerivedTerms {
    /// Returns the derived names of a taxonomy, if the author gave none.
    pub fn names(&self, taxonomy: Taxonomy) -> Option<&[String]> {
        match taxonomy {
            Taxonomy::Tags => self.tags.as_deref(),
            Taxonomy::Categories => self.categories.as_deref(),
            Taxonomy::Authors | Taxonomy::Series => None,
        }
    }
}
