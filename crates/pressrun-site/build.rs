//! Sets `PRESSRUN_SOURCES` to a hash of the sources, which identifies this build of the program.
//!
//! The hash is a part of the key of the cache: the program does not trust what another build
//! remembered, even if both have the same version, as two builds during development have. Only
//! the libraries are hashed, without their tests: the commands cannot change what is remembered.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::{fs, io};

fn main() {
    // Cargo runs this in the folder of the package, whose siblings are the other libraries. The hash
    // is the same in every run, because the hasher has fixed keys. A package from a registry has no
    // siblings; there the version stands for them.
    let mut hasher = DefaultHasher::new();
    let libraries = ["text", "posts", "markdown"];
    let sources = libraries.map(|name| format!("../pressrun-{name}/src"));
    for part in sources
        .iter()
        .map(|part| &**part)
        .chain(["src", "../../Cargo.lock"])
    {
        if Path::new(part).exists() {
            println!("cargo::rerun-if-changed={part}");
            let _ = add(Path::new(part), &mut hasher);
        }
    }
    println!("cargo::rustc-env=PRESSRUN_SOURCES={:016x}", hasher.finish());
}

/// Adds a file, or all files of a folder, in the order of their names.
fn add(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if !can_change_results(path) {
        return Ok(());
    }
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(path)?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<_>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(entry, hasher));
    }
    hasher.write(path.to_string_lossy().as_bytes());
    let bytes = fs::read(path)?;
    match String::from_utf8(bytes) {
        Ok(text) if path.extension().is_some_and(|ending| ending == "rs") => {
            hasher.write(without_tests(&text).as_bytes());
        }
        Ok(text) => hasher.write(text.as_bytes()),
        Err(error) => hasher.write(error.as_bytes()),
    }
    Ok(())
}

/// Returns whether a file or folder can change what is remembered.
pub(crate) fn can_change_results(path: &Path) -> bool {
    path.file_stem().is_none_or(|name| name != "tests")
}

/// Returns the source of a module without the top-level items that `cfg(test)` marks.
pub(crate) fn without_tests(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut lines = source.split_inclusive('\n');
    while let Some(line) = lines.next() {
        if line.trim_end() != "#[cfg(test)]" || line.starts_with(' ') {
            kept.push_str(line);
            continue;
        }
        // rustfmt ends an item that begins with `{` in a line of its own. Another one is a line.
        let is_block = |line: &str| line.trim_end().ends_with('{');
        if lines.next().is_some_and(is_block) {
            lines.by_ref().find(|line| line.trim_end() == "}");
        }
    }
    kept
}
