//! Writes the other way to publish: a GitHub workflow that builds the site after each push.
//!
//! The first line of the file contains a hash of the rest, which shows whether the file was edited.
//! An edited file is left alone.

use std::path::{Path, PathBuf};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::SiteDate;
use pressrun_site::config::Config;
use pressrun_site::fs;
use pressrun_site::git::{GitResult, Repository};
use pressrun_site::render;
use pressrun_text::marks::fill_placeholders;

use super::PublishFailure;
use super::doctor;
use super::github::GitHubRepository;
use super::release::find_release_repository;
use super::source;

/// Path at which GitHub looks for the workflow, from the root of the repository.
const FILE: &str = ".github/workflows/pages.yml";

/// The workflow, with placeholders for what differs between sites. The major versions of the
/// actions are those of August 2026.
const TEMPLATE: &str = include_str!("pages.yml");

/// The job that says what is missing where nothing tells from where pressrun is installed.
const FILL_IN: &str = include_str!("fill_in.yml");

/// Start of the first line; a hash of the other lines follows.
const HEAD: &str =
    "# Written by `pressrun publish --workflow`, which replaces it unless it was edited: ";

/// When the workflow runs besides after pushes. It never runs at the full hour, when most other
/// workflows do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkflowSchedule {
    /// Never.
    None,
    /// Shortly after midnight UTC.
    Daily,
    /// Shortly after each full hour.
    Hourly,
}

impl WorkflowSchedule {
    /// Returns the schedule by which these posts appear soon after their moments. Posts that all
    /// appear at midnight UTC need one run a day.
    pub fn for_posts(scheduled: impl Iterator<Item = SiteDate>) -> Self {
        let needed = scheduled.map(|date| {
            if date.moment.is_start_of_utc_day() {
                Self::Daily
            } else {
                Self::Hourly
            }
        });
        needed.max().unwrap_or(Self::None)
    }

    /// Returns the words for how often it runs.
    pub fn describe(self) -> &'static str {
        match self {
            Self::None => "never",
            Self::Daily => "every day",
            Self::Hourly => "every hour",
        }
    }

    /// Returns the schedule that the text of a workflow has.
    pub(super) fn of_workflow(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim);
        if !lines.any(|line| line == "schedule:") {
            return Self::None;
        }
        // An edited schedule may be anything; only the daily one of `pressrun` is known to be rare.
        if text.contains(CRON_DAILY) {
            Self::Daily
        } else {
            Self::Hourly
        }
    }

    fn to_yaml(self) -> String {
        let (cron, when) = match self {
            Self::None => return String::new(),
            Self::Daily => (CRON_DAILY, "on their day"),
            Self::Hourly => (CRON_HOURLY, "within the hour"),
        };
        format!(
            "  # Scheduled posts appear {when}. GitHub stops the schedules of repositories in which
  # nothing happens for 60 days.
  schedule:
    - cron: {cron}
"
        )
    }
}

const CRON_DAILY: &str = "\"17 0 * * *\"";
const CRON_HOURLY: &str = "\"17 * * * *\"";

/// The result of writing the workflow.
#[derive(Debug, PartialEq, Eq)]
pub struct WrittenWorkflow {
    /// Path of the file.
    pub path: PathBuf,
    /// Whether the file existed already and was up to date.
    pub unchanged: bool,
    /// The branch whose pushes are built.
    pub branch: String,
    /// When the workflow also runs.
    pub schedule: WorkflowSchedule,
    /// The repository on GitHub, if it is one.
    pub github: Option<GitHubRepository>,
    /// Whether the workflow knows where to install pressrun from.
    pub knows_release: bool,
}

