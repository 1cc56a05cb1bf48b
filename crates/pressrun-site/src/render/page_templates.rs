//! Reports templates that pages choose and cannot have.

use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::Post;

use super::templates::{ChosenTemplate, TemplateSet};
use crate::cache::StoredBody;
use crate::config::find_nearest_name;
use crate::corpus::Corpus;
use crate::fs;

/// Returns a warning for each page of the site at `root` that names a template it cannot have.
pub(super) fn check_page_templates(
    corpus: &Corpus,
    templates: &TemplateSet,
    root: &Path,
) -> Vec<Diagnostic> {
    let pages = corpus.pages.iter().map(|page| &*page.text.post);
    let named = pages.filter_map(|post| Some((post, post.template()?)));
    named
        .filter_map(|(post, name)| {
            let written = quote_for_message(name);
            let title = quote_for_message(&post.title);
            let (message, help) = match templates.choose_page_template(name) {
                ChosenTemplate::Own(_) => return None,
                ChosenTemplate::OtherKind => (
                    format!("the page {title} cannot have the template {written}, which is for pages of another kind"),
                    "copy it to a name of its own, and let the copy use `page.content`".to_owned(),
                ),
                ChosenTemplate::Unknown => {
                    let near = find_nearest_name(name, &templates.list_page_templates());
                    (
                        format!("the page {title} names the template {written}, which `templates/` does not have"),
                        match near {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "write it, or delete the key; the page is shown with `page.html`".to_owned(),
                        },
                    )
                }
            };
            let found = Diagnostic::new(Code::UnknownTemplate, find_place(post, root), message);
            Some(found.with_help(help))
        })
        .collect()
}

/// Returns the line of the key `template` of a page, which is not remembered.
fn find_place(post: &Post<StoredBody>, root: &Path) -> FilePlace {
    let start = post.source.line.saturating_sub(1) as usize;
    let text = fs::read_text(&root.join(&*post.source.file)).ok().flatten();
    let is_key = |line: &str| {
        let key = line.trim_start_matches(['"', '\'', ' ', '\t', '{']);
        key.get(..8)
            .is_some_and(|key| key.eq_ignore_ascii_case("template"))
    };
    let line = text.and_then(|text| text.lines().skip(start).position(is_key));
    let line = line.map_or(post.source.line, |line| (start + line) as u32 + 1);
    FilePlace::line(post.source.file.clone(), line)
}
