//! Lists in Markdown: each item is a topic, and items with a tick are done.
//!
//! Text outside of lists, front matter, code and comments hold no topics.

use super::{RawList, RawTopic};

pub(super) fn read_markdown_list(text: &str) -> RawList {
    let mut list = RawList::default();
    let mut skipped = Skipped::default();
    // The item that the next line may continue.
    let mut open: Option<RawItem> = None;
    for (at, line) in text.lines().enumerate() {
        let number = at as u32 + 1;
        let trimmed = line.trim();
        if skipped.skips(number, trimmed) || trimmed.is_empty() {
            finish_item(open.take(), &mut list);
        } else if let Some((text, is_done)) = parse_item(trimmed) {
            finish_item(open.take(), &mut list);
            open = Some(RawItem {
                line: number,
                text: text.to_owned(),
                is_done,
            });
        } else if trimmed.starts_with('#') {
            finish_item(open.take(), &mut list);
        } else if let Some(item) = &mut open {
            item.text.push(' ');
            item.text.push_str(trimmed);
        }
    }
    finish_item(open, &mut list);
    list
}

struct RawItem {
    line: u32,
    text: String,
    is_done: bool,
}

fn finish_item(item: Option<RawItem>, list: &mut RawList) {
    let Some(item) = item else {
        return;
    };
    if item.is_done {
        list.done += 1;
    } else {
        list.topics.push(RawTopic::from_text(item.line, &item.text));
    }
}

/// Returns the text of a list item, and whether it has a tick.
fn parse_item(line: &str) -> Option<(&str, bool)> {
    let bullet = line.strip_prefix(['-', '*', '+']);
    let text = bullet.or_else(|| {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        // CommonMark allows nine.
        let rest = line.get(digits..).filter(|_| (1..=9).contains(&digits));
        rest?.strip_prefix(['.', ')'])
    })?;
    if !text.is_empty() && !text.starts_with([' ', '\t']) {
        return None;
    }
    let text = text.trim_start();
    // `- - -` is a rule.
    if text
        .bytes()
        .all(|b| matches!(b, b'-' | b'*' | b'+' | b' ' | b'_'))
    {
        return None;
    }
    for (mark, is_done) in [("[ ]", false), ("[x]", true), ("[X]", true)] {
        if let Some(rest) = text.strip_prefix(mark)
            && rest.starts_with([' ', '\t'])
        {
            return Some((rest.trim_start(), is_done));
        }
    }
    Some((text, false))
}

/// The part of a file that holds no topics and is not over yet.
#[derive(Default)]
struct Skipped {
    /// The end of front matter, of a comment, or of a code block.
    until: Option<SkippedEnd>,
}

enum SkippedEnd {
    FrontMatter,
    Comment,
    /// A fence of at least this many of the character.
    Fence(char, usize),
}

impl Skipped {
    /// Returns whether a line belongs to such a part, with its first and last lines.
    fn skips(&mut self, number: u32, line: &str) -> bool {
        let Some(until) = &self.until else {
            self.until = find_start(number, line);
            if matches!(self.until, Some(SkippedEnd::Comment)) && line.ends_with("-->") {
                self.until = None;
                return true;
            }
            return self.until.is_some();
        };
        let is_over = match *until {
            SkippedEnd::FrontMatter => line == "---",
            SkippedEnd::Comment => line.contains("-->"),
            SkippedEnd::Fence(c, length) => {
                line.chars().all(|other| other == c) && line.len() >= length
            }
        };
        if is_over {
            self.until = None;
        }
        true
    }
}

fn find_start(number: u32, line: &str) -> Option<SkippedEnd> {
    if number == 1 && line == "---" {
        return Some(SkippedEnd::FrontMatter);
    }
    if line.starts_with("<!--") {
        return Some(SkippedEnd::Comment);
    }
    let c = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|&other| other == c).count();
    (length >= 3).then_some(SkippedEnd::Fence(c, length))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn items_are_topics_and_those_with_a_tick_are_done() {
        check(
            "a.md",
            "# Topics\n\nSome words.\n\n- Green tea\n* [ ] Water\n- [x] Coffee\n+ [X] Milk\n\
             2. Wine\n3) Beer\n  - Ale\n-5 degrees\n",
            &[
                "5: Green tea",
                "6: Water",
                "9: Wine",
                "10: Beer",
                "11: Ale -5 degrees",
            ],
        );
    }

    #[test]
    fn item_goes_on_until_a_blank_line() {
        check(
            "a.md",
            "- Green\n  tea\nleaves\n\nWords.\n- Water\n# Head\nMore\n",
            &["1: Green tea leaves", "6: Water"],
        );
    }

    #[test]
    fn front_matter_code_comments_and_rules_hold_no_topics() {
        check(
            "a.md",
            "---\ntags:\n- a\n---\n- Tea\n\n```\n- b\n```\n<!-- - c -->\n<!--\n- d\n-->\n- - -\n- Water\n",
            &["5: Tea", "15: Water"],
        );
    }
}
