//! Takes artifacts out of the text around them: `<antArtifact …>` … `</antArtifact>` (R2.8 of the
//! ingest contract).
//!
//! Not here: the artifacts of an export, which are blocks of JSON (`json::chat_documents`).

use std::collections::HashMap;

use memchr::memmem;
use pressrun_text::entities::decode_entities;
use pressrun_text::fence::{Fence, FenceTracker};
use pressrun_text::html;
use pressrun_text::inline_code::find_code_spans;
use pressrun_text::line::TextLine;

use super::chat::{ChatMessage, ChatRole};
use super::json::{DocumentTitle, is_text_artifact};
use super::part;
use crate::diagnostic::{Code, Finding, quote_for_message};

/// An artifact that holds text.
#[derive(Debug)]
pub struct TaggedArtifact<'a> {
    /// Its text.
    pub lines: Vec<TextLine<'a>>,
    /// Its title.
    pub title: Option<String>,
    /// Its name, by which a later text replaces it.
    id: Option<String>,
    /// The line of its tag, counted from 1.
    line: u32,
}

/// The artifacts in a text.
#[derive(Debug, Default)]
pub struct TaggedArtifacts<'a> {
    /// Those that hold text, in order; at least one.
    pub artifacts: Vec<TaggedArtifact<'a>>,
    /// The first line of the text around them, for a message.
    around: Option<(u32, String)>,
    /// The line of the first one that holds something else, and their number.
    skipped: Option<(u32, usize)>,
}

impl TaggedArtifacts<'_> {
    /// Returns the finding for the text around the artifacts, if there is any.
    pub fn report_text_around(&self) -> Option<Finding> {
        let (line, text) = self.around.as_ref()?;
        let message = format!(
            "the text around the artifact was removed: {}",
            quote_for_message(text)
        );
        Some(Finding::new(Code::ChatTextRemoved, *line, message))
    }

    fn add(&mut self, open: Option<OpenArtifact>) {
        let Some(OpenArtifact {
            tag, line, lines, ..
        }) = open
        else {
            return;
        };
        if !tag.holds_text {
            let (_, count) = self.skipped.get_or_insert((line, 0));
            *count += 1;
            return;
        }
        self.artifacts.push(TaggedArtifact {
            lines,
            title: tag.title,
            id: tag.id,
            line,
        });
    }

    fn note_around(&mut self, text: &str, line: u32) {
        if self.around.is_none() && !text.trim().is_empty() {
            self.around = Some((line, text.trim().to_owned()));
        }
    }
}

const OPENING: &str = "<antArtifact";
const CLOSING: &str = "</antArtifact>";

/// Returns whether a text may contain an artifact.
pub fn may_have_artifacts(lines: &[TextLine]) -> bool {
    let finder = memmem::Finder::new(OPENING);
    lines
        .iter()
        .any(|line| finder.find(line.text.as_bytes()).is_some())
}

/// Takes the artifacts out of a text, or returns its lines if none of them holds text.
///
/// An artifact without an end cannot be told from the text after it. It is reported, and stays.
pub fn take_artifacts<'a>(
    mut lines: Vec<TextLine<'a>>,
    findings: &mut Vec<Finding>,
) -> Result<TaggedArtifacts<'a>, Vec<TextLine<'a>>> {
    if !may_have_artifacts(&lines) {
        return Err(lines);
    }
    // A draft of an artifact may be part of the reasoning.
    let reasoning = part::remove_reasoning(&mut lines);
    findings.extend(reasoning.map(part::report_reasoning));
    let mut taken = TaggedArtifacts::default();
    let mut fences = FenceTracker::default();
    let mut open: Option<OpenArtifact> = None;
    for line in &lines {
        let mut rest = &*line.text;
        let mut in_fence = match &mut open {
            Some(open) => open.fences.classify_next(rest),
            None => fences.classify_next(rest),
        } != Fence::Outside;
        // A line may end one artifact and begin the next.
        loop {
            if let Some(artifact) = &mut open {
                let Some(length) = artifact.add_line(rest, line.number, in_fence) else {
                    break;
                };
                rest = &rest[length..];
                taken.add(open.take());
                fences = FenceTracker::default();
            } else if let Some(tag) = find_opening_tag(rest).filter(|_| !in_fence) {
                taken.note_around(&rest[..tag.start], line.number);
                rest = &rest[tag.end..];
                open = Some(OpenArtifact::new(tag, line.number));
            } else {
                taken.note_around(rest, line.number);
                break;
            }
            // The line of a tag is no line of a fence.
            in_fence = false;
        }
    }
    if let Some(artifact) = open {
        let (line, holds_text) = (artifact.line, artifact.tag.holds_text);
        match artifact.end_in_fence() {
            Some(artifact) => taken.add(Some(artifact)),
            None if holds_text => findings.push(report_unread_artifact(line)),
            None => {}
        }
    }
    if taken.artifacts.is_empty() {
        return Err(lines);
    }
    if let Some((line, count)) = taken.skipped {
        let message = format!("artifacts that are not text were skipped: {count}");
        findings.push(Finding::new(Code::MessageSkipped, line, message));
    }
    keep_last_states(&mut taken.artifacts);
    Ok(taken)
}

