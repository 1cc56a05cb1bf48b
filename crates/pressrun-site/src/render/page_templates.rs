//! Reports templates that pages choose and cannot have.

use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::Post;

use super::templates::{ChosenTemplate, TemplateSet};
use crate::cache::StoredBody;
use crate::config::find_nearest_name;
use crate::corpus::Corpus;
use crate::fs;

/// The maximum length of a name for which a similar one is looked for.
const MOST_NAME: usize = 200;

/// Returns a warning for each page of the site at `root` that names a template it cannot have.
pub(super) fn check_page_templates(
    corpus: &Corpus,
    templates: &TemplateSet,
    root: &Path,
) -> Vec<Diagnostic> {
    let pages = corpus.pages.iter().map(|page| &*page.text.post);
    let found = pages.filter_map(|post| {
        let (message, help) = explain_template(post, post.template()?, templates)?;
        let found = Diagnostic::new(Code::UnknownTemplate, find_place(post, root), message);
        Some(found.with_help(help))
    });
    found.collect()
}

/// Returns why a page cannot have a template, and what to do.
fn explain_template(
    post: &Post<StoredBody>,
    name: &str,
    templates: &TemplateSet,
) -> Option<(String, String)> {
    let written = quote_for_message(name);
    let title = quote_for_message(&post.title);
    match templates.choose_page_template(name) {
        ChosenTemplate::Own(_) => None,
        ChosenTemplate::OtherKind => {
            let message = format!(
                "the page {title} cannot have the template {written}, which is for pages of another \
                 kind"
            );
            let help = "copy it to a name of its own, and let the copy use `page.content`";
            Some((message, help.to_owned()))
        }
        ChosenTemplate::Unknown => {
            let message = format!(
                "the page {title} names the template {written}, which `templates/` does not have"
            );
            let known = templates.list_page_templates();
            // The comparison takes the length of one name times that of the other.
            let short = Some(name).filter(|name| name.len() < MOST_NAME);
            let near = short.and_then(|name| find_nearest_name(name, &known));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "write it, or delete the key; the page is shown with `page.html`".to_owned()
                }
            };
            Some((message, help))
        }
    }
}

/// The number of lines in which the key is looked for.
const MOST_LINES: usize = 200;

/// Returns the line of the key `template` of a page, which is not remembered. A file with many
/// replies would have to be read for each of them, so only the first one is looked for.
fn find_place(post: &Post<StoredBody>, root: &Path) -> FilePlace {
    let source = &post.source;
    let start = source.line.saturating_sub(1) as usize;
    let is_first = source.index == 0 && !pressrun_parquet::is_parquet_path(&source.file);
    let text = is_first.then(|| fs::read_text(&root.join(&*source.file)).ok().flatten());
    let is_key = |line: &str| {
        let key = line.trim_start_matches(['"', '\'', ' ', '\t', '{']);
        key.get(..8)
            .is_some_and(|key| key.eq_ignore_ascii_case("template"))
    };
    let at = text.flatten().and_then(|text| {
        let mut lines = text.lines().skip(start).take(MOST_LINES);
        lines.position(is_key)
    });
    let line = at.map_or(source.line, |at| source.line + at as u32);
    FilePlace::line(source.file.clone(), line)
}
