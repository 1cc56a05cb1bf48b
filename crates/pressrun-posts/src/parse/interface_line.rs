//! Lines that the interface of a chat puts around and between the text (R8.3 of the ingest
//! contract).

use pressrun_text::plain::collapse_white_space;
use pressrun_text::words::count_words;

/// Whole lines, in lower case.
const LINES: [&str; 8] = [
    "regenerate response",
    "regenerate",
    "stop generating",
    "continue generating",
    "copy code",
    "2 / 2",
    "updated saved memory",
    "memory updated",
];

/// The starts of lines, in lower case.
const STARTS: [&str; 2] = [
    "chatgpt can make mistakes.",
    "was this response better or worse?",
];

/// The first words of all of them, and of `Thought for 12 seconds`.
const FIRST_WORDS: [&str; 10] = [
    "regenerate",
    "stop",
    "continue",
    "copy",
    "2",
    "updated",
    "memory",
    "chatgpt",
    "was",
    "thought",
];

/// A length in bytes that no whole line exceeds, and no start of a line.
const MAX_LENGTH: usize = 60;

/// Returns whether a line, which must be outside code, is text of a chat interface.
pub fn is_interface_line(line: &str) -> bool {
    let text = line.trim();
    // Quick check: no such line begins with another character, or with another word.
    let bare = text.trim_start_matches(['*', '_']);
    if !bare.starts_with(|c: char| "crstumw2".contains(c.to_ascii_lowercase())) {
        return false;
    }
    let first = bare.split_whitespace().next().unwrap_or_default();
    let first = first.trim_end_matches(['*', '_']);
    if !FIRST_WORDS
        .iter()
        .any(|word| word.eq_ignore_ascii_case(first))
    {
        return false;
    }
    let start: String = text.chars().take(MAX_LENGTH).collect();
    let start = collapse_white_space(&start);
    if STARTS
        .iter()
        .any(|known| strip_ignoring_case(&start, known).is_some())
    {
        return true;
    }
    let bare = start.trim_matches(['*', '_']);
    text.len() <= MAX_LENGTH
        && (LINES.iter().any(|line| bare.eq_ignore_ascii_case(line)) || is_thinking_time(bare))
}

/// Returns whether a line says `Thought for 12 seconds`.
fn is_thinking_time(text: &str) -> bool {
    const MAX_WORDS: usize = 6;
    let Some(rest) = strip_ignoring_case(text, "thought for ") else {
        return false;
    };
    count_words(text) <= MAX_WORDS
        && rest.split(|c: char| !c.is_alphabetic()).any(|word| {
            ["second", "seconds", "minute", "minutes"]
                .iter()
                .any(|unit| word.eq_ignore_ascii_case(unit))
        })
}

/// Returns whether a line is the name of the chat or of its model, as a copied page has it at the
/// start or end of a message: `ChatGPT`, `4o`, `GPT-5 Thinking`.
pub fn is_model_name_line(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let Some(name) = words.next() else {
        return false;
    };
    let more = words.count();
    if name.eq_ignore_ascii_case("chatgpt") {
        return more == 0;
    }
    let is_name = ["4o", "o1", "o3"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
        || strip_ignoring_case(name, "gpt-").is_some_and(is_version);
    is_name && more <= 1
}

/// Returns whether a text is a version number, such as `4`, `4.1` or `4o`.
fn is_version(text: &str) -> bool {
    let number = text.strip_suffix(['o', 'O']).unwrap_or(text);
    number.starts_with(|c: char| c.is_ascii_digit())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn strip_ignoring_case<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let (found, rest) = text.split_at_checked(start.len())?;
    found.eq_ignore_ascii_case(start).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interface_lines_are_whole_lines() {
        for line in [
            "Regenerate response",
            "**Copy code**",
            " 2 / 2 ",
            "ChatGPT can make mistakes. Check important info.",
            "Thought for 12 seconds",
            "Thought for a couple of seconds",
            "Thought for 1 minute 5 seconds",
            "Memory updated",
            "\u{A0}Memory\u{A0}updated",
            "Copy  code",
        ] {
            assert!(is_interface_line(line), "{line}");
        }
        for line in [
            "Copy code from it.",
            "Thought for food",
            "Thought for a second, then he went on",
            "Regenerate it",
            "",
        ] {
            assert!(!is_interface_line(line), "{line}");
        }
    }

    #[test]
    fn names_of_models_have_one_word_more_at_most() {
        for line in [
            "ChatGPT",
            "4o",
            "o3 pro",
            "GPT-4.1 mini",
            "gpt-4o",
            "GPT-5 Thinking",
        ] {
            assert!(is_model_name_line(line), "{line}");
        }
        for line in [
            "ChatGPT says",
            "4o mini high",
            "GPT-",
            "GPT-x",
            "o2",
            "o1 is new.",
        ] {
            assert!(!is_model_name_line(line), "{line}");
        }
    }
}
