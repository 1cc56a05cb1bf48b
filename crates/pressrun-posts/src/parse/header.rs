//! Reads label headers: where they start (R6.2), how far they go (R6.3), and their values (R6.4).
//!
//! Not here: headers whose labels are headings (`section_header`).

use pressrun_text::blocks::{is_heading_line, is_rule};
use pressrun_text::fence::parse_fence_line;
use pressrun_text::line::TextLine;

use super::given::GivenField;
use super::label::{Label, LabelLine, parse_label_line, parse_named_value};
use super::label_group::{
    GroupLanguages, LabelForm, LabelGroup, LabelRow, UnknownLabels, parse_label_row,
};
use super::label_names::names_several_authors;
use super::list_item::find_any_item_text;
use super::section_header;
use super::value::FieldValue;

/// The fields above the body of a labelled reply.
#[derive(Debug, Default)]
pub struct LabelHeader<'a> {
    /// The fields, in order, with the labels that posts have no field for.
    pub given: Vec<GivenField>,
    /// The number of lines of the header.
    pub length: usize,
    /// The value of a content label, which is the first line of the body.
    pub first_body_line: Option<TextLine<'a>>,
}

/// Returns whether a label header starts at the first of `lines`.
///
/// If it is the first non-blank line of a part (`opens_part`), fewer labels have to follow.
pub fn starts_header(lines: &[TextLine], opens_part: bool) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    if opens_part && section_header::starts_section_header(lines) {
        return true;
    }
    // Most lines are no labels, so this comes before the search for more of them.
    let Some(line) = parse_label_line(&first.text) else {
        return false;
    };
    // Texts of other languages have lines such as `Datum` below `Titel` that are no header.
    let foreign = !line.languages.has_english();
    let counts =
        |next: &LabelLine| next.label.is_leading() || (!foreign && next.languages.has_english());
    if line.label == Label::Title {
        // `TITLE: POST_TITLE` is the template in a prompt, not a header.
        let is_template = matches!(line.value.trim_matches(['*', '_', '`', '"']), "POST_TITLE");
        return !is_template
            && (opens_part
                // With a whole header on one line, no labels have to follow.
                || line.value.contains(ONE_LINE[0])
                || any_next_label(lines, |next| next.label.supports_title() && counts(next)));
    }
    opens_part
        && line.label.is_leading()
        && any_next_label(lines, |next| match next.label {
            Label::Title => true,
            Label::Slug | Label::Date => counts(next),
            label => label.is_leading() && !label.same_field(line.label),
        })
}

/// Returns whether one of the next labels, on the first line and the next four non-blank ones,
/// passes a test.
fn any_next_label(lines: &[TextLine], test: impl Fn(&LabelLine) -> bool) -> bool {
    let Some(first) = parse_label_row(&lines[0].text, GroupLanguages::Any) else {
        return false;
    };
    if first.known().skip(1).any(&test) {
        return true;
    }
    let mut languages = first.languages;
    lines[1..]
        .iter()
        .filter(|line| !line.is_blank())
        .take(4)
        .take_while(|line| parse_fence_line(&line.text).is_none())
        .any(|line| {
            let Some(row) = parse_label_row(&line.text, languages) else {
                return false;
            };
            languages = row.languages;
            row.known().any(&test)
        })
}

/// Reads the header that starts at the first of `lines`.
pub fn read_label_header<'a>(lines: &[TextLine<'a>]) -> LabelHeader<'a> {
    if section_header::starts_section_header(lines) {
        return section_header::read_section_header(lines);
    }
    read_label_group(lines, |_| true)
}

