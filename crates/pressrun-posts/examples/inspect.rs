//! Prints how one file is read, as JSON: the crate used alone, without a site.
//!
//! Run it with `cargo run -p pressrun-posts --example inspect -- FILE`. The words `inspect --format
//! json` before the file are allowed, so that it can stand in for `pressrun`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::path::Path;
use std::process::ExitCode;

use pressrun_posts::content_file::{FileInput, ReadSettings, file_result_to_json, read_file};
use pressrun_posts::diagnostic::Severity;

fn main() -> ExitCode {
    let Some(file) = std::env::args().skip(1).last() else {
        eprintln!("which file?");
        return ExitCode::from(2);
    };
    let bytes = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("cannot read `{file}`: {error}");
            return ExitCode::from(2);
        }
    };
    let name = Path::new(&file)
        .file_name()
        .map(|name| name.to_string_lossy());
    let path = format!("content/{}", name.unwrap_or_default());
    let input = FileInput {
        path: path.into(),
        bytes,
    };
    let result = read_file(&input, &ReadSettings::default());
    println!("{:#}", file_result_to_json(&result));
    let failed = result
        .diagnostics
        .iter()
        .any(|found| found.severity() == Severity::Error);
    ExitCode::from(u8::from(failed))
}
