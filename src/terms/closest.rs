//! The name of a closed list that comes closest to one outside of it.
//!
//! This is a hint for a person. It is never acted on: "Shared Hosting" is close to "Hosting
//! Reviews" and something else.

use std::collections::HashMap;

use super::likeness::words;
use crate::post::category;
use crate::post::tag::singular;

/// Likeness from which on a name is worth being shown.
const LEAST: f64 = 0.3;

/// Words that are in many names and say nothing.
const LITTLE_WORDS: [&str; 7] = ["a", "and", "for", "in", "of", "the", "to"];

/// The names of a list, ready to be compared with others.
pub(super) struct List<'l> {
    names: Vec<Listed<'l>>,
    /// How much it says that two names share a word: the more, the fewer have it.
    weights: HashMap<String, f64>,
}

struct Listed<'l> {
    name: &'l str,
    key: String,
    words: Vec<String>,
}

impl<'l> List<'l> {
    /// A list of these names.
    pub(super) fn of(names: &'l [String]) -> Self {
        let names: Vec<Listed<'_>> = names
            .iter()
            .map(|name| Listed {
                name,
                key: category::key(name),
                words: telling_words(name),
            })
            .collect();
        let mut uses: HashMap<String, f64> = HashMap::new();
        for word in names.iter().flat_map(|listed| &listed.words) {
            *uses.entry(word.clone()).or_default() += 1.0;
        }
        let all = names.len() as f64;
        let weight = |(word, uses)| (word, f64::ln(1.0 + all / uses));
        Self {
            weights: uses.into_iter().map(weight).collect(),
            names,
        }
    }

    /// Whether it has no names.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name that is most like `name`, if one is.
    pub(super) fn closest(&self, name: &str) -> Option<&'l str> {
        let (words, key) = (telling_words(name), category::key(name));
        let likeness = |listed: &Listed<'_>| {
            let letters = strsim::normalized_damerau_levenshtein(&key, &listed.key);
            // Letters alone tell something only where few are different.
            let letters = if letters < 0.7 { 0.0 } else { letters };
            self.shared(&words, &listed.words).max(letters)
        };
        let mut best: Option<(f64, &'l str)> = None;
        for listed in &self.names {
            let likeness = likeness(listed);
            if likeness >= LEAST && best.is_none_or(|(most, _)| likeness > most) {
                best = Some((likeness, listed.name));
            }
        }
        best.map(|(_, name)| name)
    }

    /// The share of the weight of two names that is that of words in both.
    fn shared(&self, a: &[String], b: &[String]) -> f64 {
        // A word that the list does not have is as telling as one that it has once.
        let unknown = f64::ln(1.0 + self.names.len() as f64);
        let weight = |word: &String| self.weights.get(word).copied().unwrap_or(unknown);
        let both: f64 = a.iter().filter(|word| b.contains(word)).map(weight).sum();
        let all: f64 = a.iter().chain(b).map(weight).sum();
        if all > 0.0 { 2.0 * both / all } else { 0.0 }
    }
}

/// The words of a name that tell it from others, in the singular, each once.
fn telling_words(name: &str) -> Vec<String> {
    let mut telling = Vec::new();
    for word in words(name) {
        let word = singular(&word).into_owned();
        if !LITTLE_WORDS.contains(&&*word) && !telling.contains(&word) {
            telling.push(word);
        }
    }
    telling
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::category::BUILT_IN;

    fn check(name: &str, expected: Option<&str>) {
        let names = BUILT_IN.map(str::to_owned);
        assert_eq!(List::of(&names).closest(name), expected, "{name}");
    }

    #[test]
    fn name_with_the_telling_words_is_the_closest() {
        check("Hosting Tips", Some("Tips and Tricks"));
        check("AI and Robotics", Some("Robotics and Automation"));
        check("Cloud Services", Some("Cloud Hosting and Services"));
        check("IoT Devices", Some("Internet of Things (IoT)"));
    }

    #[test]
    fn letters_count_where_few_differ() {
        check("Cybersecurty", Some("Cybersecurity"));
        check("Tutorails", Some("Tutorials"));
    }

    #[test]
    fn name_like_none_has_none() {
        check("Gardening", None);
        check("★", None);
    }
}
