//! Runs stages with a cache of the site. If the cache is damaged or cannot be written, it is emptied
//! or given up, and the stages run once more.

use std::io::ErrorKind;
use std::sync::Arc;

use super::content::content_cache_key;
use super::request::{BuildRequest, StageInputs};
use crate::cache::BuildCache;
use crate::config::Config;
use crate::render::CommandFailure;

/// Name of the cache for builds.
pub const BUILD_CACHE: &str = "build";

/// Runs stages with the cache `name`, and waits until no other process uses it.
pub(super) fn run_with_cache<T>(
    request: &BuildRequest,
    config: &Arc<Config>,
    name: &str,
    run: impl Fn(&StageInputs<'_>) -> Result<T, CommandFailure>,
) -> Result<T, CommandFailure> {
    let key = content_cache_key(config);
    let cache = BuildCache::open(&request.root, name, key, request.on_wait);
    if request.force {
        cache.clear();
    }
    let (result, _) = with_healing(cache, |cache| {
        run(&StageInputs {
            request,
            config,
            cache,
        })
    })?;
    Ok(result)
}

/// Calls `run` with a cache. If that fails because of the cache, calls it once more: with the
/// emptied cache if it was damaged, else without one. Returns the cache to go on with.
pub(super) fn with_healing<T>(
    cache: BuildCache,
    run: impl Fn(&BuildCache) -> Result<T, CommandFailure>,
) -> Result<(T, BuildCache), CommandFailure> {
    let error = match run(&cache) {
        Ok(result) => return Ok((result, cache)),
        Err(CommandFailure::Machine(error)) if cache.contains_path(error.path()) => error,
        Err(failure) => return Err(failure),
    };
    cache.clear();
    let cache = if error.kind() == ErrorKind::InvalidData {
        cache
    } else {
        // The cache cannot be written, for example because the disk is full.
        cache.disable_after(&error)
    };
    let result = run(&cache)?;
    Ok((result, cache))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::cache::{FOLDER, Fingerprint};
    use crate::error::SystemError;

    /// Runs a stage that fails the first time with an error of this kind, about a file of the
    /// cache or of the site. Returns how often it ran, and what the cache remembers at the end.
    fn check(in_cache: bool, kind: ErrorKind, expected: (u32, bool, Option<&str>)) {
        let root = tempfile::tempdir().unwrap();
        let cache = BuildCache::open(root.path(), "test", Fingerprint::default(), || {});
        cache.put_entry("old", &"old".to_owned());
        let folder = root.path().join(if in_cache { FOLDER } else { "content" });
        let runs = Cell::new(0);
        let result = with_healing(cache, |cache| {
            runs.set(runs.get() + 1);
            if runs.get() == 1 {
                let path = folder.join("test/bodies-0");
                return Err(SystemError::new("read", &path, kind.into()).into());
            }
            assert_eq!(cache.get_entry::<String>("old"), None);
            cache.put_entry("new", &"new".to_owned());
            Ok(())
        });
        let is_done = result.is_ok();
        let kept = result
            .ok()
            .and_then(|((), cache)| cache.get_entry::<String>("new"));
        assert_eq!((runs.get(), is_done, kept.as_deref()), expected);
    }

    #[test]
    fn damaged_cache_is_emptied_and_used_again() {
        check(true, ErrorKind::InvalidData, (2, true, Some("new")));
    }

    #[test]
    fn cache_that_cannot_be_written_is_given_up() {
        check(true, ErrorKind::StorageFull, (2, true, None));
    }

    #[test]
    fn error_outside_the_cache_is_not_tried_again() {
        check(false, ErrorKind::InvalidData, (1, false, None));
    }
}
