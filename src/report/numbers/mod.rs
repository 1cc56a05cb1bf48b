//! Counts what a report shows, for its page and for its JSON alike.
//!
//! All published and scheduled posts are counted. Lists keep only their first rows, so the report
//! of a hundred thousand posts is no longer than that of a thousand; each list also has its full
//! length.

mod calendar;
mod findings;
#[cfg(test)]
mod fixture;
mod histogram;
mod lengths;
mod related;
mod schedule;
mod terms;
mod texts;

use std::sync::Arc;

use serde::Serialize;

use crate::cache::Body;
use crate::corpus::{Entry, Taxonomy};
use crate::pipeline::Ledger;
use crate::pipeline::survey::Survey;
use crate::post::{Date, Post};
use crate::render::links::Links;

pub use calendar::{Calendar, Period, Unit};
pub use findings::{Findings, OfCode, Place};
pub use histogram::Bin;
pub use lengths::Lengths;
pub use related::{Cluster, Competing, Difference, InLanguage, Likeness, Related};
pub use schedule::{Day, Gap, Schedule};
pub use terms::{Term, Terms};
pub use texts::{Measured, Texts};

/// Default number of rows in a list.
pub const ROWS: usize = 20;

/// Everything that a report shows.
#[derive(Debug, Serialize)]
pub struct Numbers {
    /// Title of the site.
    pub title: String,
    /// Address of the site.
    pub base_url: String,
    /// The day that counts as today.
    pub today: Date,
    /// How many replies were published, scheduled, drafts or rejected.
    pub ledger: Ledger,
    /// Number of posts that the fields below count: published and scheduled ones.
    pub posts: usize,
    /// Words in all posts; characters in scripts without spaces.
    pub words: u64,
    /// Minutes it takes to read all posts.
    pub minutes: u64,
    /// Posts by day, month or year.
    pub calendar: Calendar,
    /// What appears when; `None` if nothing is scheduled.
    pub schedule: Option<Schedule>,
    /// Lengths of posts.
    pub lengths: Lengths,
    /// Categories of the posts.
    pub categories: Terms,
    /// Tags of the posts.
    pub tags: Terms,
    /// Titles of the posts.
    pub titles: Texts,
    /// Descriptions of the posts.
    pub descriptions: Texts,
    /// Near-duplicates, competing posts and languages.
    #[serde(flatten)]
    pub related: Related,
    /// The posts that have been published longest.
    pub oldest: Capped<PostLine>,
    /// Drafts.
    pub drafts: Capped<PostLine>,
    /// What a build reports.
    pub findings: Findings,
}

/// The first rows of a list, and its full length.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capped<T> {
    /// Length of the whole list.
    pub count: usize,
    /// The first rows.
    pub first: Vec<T>,
}

impl<T> Capped<T> {
    /// Keeps at most `rows` items of `found`, each converted by `shown`.
    pub fn new<S>(found: &[S], rows: usize, shown: impl FnMut(&S) -> T) -> Self {
        Self {
            count: found.len(),
            first: found.iter().take(rows).map(shown).collect(),
        }
    }
}

/// What lists show of a post.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PostLine {
    /// Title.
    pub title: String,
    /// Path of its source file from the site root.
    pub file: String,
    /// Line on which it begins.
    pub line: u32,
    /// Its date, if it has one.
    pub date: Option<Date>,
    /// Address of its page, if it is published.
    pub url: Option<String>,
}

/// The posts that are counted, and what is needed to list them.
struct Posts<'s> {
    entries: &'s [Entry],
    links: Links,
    today: Date,
    rows: usize,
}

impl Posts<'_> {
    fn is_published(&self, entry: &Entry) -> bool {
        entry.date.is_none_or(|day| day <= self.today)
    }

    fn line(&self, entry: &Entry) -> PostLine {
        let is_published = self.is_published(entry);
        PostLine {
            url: is_published.then(|| self.links.absolute(&entry.path)),
            ..line(&entry.post, entry.date)
        }
    }

    /// Keeps the first rows of some posts.
    fn lines(&self, posts: &[&Entry]) -> Capped<PostLine> {
        Capped::new(posts, self.rows, |entry| self.line(entry))
    }
}

/// Describes a post without a page address.
fn line(post: &Arc<Post<Body>>, date: Option<Date>) -> PostLine {
    PostLine {
        title: post.title.clone(),
        file: post.source.file.to_string(),
        line: post.source.line,
        date,
        url: None,
    }
}

/// Counts a site as of `today`; each list keeps `rows` rows.
pub fn of(survey: &Survey, today: Date, rows: usize) -> Numbers {
    let Survey {
        config,
        ledger,
        planned,
        drafts,
        bodies: texts,
        diagnostics,
    } = survey;
    let corpus = &planned.corpus;
    let posts = Posts {
        entries: &corpus.posts,
        links: Links::new(config.base_url.clone(), None),
        today,
        rows,
    };
    let bodies = || posts.entries.iter().map(|entry| &entry.post.body);
    Numbers {
        title: config.title.clone(),
        base_url: config.base_url.as_str().to_owned(),
        today,
        ledger: *ledger,
        posts: posts.entries.len(),
        words: bodies().map(|body| u64::from(body.words)).sum(),
        minutes: bodies().map(|body| u64::from(body.minutes)).sum(),
        calendar: calendar::of(&posts),
        schedule: schedule::of(&posts),
        lengths: lengths::of(&posts),
        categories: terms::of(&posts, corpus, Taxonomy::Categories, config),
        tags: terms::of(&posts, corpus, Taxonomy::Tags, config),
        titles: texts::titles(&posts),
        descriptions: texts::descriptions(&posts),
        related: related::of(&posts, corpus, texts, &config.language),
        oldest: oldest(&posts),
        drafts: Capped::new(drafts, rows, |draft| line(&draft.post, draft.date)),
        findings: findings::of(&posts, diagnostics),
    }
}

/// Returns the oldest published posts. Entries are sorted newest first, with undated posts last.
fn oldest(posts: &Posts<'_>) -> Capped<PostLine> {
    let published = posts.entries.iter().rev();
    let dated: Vec<&Entry> = published
        .filter(|entry| entry.date.is_some_and(|day| day <= posts.today))
        .collect();
    posts.lines(&dated)
}
