//! The posts of a queue, each with its findings and its risk.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::{Post, ReviewMark, SiteDate, TextRole};

use super::risk::{RiskWeight, UsualLengths, find_risks};
use crate::cache::StoredBody;
use crate::config::Config;
use crate::corpus::{Corpus, CorpusPost, PostsByLine, TextId, UnpublishedReason};
use crate::review::{MarkIndex, ReviewBook, ReviewState, is_generated};

/// A post whose review is of interest.
#[derive(Debug, Clone)]
pub struct ReviewItem {
    /// The path of its file from the root of the site.
    pub file: Arc<str>,
    /// The line where its reply begins, counted from 1.
    pub line: u32,
    /// Whether its file holds other posts too.
    pub shares_file: bool,
    /// The post in the corpus that was looked at.
    pub text: TextId,
    /// Its title.
    pub title: String,
    /// Its date.
    pub date: Option<SiteDate>,
    /// The last part of its address.
    pub slug: String,
    /// The path of its page.
    pub path: String,
    /// The state of its review.
    pub state: ReviewState,
    /// Whether `pressrun generate` made it.
    pub generated: bool,
    /// The hash of its text.
    pub hash: u128,
    /// Its length in words.
    pub words: u32,
    /// What a person said about it last, maybe about a former text.
    pub mark: Option<ReviewMark>,
    /// The sum of [`risks`](Self::risks).
    pub risk: u32,
    /// What makes it risky, the heaviest first.
    pub risks: Vec<RiskWeight>,
    /// What was found in it, sorted by place.
    pub findings: Vec<Diagnostic>,
    /// The findings because of which it cannot be approved.
    pub blocks: Vec<Diagnostic>,
}

/// What [`list_review_items`] looks at.
#[derive(Debug, Clone, Copy)]
pub struct QueueInputs<'a> {
    /// The site with all posts that wait.
    pub corpus: &'a Corpus,
    /// What was found in it.
    pub diagnostics: &'a [Diagnostic],
    /// What `reviews.toml` says.
    pub book: &'a ReviewBook,
    /// The configuration.
    pub config: &'a Config,
}

/// Lists the posts and pages whose review is of interest: riskiest first, then by path.
pub fn list_review_items(inputs: QueueInputs<'_>) -> Vec<ReviewItem> {
    ItemSource::new(inputs).list_items(is_of_interest)
}

/// Lists the same, and then the other posts and pages in the same order.
pub(super) fn list_all_items(inputs: QueueInputs<'_>) -> [Vec<ReviewItem>; 2] {
    let source = ItemSource::new(inputs);
    [
        source.list_items(is_of_interest),
        source.list_items(|entry| !is_of_interest(entry)),
    ]
}

/// What items are made from, besides their posts.
struct ItemSource<'a> {
    corpus: &'a Corpus,
    by_line: PostsByLine<'a>,
    findings: HashMap<*const Post<StoredBody>, Vec<&'a Diagnostic>>,
    lengths: UsualLengths<'a>,
    marks: MarkIndex<'a>,
}

impl<'a> ItemSource<'a> {
    fn new(inputs: QueueInputs<'a>) -> Self {
        let corpus = inputs.corpus;
        let by_line = PostsByLine::new(corpus.texts().map(|(_, entry)| entry));
        let mut findings: HashMap<_, Vec<&Diagnostic>> = HashMap::new();
        for found in inputs.diagnostics {
            if let Some(entry) = by_line.post_at(&found.place.file, found.place.line) {
                let own = findings.entry(Arc::as_ptr(&entry.post)).or_default();
                own.push(found);
            }
        }
        Self {
            corpus,
            by_line,
            findings,
            lengths: UsualLengths::of_corpus(corpus, inputs.config),
            marks: MarkIndex::new(inputs.book),
        }
    }

    fn list_items(&self, is_listed: impl Fn(&CorpusPost) -> bool) -> Vec<ReviewItem> {
        let listed = self.corpus.texts().filter(|(_, entry)| is_listed(entry));
        let mut items: Vec<ReviewItem> = listed
            .map(|(id, entry)| self.make_item(id, entry))
            .collect();
        items.sort_by(|a, b| a.order().cmp(&b.order()));
        items
    }

    fn make_item(&self, text: TextId, entry: &CorpusPost) -> ReviewItem {
        let post = &entry.post;
        let findings = self.list_findings(post);
        let is_post = post.role() == TextRole::Post;
        let risks = find_risks(&findings, self.lengths.fit(entry, is_post));
        let blocks = findings.iter().filter(|found| blocks_approval(found.code));
        ReviewItem {
            file: Arc::clone(&post.source.file),
            line: post.source.line,
            shares_file: self.by_line.count_in(&post.source.file) > 1,
            text,
            title: post.title.clone(),
            date: entry.date,
            slug: post.slug.clone(),
            path: entry.path.clone(),
            state: entry.review,
            generated: is_generated(post),
            hash: post.text_hash,
            words: post.body.words,
            mark: self.find_mark(entry),
            risk: risks.iter().map(|risk| risk.weight).sum(),
            blocks: blocks.cloned().collect(),
            risks,
            findings,
        }
    }

    fn list_findings(&self, post: &Arc<Post<StoredBody>>) -> Vec<Diagnostic> {
        let own = self.findings.get(&Arc::as_ptr(post));
        let own = own.into_iter().flatten().copied();
        // An approval that is outdated is the state of the post, and no finding in its text.
        let is_of_text = |found: &&Diagnostic| {
            !matches!(found.code, Code::ApprovalOutdated | Code::DueUnapproved)
        };
        let cut = report_ingested_cut(post).into_iter();
        cut.chain(own.filter(is_of_text).cloned()).collect()
    }

    fn find_mark(&self, entry: &CorpusPost) -> Option<ReviewMark> {
        match entry.review {
            ReviewState::Waiting => self.marks.find_former_rejection(&entry.post),
            state => self.marks.find(&entry.post, state),
        }
    }
}

/// Returns whether a post belongs into the queue. A draft of a person waits for its author first.
fn is_of_interest(entry: &CorpusPost) -> bool {
    match entry.review {
        ReviewState::NotNeeded => false,
        ReviewState::Waiting | ReviewState::Outdated => {
            entry.hold() != Some(UnpublishedReason::Draft)
        }
        ReviewState::Approved | ReviewState::Rejected => true,
    }
}

impl ReviewItem {
    /// Returns what sorts items: riskiest first, then by path.
    pub fn order(&self) -> (Reverse<u32>, &str, u32) {
        (Reverse(self.risk), &self.file, self.line)
    }

    /// Returns whether a person has to read it: it waits, or was changed after its approval.
    pub fn is_open(&self) -> bool {
        matches!(self.state, ReviewState::Waiting | ReviewState::Outdated)
    }
}

/// Returns whether a post with such a finding cannot be approved.
const fn blocks_approval(code: Code) -> bool {
    matches!(
        code,
        Code::TruncatedReply | Code::NearDuplicate | Code::FactToCheck
    )
}

/// Returns a finding for a file of `ingest` whose reply was cut off and that nobody has completed.
fn report_ingested_cut(post: &Post<StoredBody>) -> Option<Diagnostic> {
    let is_cut_off = post.review.as_ref()?.is_cut_off(post.words_hash);
    is_cut_off.then(|| {
        let place = FilePlace::line(Arc::clone(&post.source.file), post.source.line);
        let message = "the reply was cut off, and nobody has added the rest";
        Diagnostic::new(Code::TruncatedReply, place, message).with_help(
            "add the rest; if the text is complete as it is, remove `cut_off: true` from its front \
             matter",
        )
    })
}
