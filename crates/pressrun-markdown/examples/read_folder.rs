//! Reads all files of a folder as a build does and prints how long each part takes: what a profiler
//! needs, compiled without the rest of the program.
//!
//! Run it with `cargo run --release -p pressrun-markdown --example read_folder -- FOLDER`, for
//! example with a folder that `bench/corpus.py` made. `--no-highlight` leaves code without colours.
//! `--hash` prints a number that stands for the HTML and the subjects, so that two versions can be compared.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::ExitCode;
use std::time::Instant;

use pressrun_markdown::{RenderOptions, render_markdown};
use pressrun_posts::content_file::{FileInput, ReadSettings, read_file};
use pressrun_text::similarity;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let (flags, folders): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let [folder] = &*folders else {
        eprintln!("which folder?");
        return ExitCode::from(2);
    };
    let files = match read_files(folder) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("cannot read `{folder}`: {error}");
            return ExitCode::from(2);
        }
    };
    let options = RenderOptions {
        highlight: !flags.contains(&"--no-highlight".to_owned()),
        ..RenderOptions::default()
    }
    .in_language("en");
    let settings = ReadSettings::default();
    let posts = time_part("read", || {
        let results = files.iter().map(|file| read_file(file, &settings));
        results.flat_map(|result| result.posts).collect::<Vec<_>>()
    });
    let pages = time_part("render", || {
        let bodies = posts.iter();
        bodies
            .map(|post| render_markdown(&post.body, &options))
            .collect::<Vec<_>>()
    });
    let profiles = time_part("compare", || {
        let profiles = posts.iter();
        profiles
            .map(|post| similarity::profile_text(&post.title, &post.body, "en"))
            .collect::<Vec<_>>()
    });
    if flags.contains(&"--hash".to_owned()) {
        let mut hasher = DefaultHasher::new();
        for (page, profile) in pages.iter().zip(&profiles) {
            page.html_as_written().hash(&mut hasher);
            page.ids.hash(&mut hasher);
            profile.subjects.hash(&mut hasher);
        }
        println!("{:016x}", hasher.finish());
    }
    ExitCode::SUCCESS
}

/// Reads the files of a folder, in the order of their names.
fn read_files(folder: &str) -> std::io::Result<Vec<FileInput>> {
    let entries = fs::read_dir(folder)?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    let read = |path: std::path::PathBuf| {
        Ok(FileInput {
            bytes: fs::read(&path)?,
            path: path.to_string_lossy().into(),
        })
    };
    paths.into_iter().map(read).collect()
}

fn time_part<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{name:8} {:6.0} ms", start.elapsed().as_secs_f64() * 1e3);
    result
}
