//! `generate --write-batch` and `--read-batch`: request files for batch services, and their results.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use pressrun_generate::batch::{
    BatchProvider, BatchReading, BatchTarget, SwappedTexts, WrittenBatch, judge_results,
    read_results, write_requests,
};
use pressrun_generate::journal::{FILE, FOLDER, Journal, Verdict, write_replies};
use pressrun_generate::prompt::PromptTemplates;
use pressrun_generate::selection::TopicSelection;
use pressrun_generate::site_judge::{ReplyJudge, SiteJudge};
use pressrun_generate::topic::{Topic, TopicList};
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_site::config::Config;
use pressrun_site::render::CommandFailure;
use pressrun_text::numbers::group_thousands;
use serde_json::{Value, json};

use super::args::GenerateArgs;
use super::{ingest_drafts, load_judge, print_findings, select, verdict_name};
use crate::cli::args::OutputFormat;
use crate::cli::ingest::format_ledger;
use crate::cli::json::JsonOutput;
use crate::cli::terminal::{Terminal, count_with_noun, typed_path};
use crate::cli::usage_failure;
use crate::ingest::IngestReport;

/// Writes request files for the topics that are to be asked.
pub(super) fn write_batch(
    root: &Path,
    args: &GenerateArgs,
    terminal: &Terminal,
    (config, templates, list): (&Arc<Config>, &PromptTemplates, TopicList),
) -> Result<ExitCode, CommandFailure> {
    let (Some(folder), Some(provider)) = (&args.write_batch, args.provider) else {
        return Err(usage_failure(
            "--write-batch",
            "`--for` must name the service".to_owned(),
        ));
    };
    let provider = BatchProvider::from(provider);
    let mut journal = Journal::open(root, terminal.on_wait())?;
    print_findings(terminal, journal.findings());
    let selection = select(list, &journal, templates, args)?;
    require_model(&selection, config, provider)?;
    let mut judge = load_judge(root, terminal, config, &journal)?;
    let topics = leave_out_covered(&selection, &journal, &mut judge, terminal);
    let target = BatchTarget { provider, folder };
    let written = write_requests(&topics, templates, config, target, &mut journal)?;
    if args.format == OutputFormat::Json {
        terminal.print_json(JsonOutput::GenerateBatch, written_to_json(&written));
    } else {
        terminal.print_status(&describe_written(&written, provider, config));
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks that each request will name a model. Gemini names it when the batch is started.
fn require_model(
    selection: &TopicSelection,
    config: &Config,
    provider: BatchProvider,
) -> Result<(), CommandFailure> {
    let has_model = config.generate.model.is_some()
        || provider == BatchProvider::Gemini
        || selection
            .to_ask
            .iter()
            .all(|selected| selected.topic.model.is_some());
    if has_model {
        return Ok(());
    }
    let message = "the requests of a batch name their model: set `model` in `[generate]`, or use \
                   `--model`";
    Err(usage_failure("--write-batch", message.to_owned()))
}

/// Returns the topics to ask, without new ones that a post covers already, which are named.
fn leave_out_covered<'s>(
    selection: &'s TopicSelection,
    journal: &Journal,
    judge: &mut SiteJudge,
    terminal: &Terminal,
) -> Vec<&'s Topic> {
    let mut topics = Vec::with_capacity(selection.to_ask.len());
    for selected in &selection.to_ask {
        let topic = &selected.topic;
        let is_new = journal
            .state(&topic.id)
            .is_none_or(|state| state.text.is_none());
        match judge.find_covering_post(topic).filter(|_| is_new) {
            Some(post) => {
                let topic = quote_for_message(&topic.text);
                terminal.print_aside(&format!("{topic} is not asked: {post} covers it"));
            }
            None => topics.push(topic),
        }
    }
    topics
}

fn describe_written(written: &WrittenBatch, provider: BatchProvider, config: &Config) -> String {
    if written.files.is_empty() {
        return "no topic is to be asked; nothing was written".to_owned();
    }
    let requests = count_with_noun(written.requests, "request", "requests");
    let files = count_with_noun(written.files.len(), "file", "files");
    let mut text = format!("{requests} in {files}; nothing was sent");
    for file in &written.files {
        let path = typed_path(&file.path);
        let requests = group_thousands(file.requests);
        text += &format!("\n\n{path} ({requests}): to send it, run these commands yourself\n");
        text += &provider.describe_upload(&path, config.generate.model.as_deref());
    }
    text + "\n\nthen read the results with `pressrun generate --read-batch FILE...`"
}

