//! The message files of a site, in `i18n/`: words of its own for the theme.

use std::path::Path;

use pressrun_locale::messages::{self, FOLDER, MessageFile, Messages, parse_message_file};
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_text::language;
use pressrun_text::line::unify_line_ends;

use crate::config::{self, SiteMessages, find_nearest_name};
use crate::discover::report_unreadable_file;
use crate::fs::{self, WalkedFile};

/// The most bytes of a message file.
const MAX_FILE: u64 = 1 << 20;

/// Reads the message files of the site at `root`, whose language is given.
///
/// # Errors
///
/// Returns everything that is wrong with them.
pub(crate) fn load_site_messages(
    root: &Path,
    site_language: &str,
) -> Result<SiteMessages, Vec<Diagnostic>> {
    let (found, errors) = fs::walk_visible_files(&root.join(FOLDER));
    let mut wrong: Vec<Diagnostic> = errors
        .iter()
        .map(|error| report_unreadable_file(root, error))
        .collect();
    let mut site = SiteMessages::default();
    let mut files = Vec::new();
    for file in found {
        let path = format!("{FOLDER}/{}", file.path);
        let tag = file.path.strip_suffix(".toml");
        let Some(tag) = tag.filter(|tag| language::is_tag(tag)) else {
            let note = "it is not a message file";
            let help = "a message file has the tag of its language as its name, like `de.toml` or `pt-BR.toml`";
            let found = Diagnostic::new(Code::IgnoredFile, FilePlace::file(path), note);
            site.notes.push(found.with_help(help));
            continue;
        };
        match read_message_file(root, &file, &path, &mut site.unknown) {
            Ok(messages) => files.push((tag.to_owned(), messages)),
            Err(errors) => wrong.extend(errors),
        }
    }
    if !wrong.is_empty() {
        wrong.sort();
        return Err(wrong);
    }
    let tags: Vec<String> = files.iter().map(|(tag, _)| tag.clone()).collect();
    site.messages = Messages::new(site_language, files);
    site.notes
        .extend(note_missing(&site.messages, site_language, &tags));
    Ok(site)
}

fn read_message_file(
    root: &Path,
    file: &WalkedFile,
    path: &str,
    unknown: &mut Vec<(String, Diagnostic)>,
) -> Result<MessageFile, Vec<Diagnostic>> {
    if file.stamp.is_some_and(|stamp| stamp.size > MAX_FILE) {
        let message = "it is larger than 1 MiB, the most that a message file may have";
        return Err(vec![Diagnostic::new(
            Code::InvalidMessages,
            FilePlace::file(path),
            message,
        )]);
    }
    let text = fs::read_text(&file.location)
        .map_err(|error| vec![report_unreadable_file(root, &error)])?
        .unwrap_or_default();
    let text = unify_line_ends(text.strip_prefix('\u{FEFF}').unwrap_or(&text));
    let (messages, others) = parse_message_file(&text).map_err(|faults| {
        let report = |fault: messages::MessageFault| {
            let end = fault.range.end.min(text.len());
            let place = FilePlace::span(path, &text, fault.range.start.min(end)..end);
            let found = Diagnostic::new(Code::InvalidMessages, place, fault.message);
            match fault.help {
                Some(help) => found.with_help(help),
                None => found,
            }
        };
        faults.into_iter().map(report).collect::<Vec<_>>()
    })?;
    let known = Messages::default().site_words();
    for other in others {
        let place = FilePlace::span(path, &text, other.range);
        let message = format!("no template shows the message `{}`", other.key);
        let found = Diagnostic::new(Code::UnusedMessage, place, message);
        let keys: Vec<&str> = known.keys().collect();
        let help = match find_nearest_name(&other.key, &keys) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "delete it, or show it in a template of the site".to_owned(),
        };
        unknown.push((other.key, found.with_help(help)));
    }
    Ok(messages)
}

/// Notes the words that appear in English, for the language of the site and for each of its files.
fn note_missing(messages: &Messages, site_language: &str, tags: &[String]) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for tag in tags {
        let Some(missing) = messages.list_missing(tag).filter(|keys| !keys.is_empty()) else {
            continue;
        };
        let message = match missing.len() {
            1 => "one message is missing, so it appears in English".to_owned(),
            count => format!("{count} messages are missing, so they appear in English"),
        };
        let first: Vec<String> = missing
            .iter()
            .take(5)
            .map(|key| format!("`{key}`"))
            .collect();
        let more = if missing.len() > 5 { ", …" } else { "" };
        let help = format!("add {}{more}", first.join(", "));
        let place = FilePlace::file(format!("{FOLDER}/{tag}.toml"));
        notes.push(Diagnostic::new(Code::MissingMessage, place, message).with_help(help));
    }
    if messages.list_missing(site_language).is_none() {
        let message = format!(
            "the theme has no words in the language `{site_language}`, so they appear in English"
        );
        let help = format!(
            "write them in `{FOLDER}/{site_language}.toml`; `pressrun theme --export i18n/en.toml` makes a file to start from"
        );
        notes.push(
            Diagnostic::new(Code::MissingMessage, FilePlace::file(config::FILE), message)
                .with_help(help),
        );
    }
    notes
}
