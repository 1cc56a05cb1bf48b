//! Judges the replies of a run for a site, and says what to ask for if one is not good.

use std::sync::Arc;

use pressrun_posts::diagnostic::quote_for_message;
use pressrun_posts::parse::reply::GenerationEnd;
use pressrun_posts::post::category::CategoryList;
use pressrun_site::config::Config;
use pressrun_site::error::Result;
use pressrun_site::pipeline::BuildRequest;
use pressrun_site::render::CommandFailure;

use crate::journal::{Journal, Verdict};
use crate::judge::{JudgeRules, Judgement};
use crate::known_posts::KnownPosts;
use crate::prompt::{Prompt, PromptMessage, PromptRole};
use crate::repair::{self, HeaderRequest};
use crate::topic::Topic;

/// Judges replies, and says what to ask for if one is not good.
pub trait ReplyJudge {
    /// Returns the post that covers a topic already, if there is one.
    fn find_covering_post(&mut self, topic: &Topic) -> Option<String>;

    /// Judges a reply.
    fn judge_reply(&self, topic: &Topic, text: &str, ending: GenerationEnd) -> Judgement;

    /// Remembers a reply that was accepted: later ones must differ from it.
    fn add_reply(&mut self, topic: &Topic, text: &str);

    /// Returns the request for the header of a reply alone.
    fn write_header_request(&self, topic: &Topic, text: &str) -> HeaderRequest;

    /// Returns a reply with another header before its unchanged body.
    fn replace_header(&self, topic: &Topic, text: &str, answer: &str) -> Option<String>;

    /// Returns the request for a reply that differs from another post.
    fn write_different_request(&self, prompt: &Prompt, other: &str) -> Vec<PromptMessage>;
}

/// The judge of a site.
#[derive(Debug)]
pub struct SiteJudge {
    rules: JudgeRules,
    known: KnownPosts,
    language: String,
    /// The closed list of categories.
    list: Option<CategoryList>,
}

impl SiteJudge {
    /// Creates the judge of a site, which knows its posts and the accepted replies of its journal.
    ///
    /// # Errors
    ///
    /// Returns an error if the content or the journal cannot be read.
    pub fn load(
        request: &BuildRequest,
        config: &Arc<Config>,
        journal: &Journal,
    ) -> std::result::Result<Self, CommandFailure> {
        let mut judge = Self::new(config, KnownPosts::load(request, config)?);
        judge.add_accepted_replies(journal)?;
        Ok(judge)
    }

    /// Creates a judge that knows these posts.
    pub fn new(config: &Config, known: KnownPosts) -> Self {
        let names = &config.categories.allowed;
        let aliases = config.categories.aliases.iter().cloned();
        Self {
            rules: JudgeRules::new(config),
            known,
            language: config.language.clone(),
            list: (!names.is_empty()).then(|| CategoryList::new(names.clone(), aliases)),
        }
    }

    /// Adds the replies of earlier runs that are no posts of the site yet.
    fn add_accepted_replies(&mut self, journal: &Journal) -> Result<()> {
        for (id, state) in journal.states() {
            let Some(accepted) = &state.accepted else {
                continue;
            };
            if self.known.has_post_of_topic(id) {
                continue;
            }
            let text = journal.read_text(accepted.text)?;
            let topic = Topic {
                id: id.to_string(),
                ..Topic::default()
            };
            self.add_reply(&topic, &text);
        }
        Ok(())
    }
}

impl ReplyJudge for SiteJudge {
    fn find_covering_post(&mut self, topic: &Topic) -> Option<String> {
        let language = if topic.language.is_empty() {
            &self.language
        } else {
            &topic.language
        };
        self.known
            .find_covering_post(&topic.id, &topic.text, language)
    }

    fn judge_reply(&self, topic: &Topic, text: &str, ending: GenerationEnd) -> Judgement {
        let judged = self.rules.judge_reply(topic, text, ending);
        let mut judgement = judged.judgement;
        let Some(post) = judged
            .post
            .filter(|_| judgement.verdict == Verdict::Accepted)
        else {
            return judgement;
        };
        if let Some(other) = self.known.find_similar_post(&topic.id, &post.body) {
            judgement.verdict = Verdict::NearDuplicate;
            judgement.findings.push(format!(
                "the text of {} is {}% similar to that of {} (`{}`)",
                quote_for_message(&post.title),
                // Rounded down, because 100% would look like the same text.
                (other.similarity * 100.0).floor(),
                quote_for_message(&other.title),
                other.name
            ));
            judgement.other = Some(other.title);
        }
        judgement
    }

    fn add_reply(&mut self, topic: &Topic, text: &str) {
        // Accepted replies are whole.
        let mut read = self.rules.read_reply(topic, text, GenerationEnd::Finished);
        if !read.posts.is_empty() {
            self.known.add_reply(&topic.id, &read.posts.swap_remove(0));
        }
    }

    fn write_header_request(&self, topic: &Topic, text: &str) -> HeaderRequest {
        repair::write_header_request(topic, text, self.list.as_ref())
    }

    fn replace_header(&self, topic: &Topic, text: &str, answer: &str) -> Option<String> {
        let read = self.rules.read_reply(topic, text, GenerationEnd::Finished);
        let post = read.posts.first();
        repair::replace_header(topic, text, post, (answer, self.list.as_ref()))
    }

    fn write_different_request(&self, prompt: &Prompt, other: &str) -> Vec<PromptMessage> {
        let mut messages = prompt.messages.clone();
        let request = format!(
            "\n\nThe blog has a post called {} already. Write one that repeats none of it: from \
             another side, with other examples and in another order.",
            quote_for_message(other)
        );
        match messages.last_mut() {
            Some(last) if last.role == PromptRole::User => last.content.push_str(&request),
            _ => messages.push(PromptMessage::from_user(request.trim_start())),
        }
        messages
    }
}
