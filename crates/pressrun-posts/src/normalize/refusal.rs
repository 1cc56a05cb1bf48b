//! Rejects replies in which the model refuses to write (R16.1 of the ingest contract).

use std::sync::LazyLock;

use pressrun_text::blocks::has_heading;
use pressrun_text::plain::markdown_to_plain;
use pressrun_text::sentences::split_sentences;
use pressrun_text::words::{self, fold_for_phrases, strip_phrase};

use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::reply::{Reply, ReplyForm};
use crate::phrases::{PhraseIndex, fold_phrase_text};

/// A refusal has fewer words than this.
const MAX_WORDS: usize = 80;

/// A length in bytes that no refusal exceeds, so that a text of few but endless words is not searched.
const MAX_LENGTH: usize = 10_000;

/// Returns the error for a reply that is a refusal.
pub fn check_refusal(reply: &Reply) -> Option<Finding> {
    // A refusal has no fields.
    if matches!(reply.form, ReplyForm::Labelled | ReplyForm::Structured) {
        return None;
    }
    let mut count = 0;
    let mut length = 0;
    for line in &reply.body {
        count += words::count_words(&line.text);
        length += line.text.len();
        if count >= MAX_WORDS || length > MAX_LENGTH {
            return None;
        }
    }
    let first = reply.body.iter().find(|line| !line.is_blank())?;
    let text: Vec<&str> = reply
        .body
        .iter()
        .map(|line| line.text.trim())
        .filter(|text| !text.is_empty())
        .collect();
    let text = text.join(" ");
    // Emphasis and quotation marks may precede the refusal.
    let english = fold_for_phrases(text.trim_start_matches(['*', '_', '"', '“', '>', ' ']));
    let refuses =
        is_refusal(&english) || (is_refusal_in_other_language(&text) && !has_heading(&reply.body));
    refuses.then(|| {
        let message = format!(
            "the model refused to write: {}",
            quote_for_message(&first.text)
        );
        Finding::new(Code::Refusal, reply.line, message)
            .with_help("change the prompt and ask again")
    })
}

static APOLOGIES: LazyLock<PhraseIndex> =
    LazyLock::new(|| PhraseIndex::new(|language| &language.refusal.apology));

/// Returns whether a short text apologises in its first sentence for what it cannot do, and speaks of
/// a request in its first two.
fn is_refusal_in_other_language(text: &str) -> bool {
    const MAX_CHARACTERS: usize = 200;
    let plain = markdown_to_plain(text);
    if !APOLOGIES.may_start(&plain) {
        return false;
    }
    let mut sentences = split_sentences(&plain);
    let first = fold_phrase_text(sentences.next().unwrap_or_default());
    let second = sentences.next().map(fold_phrase_text);
    APOLOGIES.find_starts(&first).any(|(language, ..)| {
        let requests = &language.refusal.request;
        (language.words || plain.chars().count() <= MAX_CHARACTERS)
            && language
                .refusal
                .cannot
                .iter()
                .any(|phrase| phrase.is_in(&first))
            && (requests.iter().any(|phrase| phrase.is_in(&first))
                || second
                    .as_ref()
                    .is_some_and(|second| requests.iter().any(|phrase| phrase.is_in(second))))
    })
}

/// Returns whether a text, in lower case with straight apostrophes, starts like a refusal.
fn is_refusal(text: &str) -> bool {
    is_apology(text)
        || is_declining(text)
        || is_excuse_of_ai(text)
        || strip_i_am(text)
            .is_some_and(|rest| starts_with_any_phrase(rest, &["unable to", "not able to"]))
}

/// Matches `I'm (really, very) sorry, (but) I can't …`.
fn is_apology(text: &str) -> bool {
    let Some(rest) = strip_i_am(text) else {
        return false;
    };
    let rest = strip_leading_phrase(strip_leading_phrase(rest, "really"), "very");
    let Some(rest) = strip_phrase(rest, "sorry") else {
        return false;
    };
    let rest = strip_leading_phrase(
        rest.trim_start_matches([',', ' ', '.', '—', '-', '–']),
        "but",
    );
    strip_phrase(rest, "i").is_some_and(|rest| {
        starts_with_any_phrase(
            rest.trim_start(),
            &["can't", "cannot", "am unable", "won't"],
        )
    })
}

