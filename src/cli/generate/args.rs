//! The arguments of `generate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use pressrun_generate::selection::AgainTopics;
use pressrun_posts::post::StatedDate;
use pressrun_site::config::generate::{parse_endpoint, parse_model_name, parse_time_span};

use crate::cli::args::{BatchProviderArg, OutputFormat, parse_interval_argument, parse_start_date};
use crate::ingest::PostInterval;

/// Arguments of `generate`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub(in crate::cli) struct GenerateArgs {
    /// Lists of topics: .txt, .md, .csv, .tsv or .jsonl; `-` is standard input
    #[arg(value_name = "TOPICS", required_unless_present_any = ["status", "read_batch"])]
    pub(in crate::cli) topics: Vec<PathBuf>,
    /// Show the plan and an estimate of requests, tokens and cost; send nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Show how topics stand and what was spent, by model and template; send nothing
    #[arg(long, conflicts_with_all = ["dry_run", "again", "limit"])]
    pub(in crate::cli) status: bool,
    /// Ask these topics again: failed, cut-off, refused, off-format, off-list, near-duplicate, changed
    /// (the prompt), all, or the ID of one; repeatable
    #[arg(long, value_name = "KIND|ID", value_parser = parse_again)]
    pub(in crate::cli) again: Vec<AgainTopics>,
    /// Ask at most this many topics
    #[arg(long, value_name = "N")]
    pub(in crate::cli) limit: Option<usize>,
    /// Spend at most this much, in the currency of `[generate.price]`
    #[arg(long, value_name = "X", value_parser = parse_cost)]
    pub(in crate::cli) max_cost: Option<f64>,
    /// Spend at most this many tokens of prompts and answers together
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(in crate::cli) max_tokens: Option<u64>,
    /// Begin no request after this time, such as 90s, 30m or 2h
    #[arg(long, value_name = "T", value_parser = parse_time_span)]
    pub(in crate::cli) max_time: Option<Duration>,
    /// The most requests at the same time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(in crate::cli) concurrency: Option<u16>,
    /// Address of the server, used instead of `endpoint` in `site.toml`
    #[arg(long, value_name = "URL", value_parser = parse_endpoint_argument)]
    pub(in crate::cli) endpoint: Option<String>,
    /// Name of the model, used instead of `model` in `site.toml`
    #[arg(long, value_name = "NAME", value_parser = parse_model_argument)]
    pub(in crate::cli) model: Option<String>,
    /// Template of the prompt, used instead of `template` in `site.toml`
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) template: Option<PathBuf>,
    /// Keep the replies and write no posts
    #[arg(long)]
    pub(in crate::cli) no_ingest: bool,
    /// Date the posts that have no date: the first gets this day (and time), the others follow
    #[arg(long, value_name = "DATE", value_parser = parse_start_date)]
    pub(in crate::cli) start: Option<StatedDate>,
    /// Time between two of these posts: weeks (2w), days (1d), hours (12h) or minutes (90m)
    #[arg(long, value_name = "TIME", default_value = "1d", requires = "start", value_parser = parse_interval_argument)]
    pub(in crate::cli) every: PostInterval,
    /// Exit with 1 unless every topic has an accepted reply
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: OutputFormat,
    /// Write request files for the batch interface of a provider into this folder; send nothing
    #[arg(long, value_name = "DIR", requires = "provider", conflicts_with_all = ["status", "read_batch"])]
    pub(in crate::cli) write_batch: Option<PathBuf>,
    /// The provider of the batch
    #[arg(long = "for", value_name = "PROVIDER", requires = "write_batch")]
    pub(in crate::cli) provider: Option<BatchProviderArg>,
    /// Read the results of a batch
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["status", "dry_run"])]
    pub(in crate::cli) read_batch: Vec<PathBuf>,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "clap takes functions that can fail"
)]
fn parse_again(text: &str) -> Result<AgainTopics, String> {
    Ok(AgainTopics::parse(text))
}

fn parse_cost(text: &str) -> Result<f64, &'static str> {
    let cost = text.parse().ok().filter(|cost| (0.0..1e9).contains(cost));
    cost.ok_or("expected an amount such as 2 or 0.50")
}

fn parse_endpoint_argument(text: &str) -> Result<String, String> {
    parse_endpoint(text).map_err(|expected| format!("expected {expected}"))
}

fn parse_model_argument(text: &str) -> Result<String, String> {
    parse_model_name(text).map_err(|expected| format!("expected {expected}"))
}
