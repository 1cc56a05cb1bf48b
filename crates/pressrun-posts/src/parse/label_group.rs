//! Reads groups of label lines: the languages of their names, several labels on one line (R6.1 of
//! the ingest contract), and unknown labels among them (R6.3).
//!
//! A group is a label header, or the labels under a title or at the end of a reply.

use pressrun_text::blocks::is_rule;
use pressrun_text::characters::is_letter;
use pressrun_text::line::TextLine;
use pressrun_text::words;

use super::end_marker;
use super::given::GivenField;
use super::label::{Label, LabelLine, LabelStyle, NamedValue, parse_named_value};
use super::label_names::{LabelMeaning, LanguageSet};
use super::value::FieldValue;

/// The languages that the names of one group may have: English, and one other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GroupLanguages {
    /// No name has decided it yet.
    #[default]
    Any,
    /// English alone: the title has an English name.
    English,
    /// English, and one of these.
    OneOf(LanguageSet),
}

impl GroupLanguages {
    /// Returns the languages after a name, or `None` if the group cannot have the name.
    #[must_use]
    pub fn admit(self, name: LabelMeaning) -> Option<Self> {
        if name.languages.has_english() {
            let decides = name.label == Label::Title && self == Self::Any;
            return Some(if decides { Self::English } else { self });
        }
        match self {
            Self::Any => Some(Self::OneOf(name.languages)),
            Self::English => None,
            Self::OneOf(languages) => Some(Self::OneOf(languages.intersect(name.languages)?)),
        }
    }
}

/// A piece of a line that has the form of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelForm<'a> {
    /// A label that the group may have.
    Known(LabelLine<'a>),
    /// A name without a field.
    Unknown(NamedValue<'a>),
}

impl<'a> LabelForm<'a> {
    /// Returns the label, if it is known.
    pub fn known(&self) -> Option<&LabelLine<'a>> {
        match self {
            Self::Known(label) => Some(label),
            Self::Unknown(_) => None,
        }
    }
}

/// The labels of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRow<'a> {
    /// The labels; a line with one unknown label has only that.
    pub labels: Vec<LabelForm<'a>>,
    /// The languages of the group after this line.
    pub languages: GroupLanguages,
}

impl<'a> LabelRow<'a> {
    /// Returns the labels with a field.
    pub fn known(&self) -> impl Iterator<Item = &LabelLine<'a>> {
        self.labels.iter().filter_map(LabelForm::known)
    }

    /// Returns whether none of the names has a field.
    pub fn is_unknown(&self) -> bool {
        self.known().next().is_none()
    }
}

/// Reads a line as the labels of a group with these languages.
pub fn parse_label_row(line: &str, languages: GroupLanguages) -> Option<LabelRow<'_>> {
    let whole = parse_named_value(line)?;
    if let Some(row) = split_label_row(line, &whole, languages) {
        return Some(row);
    }
    let (form, languages) = classify_label(whole, languages)?;
    Some(LabelRow {
        labels: vec![form],
        languages,
    })
}

fn classify_label(
    named: NamedValue<'_>,
    languages: GroupLanguages,
) -> Option<(LabelForm<'_>, GroupLanguages)> {
    if let Some(label) = named.as_label()
        && let Some(languages) = languages.admit(label.meaning())
    {
        return Some((LabelForm::Known(label), languages));
    }
    may_be_unknown_label(&named).then_some((LabelForm::Unknown(named), languages))
}

/// Splits a line with several labels, if all pieces of it are labels and two or more are known.
fn split_label_row<'a>(
    line: &'a str,
    whole: &NamedValue<'a>,
    mut languages: GroupLanguages,
) -> Option<LabelRow<'a>> {
    if !whole.value.contains(['|', '·', '•']) {
        return None;
    }
    // Emphasis around the whole line opens before the first piece and closes after the last.
    let closing: String = whole.open_marks.chars().rev().collect();
    let line = line.trim();
    let line = line.strip_suffix(&*closing).unwrap_or(line);
    let mut labels = Vec::new();
    let mut piece_start = 0;
    let ends = line
        .match_indices(['|', '·', '•'])
        .map(|(at, mark)| (at, mark.len()))
        .filter(|&(at, length)| {
            line[..at].ends_with(char::is_whitespace)
                && line[at + length..].starts_with(char::is_whitespace)
        })
        .chain([(line.len(), 0)]);
    for (end, length) in ends {
        let named = parse_named_value(&line[piece_start..end])?;
        let (form, after) = classify_label(named, languages)?;
        labels.push(form);
        languages = after;
        piece_start = end + length;
    }
    let row = LabelRow { labels, languages };
    (row.known().count() >= 2).then_some(row)
}

/// Returns the fields of a line whose values do not go on below it.
pub fn read_row_on_one_line(line: &TextLine, languages: GroupLanguages) -> Vec<GivenField> {
    let row = parse_label_row(&line.text, languages);
    let forms = row.into_iter().flat_map(|row| row.labels);
    forms
        .map(|form| match form {
            LabelForm::Known(label) => {
                let value = FieldValue::Text(label.value.to_owned());
                GivenField::new(&label, value, line.number)
            }
            LabelForm::Unknown(named) => GivenField::dropped(&named, line.number),
        })
        .collect()
}

/// Returns whether a label may stand in metadata at the end of a reply (R7.1).
pub fn may_trail(label: &LabelLine) -> bool {
    label.label.is_list()
        || matches!(
            label.label,
            Label::Title
                | Label::SeoTitle
                | Label::Description
                | Label::Slug
                | Label::Authors
                | Label::Date
                | Label::Updated
                | Label::Language
                | Label::Draft
                | Label::Ignored
        )
}

