//! Runs `pressrun serve`.

use std::path::Path;
use std::process::ExitCode;

use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_site::pipeline::SiteFindings;
use pressrun_site::render::CommandFailure;
use pressrun_text::numbers::group_thousands;

use super::args::ServeArgs;
use super::browser::open_browser;
use super::build::format_duration;
use super::terminal::{Terminal, count_with_noun};
use super::{current_moment, usage_failure};
use crate::preview::{self, PreviewEvent, PreviewOptions, RebuildReport, WatchMethod};

/// Most changed files that are named; if more changed, the rest are counted.
const NAMED: usize = 2;

pub(super) fn run_serve(
    root: &Path,
    serve: &ServeArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    if serve.review && !serve.bind.is_loopback() {
        let message = format!(
            "the review desk answers only to this machine, because whoever opens it can approve \
             posts: leave out `--bind {}`",
            serve.bind
        );
        return Err(usage_failure("--review", message));
    }
    let start = current_moment()?;
    let options = PreviewOptions {
        root: root.to_owned(),
        bind: serve.bind,
        port: serve.port,
        // Who reads at the desk wants to see what an editor saves.
        watch: (serve.watch || serve.review)
            .then_some(serve.poll.map_or(WatchMethod::Native, WatchMethod::Polling)),
        drafts: serve.drafts || serve.review,
        future: serve.future || serve.review,
        review: serve.review,
        present: Box::new(move || current_moment().unwrap_or(start)),
    };
    let printer = PreviewPrinter {
        // The printer moves to another thread, so it needs its own copy.
        terminal: terminal.clone(),
        root: root.to_owned(),
        watch: serve.watch || serve.review,
        open: serve.open,
    };
    preview::serve_preview(options, Box::new(move |event| printer.print(&event)))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the events of the preview.
struct PreviewPrinter {
    terminal: Terminal,
    root: std::path::PathBuf,
    watch: bool,
    open: bool,
}

impl PreviewPrinter {
    fn print(&self, event: &PreviewEvent<'_>) {
        let terminal = &self.terminal;
        match event {
            PreviewEvent::Listening {
                url,
                desk,
                wanted,
                findings,
            } => {
                self.print_listening(url, *wanted, *findings);
                self.print_desk(*desk);
                let opened = desk.unwrap_or(url);
                if self.open && !open_browser(opened) {
                    terminal.print_aside("no browser could be opened");
                }
            }
            PreviewEvent::Rebuilt(rebuilt) => terminal.print_status(&describe_rebuild(rebuilt)),
            PreviewEvent::Failed(failure) => {
                terminal.print_trouble(&self.root, failure);
                self.last_good();
            }
            PreviewEvent::Broken(text) => {
                terminal.print_drawn(text);
                self.last_good();
            }
            PreviewEvent::Unwatched(why) => terminal.print_aside(why),
        }
    }

    fn print_listening(&self, url: &str, wanted: Option<u16>, findings: Option<&SiteFindings>) {
        let terminal = &self.terminal;
        if let Some(findings) = findings {
            terminal.print_findings(&findings.diagnostics, Some(findings.ledger.replies));
            terminal.print_status(&summarize_preview(findings));
        }
        if let Some(port) = wanted {
            terminal.print_aside(&format!(
                "port {port} is already in use, so the next free port \
                                           is used"
            ));
        }
        let how = if self.watch {
            "watching for changes"
        } else {
            "not watching for changes (add --watch)"
        };
        // The address is the result of the command, so `--quiet` prints it too.
        terminal.print_result(&format!(
            "listening on {url}, {how}; press Ctrl-C to stop\n"
        ));
    }

    fn print_desk(&self, desk: Option<&str>) {
        if let Some(desk) = desk {
            self.terminal
                .print_result(&format!("review desk at {desk}\n"));
        }
    }

    fn last_good(&self) {
        self.terminal
            .print_aside("the last good version is shown until this is fixed");
    }
}

fn summarize_preview(findings: &SiteFindings) -> String {
    let ledger = &findings.ledger;
    let mut text = count_with_noun(ledger.published, "post", "posts");
    for (number, one, many) in [
        (ledger.pages, "page", "pages"),
        (ledger.drafts, "draft left out", "drafts left out"),
        (ledger.unapproved, "without approval", "without approval"),
        (
            ledger.future,
            "scheduled post left out",
            "scheduled posts left out",
        ),
        (ledger.expired, "expired", "expired"),
        (ledger.rejected, "not published", "not published"),
    ] {
        if number > 0 {
            text += &format!(", {}", count_with_noun(number, one, many));
        }
    }
    text
}

/// Describes what a rebuild did.
fn describe_rebuild(rebuilt: &RebuildReport) -> String {
    let RebuildReport {
        changed,
        pages,
        total,
        rejected,
        took,
        recovered,
    } = rebuilt;
    let mut text = match changed.as_slice() {
        [] => "the site changed".to_owned(),
        some if some.len() <= NAMED => format!("{} changed", sanitize_line(&some.join(" and "))),
        [first, more @ ..] => {
            let more = count_with_noun(more.len(), "more", "more");
            format!("{} and {more} changed", sanitize_line(first))
        }
    };
    text += &format!(
        ": {} of {} rebuilt in {}",
        group_thousands(*pages),
        count_with_noun(*total, "file", "files"),
        format_duration(*took)
    );
    if *rejected > 0 {
        text += &format!(
            ", {} not published",
            count_with_noun(*rejected, "reply", "replies")
        );
    }
    if *recovered {
        text += ", the error is fixed";
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(changed: &[&str], expected: &str) {
        let rebuilt = RebuildReport {
            changed: changed.iter().map(|path| (*path).to_owned()).collect(),
            pages: 3,
            total: 20_000,
            rejected: 0,
            took: Duration::from_millis(12),
            recovered: false,
        };
        assert_eq!(describe_rebuild(&rebuilt), expected);
    }

    #[test]
    fn one_line_says_what_changed_and_how_long_it_took() {
        check(
            &["content/a.md"],
            "content/a.md changed: 3 of 20,000 files rebuilt in 12.0 ms",
        );
        check(
            &["content/a.md", "b", "c"],
            "content/a.md and 2 more changed: 3 of 20,000 files rebuilt in 12.0 ms",
        );
    }
}