/// Reads the labels at the start of `lines`, as long as labels come that are `allowed` (R6.3).
///
/// Blank lines belong to the group only if a label follows.
pub fn read_label_group<'a>(
    lines: &[TextLine<'a>],
    allowed: fn(&LabelLine) -> bool,
) -> LabelHeader<'a> {
    let mut header = LabelHeader::default();
    let mut group = LabelGroup::new(allowed);
    let mut unknown = UnknownLabels::default();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.is_blank() {
            at += 1;
            continue;
        }
        let Some(row) = parse_label_row(&line.text, group.languages) else {
            break;
        };
        if row.is_unknown() {
            let directly = at == header.length;
            let Some(end) = unknown.find_end(lines, at, &group, directly) else {
                break;
            };
            let dropped = lines[at..end].iter().filter_map(read_dropped_label);
            header.given.extend(dropped);
            at = end;
        } else if !group.accepts(&row) {
            break;
        } else if let Some(fields) = split_one_line_header(line) {
            group.add(&row);
            header.given.extend(fields);
            at += 1;
        } else {
            group.add(&row);
            at += read_row(&row, &lines[at..], &group, &mut header);
            if row.known().any(|label| label.label == Label::Content) {
                header.length = at;
                break;
            }
        }
        header.length = at;
    }
    header
}

/// Adds the labels of a row at the first of `lines` to the header, and returns the number of lines
/// that they take.
fn read_row<'a>(
    row: &LabelRow,
    lines: &[TextLine<'a>],
    group: &LabelGroup,
    header: &mut LabelHeader<'a>,
) -> usize {
    let number = lines[0].number;
    let mut length = 1;
    for (at, form) in row.labels.iter().enumerate() {
        let label = match form {
            LabelForm::Unknown(named) => {
                header.given.push(GivenField::dropped(named, number));
                continue;
            }
            LabelForm::Known(label) => label,
        };
        if label.label == Label::Content {
            header.first_body_line = first_body_line(&lines[0], label);
            break;
        }
        // Only the value of the last label may go on below the line.
        let value = if at + 1 == row.labels.len() {
            let (value, taken) = read_label_value(label, lines, group);
            length = taken;
            value
        } else {
            FieldValue::Text(label.value.to_owned())
        };
        header.given.push(GivenField::new(label, value, number));
    }
    length
}

/// Returns the field of an unknown label.
fn read_dropped_label(line: &TextLine) -> Option<GivenField> {
    let named = parse_named_value(&line.text)?;
    Some(GivenField::dropped(&named, line.number))
}

fn first_body_line<'a>(line: &TextLine<'a>, label: &LabelLine) -> Option<TextLine<'a>> {
    if label.value.is_empty() {
        return None;
    }
    Some(TextLine::new(label.value.to_owned(), line.number))
}

/// The labels that end the value before them, if a whole header is on one line.
const ONE_LINE: [&str; 3] = [" META_DESCRIPTION:", " TAGS:", " CATEGORIES:"];

