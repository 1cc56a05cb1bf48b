//! The words and signs between the items of a list, such as "A, B and C".

use std::fmt::{self, Write};

use icu_list::ListFormatter;
use icu_list::options::{ListFormatterOptions, ListLength};
use icu_list::parts;
use icu_locale_core::LanguageIdentifier;
use writeable::{Part, PartsWrite, Writeable};

/// How one language joins items, all of which are meant ("and").
pub(crate) struct ListFormat(ListFormatter);

impl ListFormat {
    pub(crate) fn load(language: &LanguageIdentifier) -> Self {
        let options = ListFormatterOptions::default().with_length(ListLength::Wide);
        let formatter = ListFormatter::try_new_and(language.into(), options);
        Self(formatter.expect("the data of ICU4X is compiled in and falls back to the root"))
    }

    /// Returns the text before an item of a list, counted from 0: none before the first. Of the other items only their
    /// number counts.
    pub(crate) fn find_joint(&self, index: usize, total: usize, item: &str) -> String {
        // Four items show all joints there are: after the first, between others, before the last.
        let (place, shown) = match (index, total) {
            (0, _) => return String::new(),
            (1, _) => (1, total.min(4)),
            (_, 3) => (2, 3),
            (_, _) if index + 1 == total => (3, 4),
            (_, _) => (2, 4),
        };
        let mut items = [""; 4];
        items[place] = item;
        let mut found = Joints::default();
        let list = self.0.format(items[..shown].iter());
        list.write_to_parts(&mut found)
            .expect("writing to a string succeeds");
        // No language of CLDR has text before the first item or after the last one.
        found.texts.swap_remove(place - 1)
    }
}

/// Collects what a list writes between its items.
#[derive(Default)]
struct Joints {
    texts: Vec<String>,
    is_in_joint: bool,
}

impl Write for Joints {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if let Some(joint) = self.texts.last_mut().filter(|_| self.is_in_joint) {
            joint.push_str(text);
        }
        Ok(())
    }
}

impl PartsWrite for Joints {
    type SubPartsWrite = Self;

    fn with_part(
        &mut self,
        part: Part,
        mut write: impl FnMut(&mut Self) -> fmt::Result,
    ) -> fmt::Result {
        self.is_in_joint = part == parts::LITERAL;
        if part == parts::ELEMENT {
            self.texts.push(String::new());
        }
        let result = write(self);
        self.is_in_joint = false;
        result
    }
}

#[cfg(test)]
mod tests {
    use crate::locale::Locale;

    fn check(tag: &str, items: &[&str], expected: &str) {
        let locale = Locale::for_tag(tag);
        let mut joined = String::new();
        for (index, item) in items.iter().enumerate() {
            joined += &locale.find_joint(index, items.len(), item);
            joined += item;
        }
        assert_eq!(joined, expected, "{tag}");
    }

    #[test]
    fn lists_are_those_of_the_language() {
        let items = ["A", "B", "C"];
        check("en", &items, "A, B and C");
        check("en-US", &items, "A, B, and C");
        check("de", &items, "A, B und C");
        check("fr", &items, "A, B et C");
        check("sv", &items, "A, B och C");
        check("cs", &items, "A, B a\u{A0}C");
        check("pl", &items, "A, B i C");
        check("ru", &items, "A, B и C");
        check("ar", &items, "A وB وC");
        check("fa", &items, "A،\u{200F} B، و C");
        check("hi", &items, "A, B और C");
        check("th", &items, "A B และC");
        check("zh-Hans", &items, "A、B和C");
        check("zh-Hant", &items, "A、B和C");
        check("ja", &items, "A、B、C");
        check("ko", &items, "A, B 및 C");
    }

    #[test]
    fn lists_of_any_length_have_their_joints() {
        check("en", &[], "");
        check("en", &["A"], "A");
        check("en", &["A", "B"], "A and B");
        check("en-US", &["A", "B"], "A and B");
        check(
            "en-US",
            &["A", "B", "C", "D", "E", "F"],
            "A, B, C, D, E, and F",
        );
    }

    #[test]
    fn joint_depends_on_the_next_item() {
        check("es", &["Ana", "Luis"], "Ana y Luis");
        check("es", &["Ana", "Inés"], "Ana e Inés");
        check("he", &["דנה", "רון"], "דנה ורון");
        check("he", &["דנה", "Ron"], "דנה ו\u{2011}Ron");
    }
}
