//! Runs `pressrun terms`: shows tags and categories, and which are the same word in several
//! spellings.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_site::config;
use pressrun_site::pipeline::BuildRequest;
use pressrun_site::render::CommandFailure;
use pressrun_text::numbers::group_thousands;
use serde_json::{Value, json};

use super::args::{OutputFormat, TermsArgs};
use super::current_moment;
use super::json::JsonOutput;
use super::terminal::{Terminal, count_with_noun};
use crate::terms::{
    self, ListStanding, RenamedTerm, ReplacedCategories, SuggestedAlias, TaxonomyFindings,
    TermsChange, TermsReport, UsedTerm, VocabularyKind,
};
use crate::theme::THEME;

/// Most terms and most changed posts shown without `--verbose`.
const SHOWN: usize = 10;

/// The most characters of a name that are shown. The lines for `site.toml` have whole names.
const MOST_OF_NAME: usize = 100;

pub(super) fn run_terms(
    root: &Path,
    terms: &TermsArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let request = BuildRequest {
        on_wait: terminal.on_wait(),
        ..BuildRequest::new(root, THEME, current_moment()?)
    };
    if let Some(choice) = &terms.categories {
        let replaced = terms::replace_categories(&request, choice)?;
        terminal.print_status(&describe_replaced_categories(&replaced));
        return Ok(ExitCode::SUCCESS);
    }
    let report = terms::run_terms_analysis(&request, terms.apply)?;
    match terms.format {
        OutputFormat::Json => {
            let applied = terms.apply && report.has_aliases();
            terminal.print_json(JsonOutput::Terms, terms_report_to_json(&report, applied));
        }
        OutputFormat::Text => {
            let page = TermsListing::new(terminal);
            for kind in VocabularyKind::ALL {
                terminal.print_status(&page.format_vocabulary(kind, &report));
            }
            if terms.apply {
                terminal.print_status(&describe_applied_aliases(&report));
            } else {
                // The lines are the result, so they can be redirected into a file even with
                // `--quiet`.
                terminal.print_result(&page.format_suggestions(&report));
                terminal.print_status(&page.format_outlook(&report));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How the report is shown on a terminal.
struct TermsListing<'t> {
    terminal: &'t Terminal,
    most: usize,
}

impl<'t> TermsListing<'t> {
    fn new(terminal: &'t Terminal) -> Self {
        let most = if terminal.shows_all() {
            usize::MAX
        } else {
            SHOWN
        };
        Self { terminal, most }
    }

    /// Formats the terms of a taxonomy, the most used first.
    fn format_vocabulary(&self, kind: VocabularyKind, report: &TermsReport) -> String {
        let found = report.findings_on(kind);
        let terms: Vec<&UsedTerm> = found.vocabulary.used().collect();
        // The posts whose author gave them terms.
        let posts = report.posts - found.vocabulary.derived - found.vocabulary.without;
        let heading = self.terminal.style().bold(kind.taxonomy().folder());
        let posts = count_with_noun(posts, "post", "posts");
        let mut text = format!("{heading}: {} on {posts}\n", group_thousands(terms.len()));
        for term in terms.iter().take(self.most) {
            let _ = writeln!(
                text,
                "{:>7} {}",
                group_thousands(term.posts),
                self.describe_term(term, found)
            );
        }
        self.add_more_line(&mut text, terms.len());
        self.add_notes(&mut text, kind, found);
        text
    }

    fn describe_term(&self, term: &UsedTerm, found: &TaxonomyFindings) -> String {
        let name = shown(&term.name);
        if term.standing != ListStanding::OffList {
            return name;
        }
        let closest = match found.closest.get(&term.name) {
            Some(closest) => format!("not in the list; closest to `{}`", shown(closest)),
            None => "not in the list".to_owned(),
        };
        format!(
            "{name} {}",
            self.terminal.style().dim(&format!("({closest})"))
        )
    }

    /// Adds remarks on the vocabulary as a whole.
    fn add_notes(&self, text: &mut String, kind: VocabularyKind, found: &TaxonomyFindings) {
        let vocabulary = &found.vocabulary;
        let taxonomy = kind.taxonomy();
        let (one, many) = (taxonomy.singular(), taxonomy.folder());
        let terms_with = |is_one: fn(&UsedTerm) -> bool| -> Vec<&UsedTerm> {
            let terms = vocabulary.terms.iter();
            terms.filter(|term| is_one(term)).collect()
        };
        let single = terms_with(|term| term.posts == 1);
        let off_list = terms_with(|term| term.standing == ListStanding::OffList);
        let unused = terms_with(|term| term.posts == 0);
        let kinds = [
            (single, "on one post only"),
            (off_list, "not in the list"),
            (unused, "in the list but on no post"),
        ];
        for (terms, what) in kinds {
            if !terms.is_empty() {
                let number = count_with_noun(terms.len(), one, many);
                let _ = writeln!(text, "{number} {what}: {}", self.join_names(&terms));
            }
        }
        let kinds = [
            (
                vocabulary.derived,
                format!("only {many} derived from the text"),
            ),
            (vocabulary.without, format!("no {many}")),
        ];
        for (posts, what) in kinds.iter().filter(|(posts, _)| *posts > 0) {
            let _ = writeln!(
                text,
                "{} {what}",
                count_with_noun(*posts, "post has", "posts have")
            );
        }
    }

    /// Formats the names of some terms in one line.
    fn join_names(&self, terms: &[&UsedTerm]) -> String {
        let terms_shown = terms.iter().take(self.most);
        let names: Vec<String> = terms_shown.map(|term| shown(&term.name)).collect();
        let mut text = names.join(", ");
        if terms.len() > self.most {
            let _ = write!(
                text,
                " and {} more",
                group_thousands(terms.len() - self.most)
            );
        }
        text
    }

    fn add_more_line(&self, text: &mut String, number: usize) {
        if number > self.most {
            let more = format!(
                "… and {} more; --verbose lists all",
                group_thousands(number - self.most)
            );
            let _ = writeln!(text, "  {}", self.terminal.style().dim(&more));
        }
    }

    /// Formats the aliases as lines for `site.toml`, with guesses as comments.
    fn format_suggestions(&self, report: &TermsReport) -> String {
        let mut text = String::new();
        for kind in VocabularyKind::ALL {
            let found = report.findings_on(kind);
            let guesses = found.guesses();
            if found.aliases.is_empty() && guesses.is_empty() {
                continue;
            }
            let _ = writeln!(
                text,
                "{}",
                self.terminal
                    .style()
                    .bold(&format!("[{}.aliases]", kind.taxonomy().folder()))
            );
            for alias in &found.aliases {
                let _ = writeln!(text, "{}", self.format_alias(alias));
            }
            for (term, closest) in guesses {
                let _ = writeln!(text, "{}", self.format_guess(term, closest));
            }
            text.push('\n');
        }
        text
    }

    fn format_alias(&self, alias: &SuggestedAlias) -> String {
        let line = sanitize_line(&terms::format_alias_line(&alias.alias, &alias.name));
        let posts = count_with_noun(alias.posts, "post", "posts");
        let why = format!("# {}, {posts}", alias.because.name());
        format!("{line}  {}", self.terminal.style().dim(&why))
    }

    fn format_guess(&self, term: &UsedTerm, closest: &str) -> String {
        let line = sanitize_line(&terms::format_alias_line(&term.name, closest));
        let posts = count_with_noun(term.posts, "post", "posts");
        // Commented out, so that pasting the section applies only what is certain.
        let guess = format!("# {line}  # a guess, {posts}");
        self.terminal.style().dim(&guess)
    }

    /// Describes how the posts would change.
    fn format_outlook(&self, report: &TermsReport) -> String {
        if !report.has_aliases() {
            return "every name has only one spelling".to_owned();
        }
        let changes = &report.changes;
        let mut text = format!(
            "{} change:\n",
            count_with_noun(changes.len(), "post would", "posts would")
        );
        for change in changes.iter().take(self.most) {
            let _ = writeln!(
                text,
                "  {}  {}",
                change.place,
                describe_renamed_terms(change)
            );
        }
        self.add_more_line(&mut text, changes.len());
        let file = config::FILE;
        text + &format!("nothing was written; `pressrun terms --apply` adds the aliases to {file}")
    }
}

/// Returns a name on one line, shortened if it is very long.
fn shown(name: &str) -> String {
    match name.char_indices().nth(MOST_OF_NAME) {
        Some((end, _)) => sanitize_line(&name[..end]) + "…",
        None => sanitize_line(name),
    }
}

/// Describes the terms of a post that change.
fn describe_renamed_terms(change: &TermsChange) -> String {
    let all = change.tags.iter().chain(&change.categories);
    let all: Vec<String> = all
        .map(|RenamedTerm { from, to, merged }| {
            let merged = if *merged {
                " (which it already has)"
            } else {
                ""
            };
            format!("{} → {}{merged}", shown(from), shown(to))
        })
        .collect();
    all.join(", ")
}

fn describe_applied_aliases(report: &TermsReport) -> String {
    let aliases = report.tags.aliases.len() + report.categories.aliases.len();
    if aliases == 0 {
        return "every name has only one spelling; nothing was written".to_owned();
    }
    let aliases = count_with_noun(aliases, "alias was", "aliases were");
    let posts = count_with_noun(report.changes.len(), "post changes", "posts change");
    format!("{aliases} added to {}; {posts}", config::FILE)
}

/// Describes the new list of categories, and the aliases that went with the old one.
fn describe_replaced_categories(replaced: &ReplacedCategories) -> String {
    let file = config::FILE;
    let mut text = match replaced.names.len() {
        0 => format!("every category is allowed now in {file}"),
        names => {
            let names = count_with_noun(names, "category", "categories");
            format!("the list in {file} has {names} now")
        }
    };
    for (alias, name) in &replaced.removed {
        let line = sanitize_line(&terms::format_alias_line(alias, name));
        let _ = write!(
            text,
            "\nremoved the alias {line}, whose category is not in the list"
        );
    }
    text
}

fn terms_report_to_json(report: &TermsReport, applied: bool) -> Value {
    let changes: Vec<Value> = report.changes.iter().map(terms_change_to_json).collect();
    json!({
        "posts": report.posts,
        "tags": taxonomy_findings_to_json(&report.tags),
        "categories": taxonomy_findings_to_json(&report.categories),
        "changes": changes,
        "applied": applied,
    })
}

fn taxonomy_findings_to_json(found: &TaxonomyFindings) -> Value {
    let terms = found.vocabulary.terms.iter().map(|term| {
        json!({
            "name": term.name,
            "slug": term.slug,
            "posts": term.posts,
            "listed": match term.standing {
                ListStanding::Open => None,
                standing => Some(standing == ListStanding::Listed),
            },
            "closest": found.closest.get(&term.name),
        })
    });
    let aliases = found.aliases.iter().map(|alias| {
        json!({
            "alias": alias.alias,
            "name": alias.name,
            "posts": alias.posts,
            "because": alias.because.name(),
        })
    });
    json!({
        "terms": terms.collect::<Value>(),
        "aliases": aliases.collect::<Value>(),
        "posts_with_derived_only": found.vocabulary.derived,
        "posts_without": found.vocabulary.without,
    })
}

fn terms_change_to_json(change: &TermsChange) -> Value {
    let renamed = |all: &[RenamedTerm]| -> Value {
        let all = all.iter();
        all.map(|one| json!({ "from": one.from, "to": one.to, "merged": one.merged }))
            .collect()
    };
    json!({
        "file": &*change.place.file,
        "line": change.place.line,
        "title": change.title,
        "tags": renamed(&change.tags),
        "categories": renamed(&change.categories),
    })
}
