//! Reads the posts of sources without writing anything, for a look at what is there.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use pressrun_posts::content_file::{CategoryPolicy, ReadSettings};
use pressrun_posts::post::TextRole;
use pressrun_site::cache::StoredBody;
use pressrun_site::corpus::DatedPost;
use pressrun_site::render::CommandFailure;

use super::reader::SourceReader;
use super::{FOLDER, IngestPhase, IngestWatcher, is_error, requests, sources};

/// What sources hold.
#[derive(Debug, Default)]
pub struct SourcePosts {
    /// The number of their files.
    pub files: usize,
    /// Their posts in order, without their texts.
    pub posts: Vec<DatedPost>,
    /// The number of replies that are not posts.
    pub rejected: usize,
    /// The path of each source from the folder of the site.
    pub names: Vec<String>,
}

/// Reads sources for a site at `root`, which need not exist yet: every category counts, and nothing
/// is derived.
///
/// # Errors
///
/// Returns an error if a source does not exist, or if the machine cannot read any more files.
pub fn read_source_posts(
    root: &Path,
    paths: &[PathBuf],
    watcher: &mut dyn IngestWatcher,
) -> Result<SourcePosts, CommandFailure> {
    let found = sources::find_sources(root, paths, &root.join(FOLDER))?;
    let mut settings = ReadSettings::default();
    settings.categories = CategoryPolicy::Open;
    settings.generate_tags = false;
    settings.gives_opinions = false;
    settings.requests = Arc::new(requests::read_request_book(&found.files));
    let reader = SourceReader {
        files: &found.files,
        settings: &settings,
    };
    let mut all = SourcePosts {
        files: found.files.len(),
        names: paths
            .iter()
            .map(|path| sources::name_source(root, path))
            .collect(),
        ..SourcePosts::default()
    };
    watcher.begin(IngestPhase::Read, reader.bytes());
    reader.process_pieces(
        |_| true,
        |_, _, records| {
            let posts = records.posts.into_iter();
            let posts = posts.filter(|post| post.role() == TextRole::Post);
            // Texts are not kept, so that sources of any size fit into memory.
            let posts = posts.map(|post| DatedPost {
                post: Arc::new(post.with_body(StoredBody::default())),
                ..DatedPost::default()
            });
            let rejected = records.diagnostics.iter().filter(|found| is_error(found));
            (posts.collect::<Vec<_>>(), rejected.count())
        },
        |(posts, rejected), bytes| {
            all.posts.extend(posts);
            all.rejected += rejected;
            watcher.advance(bytes);
            Ok(())
        },
    )?;
    Ok(all)
}
