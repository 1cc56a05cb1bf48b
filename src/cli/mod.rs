//! The command line, and the only code that prints. There is one file for each command.
//!
//! Results go to standard output, everything else to standard error. Exit codes are 0 for success,
//! 1 if something is wrong with the site or the machine, and 2 for wrong usage.

mod approve;
mod args;
mod browser;
mod build;
mod changes;
mod check;
mod generate;
mod help;
mod ingest;
mod init;
mod inspect;
mod json;
mod man;
mod next_step;
mod progress;
mod publish;
mod report;
mod retry;
mod review;
mod schedule;
mod serve;
mod shard;
mod terminal;
mod terms;
mod theme;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, Severity};
use pressrun_posts::post::Moment;
use pressrun_site::config::{BaseUrl, find_nearest_name};
use pressrun_site::render::CommandFailure;

use args::{Arguments, Command};
use json::JsonOutput;
use terminal::Terminal;

/// Parses the arguments of the process, runs the command and returns its exit code.
pub fn run_command_line() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::new(&arguments.global);
    let root = &arguments.global.root;
    // Paths are relative to it.
    if let Err(error) = std::env::current_dir() {
        terminal.print_error(&format!("the current folder does not exist: {error}"));
        terminal.print_aside("change to a folder that exists, then run the command again");
        return ExitCode::FAILURE;
    }
    let result = match &arguments.command {
        Command::Init(init) => init::run_init(root, init, &terminal),
        Command::Build(build) => build::run_build(root, build, &terminal),
        Command::Serve(serve) => serve::run_serve(root, serve, &terminal),
        Command::Generate(generate) => generate::run_generate(root, generate, &terminal),
        Command::Ingest(ingest) => ingest::run_ingest(root, ingest, &terminal),
        Command::Retry(retry) => retry::run_retry(root, retry, &terminal),
        Command::Inspect(inspect) => inspect::run_inspect(root, inspect, &terminal),
        Command::Check(check) => check::run_check(root, check, &terminal),
        Command::Report(report) => report::run_report(root, report, &terminal),
        Command::Review(review) => review::run_review(root, review, &terminal),
        Command::Approve(approve) => approve::run_approve(root, approve, &terminal),
        Command::Reject(reject) => approve::run_reject(root, reject, &terminal),
        Command::Revoke(revoke) => approve::run_revoke(root, revoke, &terminal),
        Command::Terms(terms) => terms::run_terms(root, terms, &terminal),
        Command::Theme(theme) => theme::run_theme(root, theme, &terminal),
        Command::Publish(publish) => publish::run_publish(root, publish, &terminal),
        Command::Shard(shard) => shard::run_shard(root, shard, &terminal),
        Command::Man(man) => man::run_man(man, &terminal),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "pressrun", &mut script);
            terminal.print_data(&String::from_utf8_lossy(&script));
            Ok(ExitCode::SUCCESS)
        }
    };
    let code = result.unwrap_or_else(|failure| {
        if arguments.command.prints_json() {
            terminal.print_json(JsonOutput::Failure, json::failure_to_json(&failure));
        }
        terminal.print_failure(root, &failure);
        match failure {
            // Wrong usage has an exit code of its own, as in clap.
            CommandFailure::Site(found) if found.iter().any(|one| one.code == Code::Usage) => {
                ExitCode::from(2)
            }
            _ => ExitCode::FAILURE,
        }
    });
    // A result that was not printed completely must not look like success.
    if terminal.has_printed_all() {
        code
    } else {
        ExitCode::FAILURE
    }
}

/// Returns the error for arguments that are wrong in a way that clap cannot know.
fn usage_failure(argument: &str, message: String) -> CommandFailure {
    let place = FilePlace::file(argument);
    CommandFailure::Site(vec![Diagnostic::new(Code::Usage, place, message)])
}

/// Returns the error for an option whose value is not the name of a code.
fn unknown_code(option: &str, name: &str) -> CommandFailure {
    let message = match find_nearest_name(name, &Code::names()) {
        Some(near) => format!("there is no code `{name}`; did you mean `{near}`?"),
        None => format!("there is no code `{name}`; `pressrun check` shows the codes it finds"),
    };
    usage_failure(option, message)
}

/// Parses the values of `--allow`.
fn parse_allowed(names: &[String]) -> Result<Vec<Code>, CommandFailure> {
    let parse = |name: &String| match Code::from_name(name) {
        None => Err(unknown_code("--allow", name)),
        Some(code) if code.severity() == Severity::Error => {
            let message = format!("`{code}` is an error, and errors cannot be allowed");
            Err(usage_failure("--allow", message))
        }
        Some(code) => Ok(code),
    };
    names.iter().map(parse).collect()
}

/// Parses the argument of `--base-url`.
fn parse_base_url(text: Option<&str>) -> Result<Option<BaseUrl>, CommandFailure> {
    let wrong = |expected| usage_failure("--base-url", format!("`--base-url` takes {expected}"));
    text.map(|text| BaseUrl::parse(text).map_err(wrong))
        .transpose()
}

/// The environment variable that overrides the present (reproducible-builds.org).
const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Returns the moment that counts as the present. `SOURCE_DATE_EPOCH` overrides it, so that a build
/// can be repeated later.
fn current_moment() -> Result<Moment, CommandFailure> {
    match std::env::var_os(EPOCH) {
        Some(value) if !value.is_empty() => {
            let seconds = value.to_str().and_then(|text| text.parse().ok());
            let moment = seconds.and_then(Moment::from_unix_seconds);
            moment.ok_or_else(|| {
                let value = value.to_string_lossy();
                let expected = "seconds since 1970 such as 1767225600";
                usage_failure(
                    EPOCH,
                    format!("`{EPOCH}` is `{value}`, but must be {expected}"),
                )
            })
        }
        _ => Ok(Moment::now()),
    }
}