/// The tag that opens an artifact, with its place in a line.
struct OpeningTag {
    start: usize,
    end: usize,
    holds_text: bool,
    title: Option<String>,
    id: Option<String>,
}

/// Finds the first opening tag of a line outside inline code.
fn find_opening_tag(line: &str) -> Option<OpeningTag> {
    let start = memmem::find_iter(line.as_bytes(), OPENING).find(|&at| {
        let spans = find_code_spans(line);
        !spans.iter().any(|span| span.outer.contains(&at))
    })?;
    let tag = html::parse_tag(&line[start..]).filter(|tag| tag.name.len() + 1 == OPENING.len())?;
    let attribute = |name: &str| Some(decode_entities(tag.attribute(name)?).into_owned());
    Some(OpeningTag {
        start,
        end: start + tag.length,
        holds_text: attribute("type").is_none_or(|kind| is_text_artifact(&kind)),
        title: attribute("title").filter(|title| !title.trim().is_empty()),
        id: attribute("identifier"),
    })
}

/// An artifact whose end has not been found yet.
struct OpenArtifact {
    tag: OpeningTag,
    line: u32,
    lines: Vec<TextLine<'static>>,
    fences: FenceTracker,
    /// The last closing tag inside a fence, as the index of a line and a position in it.
    closing_in_fence: Option<(usize, usize)>,
}

impl OpenArtifact {
    fn new(tag: OpeningTag, line: u32) -> Self {
        Self {
            tag,
            line,
            lines: Vec::new(),
            fences: FenceTracker::default(),
            closing_in_fence: None,
        }
    }

    /// Adds a line, or its start if the artifact ends on it. Returns the length of that start with
    /// the closing tag.
    fn add_line(&mut self, text: &str, number: u32, in_fence: bool) -> Option<usize> {
        let found = memmem::find(text.as_bytes(), CLOSING.as_bytes());
        let kept = match found {
            Some(at) if !in_fence => &text[..at],
            _ => text,
        };
        if let Some(at) = found.filter(|_| in_fence) {
            self.closing_in_fence = Some((self.lines.len(), at));
        }
        self.lines.push(TextLine::new(kept.to_owned(), number));
        found.filter(|_| !in_fence).map(|at| at + CLOSING.len())
    }

    /// Ends the artifact at a closing tag inside a fence: its last fence was not closed.
    fn end_in_fence(mut self) -> Option<Self> {
        let (index, at) = self.closing_in_fence?;
        self.lines.truncate(index + 1);
        let last = self.lines[index].text.to_mut();
        last.truncate(at);
        Some(self)
    }
}

/// Keeps the last text of each id, in the place of the first.
fn keep_last_states(artifacts: &mut Vec<TaggedArtifact>) {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<TaggedArtifact> = Vec::new();
    for artifact in artifacts.drain(..) {
        let place = artifact
            .id
            .clone()
            .map(|id| *places.entry(id).or_insert(kept.len()));
        match place.filter(|&place| place < kept.len()) {
            Some(place) => kept[place] = artifact,
            None => kept.push(artifact),
        }
    }
    *artifacts = kept;
}

fn report_unread_artifact(line: u32) -> Finding {
    let message = "an artifact without an end was not read";
    Finding::new(Code::ArtifactUnread, line, message)
        .with_help("put `</antArtifact>` after its text")
}

