//! Collects the fields of a post from all their sources, in order of precedence (R7.3 of the ingest
//! contract).

use pressrun_text::characters::fold_case;

use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::given::GivenField;
use crate::parse::label::Label;
use crate::parse::value::FieldValue;
use crate::post::{FieldSource, tag};

/// The fields of a post, at most one for each label.
#[derive(Debug, Default)]
pub struct PostFields {
    taken: Vec<(GivenField, FieldSource)>,
}

/// Whether a repeated field is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatPolicy {
    /// It is reported: the reply gives the field twice.
    Reported,
    /// It is not reported: a record only fills in what the reply lacks.
    Silent,
}

impl PostFields {
    /// Adds a field, unless it is empty or the field is there already: the first value is used.
    pub fn add(
        &mut self,
        given: GivenField,
        origin: FieldSource,
        later: RepeatPolicy,
        findings: &mut Vec<Finding>,
    ) {
        if given.label == Label::Ignored {
            findings.push(report_ignored_label(&given));
            return;
        }
        if is_empty_field(&given) {
            return;
        }
        let first = self
            .taken
            .iter()
            .find(|(first, _)| first.label.same_field(given.label));
        match first {
            None => self.taken.push((given, origin)),
            // Several keys can make a post a draft, and their values are always the same.
            Some((first, _)) if later == RepeatPolicy::Reported && given.label != Label::Draft => {
                findings.push(report_repeated_field(first, &given));
            }
            Some(_) => {}
        }
    }

    /// Returns the field with a label, and its origin.
    pub fn get(&self, label: Label) -> Option<(&GivenField, FieldSource)> {
        let found = self
            .taken
            .iter()
            .find(|(given, _)| given.label.same_field(label));
        found.map(|(given, origin)| (given, *origin))
    }

    /// Returns the normalised text of a field, with its origin and line.
    pub fn text(&self, label: Label) -> Option<(String, FieldSource, u32)> {
        let (given, origin) = self.get(label)?;
        Some((given.value.text(), origin, given.line))
    }

    /// Returns the separate texts of a field, as they are; none if it is not given.
    pub fn items(&self, label: Label) -> Vec<String> {
        let texts = self.get(label).into_iter();
        texts
            .flat_map(|(given, _)| given.value.iter_texts())
            .map(str::to_owned)
            .collect()
    }

    /// Returns the text of a field that is no prose, such as a path.
    pub fn bare_text(&self, label: Label) -> Option<String> {
        Some(self.get(label)?.0.value.bare_text())
    }
}

fn is_empty_field(given: &GivenField) -> bool {
    if given.label.is_list() {
        return !given.value.has_items();
    }
    // Shortcut: a text that begins with a letter and is longer than all words for "no value" is a
    // value.
    let obvious = matches!(&given.value, FieldValue::Text(text) if text.len() > 12 && text.starts_with(char::is_alphanumeric));
    !obvious && given.value.text().is_empty()
}

fn report_ignored_label(given: &GivenField) -> Finding {
    let message = format!(
        "posts have no field {}, so it was dropped",
        quote_for_message(&given.name)
    );
    Finding::new(Code::IgnoredField, given.line, message)
}

fn report_repeated_field(first: &GivenField, later: &GivenField) -> Finding {
    let name = quote_for_message(&later.name);
    if same_value(first, later) {
        let message = format!("{name} is given again with the same value");
        Finding::new(Code::DuplicateMetadata, later.line, message)
            .with_help("delete the second one")
    } else {
        let value = quote_for_message(&show_field_value(later));
        let message = format!(
            "{name} is given again as {value}; the first value, {}, is used",
            quote_for_message(&show_field_value(first))
        );
        Finding::new(Code::ConflictingMetadata, later.line, message)
            .with_help("delete the wrong one")
    }
}

fn show_field_value(given: &GivenField) -> String {
    if given.label.is_list() {
        given.value.items().join(", ")
    } else {
        given.value.text()
    }
}

fn same_value(a: &GivenField, b: &GivenField) -> bool {
    if a.label.is_list() {
        let keys = |given: &GivenField| -> Vec<String> {
            given
                .value
                .items()
                .iter()
                .map(|item| tag::tag_key(item))
                .collect()
        };
        keys(a) == keys(b)
    } else {
        fold_case(&a.value.text()) == fold_case(&b.value.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::label::parse_label_line;

    /// Checks what is reported for a second line after the first.
    #[track_caller]
    fn check(first: &str, later: &str, expected: Option<Code>) {
        let mut fields = PostFields::default();
        let mut findings = Vec::new();
        for line in [first, later] {
            let label = parse_label_line(line).unwrap();
            let given = GivenField::new(&label, FieldValue::Text(label.value.to_owned()), 1);
            fields.add(
                given,
                FieldSource::Header,
                RepeatPolicy::Reported,
                &mut findings,
            );
        }
        assert_eq!(
            findings.first().map(|finding| finding.code),
            expected,
            "{first} / {later}"
        );
    }

    #[test]
    fn the_same_value_again_is_a_copy() {
        check(
            "TITLE: A b",
            "**Title:** \"a B\"",
            Some(Code::DuplicateMetadata),
        );
        check(
            "TAGS: Apples, pear",
            "TAGS: apple, Pears",
            Some(Code::DuplicateMetadata),
        );
        check(
            "META_DESCRIPTION: a",
            "Excerpt: a",
            Some(Code::DuplicateMetadata),
        );
    }

    #[test]
    fn another_value_is_a_conflict() {
        check("TITLE: a", "TITLE: b", Some(Code::ConflictingMetadata));
        check("TAGS: a, b", "TAGS: b, a", Some(Code::ConflictingMetadata));
    }

    #[test]
    fn empty_values_and_other_fields_never_conflict() {
        check("TITLE: a", "TITLE: None", None);
        check("TAGS: -", "TAGS: a", None);
        check("TAGS: a", "KEYWORDS: b", None);
        check("TITLE: a", "SEO_TITLE: b", None);
    }
}
