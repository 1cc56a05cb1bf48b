//! R9.1: the text speaks as an AI model.
//!
//! Block quotes and code are exempt, because a post about models quotes them.

use std::sync::LazyLock;

use super::field::TextMatch;
use super::phrase::{PhraseAnchor, PhraseFinder, PhrasePattern};
use super::setting::{LintBody, TextSetting};
use crate::diagnostic::{Code, Finding};
use crate::post::Post;

const ANCHORS: &[PhraseAnchor] = &[
    PhraseAnchor {
        word: "ai",
        forms: &[PhrasePattern {
            before: &["as an", "i am an", "i'm an"],
            after: &["model", "assistant", "language model", "language assistant"],
        }],
    },
    PhraseAnchor {
        word: "large",
        forms: &[PhrasePattern {
            before: &["as a"],
            after: &["language model"],
        }],
    },
    PhraseAnchor {
        word: "chatgpt",
        forms: &[PhrasePattern {
            before: &["i am", "i'm"],
            after: &[""],
        }],
    },
    PhraseAnchor {
        word: "my",
        forms: &[
            PhrasePattern {
                before: &["as of"],
                after: &[
                    "update",
                    "cutoff",
                    "training",
                    "last update",
                    "last cutoff",
                    "last training",
                    "knowledge update",
                    "knowledge cutoff",
                    "knowledge training",
                    "last knowledge update",
                    "last knowledge cutoff",
                    "last knowledge training",
                ],
            },
            PhrasePattern {
                before: &["based on"],
                after: &["training data"],
            },
            PhrasePattern {
                before: &[""],
                after: &["knowledge cutoff"],
            },
        ],
    },
    PhraseAnchor {
        word: "browse",
        forms: &[PhrasePattern {
            before: &["i cannot", "i can't"],
            after: &["the internet", "the web"],
        }],
    },
    PhraseAnchor {
        word: "real-time",
        forms: &[PhrasePattern {
            before: &["i don't have", "i don't have access to"],
            after: &[""],
        }],
    },
];

static PHRASES: LazyLock<PhraseFinder> = LazyLock::new(|| PhraseFinder::new(ANCHORS));

/// Reports the first phrase that shows that a model speaks.
pub(super) fn check_ai_boilerplate<'p>(post: &'p Post, body: &LintBody<'p>) -> Option<Finding> {
    let find = |text: &str| PHRASES.find(text);
    let found = TextMatch::in_post(post, body, find, |setting| setting == TextSetting::Prose)?;
    let finding = found.into_finding(Code::AiBoilerplate, "speaks as an AI model");
    Some(finding.with_help("rewrite or remove the sentence; put a quotation into a block quote"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{LineMap, PostSource};

    fn messages(post: &Post) -> Option<(Option<u32>, String)> {
        let found = check_ai_boilerplate(post, &LintBody::new(&post.body))?;
        Some((found.line, found.message))
    }

    fn with_body(body: &str) -> Post {
        Post {
            body: body.to_owned(),
            ..Post::default()
        }
    }

    #[track_caller]
    fn check_body(body: &str, expected: bool) {
        assert_eq!(messages(&with_body(body)).is_some(), expected, "{body}");
    }

    #[test]
    fn every_phrase_is_known() {
        for phrase in [
            "As an AI model, ",
            "as an AI assistant",
            "As an AI language model",
            "as an ai language assistant",
            "AS A LARGE LANGUAGE MODEL",
            "I am an AI model",
            "I'm an AI assistant",
            "I’m an AI language model",
            "I am ChatGPT",
            "I’m ChatGPT",
            "As of my last update",
            "as of my knowledge cutoff",
            "as of my last knowledge update",
            "as of my training",
            "my knowledge cutoff",
            "based on my training data",
            "I cannot browse the internet",
            "I can't browse the web",
            "I can’t browse the internet",
            "I don't have real-time",
            "I don’t have access to real-time",
        ] {
            check_body(&format!("Well. {phrase} — soup is hot."), true);
            check_body(&phrase.replace(' ', "\n"), true);
            check_body(phrase, true);
        }
    }

    #[test]
    fn people_who_work_with_models_are_not_models() {
        for phrase in [
            "as an AI engineer",
            "As an AI models every ship",
            "as an AI-powered assistant",
            "was an AI model",
            "Hawaii'm an AI model",
            "as a large organisation",
            "Am I ChatGPT?",
            "I am ChatGPTs",
            "as of my birthday",
            "my knowledge of cutoffs",
            "the economy knowledge cutoff",
            "based on my training plan",
            "I can't browse the shelves",
            "You cannot browse the web",
            "I don't have time",
            "I don't have access to the real-time",
            "as an\n\nAI model",
        ] {
            check_body(phrase, false);
        }
    }

    #[test]
    fn code_and_quotes_may_speak_as_models() {
        check_body("`as an AI model`", false);
        check_body("```\nas an AI model\n```", false);
        check_body("> It said: as an\n> b\n> as an AI model", false);
        check_body("> a\n\nas an AI model", true);
    }

    #[test]
    fn the_first_place_is_named_and_the_others_counted() {
        let mut post = with_body("a\n\nAs an AI model, I cannot browse the web.\n`I'm ChatGPT`");
        post.source = PostSource {
            line: 3,
            ..PostSource::default()
        };
        post.body_lines = LineMap::default();
        post.body_lines.push(0, 11);
        let message = "`As an AI model` in the body speaks as an AI model, and in 1 more place";
        assert_eq!(messages(&post), Some((Some(13), message.to_owned())));

        post.title = "I am ChatGPT".to_owned();
        let message = "`I am ChatGPT` in the title speaks as an AI model, and in 2 more places";
        assert_eq!(messages(&post), Some((Some(3), message.to_owned())));
    }

    #[test]
    fn the_description_is_read_too() {
        let post = Post {
            description: "Based on my training data".to_owned(),
            ..Post::default()
        };
        assert!(messages(&post).is_some_and(|(_, text)| text.contains("in the description")));
    }
}
