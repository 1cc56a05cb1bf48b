//! Runs `pressrun init`: creates a site.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::render::CommandFailure;
use pressrun_text::numbers::group_thousands;

use super::args::InitArgs;
use super::current_moment;
use super::progress::{ProgressReporter, ProgressUnit};
use super::terminal::{Terminal, count_with_noun, typed_path};
use crate::ingest::{IngestPhase, IngestWatcher};
use crate::init::{self, InitOutcome, InitReport, InitRequest, OtherSite, ReplyProposal};

/// The most languages that are named.
const MOST_LANGUAGES: usize = 5;

pub(super) fn run_init(
    root: &Path,
    init: &InitArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let request = InitRequest {
        folder: match &init.folder {
            Some(folder) => root.join(folder),
            None => root.to_owned(),
        },
        sources: init.from.clone(),
        categories: init.categories.clone(),
        present: current_moment()?,
    };
    let mut watcher = InitWatcher(ProgressReporter::new(terminal.shows_progress()));
    let outcome = init::init_site(&request, &mut watcher);
    // The progress bar must be gone before anything is printed.
    watcher.0.end();
    match outcome? {
        InitOutcome::Created(report) => {
            for line in describe_init(&report).lines() {
                terminal.print_status(line);
            }
            Ok(ExitCode::SUCCESS)
        }
        InitOutcome::OtherSite(other) => {
            terminal.print_refusal(root, &[report_other_site(&other)], "nothing was written");
            // With `--from` the new site has a folder of its own.
            let is_elsewhere = other.folder != request.folder;
            let new = is_elsewhere.then_some(&*request.folder);
            terminal.print_status(&other.describe_move(new));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Shows how far reading is. What is found in replies is shown when they are ingested or built.
struct InitWatcher(ProgressReporter);

impl IngestWatcher for InitWatcher {
    fn begin(&mut self, _: IngestPhase, units: u64) {
        self.0.begin("reading", ProgressUnit::Bytes, units);
    }

    fn advance(&mut self, units: u64) {
        self.0.advance(units);
    }

    fn found(&mut self, _: &Diagnostic) {}
}

/// Returns the error for the site of another generator.
fn report_other_site(other: &OtherSite) -> Diagnostic {
    let marker = typed_path(&other.folder.join(&other.marker));
    let message = format!("this is a site of {}", other.generator.name());
    let help = "make a new site beside it, as described below";
    Diagnostic::new(Code::AlreadyASite, FilePlace::file(marker), message).with_help(help)
}

/// Describes what the replies are.
fn describe_replies(proposal: &ReplyProposal) -> String {
    let files = count_with_noun(proposal.files, "file", "files");
    let posts = count_with_noun(proposal.posts, "post", "posts");
    let mut text = format!("{posts} in {files}");
    let rest = [
        (proposal.drafts, "draft", "drafts"),
        (proposal.rejected, "rejected reply", "rejected replies"),
    ];
    for (number, one, many) in rest.into_iter().filter(|(number, ..)| *number > 0) {
        let _ = write!(text, ", {}", count_with_noun(number, one, many));
    }
    let languages = proposal.languages.iter().take(MOST_LANGUAGES);
    let languages = languages.map(|(tag, posts)| format!("{tag} {}", group_thousands(*posts)));
    let languages: Vec<String> = languages.collect();
    let categories = count_with_noun(proposal.categories.len(), "category", "categories");
    let aliases = count_with_noun(proposal.aliases, "alias", "aliases");
    let _ = write!(
        text,
        "\nlanguages: {}; {categories}; {aliases} for tags and categories in several spellings",
        languages.join(", ")
    );
    text
}

/// Describes what was done, and the next commands.
fn describe_init(report: &InitReport) -> String {
    let mut text = String::new();
    if let Some(proposal) = &report.proposal {
        let _ = writeln!(text, "{}\n", describe_replies(proposal));
    }
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
    let proposal = report.proposal.as_ref();
    if let Some(command) = proposal.and_then(|found| found.ingest_command.as_ref()) {
        let _ = writeln!(
            text,
            "    {command}\n                              turn the replies into posts; site.toml has what they suggest"
        );
    }
    text + "    pressrun serve --watch    preview it while you edit\n    \
            pressrun publish          publish it to GitHub Pages\n    \
            pressrun generate         ask a language model for posts: see `[generate]` in site.toml\n"
}
