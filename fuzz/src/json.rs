//! Reads any text as JSON of any shape: a chat export, the output of a batch, a list of posts, a
//! post.

use pressrun_posts::content_file::{FileInput, ReadSettings, read_file};

/// Checks one input.
pub fn check_json(bytes: &[u8]) {
    let text = super::text_of(bytes);
    for ending in ["json", "jsonl"] {
        let input = FileInput {
            path: format!("content/a.{ending}").into(),
            bytes: text.as_bytes().to_vec(),
        };
        let result = read_file(&input, &ReadSettings::default());
        super::assert_no_panic(&result.diagnostics);
        // A line may end in any of the ways that systems end lines.
        let ends = text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        let lines = ends.count() as u32 + 1;
        for post in &result.posts {
            assert!(!post.title.is_empty() && !post.slug.is_empty());
            assert!(post.source.line <= lines);
            super::assert_clean(post);
        }
        assert!(
            result
                .diagnostics
                .iter()
                .all(|one| one.place.line.is_none_or(|line| line <= lines))
        );
        super::assert_answered(&result);
    }
}
