//! Reports dead links: to pages and files that do not exist, and to fragments that are not an id on
//! their page.
//!
//! The ids of a body are known. Any other id, for example one from the theme, is looked up in the
//! rendered page; few links need that.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use pressrun_markdown::DestinationKind;
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::Post;
use rayon::prelude::*;

use super::links::decode_fragment;
use super::resolve::{LinkTarget, ResolvedLink};
use super::wiki_links::split_heading;
use super::{SiteRenderer, own_links};
use crate::cache::{BodyFaults, StoredBody};
use crate::corpus::CorpusPost;

/// The result of checking links once.
#[derive(Debug, Default)]
pub(super) struct CheckedLinks {
    pub(super) found: Vec<Diagnostic>,
    /// Links to fragments that the body of the target does not have.
    pub(super) open: Vec<UnverifiedLink>,
    /// Wiki links to no page, each with the name that it gives.
    pub(super) unknown: Vec<(Diagnostic, String)>,
}

/// A link whose fragment has to be looked up in the rendered page.
#[derive(Debug)]
pub(super) struct UnverifiedLink {
    /// Index of the job that renders the page.
    job: usize,
    fragment: String,
    /// The diagnostic to report if the page has no such id.
    dead: Diagnostic,
}

/// Checks where the links of a text lead.
pub(super) fn check_post_links(
    entry: &CorpusPost,
    resolved: &[ResolvedLink<'_>],
    renderer: &SiteRenderer,
) -> CheckedLinks {
    let post = &*entry.post;
    let mut checked = CheckedLinks {
        found: report_render_findings(post, resolved),
        open: Vec::new(),
        unknown: Vec::new(),
    };
    checked.found.extend(report_missing_cover(entry, renderer));
    for (link, resolved) in post.body.links.iter().zip(resolved) {
        let dead = |what: &str| {
            let message = format!("`{}` leads to no {what}", link.target);
            Diagnostic::new(Code::DeadLink, place_in_body(post, link.body_line), message)
                .about(resolved.url(&renderer.frame.links))
        };
        // Only a link within the site has a fragment that can be checked.
        let (path, what) = match &resolved.leads_to {
            LinkTarget::Text if is_wiki(link.kind) => {
                let finding = dead(match link.kind {
                    DestinationKind::WikiImage => "picture of the site",
                    _ => "post or page of the site, so only its text is shown",
                });
                checked.unknown.push((finding, link.target.clone()));
                continue;
            }
            LinkTarget::Away | LinkTarget::Text => continue,
            LinkTarget::Nowhere(_) => {
                checked.found.push(dead("page or file of the site"));
                continue;
            }
            LinkTarget::Here => (&entry.path, "heading of this post"),
            LinkTarget::To(path) => (path, "heading of that page"),
        };
        if link.kind == DestinationKind::WikiLink {
            let named = renderer.resolver(entry).find_named_page(&link.target);
            let several = named.filter(|(page, _)| page.is_ambiguous);
            checked.found.extend(several.map(|(page, _)| {
                let message = format!(
                    "several pages have the name `{}`; the link leads to {}",
                    link.target, page.path
                );
                let place = place_in_body(post, link.body_line);
                Diagnostic::new(Code::AmbiguousLink, place, message)
                    .with_help("write the slug of the page you mean, with the text behind `|`")
            }));
        }
        let open = renderer.look_up(path, resolved.fragment(), || dead(what));
        checked.open.extend(open);
    }
    checked
}

/// Reports a cover that is not there: pages show none then.
fn report_missing_cover(entry: &CorpusPost, renderer: &SiteRenderer) -> Option<Diagnostic> {
    let cover = entry.post.cover.as_deref()?;
    let resolved = renderer.resolver(entry).resolve_destination(cover);
    let LinkTarget::Nowhere(_) = resolved.leads_to else {
        return None;
    };
    let message = format!("the cover `{cover}` is no file of the site");
    let place = place_of_post(&entry.post);
    Some(Diagnostic::new(Code::DeadLink, place, message).about(resolved.url(&renderer.frame.links)))
}

fn is_wiki(kind: DestinationKind) -> bool {
    matches!(kind, DestinationKind::WikiLink | DestinationKind::WikiImage)
}

/// How many wiki links get a suggestion. Each is compared with all titles.
const MAX_SUGGESTIONS: usize = 100;

/// Adds to the first wiki links that lead to no page the title that is nearest.
fn suggest_titles(
    unknown: Vec<(Diagnostic, String)>,
    renderer: &SiteRenderer,
) -> impl Iterator<Item = Diagnostic> {
    unknown
        .into_iter()
        .enumerate()
        .map(|(index, (finding, name))| {
            if index >= MAX_SUGGESTIONS {
                return finding;
            }
            let names = renderer
                .targets
                .site()
                .map(|site| site.names(&renderer.corpus));
            match names.and_then(|names| names.find_nearest_title(split_heading(&name).0)) {
                Some(title) => finding.with_help(format!("did you mean `[[{title}]]`?")),
                None => finding,
            }
        })
}

/// Reports what was found while the body was rendered.
fn report_render_findings(
    post: &Post<StoredBody>,
    resolved: &[ResolvedLink<'_>],
) -> Vec<Diagnostic> {
    let Some(faults) = post.body.faults() else {
        return Vec::new();
    };
    let languages = faults.unknown_languages.iter();
    let mut found: Vec<Diagnostic> = languages
        .map(|language| {
            let message = format!("no highlighting for the language `{}`", language.name);
            Diagnostic::new(
                Code::UnknownLanguage,
                place_in_body(post, language.body_line),
                message,
            )
        })
        .collect();
    found.extend(faults.unhighlighted_blocks.iter().map(|&body_line| {
        let message = "the code block takes too much work to highlight, so it is shown plain";
        Diagnostic::new(
            Code::UnhighlightedCode,
            place_in_body(post, body_line),
            message,
        )
    }));
    found.extend(faults.faulty_formulas.iter().map(|faulty| {
        let message = format!(
            "the formula `{}` cannot be rendered: {}",
            faulty.formula, faulty.message
        );
        let place = FilePlace {
            column: faulty.column,
            length: faulty.formula.chars().count() as u32,
            ..place_in_body(post, faulty.body_line)
        };
        Diagnostic::new(Code::FaultyFormula, place, message).with_help(
            "the page shows its source; see docs/markdown.md for what formulas may contain",
        )
    }));
    found.extend(report_undescribed_pictures(post, faults, resolved));
    if faults.raw_html_escaped {
        let message = "the HTML is nested too deeply to be sanitised, so it is shown as text";
        found.push(Diagnostic::new(
            Code::HtmlEscaped,
            place_in_body(post, 0),
            message,
        ));
    }
    found
}

/// Reports the pictures without a text that says what they show.
fn report_undescribed_pictures(
    post: &Post<StoredBody>,
    faults: &BodyFaults,
    resolved: &[ResolvedLink<'_>],
) -> impl Iterator<Item = Diagnostic> {
    let numbers = faults.undescribed_pictures.iter();
    numbers.filter_map(|&number| {
        let (link, resolved) = post
            .body
            .links
            .get(number as usize)
            .zip(resolved.get(number as usize))?;
        // What is shown as text is no picture, and one that is not there is reported as such.
        if matches!(resolved.leads_to, LinkTarget::Text | LinkTarget::Nowhere(_)) {
            return None;
        }
        let message = format!("`{}` has no text that says what it shows", link.target);
        let place = place_in_body(post, link.body_line);
        let help =
            "write it into the square brackets; for a decoration, write `<img alt=\"\" src=\"…\">`";
        Some(Diagnostic::new(Code::MissingAlt, place, message).with_help(help))
    })
}

/// Returns the first line of a post in its source.
pub(super) fn place_of_post(post: &Post<StoredBody>) -> FilePlace {
    FilePlace::line(post.source.file.clone(), post.source.line)
}

/// Returns the line of the source that a line of the body came from.
pub(super) fn place_in_body(post: &Post<StoredBody>, body_line: u32) -> FilePlace {
    FilePlace {
        line: post.body_lines.source_line(body_line),
        ..FilePlace::file(post.source.file.clone())
    }
}

/// Reports all dead links of the site at `root`. Every page must be ready for rendering.
pub(super) fn find_dead_links(
    checked: Vec<CheckedLinks>,
    root: &Path,
    renderer: &SiteRenderer,
) -> Vec<Diagnostic> {
    let own = own_links::check_own_links(root, renderer);
    let mut found = Vec::new();
    let mut unknown = Vec::new();
    let mut open: BTreeMap<usize, Vec<UnverifiedLink>> = BTreeMap::new();
    for mut one in std::iter::once(own).chain(checked) {
        found.append(&mut one.found);
        unknown.append(&mut one.unknown);
        for link in one.open {
            // Grouped, so that each page is rendered once however many links lead to it.
            open.entry(link.job).or_default().push(link);
        }
    }
    let dead: Vec<Diagnostic> = open
        .into_par_iter()
        .flat_map_iter(|(job, links)| {
            // A page that cannot be rendered is reported as a template error when the site is
            // built.
            let html = renderer.render_job(&renderer.jobs[job]).unwrap_or_default();
            let ids: HashSet<String> =
                pressrun_markdown::element_ids(&String::from_utf8_lossy(&html))
                    .into_iter()
                    .collect();
            let dead = links
                .into_iter()
                .filter(|link| !ids.contains(&link.fragment));
            dead.map(|link| link.dead).collect::<Vec<_>>()
        })
        .collect();
    found.extend(dead);
    found.extend(suggest_titles(unknown, renderer));
    found
}

impl SiteRenderer {
    /// Returns the lookup that a fragment of the page at `path` needs. Returns `None` if the
    /// fragment is certainly right: a post at `path` has it as an id, or the target is not an HTML
    /// page.
    pub(super) fn look_up(
        &self,
        path: &str,
        fragment: &str,
        dead: impl FnOnce() -> Diagnostic,
    ) -> Option<UnverifiedLink> {
        // `#` and `#top` lead to the top of any page (HTML Standard, "scrolling to a fragment").
        if fragment.is_empty() || fragment.eq_ignore_ascii_case("top") {
            return None;
        }
        let job = self.targets.job_at(path)?;
        if !self.jobs[job].file().ends_with(".html") {
            return None;
        }
        if let Some(id) = self.jobs[job].page.own_text() {
            let body = &self.corpus.text(id).post.body;
            // Browsers try the fragment as written first, and then decoded (HTML Standard).
            if body.has_id(fragment) || body.has_id(&decode_fragment(fragment)) {
                return None;
            }
        }
        Some(UnverifiedLink {
            job,
            fragment: decode_fragment(fragment),
            dead: dead(),
        })
    }
}
