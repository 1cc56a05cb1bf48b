//! Generates any number of replies as a language model could write them, the same ones on every
//! machine.
//!
//! Post `n` depends only on `n`. It has the form of real replies: a header with title, description,
//! tags and categories, about 6 KB of Markdown with headings, lists, tables and code, and the end
//! marker. Few tags are frequent and many are rare.

// Each bench uses only some of this.
#![allow(dead_code, unreachable_pub)]

mod code;
mod words;

use std::fmt::Write;

pub use code::LANGUAGES;
use words::{ADJECTIVES, CATEGORY_HEADS, NOUNS, OPENINGS, TAG_HEADS, VERBS};

/// Number of categories and of tags.
pub const CATEGORIES: usize = 60;
pub const TAGS: usize = 200;

/// Pseudo-random numbers (`SplitMix64`).
pub struct Random(u64);

impl Random {
    /// Returns the numbers for one post.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Returns a number below `end`; low ones are much more frequent.
    pub fn skewed(&mut self, end: usize) -> usize {
        let limit = self.below(end) + 1;
        let limit = self.below(limit) + 1;
        self.below(limit)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Returns one of these choices.
    pub fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// Returns the name of a tag.
pub fn tag(index: usize) -> String {
    let (head, noun) = (index % TAG_HEADS.len(), index / TAG_HEADS.len());
    format!(
        "{} {}",
        TAG_HEADS[head],
        NOUNS[(noun * 7 + head) % NOUNS.len()]
    )
}

/// Returns the name of a category.
pub fn category(index: usize) -> String {
    let (head, noun) = (index % CATEGORY_HEADS.len(), index / CATEGORY_HEADS.len());
    format!(
        "{} & {}",
        CATEGORY_HEADS[head],
        capital(NOUNS[(noun * 11 + head * 3) % NOUNS.len()])
    )
}

/// Returns a whole reply.
pub fn reply(index: u64) -> String {
    let mut random = Random::new(index);
    let title = title(&mut random);
    let tags: Vec<String> = (0..3 + random.below(4))
        .map(|_| tag(random.skewed(TAGS)))
        .collect();
    let categories: Vec<String> = (0..=random.below(2))
        .map(|_| category(random.skewed(CATEGORIES)))
        .collect();
    let description = sentence(&mut random);
    format!(
        "TITLE: {title}\nMETA_DESCRIPTION: {description}\nTAGS: {}\nCATEGORIES: {}\n\n{}\n-EndOFText-\n",
        tags.join(", "),
        categories.join(", "),
        markdown(&mut random),
    )
}

/// Returns the Markdown of a reply.
pub fn body(index: u64) -> String {
    markdown(&mut Random::new(index))
}

/// Returns paragraphs of plain prose with about this many bytes.
pub fn prose(index: u64, bytes: usize) -> String {
    let mut random = Random::new(index);
    let mut text = String::new();
    while text.len() < bytes {
        paragraph(&mut text, &mut random);
    }
    text
}

/// Returns about this many lines of code in one of [`LANGUAGES`].
pub fn code(random: &mut Random, language: &str, lines: usize) -> String {
    code::snippet(random, language, lines)
}

fn markdown(random: &mut Random) -> String {
    let mut text = String::new();
    paragraph(&mut text, random);
    while text.len() < 5_600 {
        section(&mut text, random);
    }
    text
}

fn section(text: &mut String, random: &mut Random) {
    let level = if random.chance(70) { "##" } else { "###" };
    let _ = write!(text, "{level} {}\n\n", title(random));
    for _ in 0..=random.below(3) {
        paragraph(text, random);
    }
    match random.below(10) {
        0..=2 => list(text, random),
        3 => table(text, random),
        4..=5 => code_block(text, random),
        6 => {
            let _ = write!(text, "> {}\n\n", sentence(random));
        }
        _ => {}
    }
}

fn list(text: &mut String, random: &mut Random) {
    for number in 1..=3 + random.below(4) {
        let _ = writeln!(
            text,
            "{number}. **{}**: {}",
            capital(random.pick(NOUNS)),
            sentence(random)
        );
    }
    text.push('\n');
}

fn table(text: &mut String, random: &mut Random) {
    text.push_str("| Option | Cost | Notes |\n|---|---:|---|\n");
    for _ in 0..3 + random.below(4) {
        let (noun, cost, verb) = (random.pick(NOUNS), random.below(900), random.pick(VERBS));
        let _ = writeln!(text, "| `{noun}` | {cost} | {verb} the {noun} |");
    }
    text.push('\n');
}

fn code_block(text: &mut String, random: &mut Random) {
    let language = random.pick(LANGUAGES);
    let lines = 5 + random.below(25);
    let code = code::snippet(random, language, lines);
    let _ = write!(text, "```{language}\n{code}```\n\n");
}

fn paragraph(text: &mut String, random: &mut Random) {
    for index in 0..3 + random.below(4) {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(&sentence(random));
    }
    text.push_str("\n\n");
}

fn title(random: &mut Random) -> String {
    let (opening, adjective) = (random.pick(OPENINGS), random.pick(ADJECTIVES));
    format!("{opening} {adjective} {}", random.pick(NOUNS))
}

fn sentence(random: &mut Random) -> String {
    let mut sentence = capital(&format!("{} {}", random.pick(OPENINGS), random.pick(NOUNS)));
    for _ in 0..=random.below(3) {
        let (verb, adjective, noun) = (
            random.pick(VERBS),
            random.pick(ADJECTIVES),
            random.pick(NOUNS),
        );
        let _ = match random.below(24) {
            0 => write!(sentence, " can {verb} a *{adjective}* {noun},"),
            1 => write!(sentence, " won't {verb} the **{adjective} {noun}**"),
            2 => write!(sentence, " has to {verb} `{noun}_{verb}` first"),
            3 => write!(
                sentence,
                " and [{verb} the {noun}](https://example.com/{noun}) with it"
            ),
            4 => write!(sentence, " \"{verb} the {noun}\" as people say"),
            5 => write!(sentence, " -- {adjective} or not --"),
            _ => write!(sentence, " should {verb} the {adjective} {noun}"),
        };
    }
    sentence.push('.');
    sentence
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
