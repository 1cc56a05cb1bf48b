//! Reads any bytes as a cache entry, with and without a valid header, and as the locations of a
//! body. The result must be a value or nothing.

use std::path::PathBuf;
use std::sync::LazyLock;

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::post::Post;
use pressrun_site::cache::{BuildCache, Fingerprint, StoredBody, StoredPage};
use pressrun_site::fs::FileStamp;
use serde::ser::{Serialize, SerializeTuple, Serializer};

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| super::folder("cache"));

/// The shape of a cache entry of a content file.
type Remembered = (
    String,
    Option<FileStamp>,
    Fingerprint,
    Vec<Post<StoredBody>>,
    Vec<Diagnostic>,
);

/// Checks one input.
pub fn check_cache(bytes: &[u8]) {
    let cache = BuildCache::open(&ROOT, "fuzz", Fingerprint::default(), || {});
    std::fs::write(ROOT.join(".pressrun/fuzz/whole"), bytes).unwrap();
    assert!(cache.get_entry::<String>("whole").is_none());
    cache.put_entry("entry", &Raw(bytes));
    cache.get_entry::<StoredPage>("entry");
    cache.get_entry::<Vec<Diagnostic>>("entry");
    cache.get_entry::<Vec<Remembered>>("entry");
    std::fs::write(ROOT.join(".pressrun/fuzz/bodies-0"), bytes).unwrap();
    for bodies in [cache.bodies(0), BuildCache::disabled().bodies(0)] {
        // A body states its length, and memory of that size is allocated before the file is read.
        if let Some(body) = cache
            .get_entry::<StoredBody>("entry")
            .filter(|body| body.stored_bytes() < 1 << 20)
        {
            let _ = bodies.read_markdown(&body);
            let _ = bodies.read_page(&body);
        }
    }
}

/// Bytes that are serialised unchanged.
struct Raw<'b>(&'b [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for byte in self.0 {
            tuple.serialize_element(byte)?;
        }
        tuple.end()
    }
}
