//! What is counted of a site: the one source of the report's page and of its JSON.
//!
//! Counted are the posts that are on the site or will be when their day comes. Lists are cut
//! after so many rows, so that a report of a hundred thousand posts is no longer than one of a
//! thousand; how long a list is stands beside it.

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

/// Rows of a list unless another number is asked for.
pub const ROWS: usize = 20;

/// Everything that a report shows.
#[derive(Debug, Serialize)]
pub struct Numbers {
    /// Name of the site.
    pub title: String,
    /// Where it lives.
    pub base_url: String,
    /// The day that counts as today.
    pub today: Date,
    /// What became of the replies.
    pub ledger: Ledger,
    /// The posts that are counted below: those on the site, and those that will be.
    pub posts: usize,
    /// Their words; of scripts that do without spaces, characters.
    pub words: u64,
    /// Minutes that reading all of them takes.
    pub minutes: u64,
    /// How many there are of each day, month or year.
    pub calendar: Calendar,
    /// What appears when; `None` if nothing is dated ahead.
    pub schedule: Option<Schedule>,
    /// How long they are.
    pub lengths: Lengths,
    /// Their categories.
    pub categories: Terms,
    /// Their tags.
    pub tags: Terms,
    /// Their titles.
    pub titles: Texts,
    /// Their descriptions.
    pub descriptions: Texts,
    /// How they resemble each other.
    #[serde(flatten)]
    pub related: Related,
    /// The first of all.
    pub oldest: Capped<PostLine>,
    /// Posts that nobody has finished.
    pub drafts: Capped<PostLine>,
    /// What a build reports.
    pub findings: Findings,
}

/// A list of which only the first rows are kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capped<T> {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<T>,
}

impl<T> Capped<T> {
    /// At most `rows` of what is found, each as it is shown.
    pub fn new<S>(found: &[S], rows: usize, shown: impl FnMut(&S) -> T) -> Self {
        Self {
            count: found.len(),
            first: found.iter().take(rows).map(shown).collect(),
        }
    }
}

/// A post as lists name it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PostLine {
    /// Its title.
    pub title: String,
    /// Path of its file from the root of the site.
    pub file: String,
    /// The line of the file on which it begins.
    pub line: u32,
    /// Its day, if it has one.
    pub date: Option<Date>,
    /// Address of its page, if it is on the site.
    pub url: Option<String>,
}

/// The posts that are counted, and what is needed to name one.
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

    /// The first rows of some posts.
    fn lines(&self, posts: &[&Entry]) -> Capped<PostLine> {
        Capped::new(posts, self.rows, |entry| self.line(entry))
    }
}

/// A post that has no page.
fn line(post: &Arc<Post<Body>>, date: Option<Date>) -> PostLine {
    PostLine {
        title: post.title.clone(),
        file: post.source.file.to_string(),
        line: post.source.line,
        date,
        url: None,
    }
}

/// Counts a site on a day; lists get so many rows.
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

/// The posts that have been there longest; posts come newest first, and those without a day last.
fn oldest(posts: &Posts<'_>) -> Capped<PostLine> {
    let published = posts.entries.iter().rev();
    let dated: Vec<&Entry> = published
        .filter(|entry| entry.date.is_some_and(|day| day <= posts.today))
        .collect();
    posts.lines(&dated)
}
