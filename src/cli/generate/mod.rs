//! Runs `pressrun generate`: asks a language model for posts, and turns its replies into drafts.

mod args;
mod batch;
mod console;
mod ledger;
mod plan;
mod summary;

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use pressrun_generate::budget::Budget;
use pressrun_generate::client::{Client, TimeLimits};
use pressrun_generate::endpoint::{Endpoint, EndpointError};
use pressrun_generate::journal::{FOLDER, Journal, REPLIES_FILE, Verdict, write_replies};
use pressrun_generate::prompt::PromptTemplates;
use pressrun_generate::run::{RunOutcome, RunParts, RunTopic, StopKind, run_topics};
use pressrun_generate::selection::{
    AGAIN_WORDS, TopicSelection, find_unknown_again, select_topics,
};
use pressrun_generate::site_judge::{ReplyJudge, SiteJudge};
use pressrun_generate::status::GenerateLedger;
use pressrun_generate::topic::{Topic, TopicList, TopicSource, read_topics};
use pressrun_posts::diagnostic::{Code, Diagnostic, quote_for_message};
use pressrun_site::config::Config;
use pressrun_site::corpus::DatedPost;
use pressrun_site::error::SystemError;
use pressrun_site::fs;
use pressrun_site::pipeline::{self, BuildRequest};
use pressrun_site::render::CommandFailure;
use pressrun_site::review::{ReviewState, is_generated};

use super::args::OutputFormat;
use super::ingest::ingest_replies;
use super::json::{JsonOutput, message_to_json};
use super::terminal::Terminal;
use super::{current_moment, usage_failure};
use crate::ingest::{DateSchedule, IngestReport, IngestRequest};
use crate::theme::THEME;

pub(super) use args::GenerateArgs;
use console::RunConsole;
use summary::RunSummary;

/// The most bytes of standard input and of a list of topics.
const MOST_BYTES: u64 = 256 << 20;

