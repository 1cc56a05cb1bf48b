//! Makes ids that are unique on their page, and shifts the levels of headings.

use std::collections::HashMap;

use pressrun_text::characters::is_mark;

/// Ids that the theme uses, so no heading may get them.
pub const RESERVED: &[&str] = &[
    "_main", "main", "top", "toc", "search", "nav", "header", "footer", "theme", "menu",
];

/// The id of a heading without letters.
const NAMELESS: &str = "section";

/// Returns the id that GitHub would give a heading: its letters, digits, `_` and `-` in lower case,
/// with `-` for each space.
pub fn make_heading_slug(heading: &str) -> String {
    let mut slug = String::with_capacity(heading.len());
    for c in heading.trim().chars() {
        match c {
            'a'..='z' | '0'..='9' | '-' | '_' => slug.push(c),
            'A'..='Z' => slug.push(c.to_ascii_lowercase()),
            _ if c.is_whitespace() => slug.push('-'),
            // Vowel signs of Indic scripts are marks, not letters, but words need them.
            _ if is_mark(c) => slug.push(c),
            _ if c.is_alphanumeric() => slug.extend(c.to_lowercase()),
            _ => {}
        }
    }
    if slug.is_empty() {
        NAMELESS.to_owned()
    } else {
        slug
    }
}

/// Returns whether an author's id can be printed unchanged. A colon is not allowed, so the ids of
/// footnotes, which contain one, are never taken.
pub(super) fn is_valid_id(id: &str) -> bool {
    !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The ids of a page.
#[derive(Debug, Default)]
pub(super) struct PageIds {
    known: HashMap<String, KnownId>,
    in_order: Vec<String>,
}

/// The state of an id that is taken or reserved.
#[derive(Debug, Clone, Copy)]
struct KnownId {
    /// Whether an element has it. Otherwise it is reserved for a heading further down.
    is_taken: bool,
    /// The next number to append to it. It only grows, so that each number is tried once.
    next: u32,
}

impl PageIds {
    /// Reserves an id for the heading that asks for it by name.
    pub(super) fn reserve(&mut self, id: String) {
        self.know(id, false);
    }

    /// Takes exactly this id, if it is free or reserved.
    pub(super) fn take_exactly(&mut self, id: &str) -> bool {
        if RESERVED.contains(&id) || self.known.get(id).is_some_and(|known| known.is_taken) {
            return false;
        }
        self.insert(id.to_owned());
        true
    }

    /// Takes this id, or else the first free one of `id-1`, `id-2` and so on.
    pub(super) fn take_or_number(&mut self, id: String) -> String {
        if !RESERVED.contains(&id.as_str()) && !self.known.contains_key(&id) {
            self.insert(id.clone());
            return id;
        }
        // Starting at the number that was free last avoids quadratic time for many equal headings.
        let mut next = self.known.get(&id).map_or(1, |known| known.next);
        let unique = loop {
            let candidate = format!("{id}-{next}");
            next += 1;
            if !self.known.contains_key(&candidate) {
                break candidate;
            }
        };
        self.know(id, false).next = next;
        self.insert(unique.clone());
        unique
    }

    fn insert(&mut self, id: String) {
        self.know(id.clone(), true);
        self.in_order.push(id);
    }

    fn know(&mut self, id: String, is_taken: bool) -> &mut KnownId {
        let unknown = KnownId {
            is_taken: false,
            next: 1,
        };
        let known = self.known.entry(id).or_insert(unknown);
        known.is_taken |= is_taken;
        known
    }

    /// Adds the id of a footnote, which cannot equal any other.
    pub(super) fn push_footnote(&mut self, id: String) {
        self.in_order.push(id);
    }

    /// Returns how many ids were taken.
    pub(super) fn len(&self) -> usize {
        self.in_order.len()
    }

    /// Removes the ids after the first `length`, whose elements were removed, from the list. No
    /// other element can get them.
    pub(super) fn forget_since(&mut self, length: usize) {
        self.in_order.truncate(length);
    }

    /// Removes the ids after the first `length` from the list, and returns them. No other element can
    /// get them.
    pub(super) fn split_off(&mut self, length: usize) -> Vec<String> {
        self.in_order.split_off(length)
    }

    /// Adds ids that were taken before to the list.
    pub(super) fn extend(&mut self, ids: Vec<String>) {
        self.in_order.extend(ids);
    }

    /// Returns all ids that were taken, in order.
    pub(super) fn into_vec(self) -> Vec<String> {
        self.in_order
    }
}

/// Position in the HTML of the digit that is a heading's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LevelDigit {
    pub(super) at: usize,
    pub(super) level: u8,
}

