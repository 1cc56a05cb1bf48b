//! Reads any bytes as a content file.

use pressrun_posts::content_file::{FileInput, ReadSettings, read_file};

/// Checks one input.
pub fn check_ingest(bytes: &[u8]) {
    // The file extension decides how text that is not JSON is read.
    let endings = ["txt", "md", "json", "jsonl", "mdx"];
    let ending = endings[bytes
        .first()
        .map_or(0, |byte| *byte as usize % endings.len())];
    let input = FileInput {
        path: format!("content/2024-01-02-a.{ending}").into(),
        bytes: bytes.to_vec(),
    };
    let result = read_file(&input, &ReadSettings::default());
    super::assert_no_panic(&result.diagnostics);
    for post in &result.posts {
        assert!(!post.title.is_empty() && !post.slug.is_empty() && !post.body.trim().is_empty());
        assert!(!post.slug.contains(['/', '\\', '.']));
        super::assert_clean(post);
    }
    super::assert_answered(&result);
}
