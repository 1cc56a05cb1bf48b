//! Renders the preview's own page at `/_pressrun/`: what is wrong with the site, its drafts and the
//! rejected replies, with links to the posts.

use std::fmt::Write;

use pressrun_locale::messages::MessageValue;
use pressrun_posts::diagnostic::{Diagnostic, DiagnosticGroup, Severity, group_diagnostics};
use pressrun_posts::post::{Moment, PostSource};
use pressrun_site::corpus::{
    CorpusPage, PostSelection, PostsByLine, UnpublishedPost, UnpublishedReason,
};
use pressrun_site::pipeline::SiteFindings;
use pressrun_site::render::SiteRenderer;
use pressrun_text::html::escape_html;

use super::review::DESK;
use super::snapshot::PreviewSnapshot;
use super::view::{PageView, own_page_head};
use super::words::OwnWords;

/// Most findings of one code, and posts of one kind, that are listed.
const MOST: usize = 200;

/// Returns the page for a site.
pub(super) fn overview_page(snapshot: &PreviewSnapshot, site: &SiteRenderer) -> PageView {
    let own = OwnWords::of_site(site);
    let title = own.text("title");
    let mut html = own_page_head(&title, &own);
    let home = escape_html(site.base_url().path());
    let (site_name, heading) = (escape_html(&own.text("site")), escape_html(&title));
    let _ = write!(
        html,
        "<p><a href=\"{home}\">{site_name}</a></p>\n<h1>{heading}</h1>\n"
    );
    for problem in &*snapshot.problems {
        let _ = writeln!(
            html,
            "<pre class=\"problem\">{}</pre>",
            escape_html(problem)
        );
    }
    if let Some(findings) = snapshot.findings() {
        let pages = SourceAddresses::new(site);
        html += &overview_ledger(findings, &own);
        for (key, severity, is_rejection) in [
            ("report.not_published", Severity::Error, true),
            ("report.to_decide", Severity::Error, false),
            ("report.look", Severity::Warning, false),
            ("report.repaired", Severity::Info, false),
        ] {
            let found = findings.diagnostics.iter().filter(|one| {
                one.severity() == severity && one.code.is_rejection() == is_rejection
            });
            let title = own.words.text(key);
            html += &overview_section(&title, severity, found, &pages);
        }
        html += &list_unpublished_posts(findings, snapshot.present, &pages);
        html += &list_pages(site, &own);
    }
    html += "</body>\n</html>\n";
    PageView::for_preview(html.into_bytes(), &own)
}

/// The addresses of the site's posts by their places in files.
struct SourceAddresses<'s> {
    site: &'s SiteRenderer,
    posts: PostsByLine<'s>,
}

impl<'s> SourceAddresses<'s> {
    fn new(site: &'s SiteRenderer) -> Self {
        let posts = PostsByLine::new(site.corpus().texts().map(|(_, entry)| entry));
        Self { site, posts }
    }

    /// Returns the address of the post that contains a line of a file.
    fn at(&self, file: &str, line: Option<u32>) -> Option<String> {
        let entry = self.posts.post_at(file, line)?;
        Some(self.site.url(&entry.path))
    }

    /// Returns the address of a post, if it has a page.
    fn of(&self, source: &PostSource) -> Option<String> {
        let entry = self.posts.post_from(source)?;
        Some(self.site.url(&entry.path))
    }
}

fn overview_ledger(findings: &SiteFindings, own: &OwnWords) -> String {
    let ledger = &findings.ledger;
    let numbers = [
        (ledger.files, "files"),
        (ledger.replies, "replies"),
        (ledger.published, "posts_shown"),
        (ledger.pages, "pages_shown"),
        (ledger.drafts, "drafts_left_out"),
        (ledger.future, "scheduled_left_out"),
        (ledger.expired, "expired"),
        (ledger.rejected, "not_published"),
    ];
    let shown = numbers.into_iter().filter(|(number, _)| *number > 0);
    let items: Vec<String> = shown
        .map(|(number, key)| escape_html(&own.count(key, number)))
        .collect();
    format!("<p>{}</p>\n", items.join(" · "))
}

fn overview_section<'f>(
    title: &str,
    severity: Severity,
    found: impl Iterator<Item = &'f Diagnostic>,
    pages: &SourceAddresses<'_>,
) -> String {
    let groups = group_diagnostics(found);
    let mut html = String::new();
    if groups.is_empty() {
        return html;
    }
    let title = escape_html(title);
    let _ = writeln!(html, "<h2 class=\"{severity}\">{title}</h2>");
    for DiagnosticGroup { code, found } in groups {
        // Errors are shown open, because people look for them; the others show their numbers only.
        let open = if severity == Severity::Error {
            " open"
        } else {
            ""
        };
        let _ = write!(
            html,
            "<details{open}><summary><b>{}</b> {code}: <span lang=\"en\">{}</span></summary>\n<ul>\n",
            found.len(),
            escape_html(code.meaning())
        );
        for one in found.iter().take(MOST) {
            html += &overview_item(one, pages);
        }
        if found.len() > MOST {
            let own = OwnWords::of_site(pages.site);
            let values = [
                ("count", MessageValue::of_count(found.len() - MOST)),
                (
                    "command",
                    MessageValue::Escaped("<code>pressrun check</code>"),
                ),
            ];
            let _ = writeln!(html, "<li>{}</li>", own.fill_html("more_findings", &values));
        }
        html += "</ul></details>\n";
    }
    html
}

