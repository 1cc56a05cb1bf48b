//! The commands and their arguments.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pressrun_posts::post::stated_date;
use pressrun_posts::post::{StatedDate, TimeOfDay};

use super::{approve, generate, help, review, shard};
use crate::ingest::PostInterval;
use crate::report;
use crate::terms::CategoryChoice;

/// Turns replies from language models into a blog.
#[derive(Debug, Parser)]
#[command(name = "pressrun", version, about, max_term_width = 100, after_help = help::PROGRAM)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The heading of the options that all commands have.
pub(super) const SHARED_OPTIONS: &str = "Options of all commands";

/// Options of all commands.
#[derive(Debug, Args)]
#[command(next_help_heading = SHARED_OPTIONS)]
pub(super) struct GlobalArgs {
    /// Folder of the site, which contains `site.toml` and `content/`
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub(super) root: PathBuf,
    /// Print only results and errors, no warnings or status messages
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Print all findings, not only the first few of each kind
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,
    /// Control when to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// Use colours on a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always use colours
    Always,
    /// Never use colours
    Never,
}

/// How a command prints its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// Text for people
    Text,
    /// A JSON object
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a site with a configuration file and a sample reply
    #[command(after_help = help::INIT)]
    Init(InitArgs),
    /// Build the site
    #[command(after_help = help::BUILD)]
    Build(BuildArgs),
    /// Serve a preview of the site on this machine
    #[command(after_help = help::SERVE)]
    Serve(ServeArgs),
    /// Ask a language model for posts about topics, and keep them as drafts
    #[command(after_help = help::GENERATE)]
    Generate(Box<generate::GenerateArgs>),
    /// Convert replies to Markdown files with front matter, one for each post
    #[command(after_help = help::INGEST)]
    Ingest(IngestArgs),
    /// Write the requests of a batch once more that failed, were refused or were cut off
    #[command(after_help = help::RETRY)]
    Retry(RetryArgs),
    /// Show how a file is read
    #[command(after_help = help::INSPECT)]
    Inspect(InspectArgs),
    /// Report problems in the content
    #[command(after_help = help::CHECK)]
    Check(CheckArgs),
    /// Create a private report about the site: numbers, charts and problems
    #[command(after_help = help::REPORT)]
    Report(ReportArgs),
    /// List the posts that wait for an approval, riskiest first
    #[command(after_help = help::REVIEW)]
    Review(review::ReviewArgs),
    /// Say that a person has read posts and that they may be published
    #[command(after_help = help::APPROVE)]
    Approve(approve::ApproveArgs),
    /// Say that posts must not be published as they are
    #[command(after_help = help::REJECT)]
    Reject(approve::RejectArgs),
    /// Take back what was said about posts
    #[command(after_help = help::REVOKE)]
    Revoke(approve::RevokeArgs),
    /// List tags and categories, and find different spellings of the same word
    #[command(after_help = help::TERMS)]
    Terms(TermsArgs),
    /// List the files of the theme, or copy them into the site for editing
    #[command(after_help = help::THEME)]
    Theme(ThemeArgs),
    /// Build the site and publish it to GitHub Pages
    #[command(after_help = help::PUBLISH)]
    Publish(PublishArgs),
    /// Build the site in steps that several machines run, if it is too large for one
    #[command(after_help = help::SHARD)]
    Shard(shard::ShardArgs),
    /// Print a shell completion script
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// Shell to print the script for
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write the pages of all commands
    #[command(after_help = help::MAN)]
    Man(ManArgs),
}

impl Command {
    /// Returns whether the result is to be JSON.
    pub(super) fn prints_json(&self) -> bool {
        let format = match self {
            Self::Build(build) => build.format,
            Self::Check(check) => return check.format == CheckFormat::Json,
            Self::Generate(generate) => generate.format,
            Self::Ingest(ingest) => ingest.format,
            Self::Inspect(inspect) => inspect.format,
            Self::Publish(publish) => publish.format,
            Self::Report(report) => return report.format == ReportFormat::Json,
            Self::Retry(retry) => retry.format,
            Self::Review(review) => review.format,
            Self::Shard(shard) => return shard.prints_json(),
            Self::Terms(terms) => terms.format,
            _ => return false,
        };
        format == OutputFormat::Json
    }
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
    /// Folder of the new site, created if it does not exist [default: the value of `--root`]
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// Look at these replies, and propose settings that fit them; repeatable
    #[arg(long, value_name = "SOURCE")]
    pub(super) from: Vec<PathBuf>,
    /// Categories that are allowed: `open` (all), `used` (those of the replies), `tech` (sixty about
    /// technology), or names with commas between them
    #[arg(long, value_name = "WHICH", default_value = "open", value_parser = parse_category_choice)]
    pub(super) categories: CategoryChoice,
}

