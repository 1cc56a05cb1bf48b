//! The keys that pressrun itself writes into front matter: where a post came from, and what people
//! said about it.

use pressrun_text::fence::Fence;
use pressrun_text::line::number_and_fence_lines;

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

/// Returns whether a text has the record of a post of `pressrun generate` outside of code, in
/// whatever state its front matter is.
pub fn names_generated_source(text: &str) -> bool {
    // Most texts have neither.
    let finds = |part: &str| memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    if !finds("generated: true") && !finds(REPLIES) {
        return false;
    }
    let lines = number_and_fence_lines(text);
    let mut plain = lines.iter().filter(|line| line.fence == Fence::Outside);
    plain.any(|line| {
        let text = line.text.trim();
        text == "generated: true" || (text.starts_with("file:") && text.ends_with(REPLIES))
    })
}

fn is_ingest_record(entry: &KeyEntry) -> bool {
    let has = |key| entry.value.get_normalised(key).is_some();
    entry.key.eq_ignore_ascii_case("source") && has("file") && has("reply") && has("hash")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_record_of_a_generated_post_is_noticed_outside_of_code() {
        for (text, expected) in [
            (
                "<<<<<<< HEAD\ntitle: a\n=======\nsource:\n  generated: true\n",
                true,
            ),
            ("text\nsource:\n\tfile: generated/replies.jsonl\n", true),
            ("```yaml\nsource:\n  generated: true\n```\n", false),
            ("It says generated: true.\n", false),
        ] {
            assert_eq!(names_generated_source(text), expected, "{text}");
        }
    }
}