/// Shifts a level so that the shallowest heading becomes 2 and the differences stay the same.
pub(super) fn shift_level(level: u8, shallowest: u8) -> u8 {
    // HTML ends at `h6`.
    (level - shallowest + 2).min(6)
}

/// Overwrites the digits with the shifted levels.
pub(super) fn write_levels(html: String, digits: &[LevelDigit]) -> String {
    let Some(shallowest) = digits.iter().map(|digit| digit.level).min() else {
        return html;
    };
    let mut bytes = html.into_bytes();
    for digit in digits {
        bytes[digit.at] = b'0' + shift_level(digit.level, shallowest);
    }
    String::from_utf8(bytes).expect("only ASCII digits were replaced by others")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_those_of_github() {
        for (heading, expected) in [
            ("Set up the `CLI`!", "set-up-the-cli"),
            ("What's new in 2.0?", "whats-new-in-20"),
            ("snake_case - and  more", "snake_case---and--more"),
            ("Größe & Übung", "größe--übung"),
            ("日本語 の見出し", "日本語-の見出し"),
            ("हिन्दी", "हिन्दी"),
            ("?!", "section"),
        ] {
            assert_eq!(make_heading_slug(heading), expected);
        }
    }

    #[test]
    fn ids_are_unique_and_avoid_those_of_the_theme() {
        let mut ids = PageIds::default();
        ids.reserve("c".to_owned());
        let mut claim = |id: &str| ids.take_or_number(id.to_owned());
        assert_eq!(claim("a"), "a");
        assert_eq!(claim("a-1"), "a-1");
        assert_eq!(claim("a"), "a-2");
        assert_eq!(claim("a"), "a-3");
        assert_eq!(claim("search"), "search-1");
        assert_eq!(claim("search"), "search-2");
        assert_eq!(claim("c"), "c-1");
        assert!(ids.take_exactly("c"));
        assert!(!ids.take_exactly("c"));
        assert!(!ids.take_exactly("main"));
        assert_eq!(ids.take_or_number("c".to_owned()), "c-2");
    }

    #[test]
    fn number_behind_an_id_is_tried_once_whoever_has_the_id() {
        let mut ids = PageIds::default();
        ids.reserve("a".to_owned());
        // Trying every number again for each heading would take five billion lookups.
        for number in 1..=100_000 {
            assert_eq!(ids.take_or_number("a".to_owned()), format!("a-{number}"));
        }
        assert!(ids.take_exactly("a"));
        assert_eq!(ids.take_or_number("a".to_owned()), "a-100001");
        for number in 1..=100_000 {
            assert_eq!(
                ids.take_or_number("main".to_owned()),
                format!("main-{number}")
            );
        }
    }

    #[test]
    fn levels_keep_their_distance() {
        let digits = |levels: [(usize, u8); 3]| levels.map(|(at, level)| LevelDigit { at, level });
        let html = || "1 3 6".to_owned();
        assert_eq!(
            write_levels(html(), &digits([(0, 1), (2, 3), (4, 6)])),
            "2 4 6"
        );
        assert_eq!(
            write_levels(html(), &digits([(0, 3), (2, 4), (4, 3)])),
            "2 3 2"
        );
    }
}