fn written_to_json(written: &WrittenBatch) -> Value {
    let files = written.files.iter().map(|file| {
        json!({"path": file.path.to_string_lossy(), "requests": file.requests, "bytes": file.bytes})
    });
    json!({"requests": written.requests, "files": files.collect::<Vec<_>>()})
}

/// Reads result files, judges the new texts and turns the replies into drafts.
pub(super) fn read_batch(
    root: &Path,
    args: &GenerateArgs,
    terminal: &Terminal,
    config: &Arc<Config>,
) -> Result<ExitCode, CommandFailure> {
    let mut journal = Journal::open(root, terminal.on_wait())?;
    print_findings(terminal, journal.findings());
    let reading = read_results(&args.read_batch, &mut journal)?;
    let swapped: Vec<Diagnostic> = reading.swapped.iter().map(report_swapped).collect();
    terminal.print_findings(&reading.findings, None);
    terminal.print_findings(&swapped, None);
    let mut judge = load_judge(root, terminal, config, &journal)?;
    let verdicts = judge_results(&mut journal, &mut judge, &reading.swapped)?;
    let replies = write_replies(&journal, root, &config.language)?;
    let ingested = ingest_drafts(root, args, terminal, replies)?;
    let has_all = journal.states().all(|(_, state)| state.is_done());
    drop(journal);
    if args.format == OutputFormat::Json {
        terminal.print_json(
            JsonOutput::GenerateResults,
            reading_to_json(&reading, &verdicts),
        );
    } else {
        terminal.print_status(&describe_reading(&reading, &verdicts, ingested.as_ref()));
    }
    terminal.print_findings(&reading.wrong_files, None);
    Ok(
        if !reading.wrong_files.is_empty() || (args.strict && !has_all) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        },
    )
}

fn report_swapped(texts: &SwappedTexts) -> Diagnostic {
    let [id, other] = [&texts.id, &texts.other].map(|id| quote_for_message(id));
    let message = if texts.is_same_text {
        format!("the text that came for {other} has now come for {id}; the first reading counts")
    } else {
        format!("the text for {id} fits the topic of {other}")
    };
    let place = FilePlace::file(format!("{FOLDER}/{FILE}"));
    Diagnostic::new(Code::SwappedReplies, place, message)
        .with_help("two results may have been swapped; read these posts with care")
}

fn describe_reading(
    reading: &BatchReading,
    verdicts: &BTreeMap<Verdict, usize>,
    ingested: Option<&IngestReport>,
) -> String {
    let mut text = count_with_noun(reading.answered, "new answer", "new answers");
    let mut line = |count: usize, what: &str| {
        if count > 0 {
            text += &format!("\n{:>9} {what}", group_thousands(count));
        }
    };
    for (&verdict, &count) in verdicts {
        line(count, verdict_name(verdict));
    }
    line(reading.known, "known already");
    line(reading.failed, "failed or expired; the next run asks them");
    line(reading.missing, "without a result; the next run asks them");
    line(reading.unknown, "for topics that were not asked here");
    if let Some(ingested) = ingested {
        text += "\n";
        text += &format_ledger(ingested, false);
    }
    text
}

fn reading_to_json(reading: &BatchReading, verdicts: &BTreeMap<Verdict, usize>) -> Value {
    let verdicts: BTreeMap<&str, usize> = verdicts
        .iter()
        .map(|(&verdict, &count)| (verdict_name(verdict), count))
        .collect();
    let swapped = reading
        .swapped
        .iter()
        .map(|texts| json!([texts.id, texts.other]));
    json!({
        "answered": reading.answered,
        "known": reading.known,
        "failed": reading.failed,
        "missing": reading.missing,
        "unknown": reading.unknown,
        "swapped": swapped.collect::<Vec<_>>(),
        "verdicts": verdicts,
    })
}
