//! Runs `pressrun approve`, `reject` and `revoke`: writes what a person says about posts.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_posts::post::Date;
use pressrun_site::git::Repository;
use pressrun_site::pipeline::{ReviewItem, ReviewQueue};
use pressrun_site::render::CommandFailure;
use pressrun_site::review::ReviewState;
use pressrun_text::numbers::group_thousands;

use super::review::{describe_mark, list_codes, print_unknown, read_queue};
use super::terminal::{Terminal, count_with_noun};
use super::{current_moment, usage_failure};
use crate::review::{
    AppliedAction, ReviewAction, ReviewFault, ReviewTarget, Reviewer, apply_to_all, describe_place,
    select_posts,
};

/// Most posts named without `--verbose`.
const SHOWN: usize = 20;

/// Arguments of `approve`.
#[derive(Debug, Args)]
pub(super) struct ApproveArgs {
    /// Files, folders, `FILE:LINE`, slugs or addresses of the posts
    #[arg(value_name = "PATH|SLUG", required_unless_present = "all_below")]
    posts: Vec<String>,
    /// Name of the person who read them [default: `user.name` of git]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Approve all posts that wait and whose risk is below this number; with paths, those among them
    #[arg(long, value_name = "RISK")]
    all_below: Option<u32>,
    /// Show what would be done, without writing anything
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `reject`.
#[derive(Debug, Args)]
pub(super) struct RejectArgs {
    /// Files, folders, `FILE:LINE`, slugs or addresses of the posts
    #[arg(value_name = "PATH|SLUG", required = true)]
    posts: Vec<String>,
    /// Why they must not be published as they are
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Name of the person who read them [default: `user.name` of git]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Show what would be done, without writing anything
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `revoke`.
#[derive(Debug, Args)]
pub(super) struct RevokeArgs {
    /// Files, folders, `FILE:LINE`, slugs or addresses of the posts
    #[arg(value_name = "PATH|SLUG", required = true)]
    posts: Vec<String>,
    /// Show what would be done, without writing anything
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run_approve(
    root: &Path,
    approve: &ApproveArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let by = find_name(root, approve.by.as_deref(), terminal)?;
    let run = ReviewRun::begin(root, by, ReviewAction::Approve, terminal)?;
    let mut plan = ReviewPlan::default();
    let selection = select_posts(&run.queue, root, &approve.posts);
    let chosen: Vec<&ReviewItem> = if approve.posts.is_empty() {
        run.queue
            .items
            .iter()
            .filter(|item| item.is_open())
            .collect()
    } else {
        selection.list_to_decide()
    };
    for item in chosen {
        let is_blocked = !item.blocks.is_empty();
        match approve.all_below {
            Some(_) if !item.is_open() => {}
            Some(_) if is_blocked => plan.blocked.push(item),
            Some(most) if item.risk >= most => plan.risky.push(item),
            _ if item.state == ReviewState::Approved => plan.done.push(item),
            _ if is_blocked => plan.refused.push(item),
            _ => plan.chosen.push(item),
        }
    }
    Ok(run.carry_out(&plan, approve.dry_run, print_unknown(&selection, terminal)))
}

pub(super) fn run_reject(
    root: &Path,
    reject: &RejectArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    if reject.why.trim().is_empty() {
        let message = "say why, so that others know what to change: --why TEXT".to_owned();
        return Err(usage_failure("--why", message));
    }
    let by = find_name(root, reject.by.as_deref(), terminal)?;
    let action = ReviewAction::Reject {
        why: reject.why.clone(),
    };
    let run = ReviewRun::begin(root, by, action, terminal)?;
    let selection = select_posts(&run.queue, root, &reject.posts);
    let plan = ReviewPlan {
        chosen: selection.list_to_decide(),
        ..ReviewPlan::default()
    };
    Ok(run.carry_out(&plan, reject.dry_run, print_unknown(&selection, terminal)))
}

pub(super) fn run_revoke(
    root: &Path,
    revoke: &RevokeArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let run = ReviewRun::begin(root, String::new(), ReviewAction::Revoke, terminal)?;
    let selection = select_posts(&run.queue, root, &revoke.posts);
    let (chosen, done) = selection.items().partition(|item| item.mark.is_some());
    let plan = ReviewPlan {
        chosen,
        done,
        ..ReviewPlan::default()
    };
    Ok(run.carry_out(&plan, revoke.dry_run, print_unknown(&selection, terminal)))
}

/// Returns the name of the person: the given one, or the one that git knows.
fn find_name(
    root: &Path,
    given: Option<&str>,
    terminal: &Terminal,
) -> Result<String, CommandFailure> {
    if let Some(name) = given {
        if name.trim().is_empty() {
            let message = "`--by` takes the name of the person who read the text".to_owned();
            return Err(usage_failure("--by", message));
        }
        return Ok(name.to_owned());
    }
    let known = Repository::without_prompts(root).look_up(["config", "user.name"]);
    let Some(name) = known.filter(|name| !name.trim().is_empty()) else {
        let message = "who read the text? Add --by NAME, or set a name for git: `git config --global \
                       user.name NAME`";
        return Err(usage_failure("--by", message.to_owned()));
    };
    let shown = sanitize_line(&name);
    terminal.print_status(&format!("by {shown}, the `user.name` of git"));
    Ok(name)
}

/// What a command does with the posts that it was asked about.
#[derive(Default)]
struct ReviewPlan<'q> {
    /// The posts that are changed.
    chosen: Vec<&'q ReviewItem>,
    /// Those that need no change.
    done: Vec<&'q ReviewItem>,
    /// Those that were named but cannot be approved.
    refused: Vec<&'q ReviewItem>,
    /// Those that `--all-below` leaves because they cannot be approved.
    blocked: Vec<&'q ReviewItem>,
    /// Those that `--all-below` leaves because of their risk.
    risky: Vec<&'q ReviewItem>,
}

/// A run of one of the commands.
struct ReviewRun<'a> {
    root: &'a Path,
    queue: ReviewQueue,
    action: ReviewAction,
    reviewer: Reviewer,
    terminal: &'a Terminal,
}

impl<'a> ReviewRun<'a> {
    fn begin(
        root: &'a Path,
        by: String,
        action: ReviewAction,
        terminal: &'a Terminal,
    ) -> Result<Self, CommandFailure> {
        let queue = read_queue(root, terminal)?;
        let on: Date = queue.config.timezone.day_of(current_moment()?);
        Ok(Self {
            root,
            queue,
            action,
            reviewer: Reviewer { by, on },
            terminal,
        })
    }