/// Returns the fields of a line that is a whole header (R6.3).
fn split_one_line_header(line: &TextLine) -> Option<Vec<GivenField>> {
    let text = &*line.text;
    let title = parse_label_line(text).filter(|label| label.label == Label::Title)?;
    if !title.value.contains(ONE_LINE[0]) {
        return None;
    }
    let mut cuts: Vec<usize> = ONE_LINE
        .iter()
        .flat_map(|label| text.match_indices(label).map(|(at, _)| at))
        .collect();
    // They were found label by label, not in the order of the line.
    cuts.sort_unstable();
    let ends = cuts.iter().copied().chain([text.len()]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    let pieces = starts.zip(ends).filter_map(|(start, end)| {
        let label = parse_label_line(text[start..end].trim_start())?;
        let value = FieldValue::Text(label.value.to_owned());
        Some(GivenField::new(&label, value, line.number))
    });
    Some(pieces.collect())
}

/// Returns the value of the label at the first of `lines`, and the number of lines of both (R6.4).
fn read_label_value(
    label: &LabelLine,
    lines: &[TextLine],
    group: &LabelGroup,
) -> (FieldValue, usize) {
    let own = label.value;
    let rest = &lines[1..];
    match label.label {
        kind if kind.is_description() => join_following_lines(own, rest, group),
        kind if kind.is_list() => read_list(own, rest, group),
        Label::Authors if names_several_authors(label.name) => read_list(own, rest, group),
        // The line below another empty label is the first of the body.
        Label::Title | Label::Slug | Label::Date if own.is_empty() => {
            match rest.first().filter(|_| !ends_value(rest, group.languages)) {
                Some(line) => (FieldValue::Text(line.text.trim().to_owned()), 2),
                None => (FieldValue::Text(String::new()), 1),
            }
        }
        _ => (FieldValue::Text(own.to_owned()), 1),
    }
}

fn read_list(own: &str, rest: &[TextLine], group: &LabelGroup) -> (FieldValue, usize) {
    if !own.is_empty() {
        // After a comma the list continues on the next lines.
        if own.ends_with([',', '，', '،', '、']) {
            return join_following_lines(own, rest, group);
        }
        return (FieldValue::Text(own.to_owned()), 1);
    }
    let blank = rest.iter().take_while(|line| line.is_blank()).count();
    let items: Vec<String> = (blank..rest.len())
        .map_while(|at| parse_list_item(&rest[at..], group.languages))
        .map(str::to_owned)
        .collect();
    if !items.is_empty() {
        let length = 1 + blank + items.len();
        return (FieldValue::List(items), length);
    }
    match rest.first().filter(|_| !ends_value(rest, group.languages)) {
        // The value may be on the line below the label, and may continue from there.
        Some(line) => {
            let (value, length) = read_list(line.text.trim(), &rest[1..], group);
            (value, length + 1)
        }
        None => (FieldValue::Text(String::new()), 1),
    }
}

/// Returns the text of the list item at the first of `lines`, unless it is a label line.
fn parse_list_item<'l>(lines: &'l [TextLine], languages: GroupLanguages) -> Option<&'l str> {
    if ends_value(lines, languages) {
        return None;
    }
    let line = &lines.first()?.text;
    let start = find_any_item_text(line)?;
    Some(line[start..].trim())
}

