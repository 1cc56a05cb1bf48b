//! Categories, and how a name is matched with a closed list (R11.6 of the ingest contract).
//!
//! Matching is exact by key: case, punctuation and the plural of the last word do not count,
//! and a name with parentheses answers to its parts. Nothing is matched by likeness, since
//! "Shared Hosting" must never become "Hosting Reviews".

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use unicode_normalization::UnicodeNormalization;

use super::tag::{singular, without_plural_of_initials};
use crate::text::characters::{fold, is_digit, is_letter, is_mark};

/// What two spellings of one category have in common.
pub fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    let mut gap = false;
    let mut push = |c: char, key: &mut String| {
        if is_letter(c) || is_digit(c) || is_mark(c) || matches!(c, '+' | '#') {
            if gap && !key.is_empty() {
                key.push(' ');
            }
            gap = false;
            key.push(c);
        } else {
            gap = true;
        }
    };
    let mut add = |c: char| match c {
        '&' => " and ".chars().for_each(|c| push(c, &mut key)),
        c if c.is_ascii() => push(c.to_ascii_lowercase(), &mut key),
        c => fold(c).for_each(|c| push(c, &mut key)),
    };
    let stem = without_plural_of_initials(name.trim());
    if stem.is_ascii() {
        stem.chars().for_each(&mut add);
    } else {
        stem.nfkc().for_each(&mut add);
    }
    if key.is_empty() {
        return name.trim().to_owned();
    }
    let last_word = key.rfind(' ').map_or(0, |at| at + 1);
    let singular = singular(&key[last_word..]).into_owned();
    key.replace_range(last_word.., &singular);
    key
}

/// A closed list of categories, and the other names that each answers to.
#[derive(Debug, Clone, Default)]
pub struct CategoryList {
    names: Vec<String>,
    /// Key of every spelling, to the place in `names`.
    by_key: HashMap<String, usize>,
    /// Most commas in one name, so that neighbouring items can be joined to it.
    most_commas: usize,
}

impl CategoryList {
    /// A list of `names`, in their order. Of two names with one key the first counts.
    ///
    /// An alias is a further name (left) of a category (right); one whose category is not in
    /// the list is ignored.
    pub fn new<N, A>(names: N, aliases: A) -> Self
    where
        N: IntoIterator<Item = String>,
        A: IntoIterator<Item = (String, String)>,
    {
        let mut list = Self::default();
        for name in names {
            if let Entry::Vacant(entry) = list.by_key.entry(key(&name)) {
                entry.insert(list.names.len());
                list.most_commas = list.most_commas.max(name.matches(',').count());
                list.names.push(name);
            }
        }
        for (alias, name) in aliases {
            if let Some(&place) = list.by_key.get(&key(&name)) {
                list.by_key.entry(key(&alias)).or_insert(place);
            }
        }
        for place in 0..list.names.len() {
            for alias in other_names(&list.names[place]) {
                list.by_key.entry(key(&alias)).or_insert(place);
            }
        }
        list
    }

    /// The list that holds where no site and no prompt gives another.
    pub fn built_in() -> &'static Self {
        static LIST: std::sync::LazyLock<CategoryList> = std::sync::LazyLock::new(|| {
            CategoryList::new(BUILT_IN.iter().map(|&name| name.to_owned()), [])
        });
        &LIST
    }

    /// The list's spelling of a name, if it is on the list.
    pub fn resolve(&self, name: &str) -> Option<&str> {
        self.by_key
            .get(&key(name))
            .map(|&place| self.names[place].as_str())
    }

    /// The names, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The most commas that one name has.
    ///
    /// A list value is split at commas, so this many more neighbours may have to be joined
    /// again to find a name.
    pub fn most_commas(&self) -> usize {
        self.most_commas
    }
}

/// What a name with parentheses also answers to: itself without them, what they hold, and the
/// phrase before each pair.
fn other_names(name: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut without = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('(')
        && let Some((inside, after)) = after.split_once(')')
    {
        let phrase = before.trim_matches(|c: char| c.is_whitespace() || c == ',');
        let phrase = match phrase.split_once(' ') {
            Some((and, phrase)) if and.eq_ignore_ascii_case("and") => phrase,
            _ => phrase,
        };
        names.push(inside.trim().to_owned());
        names.push(phrase.trim().to_owned());
        without.push_str(before);
        rest = after;
    }
    if !names.is_empty() {
        without.push_str(rest);
        names.insert(0, without);
    }
    names.retain(|name| name.contains(|c| is_letter(c) || is_digit(c)));
    names
}

