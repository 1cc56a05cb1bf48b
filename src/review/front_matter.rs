//! Edits the keys `approved`, `rejected` and `draft` of front matter, and no other byte of a file.
//!
//! The edit works on lines (YAML) or on the places that the parser gives (TOML). It does not
//! understand every form that YAML has. The caller reads the result and uses it only if it says what
//! it should.

use std::ops::Range;

use pressrun_posts::parse::front_matter::{count_front_matter_lines, find_front_matter};
use pressrun_posts::parse::{OpenedFile, open_file};
use pressrun_posts::post::ReviewMark;
use pressrun_posts::post::review::format_text_hash;
use pressrun_text::line::{TextLine, split_lines};
use toml::Value;
use toml::de::{DeTable, DeValue};

/// What becomes of the keys of a review.
#[derive(Debug, Clone, Default)]
pub(super) struct MarkEdit {
    /// The key `approved`; `None` removes it.
    pub(super) approved: Option<ReviewMark>,
    /// The key `rejected`; `None` removes it.
    pub(super) rejected: Option<ReviewMark>,
    pub(super) draft: DraftEdit,
}

/// What becomes of the key `draft`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum DraftEdit {
    /// It stays as it is.
    #[default]
    Keep,
    /// If it is true, it becomes false.
    Finish,
    /// If it is false, it becomes true.
    Reopen,
    /// It is true, and added if it is missing.
    Require,
}

/// Returns the file with its front matter edited, or `None` if it has none that can be edited.
pub(super) fn edit_marks(bytes: &[u8], path: &str, edit: &MarkEdit) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let fences = find_fences(bytes, path)?;
    let lines = split_physical_lines(text);
    let opening = *lines.get(fences.start)?;
    let inside = lines.get(fences.start + 1..fences.end)?;
    let end = line_end(opening);
    let edited = match opening.trim_start_matches('\u{feff}').trim_end() {
        "---" => edit_yaml(inside, edit, end)?,
        "+++" => edit_toml(&inside.concat(), edit, end)?,
        _ => return None,
    };
    let before = lines[..=fences.start].concat();
    let after = lines[fences.end..].concat();
    Some([before, edited, after].concat().into_bytes())
}

/// Returns the lines of the two fences, counted from 0.
fn find_fences(bytes: &[u8], path: &str) -> Option<Range<usize>> {
    let Ok(OpenedFile::Text(text)) = open_file(bytes, path, &mut Vec::new()) else {
        return None;
    };
    let lines: Vec<TextLine> = split_lines(&text.text)
        .enumerate()
        .map(|(at, line)| TextLine::new(line, text.number(at)))
        .collect();
    let start = find_front_matter(&lines)?;
    let length = count_front_matter_lines(&lines[start..])?;
    let number = |at: usize| lines[at].number as usize - 1;
    Some(number(start)..number(start + length - 1))
}

/// Splits a text into lines with their ends: LF, CR LF or CR.
fn split_physical_lines(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let mut start = 0;
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
            continue;
        }
        lines.push(&text[start..=at]);
        start = at + 1;
    }
    lines.push(&text[start..]);
    lines
}

fn line_end(line: &str) -> &str {
    &line[line.trim_end_matches(['\r', '\n']).len()..]
}

fn edit_yaml(lines: &[&str], edit: &MarkEdit, end: &str) -> Option<String> {
    let mut lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
    for (key, mark) in [("approved", &edit.approved), ("rejected", &edit.rejected)] {
        let new = mark.as_ref().map(|mark| format_yaml_mark(key, mark, end));
        match find_yaml_key(&lines, key)? {
            Some(range) => drop(lines.splice(range, new)),
            None => lines.extend(new),
        }
    }
    if edit.draft != DraftEdit::Keep {
        let found = find_yaml_key(&lines, "draft");
        // Of two keys nobody knows which one counts, but a post may stay what it is.
        let found = if edit.draft == DraftEdit::Reopen {
            found.unwrap_or_default()
        } else {
            found?
        };
        match found {
            Some(range) if range.len() == 1 => {
                let line = &mut lines[range.start];
                let colon = line.find(':')? + 1;
                if let Some((range, word)) = choose_draft_word(&line[colon..], edit.draft) {
                    line.replace_range(colon + range.start..colon + range.end, word);
                }
            }
            None if edit.draft == DraftEdit::Require => lines.push(format!("draft: true{end}")),
            Some(_) | None => {}
        }
    }
    Some(lines.concat())
}

/// Returns the lines of a key at the left margin, and of its value, or `None` if the key stands there
/// twice.
#[expect(clippy::option_option, reason = "the outer one is a failure")]
fn find_yaml_key(lines: &[String], key: &str) -> Option<Option<Range<usize>>> {
    let mut starts = (0..lines.len()).filter(|&at| is_yaml_key(&lines[at], key));
    let Some(start) = starts.next() else {
        return Some(None);
    };
    if starts.next().is_some() {
        return None;
    }
    let is_inside = |line: &String| line.starts_with([' ', '\t']) || line.trim().is_empty();
    let below = lines[start + 1..]
        .iter()
        .take_while(|line| is_inside(line))
        .count();
    let mut end = start + 1 + below;
    // Blank lines below a value belong to nothing.
    while lines[end - 1].trim().is_empty() {
        end -= 1;
    }
    Some(Some(start..end))
}

