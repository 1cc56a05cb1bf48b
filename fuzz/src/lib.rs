//! What the targets have in common: a folder of their own for those that need files.

use std::path::PathBuf;

/// An empty folder among the temporary files. `TMPDIR` on a memory file system makes it quick.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pressrun-fuzz-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("temporary files can be written");
    folder.canonicalize().expect("the folder was just made")
}
