//! One post as the desk shows it: its page, its findings, its source, and what changed.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use pressrun_posts::diagnostic::{Diagnostic, Severity};
use pressrun_posts::post::review::format_text_hash;
use pressrun_site::corpus::{CorpusPost, TextDifference, find_differences};
use pressrun_site::pipeline::review::{ReviewItem, RiskWeight};
use pressrun_site::render::SiteRenderer;
use pressrun_site::review::ReviewState;
use serde::Serialize;

use super::memory::RecentStates;
use super::queue::DeskState;
use super::source::{DeskSource, read_source};
use crate::preview::snapshot::PreviewSnapshot;
use crate::preview::words::OwnWords;
use crate::review::{NO_FORMER_TEXT, describe_text, find_former_text};

/// The last line on which the first post of a file may begin so that the lines above it are shown.
const MOST_ABOVE: u32 = 100;

/// Most findings and changes that are shown of one post.
const MOST: usize = 200;

/// A post as the desk shows it.
#[derive(Debug, Serialize)]
pub(super) struct DeskPost {
    file: Arc<str>,
    line: u32,
    hash: String,
    title: String,
    /// The BCP 47 tag of its language.
    language: String,
    state: Option<DeskState>,
    risk: u32,
    /// The weights that make up the risk.
    risks: Vec<String>,
    date: Option<String>,
    /// The path of its page.
    page: String,
    /// Who approved or rejected it, when, and why.
    mark: Vec<String>,
    /// Why it cannot be approved yet.
    blocks: Vec<DeskFinding>,
    findings: Vec<DeskFinding>,
    /// What the reading repaired or removed.
    repairs: Vec<DeskFinding>,
    /// Where the source and the text that was read from it differ.
    differences: Vec<DeskDifference>,
    /// What was changed since the approval; `None` if the post is not outdated.
    since: Option<Vec<DeskDifference>>,
    /// Why that is empty, for people who read English like the findings.
    since_note: &'static str,
    source: DeskSource,
}

/// A finding, for a page of the desk.
#[derive(Debug, Serialize)]
pub(super) struct DeskFinding {
    code: &'static str,
    severity: &'static str,
    place: String,
    /// The line of the source, if the finding is about one.
    line: Option<u32>,
    message: String,
    help: Option<String>,
}

/// A passage that was changed.
#[derive(Debug, Serialize)]
struct DeskDifference {
    before: String,
    after: String,
    /// A few words before and after the passage, which did not change.
    around: [String; 2],
}

impl DeskPost {
    /// Describes a post of the queue.
    pub(super) fn new(
        snapshot: &PreviewSnapshot,
        site: &SiteRenderer,
        item: &ReviewItem,
        recent: &RecentStates,
    ) -> Self {
        let own = OwnWords::of_site(site);
        let entry = site.corpus().text(item.text);
        let source = read_post_source(snapshot, site, item);
        let since = find_changes(snapshot, site, item, entry);
        let (repairs, findings): (Vec<_>, Vec<_>) = item
            .findings
            .iter()
            .partition(|one| one.severity() == Severity::Info);
        let day = |day| own.words.locale().format_day(day);
        let mark = item.mark.as_ref().map(|mark| {
            let on = mark.on.map(day);
            [Some(mark.by.clone()), on, mark.why.clone()]
        });
        Self {
            file: item.file.clone(),
            line: item.line,
            hash: format_text_hash(item.hash),
            title: item.title.clone(),
            language: entry.language(&own.language).to_owned(),
            state: recent.state_at_desk(item),
            risk: item.risk,
            risks: item.risks.iter().map(format_weight).collect(),
            date: item.date.map(|date| day(date.day)),
            page: site.url(&entry.path),
            mark: mark.into_iter().flatten().flatten().collect(),
            blocks: item.blocks.iter().map(DeskFinding::new).collect(),
            findings: findings
                .into_iter()
                .take(MOST)
                .map(DeskFinding::new)
                .collect(),
            repairs: repairs
                .into_iter()
                .take(MOST)
                .map(DeskFinding::new)
                .collect(),
            differences: find_repairs(site, entry, &source),
            since_note: explain_since(item, since.as_deref()),
            since: since.filter(|_| item.state == ReviewState::Outdated),
            source,
        }
    }
}

