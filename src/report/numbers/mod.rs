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
mod review;
mod schedule;
mod terms;
mod texts;

use serde::Serialize;

use pressrun_posts::post::{Date, Moment, PostSource};
use pressrun_site::corpus::{CorpusPost, Taxonomy, UnpublishedPost};
use pressrun_site::pipeline::ReplyLedger;
use pressrun_site::pipeline::report_data::ReportData;
use pressrun_site::render::links::SiteLinks;

pub use calendar::{CalendarDay, CalendarPeriod, CalendarUnit, PostCalendar};
pub use findings::{CodeFindings, FindingPlace, ReportFindings};
pub use histogram::HistogramBin;
pub use lengths::PostLengths;
pub use related::{
    CompetingPhrase, LanguageCount, NearDuplicateGroup, PostRelations, ReportDifference,
    SimilarPostLine,
};
pub use review::{ReviewNumbers, ReviewedLine, ReviewerCount};
pub use schedule::{PublicationSchedule, ScheduleGap, ScheduledDay};
pub use terms::{TermUse, TermUses};
pub use texts::{MeasuredPost, TextLengths};

/// Default number of rows in a list.
pub const ROWS: usize = 20;

/// Everything that a report shows.
#[derive(Debug, Serialize)]
pub struct ReportNumbers {
    /// Title of the site.
    pub title: String,
    /// Address of the site.
    pub base_url: String,
    /// The day that counts as today.
    pub today: Date,
    /// How many replies were published, scheduled, drafts, expired or rejected.
    pub ledger: ReplyLedger,
    /// Number of posts that the fields below count: published and scheduled ones.
    pub posts: usize,
    /// Words in all posts; characters in scripts without spaces.
    pub words: u64,
    /// Minutes it takes to read all posts.
    pub minutes: u64,
    /// Posts by day, month or year.
    pub calendar: PostCalendar,
    /// What appears when; `None` if nothing is scheduled.
    pub schedule: Option<PublicationSchedule>,
    /// Lengths of posts.
    pub lengths: PostLengths,
    /// Categories of the posts.
    pub categories: TermUses,
    /// Tags of the posts.
    pub tags: TermUses,
    /// Titles of the posts.
    pub titles: TextLengths,
    /// Descriptions of the posts.
    pub descriptions: TextLengths,
    /// Near-duplicates, competing posts and languages.
    #[serde(flatten)]
    pub related: PostRelations,
    /// The posts that have been published longest.
    pub oldest: CappedList<PostLine>,
    /// Drafts.
    pub drafts: CappedList<PostLine>,
    /// Posts that have expired.
    pub expired: CappedList<PostLine>,
    /// What waits for an approval, what was approved and by whom; `None` if nothing has to be
    /// reviewed, or was.
    pub review: Option<ReviewNumbers>,
    /// What a build reports.
    pub findings: ReportFindings,
}

/// The first rows of a list, and its full length.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CappedList<T> {
    /// Length of the whole list.
    pub count: usize,
    /// The first rows.
    pub first: Vec<T>,
}

impl<T> CappedList<T> {
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
struct CountedPosts<'s> {
    entries: &'s [CorpusPost],
    links: SiteLinks,
    present: Moment,
    /// The day that it is at the present moment on the clocks of the site.
    today: Date,
    rows: usize,
}

impl CountedPosts<'_> {
    fn is_published(&self, entry: &CorpusPost) -> bool {
        entry.moment().is_none_or(|moment| moment <= self.present)
    }

    fn line(&self, entry: &CorpusPost) -> PostLine {
        let is_published = self.is_published(entry);
        PostLine {
            url: is_published.then(|| self.links.absolute(&entry.path)),
            ..post_line(
                &entry.post.title,
                &entry.post.source,
                entry.date.map(|date| date.day),
            )
        }
    }

    /// Keeps the first rows of some posts.
    fn lines(&self, posts: &[&CorpusPost]) -> CappedList<PostLine> {
        CappedList::new(posts, self.rows, |entry| self.line(entry))
    }
}

/// Describes a post without a page address.
fn post_line(title: &str, source: &PostSource, date: Option<Date>) -> PostLine {
    PostLine {
        title: title.to_owned(),
        file: source.file.to_string(),
        line: source.line,
        date,
        url: None,
    }
}

/// Counts a site as of the `present`; each list keeps `rows` rows.
pub fn count_site(data: &ReportData, present: Moment, rows: usize) -> ReportNumbers {
    let ReportData {
        config,
        findings,
        corpus,
        bodies: texts,
        reviewed,
    } = data;
    let drafts: Vec<&UnpublishedPost> = findings
        .unpublished
        .iter()
        .filter(|post| post.is_draft())
        .collect();
    let expired: Vec<&UnpublishedPost> = findings
        .unpublished
        .iter()
        .filter(|post| post.expired_date().is_some())
        .collect();
    let today = config.timezone.day_of(present);
    let line = |post: &&UnpublishedPost| {
        post_line(&post.title, &post.source, post.date.map(|date| date.day))
    };
    let posts = CountedPosts {
        entries: &corpus.posts,
        links: SiteLinks::new(config.base_url.clone(), None),
        present,
        today,
        rows,
    };
    let bodies = || posts.entries.iter().map(|entry| &entry.post.body);
    ReportNumbers {
        title: config.title.clone(),
        base_url: config.base_url.as_str().to_owned(),
        today,
        ledger: findings.ledger,
        posts: posts.entries.len(),
        words: bodies().map(|body| u64::from(body.words)).sum(),
        minutes: bodies().map(|body| u64::from(body.minutes)).sum(),
        calendar: calendar::count_by_period(&posts),
        schedule: schedule::describe_post_schedule(&posts),
        lengths: lengths::measure_lengths(&posts),
        categories: terms::count_term_uses(&posts, corpus, Taxonomy::Categories, config),
        tags: terms::count_term_uses(&posts, corpus, Taxonomy::Tags, config),
        titles: texts::measure_titles(&posts),
        descriptions: texts::measure_descriptions(&posts),
        related: related::find_relations(&posts, corpus, texts, &config.language),
        oldest: list_oldest(&posts),
        drafts: CappedList::new(&drafts, rows, line),
        expired: CappedList::new(&expired, rows, line),
        review: review::count_reviews(reviewed, rows),
        findings: findings::group_findings(&posts, &findings.diagnostics),
    }
}

/// Returns the oldest published posts. Entries are sorted newest first, with undated posts last.
fn list_oldest(posts: &CountedPosts<'_>) -> CappedList<PostLine> {
    let published = posts.entries.iter().rev();
    let dated: Vec<&CorpusPost> = published
        .filter(|entry| entry.date.is_some() && posts.is_published(entry))
        .collect();
    posts.lines(&dated)
}
