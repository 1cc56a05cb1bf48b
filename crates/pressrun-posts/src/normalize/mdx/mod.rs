//! Removes the parts of MDX that a page of pressrun cannot run: imports, exports, comments and tags
//! of components (R8.12 of the ingest contract). What stands between the tags stays.
//!
//! In a file `.mdx` all of them go. In other texts only those go that cannot be anything else: tags
//! and comments that are alone on a line, and imports above all other text. So `Vec<T>` and a
//! sentence about `<App />` stay.

mod statement;
mod tag;

use std::collections::HashSet;
use std::ops::Range;

use memchr::memmem;
use pressrun_text::blocks::{is_rule, parse_atx_level};
use pressrun_text::line::{TextLine, join_lines};

use super::text_edits::{
    EmptiedLines, OrderedEdits, TextEdit, edit_outside_fences, find_code_ranges,
};
use crate::diagnostic::{Code, Finding};
use statement::StatementReader;
use tag::TagReader;

/// Removes MDX outside code from the body of a file at `path`.
pub fn remove_mdx(body: &mut Vec<TextLine>, path: &str, findings: &mut Vec<Finding>) {
    let is_mdx = is_mdx_file(path);
    let statements = if is_mdx {
        find_statements(body)
    } else {
        find_leading_imports(body)
    };
    let removed = remove_ranges(body, &statements);
    let changed = edit_outside_fences(body, EmptiedLines::Blank, |region| {
        find_mdx_edits(region, is_mdx)
    });
    if let Some(line) = removed.into_iter().chain(changed).min() {
        let message = "imports, exports, comments or component tags of MDX were removed";
        findings.push(Finding::new(Code::MdxRemoved, line, message));
    }
}

fn is_mdx_file(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("mdx"))
}

/// Returns whether a text of a file at `path` may have MDX. Most texts have none.
pub fn is_suspected(text: &str, path: &str) -> bool {
    let bytes = text.as_bytes();
    is_mdx_file(path)
        || starts_with_keyword(text.trim_start(), "import")
        || memmem::find(bytes, b"{/*").is_some()
        || memchr::memchr_iter(b'<', bytes).any(|at| {
            let name = at + 1 + usize::from(bytes.get(at + 1) == Some(&b'/'));
            bytes.get(name).is_some_and(u8::is_ascii_uppercase)
        })
}

fn starts_with_keyword(line: &str, keyword: &str) -> bool {
    line.strip_prefix(keyword)
        .is_some_and(|rest| rest.starts_with(' '))
}

/// Returns the lines of imports and exports outside of paragraphs, in a file `.mdx`.
fn find_statements(body: &[TextLine]) -> Vec<Range<usize>> {
    let mut reader = StatementReader::default();
    let mut found = Vec::new();
    let mut at = 0;
    let mut in_paragraph = false;
    while at < body.len() {
        let line = &body[at];
        let text = &*line.text;
        let is_statement = !line.in_fence()
            && !in_paragraph
            && (starts_with_keyword(text, "import") || starts_with_keyword(text, "export"));
        if is_statement && let Some(length) = reader.measure_statement(&body[at..]) {
            found.push(at..at + length);
            at += length;
            continue;
        }
        in_paragraph = !(line.in_fence()
            || line.is_blank()
            || is_rule(text)
            || parse_atx_level(text).is_some()
            || text.trim_start().starts_with(['<', '{']));
        at += 1;
    }
    found
}

/// Returns the lines of imports above all other text, and of the exports after them.
fn find_leading_imports(body: &[TextLine]) -> Vec<Range<usize>> {
    let mut reader = StatementReader::default();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(line) = body.get(at).filter(|line| !line.in_fence()) {
        if line.is_blank() {
            at += 1;
            continue;
        }
        let may_be_export = !found.is_empty() && starts_with_keyword(&line.text, "export");
        if !may_be_export && !starts_with_keyword(&line.text, "import") {
            break;
        }
        let Some(length) = reader.measure_statement(&body[at..]) else {
            break;
        };
        found.push(at..at + length);
        at += length;
    }
    found
}

/// Removes ranges of lines, and returns the number of the first line. Blocks that they separated
/// stay separate.
fn remove_ranges(body: &mut Vec<TextLine>, ranges: &[Range<usize>]) -> Option<u32> {
    let first = body[ranges.first()?.start].number;
    let mut ranges = ranges.iter().peekable();
    let mut kept: Vec<TextLine> = Vec::with_capacity(body.len());
    let mut gap = false;
    for (at, line) in std::mem::take(body).into_iter().enumerate() {
        while ranges.next_if(|range| range.end <= at).is_some() {}
        if ranges.peek().is_some_and(|range| range.contains(&at)) {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap)
            && !line.is_blank()
            && kept.last().is_some_and(|before| !before.is_blank())
        {
            kept.push(TextLine::new("", line.number));
        }
        kept.push(line);
    }
    *body = kept;
    Some(first)
}

