//! Prints the plan of a run and what it may take: `generate --dry-run`.

use std::fmt::Write;

use pressrun_generate::budget::{RunEstimate, SpendingEstimate, TopicNeeds, estimate_run};
use pressrun_generate::selection::TopicSelection;
use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_site::config::generate::GenerateConfig;
use pressrun_text::numbers::group_thousands;
use serde_json::{Value, json};

use super::ledger::format_cost;
use crate::cli::terminal::count_with_noun;

/// Estimates what a run takes.
pub(super) fn estimate_selection(
    selection: &TopicSelection,
    config: &GenerateConfig,
) -> RunEstimate {
    let bytes: Vec<usize> = selection
        .to_ask
        .iter()
        .map(|selected| selected.prompt_bytes)
        .collect();
    let words = selection
        .to_ask
        .iter()
        .map(|selected| u64::from(selected.topic.words.unwrap_or(config.words)));
    let needs = TopicNeeds {
        // The mean: the estimate counts all topics alike.
        words: words.sum::<u64>() / (bytes.len() as u64).max(1),
        max_tokens: u64::from(config.max_tokens),
        continuations: u64::from(config.continuations),
        repairs: u64::from(config.repairs),
        tries: u64::from(config.tries),
    };
    estimate_run(&bytes, needs, config.price)
}

/// Formats the plan for a person.
pub(super) fn format_plan(selection: &TopicSelection, config: &GenerateConfig) -> String {
    let estimate = estimate_selection(selection, config);
    let model = config.model.as_deref().unwrap_or("the model that it runs");
    let mut text = format!(
        "nothing is sent; without --dry-run: {}, {}\n",
        sanitize_line(&config.endpoint),
        sanitize_line(model)
    );
    text += &describe_selection(selection);
    let rows = [
        ("low", estimate.low),
        ("expected", estimate.expected),
        ("worst", estimate.worst),
    ];
    let _ = writeln!(
        text,
        "\n{:>8} {:>10} {:>14} {:>14}{}",
        "",
        "requests",
        "prompt tokens",
        "answer tokens",
        if config.price.is_some() {
            "         cost"
        } else {
            ""
        }
    );
    for (name, row) in rows {
        let _ = writeln!(text, "{name:>8}{}", format_estimate(row));
    }
    if config.price.is_none() {
        text += "\nset `[generate.price]` in site.toml to see the cost\n";
    }
    text
}

fn format_estimate(row: SpendingEstimate) -> String {
    let number = |number: u64| group_thousands(number as usize);
    let mut text = format!(
        " {:>10} {:>14} {:>14}",
        number(row.requests),
        number(row.input),
        number(row.output)
    );
    if let Some(cost) = row.cost {
        let _ = write!(text, " {:>12}", format_cost(cost));
    }
    text
}

/// Describes which topics are asked, and which are not, one kind a line.
pub(super) fn describe_selection(selection: &TopicSelection) -> String {
    let mut text = String::new();
    let to_ask = count_with_noun(selection.to_ask.len(), "topic", "topics");
    let _ = writeln!(text, "{to_ask} to ask");
    let mut line = |count: usize, what: &str| {
        if count > 0 {
            let _ = writeln!(text, "{:>9} {what}", group_thousands(count));
        }
    };
    line(selection.to_finish.len(), "answered before, to be judged");
    line(selection.done, "accepted before");
    for (verdict, count) in &selection.not_accepted {
        let name = super::verdict_name(*verdict);
        let word = super::again_word(*verdict);
        line(
            *count,
            &format!("{name} before; `--again {word}` asks again"),
        );
    }
    line(
        selection.failed,
        "failed before; `--again failed` asks again",
    );
    line(selection.waiting, "waiting for the results of a batch");
    line(selection.left, "left for a later run by --limit");
    text + &describe_changed(selection)
}

/// Says how many replies were accepted under another prompt, if any were.
pub(super) fn describe_changed(selection: &TopicSelection) -> String {
    if selection.changed == 0 {
        return String::new();
    }
    format!(
        "answered under another prompt: {}; `--again changed` asks them again\n",
        group_thousands(selection.changed)
    )
}

/// Returns the plan as JSON.
pub(super) fn plan_to_json(selection: &TopicSelection, config: &GenerateConfig) -> Value {
    let estimate = estimate_selection(selection, config);
    let row = |row: SpendingEstimate| {
        json!({
            "requests": row.requests,
            "input_tokens": row.input,
            "output_tokens": row.output,
            "cost": row.cost,
        })
    };
    json!({
        "to_ask": selection.to_ask.len(),
        "to_judge": selection.to_finish.len(),
        "accepted_before": selection.done,
        "changed_prompt": selection.changed,
        "in_batch": selection.waiting,
        "failed_before": selection.failed,
        "left_by_limit": selection.left,
        "estimate": {
            "low": row(estimate.low),
            "expected": row(estimate.expected),
            "worst": row(estimate.worst),
        },
    })
}