    /// Carries out a plan, and prints what was done. `code` is the exit code so far.
    fn carry_out(&self, plan: &ReviewPlan<'_>, dry_run: bool, code: ExitCode) -> ExitCode {
        let done = self.past_tense();
        let mut failed = 0;
        let mut changed: Vec<&ReviewItem> = Vec::new();
        if dry_run {
            changed.clone_from(&plan.chosen);
        } else {
            for (item, result) in plan.chosen.iter().zip(self.apply(&plan.chosen)) {
                match result {
                    Ok(applied) => {
                        changed.push(item);
                        self.print_still_draft(item, &applied);
                    }
                    Err(fault) => {
                        failed += 1;
                        self.print_fault(&fault);
                    }
                }
            }
        }
        for item in &plan.refused {
            self.print_blocks(item);
        }
        let lines = changed.iter().map(|item| {
            let title = sanitize_line(&item.title);
            format!("{done} {}  {title}", describe_place(item))
        });
        let would = if dry_run { "would be " } else { "" };
        self.print_lines(lines.map(|line| format!("{would}{line}")));
        let already = plan.done.iter().map(|item| describe_done(item));
        self.print_lines(already);
        self.print_left(plan);
        let posts = count_with_noun(changed.len(), "post", "posts");
        self.terminal
            .print_status(&format!("{posts} {would}{done}"));
        if failed + plan.refused.len() > 0 {
            return ExitCode::FAILURE;
        }
        code
    }

    fn apply(&self, items: &[&ReviewItem]) -> Vec<Result<AppliedAction, ReviewFault>> {
        let targets = items.iter().map(|item| ReviewTarget::of_item(item));
        let targets: Vec<ReviewTarget> = targets.collect();
        let config = &self.queue.config;
        apply_to_all(self.root, config, &targets, &self.action, &self.reviewer)
    }

    const fn past_tense(&self) -> &'static str {
        match self.action {
            ReviewAction::Approve => "approved",
            ReviewAction::Reject { .. } => "rejected",
            ReviewAction::Revoke => "revoked",
            ReviewAction::Draft => "made a draft",
        }
    }

    fn print_lines(&self, lines: impl ExactSizeIterator<Item = String>) {
        let most = if self.terminal.shows_all() {
            usize::MAX
        } else {
            SHOWN
        };
        let more = lines.len().saturating_sub(most);
        for line in lines.take(most) {
            self.terminal.print_status(&line);
        }
        if more > 0 {
            let more = group_thousands(more);
            self.terminal
                .print_status(&format!("… and {more} more; --verbose lists all"));
        }
    }

    fn print_still_draft(&self, item: &ReviewItem, applied: &AppliedAction) {
        if let Some(cause) = applied.still_draft {
            let place = describe_place(item);
            self.terminal
                .print_aside(&format!("{place}: {}", cause.help()));
        }
    }

    fn print_fault(&self, fault: &ReviewFault) {
        self.terminal.print_error(&fault.to_string());
        if let Some(help) = fault.help() {
            self.terminal.print_aside(&format!("  {help}"));
        }
    }

    /// Prints why a post cannot be approved.
    fn print_blocks(&self, item: &ReviewItem) {
        let place = describe_place(item);
        let codes = list_codes(&item.blocks);
        self.terminal
            .print_error(&format!("`{place}` cannot be approved: {codes}"));
        for found in &item.blocks {
            self.terminal.print_finding(found);
        }
    }

    /// Prints how many posts `--all-below` leaves, and why.
    fn print_left(&self, plan: &ReviewPlan<'_>) {
        let mut reasons = Vec::new();
        if !plan.risky.is_empty() {
            let number = group_thousands(plan.risky.len());
            reasons.push(format!("{number} too risky"));
        }
        let mut codes: Vec<&str> = Vec::new();
        for item in &plan.blocked {
            // Of several reasons, the first one counts, so that the numbers add up.
            codes.extend(item.blocks.first().map(|found| found.code.name()));
        }
        codes.sort_unstable();
        for same in codes.chunk_by(|a, b| a == b) {
            reasons.push(format!("{} {}", group_thousands(same.len()), same[0]));
        }
        if !reasons.is_empty() {
            let left = plan.risky.len() + plan.blocked.len();
            let left = count_with_noun(left, "post was left", "posts were left");
            let reasons = reasons.join(", ");
            self.terminal.print_status(&format!("{left}: {reasons}"));
        }
    }
}

/// Says that nothing had to be done about a post.
fn describe_done(item: &ReviewItem) -> String {
    let place = describe_place(item);
    match &item.mark {
        Some(mark) => format!("{place} was approved already{}", describe_mark(mark)),
        None => format!("{place} has no approval and no rejection"),
    }
}
