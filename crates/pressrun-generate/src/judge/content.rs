//! Checks the text of a reply against what was asked for: its length, language and subject.

use pressrun_posts::diagnostic::quote_for_message;
use pressrun_posts::post::Post;
use pressrun_site::corpus::words::measure_text;
use pressrun_text::characters::is_unspaced;
use pressrun_text::language::{primary_subtag, stop_words};
use pressrun_text::words::{fold_words, hash_word, iter_words};

use super::{AskedContent, ReplyProblems};
use crate::journal::Verdict;
use crate::repetition::find_loop_at_end;

/// A text with fewer than the wanted words divided by this is too short. Models rarely write as much as
/// they are asked for, so only a text that cannot be the whole post counts.
const SHORTEST_PART: u32 = 15;

/// A text with more than this many times the wanted words is too long.
const LONGEST_TIMES: u32 = 5;

/// A text of at most this many words is never too long.
const NEVER_TOO_LONG: u32 = 3000;

/// Adds what is wrong with the text of a reply.
pub(super) fn check_content(post: &Post, asked: AskedContent<'_>, problems: &mut ReplyProblems) {
    check_length(post, asked.words, problems);
    check_language(post, asked.language, problems);
    if !speaks_of_topic(post, asked) {
        let topic = quote_for_message(asked.topic);
        let message = format!("no word of the topic {topic} stands in the text");
        problems.add(Verdict::OffFormat, message);
    }
    if find_loop_at_end(post.body.trim_end()).is_some() {
        problems.add(Verdict::OffFormat, "the text repeats itself up to its end");
    }
}

fn check_length(post: &Post, wanted: u32, problems: &mut ReplyProblems) {
    let words = measure_text(&post.body).total();
    let is_too_short = words.saturating_mul(SHORTEST_PART) < wanted;
    let is_too_long = words > wanted.saturating_mul(LONGEST_TIMES).max(NEVER_TOO_LONG);
    if is_too_short || is_too_long {
        let measure = if is_too_short { "short" } else { "long" };
        let message = format!("the text is too {measure}: {words} words instead of {wanted}");
        problems.add(Verdict::OffFormat, message);
    }
}

fn check_language(post: &Post, wanted: &str, problems: &mut ReplyProblems) {
    let Some(own) = &post.language else {
        return;
    };
    if primary_subtag(own) != primary_subtag(wanted) {
        let message = format!("the text is in the language `{own}` instead of `{wanted}`");
        problems.add(Verdict::OffFormat, message);
    }
}

/// Returns whether a post has at least one of the words that its topic is about.
///
/// Words that share their beginning count as one, because other endings are other forms. A topic in
/// another language than the post says nothing about the words of the post.
fn speaks_of_topic(post: &Post, asked: AskedContent<'_>) -> bool {
    if !asked.is_site_language {
        return true;
    }
    let topic = fold_words(asked.topic);
    let stops = stop_words(asked.language);
    let mut stems = iter_words(&topic)
        .filter(|word| !stops.has(hash_word(word)) && word.chars().any(char::is_alphabetic))
        .flat_map(split_into_stems)
        .peekable();
    if stems.peek().is_none() {
        return true;
    }
    let mut text = fold_words(&post.title);
    text.push(' ');
    text.push_str(&fold_words(&post.body));
    // With the space in front, a stem is found only where a word begins.
    let text = format!(" {text}");
    stems.any(|stem| text.contains(&stem))
}

/// Returns the beginning of a word that its other forms share; of a word in a script without spaces,
/// each pair of its characters.
fn split_into_stems(word: &str) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    if characters.iter().any(|&c| is_unspaced(c)) {
        let pairs = characters.windows(2.min(characters.len()));
        return pairs.map(|pair| pair.iter().collect()).collect();
    }
    let length = (characters.len() * 2 / 3).max(4).min(characters.len());
    vec![format!(
        " {}",
        characters[..length].iter().collect::<String>()
    )]
}