/// Returns whether a name that is in no list can be that of a label: one to four words, without
/// punctuation of sentences.
fn may_be_unknown_label(named: &NamedValue) -> bool {
    const MAX_CHARACTERS: usize = 40;
    const MAX_WORDS: usize = 4;
    let name = named.name;
    name.starts_with(is_letter)
        && name.chars().count() <= MAX_CHARACTERS
        && words::count_words(name) <= MAX_WORDS
        && !named.value.is_empty()
        // The colon of an address.
        && !named.value.starts_with("//")
}

/// The labels of a group so far.
#[derive(Debug, Clone, Copy)]
pub struct LabelGroup {
    /// The languages that its names may have.
    pub languages: GroupLanguages,
    allowed: fn(&LabelLine) -> bool,
    titled: bool,
    above: Option<LabelAbove>,
}

impl LabelGroup {
    /// Begins a group that may have the labels that are `allowed`.
    pub fn new(allowed: fn(&LabelLine) -> bool) -> Self {
        Self {
            languages: GroupLanguages::default(),
            allowed,
            titled: false,
            above: None,
        }
    }

    /// Returns whether a line may be the next of the group. A second title begins another one.
    pub fn accepts(&self, row: &LabelRow) -> bool {
        row.known()
            .all(|label| (self.allowed)(label) && !(self.titled && label.label == Label::Title))
    }

    /// Adds a line.
    pub fn add(&mut self, row: &LabelRow) {
        self.languages = row.languages;
        self.titled |= row.known().any(|label| label.label == Label::Title);
        self.above = row.known().next().map(LabelAbove::new);
    }
}

/// The label line above unknown labels, which must resemble it.
#[derive(Debug, Clone, Copy)]
struct LabelAbove {
    style: LabelStyle,
    /// Whether its name begins with a capital.
    capital: bool,
    /// Whether its name is all capitals.
    capitals: bool,
}

impl LabelAbove {
    /// Describes a label line.
    fn new(label: &LabelLine) -> Self {
        Self {
            style: label.style,
            capital: label.name.starts_with(char::is_uppercase),
            capitals: is_all_capitals(label.name),
        }
    }

    /// Returns whether a name looks like a label below this one.
    fn resembles(self, named: &NamedValue) -> bool {
        named.style == self.style && !(self.capital && named.name.starts_with(char::is_lowercase))
    }

    /// Returns whether a line looks so much like a label that nothing has to follow it.
    fn resembles_closely(self, named: &NamedValue) -> bool {
        const MAX_WORDS: usize = 15;
        self.resembles(named)
            && self.capitals == is_all_capitals(named.name)
            && words::count_words(named.value) <= MAX_WORDS
            && !named
                .value
                .ends_with(['.', '!', '?', '…', '。', '！', '？'])
    }
}

fn is_all_capitals(name: &str) -> bool {
    !name.contains(char::is_lowercase) && name.contains(char::is_uppercase)
}

/// Reads a line as an unknown label.
fn parse_unknown_label(line: &str, languages: GroupLanguages) -> Option<NamedValue<'_>> {
    match parse_label_row(line, languages)?.labels[..] {
        [LabelForm::Unknown(named)] => Some(named),
        _ => None,
    }
}

/// Finds the unknown labels of a group (R6.3), asked for from top to bottom.
///
/// It keeps what it learns about the lines below one, so that each line is looked at once or twice.
#[derive(Debug, Default)]
pub struct UnknownLabels {
    /// No line before this one has a label of the group after it.
    unfollowed_before: usize,
    /// No line before this one belongs to unknown labels at the end of the group.
    not_last_before: usize,
}

impl UnknownLabels {
    /// Returns where the unknown labels end that begin at line `at` of `lines`, if there are any.
    ///
    /// `directly` says that the line is directly below a label.
    pub fn find_end(
        &mut self,
        lines: &[TextLine],
        at: usize,
        group: &LabelGroup,
        directly: bool,
    ) -> Option<usize> {
        let above = group.above?;
        if at >= self.unfollowed_before {
            let (end, followed) = skip_unknown_labels(lines, at, above, group);
            if followed && end > at {
                return Some(end);
            }
            self.unfollowed_before = end + 1;
        }
        if !directly || at < self.not_last_before {
            return None;
        }
        let resembles = |line: &TextLine| {
            parse_unknown_label(&line.text, group.languages)
                .is_some_and(|named| above.resembles_closely(&named))
        };
        let count = lines[at..]
            .iter()
            .take_while(|line| resembles(line))
            .count();
        let end = at + count;
        if count > 0 && ends_group(lines, end) {
            return Some(end);
        }
        self.not_last_before = end + 1;
        None
    }
}

/// Skips blank lines and unknown labels from line `at` on. Returns the line after them, and whether
/// it is a label of the group.
fn skip_unknown_labels(
    lines: &[TextLine],
    at: usize,
    above: LabelAbove,
    group: &LabelGroup,
) -> (usize, bool) {
    for (at, line) in lines.iter().enumerate().skip(at) {
        if line.is_blank() {
            continue;
        }
        let Some(row) = parse_label_row(&line.text, group.languages) else {
            return (at, false);
        };
        match row.labels[..] {
            [LabelForm::Unknown(named)] if above.resembles(&named) => {}
            [LabelForm::Unknown(_)] => return (at, false),
            _ => return (at, group.accepts(&row)),
        }
    }
    (lines.len(), false)
}

/// Returns whether a group of labels may end before a line: it is blank, a rule, an end marker or
/// the end of the text.
fn ends_group(lines: &[TextLine], at: usize) -> bool {
    let Some(line) = lines.get(at) else {
        return true;
    };
    line.is_blank()
        || is_rule(&line.text)
        || end_marker::find_end_marker(lines, at)
            .is_some_and(|marker| line.text[..marker.start].trim().is_empty())
}
