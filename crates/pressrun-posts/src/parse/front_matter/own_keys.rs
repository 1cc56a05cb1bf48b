//! The keys that pressrun itself writes into front matter: where a post came from, and what people
//! said about it.

use crate::parse::key_value::{KeyEntry, KeyValue};
use crate::post::review::parse_text_hash;
use crate::post::{ReviewMark, ReviewRecord};

/// The key for the value of the author inside the record of `pressrun ingest`, which has the key
/// `source` itself.
pub const GIVEN_SOURCE: &str = "given";

/// The record of `pressrun ingest` of a post that `pressrun generate` made, before it said so.
const REPLIES: &str = "generated/replies.jsonl";

/// Takes approvals and rejections out of front matter, and notes whether its post was generated. A
/// value of another kind under the same key stays, such as `approved: true`.
pub(super) fn take_review_mark(entry: KeyEntry, review: &mut ReviewRecord) -> Option<KeyEntry> {
    if is_ingest_record(&entry) {
        let text = |key| {
            entry
                .value
                .get_normalised(key)
                .and_then(KeyValue::scalar_text)
        };
        review.generated = text("generated") == Some("true")
            || text("file").is_some_and(|file| file.ends_with(REPLIES));
        if text("cutoff") == Some("true") {
            review.cut_off_at = text("words").and_then(parse_text_hash);
        }
    }
    let target = match &*entry.key {
        "approved" => &mut review.approved,
        "rejected" => &mut review.rejected,
        _ => return Some(entry),
    };
    match ReviewMark::from_extra(&entry.value.clone().into_extra()) {
        Some(mark) => {
            *target = Some(mark);
            None
        }
        None => Some(entry),
    }
}

fn is_ingest_record(entry: &KeyEntry) -> bool {
    let has = |key| entry.value.get_normalised(key).is_some();
    entry.key == "source" && has("file") && has("reply") && has("hash")
}

/// Drops the record that `pressrun ingest` keeps of where a post came from, but not the value of
/// the author that it may hold.
pub(super) fn strip_ingest_record(entry: KeyEntry) -> Option<KeyEntry> {
    if !is_ingest_record(&entry) {
        return Some(entry);
    }
    let value = entry.value.get_normalised(GIVEN_SOURCE)?.clone();
    Some(KeyEntry { value, ..entry })
}