fn parse_category_choice(text: &str) -> Result<CategoryChoice, &'static str> {
    CategoryChoice::parse(text)
        .ok_or("expected `open`, `used`, `tech`, or names such as \"Baking, Gardening\"")
}

/// Arguments of `build`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub(super) struct BuildArgs {
    /// Address of the published site, used instead of `base_url` in `site.toml`
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// Folder to write the site to [default: `public` in the folder of the site]
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Include drafts
    #[arg(long)]
    pub(super) drafts: bool,
    /// Include posts dated in the future
    #[arg(long)]
    pub(super) future: bool,
    /// Ignore earlier builds and render everything; allow other files in the output folder
    #[arg(long)]
    pub(super) force: bool,
    /// Write nothing if a reply is rejected
    #[arg(long)]
    pub(super) strict: bool,
    /// Wait until the site is stored on the disk, so that it survives a power failure
    #[arg(long)]
    pub(super) sync: bool,
    /// Number of threads to use [default: one for each core]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Print how long each stage of the build took
    #[arg(long)]
    pub(super) timings: bool,
    /// Do not report findings with this code; repeatable
    #[arg(long, value_name = "CODE")]
    pub(super) allow: Vec<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: OutputFormat,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub(super) struct ServeArgs {
    /// Show each change as soon as it is saved
    #[arg(long, short)]
    pub(super) watch: bool,
    /// Address to listen on; with 0.0.0.0, other machines can see the preview, including drafts
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub(super) bind: IpAddr,
    /// Port to listen on; if it is taken, the next free port is used
    #[arg(long, short, value_name = "PORT", default_value_t = 1111)]
    pub(super) port: u16,
    /// Open the preview in a browser
    #[arg(long)]
    pub(super) open: bool,
    /// Include drafts
    #[arg(long)]
    pub(super) drafts: bool,
    /// Include posts dated in the future
    #[arg(long)]
    pub(super) future: bool,
    /// Let the review desk approve and reject posts, at a port of its own. Shows drafts and scheduled
    /// posts, and watches for changes
    #[arg(long)]
    pub(super) review: bool,
    /// Check the files at this interval, for file systems that do not report changes
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
        .map_err(|_| "expected seconds such as 1 or 0.5")?;
    if (0.05..=3600.0).contains(&number) {
        Ok(Duration::from_secs_f64(number))
    } else {
        Err("expected 0.05 to 3600 seconds")
    }
}

/// Arguments of `ingest`.
#[derive(Debug, Args)]
pub(super) struct IngestArgs {
    /// Files and folders that contain replies or exports
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) sources: Vec<PathBuf>,
    /// Folder to write to [default: `content/posts` in the folder of the site]
    #[arg(long, value_name = "DIR")]
    pub(super) into: Option<PathBuf>,
    /// Show what would be done, without writing anything
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Date the posts that have no date: the first gets this day (and time), the others follow
    #[arg(long, value_name = "DATE", value_parser = parse_start_date)]
    pub(super) start: Option<StatedDate>,
    /// Time between two of these posts: weeks (2w), days (1d), hours (12h) or minutes (90m)
    #[arg(long, value_name = "TIME", default_value = "1d", requires = "start", value_parser = parse_interval_argument)]
    pub(super) every: PostInterval,
    /// Times of day at which these posts appear, a post at each, such as 08:00,18:00
    #[arg(long, value_name = "TIMES", requires = "start", value_delimiter = ',', value_parser = parse_time_argument)]
    pub(super) at: Vec<TimeOfDay>,
    /// Whether posts keep the date of the record that they came in, or the schedule counts instead
    #[arg(long, value_name = "WHICH", default_value = "keep", requires = "start")]
    pub(super) dates: IngestDates,
    /// Write nothing if a reply is rejected
    #[arg(long)]
    pub(super) strict: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: OutputFormat,
}

/// What counts for a post whose only date is that of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum IngestDates {
    /// The date of the record
    Keep,
    /// The schedule
    Override,
}

pub(super) fn parse_start_date(text: &str) -> Result<StatedDate, &'static str> {
    let stated = stated_date::parse_stated_date(text);
    stated
        .ok()
        .filter(|stated| stated.zone.is_none())
        .ok_or("expected a day such as 2026-01-31, or with a time of the site: 2026-01-31T08:00")
}

pub(super) fn parse_interval_argument(text: &str) -> Result<PostInterval, &'static str> {
    PostInterval::parse(text).ok_or("expected a time such as 2w, 1d, 12h or 90m")
}

