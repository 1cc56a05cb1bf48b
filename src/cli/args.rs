//! The commands and their arguments.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pressrun_posts::post::date::{self, Date};

use crate::ingest;
use crate::report;

/// Turns replies of language models into a blog.
#[derive(Debug, Parser)]
#[command(name = "pressrun", version, about, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(super) struct GlobalArgs {
    /// Folder of the site: the one with `site.toml` and `content/`
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub(super) root: PathBuf,
    /// Print results and errors, and nothing else: no warnings, no lines about what was done
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Print every finding, not only the first of each kind
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a folder into a site: a configuration and a sample reply
    Init(InitArgs),
    /// Build the site
    Build(BuildArgs),
    /// Show the site in a browser, on this machine
    Serve(ServeArgs),
    /// Turn replies into Markdown files with front matter, one a post
    Ingest(IngestArgs),
    /// Show how one file is read
    Inspect(InspectArgs),
    /// List everything that is wrong with the content
    Check(CheckArgs),
    /// Show what the site consists of, as one page for you: numbers, charts, what is wrong
    Report(ReportArgs),
    /// Show tags and categories, and which of them are one in several spellings
    Terms(TermsArgs),
    /// Build the site and put it on GitHub Pages, by a branch of the repository
    Publish(PublishArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write those of all commands
    Man(ManArgs),
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Folder to write the pages of all commands to, such as `~/.local/share/man/man1`
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder; it is created when it is missing [default: the folder of the site]
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
}

/// Arguments of `build`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub(super) struct BuildArgs {
    /// Where the site will live; takes the place of `base_url`
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// Folder to write the site to [default: `public` in the folder of the site]
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Show drafts
    #[arg(long)]
    pub(super) drafts: bool,
    /// Show posts dated in the future
    #[arg(long)]
    pub(super) future: bool,
    /// Forget earlier builds and render everything; write into a folder that holds files of others
    #[arg(long)]
    pub(super) force: bool,
    /// Write nothing when a reply is rejected
    #[arg(long)]
    pub(super) strict: bool,
    /// Wait until the site is on the disk, so that a loss of power does not damage it
    #[arg(long)]
    pub(super) sync: bool,
    /// Threads to use [default: all cores]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Print how long each stage took
    #[arg(long)]
    pub(super) timings: bool,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub(super) struct ServeArgs {
    /// Show every change the moment it is saved
    #[arg(long, short)]
    pub(super) watch: bool,
    /// Address to listen on; with 0.0.0.0 other machines can see the preview, drafts included
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub(super) bind: IpAddr,
    /// Port to listen on, or the next one that is free
    #[arg(long, short, value_name = "PORT", default_value_t = 1111)]
    pub(super) port: u16,
    /// Open the site in the browser
    #[arg(long)]
    pub(super) open: bool,
    /// Show drafts
    #[arg(long)]
    pub(super) drafts: bool,
    /// Show posts dated in the future
    #[arg(long)]
    pub(super) future: bool,
    /// Look for changes every so often, for file systems that do not tell of them
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "watch",
        num_args = 0..=1,
        default_missing_value = "1",
        value_parser = parse_seconds
    )]
    pub(super) poll: Option<Duration>,
}

fn parse_seconds(text: &str) -> Result<Duration, &'static str> {
    let number: f64 = text
        .parse()
        .map_err(|_| "it takes seconds such as 1 or 0.5")?;
    if (0.05..=3600.0).contains(&number) {
        Ok(Duration::from_secs_f64(number))
    } else {
        Err("it takes 0.05 to 3600 seconds")
    }
}

/// Arguments of `ingest`.
#[derive(Debug, Args)]
pub(super) struct IngestArgs {
    /// Files, folders or exports with replies
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) sources: Vec<PathBuf>,
    /// Folder to write to [default: `content/posts` in the folder of the site]
    #[arg(long, value_name = "DIR")]
    pub(super) into: Option<PathBuf>,
    /// Show what would be done, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Give posts without a date one: the first this day, the others after it
    #[arg(long, value_name = "DATE", value_parser = parse_start_date)]
    pub(super) start: Option<Date>,
    /// Time from one of these posts to the next, in days (1d) or weeks (2w)
    #[arg(long, value_name = "TIME", default_value = "1d", requires = "start", value_parser = parse_interval_argument)]
    pub(super) every: u32,
    /// Write nothing when a reply is rejected
    #[arg(long)]
    pub(super) strict: bool,
}

fn parse_start_date(text: &str) -> Result<Date, &'static str> {
    date::parse_date(text).map_err(|_| "it takes a day such as 2026-01-31")
}

fn parse_interval_argument(text: &str) -> Result<u32, &'static str> {
    let expected = "it takes days or weeks such as 1d or 2w; posts have no hours";
    ingest::parse_interval(text).ok_or(expected)
}

/// Arguments of `inspect`.
#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// The file
    pub(super) file: PathBuf,
    /// How to show it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: InspectFormat,
}

/// Formats of `inspect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum InspectFormat {
    /// For a person
    Text,
    /// One JSON object
    Json,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// How to show findings
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: CheckFormat,
    /// Exit with 1 when there is a finding with this code, or `warnings`; may be repeated
    #[arg(long, value_name = "CODE")]
    pub(super) deny: Vec<String>,
    /// Also look for what would go wrong on GitHub Pages, in a build that is thrown away
    #[arg(long)]
    pub(super) deploy: bool,
    /// Where the site will live; takes the place of `base_url`
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// How to show it
    #[arg(long, value_name = "FORMAT", default_value = "html")]
    pub(super) format: ReportFormat,
    /// File to write [default: `.pressrun/report.html` in the folder of the site; JSON is printed]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Rows of each list
    #[arg(long, value_name = "N", default_value_t = report::ROWS)]
    pub(super) rows: usize,
    /// Open the page in the browser
    #[arg(long)]
    pub(super) open: bool,
    /// Where the site will live; takes the place of `base_url`
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
}

/// Formats of `report`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// A page for a person
    Html,
    /// One JSON object
    Json,
}

/// Arguments of `terms`.
#[derive(Debug, Args)]
pub(super) struct TermsArgs {
    /// Add the aliases that are suggested to `site.toml`
    #[arg(long)]
    pub(super) apply: bool,
    /// Show which posts the aliases would change, and write nothing: the default
    #[arg(long, conflicts_with = "apply")]
    pub(super) dry_run: bool,
    /// How to show them
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: TermsFormat,
}

/// Formats of `terms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TermsFormat {
    /// For a person
    Text,
    /// One JSON object
    Json,
}

/// Arguments of `publish`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub(super) struct PublishArgs {
    /// Write `.github/workflows/pages.yml`, by which GitHub builds the site itself; push nothing
    #[arg(long, conflicts_with_all = ["dry_run", "no_history", "allow", "strict"])]
    pub(super) workflow: bool,
    /// Show what would change, and push nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Leave a single commit on the branch, instead of adding one
    #[arg(long)]
    pub(super) no_history: bool,
    /// Publish although there is a finding with this code; may be repeated
    #[arg(long, value_name = "CODE")]
    pub(super) allow: Vec<String>,
    /// Publish nothing when a reply is rejected
    #[arg(long)]
    pub(super) strict: bool,
}

/// Formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// For a person
    Text,
    /// One JSON object
    Json,
    /// Annotations of GitHub workflows
    Github,
}
