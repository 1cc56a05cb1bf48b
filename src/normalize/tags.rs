//! Chooses the tags of a post (R11.3, R11.5 of the ingest contract).

use super::fields::Fields;
use super::keywords;
use super::settings::Settings;
use crate::diagnostic::{Code, Finding, quoted};
use crate::parse::label::Label;
use crate::parse::value::items;
use crate::post::{Origin, tag};
use crate::text::blocks::{Block, blocks};
use crate::text::line::Line;
use crate::text::words;

/// Returns the given tags, otherwise the keywords, without repetition; `None` if there are neither.
pub fn given(
    fields: &Fields,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> Option<(Vec<String>, Origin)> {
    let (given, origin) = fields
        .get(Label::Tags)
        .or_else(|| fields.get(Label::Keywords))?;
    let tags = merged(given.value.items(), settings, given.line, findings);
    Some((tags, origin))
}

/// Merges items with the same key into one tag, which keeps the first spelling.
fn merged(
    items: Vec<String>,
    settings: &Settings,
    line: u32,
    findings: &mut Vec<Finding>,
) -> Vec<String> {
    let mut tags: Vec<String> = Vec::with_capacity(items.len());
    let mut keys = std::collections::HashMap::with_capacity(items.len());
    for item in items {
        let mut key = tag::key(&item);
        let mut name = item;
        if let Some(alias) = settings.tag_alias(&key) {
            alias.clone_into(&mut name);
            key = tag::key(&name);
        }
        if let Some(&first) = keys.get(&key) {
            let first: &String = &tags[first];
            // A mere repetition is not worth a report.
            if *first != name {
                let message = format!("the tag {} is the same as {}", quoted(&name), quoted(first));
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
pub fn of_heading(
    body: &mut Vec<Line>,
    at: usize,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> Option<Vec<String>> {
    let after = body.get(at..)?;
    let (lines, items) = blocks(after)
        .take_while(Block::is_heading)
        .find_map(|block| {
            let text = block.text(after);
            Some((block.lines, tag_items(&text)?))
        })?;
    let line = after[lines.start].number;
    body.drain(at + lines.start..at + lines.end);
    Some(merged(items, settings, line, findings))
}

/// Returns the items of a heading that lists tags: three or more short ones.
fn tag_items(text: &str) -> Option<Vec<String>> {
    const MIN_ITEMS: usize = 3;
    const MAX_WORDS: usize = 4;
    const MAX_CHARACTERS: usize = 40;
    // Cheap check before splitting; most headings have no commas.
    let commas = text.matches([',', '，', '、']).count();
    if commas + 1 < MIN_ITEMS {
        return None;
    }
    let fits =
        |item: &String| words::count(item) <= MAX_WORDS && item.chars().count() <= MAX_CHARACTERS;
    let items = items(text);
    (items.len() >= MIN_ITEMS && items.iter().all(fits)).then_some(items)
}

/// Derives tags from the title and text of a post without tags.
pub fn generated(
    (title, body): (&str, &[Line]),
    language: &str,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> (Vec<String>, Origin) {
    let tags = if settings.generate_tags {
        keywords::of(title, body, language)
    } else {
        Vec::new()
    };
    if tags.is_empty() {
        return (tags, Origin::None);
    }
    let message = format!("tags were made from the text: {}", quoted(&tags.join(", ")));
    findings.push(Finding::in_file(Code::TagsGenerated, message));
    (tags, Origin::Derived)
}