impl DeskFinding {
    fn new(found: &Diagnostic) -> Self {
        Self {
            code: found.code.name(),
            severity: found.severity().name(),
            place: found.place.to_string(),
            line: found.place.line,
            message: found.message.clone(),
            help: found.help.clone(),
        }
    }
}

/// Reads the lines of a post in its file. What cannot be read is empty: the engine reports it.
fn read_post_source(
    snapshot: &PreviewSnapshot,
    site: &SiteRenderer,
    item: &ReviewItem,
) -> DeskSource {
    let sources = site.corpus().texts().map(|(_, entry)| &entry.post.source);
    let in_file = sources.filter(|source| source.file == item.file);
    let lines: Vec<u32> = in_file.map(|source| source.line).collect();
    // The lines up to the next post belong to this one.
    let end = lines.iter().copied().filter(|&line| line > item.line).min();
    // What stands above the first post of a file may have been removed from it.
    let is_first = lines.iter().all(|&line| line >= item.line);
    let first = if is_first && item.line <= MOST_ABOVE {
        1
    } else {
        item.line
    };
    read_source(&snapshot.root.join(&*item.file), first, end).unwrap_or_default()
}

fn format_weight(risk: &RiskWeight) -> String {
    format!("{} {}", risk.name, risk.weight)
}

/// Returns the passages in which an outdated post differs from the text that was approved, if that
/// is still known.
fn find_changes(
    snapshot: &PreviewSnapshot,
    site: &SiteRenderer,
    item: &ReviewItem,
    entry: &CorpusPost,
) -> Option<Vec<DeskDifference>> {
    let mark = item.mark.as_ref();
    let mark = mark.filter(|_| item.state == ReviewState::Outdated)?;
    let former = snapshot.queue()?.find_former(mark.hash, || {
        find_former_text(&snapshot.root, site.config(), &item.file, mark.hash)
    })?;
    let body = site.bodies().read_markdown(&entry.post.body).ok()?;
    let now = describe_text(&entry.post, &body);
    Some(list_differences(&former, &now))
}

/// Returns why no change of an outdated post is shown.
fn explain_since(item: &ReviewItem, since: Option<&[DeskDifference]>) -> &'static str {
    match since {
        _ if item.state != ReviewState::Outdated => "",
        None => NO_FORMER_TEXT,
        Some([]) => "only its form was changed, and no word",
        Some(_) => "",
    }
}

fn list_differences(before: &str, after: &str) -> Vec<DeskDifference> {
    let found = find_differences(before, after, MOST).into_iter();
    let found = found.map(|found: TextDifference| DeskDifference {
        before: found.first,
        after: found.other,
        around: [found.before, found.after],
    });
    found.collect()
}

/// Returns the passages in which a source differs from the body that was read from it.
fn find_repairs(
    site: &SiteRenderer,
    entry: &CorpusPost,
    source: &DeskSource,
) -> Vec<DeskDifference> {
    let extension = Path::new(&*entry.post.source.file).extension();
    let extension = extension.and_then(|extension| extension.to_str());
    // The escapes of JSON would hide everything else.
    let is_text = matches!(extension, Some("txt" | "md" | "markdown" | "text"));
    if !is_text || source.is_cut {
        return Vec::new();
    }
    let Ok(body) = site.bodies().read_markdown(&entry.post.body) else {
        return Vec::new();
    };
    let line = entry.post.source.line;
    let first = entry.post.body_lines.source_line(0).unwrap_or(line);
    let text = skip_header(source, line..first);
    list_differences(&text, &body)
}

/// Returns the text of the lines that do not belong to the header, whose lines are read as fields.
/// The header has the lines from `header.start` up to `header.end`.
fn skip_header(source: &DeskSource, header: Range<u32>) -> String {
    let lines = (source.first..).zip(&source.lines);
    let lines = lines.filter(|(number, _)| !header.contains(number));
    let lines: Vec<&str> = lines.map(|(_, line)| &**line).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_no_part_of_the_text() {
        let source = DeskSource {
            first: 1,
            lines: ["Sure!", "TITLE: A", "", "Text."].map(str::to_owned).into(),
            ..DeskSource::default()
        };
        assert_eq!(skip_header(&source, 2..4), "Sure!\nText.");
        assert_eq!(skip_header(&source, 2..2), "Sure!\nTITLE: A\n\nText.");
    }
}