/// The names that hold where neither the site nor a prompt gives a list.
pub const BUILT_IN: [&str; 60] = [
    "News",
    "Reviews",
    "Tutorials",
    "How-to Guides",
    "Product Comparisons",
    "Tips and Tricks",
    "Industry Analysis",
    "Emerging Technologies",
    "Software Development",
    "Cybersecurity",
    "Artificial Intelligence",
    "Internet of Things (IoT)",
    "Data Science",
    "Gaming",
    "Mobile Technology",
    "Social Media",
    "E-commerce and Online Business",
    "Wearable Technology",
    "Virtual Reality (VR) and Augmented Reality (AR)",
    "Tech Events and Conferences",
    "Digital Marketing and SEO",
    "Cloud Computing",
    "Hardware and Components",
    "Internet and Connectivity",
    "Programming and Coding",
    "Tech Tips for Beginners",
    "Data Privacy and Protection",
    "Science and Technology",
    "Tech Careers and Job Opportunities",
    "Tech Ethics and Policy",
    "Home Automation",
    "Robotics and Automation",
    "Blockchain Technology",
    "Audio and Video Technology",
    "Tech for Education and Learning",
    "Health Tech and Wearables",
    "Tech for Small Businesses",
    "Social Impact of Technology",
    "Tech Gadgets for Home",
    "Green Tech and Sustainability",
    "Web Hosting Reviews",
    "Server Management and Optimization",
    "Website Security and SSL Certificates",
    "Content Delivery Networks (CDNs)",
    "Domain Name Registration",
    "Cloud Hosting and Services",
    "Dedicated Servers",
    "Shared Hosting",
    "Virtual Private Servers (VPS)",
    "Website Backup and Recovery",
    "Server Monitoring and Performance",
    "Server Hardware and Infrastructure",
    "Web Hosting Tutorials and Guides",
    "WordPress Hosting and Plugins",
    "E-commerce Hosting Solutions",
    "Email Hosting and Communication",
    "Database Management",
    "Web Development Frameworks",
    "Server-Side Scripting and Languages",
    "Server Virtualization",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str], aliases: &[(&str, &str)]) -> CategoryList {
        CategoryList::new(
            names.iter().map(|&name| name.to_owned()),
            aliases.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())),
        )
    }

    #[test]
    fn case_punctuation_and_the_last_plural_do_not_count() {
        assert_eq!(key("Tips & Tricks!"), key("tips AND trick"));
        assert_eq!(key("How-To  Guide"), key("how to guides"));
        assert_eq!(key("Ｎｅｗｓ"), key("news"));
        assert_eq!(key("Web APIs"), key("web api"));
        assert_ne!(key("Tips and Tricks"), key("Tip and Tricks"));
        assert_ne!(key("C"), key("C++"));
        assert_ne!(key("C#"), key("C++"));
    }

    #[test]
    fn parentheses_give_further_names() {
        let list = list(
            &[
                "Content Networks (CDNs)",
                "Alpha Beta (AB) and Gamma Delta (GD)",
            ],
            &[],
        );
        for name in ["content network", "CDN", "cdns", "Content Networks (CDNs)"] {
            assert_eq!(
                list.resolve(name),
                Some("Content Networks (CDNs)"),
                "{name}"
            );
        }
        for name in [
            "AB",
            "gd",
            "alpha beta",
            "Gamma Delta",
            "alpha beta and gamma delta",
        ] {
            assert!(list.resolve(name).is_some(), "{name}");
        }
        assert_eq!(list.resolve("and gamma delta"), None);
    }

    #[test]
    fn a_name_of_the_list_wins_over_an_alias() {
        let list = list(
            &["Clouds (Sky)", "Sky"],
            &[("weather", "sky"), ("x", "nowhere")],
        );
        assert_eq!(list.resolve("sky"), Some("Sky"));
        assert_eq!(list.resolve("Weather"), Some("Sky"));
        assert_eq!(list.resolve("x"), None);
    }

    #[test]
    fn unclosed_parentheses_are_harmless() {
        assert_eq!(list(&["A (b", ")("], &[]).resolve("a b"), Some("A (b"));
    }

    #[test]
    fn the_built_in_list_has_no_two_names_for_one_category() {
        assert_eq!(CategoryList::built_in().names().len(), BUILT_IN.len());
        assert_eq!(
            CategoryList::built_in().resolve("VPS"),
            Some("Virtual Private Servers (VPS)")
        );
    }
}