/// Puts the artifacts of a chat in the place of the messages that contain them.
///
/// A later text of the same artifact replaces the earlier one.
pub fn separate_artifacts<'a>(
    messages: Vec<ChatMessage<'a>>,
    findings: &mut Vec<Finding>,
) -> Vec<ChatMessage<'a>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut separated: Vec<ChatMessage> = Vec::with_capacity(messages.len());
    for mut message in messages {
        if message.side != ChatRole::Assistant || message.document.is_some() {
            separated.push(message);
            continue;
        }
        let taken = match take_artifacts(std::mem::take(&mut message.lines), findings) {
            Ok(taken) => taken,
            Err(lines) => {
                message.lines = lines;
                separated.push(message);
                continue;
            }
        };
        let mut around = taken.report_text_around();
        for artifact in taken.artifacts {
            let document = ChatMessage {
                side: ChatRole::Assistant,
                lines: artifact.lines,
                line: artifact.line,
                date: message.date.clone(),
                ending: message.ending,
                document: Some(DocumentTitle(artifact.title)),
                findings: around.take().into_iter().collect(),
            };
            let known = artifact.id.as_ref().and_then(|id| places.get(id));
            if let Some(&place) = known {
                separated[place] = document;
            } else {
                places.extend(artifact.id.map(|id| (id, separated.len())));
                separated.push(document);
            }
        }
    }
    separated
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, number_lines};

    use super::*;

    /// Checks the texts of the artifacts, and whether there is text around them.
    #[track_caller]
    fn check(text: &str, expected: Option<(&[&str], bool)>) {
        let mut findings = Vec::new();
        let taken = take_artifacts(number_lines(text), &mut findings).ok();
        let found = taken.as_ref().map(|taken| {
            let texts = taken.artifacts.iter();
            let texts: Vec<String> = texts
                .map(|artifact| join_lines(&artifact.lines).trim().to_owned())
                .collect();
            (texts, taken.report_text_around().is_some())
        });
        let expected = expected.map(|(texts, around)| {
            let texts = texts.iter().map(|&text| text.to_owned());
            (texts.collect::<Vec<_>>(), around)
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn artifacts_of_text_are_taken_out() {
        check(
            "Here:\n<antArtifact identifier=\"a\" type=\"text/markdown\" title=\"T\">\n# a\n\nb\n</antArtifact>\nBye.",
            Some((&["# a\n\nb"], true)),
        );
        check("<antArtifact>a</antArtifact>\n", Some((&["a"], false)));
        check(
            "<antArtifact type='text/html'>a</antArtifact><antArtifact>b\n\nc</antArtifact>",
            Some((&["a", "b\n\nc"], false)),
        );
    }

    #[test]
    fn code_is_left_out() {
        let code = "<antArtifact type=\"application/vnd.ant.code\">a</antArtifact>";
        check(code, None);
        check(
            &format!("{code}\n<antArtifact>b</antArtifact>"),
            Some((&["b"], false)),
        );
    }

    #[test]
    fn last_text_of_an_id_counts() {
        check(
            "<antArtifact identifier=a>1</antArtifact><antArtifact identifier=b>2</antArtifact>\n<antArtifact identifier=a>3</antArtifact>",
            Some((&["3", "2"], false)),
        );
    }

    #[test]
    fn tags_in_code_are_code() {
        check("Use `<antArtifact>a</antArtifact>` here.", None);
        check("```\n<antArtifact>a</antArtifact>\n```", None);
        check(
            "<antArtifact>\n```\n</antArtifact>\n```\na\n</antArtifact>",
            Some((&["```\n</antArtifact>\n```\na"], false)),
        );
        check(
            "<antArtifact>\na\n```\nb\n</antArtifact>\nc",
            Some((&["a\n```\nb"], false)),
        );
    }

    #[test]
    fn artifact_without_an_end_stays_and_is_reported() {
        let mut findings = Vec::new();
        let lines = number_lines("a\n<antArtifact>\nb");
        assert!(take_artifacts(lines, &mut findings).is_err());
        assert_eq!(findings[0].code, Code::ArtifactUnread);
        assert_eq!(findings[0].line, Some(2));
        check("<antArtifactual>a", None);
    }

    #[test]
    fn hostile_tags_take_linear_time() {
        for unit in [
            "<antArtifact ",
            "`<antArtifact>",
            "<antArtifact>\n",
            "</antArtifact><antArtifact>",
        ] {
            drop(take_artifacts(
                number_lines(&unit.repeat(20_000)),
                &mut Vec::new(),
            ));
        }
    }
}
