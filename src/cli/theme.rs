//! Runs `pressrun theme`: lists the files of the theme, or copies them for editing.

use std::path::Path;
use std::process::ExitCode;

use pressrun_site::render::CommandFailure;

use super::args::ThemeArgs;
use super::terminal::{Terminal, typed_path};
use crate::theme::export::{ExportReport, export_theme, list_theme_files};

pub(super) fn run_theme(
    root: &Path,
    theme: &ThemeArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let Some(names) = &theme.export else {
        for file in list_theme_files() {
            let is_own = root.join(&file.path).exists();
            let state = if is_own {
                "  (replaced by the site's)"
            } else {
                ""
            };
            terminal.print_result(&format!("{}{state}\n", file.path));
        }
        terminal.print_status("\ncopy files for editing: pressrun theme --export FILE...");
        return Ok(ExitCode::SUCCESS);
    };
    let folder = theme.into.as_deref().unwrap_or(root);
    let report = export_theme(folder, names, theme.force)?;
    print_export(&report, terminal);
    Ok(ExitCode::SUCCESS)
}

fn print_export(report: &ExportReport, terminal: &Terminal) {
    for path in &report.written {
        terminal.print_result(&format!("wrote {}\n", typed_path(path)));
    }
    for path in &report.kept {
        terminal.print_status(&format!(
            "kept  {}, which already existed",
            typed_path(path)
        ));
    }
    if !report.kept.is_empty() {
        terminal.print_aside("--force replaces files that already exist");
    }
}
