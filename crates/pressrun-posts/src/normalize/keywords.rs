//! Derives tags from the text of a post without tags.
//!
//! Phrases of up to three words are scored by the statistics of the text alone, as in YAKE (Campos
//! et al., 2020). A word scores better if it is frequent, appears early, occurs in many sentences,
//! and has few different neighbours. The result is deterministic.

use std::collections::HashMap;

use pressrun_text::attribute_lists::remove_attribute_lines;
use pressrun_text::blocks::{BlockKind, iter_blocks};
use pressrun_text::characters::{fold_case, is_unspaced};
use pressrun_text::inline_code::find_code_spans;
use pressrun_text::language::{self, StopWords};
use pressrun_text::line::TextLine;
use pressrun_text::plain::markdown_to_plain;
use pressrun_text::segments::split_segments;
use pressrun_text::words::hash_word;

use crate::post::tag;

/// The maximum number of tags.
const MOST: usize = 8;

/// The maximum number of words in a phrase.
const MAX_WORDS: usize = 3;

/// The maximum number of words that are looked at. More would not change the result, but take long.
const MAX_TOKENS: usize = 20_000;

/// Returns tags for a text in a language, best first.
pub fn derive_keywords(title: &str, body: &[TextLine], language: &str) -> Vec<String> {
    let mut text = KeywordText::in_language(language);
    text.add(title, true);
    for block in iter_blocks(body) {
        if text.tokens.len() > MAX_TOKENS {
            break;
        }
        match block.kind {
            BlockKind::Paragraph | BlockKind::Heading(_) | BlockKind::List | BlockKind::Quote => {
                let prose = remove_attribute_lines(&replace_code_by_breaks(&block.text(body)));
                text.add(&markdown_to_plain(&prose), false);
            }
            _ => {}
        }
    }
    let scores = text.score_words();
    let candidates = text.candidates(&scores);
    choose_keywords(candidates)
}

/// Returns the text of a block with a break in place of each code span.
fn replace_code_by_breaks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for span in find_code_spans(text) {
        out.push_str(&text[at..span.outer.start]);
        out.push_str(" ; ");
        at = span.outer.end;
    }
    out.push_str(&text[at..]);
    out
}

/// An occurrence of a word.
struct WordToken {
    /// The index of the word in [`KeywordText::words`].
    word: usize,
    /// The word as written.
    text: String,
    /// Whether a phrase may continue from the word before.
    joined: bool,
    in_title: bool,
    /// Whether it is capitalised, although it does not start a sentence.
    capital: bool,
}

/// Statistics of a word in all its forms.
#[derive(Default)]
struct WordStatistics {
    count: u32,
    capitals: u32,
    sentences: Vec<u32>,
    before: std::collections::BTreeSet<usize>,
    after: std::collections::BTreeSet<usize>,
    /// Whether the word may be part of a tag.
    strong: bool,
}

/// The words of a text, and their statistics.
struct KeywordText {
    /// The stop words of the language. `None` for English, for which [`STOP_WORDS`] is made for
    /// tags.
    stop_words: Option<&'static StopWords>,
    tokens: Vec<WordToken>,
    words: Vec<WordStatistics>,
    by_key: HashMap<String, usize>,
    by_form: HashMap<String, usize>,
    sentence: u32,
}

impl KeywordText {
    fn in_language(tag: &str) -> Self {
        Self {
            stop_words: language::stop_words_but_english(tag),
            tokens: Vec::new(),
            words: Vec::new(),
            by_key: HashMap::new(),
            by_form: HashMap::new(),
            sentence: 0,
        }
    }

    /// Adds a plain text, which begins a new sentence.
    fn add(&mut self, text: &str, in_title: bool) {
        self.sentence += 1;
        let mut joined = false;
        let mut starts = true;
        for piece in text.split_whitespace() {
            if self.tokens.len() > MAX_TOKENS {
                return;
            }
            // An address is not a word, and no phrase continues across it.
            if piece.contains("://") || piece.contains('@') || piece.starts_with("www.") {
                joined = false;
                continue;
            }
            let word =
                piece.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#'));
            let word = word
                .strip_suffix("'s")
                .or_else(|| word.strip_suffix("’s"))
                .unwrap_or(word);
            if word.is_empty() {
                joined = false;
                continue;
            }
            // Punctuation on either side of a word ends a phrase.
            let opens = piece.starts_with(|c: char| !c.is_alphanumeric());
            let closes = piece.ends_with([',', ';', ':', ')', '"', '”', '—']);
            let ends = piece.ends_with(['.', '!', '?', '…', '。', '！', '？']);
            let capital = !starts && !in_title && word.starts_with(char::is_uppercase);
            let mut joined_to = joined && !opens;
            for word in split_segments(word) {
                self.push(word, joined_to, in_title, capital);
                joined_to = true;
            }
            joined = !closes && !ends;
            starts = ends;
            self.sentence += u32::from(ends);
        }
    }