/// Joins a value with the lines after it, up to one that ends it.
fn join_following_lines(own: &str, rest: &[TextLine], group: &LabelGroup) -> (FieldValue, usize) {
    let mut text = own.to_owned();
    let mut unknown = UnknownLabels::default();
    let mut length = 0;
    for line in rest {
        let ends = ends_value(&rest[length..], group.languages)
            || unknown.find_end(rest, length, group, true).is_some();
        if ends {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(line.text.trim());
        length += 1;
    }
    (FieldValue::Text(text), length + 1)
}

/// Returns whether a value ends before the first of `lines`: it is blank, a label, a heading, a fence
/// or a rule.
fn ends_value(lines: &[TextLine], languages: GroupLanguages) -> bool {
    let Some(line) = lines.first() else {
        return true;
    };
    // Dashes below a line are a rule here more often than the underline of a heading.
    let is_underlined = || {
        lines
            .get(1)
            .is_some_and(|next| is_double_underline(&next.text))
    };
    line.is_blank()
        || is_heading_line(&line.text)
        || is_rule(&line.text)
        || parse_fence_line(&line.text).is_some()
        || is_underlined()
        || parse_label_row(&line.text, languages).is_some_and(|row| !row.is_unknown())
}

/// Returns whether a line is nothing but `=`, which makes a heading of the line above it.
fn is_double_underline(line: &str) -> bool {
    let text = line.trim();
    !text.is_empty() && text.bytes().all(|byte| byte == b'=')
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_lines as lines;

    use super::*;

    #[track_caller]
    fn check_start(text: &str, opens_part: bool, expected: bool) {
        assert_eq!(starts_header(&lines(text), opens_part), expected, "{text}");
    }

    /// Reads a header as `label=value` pairs, and the rest of the text.
    #[track_caller]
    fn check(text: &str, expected: &[&str], body: &str) {
        let lines = lines(text);
        let header = read_label_header(&lines);
        let given: Vec<String> = header.given.iter().map(GivenField::to_line).collect();
        assert_eq!(given, expected, "{text}");
        let first = header.first_body_line.iter();
        let rest: Vec<&str> = first
            .chain(&lines[header.length..])
            .map(|line| &*line.text)
            .collect();
        assert_eq!(rest.join("\n"), body, "{text}");
    }

    #[test]
    fn a_title_needs_a_second_label_near_it() {
        check_start("TITLE: a\nTAGS: b", false, true);
        check_start("TITLE: a\n\nb\nc\nd\nDate: e", false, true);
        check_start("TITLE: a\nb\nc\nd\ne\nDate: f", false, false);
        check_start("TITLE: a\nAUTHOR: b", false, false);
        check_start("TITLE: a | TAGS: b", false, true);
        check_start("TITLE: a\n```\nTAGS: b", false, false);
        check_start("TITLE: a META_DESCRIPTION: b", false, true);
    }

    #[test]
    fn the_first_line_of_a_part_needs_less() {
        check_start("TITLE: a", true, true);
        check_start("TITLE: a", false, false);
        check_start("TAGS: a\nCATEGORIES: b", true, true);
        check_start("Description: a\nExcerpt: b", true, false);
        check_start("TAGS: a\nb\nDATE: c", true, true);
        check_start("TAGS: a\nCATEGORIES: b", false, false);
        check_start("SLUG: a\nTAGS: b", true, false);
        check_start("## Title\n\na", true, true);
        check_start("## Title\n\na", false, false);
    }

    #[test]
    fn a_template_starts_no_header() {
        check_start("TITLE: POST_TITLE\nTAGS: POST_TAGS", true, false);
    }

    #[test]
    fn a_header_goes_on_over_blank_lines() {
        check(
            "TITLE: a\n\nTAGS: b\n\nc\nDATE: d",
            &["TITLE=a", "TAGS=b"],
            "\nc\nDATE: d",
        );
    }

    #[test]
    fn a_second_title_ends_it() {
        check("TITLE: a\nTITLE: b", &["TITLE=a"], "TITLE: b");
        check(
            "TAGS: a\nTITLE: b\nTITLE: c",
            &["TAGS=a", "TITLE=b"],
            "TITLE: c",
        );
    }

    #[test]
    fn a_content_label_ends_it_and_begins_the_body() {
        check("TITLE: a\nCONTENT: b\nTAGS: c", &["TITLE=a"], "b\nTAGS: c");
        check("TITLE: a\n**Content:**\n\nb", &["TITLE=a"], "\nb");
    }

    #[test]
    fn a_header_may_be_one_line() {
        check(
            "TITLE: a b META_DESCRIPTION: c TAGS: d, e CATEGORIES: f\n\ng",
            &[
                "TITLE=a b",
                "META_DESCRIPTION=c",
                "TAGS=d, e",
                "CATEGORIES=f",
            ],
            "\ng",
        );
    }

    #[test]
    fn descriptions_and_open_lists_go_on() {
        check(
            "META_DESCRIPTION: a\nb\nTAGS: c,\nd,\ne\n\nf",
            &["META_DESCRIPTION=a b", "TAGS=c, d, e"],
            "\nf",
        );
        check("META_DESCRIPTION: a\n# b", &["META_DESCRIPTION=a"], "# b");
        check("TAGS: c\nd", &["TAGS=c"], "d");
    }

    #[test]
    fn an_empty_value_takes_the_next_line() {
        check(
            "TITLE:\na\nDATE:\nb\nSLUG:\nTAGS:\nc\n\nd",
            &["TITLE=a", "DATE=b", "SLUG=", "TAGS=c"],
            "\nd",
        );
        check(
            "META_DESCRIPTION:\na\nb\n\nc",
            &["META_DESCRIPTION=a b"],
            "\nc",
        );
        check("TITLE:\n\na", &["TITLE="], "\na");
        check("TITLE:\n---\na", &["TITLE="], "---\na");
    }

    #[test]
    fn an_empty_list_takes_the_items_after_it() {
        check(
            "TAGS:\n- a\n- b\nCATEGORIES:\n\n1. c\n2. d\n\ne",
            &["TAGS=[a|b]", "CATEGORIES=[c|d]"],
            "\ne",
        );
        check(
            "TAGS:\n- **Categories:** a\nb",
            &["TAGS=", "Categories=a"],
            "b",
        );
    }
}