fn is_yaml_key(line: &str, key: &str) -> bool {
    let line = line.trim_end();
    let unquoted = line.strip_prefix(['"', '\'']);
    let rest = unquoted.unwrap_or(line);
    let rest = rest
        .get(..key.len())
        .filter(|start| start.eq_ignore_ascii_case(key))
        .map(|start| &rest[start.len()..]);
    let rest = match unquoted {
        Some(_) => rest.and_then(|rest| rest.strip_prefix(['"', '\''])),
        None => rest,
    };
    let after = rest.and_then(|rest| rest.trim_start().strip_prefix(':'));
    after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t']))
}

/// Returns where the value of `draft` stands in the text after its key, and the word for it, if it
/// must change.
fn choose_draft_word(text: &str, edit: DraftEdit) -> Option<(Range<usize>, &'static str)> {
    let value = text.trim_start();
    let start = text.len() - value.len();
    let length = value.find(char::is_whitespace).unwrap_or(value.len());
    let rest = value[length..].trim_start();
    if !rest.is_empty() && !rest.starts_with('#') {
        return None;
    }
    let word = value[..length]
        .trim_matches(['"', '\''])
        .to_ascii_lowercase();
    let is_true = matches!(&*word, "true" | "yes" | "on" | "1");
    let is_false = matches!(&*word, "false" | "no" | "off" | "0");
    let new = match edit {
        DraftEdit::Finish if is_true => "false",
        DraftEdit::Reopen | DraftEdit::Require if is_false => "true",
        _ => return None,
    };
    Some((start..start + length, new))
}

fn format_yaml_mark(key: &str, mark: &ReviewMark, end: &str) -> String {
    // A JSON string is a YAML string.
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    let mut text = format!("{key}:{end}");
    let mut line = |key: &str, value: &str| text.extend(["  ", key, ": ", value, end]);
    line("hash", &quote(&format_text_hash(mark.hash)));
    line("by", &quote(&mark.by));
    if let Some(on) = mark.on {
        line("on", &on.to_string());
    }
    if let Some(why) = &mark.why {
        line("why", &quote(why));
    }
    text
}

fn edit_toml(text: &str, edit: &MarkEdit, end: &str) -> Option<String> {
    let mut text = text.to_owned();
    for (key, mark) in [("approved", &edit.approved), ("rejected", &edit.rejected)] {
        let old = find_toml_line(&text, key)?;
        let new = mark.as_ref().map(|mark| format_toml_mark(key, mark, end));
        let range = if let Some(range) = old {
            range
        } else {
            let at = find_end_of_root(&text)?;
            at..at
        };
        text.replace_range(range, &new.unwrap_or_default());
    }
    if edit.draft == DraftEdit::Keep {
        return Some(text);
    }
    let table = DeTable::parse(&text).ok()?;
    let draft = table
        .get_ref()
        .iter()
        .find(|(key, _)| key.get_ref().eq_ignore_ascii_case("draft"));
    let (range, new) = match draft {
        Some((_, value)) => {
            let is_draft = matches!(value.get_ref(), DeValue::Boolean(true));
            let new = match edit.draft {
                DraftEdit::Finish if is_draft => "false",
                DraftEdit::Reopen | DraftEdit::Require if !is_draft => "true",
                _ => return Some(text),
            };
            (value.span(), new.to_owned())
        }
        None if edit.draft == DraftEdit::Require => {
            let at = find_end_of_root(&text)?;
            (at..at, format!("draft = true{end}"))
        }
        None => return Some(text),
    };
    text.replace_range(range, &new);
    Some(text)
}

/// Returns the lines of a key of the root table and of its value. `None` if the text is not TOML.
#[expect(clippy::option_option, reason = "the outer one is a failure")]
fn find_toml_line(text: &str, key: &str) -> Option<Option<Range<usize>>> {
    let table = DeTable::parse(text).ok()?;
    let found = table
        .get_ref()
        .iter()
        .find(|(name, _)| *name.get_ref() == key);
    Some(found.map(|(name, value)| {
        let start = text[..name.span().start].rfind('\n').map_or(0, |at| at + 1);
        start..end_of_line(text, value.span().end)
    }))
}

/// Returns where a key can be added to the root table: after its last value, above all headers.
fn find_end_of_root(text: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let spans: Vec<(usize, Range<usize>)> = table
        .get_ref()
        .iter()
        .map(|(key, value)| (key.span().start, value.span()))
        .collect();
    let mut starts =
        std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
    let header = starts.find(|&at| {
        let is_inside = |(key, value): &(usize, Range<usize>)| *key < at && at < value.end;
        text[at..].trim_start_matches([' ', '\t']).starts_with('[') && !spans.iter().any(is_inside)
    });
    let header = header.unwrap_or(text.len());
    let above = spans.iter().filter(|(key, _)| *key < header);
    let last = above.map(|(_, value)| value.end).max();
    Some(last.map_or(0, |last| end_of_line(text, last)))
}

/// Returns where the next line begins.
fn end_of_line(text: &str, at: usize) -> usize {
    let end = memchr::memchr(b'\n', &text.as_bytes()[at..]);
    end.map_or(text.len(), |end| at + end + 1)
}

fn format_toml_mark(key: &str, mark: &ReviewMark, end: &str) -> String {
    let quote = |text: &str| Value::from(text).to_string();
    let mut text = format!(
        "{key} = {{ hash = \"{}\", by = {}",
        format_text_hash(mark.hash),
        quote(&mark.by)
    );
    if let Some(on) = mark.on {
        text.push_str(&format!(", on = {on}"));
    }
    if let Some(why) = &mark.why {
        text.push_str(&format!(", why = {}", quote(why)));
    }
    text + " }" + end
}
