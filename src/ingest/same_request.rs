//! Decides whether two replies with the same id answer the same request.
//!
//! The id alone does not show it, because batches that have nothing to do with each other may use
//! the same ids. If in doubt, the answer is no, and both replies are kept.

use pressrun_text::similarity::subjects::subject_numbers;
use pressrun_text::similarity::{Sketch, SubjectCount, find_subjects, sketch_start};

use super::front_matter::{ReplyDigest, WrittenOrigin, hash_reply_title};

/// The least number of filled bins in the sketches of two long texts.
const LONG: usize = 100;

/// What a text is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TextSubject {
    /// The words of the title, by number.
    title_words: Box<[u32]>,
    /// The words that the text uses most.
    subjects: Box<[SubjectCount]>,
}

impl TextSubject {
    /// Finds what a post in this language is about.
    pub(super) fn find(title: &str, body: &str, language: &str) -> Self {
        let mut title_words = subject_numbers(title, language);
        title_words.sort_unstable();
        title_words.dedup();
        Self {
            title_words: title_words.into(),
            subjects: find_subjects(title, body, language),
        }
    }

    fn shares_title_word(&self, other: &Self) -> bool {
        let mut words = self.title_words.iter();
        words.any(|word| other.title_words.binary_search(word).is_ok())
    }

    /// Returns whether the texts have two fifths of their subjects in common, measured by the text
    /// that has fewer.
    fn shares_subjects(&self, other: &Self) -> bool {
        let words = |subject: &Self| -> Vec<u32> {
            subject.subjects.iter().map(|count| count.word()).collect()
        };
        let (ours, others) = (words(self), words(other));
        let shared = ours
            .iter()
            .filter(|word| others.binary_search(word).is_ok());
        let (shared, least) = (shared.count(), ours.len().min(others.len()));
        shared > 0 && 5 * shared >= 2 * least
    }
}

/// A reply to a request, as far as it shows which request that was.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestAnswer<'a> {
    /// The hash of the request, if it is known.
    pub(super) request: Option<ReplyDigest>,
    /// The hash of the words of the body; 0 if it has none.
    pub(super) words: ReplyDigest,
    /// The hash of the title.
    pub(super) title: ReplyDigest,
    /// The sketch of the body.
    pub(super) sketch: &'a Sketch,
    /// What it is about.
    pub(super) subject: &'a TextSubject,
}

impl RequestAnswer<'_> {
    /// Returns whether both requests are known and are the same.
    pub(super) fn has_known_request_of(self, other: Self) -> bool {
        self.request.is_some() && self.request == other.request
    }

    /// Returns whether both have the same words.
    pub(super) fn has_words_of(self, other: Self) -> bool {
        self.words != 0 && self.words == other.words
    }

    /// Returns whether both answer the same request: the requests are known to be the same; or the
    /// words are the same, so only the title was rewritten; or the texts are long and half the same;
    /// or the titles share a word and the texts are about the same.
    pub(super) fn answers_request_of(self, other: Self) -> bool {
        if let (Some(one), Some(other)) = (self.request, other.request) {
            return one == other;
        }
        if self.has_words_of(other) {
            return true;
        }
        let (agree, all) = self.sketch.agreement(other.sketch);
        if all >= LONG && 2 * agree >= all {
            return true;
        }
        // Short texts are often made from one pattern, so the titles must have something in common.
        let title = self.title == other.title || self.subject.shares_title_word(other.subject);
        title
            && (self.sketch.shares_part(other.sketch)
                || self.subject.shares_subjects(other.subject))
    }
}

/// A reply in a file of the folder that is written to.
#[derive(Debug)]
pub(super) struct FiledAnswer {
    request: Option<ReplyDigest>,
    words: ReplyDigest,
    title: ReplyDigest,
    sketch: Sketch,
    subject: TextSubject,
}

impl FiledAnswer {
    /// Describes the reply in a file, given its text.
    pub(super) fn new(written: &WrittenOrigin, title: &str, body: &str, language: &str) -> Self {
        Self {
            request: written.request,
            words: written.words,
            title: hash_reply_title(title),
            sketch: sketch_start(body),
            subject: TextSubject::find(title, body, language),
        }
    }

    pub(super) fn view(&self) -> RequestAnswer<'_> {
        RequestAnswer {
            request: self.request,
            words: self.words,
            title: self.title,
            sketch: &self.sketch,
            subject: &self.subject,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request: Option<&str>, title: &str, body: &str) -> FiledAnswer {
        FiledAnswer {
            request: request.map(hash_reply_title),
            words: hash_reply_title(body),
            title: hash_reply_title(title),
            sketch: sketch_start(body),
            subject: TextSubject::find(title, body, "en"),
        }
    }

    #[track_caller]
    fn check(one: &FiledAnswer, other: &FiledAnswer, expected: bool) {
        assert_eq!(one.view().answers_request_of(other.view()), expected);
        assert_eq!(other.view().answers_request_of(one.view()), expected);
    }

    const TEA: &str = "Green tea wants water that does not boil. The leaves turn bitter in boiling \
        water, so let the kettle cool and pour slowly over the leaves.";

    #[test]
    fn known_requests_decide() {
        let tea = answer(Some("tea"), "Tea", TEA);
        check(&tea, &answer(Some("tea"), "Cups", "Something else."), true);
        check(&tea, &answer(Some("bread"), "Tea", TEA), false);
        check(&tea, &answer(None, "Tea", TEA), true);
    }

    #[test]
    fn rewritten_title_does_not_matter() {
        check(
            &answer(None, "Tea", TEA),
            &answer(None, "How to brew", TEA),
            true,
        );
    }

    #[test]
    fn another_text_on_the_subject_of_the_title_is_an_answer() {
        let again = "Do not boil the water. Green leaves of tea get bitter when the kettle is too \
            hot: wait, then pour.";
        check(
            &answer(None, "Brewing green tea", TEA),
            &answer(None, "Green tea, brewed", again),
            true,
        );
        let cut = &TEA[..70];
        check(
            &answer(None, "Green tea", TEA),
            &answer(None, "Green tea", cut),
            true,
        );
    }

    #[test]
    fn text_about_something_else_is_no_answer() {
        let bread = "Rye bread needs a sour dough that has rested for a night, and an oven that \
            is as hot as it can be.";
        check(
            &answer(None, "Green tea", TEA),
            &answer(None, "Rye bread", bread),
            false,
        );
        check(
            &answer(None, "Weekly notes", TEA),
            &answer(None, "Weekly notes", bread),
            false,
        );
        // Made from one pattern.
        let pattern = |about: &str| format!("This is an article about {about}, which people like.");
        let [tea, bread] = ["tea", "bread"].map(|about| answer(None, about, &pattern(about)));
        check(&tea, &bread, false);
    }
}
