//! Reports file names that Windows does not allow. A site with such names cannot be built, unpacked
//! or checked out there.
//!
//! Not here: paths that differ only on some systems (`plan`).

use std::collections::HashSet;

use pressrun_posts::diagnostic::{Code, Diagnostic};

use super::pages::RenderJob;
use crate::corpus::Corpus;
use crate::corpus::page_path::is_portable_name;

/// Returns a warning for each forbidden name, at the first file that contains it.
pub(super) fn check_portable_names(jobs: &[RenderJob], corpus: &Corpus) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for job in jobs {
        let Some(unportable) = job.file().split('/').find(|name| !is_portable_name(name)) else {
            continue;
        };
        let end = job.file().find(unportable).unwrap_or(0) + unportable.len();
        // A folder with such a name is reported once, not for each file in it.
        if !seen.insert(&job.file()[..end]) {
            continue;
        }
        let message = format!(
            "{} needs the name `{unportable}`, which Windows does not allow",
            job.describe(corpus)
        );
        let warning = Diagnostic::new(Code::NameNotPortable, job.source_place(corpus), message);
        found.push(warning.with_help("give the post a SLUG, or give the tag or file another name"));
    }
    found
}
