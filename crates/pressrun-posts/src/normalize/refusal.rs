//! Rejects replies in which the model refuses to write (R16.1 of the ingest contract).

use pressrun_text::words::{self, fold_for_phrases, strip_phrase};

use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::reply::{Reply, ReplyForm};

/// A refusal has fewer words than this.
const MAX_WORDS: usize = 80;

/// Returns the error for a reply that is a refusal.
pub fn check_refusal(reply: &Reply) -> Option<Finding> {
    // A refusal has no fields.
    if matches!(reply.form, ReplyForm::Labelled | ReplyForm::Structured) {
        return None;
    }
    let mut count = 0;
    for line in &reply.body {
        count += words::count_words(&line.text);
        if count >= MAX_WORDS {
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
    // Emphasis and quotation marks may precede the refusal.
    let text = fold_for_phrases(
        text.join(" ")
            .trim_start_matches(['*', '_', '"', '“', '>', ' ']),
    );
    is_refusal(&text).then(|| {
        let message = format!(
            "the model refused to write: {}",
            quote_for_message(&first.text)
        );
        Finding::new(Code::Refusal, reply.line, message)
            .with_help("change the prompt and ask again")
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
    let rest = ["really", "very"]
        .iter()
        .find_map(|word| strip_phrase(rest, word))
        .unwrap_or(rest)
        .trim_start();
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
    strip_phrase(rest, "i").is_some_and(|rest| {
        starts_with_any_phrase(
            rest.trim_start(),
            &["can't", "cannot", "am unable", "am not able"],
        )
    })
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
    fn refusals_are_told_by_their_start() {
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
    fn replies_with_fields_are_none() {
        let mut reply = Reply::default();
        reply.body = vec![TextLine::new("I can't help with that.", 1)];
        reply.form = ReplyForm::Labelled;
        assert!(check_refusal(&reply).is_none());
    }
}
