//! Runs `pressrun check`: prints every diagnostic of the site, sorted by place.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use pressrun_posts::diagnostic::report::{self, DiagnosticStyle};
use pressrun_posts::diagnostic::{
    Code, Diagnostic, DiagnosticGroup, Severity, count_severity, group_diagnostics,
};
use pressrun_site::corpus::UnpublishedPost;
use pressrun_site::fs;
use pressrun_site::pipeline::{self, BuildRequest, SiteFindings};
use pressrun_site::render::CommandFailure;
use serde_json::{Value, json};

use super::args::{CheckArgs, CheckFormat};
use super::json::{JsonOutput, list_diagnostics};
use super::progress::StageReporter;
use super::terminal::{Terminal, count_with_noun};
use super::{current_moment, parse_allowed, parse_base_url, schedule, unknown_code, usage_failure};
use crate::publish::PublishedFiles;
use crate::publish::doctor::{self, DoctorSubject};
use crate::theme::THEME;

pub(super) fn run_check(
    root: &Path,
    check: &CheckArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let denied = check
        .deny
        .iter()
        .map(|name| DeniedFinding::parse(name))
        .collect::<Result<Vec<_>, _>>()?;
    let allowed = parse_allowed(&check.allow)?;
    refuse_allowed_and_denied(&allowed, &denied)?;
    let request = BuildRequest {
        base_url: parse_base_url(check.base_url.as_deref())?,
        thorough: true,
        allowed,
        on_wait: terminal.on_wait(),
        on_stage: StageReporter::show_stage,
        ..BuildRequest::new(root, THEME, current_moment()?)
    };
    let stages = StageReporter::begin(terminal.shows_progress());
    let checked = if check.deploy {
        check_deployed_site(request)
    } else {
        pipeline::check_site(&request)
    };
    // The line must be gone before anything else is printed.
    drop(stages);
    let SiteFindings {
        diagnostics: found,
        unpublished,
        ..
    } = checked?;
    match check.format {
        CheckFormat::Text => {
            terminal.print_result(&format_findings(&found, &denied, terminal));
            if !terminal.is_quiet() {
                terminal.print_result(&summarize_findings(&found, terminal.style()));
                terminal.print_result(&schedule::format_schedule(&unpublished, terminal));
            }
        }
        CheckFormat::Json => {
            terminal.print_json(JsonOutput::Check, findings_to_json(&found, &unpublished));
        }
        CheckFormat::Github => terminal.print_data(&format_workflow_commands(&found)),
    }
    let failed = found.iter().any(|one| fails(one, &denied));
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Builds the site into a temporary folder, and runs the deployment checks on it too.
fn check_deployed_site(mut request: BuildRequest) -> Result<SiteFindings, CommandFailure> {
    // The folder is removed when this function returns.
    let folder = fs::create_temporary_folder()?;
    request.output = Some(folder.path().to_owned());
    request.once = true;
    let config = pipeline::load_request_config(&request)?;
    let mut findings = pipeline::build_site(&request)?.findings;
    let found = doctor::examine_site(&DoctorSubject {
        root: &request.root,
        config: &config,
        address_given: request.base_url.is_some(),
        files: &PublishedFiles::in_folder(folder.path()),
        findings: &findings,
    });
    findings.diagnostics.extend(found);
    findings.diagnostics.sort();
    Ok(findings)
}

/// What makes the command fail, besides errors.
enum DeniedFinding {
    Code(Code),
    Warnings,
}

impl DeniedFinding {
    fn parse(name: &str) -> Result<Self, CommandFailure> {
        match (name, Code::from_name(name)) {
            // No code has this name, so it cannot hide one.
            ("warnings", _) => Ok(Self::Warnings),
            (_, Some(code)) => Ok(Self::Code(code)),
            _ => Err(unknown_code("--deny", name)),
        }
    }

    fn matches(&self, found: &Diagnostic) -> bool {
        match self {
            Self::Code(code) => found.code == *code,
            Self::Warnings => found.severity() == Severity::Warning,
        }
    }
}

/// Refuses a command line that allows and denies the same code.
fn refuse_allowed_and_denied(
    allowed: &[Code],
    denied: &[DeniedFinding],
) -> Result<(), CommandFailure> {
    let both = allowed.iter().find(|code| {
        let is_same =
            |denied: &DeniedFinding| matches!(denied, DeniedFinding::Code(one) if one == *code);
        denied.iter().any(is_same)
    });
    match both {
        Some(code) => {
            let message = format!("`--allow` and `--deny` both name `{code}`; keep one of them");
            Err(usage_failure("--allow", message))
        }
        None => Ok(()),
    }
}

/// Returns whether a diagnostic makes the command fail.
fn fails(found: &Diagnostic, denied: &[DeniedFinding]) -> bool {
    found.severity() == Severity::Error || denied.iter().any(|denied| denied.matches(found))
}

/// Formats one line for each diagnostic; with `--quiet`, for each that makes the command fail.
fn format_findings(found: &[Diagnostic], denied: &[DeniedFinding], terminal: &Terminal) -> String {
    let style = terminal.style();
    let mut text = String::new();
    for one in found {
        if terminal.shows(one.severity()) || fails(one, denied) {
            let _ = writeln!(text, "{}", style.format_line(one));
        }
    }
    text
}

/// Formats the number of diagnostics of each code.
fn summarize_findings(found: &[Diagnostic], style: DiagnosticStyle) -> String {
    let groups = group_diagnostics(found);
    let mut text = String::new();
    if !groups.is_empty() {
        text.push('\n');
    }
    for DiagnosticGroup { code, found } in &groups {
        let name = style.severity(code.severity(), code.name());
        let _ = writeln!(text, "{:>7} {name}: {}", found.len(), code.meaning());
    }
    let of = |severity| count_severity(&groups, severity);
    let _ = writeln!(
        text,
        "{}, {}, {}",
        count_with_noun(of(Severity::Error), "error", "errors"),
        count_with_noun(of(Severity::Warning), "warning", "warnings"),
        count_with_noun(of(Severity::Info), "note", "notes"),
    );
    text
}

fn findings_to_json(found: &[Diagnostic], unpublished: &[UnpublishedPost]) -> Value {
    json!({ "diagnostics": list_diagnostics(found), "waiting": schedule::schedule_to_json(unpublished) })
}

/// Formats workflow commands for GitHub Actions, which shows them beside the lines of a change.
fn format_workflow_commands(found: &[Diagnostic]) -> String {
    let mut text = String::new();
    for one in found {
        let command = match one.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let _ = write!(
            text,
            "::{command} file={}",
            escape_command_property(&one.place.file)
        );
        if let Some(line) = one.place.line {
            let _ = write!(text, ",line={line}");
        }
        if let Some(column) = one.place.column {
            let _ = write!(text, ",col={column}");
        }
        let mut message = one.message.clone();
        if let Some(help) = &one.help {
            let _ = write!(message, "\n{help}");
        }
        let _ = writeln!(
            text,
            ",title={}::{}",
            one.code,
            escape_command_message(&message)
        );
    }
    text
}

/// Escapes a text for the message of a workflow command.
fn escape_command_message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            // A workflow log is shown in a terminal too.
            c if report::is_terminal_control(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Escapes a text for a property of a workflow command.
fn escape_command_property(text: &str) -> String {
    // These two end a property; in a message they mean nothing.
    escape_command_message(text)
        .replace(':', "%3A")
        .replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use pressrun_posts::diagnostic::FilePlace;

    use super::*;

    #[test]
    fn annotation_escapes_what_would_end_it() {
        let place = FilePlace::line("content/a, b.txt", 3);
        let found = Diagnostic::new(Code::DeadLink, place, "50% of\n`x`").with_help("do this");
        assert_eq!(
            format_workflow_commands(&[found]),
            "::warning file=content/a%2C b.txt,line=3,title=dead-link::50%25 of%0A`x`%0Ado this\n"
        );
    }
}
