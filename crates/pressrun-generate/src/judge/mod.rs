//! Judges whole replies: with the reader that `ingest` uses, and stricter.
//!
//! `ingest` makes the best of any text, because a person chose it. What a model is asked for must be
//! what was asked for: its four fields in a header, categories of the closed list, a text of about
//! the wanted length in the wanted language that speaks of the topic.
//!
//! Not here: asking again (`repair`, `run`), and whether a post like it exists (`known_posts`).

mod content;
mod header;

use pressrun_posts::content_file::{CategoryPolicy, FileResult, ReadSettings, read_reply_text};
use pressrun_posts::diagnostic::{Code, Diagnostic, Severity};
use pressrun_posts::parse::reply::{GenerationEnd, ReplyContext};
use pressrun_posts::post::Post;
use pressrun_site::config::Config;
use pressrun_site::pipeline::make_read_settings;

pub(crate) use header::is_copied_from_prompt;

use crate::continuation::is_whole_reply;
use crate::journal::Verdict;
use crate::topic::Topic;

/// The judgement on a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What the reply is.
    pub verdict: Verdict,
    /// The reasons, each with its line in the reply, if it has one.
    pub findings: Vec<String>,
    /// The title of the reply.
    pub title: Option<String>,
    /// The post that it nearly equals.
    pub other: Option<String>,
    /// Whether another header would make it good.
    pub needs_header: bool,
}

impl Judgement {
    /// Creates the judgement on a reply that the model or the server refused.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Refused,
            findings: vec![reason.into()],
            title: None,
            other: None,
            needs_header: false,
        }
    }
}

/// A judged reply, with the post that it becomes.
#[derive(Debug)]
pub struct JudgedReply {
    /// The judgement.
    pub judgement: Judgement,
    /// The post, if the reply is one.
    pub post: Option<Post>,
}

/// What replies of a site are judged by.
#[derive(Debug, Clone)]
pub struct JudgeRules {
    settings: ReadSettings,
    /// The number of words of a post whose topic states none.
    words: u32,
}

impl JudgeRules {
    /// Takes the rules from the configuration of a site.
    pub fn new(config: &Config) -> Self {
        let mut settings = make_read_settings(config);
        // A tag that pressrun made says nothing about the reply.
        settings.generate_tags = false;
        // A category off the list has a verdict of its own, so no reply may vanish because of it.
        settings.off_list = pressrun_posts::normalize::OffListAction::Keep;
        Self {
            settings,
            words: config.generate.words,
        }
    }

    /// Reads the text of a reply to a topic.
    pub fn read_reply(&self, topic: &Topic, text: &str, ending: GenerationEnd) -> FileResult {
        // The end marker proves that a reply is whole, also if its container says that it is not.
        let ending = if is_whole_reply(text, GenerationEnd::CutOff) {
            GenerationEnd::Finished
        } else {
            ending
        };
        let context = ReplyContext {
            topic: Some(topic.text.clone()),
            ending,
            ..ReplyContext::default()
        };
        if topic.language.is_empty() || topic.language == self.settings.language {
            return read_reply_text(text, &context, &self.settings);
        }
        let mut settings = self.settings.clone();
        settings.language.clone_from(&topic.language);
        read_reply_text(text, &context, &settings)
    }

    /// Judges the text of a reply to a topic by itself.
    pub fn judge_reply(&self, topic: &Topic, text: &str, ending: GenerationEnd) -> JudgedReply {
        let mut read = self.read_reply(topic, text, ending);
        let count = read.posts.len();
        let post = (!read.posts.is_empty()).then(|| read.posts.swap_remove(0));
        let mut problems = ReplyProblems::default();
        match &post {
            Some(post) if header::is_refusal(post) => {
                problems.add(Verdict::Refused, "the text under the header is a refusal");
            }
            Some(post) => {
                if count > 1 {
                    let message = format!("the reply holds {count} posts instead of one");
                    problems.add(Verdict::OffFormat, message);
                }
                content::check_content(post, self.asked_for(topic), &mut problems);
                header::check_header(post, self.wanted_category(topic), &mut problems);
            }
            None => {}
        }
        problems.add_diagnostics(&read.diagnostics, post.is_none());
        if !is_whole_reply(text, ending) && !problems.has(Verdict::CutOff) {
            problems.add(Verdict::CutOff, "the reply was cut off before its end");
        }
        if post.is_none() && problems.found.is_empty() {
            problems.add(Verdict::OffFormat, "the reply is not a post");
        }
        JudgedReply {
            judgement: problems.into_judgement(post.as_ref()),
            post,
        }
    }

