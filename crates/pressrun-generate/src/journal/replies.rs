//! `replies.jsonl`: the replies of a journal, one a topic, in a shape that `ingest` reads.
//!
//! The file is derived: whoever loses it gets it again from the journal.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use pressrun_posts::parse::json::GENERATED_BY;
use pressrun_site::error::{Result, SystemError};
use pressrun_site::fs;
use serde::Serialize;

use super::{AcceptedReply, FOLDER, Journal, JournalRecord, RecordPlace, TopicState, Verdict};

/// The name of the file, beside the journal.
pub const REPLIES_FILE: &str = "replies.jsonl";

/// A line of the file.
///
/// The keys are those that `ingest` knows of records. A post is a draft until a person approves it.
#[derive(Serialize)]
struct ReplyRecord<'a> {
    id: &'a str,
    topic: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
    draft: bool,
    /// [`GENERATED_BY`]: the post may need an approval, wherever the record goes.
    generated_by: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    model: &'a str,
    finish_reason: &'static str,
    response: &'a str,
}

/// Writes the replies of a journal below `root` and returns their number. `language` is that of the
/// site, which the records do not repeat.
///
/// The file is replaced in one step, and not touched if nothing changed.
pub fn write_replies(journal: &Journal, root: &Path, language: &str) -> Result<usize> {
    let folder = root.join(FOLDER);
    let path = folder.join(REPLIES_FILE);
    let failed = |error| SystemError::new("write", &path, error);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pressrun-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(&folder).map_err(failed)?;
    let mut out = BufWriter::new(file.as_file_mut());
    let mut count = 0;
    for (id, state) in journal.states() {
        let Some(line) = format_reply(journal, id, state, language)? else {
            continue;
        };
        out.write_all(&line).map_err(failed)?;
        count += 1;
    }
    out.flush().map_err(failed)?;
    drop(out);
    if count == 0 && !path.exists() {
        return Ok(0);
    }
    if is_same_file(file.path(), &path).map_err(failed)? {
        return Ok(count);
    }
    if let Ok(data) = std::fs::metadata(&path) {
        fs::copy_permissions(&data, file.path())?;
    }
    // Without this, a power failure could leave a renamed but empty file.
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(count)
}

/// Returns the line of a topic, or `None` if it has no reply that could become a post.
fn format_reply(
    journal: &Journal,
    id: &str,
    state: &TopicState,
    language: &str,
) -> Result<Option<Vec<u8>>> {
    let Some((text, finish_reason)) = find_reply(state) else {
        return Ok(None);
    };
    let text = journal.read_text(text)?;
    let topic = match state.topic {
        Some(place) => journal.read_record(place)?,
        None => JournalRecord::Unknown,
    };
    let topic = match topic {
        JournalRecord::Asked(record) => record.topic,
        JournalRecord::Batched(record) => record.topic,
        _ => None,
    }
    .unwrap_or_default();
    let stated = Some(&*topic.language);
    let record = ReplyRecord {
        id,
        topic: &topic.text,
        language: stated.filter(|own| !own.is_empty() && !own.eq_ignore_ascii_case(language)),
        slug: topic.slug.as_deref(),
        date: topic.date.as_deref(),
        draft: true,
        generated_by: GENERATED_BY.1,
        model: &state.model,
        finish_reason,
        response: &text,
    };
    let mut line = serde_json::to_vec(&record)
        .map_err(|error| SystemError::new("write", journal.path(), error.into()))?;
    line.push(b'\n');
    Ok(Some(line))
}

/// Returns the reply that becomes a post, and how its generation ended.
///
/// A reply that was cut off, or whose category is not in the list, is worth the work of a person. The
/// others stay in the journal.
fn find_reply(state: &TopicState) -> Option<(RecordPlace, &'static str)> {
    if let Some(AcceptedReply { text, .. }) = state.accepted {
        return Some((text, "stop"));
    }
    match state.verdict()? {
        Verdict::CutOff => Some((state.text?, "length")),
        Verdict::OffList => Some((state.text?, "stop")),
        _ => None,
    }
}

fn is_same_file(first: &Path, second: &Path) -> io::Result<bool> {
    let Ok(second) = File::open(second) else {
        return Ok(false);
    };
    let first = File::open(first)?;
    if first.metadata()?.len() != second.metadata()?.len() {
        return Ok(false);
    }
    let (mut first, mut second) = (BufReader::new(first), BufReader::new(second));
    let (mut a, mut b) = ([0; 1 << 14], [0; 1 << 14]);
    loop {
        let read = first.read(&mut a)?;
        if read == 0 {
            return Ok(true);
        }
        second.read_exact(&mut b[..read])?;
        if a[..read] != b[..read] {
            return Ok(false);
        }
    }
}
