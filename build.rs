//! Sets `PRESSRUN_SOURCES` to a hash of the sources, which identifies this build of the program.
//!
//! The program does not trust what another build remembered, even if both have the same version, as
//! two builds during development have.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::{fs, io};

fn main() {
    // Cargo runs this in the folder of the package. The hash is the same in every run, because the
    // hasher has fixed keys.
    let mut hasher = DefaultHasher::new();
    for part in ["src", "templates", "static", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={part}");
        // A packaged copy may lack one of these.
        let _ = add(Path::new(part), &mut hasher);
    }
    println!("cargo::rustc-env=PRESSRUN_SOURCES={:016x}", hasher.finish());
}

/// Adds a file, or all files of a folder in the order of their names.
fn add(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(path)?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<_>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(entry, hasher));
    }
    hasher.write(path.to_string_lossy().as_bytes());
    hasher.write(&fs::read(path)?);
    Ok(())
}