    fn push(&mut self, text: &str, joined: bool, in_title: bool, capital: bool) {
        let word = self.word(text);
        let sentence = self.sentence;
        let before = self
            .tokens
            .last()
            .filter(|_| joined)
            .map(|token| token.word);
        if let Some(before) = before {
            self.words[before].after.insert(word);
            self.words[word].before.insert(before);
        }
        let entry = &mut self.words[word];
        entry.count += 1;
        entry.capitals += u32::from(capital);
        if entry.sentences.last() != Some(&sentence) {
            entry.sentences.push(sentence);
        }
        self.tokens.push(WordToken {
            word,
            text: text.to_owned(),
            joined,
            in_title,
            capital,
        });
    }

    /// Returns the index of a word. Singular and plural are the same word.
    fn word(&mut self, text: &str) -> usize {
        let form = text.to_lowercase();
        // Each spelling is looked up first, because making the key is slow.
        if let Some(&word) = self.by_form.get(&form) {
            return word;
        }
        let is_stop_word = |words: &StopWords| words.has(hash_word(&fold_case(&form)));
        let strong = is_strong(&form) && !self.stop_words.is_some_and(is_stop_word);
        let next = self.words.len();
        let word = *self.by_key.entry(tag::tag_key(&form)).or_insert(next);
        if word == next {
            self.words.push(WordStatistics {
                strong,
                ..WordStatistics::default()
            });
        }
        self.by_form.insert(form, word);
        word
    }

    /// Returns the score of each word; smaller is better.
    fn score_words(&self) -> Vec<f64> {
        let counts: Vec<f64> = self
            .words
            .iter()
            .map(|word| f64::from(word.count))
            .collect();
        let strong: Vec<f64> = self
            .words
            .iter()
            .zip(&counts)
            .filter(|(word, _)| word.strong)
            .map(|(_, &count)| count)
            .collect();
        let many = strong.len().max(1) as f64;
        let mean = strong.iter().sum::<f64>() / many;
        let deviation = (strong
            .iter()
            .map(|count| (count - mean).powi(2))
            .sum::<f64>()
            / many)
            .sqrt();
        let most = counts.iter().copied().fold(1.0, f64::max);
        let sentences = f64::from(self.sentence.max(1));
        self.words
            .iter()
            .map(|word| {
                let count = f64::from(word.count);
                // Names are capitalised more often than other words.
                let case = f64::from(word.capitals) / (1.0 + count.ln());
                // Early words score better. `sentences` is never empty: a word is created by an
                // occurrence.
                let median = f64::from(word.sentences[word.sentences.len() / 2]);
                let position = (3.0 + median).ln().ln();
                let frequency = count / (mean + deviation).max(1.0);
                // A word with many different neighbours has little meaning of its own.
                let neighbours = (word.before.len() + word.after.len()) as f64 / (2.0 * count);
                let related = 1.0 + neighbours * count / most;
                let spread = word.sentences.len() as f64 / sentences;
                related * position.max(0.1) / (case + frequency / related + spread / related)
            })
            .collect()
    }

    /// Returns every phrase that can be a tag, best first.
    fn candidates(&self, scores: &[f64]) -> Vec<KeywordCandidate> {
        let mut found: HashMap<Vec<usize>, KeywordCandidate> = HashMap::new();
        for start in 0..self.tokens.len() {
            for length in 1..=MAX_WORDS {
                let Some(tokens) = self.tokens.get(start..start + length) else {
                    break;
                };
                if length > 1 && !tokens[length - 1].joined {
                    break;
                }
                let weak = |token: &WordToken| !self.words[token.word].strong;
                // Longer phrases from here contain the weak word too.
                if tokens.iter().any(weak) {
                    break;
                }
                let key: Vec<usize> = tokens.iter().map(|token| token.word).collect();
                let next = found.len();
                let candidate = found
                    .entry(key.clone())
                    .or_insert_with(|| KeywordCandidate::new(key, next));
                candidate.add(tokens);
            }
        }
        let mut candidates: Vec<KeywordCandidate> = found.into_values().collect();
        for candidate in &mut candidates {
            let product: f64 = candidate.key.iter().map(|&word| scores[word]).product();
            let sum: f64 = candidate.key.iter().map(|&word| scores[word]).sum();
            candidate.score = product / (f64::from(candidate.count) * (1.0 + sum));
            if candidate.in_title {
                candidate.score /= 2.0;
            }
        }
        candidates.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.order.cmp(&b.order)));
        candidates
    }
}

