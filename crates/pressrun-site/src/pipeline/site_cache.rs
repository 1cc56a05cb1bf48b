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
