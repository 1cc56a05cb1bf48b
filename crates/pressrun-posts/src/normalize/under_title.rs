//! Reads labels directly under the heading that is the title (R7.2 of the ingest contract).

use pressrun_text::blocks::{BlockKind, iter_blocks};
use pressrun_text::line::TextLine;
use pressrun_text::words;

use super::date_line::split_date_field;
use crate::parse::given::GivenField;
use crate::parse::header::read_label_group;
use crate::parse::label::{Label, LabelLine};
use crate::parse::section_header::{
    is_value_of_section, may_be_section, parse_section_heading, read_section_value,
};

/// Takes the labels or sections under a leading H1 from the body, if the H1 is the title: it repeats
/// `title`, or there is none from elsewhere.
pub fn take_labels_under_title(body: &mut Vec<TextLine>, title: Option<&str>) -> Vec<GivenField> {
    let heading = iter_blocks(body)
        .next()
        .filter(|block| block.kind == BlockKind::Heading(1));
    let Some(heading) = heading else {
        return Vec::new();
    };
    let text = heading.plain(body);
    let is_title = match title {
        Some(title) => words::make_plain_title_key(&text) == words::make_plain_title_key(title),
        None => true,
    };
    if text.is_empty() || !is_title {
        return Vec::new();
    }
    let start = heading.lines.end;
    let header = read_label_group(&body[start..], may_follow);
    // A heading such as `## Tags:` is a label line too. Whoever wrote sections meant all of them.
    let (sections, end) = read_sections(&body[start..]);
    // Blank lines after the last label stay in the body.
    let (given, length) = if end > header.length {
        (sections, end)
    } else {
        (header.given, header.length)
    };
    body.drain(start..start + length);
    given.into_iter().flat_map(split_date_field).collect()
}

/// Returns whether a label may stand under a title.
fn may_follow(label: &LabelLine) -> bool {
    match label.label {
        // These begin paragraphs of English texts too.
        Label::PlainDescription => !label.languages.has_english(),
        Label::Date
        | Label::Updated
        | Label::Slug
        | Label::Authors
        | Label::Language
        | Label::Draft
        | Label::SeoTitle
        | Label::Description
        | Label::Ignored => true,
        label => label.is_list(),
    }
}

/// Reads the sections at the start of `lines`, up to a rule or another block, and returns the number
/// of their lines.
fn read_sections(lines: &[TextLine]) -> (Vec<GivenField>, usize) {
    let mut given = Vec::new();
    let mut length = 0;
    while let Some(block) = iter_blocks(&lines[length..]).next() {
        let Some(heading) = parse_section_heading(lines, length + block.lines.start) else {
            break;
        };
        let label = heading.meaning.label;
        let after = heading.lines.end;
        let (value, end) = read_section_value(lines, after);
        let is_field = may_be_section(label) && label != Label::PlainDescription;
        if !is_field || !is_value_of_section(label, &value, &lines[after..end]) {
            break;
        }
        given.push(heading.into_field(lines, value));
        length = end;
    }
    (given, length)
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
        let given: Vec<String> = take_labels_under_title(&mut body, None)
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
            &["b", "c", "d", "e"],
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
        check("# A\nTitle: b", "# A\nTitle: b", &[]);
        check("# A\nMood: b\nTags: c", "# A\nMood: b\nTags: c", &[]);
    }

    #[test]
    fn a_date_may_have_an_author_and_a_date_of_change_behind_it() {
        check(
            "# A\n\n**Published:** May 1, 2024 9:05 PM +02:00 by Ida Berg\n**Tags:** b\n\nText",
            "# A\n\nText",
            &["2024-05-01T21:05:00+02:00", "Ida Berg", "b"],
        );
        check(
            "# A\n\nDate: 1.5.2024 | Updated 2.5.2024\n\nText",
            "# A\n\nText",
            &["2024-05-01", "2024-05-02"],
        );
        check("# A\n\nDate: soon\n\nText", "# A\n\nText", &["soon"]);
    }

    #[test]
    fn plain_descriptions_count_under_foreign_names_only() {
        check("# A\n\nBeschreibung: b\nAutor: c", "# A", &["b", "c"]);
        check("# A\n\nDescription : b", "# A\n\nDescription : b", &[]);
    }

    #[test]
    fn unknown_labels_among_them_are_dropped() {
        check(
            "# A\n\nSlug: b\nMade by: c\nAuthor: d\n\nText",
            "# A\n\nText",
            &["b", "c", "d"],
        );
    }

    #[test]
    fn sections_under_the_title_are_fields() {
        check(
            "# A\n\n## SEO Title (60)\nb\n\n## Tags:\n\n- c\n- d\n\n## Date\ne\n\n---\n\n## Slug\n\nf",
            "# A\n\n---\n\n## Slug\n\nf",
            &["b", "c, d", "e"],
        );
        check(
            "# A\n\n## Slug\n\nb\n\nText.\n\n## Tags\n\nc",
            "# A\n\nText.\n\n## Tags\n\nc",
            &["b"],
        );
        check(
            "# A\n\n## SEO Title:\nb\n\n## Tags\nc, d\n\n## Slug:\n\ne\n\nText",
            "# A\n\nText",
            &["b", "c, d", "e"],
        );
        for text in [
            "# A\n\n## Tags\n\nWe wear tags.",
            "# A\n\n## Description\n\nb",
            "# A\n\n## Other\n\nb",
            "# A\n\n## Tags",
        ] {
            check(text, text, &[]);
        }
    }

    #[test]
    fn the_heading_must_be_the_title() {
        let mut body = vec![TextLine::new("# A b", 1), TextLine::new("Tags: c", 2)];
        assert!(take_labels_under_title(&mut body, Some("A c")).is_empty());
        assert_eq!(take_labels_under_title(&mut body, Some("a “B”")).len(), 1);
    }
}
