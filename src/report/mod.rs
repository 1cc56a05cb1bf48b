//! Reports on a site for its owner: how many posts it has of each kind, what is wrong with them,
//! and what is scheduled.
//!
//! [`numbers`] counts, [`page`] renders the counts as one self-contained HTML file with the charts
//! that [`chart`] draws, and [`report_json`] serialises them for programs.
//!
//! Not here: how a site is read (`pipeline::report_data`), and rules for posts (`pressrun-posts`).

pub mod chart;
mod charts;
pub mod numbers;
pub mod page;

use std::path::{Component, Path, PathBuf};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::cache;
use pressrun_site::config::Config;
use pressrun_site::discover;
use pressrun_site::fs;
use pressrun_site::pipeline::BuildRequest;
use pressrun_site::render::links::encode_rooted_path;
use pressrun_site::render::{self, CommandFailure};
use serde::Serialize;

use page::PageLook;

pub use numbers::{ROWS, ReportNumbers};

/// Returns where a report is written by default: inside the cache folder, which is never published
/// and may be deleted at any time.
pub fn default_report_path(root: &Path) -> PathBuf {
    root.join(cache::FOLDER).join("report.html")
}

/// Renders numbers as a page for the file `file`.
///
/// # Errors
///
/// As [`page::render_report_page`].
pub fn report_html(
    numbers: &ReportNumbers,
    config: &Config,
    root: &Path,
    file: &Path,
) -> Result<String, CommandFailure> {
    let [red, green, blue] = config.theme.accent_rgb();
    let look = PageLook {
        accent: format!("#{red:02x}{green:02x}{blue:02x}"),
        messages: config.messages.messages.clone(),
        language: config.language.clone(),
        root: relative_address(&fs::resolve_path(file), &fs::resolve_path(root)),
    };
    page::render_report_page(numbers, &look).map_err(|error| CommandFailure::Site(vec![error]))
}

/// Serialises the same numbers as JSON that names its schema.
pub fn report_json(numbers: &ReportNumbers, schema: &str) -> String {
    let numbers = ReportJson { schema, numbers };
    // Serialising cannot fail: all keys are strings, and no number is infinite or NaN.
    let json = serde_json::to_string_pretty(&numbers);
    json.expect("numbers are JSON") + "\n"
}

#[derive(Serialize)]
struct ReportJson<'a> {
    schema: &'a str,
    #[serde(flatten)]
    numbers: &'a ReportNumbers,
}

/// Writes a report, and creates its folder if it is missing.
///
/// # Errors
///
/// Returns an error if the place would be published, or if writing fails.
pub fn write_report(request: &BuildRequest, file: &Path, text: &str) -> Result<(), CommandFailure> {
    // Through links and `..`, so that no spelling of the path gets past the check.
    let place = fs::resolve_path(file);
    for folder in list_published_folders(request) {
        if place.starts_with(fs::resolve_path(&folder)) {
            let name = folder.strip_prefix(".").unwrap_or(&folder).display();
            let message = format!("a report in `{name}` would be published with the site");
            let found = Diagnostic::new(Code::Usage, FilePlace::file("--output"), message);
            return Err(CommandFailure::Site(vec![
                found.with_help("write it to another folder"),
            ]));
        }
    }
    fs::write_with_folder(file, text.as_bytes())?;
    Ok(())
}

/// Returns the folders whose files are published or determine what is published.
fn list_published_folders(request: &BuildRequest) -> Vec<PathBuf> {
    let sources = render::SOURCES.into_iter().chain([discover::FOLDER]);
    let sources = sources.map(|folder| request.root.join(folder));
    sources.chain([request.output_folder()]).collect()
}

/// Returns the relative address of `folder` as seen from a page in `file`, without a `/` at the
/// end. Both paths are absolute.
fn relative_address(file: &Path, folder: &Path) -> String {
    let Some(path) = fs::relative_path(file.parent().unwrap_or(file), folder) else {
        // They are on different drives, so no relative path exists.
        let whole = fs::path_with_slashes(folder);
        return format!("file://{}", encode_rooted_path(&whole));
    };
    let encode = |name: Component<'_>| {
        let name = name.as_os_str().to_string_lossy();
        encode_rooted_path(&name).trim_start_matches('/').to_owned()
    };
    let names: Vec<String> = path.components().map(encode).collect();
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn way_to_the_site_is_relative_and_encoded() {
        for (file, folder, expected) in [
            ("/blog/.pressrun/report.html", "/blog", ".."),
            ("/blog/report.html", "/blog", "."),
            (
                "/tmp/report.html",
                "/home/me/my blog?",
                "../home/me/my%20blog%3F",
            ),
            ("/report.html", "/blog", "blog"),
        ] {
            assert_eq!(
                relative_address(Path::new(file), Path::new(folder)),
                expected
            );
        }
    }
}