    /// Returns the category that a topic asks for. One that the closed list lacks cannot be had.
    fn wanted_category<'a>(&'a self, topic: &'a Topic) -> Option<&'a str> {
        let wanted = topic.category.as_deref()?;
        match &self.settings.categories {
            CategoryPolicy::Listed(list) => list.resolve(wanted),
            CategoryPolicy::Open | CategoryPolicy::BuiltIn => Some(wanted),
        }
    }

    fn asked_for<'a>(&'a self, topic: &'a Topic) -> AskedContent<'a> {
        let language = if topic.language.is_empty() {
            &self.settings.language
        } else {
            &topic.language
        };
        AskedContent {
            topic: &topic.text,
            words: topic.words.unwrap_or(self.words),
            language,
            is_site_language: *language == self.settings.language,
        }
    }
}

/// What the text of a reply was asked to be.
#[derive(Debug, Clone, Copy)]
struct AskedContent<'a> {
    topic: &'a str,
    words: u32,
    language: &'a str,
    is_site_language: bool,
}

/// What is wrong with a reply.
#[derive(Debug, Default)]
struct ReplyProblems {
    found: Vec<(Verdict, String)>,
    /// How many of them another header would solve.
    of_header: usize,
}

impl ReplyProblems {
    fn add(&mut self, verdict: Verdict, message: impl Into<String>) {
        self.found.push((verdict, message.into()));
    }

    /// Adds a problem that another header would solve.
    fn add_of_header(&mut self, verdict: Verdict, message: impl Into<String>) {
        self.of_header += 1;
        self.add(verdict, message);
    }

    fn has(&self, verdict: Verdict) -> bool {
        self.found.iter().any(|(found, _)| *found == verdict)
    }

    /// Adds what the reader found. If the reply is no post, every error says why.
    fn add_diagnostics(&mut self, diagnostics: &[Diagnostic], is_no_post: bool) {
        for found in diagnostics {
            let message = with_line(found);
            match found.code {
                Code::Refusal => self.add(Verdict::Refused, message),
                Code::TruncatedReply => self.add(Verdict::CutOff, message),
                Code::OffListCategory | Code::RejectedCategory => {
                    self.add_of_header(Verdict::OffList, message);
                }
                Code::PlaceholderText => self.add(Verdict::OffFormat, message),
                code if is_no_post && code.severity() == Severity::Error => {
                    self.add(Verdict::OffFormat, message);
                }
                _ => {}
            }
        }
    }

    /// Returns the judgement: the gravest verdict, with the reasons for it before the others.
    fn into_judgement(self, post: Option<&Post>) -> Judgement {
        const BY_GRAVITY: [Verdict; 4] = [
            Verdict::Refused,
            Verdict::CutOff,
            Verdict::OffFormat,
            Verdict::OffList,
        ];
        let verdict = BY_GRAVITY.into_iter().find(|verdict| self.has(*verdict));
        let needs_header = self.of_header > 0 && self.of_header == self.found.len();
        let mut found = self.found;
        found.sort_by_key(|(found, _)| Some(*found) != verdict);
        let mut findings: Vec<String> = found.into_iter().map(|(_, message)| message).collect();
        findings.dedup();
        Judgement {
            verdict: verdict.unwrap_or(Verdict::Accepted),
            findings,
            title: post.map(|post| post.title.clone()),
            other: None,
            needs_header,
        }
    }
}

/// Returns the message of a diagnostic with its line.
fn with_line(found: &Diagnostic) -> String {
    match found.place.line {
        Some(line) => format!("line {line}: {}", found.message),
        None => found.message.clone(),
    }
}

#[cfg(test)]
mod tests;
