//! Lists with one topic a line.
//!
//! Lines that begin with `#` are comments. If a line begins with `TOPIC:`, only such lines are topics:
//! a prompt that ends in one, with or without its reply, is a list of topics.

use super::{RawList, RawTopic};

/// The label of a topic in a prompt.
const LABEL: &str = "TOPIC:";

pub(super) fn read_text_list(text: &str) -> RawList {
    let has_labels = has_labels(text);
    let mut list = RawList::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        let topic = match line.strip_prefix(LABEL) {
            Some(topic) => topic,
            None if has_labels || line.is_empty() || line.starts_with('#') => continue,
            None => line,
        };
        list.topics.push(RawTopic::from_text(at as u32 + 1, topic));
    }
    list
}

/// Returns whether a line of a text names a topic.
pub(super) fn has_labels(text: &str) -> bool {
    let mut lines = text.lines();
    lines.any(|line| line.trim_start().starts_with(LABEL))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn each_line_is_a_topic_and_comments_are_none() {
        check(
            "a.txt",
            "# mine\n\n  Green tea  \n#Not yet\nWater\r\n",
            &["3: Green tea", "5: Water"],
        );
    }

    #[test]
    fn only_labelled_lines_count_if_there_are_any() {
        check(
            "a.txt",
            "Write a post.\nTITLE: x\n\nTOPIC: Green tea: leaves\n\nTITLE: T\nBody\n  TOPIC: Water\n",
            &["4: Green tea: leaves", "8: Water"],
        );
    }

    #[test]
    fn other_labels_are_part_of_the_topic() {
        check(
            "a.txt",
            "TITLE: Tea\n{{ 7*7 }} {% raw %}\n",
            &["1: TITLE: Tea", "2: {{ 7*7 }} {% raw %}"],
        );
    }
}
