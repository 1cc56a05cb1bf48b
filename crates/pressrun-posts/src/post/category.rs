//! Categories, and how names are matched with a closed list (R11.6 of the ingest contract).
//!
//! Names match if their keys are equal. Case, punctuation and a plural of the last word do not
//! matter, and a name with parentheses also matches its parts. There is no fuzzy matching, because
//! "Shared Hosting" must never become "Hosting Reviews".

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use pressrun_text::characters::{fold_char, is_digit, is_letter, is_mark};
use pressrun_text::plural::make_singular;
use unicode_normalization::UnicodeNormalization;

use super::tag::strip_plural_of_initials;

/// Returns the key of a category name: equal for all its spellings.
pub fn category_key(name: &str) -> String {
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
        c => fold_char(c).for_each(|c| push(c, &mut key)),
    };
    let stem = strip_plural_of_initials(name.trim());
    // ASCII is already in its compatibility form; only other text needs the slower conversion.
    if stem.is_ascii() {
        stem.chars().for_each(&mut add);
    } else {
        stem.nfkc().for_each(&mut add);
    }
    // A name of symbols only has nothing to fold, so it is its own key.
    if key.is_empty() {
        return name.trim().to_owned();
    }
    let last_word = key.rfind(' ').map_or(0, |at| at + 1);
    let singular = make_singular(&key[last_word..]).into_owned();
    key.replace_range(last_word.., &singular);
    key
}

/// A closed list of categories, with the other names of each.
#[derive(Debug, Clone, Default)]
pub struct CategoryList {
    names: Vec<String>,
    /// The key of every spelling, and the index of its category in `names`.
    by_key: HashMap<String, usize>,
    /// The largest number of commas in one name; see [`CategoryList::most_commas`].
    most_commas: usize,
}

impl CategoryList {
    /// Creates a list of `names`, in their order.
    ///
    /// If two names have the same key, the first is used. `aliases` are pairs of an alias and the
    /// name of its category. An alias whose category is not in the list is ignored.
    pub fn new<N, A>(names: N, aliases: A) -> Self
    where
        N: IntoIterator<Item = String>,
        A: IntoIterator<Item = (String, String)>,
    {
        let mut list = Self::default();
        for name in names {
            if let Entry::Vacant(entry) = list.by_key.entry(category_key(&name)) {
                entry.insert(list.names.len());
                list.most_commas = list.most_commas.max(name.matches(',').count());
                list.names.push(name);
            }
        }
        for (alias, name) in aliases {
            if let Some(&place) = list.by_key.get(&category_key(&name)) {
                list.by_key.entry(category_key(&alias)).or_insert(place);
            }
        }
        // Names and aliases are in the map by now, so a derived name never replaces one of them.
        for place in 0..list.names.len() {
            for alias in derive_other_names(&list.names[place]) {
                list.by_key.entry(category_key(&alias)).or_insert(place);
            }
        }
        list
    }

    /// Returns the list that is used if neither the site nor a prompt gives one.
    pub fn built_in() -> &'static Self {
        static LIST: std::sync::LazyLock<CategoryList> = std::sync::LazyLock::new(|| {
            CategoryList::new(BUILT_IN.iter().map(|&name| name.to_owned()), [])
        });
        &LIST
    }

    /// Returns the spelling of a name in the list, or `None` if the list does not have it.
    pub fn resolve(&self, name: &str) -> Option<&str> {
        self.by_key
            .get(&category_key(name))
            .map(|&place| self.names[place].as_str())
    }

    /// Returns the names, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the largest number of commas in one name.
    ///
    /// List values are split at commas. To find a name that contains commas, up to this many
    /// neighbouring items have to be joined again.
    pub fn most_commas(&self) -> usize {
        self.most_commas
    }
}

/// Returns the other names of a category with parentheses.
///
/// They are the name without the parentheses, the text inside each pair, and the phrase before each
/// pair: `Virtual Reality (VR) and Augmented Reality (AR)` is also `VR`.
fn derive_other_names(name: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut without = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('(')
        && let Some((inside, after)) = after.split_once(')')
    {
        let phrase = before.trim_matches(|c: char| c.is_whitespace() || c == ',');
        // In `Virtual Reality (VR) and Augmented Reality (AR)`, the second phrase begins after
        // "and".
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

/// The categories that are used if neither the site nor a prompt gives a list.
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
        assert_eq!(
            category_key("Tips & Tricks!"),
            category_key("tips AND trick")
        );
        assert_eq!(category_key("How-To  Guide"), category_key("how to guides"));
        assert_eq!(category_key("Ｎｅｗｓ"), category_key("news"));
        assert_eq!(category_key("Web APIs"), category_key("web api"));
        assert_ne!(
            category_key("Tips and Tricks"),
            category_key("Tip and Tricks")
        );
        assert_ne!(category_key("C"), category_key("C++"));
        assert_ne!(category_key("C#"), category_key("C++"));
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