fn parse_time_argument(text: &str) -> Result<TimeOfDay, &'static str> {
    let numbers = text.trim().split_once(':');
    let parse = |text: &str| {
        let is_plain = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
        is_plain.then(|| text.parse().ok()).flatten()
    };
    numbers
        .and_then(|(hour, minute)| TimeOfDay::new(parse(hour)?, parse(minute)?))
        .ok_or("expected times of day such as 08:00 or 08:00,18:00")
}

/// Arguments of `retry`.
#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    /// Files and folders that contain the results and the requests of a batch
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) sources: Vec<PathBuf>,
    /// Service that gets the requests
    #[arg(long = "for", value_name = "SERVICE")]
    pub(super) provider: BatchProviderArg,
    /// File to write the requests to [default: they are printed]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Model to ask instead of that of the requests
    #[arg(long, value_name = "NAME")]
    pub(super) model: Option<String>,
    /// Most tokens of an answer instead of those of the requests
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_tokens: Option<u32>,
    /// Output format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: OutputFormat,
}

/// A service that takes requests in batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum BatchProviderArg {
    /// `OpenAI`, and servers that take its batches
    Openai,
    /// Anthropic
    Anthropic,
    /// Gemini
    Gemini,
}

/// Arguments of `inspect`.
#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// File to inspect
    pub(super) file: PathBuf,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: OutputFormat,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: CheckFormat,
    /// Exit with 1 if there is a finding with this code, or with `warnings`, any warning; repeatable
    #[arg(long, value_name = "CODE")]
    pub(super) deny: Vec<String>,
    /// Do not report findings with this code; repeatable
    #[arg(long, value_name = "CODE")]
    pub(super) allow: Vec<String>,
    /// Also check for problems on GitHub Pages, using a temporary build
    #[arg(long)]
    pub(super) deploy: bool,
    /// Address of the published site, used instead of `base_url` in `site.toml`
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "html")]
    pub(super) format: ReportFormat,
    /// File to write to [default: `.pressrun/report.html` in the folder of the site; JSON is printed]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Maximum number of rows in each list
    #[arg(long, value_name = "N", default_value_t = report::ROWS)]
    pub(super) rows: usize,
    /// Open the report in a browser
    #[arg(long)]
    pub(super) open: bool,
    /// Address of the published site, used instead of `base_url` in `site.toml`
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
}

/// Formats of `report`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// A page with charts
    Html,
    /// A JSON object
    Json,
}

/// Arguments of `terms`.
#[derive(Debug, Args)]
pub(super) struct TermsArgs {
    /// Add the suggested aliases to `site.toml`
    #[arg(long)]
    pub(super) apply: bool,
    /// Show which posts the aliases would change, without writing anything (the default)
    #[arg(long, conflicts_with = "apply")]
    pub(super) dry_run: bool,
    /// Replace the closed list of categories in `site.toml`: `used` (those of the posts), `open` (no
    /// list), `tech` (sixty about technology), or names with commas between them
    #[arg(
        long,
        value_name = "WHICH",
        conflicts_with_all = ["apply", "dry_run", "format"],
        value_parser = parse_category_choice
    )]
    pub(super) categories: Option<CategoryChoice>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: OutputFormat,
}

/// Arguments of `theme`.
#[derive(Debug, Args)]
pub(super) struct ThemeArgs {
    /// Copy these files, such as `post.html` or `style.css`, to `templates/` and `static/`; all if
    /// none is named
    #[arg(long, value_name = "FILE", num_args = 0..)]
    pub(super) export: Option<Vec<String>>,
    /// Copy to this folder [default: the folder of the site]
    #[arg(long, value_name = "DIR", requires = "export")]
    pub(super) into: Option<PathBuf>,
    /// Replace files that are there already
    #[arg(long, requires = "export")]
    pub(super) force: bool,
}

/// Arguments of `publish`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub(super) struct PublishArgs {
    /// Write `.github/workflows/pages.yml`, with which GitHub builds the site, and push nothing
    #[arg(long, conflicts_with_all = ["dry_run", "no_history", "allow", "strict"])]
    pub(super) workflow: bool,
    /// Show what would change, without pushing anything
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Replace the history of the branch with a single commit
    #[arg(long)]
    pub(super) no_history: bool,
    /// Publish despite findings with this code; repeatable
    #[arg(long, value_name = "CODE")]
    pub(super) allow: Vec<String>,
    /// Publish nothing if a reply is rejected
    #[arg(long)]
    pub(super) strict: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: OutputFormat,
}

/// Formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// Text for people
    Text,
    /// A JSON object
    Json,
    /// Annotations for GitHub workflows
    Github,
}