/// Writes the workflow for the site at `root`, which also runs by a schedule.
///
/// # Errors
///
/// Returns an error if there is no repository, or if the file was edited.
pub fn write_workflow(
    root: &Path,
    config: &Config,
    schedule: WorkflowSchedule,
) -> Result<WrittenWorkflow, PublishFailure> {
    let repository = Repository::around(root)?;
    let top = repository_root(&repository, root)?;
    let path = top.join(FILE);
    let branch = find_built_branch(&repository, &config.deploy.remote);
    let text = format_workflow(&repository, &top, &branch, schedule)?;
    let known = fs::read_text(&path)?;
    let unchanged = known.as_deref().map(restore_line_ends) == Some(text.clone());
    if let Some(known) = known
        && !unchanged
        && !is_ours(&known)
    {
        let place = FilePlace::file(path.display().to_string());
        let message = "it already exists and is not as pressrun wrote it";
        let help = "move it away to get a new file, or edit it by hand";
        let found = Diagnostic::new(Code::WorkflowEdited, place, message).with_help(help);
        return Err(render::CommandFailure::Site(vec![found]).into());
    }
    if !unchanged {
        fs::write_with_folder(&path, text.as_bytes())?;
    }
    let address = doctor::look_up_push_address(&repository, root, &config.deploy.remote).ok();
    Ok(WrittenWorkflow {
        path,
        unchanged,
        branch,
        schedule,
        github: address.and_then(|address| GitHubRepository::of_remote(&address)),
        knows_release: find_release_repository().is_some(),
    })
}

/// Returns the text of a repository's workflow, if it has one.
pub(super) fn read_existing_workflow(repository: &Repository, root: &Path) -> Option<String> {
    let path = repository_root(repository, root).ok()?.join(FILE);
    fs::read_text(&path).ok()?
}

/// Returns the place of a finding about the workflow.
pub(super) fn workflow_place() -> FilePlace {
    FilePlace::file(FILE)
}

/// Returns the path of the repository's root, relative to the same folder as `root`.
fn repository_root(repository: &Repository, root: &Path) -> GitResult<PathBuf> {
    // The way up from the site, such as `../`; empty at the root of the repository.
    let up = repository.ask(["rev-parse", "--show-cdup"])?;
    let root = root.strip_prefix(".").unwrap_or(root);
    Ok(root.join(up))
}

/// Returns the default branch of the remote, or else the branch that is checked out.
fn find_built_branch(repository: &Repository, remote: &str) -> String {
    let head = format!("refs/remotes/{remote}/HEAD");
    let default = repository.look_up(["symbolic-ref", "--quiet", "--short", &head]);
    default
        .and_then(|name| Some(name.strip_prefix(remote)?.strip_prefix('/')?.to_owned()))
        .or_else(|| source::checked_out_branch(repository))
        .unwrap_or_else(|| "main".to_owned())
}

/// What differs between the workflows of sites.
struct WorkflowParts<'w> {
    branch: &'w str,
    schedule: WorkflowSchedule,
    /// The folder of the site with a `/` at its end; empty for the root of the repository.
    folder: &'w str,
    has_submodules: bool,
    has_large_files: bool,
    /// The repository that pressrun is installed from.
    release: Option<&'w str>,
}

/// Returns the contents of the file.
fn format_workflow(
    repository: &Repository,
    top: &Path,
    branch: &str,
    schedule: WorkflowSchedule,
) -> GitResult {
    let has = |file: &str, words: &str| {
        let text = fs::read_text(&top.join(file)).ok().flatten();
        text.is_some_and(|text| text.contains(words))
    };
    let parts = WorkflowParts {
        branch,
        schedule,
        folder: &repository.ask(["rev-parse", "--show-prefix"])?,
        has_submodules: has(".gitmodules", "path"),
        has_large_files: has(".gitattributes", "filter=lfs"),
        release: find_release_repository(),
    };
    Ok(parts.to_yaml())
}

impl WorkflowParts<'_> {
    fn to_yaml(&self) -> String {
        let mut checkout = String::new();
        // The checkout action fetches neither by default.
        if self.has_submodules {
            checkout += "          submodules: recursive\n";
        }
        if self.has_large_files {
            checkout += "          lfs: true\n";
        }
        let folder = self.folder;
        let here = match folder.trim_end_matches('/') {
            "" => ".",
            folder => folder,
        };
        let version = env!("CARGO_PKG_VERSION");
        let (fill_in, condition, repository) = match self.release {
            Some(address) => (String::new(), "", quote_yaml(address)),
            None => (
                FILL_IN.replace("@VERSION@", version),
                "    if: vars.PRESSRUN_REPOSITORY != ''\n",
                "${{ vars.PRESSRUN_REPOSITORY }}".to_owned(),
            ),
        };
        let values = [
            ("@FILL_IN@\n", &*fill_in),
            ("@CONDITION@\n", condition),
            ("@REPOSITORY@", &repository),
            ("@SCHEDULE@\n", &self.schedule.to_yaml()),
            ("@CHECKOUT@\n", &checkout),
            ("@BRANCH@", &quote_yaml(self.branch)),
            ("@FOLDER@", &quote_yaml(here)),
            ("@CACHE@", &quote_yaml(&format!("{folder}.pressrun"))),
            ("@PUBLIC@", &quote_yaml(&format!("{folder}public"))),
            ("@VERSION@", version),
        ];
        let rest = fill_placeholders(TEMPLATE, &values);
        format!("{HEAD}{}\n{rest}", hash_workflow(&rest))
    }
}

