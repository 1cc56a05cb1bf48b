//! Runs `pressrun publish`: puts the site on a branch for GitHub Pages.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use super::args::Publish;
use super::build::summary;
use super::terminal::{Terminal, bytes, count};
use super::{schedule, today, usage};
use crate::diagnostic::Code;
use crate::diagnostic::report::plain;
use crate::pipeline;
use crate::publish::github::GitHub;
use crate::publish::{self, Changes, Outcome, Report, Request, Step, Workflow, doctor};
use crate::render::Failure;
use crate::text::numbers::grouped;

pub(super) fn run(
    root: &Path,
    publish: &Publish,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    if publish.workflow {
        return workflow(root, terminal);
    }
    let allowed = publish.allow.iter().map(|name| allowed(name));
    let request = Request {
        root: root.to_owned(),
        today: today()?,
        strict: publish.strict,
        dry_run: publish.dry_run,
        no_history: publish.no_history,
        allowed: allowed.collect::<Result<_, _>>()?,
        on_wait: terminal.on_wait(),
    };
    match publish::publish(&request, &mut |step| tell(&step, terminal)) {
        Ok(report) => {
            if publish.dry_run {
                terminal.result(&listing(&report.changes));
            }
            for line in told(&report).lines() {
                terminal.status(line);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => failed(root, failure, "nothing was published", terminal),
    }
}

/// Writes the workflow file, with a daily schedule if there are scheduled posts.
fn workflow(root: &Path, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let request = pipeline::Request {
        on_wait: terminal.on_wait(),
        ..pipeline::Request::new(root, today()?)
    };
    let config = pipeline::configure(&request)?;
    // The workflow needs a schedule only if posts are waiting for their day.
    let posts = pipeline::find_waiting(&request)?;
    let ahead = posts.iter().filter(|post| post.day.is_some()).count();
    match publish::write_workflow(root, &config, ahead > 0) {
        Ok(workflow) => {
            for line in next_steps(&workflow, ahead).lines() {
                terminal.status(line);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => failed(root, failure, "nothing was written", terminal),
    }
}

/// Prints why nothing was done; a failed build is returned instead, for the caller to print.
fn failed(
    root: &Path,
    failure: publish::Failure,
    so: &str,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    match failure {
        publish::Failure::Build(failure) => Err(failure),
        publish::Failure::Refused(stops) => {
            terminal.refused(root, &stops, so);
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Describes what the workflow does, and what is left for the user to do.
fn next_steps(workflow: &Workflow, ahead: usize) -> String {
    let path = workflow.path.display();
    let done = if workflow.unchanged {
        "is as it should be"
    } else {
        "written"
    };
    let branch = &workflow.branch;
    let mut text = format!("{path}: {done}\nit builds the site after each push to `{branch}`");
    if ahead > 0 {
        let posts = count(ahead, "post that is", "posts that are");
        let _ = write!(text, ", and every day for {posts} dated ahead");
    }
    let _ = writeln!(text, "\n\nnext:\n    git add {path}");
    text += "    git commit -m \"Publish with a workflow\" && git push\n";
    let settings = workflow.github.as_ref().map(GitHub::settings_url);
    let settings = settings
        .as_deref()
        .unwrap_or("the settings of the repository");
    let _ = writeln!(
        text,
        "\nGitHub needs one setting, once: in {settings}, under \"Build and deployment\",\n\
         the source \"GitHub Actions\"",
    );
    text
}

/// Parses a code that `--allow` accepts.
fn allowed(name: &str) -> Result<Code, Failure> {
    let code = Code::from_name(name).filter(|code| doctor::ALLOWABLE.contains(code));
    code.ok_or_else(|| {
        let names = doctor::ALLOWABLE.map(Code::name).join("`, `");
        usage("--allow", format!("`--allow` takes one of `{names}`"))
    })
}

/// Prints the progress of a publication.
fn tell(step: &Step<'_>, terminal: &Terminal) {
    match step {
        Step::Built(report) => {
            terminal.findings(&report.diagnostics);
            for line in summary(report).lines() {
                terminal.status(line);
            }
            if let Some(line) = schedule::line(&report.waiting) {
                let help =
                    "each when the site is published on its day; `publish --workflow` does that";
                terminal.status(&format!("{line}, {help}"));
            }
        }
        Step::Examined(files, found) => {
            terminal.findings(found);
            let number = count(files.files.len(), "file", "files");
            let size = bytes(files.bytes());
            terminal.status(&format!(
                "to be published: {number}, {size} of the 1 GB that GitHub takes"
            ));
        }
        Step::Pushing(changes) => {
            terminal.status(&format!("pushing: {}", numbers(changes)));
        }
    }
}

/// Formats a line for each file that differs.
fn listing(changes: &Changes) -> String {
    let mut text = String::new();
    for (what, paths) in [
        ("new", &changes.added),
        ("changed", &changes.changed),
        ("removed", &changes.removed),
    ] {
        for path in paths {
            let _ = writeln!(text, "{what:<9}{}", plain(path));
        }
    }
    text
}

/// Describes how many files are new, changed and removed.
fn numbers(changes: &Changes) -> String {
    let parts = [
        (changes.added.len(), "new"),
        (changes.changed.len(), "changed"),
        (changes.removed.len(), "removed"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", grouped(number)))
        .collect();
    match parts.as_slice() {
        [] => "no file differs".to_owned(),
        _ => parts.join(", "),
    }
}

/// Describes what was done, with the address of the site and the one setting that GitHub needs.
fn told(report: &Report) -> String {
    let Report {
        address,
        remote,
        branch,
        ..
    } = report;
    let place = format!("`{branch}` of `{remote}`");
    let mut text = match &report.outcome {
        Outcome::DryRun => {
            let numbers = numbers(&report.changes);
            return format!("nothing was pushed; without --dry-run, on {place}: {numbers}");
        }
        Outcome::Unchanged => format!("nothing to push: {place} has this very site\n"),
        Outcome::Pushed { commit, created } => {
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
            "GitHub needs one setting, once: in {settings}, under \"Build and deployment\",\n\
             the source \"Deploy from a branch\" with the branch `{branch}` and the folder `/ (root)`",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_leave_out_what_there_is_none_of() {
        let mut changes = Changes::default();
        assert_eq!(numbers(&changes), "no file differs");
        changes.added = vec!["a".to_owned(), "b".to_owned()];
        changes.removed = vec!["c".to_owned()];
        assert_eq!(numbers(&changes), "2 new, 1 removed");
        assert_eq!(listing(&changes), "new      a\nnew      b\nremoved  c\n");
    }
}