pub(super) fn run_generate(
    root: &Path,
    args: &GenerateArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let config = Arc::new(configure(root, args)?);
    if args.status {
        return print_status(root, args, terminal);
    }
    if !args.read_batch.is_empty() {
        return batch::read_batch(root, args, terminal, &config);
    }
    let list = read_topic_lists(args, &config)?;
    print_findings(terminal, &list.findings);
    if let Some((id, near)) = find_unknown_again(&args.again, &list.topics) {
        return Err(unknown_again_failure(id, near));
    }
    let templates = PromptTemplates::load(root, &config, args.template.as_deref(), &list.topics)?;
    if args.dry_run {
        return print_plan(root, args, terminal, (&config, &templates, list));
    }
    if args.write_batch.is_some() {
        return batch::write_batch(root, args, terminal, (&config, &templates, list));
    }
    let client = match make_client(&config) {
        Ok(client) => client,
        Err(error) => return Ok(print_endpoint_error(args, terminal, &error)),
    };
    let is_json = args.format == OutputFormat::Json;
    let host = describe_host(&client);
    if is_json {
        terminal.print_aside(&host);
    } else {
        terminal.print_status(&host);
    }
    let mut journal = Journal::open(root, terminal.on_wait())?;
    print_findings(terminal, journal.findings());
    let is_invalid = |found: &Diagnostic| found.code == Code::InvalidTopic;
    let has_invalid = list.findings.iter().any(is_invalid);
    let selection = select(list, &journal, &templates, args)?;
    let run = GenerateRun {
        root,
        args,
        terminal,
        config: &config,
        templates: &templates,
        client: &client,
    };
    let outcome = run.ask(&mut journal, &selection)?;
    let replies = write_replies(&journal, root, &config.language)?;
    let ingested = ingest_drafts(root, args, terminal, replies)?;
    // Until here, a second run waits: it would write the same files.
    drop(journal);
    let summary = RunSummary {
        outcome: &outcome,
        selection: &selection,
        replies,
        ingested: ingested.as_ref(),
        unapproved: count_unapproved(root, terminal, &config),
        folder: root.join(FOLDER),
    };
    if is_json {
        terminal.print_json(JsonOutput::GenerateRun, summary.to_json());
    } else {
        terminal.print_status(&summary.format());
    }
    if let Some(stop) = &outcome.stop {
        terminal.print_error(&stop.message);
        terminal.print_aside(&stop.help);
    }
    let is_stopped = outcome
        .stop
        .as_ref()
        .is_some_and(|stop| matches!(stop.kind, StopKind::Refused | StopKind::Interrupted));
    let fails = is_stopped || (args.strict && (has_invalid || !summary.has_all()));
    Ok(if fails {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Reads `site.toml`, and puts what the command line says in its place.
fn configure(root: &Path, args: &GenerateArgs) -> Result<Config, CommandFailure> {
    let mut config = pipeline::load_config(root)?;
    let generate = &mut config.generate;
    if let Some(endpoint) = &args.endpoint {
        endpoint.clone_into(&mut generate.endpoint);
    }
    if let Some(model) = &args.model {
        generate.model = Some(model.clone());
    }
    if let Some(concurrency) = args.concurrency {
        generate.concurrency = usize::from(concurrency);
    }
    if args.max_cost.is_some() && generate.price.is_none() {
        let message = "`--max-cost` needs prices: set `[generate.price]` in site.toml";
        return Err(usage_failure("--max-cost", message.to_owned()));
    }
    Ok(config)
}

fn print_status(
    root: &Path,
    args: &GenerateArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let journal = Journal::read(root)?;
    let ledger = GenerateLedger::from_journal(&journal);
    print_findings(terminal, journal.findings());
    match args.format {
        OutputFormat::Json => {
            terminal.print_json(JsonOutput::GenerateStatus, ledger::ledger_to_json(&ledger));
        }
        OutputFormat::Text => terminal.print_result(&ledger::format_ledger(&ledger)),
    }
    Ok(ExitCode::SUCCESS)
}

fn print_plan(
    root: &Path,
    args: &GenerateArgs,
    terminal: &Terminal,
    (config, templates, list): (&Config, &PromptTemplates, TopicList),
) -> Result<ExitCode, CommandFailure> {
    let journal = Journal::read(root)?;
    print_findings(terminal, journal.findings());
    let selection = select(list, &journal, templates, args)?;
    match args.format {
        OutputFormat::Json => {
            let plan = plan::plan_to_json(&selection, &config.generate);
            terminal.print_json(JsonOutput::GeneratePlan, plan);
        }
        OutputFormat::Text => {
            terminal.print_result(&plan::format_plan(&selection, &config.generate));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Most findings about lists and the journal without `--verbose`.
const SHOWN: usize = 20;

/// Prints what is wrong with lines of a list or of the journal.
fn print_findings(terminal: &Terminal, findings: &[Diagnostic]) {
    let most = if terminal.shows_all() {
        usize::MAX
    } else {
        SHOWN
    };
    let shown = |found: &&Diagnostic| terminal.shows(found.severity());
    for found in findings.iter().filter(shown).take(most) {
        terminal.print_finding(found);
    }
    let more = findings.iter().filter(shown).count().saturating_sub(most);
    if more > 0 {
        terminal.print_aside(&format!("… and {more} more; --verbose lists all"));
    }
}

fn select(
    list: TopicList,
    journal: &Journal,
    templates: &PromptTemplates,
    args: &GenerateArgs,
) -> Result<TopicSelection, CommandFailure> {
    select_topics(list.topics, journal, templates, &args.again, args.limit)
        .map_err(|found| CommandFailure::Site(vec![found]))
}

fn read_topic_lists(args: &GenerateArgs, config: &Config) -> Result<TopicList, CommandFailure> {
    let mut sources = Vec::new();
    for path in &args.topics {
        let bytes = if path.as_os_str() == "-" {
            read_standard_input()?
        } else {
            fs::read_file_or_pipe(path)?
        };
        sources.push(TopicSource {
            name: path.display().to_string(),
            bytes,
        });
    }
    let mut list = read_topics(&sources, &config.language);
    if list.wrong_files.is_empty() {
        Ok(list)
    } else {
        Err(CommandFailure::Site(std::mem::take(&mut list.wrong_files)))
    }
}

fn read_standard_input() -> Result<Vec<u8>, SystemError> {
    let mut bytes = Vec::new();
    let failed = |error| SystemError::new("read", Path::new("-"), error);
    std::io::stdin()
        .take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

fn unknown_again_failure(id: &str, near: Option<&str>) -> CommandFailure {
    let shown = quote_for_message(id);
    let message = match near {
        Some(near) => format!("no topic has the ID {shown}; did you mean `{near}`?"),
        None => format!(
            "no topic has the ID {shown}; the kinds are `{}`",
            AGAIN_WORDS.join("`, `")
        ),
    };
    usage_failure("--again", message)
}

fn make_client(config: &Config) -> Result<Client, EndpointError> {
    let generate = &config.generate;
    let endpoint = Endpoint::with_key(&generate.endpoint, |name| std::env::var(name).ok())?;
    let limits = TimeLimits {
        first_byte: generate.first_byte,
        idle: generate.idle,
    };
    Client::new(endpoint, limits)
}

fn print_endpoint_error(
    args: &GenerateArgs,
    terminal: &Terminal,
    error: &EndpointError,
) -> ExitCode {
    if args.format == OutputFormat::Json {
        let failure = message_to_json(&error.message, None, Some(&error.help));
        terminal.print_json(JsonOutput::Failure, failure);
    }
    terminal.print_error(&error.message);
    terminal.print_aside(&error.help);
    ExitCode::FAILURE
}

/// Says where requests go, and with which key, before the first is sent.
fn describe_host(client: &Client) -> String {
    let endpoint = client.endpoint();
    let host = endpoint.host();
    match endpoint.key_variable() {
        Some(variable) => format!("asking {host} with the key in `{variable}`"),
        None => format!("asking {host} without a key"),
    }
}

/// A run that is about to ask.
struct GenerateRun<'a> {
    root: &'a Path,
    args: &'a GenerateArgs,
    terminal: &'a Terminal,
    config: &'a Arc<Config>,
    templates: &'a PromptTemplates,
    client: &'a Client,
}

impl GenerateRun<'_> {
    /// Asks for the topics.
    fn ask(
        &self,
        journal: &mut Journal,
        selection: &TopicSelection,
    ) -> Result<RunOutcome, CommandFailure> {
        let topics: Vec<RunTopic> = selection
            .to_finish
            .iter()
            .map(|selected| (selected, true))
            .chain(selection.to_ask.iter().map(|selected| (selected, false)))
            .map(|(selected, has_text)| RunTopic {
                topic: selected.topic.clone(),
                has_text,
            })
            .collect();
        if topics.is_empty() {
            return Ok(RunOutcome::default());
        }
        let args = self.args;
        let mut judge = load_judge(self.root, self.terminal, self.config, journal)?;
        // Small models like to repeat the example of the prompt.
        let example_topic = Topic {
            id: "the example of the prompt".to_owned(),
            ..Topic::default()
        };
        for text in self.templates.list_examples(&topics[0].topic) {
            judge.add_reply(&example_topic, &text);
        }
        let mut console = RunConsole::new(self.terminal, topics.len());
        let outcome = run_topics(
            RunParts {
                config: &self.config.generate,
                client: self.client,
                journal,
                judge: &mut judge,
                render: &|topic| self.templates.render(topic),
                on_event: &mut |event| console.show(event),
                budget: Budget::new(args.max_tokens, args.max_cost, self.config.generate.price),
                max_time: args.max_time,
            },
            topics,
        );
        // The bar must be gone before results are printed.
        console.finish();
        outcome
    }
}

/// Loads the judge of the site, which knows its posts and the accepted replies of the journal.
fn load_judge(
    root: &Path,
    terminal: &Terminal,
    config: &Arc<Config>,
    journal: &Journal,
) -> Result<SiteJudge, CommandFailure> {
    let request = BuildRequest {
        on_wait: terminal.on_wait(),
        ..BuildRequest::new(root, THEME, current_moment()?)
    };
    SiteJudge::load(&request, config, journal)
}

/// Turns the replies into drafts.
fn ingest_drafts(
    root: &Path,
    args: &GenerateArgs,
    terminal: &Terminal,
    replies: usize,
) -> Result<Option<IngestReport>, CommandFailure> {
    if args.no_ingest || replies == 0 {
        return Ok(None);
    }
    let request = IngestRequest {
        root: root.to_owned(),
        sources: vec![root.join(FOLDER).join(REPLIES_FILE)],
        into: None,
        dry_run: false,
        strict: false,
        schedule: args.start.map(|start| DateSchedule {
            start,
            every: args.every,
            times: Vec::new(),
        }),
        overrides_container: false,
        on_wait: terminal.on_wait(),
    };
    ingest_replies(&request, terminal).map(Some)
}

/// Counts the generated posts of the site that nobody has approved as they are. A site that cannot be
/// read has none: what is wrong with it is said by other commands.
fn count_unapproved(root: &Path, terminal: &Terminal, config: &Arc<Config>) -> usize {
    let Ok(now) = current_moment() else { return 0 };
    let request = BuildRequest {
        on_wait: terminal.on_wait(),
        ..BuildRequest::new(root, THEME, now)
    };
    let posts = pipeline::read_posts(&request, config, pipeline::BUILD_CACHE).unwrap_or_default();
    let waits = |dated: &&DatedPost| {
        let state = matches!(dated.review, ReviewState::Waiting | ReviewState::Outdated);
        state && is_generated(&dated.post)
    };
    posts.iter().filter(waits).count()
}

/// Returns the name of a verdict for people.
fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::CutOff => "cut off",
        Verdict::Refused => "refused",
        Verdict::OffFormat | Verdict::Unknown => "off format",
        Verdict::OffList => "off list",
        Verdict::NearDuplicate => "near-duplicate",
    }
}

/// Returns the word with which `--again` asks for topics with a verdict.
fn again_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::CutOff => "cut-off",
        Verdict::Refused => "refused",
        Verdict::OffList => "off-list",
        Verdict::NearDuplicate => "near-duplicate",
        Verdict::OffFormat | Verdict::Accepted | Verdict::Unknown => "off-format",
    }
}
