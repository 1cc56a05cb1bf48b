//! Runs `pressrun serve`.

use std::path::Path;
use std::process::ExitCode;

use super::args::Serve;
use super::browser::open;
use super::build::seconds;
use super::terminal::{Terminal, count};
use super::today;
use crate::diagnostic::report::plain;
use crate::pipeline::live::Findings;
use crate::render::Failure;
use crate::serve::{self, Event, Options, Rebuilt, Watching};
use crate::text::numbers::grouped;

/// Most changed files that are named; if more changed, the rest are counted.
const NAMED: usize = 2;

pub(super) fn run(root: &Path, serve: &Serve, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let start = today()?;
    let options = Options {
        root: root.to_owned(),
        bind: serve.bind,
        port: serve.port,
        watch: serve
            .watch
            .then_some(serve.poll.map_or(Watching::Native, Watching::Polling)),
        drafts: serve.drafts,
        future: serve.future,
        today: Box::new(move || today().unwrap_or(start)),
    };
    let printer = Printer {
        // The printer moves to another thread, so it needs its own copy.
        terminal: terminal.clone(),
        root: root.to_owned(),
        watch: serve.watch,
        open: serve.open,
    };
    serve::serve(options, Box::new(move |event| printer.print(&event)))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the events of the preview.
struct Printer {
    terminal: Terminal,
    root: std::path::PathBuf,
    watch: bool,
    open: bool,
}

impl Printer {
    fn print(&self, event: &Event<'_>) {
        let terminal = &self.terminal;
        match event {
            Event::Listening {
                url,
                wanted,
                findings,
            } => self.listening(url, *wanted, *findings),
            Event::Rebuilt(rebuilt) => terminal.status(&line(rebuilt)),
            Event::Failed(failure) => {
                terminal.trouble(&self.root, failure);
                self.last_good();
            }
            Event::Broken(text) => {
                terminal.drawn(text);
                self.last_good();
            }
            Event::Unwatched(why) => terminal.aside(why),
        }
    }

    fn listening(&self, url: &str, wanted: Option<u16>, findings: Option<&Findings>) {
        let terminal = &self.terminal;
        if let Some(findings) = findings {
            terminal.findings(&findings.diagnostics);
            terminal.status(&summary(findings));
        }
        if let Some(port) = wanted {
            terminal.aside(&format!("port {port} is taken; this is the next free one"));
        }
        let how = if self.watch {
            "watching for changes"
        } else {
            "without watching for changes (--watch)"
        };
        // The address is the result of the command, so `--quiet` prints it too.
        terminal.result(&format!("listening on {url}, {how}; Ctrl-C ends it\n"));
        if self.open && !open(url) {
            terminal.aside("there is no browser that could be opened");
        }
    }

    fn last_good(&self) {
        self.terminal
            .aside("the last good version stays until this is put right");
    }
}

fn summary(findings: &Findings) -> String {
    let ledger = &findings.ledger;
    let mut text = count(ledger.published, "post", "posts");
    for (number, what) in [
        (ledger.drafts, "drafts left out"),
        (ledger.future, "dated in the future left out"),
        (ledger.rejected, "not published"),
    ] {
        if number > 0 {
            text += &format!(", {} {what}", grouped(number));
        }
    }
    text
}

/// Describes what a rebuild did.
fn line(rebuilt: &Rebuilt) -> String {
    let Rebuilt {
        changed,
        pages,
        total,
        rejected,
        took,
        recovered,
    } = rebuilt;
    let mut text = match changed.as_slice() {
        [] => "the site changed".to_owned(),
        some if some.len() <= NAMED => format!("{} changed", plain(&some.join(" and "))),
        [first, more @ ..] => {
            let more = count(more.len(), "more", "more");
            format!("{} and {more} changed", plain(first))
        }
    };
    text += &format!(
        ": {} of {} made anew in {}",
        grouped(*pages),
        count(*total, "file", "files"),
        seconds(*took)
    );
    if *rejected > 0 {
        text += &format!(", {} not published", count(*rejected, "reply", "replies"));
    }
    if *recovered {
        text += ", the error is gone";
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(changed: &[&str], expected: &str) {
        let rebuilt = Rebuilt {
            changed: changed.iter().map(|path| (*path).to_owned()).collect(),
            pages: 3,
            total: 20_000,
            rejected: 0,
            took: Duration::from_millis(12),
            recovered: false,
        };
        assert_eq!(line(&rebuilt), expected);
    }

    #[test]
    fn one_line_says_what_changed_and_how_long_it_took() {
        check(
            &["content/a.md"],
            "content/a.md changed: 3 of 20,000 files made anew in 12.0 ms",
        );
        check(
            &["content/a.md", "b", "c"],
            "content/a.md and 2 more changed: 3 of 20,000 files made anew in 12.0 ms",
        );
    }
}