/// Matches `(Sorry, but) I can't assist …`.
fn is_declining(text: &str) -> bool {
    let rest = strip_phrase(text, "sorry").map_or(text, |rest| {
        strip_leading_phrase(rest.trim_start_matches([',', ' ']), "but")
    });
    let Some(rest) = strip_phrase(rest, "i") else {
        return false;
    };
    let rest = rest.trim_start();
    ["can't", "cannot", "won't"]
        .iter()
        .filter_map(|word| strip_phrase(rest, word))
        .any(|rest| {
            starts_with_any_phrase(
                rest.trim_start(),
                &[
                    "assist", "help", "fulfil", "fulfill", "comply", "create", "provide", "write",
                    "generate", "do",
                ],
            )
        })
}

/// Matches `As an AI (language model), I can't …`.
fn is_excuse_of_ai(text: &str) -> bool {
    let Some(rest) = strip_phrase(text, "as an ai") else {
        return false;
    };
    let rest = strip_leading_phrase(rest.trim_start(), "language model");
    let rest = strip_leading_phrase(rest, "model").trim_start_matches([',', ' ']);
    strip_i_am(rest).is_some_and(|rest| starts_with_any_phrase(rest, &["unable", "not able"]))
        || strip_phrase(rest, "i")
            .is_some_and(|rest| starts_with_any_phrase(rest.trim_start(), &["can't", "cannot"]))
}

fn strip_i_am(text: &str) -> Option<&str> {
    let rest = strip_phrase(text, "i'm").or_else(|| strip_phrase(text, "i am"))?;
    Some(rest.trim_start())
}

fn starts_with_any_phrase(text: &str, phrases: &[&str]) -> bool {
    phrases
        .iter()
        .any(|phrase| strip_phrase(text, phrase).is_some())
}

/// Strips a phrase from the start of a text, if it is there.
fn strip_leading_phrase<'t>(text: &'t str, phrase: &str) -> &'t str {
    strip_phrase(text, phrase).unwrap_or(text).trim_start()
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::TextLine;

    use super::*;

    #[track_caller]
    fn check_text(text: &str, expected: bool) {
        let mut reply = Reply::default();
        reply.body = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        assert_eq!(check_refusal(&reply).is_some(), expected, "{text}");
    }

    #[test]
    fn refusals_are_recognised_by_their_start() {
        for text in [
            "I'm sorry, but I can't do that.",
            "I’m really sorry, I cannot",
            "I am very sorry but I am unable to",
            "I'm sorry, I won't",
            "Sorry, but I can't assist with that.",
            "I cannot fulfill this request.",
            "I won't write that.",
            "I can't help with that.",
            "As an AI language model, I cannot",
            "As an AI, I am not able to",
            "As an AI, I’m unable to",
            "I'm really very sorry, but I cannot",
            "I'm unable to",
            "I am not able to say",
        ] {
            check_text(text, true);
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "I'm sorry to say that it rained.",
            "I can't believe it.",
            "I cannot recommend it enough.",
            "Sorry, I can't sing.",
            "I'm able to.",
            "As an AI researcher, I cannot",
            "Why I can't write",
            "",
        ] {
            check_text(text, false);
        }
        check_text(
            &format!("I can't help with that. {}", "a ".repeat(80)),
            false,
        );
    }

    #[test]
    fn refusals_in_other_languages_name_the_request() {
        for text in [
            "Es tut mir leid, aber dabei kann ich nicht helfen.",
            "Tut mir leid, das kann ich nicht. Diese Anfrage verstößt gegen die Regeln.",
            "很抱歉，我无法帮助完成这个请求。",
            "Je suis désolé, mais je ne peux pas répondre à cette demande.",
            "申し訳ありませんが、そのリクエストにはお応えできません。",
        ] {
            check_text(text, true);
        }
        for text in [
            "Es tut mir leid, dass dieser Brief so spät kommt. Ich kann nicht schneller helfen.",
            "Es tut mir leid, das kann ich nicht. Der Winter ist lang. Wer wird helfen?",
            "# Brief\n\nEs tut mir leid, aber dabei kann ich nicht helfen.",
            // A phrase of another language does not count.
            "Es tut mir leid, mais je ne peux pas répondre à cette demande.",
        ] {
            check_text(text, false);
        }
        check_text(
            &format!("很抱歉，我无法帮助完成这个请求。{}", "很".repeat(200)),
            false,
        );
    }

    #[test]
    fn replies_with_fields_are_not_refusals() {
        let mut reply = Reply::default();
        reply.body = vec![TextLine::new("I can't help with that.", 1)];
        reply.form = ReplyForm::Labelled;
        assert!(check_refusal(&reply).is_none());
    }
}
