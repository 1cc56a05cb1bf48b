//! Runs `pressrun shard`: builds a site in steps that several machines can run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use pressrun_site::pipeline::shard::{
    ShardRequest, StepOutcome, finish_shards, gather_shards, plan_shards, read_shard, render_shard,
};
use pressrun_site::pipeline::{BuildReport, BuildRequest};
use pressrun_site::render::CommandFailure;
use serde_json::{Value, json};

use super::args::OutputFormat;
use super::build::{describe_replies, run_on_threads};
use super::json::{JsonOutput, list_diagnostics};
use super::progress::StageReporter;
use super::terminal::{Terminal, count_with_noun, format_bytes, typed_path};
use super::{current_moment, parse_base_url};
use crate::theme::THEME;

/// Arguments of `shard`.
#[derive(Debug, Args)]
pub(super) struct ShardArgs {
    #[command(subcommand)]
    step: StepCommand,
    /// Number of threads to use [default: one for each core]
    #[arg(long, short, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Output format
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    format: OutputFormat,
}

/// The steps.
#[derive(Debug, Subcommand)]
enum StepCommand {
    /// Divide the sources of the site into shards
    Plan(PlanArgs),
    /// Read the sources of a shard
    Read(OneShardArgs),
    /// Put the posts of all shards into their places
    Gather(WorkArgs),
    /// Make the pages of a shard
    Render(OneShardArgs),
    /// Check that every file and every reply is there
    Finish(FinishArgs),
}

#[derive(Debug, Args)]
struct PlanArgs {
    /// Folder for the work and the finished site, which all machines see
    #[arg(value_name = "WORK")]
    work: PathBuf,
    /// Number of shards: a few for each core of all machines
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    shards: u32,
    /// Address of the published site, used instead of `base_url` in `site.toml`
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Include drafts
    #[arg(long)]
    drafts: bool,
    /// Include posts dated in the future
    #[arg(long)]
    future: bool,
    /// Remove an earlier plan with everything that was made for it
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
struct OneShardArgs {
    /// Number of the shard, from 0
    #[arg(value_name = "K")]
    shard: u32,
    /// Folder for the work
    #[arg(value_name = "WORK")]
    work: PathBuf,
}

#[derive(Debug, Args)]
struct WorkArgs {
    /// Folder for the work
    #[arg(value_name = "WORK")]
    work: PathBuf,
}

#[derive(Debug, Args)]
struct FinishArgs {
    /// Folder for the work
    #[arg(value_name = "WORK")]
    work: PathBuf,
    /// Fail if a reply is rejected
    #[arg(long)]
    strict: bool,
    /// Read every file of the site again, and compare it with what was written
    #[arg(long)]
    verify: bool,
}

impl ShardArgs {
    /// Returns whether the result is to be JSON.
    pub(super) fn prints_json(&self) -> bool {
        self.format == OutputFormat::Json
    }

