//! Runs `pressrun publish`: puts the site on a branch for GitHub Pages.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use pressrun_posts::diagnostic::Code;
use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_site::pipeline::{self, DatesAhead};
use pressrun_site::render::CommandFailure;
use pressrun_text::numbers::group_thousands;

use super::args::{OutputFormat, PublishArgs};
use super::build::summarize_build;
use super::json::{
    JsonOutput, PublicationNotes, publication_to_json, refusal_to_json, workflow_to_json,
};
use super::progress::StageReporter;
use super::terminal::{Terminal, count_with_noun, format_bytes};
use super::{current_moment, schedule, usage_failure};
use crate::publish::github::GitHubRepository;
use crate::publish::{
    self, MovedPage, PublishOutcome, PublishReport, PublishRequest, PublishStep, TreeChanges,
    WorkflowSchedule, WrittenWorkflow, doctor,
};
use crate::theme::THEME;

pub(super) fn run_publish(
    root: &Path,
    publish: &PublishArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    if publish.workflow {
        return run_write_workflow(root, publish, terminal);
    }
    let allowed = publish.allow.iter().map(|name| parse_allowed_code(name));
    let request = PublishRequest {
        root: root.to_owned(),
        present: current_moment()?,
        strict: publish.strict,
        dry_run: publish.dry_run,
        no_history: publish.no_history,
        allowed: allowed.collect::<Result<_, _>>()?,
        on_wait: terminal.on_wait(),
        on_stage: StageReporter::show_stage,
    };
    let stages = StageReporter::begin(terminal.shows_progress());
    let as_json = publish.format == OutputFormat::Json;
    let mut notes = PublicationNotes::default();
    let mut show = |step: PublishStep<'_>| {
        if as_json {
            notes.add_step(&step);
        } else {
            StageReporter::print_aside(|| print_publish_step(&step, terminal));
        }
        if matches!(step, PublishStep::Pushing(_)) {
            StageReporter::show_stage("push");
        }
    };
    let published = publish::publish_site(&request, &mut show);
    // The line must be gone before anything else is printed.
    drop(stages);
    match published {
        Ok(report) if as_json => {
            terminal.print_json(JsonOutput::Publish, publication_to_json(&report, notes));
            Ok(ExitCode::SUCCESS)
        }
        Ok(report) => {
            if publish.dry_run {
                terminal.print_result(&list_changed_files(&report.changes));
            }
            for line in describe_publication(&report).lines() {
                terminal.print_status(line);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => print_publish_failure(root, publish, failure, terminal),
    }
}

/// Writes the workflow file, with a schedule if posts wait for their moment or expire.
fn run_write_workflow(
    root: &Path,
    publish: &PublishArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let request = pipeline::BuildRequest {
        on_wait: terminal.on_wait(),
        ..pipeline::BuildRequest::new(root, THEME, current_moment()?)
    };
    let config = pipeline::load_request_config(&request)?;
    // The workflow needs a schedule only if posts are waiting for their day.
    let ahead = pipeline::find_dates_ahead(&request)?;
    let dates = ahead.appear.iter().chain(&ahead.expire);
    let schedule = WorkflowSchedule::for_posts(dates.copied());
    match publish::write_workflow(root, &config, schedule) {
        Ok(workflow) if publish.format == OutputFormat::Json => {
            let output = workflow_to_json(&workflow, &ahead);
            terminal.print_json(JsonOutput::PublishWorkflow, output);
            Ok(ExitCode::SUCCESS)
        }
        Ok(workflow) => {
            for line in describe_next_steps(&workflow, &ahead).lines() {
                terminal.print_status(line);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => print_publish_failure(root, publish, failure, terminal),
    }
}

/// Prints why nothing was done; a failed build is returned instead, for the caller to print.
fn print_publish_failure(
    root: &Path,
    publish: &PublishArgs,
    failure: publish::PublishFailure,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    match failure {
        publish::PublishFailure::Build(failure) => Err(failure),
        publish::PublishFailure::Refused(stops) => {
            if publish.format == OutputFormat::Json {
                terminal.print_json(JsonOutput::Failure, refusal_to_json(&stops));
            }
            let so = if publish.workflow {
                "nothing was written"
            } else {
                "nothing was published"
            };
            terminal.print_refusal(root, &stops, so);
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Describes what the workflow does, and what is left for the user to do.
fn describe_next_steps(workflow: &WrittenWorkflow, ahead: &DatesAhead) -> String {
    let path = workflow.path.display();
    let done = if workflow.unchanged {
        "up to date"
    } else {
        "written"
    };
    let branch = &workflow.branch;
    let mut text = format!("{path}: {done}\nit builds the site after each push to `{branch}`");
    let posts = [
        (ahead.appear.len(), "scheduled post"),
        (ahead.expire.len(), "expiring post"),
    ];
    let posts = posts.into_iter().filter(|(number, _)| *number > 0);
    let posts = posts.map(|(number, noun)| count_with_noun(number, noun, &format!("{noun}s")));
    let posts = posts.collect::<Vec<_>>().join(" and ");
    if !posts.is_empty() {
        let how_often = workflow.schedule.describe();
        let _ = write!(text, ", and {how_often} because of {posts}");
    }
    let _ = writeln!(text, "\n\nnext:\n    git add {path}");
    text += "    git commit -m \"Publish with a workflow\" && git push\n";
    let settings = workflow.github.as_ref().map(GitHubRepository::settings_url);
    let settings = settings
        .as_deref()
        .unwrap_or("the settings of the repository");
    let _ = writeln!(
        text,
        "\nthis setting on GitHub is needed once: in {settings}, under \"Build and deployment\",\n\
         the source \"GitHub Actions\"",
    );
    if !workflow.knows_release {
        let variables = workflow
            .github
            .as_ref()
            .map(GitHubRepository::variables_url);
        let variables = variables
            .as_deref()
            .unwrap_or("the settings of the repository");
        let _ = writeln!(
            text,
            "\nthis pressrun was not built by a release, so the workflow does not know where to install it from:\n\
             set the variable `PRESSRUN_REPOSITORY` in {variables}\n\
             to the address of the repository whose releases have pressrun {}; until then nothing is published",
            env!("CARGO_PKG_VERSION")
        );
    }
    text
}

/// Parses a code that `--allow` accepts.
fn parse_allowed_code(name: &str) -> Result<Code, CommandFailure> {
    let code = Code::from_name(name).filter(|code| doctor::ALLOWABLE.contains(code));
    code.ok_or_else(|| {
        let names = doctor::ALLOWABLE.map(Code::name).join("`, `");
        usage_failure("--allow", format!("`--allow` takes one of `{names}`"))
    })
}

/// Prints the progress of a publication.
fn print_publish_step(step: &PublishStep<'_>, terminal: &Terminal) {
    match step {
        PublishStep::Built(report) => {
            let findings = &report.findings;
            terminal.print_findings(&findings.diagnostics, Some(findings.ledger.replies));
            for line in summarize_build(report).lines() {
                terminal.print_status(line);
            }
            if let Some(line) = schedule::summarize_schedule(&findings.unpublished) {
                let help = "each appears when the site is published then; `publish --workflow` does \
                            that by itself";
                terminal.print_status(&format!("{line}, {help}"));
            }
        }
        PublishStep::Offline(refusal) => {
            let remote = "the remote cannot be reached, so this dry run compares with what was last seen of it";
            terminal.print_status(&format!("{remote} ({})", refusal.command));
        }
        PublishStep::Moved(pages) => {
            for line in describe_moved_pages(pages).lines() {
                terminal.print_status(line);
            }
        }
        PublishStep::Examined(files, found) => {
            terminal.print_findings(found, None);
            let number = count_with_noun(files.files.len(), "file", "files");
            let size = format_bytes(files.bytes());
            terminal.print_status(&format!(
                "to be published: {number}, {size} of the 1 GB that GitHub allows"
            ));
        }
        PublishStep::Pushing(changes) => {
            terminal.print_status(&format!("pushing: {}", count_changed_files(changes)));
        }
    }
}

/// The most pages with another address that are named.
const MOST_NAMED: usize = 10;

/// Names the pages that have another address than on the published site.
fn describe_moved_pages(pages: &[MovedPage]) -> String {
    let mut text = String::new();
    for page in pages.iter().take(MOST_NAMED) {
        let (from, to) = (sanitize_line(&page.from), sanitize_line(&page.to));
        let _ = writeln!(text, "moved: {from} leads to {to} from now on");
    }
    if pages.len() > MOST_NAMED {
        let more = count_with_noun(pages.len() - MOST_NAMED, "address leads", "addresses lead");
        let _ = writeln!(text, "moved: {more} to the new places of their posts");
    }
    text
}

/// Formats a line for each file that differs.
fn list_changed_files(changes: &TreeChanges) -> String {
    let mut text = String::new();
    for (what, paths) in [
        ("new", &changes.added),
        ("changed", &changes.changed),
        ("removed", &changes.removed),
    ] {
        for path in paths {
            let _ = writeln!(text, "{what:<9}{}", sanitize_line(path));
        }
    }
    text
}

/// Describes how many files are new, changed and removed.
fn count_changed_files(changes: &TreeChanges) -> String {
    let parts = [
        (changes.added.len(), "new"),
        (changes.changed.len(), "changed"),
        (changes.removed.len(), "removed"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", group_thousands(number)))
        .collect();
    match parts.as_slice() {
        [] => "no changes".to_owned(),
        _ => parts.join(", "),
    }
}

/// Describes what was done, with the address of the site and the one setting that GitHub needs.
fn describe_publication(report: &PublishReport) -> String {
    let PublishReport {
        address,
        remote,
        branch,
        ..
    } = report;
    let place = format!("`{branch}` of `{remote}`");
    let mut text = match &report.outcome {
        PublishOutcome::DryRun => {
            let numbers = count_changed_files(&report.changes);
            return format!("nothing was pushed; without --dry-run, on {place}: {numbers}");
        }
        PublishOutcome::Unchanged => format!("nothing to push: {place} is up to date\n"),
        PublishOutcome::Pushed { commit, created } => {
            // As git abbreviates a commit.
            let short = &commit[..commit.len().min(10)];
            let new = if *created { ", a new branch" } else { "" };
            format!("pushed {short} to {place}{new}\n")
        }
    };
    let _ = writeln!(text, "published: {address}");
    if let Some(github) = &report.github {
        let settings = github.settings_url();
        let _ = writeln!(
            text,
            "this setting on GitHub is needed once: in {settings}, under \"Build and \
             deployment\",\n\
             the source \"Deploy from a branch\" with the branch `{branch}` and the folder `/ (root)`",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_zero_are_left_out() {
        let mut changes = TreeChanges::default();
        assert_eq!(count_changed_files(&changes), "no changes");
        changes.added = vec!["a".to_owned(), "b".to_owned()];
        changes.removed = vec!["c".to_owned()];
        assert_eq!(count_changed_files(&changes), "2 new, 1 removed");
        assert_eq!(
            list_changed_files(&changes),
            "new      a\nnew      b\nremoved  c\n"
        );
    }
}