/// The maximum number of spellings of a phrase that are counted.
const MAX_FORMS: usize = 8;

/// A phrase that can be a tag.
struct KeywordCandidate {
    key: Vec<usize>,
    /// The rank of its first occurrence among all phrases, which breaks ties.
    order: usize,
    count: u32,
    capitals: u32,
    in_title: bool,
    forms: Vec<(String, u32)>,
    score: f64,
}

impl KeywordCandidate {
    fn new(key: Vec<usize>, order: usize) -> Self {
        Self {
            key,
            order,
            count: 0,
            capitals: 0,
            in_title: false,
            forms: Vec::new(),
            score: 0.0,
        }
    }

    fn add(&mut self, tokens: &[WordToken]) {
        self.in_title |= tokens[0].in_title;
        self.capitals += u32::from(tokens.iter().all(|token| token.capital));
        self.count += 1;
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let form = join_phrase_words(&texts);
        if let Some((_, count)) = self.forms.iter_mut().find(|(known, _)| *known == form) {
            *count += 1;
        } else if self.forms.len() < MAX_FORMS {
            self.forms.push((form, 1));
        }
    }

    /// Returns the most frequent spelling. It keeps capitals only if most occurrences have them.
    fn spelled(&self) -> String {
        let mut best = &self.forms[0];
        for form in &self.forms[1..] {
            if form.1 > best.1 {
                best = form;
            }
        }
        let proper = 2 * self.capitals >= self.count;
        best.0
            .split(' ')
            .map(|word| {
                if proper || has_inner_capital(word) {
                    word.to_owned()
                } else {
                    word.to_lowercase()
                }
            })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Joins words as they appear in the text: with a space, except in scripts without spaces.
fn join_phrase_words(words: &[&str]) -> String {
    let mut text = String::new();
    for word in words {
        let is_unspaced = text.ends_with(is_unspaced) && word.starts_with(is_unspaced);
        if !text.is_empty() && !is_unspaced {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Returns whether a word has a capital after its first letter, as in `NASA` and `iPhone`.
fn has_inner_capital(word: &str) -> bool {
    word.chars().skip(1).any(char::is_uppercase)
}

/// Returns the best candidates, without those that repeat part of another.
fn choose_keywords(candidates: Vec<KeywordCandidate>) -> Vec<String> {
    let mut chosen: Vec<KeywordCandidate> = Vec::new();
    for candidate in candidates {
        if chosen.len() == MOST {
            break;
        }
        let enough = candidate.count >= 2 || (candidate.in_title && candidate.key.len() == 1);
        let says_again = |other: &KeywordCandidate| {
            let (short, long) = if candidate.key.len() < other.key.len() {
                (&candidate, other)
            } else {
                (other, &candidate)
            };
            let contained = long
                .key
                .windows(short.key.len())
                .any(|words| words == short.key);
            // Candidates come best first, so only a longer phrase that is frequent enough is added
            // beside a part of it.
            let earns_its_place =
                candidate.key.len() > other.key.len() && 2 * candidate.count >= other.count;
            contained && !earns_its_place
        };
        if enough && !chosen.iter().any(says_again) {
            chosen.push(candidate);
        }
    }
    chosen.iter().map(KeywordCandidate::spelled).collect()
}

/// Returns whether a word in lower case may be part of a tag.
fn is_strong(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let adverb = word.len() > 4 && word.ends_with("ly");
    let least = if word.contains(is_unspaced) { 2 } else { 3 };
    letters >= least && !adverb && !word.contains(['\'', '’']) && !STOP_WORDS.contains(&word)
}

/// English words that are not topics, grouped by kind.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    // Articles, pronouns, conjunctions, prepositions.
    "the", "and", "but", "nor", "yet", "for", "with", "from", "into", "onto", "about", "above", "across", "after", "against", "along", "among", "amongst", "around", "before", "behind", "below",
    "beneath", "beside", "besides", "between", "beyond", "despite", "down", "during", "except", "inside", "like", "near", "off", "out", "outside", "over", "per", "since", "than", "through",
    "throughout", "toward", "towards", "under", "underneath", "until", "unto", "upon", "via", "within", "without", "while", "whereas", "although", "though", "because", "unless", "whether", "that",
    "this", "these", "those", "there", "here", "where", "when", "why", "how", "what", "which", "who", "whom", "whose", "you", "your", "yours", "yourself", "she", "her", "hers", "herself", "him",
    "his", "himself", "its", "itself", "they", "them", "their", "theirs", "themselves", "our", "ours", "ourselves", "mine", "myself", "one", "ones", "someone", "something", "anyone", "anything",
    "everyone", "everything", "nobody", "nothing", "none", "each", "every", "either", "neither", "both", "all", "any", "some", "such", "other", "others", "another", "same", "else",
    // Auxiliary and common verbs.
    "are", "was", "were", "been", "being", "have", "has", "had", "having", "does", "did", "doing", "done", "can", "could", "may", "might", "must", "shall", "should", "will", "would", "cannot", "let",
    "lets", "get", "gets", "getting", "got", "give", "gives", "given", "giving", "gave", "go", "goes", "going", "gone", "went", "come", "comes", "coming", "came", "make", "makes", "making", "made",
    "take", "takes", "taking", "taken", "took", "put", "puts", "keep", "keeps", "kept", "know", "knows", "known", "knew", "see", "sees", "seen", "saw", "say", "says", "said", "tell", "tells", "told",
    "think", "thinks", "thought", "want", "wants", "wanted", "need", "needs", "needed", "use", "uses", "used", "using", "find", "finds", "found", "finding", "look", "looks", "looking", "looked",
    "try", "tries", "tried", "trying", "ask", "asks", "asked", "seem", "seems", "become", "becomes", "becoming", "became", "begin", "begins", "began", "start", "starts", "started", "starting",
    "help", "helps", "helped", "helping", "show", "shows", "shown", "showed", "work", "works", "worked", "working", "call", "calls", "called", "mean", "means", "meant", "provide", "provides",
    "provided", "providing", "include", "includes", "included", "including", "allow", "allows", "allowed", "allowing", "enable", "enables", "enabled", "enabling", "ensure", "ensures", "ensured",
    "ensuring", "offer", "offers", "offered", "offering", "require", "requires", "required", "requiring", "consider", "considering", "create", "creates", "created", "creating", "improve",
    "improves", "improved", "improving", "increase", "increases", "increased", "increasing", "reduce", "reduces", "reduced", "reducing", "enhance", "enhances", "enhanced", "enhancing", "explore",
    "explores", "exploring", "follow", "follows", "following", "based", "lead", "leads", "leading", "led", "bring", "brings", "brought", "remain", "remains", "stay", "stays", "turn", "turns",
    "happen", "happens", "add", "adds", "added", "set", "sets", "move", "moves", "moved", "choose", "chose", "chosen", "learn", "learned", "feel", "feels", "felt", "stand", "stands", "hold", "holds",
    "gain", "gains", "gained", "address", "addressed", "addressing", "transform", "transforms", "transforming", "empower", "empowers", "empowering", "foster", "fosters", "fostering", "revolutionize",
    "revolutionizes", "revolutionizing", "facilitate", "facilitates", "facilitating", "streamline", "streamlines", "streamlining", "leverage", "leverages", "leveraging",
    // Adverbs, numbers, times, degrees.
    "not", "now", "then", "indeed", "else", "anyway", "please", "thus", "hence", "also", "too", "very", "just", "even", "ever", "never", "always", "often", "sometimes", "usually", "again", "once", "twice", "already", "still", "almost",
    "quite", "rather", "perhaps", "maybe", "instead", "however", "therefore", "moreover", "furthermore", "additionally", "finally", "overall", "today", "tomorrow", "yesterday", "soon", "later",
    "ago", "away", "back", "together", "apart", "well", "much", "many", "more", "most", "less", "least", "few", "fewer", "several", "lot", "lots", "enough", "only", "own", "first", "second", "third",
    "last", "next", "previous", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "hundred", "thousand", "half", "year", "years", "month", "months", "week", "weeks", "day",
    "days", "hour", "hours", "minute", "minutes", "time", "times", "way", "ways", "thing", "things", "kind", "kinds", "sort", "part", "parts", "bit", "side", "end", "place", "case", "cases",
    "example", "examples", "fact", "point", "points", "number", "numbers", "amount", "etc", "e.g", "i.e", "people", "person", "world",
    // Adjectives and nouns that mean little alone.
    "good", "better", "best", "bad", "worse", "worst", "great", "big", "bigger", "large", "larger", "small", "smaller", "little", "long", "longer", "short", "high", "higher", "low", "lower", "new",
    "newer", "old", "older", "young", "right", "left", "wrong", "true", "false", "real", "sure", "able", "unable", "likely", "important", "significant", "various", "different", "certain", "specific",
    "particular", "general", "common", "main", "major", "minor", "key", "full", "whole", "entire", "single", "simple", "easy", "easier", "hard", "difficult", "possible", "potential", "available",
    "useful", "necessary", "essential", "crucial", "vital", "effective", "efficient", "innovative", "comprehensive", "seamless", "robust", "ever-evolving", "recent", "modern", "current", "future",
    "ability", "approach", "aspect", "aspects", "benefit", "benefits", "challenge", "challenges", "conclusion", "introduction", "overview", "summary", "importance", "impact", "role", "process",
    "result", "results", "step", "steps", "tip", "tips", "guide", "post", "blog", "article", "reader", "readers", "section", "question", "questions", "answer", "answers", "reason", "reasons",
    "note", "notes", "line", "lines", "page", "pages", "word", "words",
];

#[cfg(test)]
mod tests {
    use pressrun_text::line::mark_fences;

    use super::*;

    fn tags(title: &str, body: &str) -> Vec<String> {
        let mut lines: Vec<TextLine> = body
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        mark_fences(&mut lines);
        derive_keywords(title, &lines, "en")
    }

    #[test]
    fn other_languages_and_scripts_have_tags_too() {
        let line = |text| vec![TextLine::new(text, 1)];
        let german =
            "Die Bienen fliegen. Die Königin der Bienen bleibt im Stock. Der Stock ist nicht leer.";
        let tags = derive_keywords("Über Bienen", &line(german), "de");
        assert!(tags[0].to_lowercase() == "bienen", "{tags:?}");
        assert!(
            !tags
                .iter()
                .any(|tag| ["die", "nicht", "über"].contains(&&*tag.to_lowercase()))
        );
        let chinese = "静态网站很快。静态网站不需要数据库。";
        let tags = derive_keywords("静态网站", &line(chinese), "zh");
        assert!(tags.contains(&"静态网站".to_owned()), "{tags:?}");
    }

    const BEES: &str = "A honey bee visits a hundred flowers before noon. The honey bee carries pollen home, and the \
        colony stores it.\n\nWhen the colony grows, honey bees swarm. A swarm of honey bees looks for a hollow tree. \
        Beekeepers watch the colony in May, for a swarm is easy to catch. `let bees = 3;` is code, and \
        https://bees.example/honey is a link.\n\n```\nfence fence fence fence\n```";

    #[test]
    fn frequent_phrases_become_tags() {
        let tags = tags("On bees", BEES);
        for tag in ["honey bees", "colony", "swarm"] {
            assert!(
                tags.iter().any(|found| found == tag
                    || found.trim_end_matches('s') == tag.trim_end_matches('s')),
                "{tag} in {tags:?}"
            );
        }
        assert!(tags.len() <= MOST);
    }

    #[test]
    fn code_and_links_give_none() {
        let tags = tags("On bees", BEES);
        assert!(
            !tags
                .iter()
                .any(|tag| tag.contains("fence") || tag.contains("example") || tag == "let"),
            "{tags:?}"
        );
    }

    #[test]
    fn names_keep_their_capitals() {
        let body =
            "The ship of NASA met Saturn. Then NASA photographed Saturn, and later Saturn again.";
        let tags = tags("Rings", body);
        assert!(
            tags.contains(&"NASA".to_owned()) && tags.contains(&"Saturn".to_owned()),
            "{tags:?}"
        );
    }

    #[test]
    fn the_same_text_gives_the_same_tags() {
        assert_eq!(tags("On bees", BEES), tags("On bees", BEES));
    }

    #[test]
    fn a_text_without_words_has_no_tags() {
        assert!(tags("", "").is_empty());
        assert!(tags("1 2 3", "… — !").is_empty());
    }
}
