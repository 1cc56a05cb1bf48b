//! Runs `pressrun init`: creates a site.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use pressrun_site::render::CommandFailure;

use super::args::InitArgs;
use super::terminal::{Terminal, typed_path};
use crate::init::{self, InitReport};

pub(super) fn run_init(
    root: &Path,
    init: &InitArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let folder = match &init.folder {
        Some(folder) => root.join(folder),
        None => root.to_owned(),
    };
    let report = init::init_site(&folder)?;
    for line in describe_init(&report).lines() {
        terminal.print_status(line);
    }
    Ok(ExitCode::SUCCESS)
}

/// Describes what was done, and the next two commands.
fn describe_init(report: &InitReport) -> String {
    let mut text = String::new();
    let folder = typed_path(&report.folder);
    let shown = |path: &str| typed_path(&report.folder.join(path));
    for path in &report.written {
        let _ = writeln!(text, "created {}", shown(path));
    }
    for path in &report.kept {
        let _ = writeln!(text, "kept    {}, which already existed", shown(path));
    }
    if !report.not_ignored.is_empty() {
        let lines = report.not_ignored.join("` and `");
        let _ = writeln!(text, "\nadd `{lines}` to {}", shown(".gitignore"));
    }
    let _ = match &report.address {
        Some((url, from)) => writeln!(text, "\nthe site will be at {url}, according to {from}"),
        None => writeln!(
            text,
            "\nthe address of the site is not known yet: set `base_url` in {}",
            shown("site.toml")
        ),
    };
    let _ = writeln!(text, "\nnext:");
    if !folder.is_empty() {
        let _ = writeln!(text, "    cd {folder}");
    }
    text + "    pressrun serve --watch    preview it while you edit\n    \
            pressrun publish          publish it to GitHub Pages\n    \
            pressrun generate         ask a language model for posts: see `[generate]` in site.toml\n"
}
