//! Finds the name of a closed list that is closest to a name outside of it.
//!
//! The result is a hint for a person. It is never applied: "Shared Hosting" is close to "Hosting
//! Reviews" but means something else.

use std::collections::HashMap;

use pressrun_posts::post::category;
use pressrun_text::plural::make_singular;

use super::likeness::words_of_name;

/// Least likeness, from 0 to 1, at which a name is shown.
const LEAST: f64 = 0.3;

/// Frequent words that say nothing about a subject.
const LITTLE_WORDS: [&str; 7] = ["a", "and", "for", "in", "of", "the", "to"];

/// The names of a list, ready to be compared with others.
pub(super) struct ClosedList<'l> {
    names: Vec<ClosedListName<'l>>,
    /// Weight of each word: the fewer names contain it, the higher.
    weights: HashMap<String, f64>,
}

struct ClosedListName<'l> {
    name: &'l str,
    key: String,
    words: Vec<String>,
}

impl<'l> ClosedList<'l> {
    /// Prepares these names for comparison.
    pub(super) fn from_names(names: &'l [String]) -> Self {
        let names: Vec<ClosedListName<'_>> = names
            .iter()
            .map(|name| ClosedListName {
                name,
                key: category::category_key(name),
                words: distinctive_words(name),
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

    /// Returns whether the list is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the name that is most like `name`, or `None` if none reaches [`LEAST`].
    pub(super) fn find_closest(&self, name: &str) -> Option<&'l str> {
        let (words, key) = (distinctive_words(name), category::category_key(name));
        let likeness = |listed: &ClosedListName<'_>| {
            let letters = strsim::normalized_damerau_levenshtein(&key, &listed.key);
            // Unrelated words share letters by chance, so only a high share of equal letters
            // counts.
            let letters = if letters < 0.7 { 0.0 } else { letters };
            self.shared_weight(&words, &listed.words).max(letters)
        };
        // With equal likeness, the first name of the list is taken.
        let mut best: Option<(f64, &'l str)> = None;
        for listed in &self.names {
            let likeness = likeness(listed);
            if likeness >= LEAST && best.is_none_or(|(most, _)| likeness > most) {
                best = Some((likeness, listed.name));
            }
        }
        best.map(|(_, name)| name)
    }

    /// Returns the part of the weight of both names that lies in words they share, from 0 to 1.
    fn shared_weight(&self, a: &[String], b: &[String]) -> f64 {
        // A word that is not in the list weighs as much as one that a single name has.
        let unknown = f64::ln(1.0 + self.names.len() as f64);
        let weight = |word: &String| self.weights.get(word).copied().unwrap_or(unknown);
        let both: f64 = a.iter().filter(|word| b.contains(word)).map(weight).sum();
        let all: f64 = a.iter().chain(b).map(weight).sum();
        if all > 0.0 { 2.0 * both / all } else { 0.0 }
    }
}

/// Returns the distinctive words of a name in the singular, each once.
fn distinctive_words(name: &str) -> Vec<String> {
    let mut telling = Vec::new();
    for word in words_of_name(name) {
        let word = make_singular(&word).into_owned();
        if !LITTLE_WORDS.contains(&&*word) && !telling.contains(&word) {
            telling.push(word);
        }
    }
    telling
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::category::BUILT_IN;

    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        let names = BUILT_IN.map(str::to_owned);
        assert_eq!(
            ClosedList::from_names(&names).find_closest(name),
            expected,
            "{name}"
        );
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