/// Returns whether a file is exactly as pressrun wrote it, in this version or an earlier one.
fn is_ours(text: &str) -> bool {
    let text = restore_line_ends(text);
    let (head, rest) = text.split_once('\n').unwrap_or_default();
    head.strip_prefix(HEAD) == Some(&hash_workflow(rest))
}

fn hash_workflow(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// Restores the line endings that the text was written with, since git may have changed them.
fn restore_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Quotes a text as a YAML string.
fn quote_yaml(text: &str) -> String {
    if text.contains(|c: char| c.is_control()) {
        // A JSON string is also a YAML string.
        return serde_json::Value::from(text).to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::stated_date::parse_stated_date;
    use pressrun_posts::post::{SiteZone, StatedDate};

    use super::*;

    #[test]
    fn posts_with_times_need_a_run_each_hour_and_days_of_utc_one_a_day() {
        let schedule = |zone: &str, dates: &[&str]| {
            let zone = SiteZone::parse(zone).unwrap();
            let read = |text: &&str| -> StatedDate { parse_stated_date(text).unwrap() };
            WorkflowSchedule::for_posts(dates.iter().map(|text| zone.place_date(read(text))))
        };
        assert_eq!(schedule("UTC", &[]), WorkflowSchedule::None);
        assert_eq!(schedule("UTC", &["2026-01-02"]), WorkflowSchedule::Daily);
        let times = ["2026-01-02", "2026-01-02 08:00"];
        assert_eq!(schedule("UTC", &times), WorkflowSchedule::Hourly);
        assert_eq!(
            schedule("Asia/Tokyo", &["2026-01-02"]),
            WorkflowSchedule::Hourly
        );
        for known in [WorkflowSchedule::Daily, WorkflowSchedule::Hourly] {
            assert_eq!(WorkflowSchedule::of_workflow(&known.to_yaml()), known);
        }
    }

    /// Returns the workflow of a site at the root of its repository.
    fn format_parts(release: Option<&str>) -> String {
        let parts = WorkflowParts {
            branch: "main",
            schedule: WorkflowSchedule::Daily,
            folder: "",
            has_submodules: false,
            has_large_files: false,
            release,
        };
        // Both change with every version.
        let text = parts.to_yaml();
        let (head, rest) = text.split_once('\n').unwrap();
        assert!(head.starts_with(HEAD));
        rest.replace(env!("CARGO_PKG_VERSION"), "VERSION")
    }

    #[test]
    fn release_is_installed_from_where_it_was_built() {
        let text = format_parts(Some("https://github.com/me/pressrun"));
        snapbox::assert_data_eq!(
            text,
            snapbox::file!["../../tests/workflow/release.yml"].raw()
        );
    }

    #[test]
    fn where_no_release_is_known_the_workflow_says_what_to_fill_in() {
        let text = format_parts(None);
        snapbox::assert_data_eq!(
            text,
            snapbox::file!["../../tests/workflow/fill-in.yml"].raw()
        );
    }

    #[test]
    fn edited_file_is_not_ours() {
        let text = format!("{HEAD}{}\na\nb\n", hash_workflow("a\nb\n"));
        assert!(is_ours(&text));
        assert!(is_ours(&text.replace('\n', "\r\n")));
        assert!(!is_ours(&text.replace("b\n", "c\n")));
        assert!(!is_ours("name: pages\n"));
        assert!(!is_ours(""));
    }
}