fn overview_item(one: &Diagnostic, pages: &SourceAddresses<'_>) -> String {
    let place = escape_html(&one.place.to_string());
    let place = match pages.at(&one.place.file, one.place.line) {
        // A rejected reply has no page: the post found at that line is an earlier one.
        Some(url) if !one.code.is_rejection() => {
            format!("<a href=\"{}\">{place}</a>", escape_html(&url))
        }
        _ => place,
    };
    let help = one.help.as_deref().map_or_else(String::new, |help| {
        format!(" <small lang=\"en\">{}</small>", escape_html(help))
    });
    format!(
        "<li><code>{place}</code> <span lang=\"en\">{}</span>{help}</li>\n",
        escape_html(&one.message)
    )
}

/// Lists drafts and scheduled posts, whether the preview shows them or not, and expired posts.
fn list_unpublished_posts(
    findings: &SiteFindings,
    present: Moment,
    pages: &SourceAddresses<'_>,
) -> String {
    let public = PostSelection::public(present);
    let shown = pages.site.corpus().texts().filter_map(|(_, entry)| {
        let reason = public.find_reason(entry.hold(), entry.date, entry.expires)?;
        Some(UnpublishedPost::new(&entry.post, entry.date, reason))
    });
    let mut posts: Vec<UnpublishedPost> = shown.collect();
    posts.extend_from_slice(&findings.unpublished);
    posts.sort_by(|a, b| (&a.source.file, a.source.index).cmp(&(&b.source.file, b.source.index)));
    let (drafts, others): (Vec<_>, Vec<_>) = posts.into_iter().partition(UnpublishedPost::is_draft);
    let (of_review, dated): (Vec<_>, Vec<_>) = others
        .into_iter()
        .partition(|post| post.reason.is_of_review());
    let in_state = |reason| {
        let posts = of_review.iter().filter(move |post| post.reason == reason);
        posts.cloned().collect::<Vec<_>>()
    };
    let (scheduled, expired): (Vec<_>, Vec<_>) = dated
        .into_iter()
        .partition(|post| post.scheduled_date().is_some());
    let own = OwnWords::of_site(pages.site);
    let mut html = String::new();
    if !of_review.is_empty() {
        let title = escape_html(&own.desk_text("title"));
        let _ = writeln!(html, "<h2><a href=\"{DESK}\">{title}</a></h2>");
    }
    for (title, option, posts) in [
        (
            "desk.waiting",
            Some("--review"),
            in_state(UnpublishedReason::Waiting),
        ),
        (
            "desk.outdated",
            Some("--review"),
            in_state(UnpublishedReason::Outdated),
        ),
        (
            "desk.rejected",
            Some("--review"),
            in_state(UnpublishedReason::Rejected),
        ),
        ("report.drafts", Some("--drafts"), drafts),
        ("preview.scheduled_posts", Some("--future"), scheduled),
        // No option shows them.
        ("report.expired", None, expired),
    ] {
        if posts.is_empty() {
            continue;
        }
        let _ = writeln!(html, "<h2>{}</h2>", escape_html(&own.words.text(title)));
        let is_without_page = |post: &UnpublishedPost| pages.of(&post.source).is_none();
        if let Some(option) = option
            && posts.iter().any(is_without_page)
        {
            let option = format!("<code>{option}</code>");
            let values = [
                (
                    "command",
                    MessageValue::Escaped("<code>pressrun serve</code>"),
                ),
                ("option", MessageValue::Escaped(&option)),
            ];
            let _ = writeln!(html, "<p>{}</p>", own.fill_html("start_with", &values));
        }
        html += "<ul>\n";
        for post in posts.iter().take(MOST) {
            html += &unpublished_item(post, pages);
        }
        if posts.len() > MOST {
            let more = own.count("more", posts.len() - MOST);
            let _ = writeln!(html, "<li>{}</li>", escape_html(&more));
        }
        html += "</ul>\n";
    }
    html
}

/// Lists the pages, which no list of the site shows.
fn list_pages(site: &SiteRenderer, own: &OwnWords) -> String {
    let pages = &site.corpus().pages;
    let mut html = String::new();
    if pages.is_empty() {
        return html;
    }
    let _ = write!(html, "<h2>{}</h2>\n<ul>\n", escape_html(&own.text("pages")));
    for CorpusPage { text, .. } in pages.iter().take(MOST) {
        let url = escape_html(&site.url(&text.path));
        let title = escape_html(&text.post.title);
        let file = escape_html(&text.post.source.file);
        let _ = writeln!(
            html,
            "<li><a href=\"{url}\">{title}</a> <small>{file}</small></li>"
        );
    }
    if pages.len() > MOST {
        let more = own.count("more", pages.len() - MOST);
        let _ = writeln!(html, "<li>{}</li>", escape_html(&more));
    }
    html + "</ul>\n"
}

fn unpublished_item(post: &UnpublishedPost, pages: &SourceAddresses<'_>) -> String {
    let mut title = escape_html(&post.title);
    if let Some(url) = pages.of(&post.source) {
        title = format!("<a href=\"{}\">{title}</a>", escape_html(&url));
    }
    let date = post
        .date
        .map_or_else(String::new, |date| format!(" {date}"));
    let place = escape_html(&format!("{}:{}", post.source.file, post.source.line));
    format!("<li>{title}{date} <small>{place}</small></li>\n")
}
