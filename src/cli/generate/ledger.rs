//! Prints the ledger of the journal: `generate --status`.

use std::fmt::Write;

use pressrun_generate::journal::TokenUsage;
use pressrun_generate::status::{GenerateLedger, LedgerRow, TopicStanding};
use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_text::numbers::group_thousands;
use serde_json::{Map, Value, json};

use crate::cli::terminal::count_with_noun;

/// Formats the ledger for a person. Its numbers of topics add up to the one in the first line.
pub(super) fn format_ledger(ledger: &GenerateLedger) -> String {
    let total = &ledger.total;
    let topics = count_with_noun(total.count_topics(), "topic was asked", "topics were asked");
    let mut text = format!("{topics}:\n");
    text += &format_row(total);
    if ledger.rows.len() > 1 {
        for ((model, template), row) in &ledger.rows {
            let _ = writeln!(text, "\n{}:", name_source(model, template));
            text += &format_row(row);
        }
    } else if let Some((model, template)) = ledger.rows.keys().next() {
        let _ = writeln!(text, "all by {}", name_source(model, template));
    }
    if ledger.lost > 0 {
        let lost = count_with_noun(ledger.lost, "request has", "requests have");
        let _ = writeln!(text, "{lost} no outcome: the run ended before the answer");
    }
    text
}

fn name_source(model: &str, template: &str) -> String {
    let model = match model {
        "" => "the model of the server",
        model => model,
    };
    sanitize_line(&format!("{model}, template {template}"))
}

fn format_row(row: &LedgerRow) -> String {
    let mut text = String::new();
    for standing in TopicStanding::ALL {
        let count = row.count(standing);
        if count > 0 {
            let _ = writeln!(text, "{:>9} {}", group_thousands(count), standing.name());
        }
    }
    let requests = count_with_noun(row.requests as usize, "request", "requests");
    let _ = write!(text, "{requests}");
    if row.failures > 0 {
        let _ = write!(text, ", {} failed", group_thousands(row.failures as usize));
    }
    let _ = writeln!(text, "; {}", describe_spending(row));
    text
}

/// Describes the tokens and the cost of a row. What no server has counted and what no price was known
/// for is unknown, which is not the same as nothing.
fn describe_spending(row: &LedgerRow) -> String {
    let Some(usage) = row.usage else {
        return "tokens and cost unknown: the server counted none".to_owned();
    };
    let mut text = describe_tokens(usage);
    if row.uncounted > 0 {
        let answers = count_with_noun(row.uncounted as usize, "answer", "answers");
        let _ = write!(text, ", without those of {answers} that were not counted");
    }
    match row.cost {
        Some(cost) => {
            let _ = write!(text, "; cost {}", format_cost(cost));
        }
        None => text += "; cost unknown",
    }
    text
}

/// Describes tokens in words.
pub(super) fn describe_tokens(usage: TokenUsage) -> String {
    let number = |tokens: u64| group_thousands(tokens as usize);
    format!(
        "{} tokens of prompts and {} of answers",
        number(usage.input),
        number(usage.output)
    )
}

/// Formats an amount: two decimal places, or more for a small one.
pub(super) fn format_cost(cost: f64) -> String {
    if cost == 0.0 || cost >= 0.1 {
        format!("{cost:.2}")
    } else {
        format!("{cost:.4}")
    }
}

/// Returns the ledger as JSON.
pub(super) fn ledger_to_json(ledger: &GenerateLedger) -> Value {
    let mut object = row_to_json(&ledger.total);
    object.insert("lost_requests".to_owned(), json!(ledger.lost));
    let rows = ledger.rows.iter().map(|((model, template), row)| {
        let mut object = Map::new();
        object.insert("model".to_owned(), json!(&**model));
        object.insert("template".to_owned(), json!(&**template));
        object.extend(row_to_json(row));
        Value::Object(object)
    });
    object.insert("sources".to_owned(), rows.collect());
    Value::Object(object)
}

fn row_to_json(row: &LedgerRow) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("topics".to_owned(), json!(row.count_topics()));
    for standing in TopicStanding::ALL {
        object.insert(standing.key().to_owned(), json!(row.count(standing)));
    }
    object.insert("requests".to_owned(), json!(row.requests));
    object.insert("failed_requests".to_owned(), json!(row.failures));
    object.insert("tokens".to_owned(), json!(row.usage.map(tokens_to_json)));
    object.insert("uncounted_answers".to_owned(), json!(row.uncounted));
    object.insert("cost".to_owned(), json!(row.cost));
    object
}

/// Returns tokens as JSON.
pub(super) fn tokens_to_json(usage: TokenUsage) -> Value {
    json!({
        "input": usage.input,
        "output": usage.output,
        "reasoning": usage.reasoning,
        "cached": usage.cached,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(usage: Option<TokenUsage>, uncounted: u64, cost: Option<f64>, expected: &str) {
        let row = LedgerRow {
            usage,
            uncounted,
            cost,
            ..LedgerRow::default()
        };
        assert_eq!(describe_spending(&row), expected);
    }

    #[test]
    fn what_was_not_counted_is_unknown_and_not_zero() {
        let usage = Some(TokenUsage {
            input: 1200,
            output: 30,
            ..TokenUsage::default()
        });
        let tokens = "1200 tokens of prompts and 30 of answers";
        check(
            None,
            2,
            None,
            "tokens and cost unknown: the server counted none",
        );
        check(usage, 0, None, &format!("{tokens}; cost unknown"));
        check(usage, 0, Some(0.5), &format!("{tokens}; cost 0.50"));
        let some = ", without those of 1 answer that were not counted; cost 0.50";
        check(usage, 1, Some(0.5), &format!("{tokens}{some}"));
        let unknown = row_to_json(&LedgerRow::default());
        assert_eq!([&unknown["tokens"], &unknown["cost"]], [&Value::Null; 2]);
    }
}
