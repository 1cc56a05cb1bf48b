//! Lists who decided what about which text, and writes the list as a table for spreadsheets.

use std::collections::HashMap;

use pressrun_posts::post::review::format_text_hash;
use pressrun_posts::post::{Date, ReviewMark};
use pressrun_site::corpus::CorpusPost;
use pressrun_site::pipeline::ReviewQueue;
use pressrun_site::review::{BookEntry, ReviewState};

/// An approval or a rejection, and what became of the post since then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewDecision {
    /// Whether it is an approval.
    pub approved: bool,
    /// The file of the post.
    pub file: String,
    /// The line where its reply begins now; `None` if the post is gone.
    pub line: Option<u32>,
    /// Its title.
    pub title: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub on: Option<Date>,
    /// Why it was rejected.
    pub why: Option<String>,
    /// The hash of the text that was read.
    pub hash: u128,
    /// The state of the post now; `None` if it is gone.
    pub state: Option<ReviewState>,
}

/// Lists all decisions, by file and line.
pub fn list_decisions(queue: &ReviewQueue) -> Vec<ReviewDecision> {
    let mut decisions = Vec::new();
    let mut by_hash: HashMap<u128, &CorpusPost> = HashMap::new();
    let mut by_title: HashMap<(&str, &str), &CorpusPost> = HashMap::new();
    for (_, entry) in queue.corpus.texts() {
        let post = &entry.post;
        by_hash.insert(post.text_hash, entry);
        by_title.insert((&post.source.file, &post.title), entry);
        let Some(record) = post.review.as_deref() else {
            continue;
        };
        let marks = [(true, &record.approved), (false, &record.rejected)];
        for (approved, mark) in marks {
            if let Some(mark) = mark {
                decisions.push(decision_of_file(approved, mark, entry));
            }
        }
    }
    let of_book = [(true, &queue.book.approved), (false, &queue.book.rejected)];
    for (approved, entries) in of_book {
        for one in entries {
            let former = by_title.get(&(&*one.file, &*one.title));
            let now = by_hash.get(&one.hash).or(former).copied();
            decisions.push(decision_of_book(approved, one, now));
        }
    }
    decisions.sort_by(|a, b| (&a.file, a.line, a.on).cmp(&(&b.file, b.line, b.on)));
    decisions
}

fn decision_of_file(approved: bool, mark: &ReviewMark, entry: &CorpusPost) -> ReviewDecision {
    let post = &entry.post;
    ReviewDecision {
        approved,
        file: post.source.file.to_string(),
        line: Some(post.source.line),
        title: post.title.clone(),
        by: mark.by.clone(),
        on: mark.on,
        why: mark.why.clone(),
        hash: mark.hash,
        state: Some(entry.review),
    }
}

fn decision_of_book(approved: bool, one: &BookEntry, now: Option<&CorpusPost>) -> ReviewDecision {
    let source = now.map(|entry| &entry.post.source);
    ReviewDecision {
        approved,
        file: source.map_or_else(|| one.file.clone(), |source| source.file.to_string()),
        line: source.map(|source| source.line),
        title: one.title.clone(),
        by: one.by.clone(),
        on: one.on,
        why: one.why.clone(),
        hash: one.hash,
        state: now.map(|entry| entry.review),
    }
}

/// Returns the name of a state, as commands print it.
pub const fn name_state(state: ReviewState) -> &'static str {
    match state {
        ReviewState::NotNeeded => "not needed",
        ReviewState::Waiting => "waiting",
        ReviewState::Outdated => "outdated",
        ReviewState::Approved => "approved",
        ReviewState::Rejected => "rejected",
    }
}

/// Formats decisions as CSV, with a header. No cell is a formula for a spreadsheet.
pub fn format_decisions(decisions: &[ReviewDecision]) -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    let header = [
        "decision",
        "by",
        "on",
        "file",
        "line",
        "title",
        "why",
        "hash",
        "state now",
    ];
    let rows = decisions.iter().map(|one| {
        let name = if one.approved { "approved" } else { "rejected" };
        [
            name.to_owned(),
            protect_cell(&one.by),
            one.on.map_or_else(String::new, |on| on.to_string()),
            protect_cell(&one.file),
            one.line.map_or_else(String::new, |line| line.to_string()),
            protect_cell(&one.title),
            protect_cell(one.why.as_deref().unwrap_or_default()),
            format_text_hash(one.hash),
            one.state.map_or("gone", name_state).to_owned(),
        ]
    });
    let rows = std::iter::once(header.map(str::to_owned)).chain(rows);
    for row in rows {
        table
            .write_record(&row)
            .expect("memory can be written, and all rows have one length");
    }
    let bytes = table.into_inner().expect("memory can be written");
    String::from_utf8(bytes).expect("all cells are text")
}

/// Returns a cell that no spreadsheet takes for a formula.
fn protect_cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_has_no_formulas() {
        let one = ReviewDecision {
            approved: false,
            file: "content/a.md".to_owned(),
            line: Some(3),
            title: "=1+1".to_owned(),
            by: "@Ann".to_owned(),
            on: "2026-11-28".parse().ok(),
            why: Some("thin,\n\"so\"".to_owned()),
            hash: 10,
            state: Some(ReviewState::Outdated),
        };
        let gone = ReviewDecision {
            approved: true,
            state: None,
            line: None,
            on: None,
            why: None,
            ..one.clone()
        };
        assert_eq!(
            format_decisions(&[one, gone]),
            "decision,by,on,file,line,title,why,hash,state now\n\
             rejected,'@Ann,2026-11-28,content/a.md,3,'=1+1,\"thin,\n\"\"so\"\"\",\
             0000000000000000000000000000000a,outdated\n\
             approved,'@Ann,,content/a.md,,'=1+1,,0000000000000000000000000000000a,gone\n"
        );
    }
}
