//! Turns lines that start with bullet characters, as copied from a page or a word processor, into
//! lists (R8.10 of the ingest contract).

use pressrun_text::blocks::RULE_DASH;
use pressrun_text::line::TextLine;

use crate::diagnostic::{Code, Finding};
use crate::parse::list_item::is_bullet;

/// Rewrites such lines, if two or more follow each other, and rules made of a long dash.
pub fn repair_lists(body: &mut Vec<TextLine>, findings: &mut Vec<Finding>) {
    if !body.iter().any(is_suspected) {
        return;
    }
    let plan = plan_lists(body);
    let Some(&(first, _)) = plan.texts.first() else {
        return;
    };
    let message = format!(
        "lines with bullet characters became a list: {}",
        plan.texts.len()
    );
    findings.push(Finding::new(
        Code::ListRepaired,
        body[first].number,
        message,
    ));
    let mut texts = plan.texts.into_iter().peekable();
    let mut gaps = plan.gaps.into_iter().peekable();
    let mut dropped = plan.dropped.into_iter().peekable();
    let mut kept: Vec<TextLine> = Vec::with_capacity(body.len() + gaps.len());
    for (at, mut line) in std::mem::take(body).into_iter().enumerate() {
        if dropped.next_if_eq(&at).is_some() {
            continue;
        }
        let separate = gaps.next_if_eq(&at).is_some();
        if separate && !line.is_blank() && kept.last().is_some_and(|before| !before.is_blank()) {
            kept.push(TextLine::new("", line.number));
        }
        if let Some((_, text)) = texts.next_if(|(line, _)| *line == at) {
            line.text = text.into();
        }
        kept.push(line);
    }
    *body = kept;
}

/// Returns whether a line may be an item or a long dash. Nearly all lines are neither.
fn is_suspected(line: &TextLine) -> bool {
    let text = line.text.trim_start();
    match text.as_bytes().first() {
        // The first byte of all bullets, of the long dash and of some quotation marks.
        Some(0xE2) => !line.in_fence(),
        Some(b'0'..=b'9') => {
            !line.in_fence() && text.len() < line.text.len() && text.contains('\t')
        }
        _ => false,
    }
}

/// What becomes of a body. All lists are in the order of the lines.
#[derive(Default)]
struct ListPlan {
    /// Lines with their new text.
    texts: Vec<(usize, String)>,
    /// Lines before which there has to be a blank line. Without it, a list would belong to the
    /// paragraph above it, and dashes would make a heading of that paragraph.
    gaps: Vec<usize>,
    /// Blank lines to drop.
    dropped: Vec<usize>,
}

fn plan_lists(body: &[TextLine]) -> ListPlan {
    let mut plan = ListPlan::default();
    let mut run: Vec<(usize, BulletItem)> = Vec::new();
    for (at, line) in body.iter().enumerate() {
        let item = Some(line)
            .filter(|line| is_suspected(line))
            .and_then(|line| parse_item(&line.text));
        if let Some(item) = item {
            run.push((at, item));
        } else if line.in_fence() || !line.is_blank() {
            plan.add_run(&std::mem::take(&mut run));
            if !line.in_fence() && line.text.trim() == RULE_DASH {
                plan.texts.push((at, "---".to_owned()));
                plan.gaps.push(at);
            }
        }
    }
    plan.add_run(&run);
    plan
}

impl ListPlan {
    /// Adds the items of a list. One item alone may be a sign in the text, and stays.
    fn add_run(&mut self, run: &[(usize, BulletItem)]) {
        let [(first, outer), .., (last, _)] = run else {
            return;
        };
        self.gaps.push(*first);
        // A blank line between any two items would put every item of the list into a paragraph of
        // its own. It stays only where it is between all of them.
        let neighbours = || run.iter().zip(&run[1..]).map(|((a, _), (b, _))| (*a, *b));
        if neighbours().any(|(before, after)| before + 1 == after) {
            let between = neighbours().flat_map(|(before, after)| before + 1..after);
            self.dropped.extend(between);
        }
        for (at, item) in run {
            let is_inner = matches!(item.mark, "◦" | "▪") && item.mark != outer.mark;
            let indent = if is_inner { "  " } else { "" };
            let mark = if item.is_number { item.mark } else { "-" };
            self.texts
                .push((*at, format!("{indent}{mark} {}", item.text)));
        }
        self.gaps.push(last + 1);
    }
}

/// A line that starts with a bullet character, or with a number between tabs.
struct BulletItem<'l> {
    /// The bullet, or the number with its period or parenthesis.
    mark: &'l str,
    is_number: bool,
    text: &'l str,
}

fn parse_item(line: &str) -> Option<BulletItem<'_>> {
    let start = line.trim_start();
    let indent = &line[..line.len() - start.len()];
    let is_number = start.starts_with(|c: char| c.is_ascii_digit());
    let length = if is_number {
        let digits = start.bytes().take_while(u8::is_ascii_digit).count();
        let ends = start[digits..].starts_with(['.', ')']);
        (indent.ends_with('\t') && ends).then_some(digits + 1)?
    } else {
        let bullet = start.chars().next().filter(|c| is_bullet(*c))?;
        bullet.len_utf8()
    };
    let (mark, rest) = start.split_at(length);
    let is_space = |c| c == '\t' || (!is_number && matches!(c, ' ' | '\u{A0}'));
    let text = rest.starts_with(is_space).then(|| rest.trim_start())?;
    // `• • •` is an ornament.
    let has_text = text.contains(|c: char| !c.is_whitespace() && !is_bullet(c));
    has_text.then_some(BulletItem {
        mark,
        is_number,
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::tests::check_repair;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        check_repair(repair_lists, text, expected);
    }

    #[test]
    fn bullets_become_a_list_with_blank_lines_around() {
        check("a\n• b\n• c\nd", "a\n\n- b\n- c\n\nd");
        check("  ●\tb\n\n\u{A0}⁃\u{A0}c", "- b\n\n- c");
        check("‣ **b**\n‣  c  ", "- **b**\n- c  ");
    }

    #[test]
    fn blank_lines_between_some_items_go() {
        check("• a\n• b\n\n\t•\tc\n\nd", "- a\n- b\n- c\n\nd");
        check("• a\n\n• b\n\n• c", "- a\n\n- b\n\n- c");
    }

    #[test]
    fn numbers_between_tabs_are_items() {
        check("\t1.\ta\n\t2)\tb", "1. a\n2) b");
        check("\t•\ta\n\t1.\tb", "- a\n1. b");
        for text in ["1.\ta\n2.\tb", "\t1. a\n\t2. b", "\t1\ta\n\t2\tb"] {
            check(text, text);
        }
    }

    #[test]
    fn inner_bullets_are_indented_below_another_kind() {
        check("• a\n◦ b\n▪ c\n• d", "- a\n  - b\n  - c\n- d");
        check("◦ a\n◦ b", "- a\n- b");
        check("▪ a\n◦ b\n▪ c", "- a\n  - b\n- c");
    }

    #[test]
    fn a_long_dash_is_a_rule() {
        check("a\n⸻\nb", "a\n\n---\nb");
        check("a ⸻ b", "a ⸻ b");
    }

    #[test]
    fn other_bullets_stay() {
        for text in [
            "• a",
            "• a\nb\n• c",
            "•\n•",
            "•a\n•b",
            "a • b\na • c",
            "• • •\n• • •",
            "```\n• a\n• b\n```",
            "“a”\n“b”",
            "> • a\n> • b",
        ] {
            check(text, text);
        }
    }
}