/// Returns the edits that remove comments and tags from lines without fences.
fn find_mdx_edits(region: &[TextLine], is_mdx: bool) -> Vec<TextEdit> {
    let text = join_lines(region);
    if memchr::memchr2(b'<', b'{', text.as_bytes()).is_none() {
        return Vec::new();
    }
    let mut code = find_code_ranges(region).into_iter().peekable();
    let mut tags = TagReader::new(&text);
    let mut closed_names = None;
    let mut edits = OrderedEdits::default();
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'<', b'{', &text.as_bytes()[at..]) {
        at += found;
        while code.next_if(|code| code.end <= at).is_some() {}
        if let Some(code) = code.peek().filter(|code| code.start <= at) {
            at = code.end;
            continue;
        }
        let length = if text.as_bytes()[at] == b'{' {
            tags.measure_comment(at)
        } else {
            tags.measure_tag(at)
        };
        let Some(length) = length else {
            at += 1;
            continue;
        };
        let range = at..at + length;
        let goes = if is_mdx {
            let names = closed_names.get_or_insert_with(|| tag::collect_closed_names(&text));
            !is_type_parameter(&text, &range, names)
        } else {
            is_alone(&text, &range)
        };
        if goes {
            edits.replace(range.clone(), "");
        }
        at = range.end;
    }
    edits.into_edits()
}

/// Returns whether a range is all there is on its lines.
fn is_alone(text: &str, range: &Range<usize>) -> bool {
    let is_space = |c: char| c.is_whitespace() && c != '\n';
    let before = text[..range.start].trim_end_matches(is_space);
    let after = text[range.end..].trim_start_matches(is_space);
    (before.is_empty() || before.ends_with('\n')) && (after.is_empty() || after.starts_with('\n'))
}

/// Returns whether a tag is the `<T>` of a type such as `Vec<T>`: it touches a word, and nothing
/// closes it.
fn is_type_parameter(text: &str, range: &Range<usize>, closed_names: &HashSet<&str>) -> bool {
    let tag = &text[range.clone()];
    let Some(name) = tag::read_tag_name(tag) else {
        return false;
    };
    text[..range.start].ends_with(|c: char| c.is_alphanumeric() || c == '_')
        && !tag.starts_with("</")
        && !tag.ends_with("/>")
        && !closed_names.contains(name)
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_and_fence_lines;

    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &str) {
        let mut lines = number_and_fence_lines(text);
        let mut findings = Vec::new();
        remove_mdx(&mut lines, path, &mut findings);
        assert_eq!(join_lines(&lines).trim(), expected);
        assert_eq!(findings.len(), usize::from(text != expected), "{text}");
        if text != expected {
            assert!(is_suspected(text, path), "{text}");
        }
    }

    #[track_caller]
    fn check_mdx(text: &str, expected: &str) {
        check("content/a.mdx", text, expected);
    }

    #[track_caller]
    fn check_text(text: &str, expected: &str) {
        check("content/a.md", text, expected);
    }

    #[test]
    fn statements_of_an_mdx_file_go() {
        check_mdx("import A from './a'\nexport const b = 1;\n\na", "a");
        check_mdx(
            "a\n\nexport const b = {\n  c: '}',\n\n  d: [1],\n}\n\ne",
            "a\n\n\ne",
        );
        check_mdx("import {\n  A,\n  B,\n} from 'a';\n# c", "# c");
        check_mdx("# a\nexport const b =\n  1\n\nc", "# a\n\nc");
        check_mdx("a\nimport b from 'c'", "a\nimport b from 'c'");
        check_mdx("```\nimport b from 'c'\n```", "```\nimport b from 'c'\n```");
        check_mdx("import the tea, they said.", "import the tea, they said.");
        check_mdx("export prices rose.", "export prices rose.");
    }

    #[test]
    fn tags_and_comments_of_an_mdx_file_go() {
        check_mdx("a <B c=\"d > e\">f</B> g", "a f g");
        check_mdx("a\n<B.C d={() => <e/>} {...f}\n/>\ng", "a\n\ng");
        check_mdx("a {/* b\n\nc */} d", "a  d");
        check_mdx("`<B>` and `{/* c */}`", "`<B>` and `{/* c */}`");
        check_mdx("a<B>c</B>", "ac");
        check_mdx("Vec<T> and <b>d</b>", "Vec<T> and <b>d</b>");
        check_mdx("a <B, C> d < E {f}", "a <B, C> d < E {f}");
    }

    #[test]
    fn text_keeps_tags_in_sentences() {
        check_text("a\n<B>\nc\n</B>\nd", "a\n\nc\n\nd");
        check_text("a\n\n  <B c={d}/>  \n\ne", "a\n\n\ne");
        check_text("a\n{/* b */}\nc", "a\n\nc");
        for text in [
            "a <B /> c",
            "<B>c</B>",
            "a {/* b */}",
            "Vec<T>",
            "```\n<B>\n```",
            "<b>\nc\n</b>",
        ] {
            check_text(text, text);
        }
    }

    #[test]
    fn imports_above_a_text_go() {
        check_text(
            "import A from 'a';\nimport \"b.css\"\n\nexport const c = 1\n\nd",
            "d",
        );
        for text in [
            "import the tea, they said, from the east.",
            "export const c = 1\n\nd",
            "a\n\nimport A from 'a'",
            "import os\nimport sys",
        ] {
            check_text(text, text);
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for unit in [
            "<A ",
            "<A {",
            "{/*",
            "<A b=\"",
            "import {\n\n",
            "<A>",
            "a<A>",
            "<A {}",
            "import a from '\n\n",
            "export const a = `\n\n",
            "<A {\"}",
        ] {
            let text = unit.repeat(30_000);
            for path in ["a.mdx", "a.md"] {
                remove_mdx(&mut number_and_fence_lines(&text), path, &mut Vec::new());
            }
        }
    }
}
