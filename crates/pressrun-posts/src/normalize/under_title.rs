//! Reads labels directly under the heading that is the title (R7.2 of the ingest contract).

use pressrun_text::blocks::{BlockKind, iter_blocks};
use pressrun_text::line::TextLine;

use crate::parse::given::GivenField;
use crate::parse::header::read_label_value;
use crate::parse::label::{Label, parse_label_line};

/// Takes the labels under a leading H1 from the body. Must be called only if no field gives the
/// title.
///
/// A title for search engines is removed too, but the H1 remains the title.
pub fn take_labels_under_title(body: &mut Vec<TextLine>) -> Vec<GivenField> {
    let mut given = Vec::new();
    let Some(heading) = iter_blocks(body)
        .next()
        .filter(|block| block.kind == BlockKind::Heading(1))
    else {
        return given;
    };
    if heading.plain(body).is_empty() {
        return given;
    }
    let start = heading.lines.end;
    let mut at = start;
    let mut end = start;
    while let Some(line) = body.get(at) {
        if line.is_blank() {
            at += 1;
            continue;
        }
        let label = if line.in_fence() {
            None
        } else {
            parse_label_line(&line.text)
        };
        let Some(label) = label.filter(|label| may_follow(label.label)) else {
            break;
        };
        let (value, length) = read_label_value(&label, &body[at..]);
        if label.label != Label::SeoTitle {
            given.push(GivenField::new(&label, value, line.number));
        }
        at += length;
        // Blank lines after the last label stay in the body.
        end = at;
    }
    body.drain(start..end);
    given
}

fn may_follow(label: Label) -> bool {
    label.is_list()
        || matches!(
            label,
            Label::Date
                | Label::SeoTitle
                | Label::Description
                | Label::Cover
                | Label::Language
                | Label::Ignored
        )
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::join_lines;

    use super::*;

    #[track_caller]
    fn check(text: &str, left: &str, values: &[&str]) {
        let mut body: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        let given: Vec<String> = take_labels_under_title(&mut body)
            .iter()
            .map(|given| given.value.text())
            .collect();
        assert_eq!(
            (join_lines(&body).as_str(), given),
            (left, values.iter().map(|&v| v.to_owned()).collect()),
            "{text}"
        );
    }

    #[test]
    fn labels_under_the_title_are_fields() {
        check(
            "# A\n\n**Keyword:** b\n**Meta Description:** c\n- Tags: d\n**SEO Title:** e\n\nText",
            "# A\n\nText",
            &["b", "c", "d"],
        );
        check(
            "# A\nTags:\n- b\n- c\n---\nText",
            "# A\n---\nText",
            &["b, c"],
        );
    }

    #[test]
    fn other_labels_and_lines_end_them() {
        check(
            "# A\nTags: b\nDescription: c",
            "# A\nDescription: c",
            &["b"],
        );
        check("# A\n\nText\n\nTags: b", "# A\n\nText\n\nTags: b", &[]);
        check("## A\nTags: b", "## A\nTags: b", &[]);
        check("# A\nSlug: b", "# A\nSlug: b", &[]);
    }
}
