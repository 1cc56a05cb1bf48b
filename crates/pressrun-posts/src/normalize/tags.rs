//! Chooses the tags of a post (R11.3, R11.5 of the ingest contract).

use pressrun_text::blocks::{Block, iter_blocks};
use pressrun_text::line::TextLine;
use pressrun_text::words;

use super::fields::PostFields;
use super::keywords;
use super::settings::ReadSettings;
use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::label::Label;
use crate::parse::value::parse_list_items;
use crate::post::{FieldSource, tag};

/// Returns the given tags, otherwise the keywords, without repetition; `None` if there are neither.
pub fn choose_given_tags(
    fields: &PostFields,
    settings: &ReadSettings,
    findings: &mut Vec<Finding>,
) -> Option<(Vec<String>, FieldSource)> {
    let (given, origin) = fields
        .get(Label::Tags)
        .or_else(|| fields.get(Label::Keywords))?;
    let tags = merge_tags(given.value.items(), settings, given.line, findings);
    Some((tags, origin))
}

/// Merges items with the same key into one tag, which keeps the first spelling.
fn merge_tags(
    items: Vec<String>,
    settings: &ReadSettings,
    line: u32,
    findings: &mut Vec<Finding>,
) -> Vec<String> {
    let mut tags: Vec<String> = Vec::with_capacity(items.len());
    let mut keys = std::collections::HashMap::with_capacity(items.len());
    for item in items {
        let mut key = tag::tag_key(&item);
        let mut name = item;
        if let Some(alias) = settings.tag_alias(&key) {
            alias.clone_into(&mut name);
            key = tag::tag_key(&name);
        }
        if let Some(&first) = keys.get(&key) {
            let first: &String = &tags[first];
            // A mere repetition is not worth a report.
            if *first != name {
                let message = format!(
                    "the tag {} is the same as {}",
                    quote_for_message(&name),
                    quote_for_message(first)
                );
                findings.push(Finding::new(Code::TagsMerged, line, message));
            }
            continue;
        }
        keys.insert(key, tags.len());
        tags.push(name);
    }
    tags
}

/// Takes the tags from a heading that follows the title in the same run of headings (R11.5).
///
/// `at` is the line of the body where the title was.
pub fn take_heading_tags(
    body: &mut Vec<TextLine>,
    at: usize,
    settings: &ReadSettings,
    findings: &mut Vec<Finding>,
) -> Option<Vec<String>> {
    let after = body.get(at..)?;
    let (lines, items) = iter_blocks(after)
        .take_while(Block::is_heading)
        .find_map(|block| {
            let text = block.text(after);
            Some((block.lines, parse_tag_heading(&text)?))
        })?;
    let line = after[lines.start].number;
    body.drain(at + lines.start..at + lines.end);
    Some(merge_tags(items, settings, line, findings))
}

/// Returns the items of a heading that lists tags: three or more short ones.
fn parse_tag_heading(text: &str) -> Option<Vec<String>> {
    const MIN_ITEMS: usize = 3;
    const MAX_WORDS: usize = 4;
    const MAX_CHARACTERS: usize = 40;
    // Cheap check before splitting; most headings have no commas.
    let commas = text.matches([',', '，', '、', '،']).count();
    if commas + 1 < MIN_ITEMS {
        return None;
    }
    let fits = |item: &String| {
        words::count_words(item) <= MAX_WORDS && item.chars().count() <= MAX_CHARACTERS
    };
    let items = parse_list_items(text);
    (items.len() >= MIN_ITEMS && items.iter().all(fits)).then_some(items)
}

/// Derives tags from the title and text of a post without tags.
pub fn generate_tags(
    (title, body): (&str, &[TextLine]),
    language: &str,
    settings: &ReadSettings,
    findings: &mut Vec<Finding>,
) -> (Vec<String>, FieldSource) {
    let tags = if settings.generate_tags {
        keywords::derive_keywords(title, body, language)
    } else {
        Vec::new()
    };
    if tags.is_empty() {
        return (tags, FieldSource::None);
    }
    let message = format!(
        "tags were made from the text: {}",
        quote_for_message(&tags.join(", "))
    );
    findings.push(Finding::in_file(Code::TagsGenerated, message));
    (tags, FieldSource::Derived)
}