    fn work(&self) -> &Path {
        match &self.step {
            StepCommand::Plan(plan) => &plan.work,
            StepCommand::Read(one) | StepCommand::Render(one) => &one.work,
            StepCommand::Gather(work) => &work.work,
            StepCommand::Finish(finish) => &finish.work,
        }
    }
}

pub(super) fn run_shard(
    root: &Path,
    shard: &ShardArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let mut build = BuildRequest {
        on_wait: terminal.on_wait(),
        on_stage: StageReporter::show_stage,
        ..BuildRequest::new(root, THEME, current_moment()?)
    };
    let mut verify = false;
    match &shard.step {
        StepCommand::Plan(plan) => {
            build.base_url = parse_base_url(plan.base_url.as_deref())?;
            (build.drafts, build.future) = (plan.drafts, plan.future);
            build.force = plan.force;
        }
        StepCommand::Finish(finish) => {
            build.strict = finish.strict;
            verify = finish.verify;
        }
        StepCommand::Read(_) | StepCommand::Gather(_) | StepCommand::Render(_) => {}
    }
    let request = ShardRequest {
        build,
        work: shard.work().to_owned(),
        verify,
    };
    let stages = StageReporter::begin(terminal.shows_progress());
    let result = run_on_threads(shard.jobs, || run_step(&shard.step, &request));
    // The line must be gone before anything else is printed.
    drop(stages);
    let (outcome, site) = result?;
    if shard.prints_json() {
        terminal.print_json(JsonOutput::Shard, outcome_to_json(&outcome, site.as_ref()));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(site) = &site {
        let findings = &site.findings;
        terminal.print_findings(&findings.diagnostics, Some(findings.ledger.replies));
        terminal.print_status(&describe_replies(findings));
    }
    for line in describe_outcome(&shard.step, &outcome, &request) {
        terminal.print_status(&line);
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a step. The last one also returns what a build would have reported.
fn run_step(
    step: &StepCommand,
    request: &ShardRequest,
) -> Result<(StepOutcome, Option<BuildReport>), CommandFailure> {
    let outcome = match step {
        StepCommand::Plan(plan) => plan_shards(request, plan.shards)?,
        StepCommand::Read(one) => read_shard(request, one.shard)?,
        StepCommand::Gather(_) => gather_shards(request)?,
        StepCommand::Render(one) => render_shard(request, one.shard)?,
        StepCommand::Finish(_) => {
            let (outcome, report) = finish_shards(request)?;
            return Ok((outcome, Some(report)));
        }
    };
    Ok((outcome, None))
}

/// Describes what a step did, and what comes next.
fn describe_outcome(
    step: &StepCommand,
    outcome: &StepOutcome,
    request: &ShardRequest,
) -> Vec<String> {
    let count = |name: &str| outcome.manifest.count(name);
    let files = |name: &str| count_with_noun(count(name) as usize, "file", "files");
    let posts = |name: &str| count_with_noun(count(name) as usize, "post", "posts");
    let again = if outcome.was_done {
        " (already done)"
    } else {
        ""
    };
    let folders = request.typed_folders();
    match step {
        StepCommand::Plan(plan) => {
            let shards = count_with_noun(plan.shards as usize, "shard", "shards");
            let bytes = format_bytes(count("bytes"));
            let last = plan.shards - 1;
            vec![
                format!("planned {shards} of {} ({bytes}){again}", files("files")),
                format!("next: pressrun shard read K {folders}, for each K from 0 to {last}"),
            ]
        }
        StepCommand::Read(OneShardArgs { shard, .. }) => {
            let rejected = match count("rejected") {
                0 => String::new(),
                rejected => format!(", {rejected} rejected"),
            };
            let posts = posts("posts");
            // A source is a file, or a part of a large one.
            let sources = count_with_noun(count("sources") as usize, "source", "sources");
            vec![format!(
                "shard {shard}: {posts} in {sources}{rejected}{again}"
            )]
        }
        StepCommand::Gather(_) => {
            let (all, here) = (files("files"), files("files-here"));
            let posts = posts("published");
            vec![
                format!("gathered {posts}: {all} in all, {here} of them written{again}"),
                format!("next: pressrun shard render K {folders}, for each shard"),
            ]
        }
        StepCommand::Render(OneShardArgs { shard, .. }) => {
            let bytes = format_bytes(count("bytes"));
            vec![format!(
                "shard {shard}: {} ({bytes}){again}",
                files("files")
            )]
        }
        StepCommand::Finish(_) => {
            let bytes = format_bytes(count("bytes"));
            let site = request.work.join("site");
            vec![format!(
                "{} ({bytes}) in {}: complete",
                files("files"),
                typed_path(&site)
            )]
        }
    }
}

fn outcome_to_json(outcome: &StepOutcome, site: Option<&BuildReport>) -> Value {
    let manifest = &outcome.manifest;
    json!({
        "step": manifest.step,
        "shard": manifest.shard,
        "plan": manifest.plan,
        "already_done": outcome.was_done,
        "counts": manifest.counts,
        "site": site.map(|site| json!({
            "base_url": site.base_url.as_str(),
            "output": site.output.to_string_lossy(),
            "ledger": site.findings.ledger,
            "diagnostics": list_diagnostics(&site.findings.diagnostics),
        })),
    })
}
