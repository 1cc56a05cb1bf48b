//! How much a post needs the eyes of a person: a sum of weights, one for each kind of finding.
//!
//! The weights say in which order to read, and nothing about whether a text is true. `docs/review.md`
//! has the same table.

use std::collections::BTreeMap;

use pressrun_posts::diagnostic::Diagnostic;

use crate::config::Config;
use crate::corpus::{Corpus, CorpusPost};

/// What a kind of finding adds to the risk of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskWeight {
    /// The code of the findings, or [`UNUSUAL_LENGTH`].
    pub name: &'static str,
    /// What it adds, however many findings there are.
    pub weight: u32,
}

/// The name of the weight of a text that is far shorter or longer than usual, which is no finding.
pub const UNUSUAL_LENGTH: &str = "unusual-length";

/// All weights.
pub const RISK_WEIGHTS: [RiskWeight; 13] = [
    RiskWeight::new("truncated-reply", 50),
    RiskWeight::new("repetitive-text", 50),
    RiskWeight::new("near-duplicate", 40),
    RiskWeight::new("fact-to-check", 40),
    RiskWeight::new("ai-boilerplate", 30),
    RiskWeight::new("placeholder-text", 30),
    RiskWeight::new("swapped-replies", 30),
    RiskWeight::new("no-title-found", 20),
    RiskWeight::new(UNUSUAL_LENGTH, 15),
    RiskWeight::new("dead-link", 10),
    RiskWeight::new("off-list-category", 10),
    RiskWeight::new("competing-posts", 10),
    RiskWeight::new("duplicate-title", 10),
];

impl RiskWeight {
    const fn new(name: &'static str, weight: u32) -> Self {
        Self { name, weight }
    }
}

/// Returns the weights that apply to a post, the heaviest first.
pub(super) fn find_risks(findings: &[Diagnostic], has_usual_length: bool) -> Vec<RiskWeight> {
    let applies = |risk: &RiskWeight| match risk.name {
        UNUSUAL_LENGTH => !has_usual_length,
        name => findings.iter().any(|found| found.code.name() == name),
    };
    RISK_WEIGHTS.into_iter().filter(applies).collect()
}

/// The lengths of posts that are usual on a site, by language.
///
/// Usual is from half of the median length to double of it. With few posts there is no usual length.
#[derive(Debug)]
pub(super) struct UsualLengths<'c> {
    medians: BTreeMap<&'c str, u32>,
    language: &'c str,
}

impl<'c> UsualLengths<'c> {
    /// The minimum number of posts in a language.
    const MIN_POSTS: usize = 5;

    pub(super) fn of_corpus(corpus: &'c Corpus, config: &'c Config) -> Self {
        let mut lengths: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for entry in &corpus.posts {
            let own = lengths.entry(entry.language(&config.language));
            own.or_default().push(entry.post.body.words);
        }
        let medians = lengths.into_iter().filter_map(|(language, mut lengths)| {
            let middle = lengths.len() / 2;
            let median = *lengths.select_nth_unstable(middle).1;
            (lengths.len() >= Self::MIN_POSTS).then_some((language, median))
        });
        Self {
            medians: medians.collect(),
            language: &config.language,
        }
    }

    /// Returns whether a post is about as long as others. Pages may have any length.
    pub(super) fn fit(&self, entry: &CorpusPost, is_post: bool) -> bool {
        let median = self.medians.get(entry.language(self.language));
        let Some(&median) = median.filter(|_| is_post) else {
            return true;
        };
        let words = u64::from(entry.post.body.words);
        let median = u64::from(median);
        2 * words >= median && words <= 2 * median
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pressrun_posts::diagnostic::{Code, FilePlace};
    use pressrun_posts::post::Post;

    use super::*;
    use crate::cache::StoredBody;

    #[test]
    fn each_weight_is_of_a_code_and_they_are_sorted() {
        for risk in RISK_WEIGHTS {
            assert!(risk.name == UNUSUAL_LENGTH || Code::from_name(risk.name).is_some());
        }
        assert!(RISK_WEIGHTS.is_sorted_by_key(|risk| std::cmp::Reverse(risk.weight)));
    }

    #[test]
    fn weight_counts_once_however_many_findings_there_are() {
        let found = |line| Diagnostic::new(Code::DeadLink, FilePlace::line("a.md", line), "x");
        let risks = find_risks(&[found(1), found(2)], false);
        let names: Vec<_> = risks.iter().map(|risk| risk.name).collect();
        assert_eq!(names, [UNUSUAL_LENGTH, "dead-link"]);
    }

    #[test]
    fn usual_is_from_half_of_the_median_to_double() {
        let entry = |words| {
            let mut post = Post::<StoredBody>::default();
            post.body.words = words;
            CorpusPost {
                post: Arc::new(post),
                ..CorpusPost::default()
            }
        };
        let config = Config::default();
        let corpus = |lengths: &[u32]| Corpus {
            posts: lengths.iter().map(|&words| entry(words)).collect(),
            ..Corpus::default()
        };
        let few = corpus(&[100; 4]);
        assert!(UsualLengths::of_corpus(&few, &config).fit(&entry(1), true));
        let many = corpus(&[10, 90, 100, 110, 900]);
        let usual = UsualLengths::of_corpus(&many, &config);
        for (words, expected) in [(49, false), (50, true), (200, true), (201, false)] {
            assert_eq!(usual.fit(&entry(words), true), expected, "{words}");
            assert!(usual.fit(&entry(words), false));
        }
    }
}
