//! Reports what a page would load and its Content Security Policy blocks.
//!
//! A browser says so only in its console, so the author sees a page without its player, its form or
//! its style, and no reason. Looked at are the templates of the site, pictures of posts, and the HTML
//! of posts if it is passed on unchanged.

use std::ops::Range;
use std::path::Path;

use pressrun_markdown::DestinationKind;
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_text::entities;
use pressrun_text::html::HtmlTagText;
use pressrun_text::page_html::{HtmlPiece, HtmlPieces};

use super::SiteRenderer;
use super::link_check::{place_in_body, place_of_post};
use super::own_links::place_of_url;
use super::policy::{PolicySources, collect_site_sources};
use super::theme::TEMPLATES;
use crate::config::{self, PolicyDirective, RawHtmlPolicy};
use crate::corpus::CorpusPost;
use crate::fs;

/// Templates in which a site may write a policy of its own.
const OF_POLICY: [&str; 3] = ["base.html", "partials/csp.html", "partials/head.html"];

/// Something that the policy blocks.
#[derive(Debug, PartialEq, Eq)]
struct BlockedLoad {
    range: Range<usize>,
    what: String,
    /// The directive that would have to allow it, if a source can.
    directive: Option<PolicyDirective>,
}

/// The policy of a site, which finds what it blocks. There is none if the site writes its own.
pub(super) struct PolicyCheck {
    sources: PolicySources,
    reads_html: bool,
}

impl PolicyCheck {
    pub(super) fn new(renderer: &SiteRenderer) -> Option<Self> {
        let own = renderer.templates.own();
        let writes_policy = |(name, text): &(String, String)| {
            OF_POLICY.contains(&name.as_str()) && !text.contains("page.policy")
                // An exported frame still takes the policy from its part.
                && !text.contains("partials/csp.html") && !text.contains("partials/head.html")
        };
        let raw_html = renderer.frame.config.markdown.raw_html;
        (!own.iter().any(writes_policy)).then(|| Self {
            sources: collect_site_sources(&renderer.frame),
            reads_html: raw_html == RawHtmlPolicy::Allow,
        })
    }

    /// Checks the templates of the site.
    pub(super) fn check_templates(&self, renderer: &SiteRenderer) -> Vec<Diagnostic> {
        let own = renderer.templates.own().iter();
        let pages = own.filter(|(name, _)| name.ends_with(".html"));
        pages
            .flat_map(|(name, text)| {
                let found = find_blocked_loads(&blank_template_code(text), &self.sources);
                found.into_iter().map(move |blocked| {
                    let file = format!("{TEMPLATES}/{name}");
                    let place = FilePlace::span(file, text, blocked.range.clone());
                    blocked.into_diagnostic(place)
                })
            })
            .collect()
    }

    /// Checks the pictures that `site.toml` of the site at `root` names.
    pub(super) fn check_config(&self, root: &Path, renderer: &SiteRenderer) -> Vec<Diagnostic> {
        let settings = &renderer.frame.config;
        let people = settings.authors.iter();
        let pictures = people.flat_map(|one| &one.picture);
        let pictures = pictures.chain(&settings.theme.logo);
        let blocked = pictures
            .filter_map(|url| Some((url, self.block(PolicyDirective::Image, url, "picture")?)));
        let blocked: Vec<(&String, BlockedLoad)> = blocked.collect();
        if blocked.is_empty() {
            return Vec::new();
        }
        let text = fs::read_text(&root.join(config::FILE)).ok().flatten();
        let text = text.unwrap_or_default();
        let blocked = blocked.into_iter();
        blocked
            .map(|(url, one)| one.into_diagnostic(place_of_url(url, &text)))
            .collect()
    }

    /// Checks the cover and the body of a post.
    pub(super) fn check_post(
        &self,
        entry: &CorpusPost,
        renderer: &SiteRenderer,
    ) -> Vec<Diagnostic> {
        let post = &*entry.post;
        let cover = post.cover.as_deref();
        let cover = cover.and_then(|url| self.block(PolicyDirective::Image, url, "cover"));
        let cover = cover.map(|blocked| blocked.into_diagnostic(place_of_post(post)));
        let mut found = self.check_body(entry, renderer);
        found.extend(cover);
        found
    }

    fn check_body(&self, entry: &CorpusPost, renderer: &SiteRenderer) -> Vec<Diagnostic> {
        let post = &*entry.post;
        if !self.reads_html {
            let pictures = post.body.links.iter();
            let pictures = pictures.filter(|link| link.kind == DestinationKind::Image);
            let blocked = pictures.filter_map(|link| {
                let blocked = self.block(PolicyDirective::Image, &link.target, "picture")?;
                Some(blocked.into_diagnostic(place_in_body(post, link.body_line)))
            });
            return blocked.collect();
        }
        // An unreadable body is reported when the page is rendered.
        let Ok(page) = renderer.bodies.read_page(&post.body) else {
            return Vec::new();
        };
        let targets: Vec<&str> = post.body.links.iter().map(|link| &*link.target).collect();
        let html = page.html.fill_addresses(&targets);
        let mut found = find_blocked_loads(&html, &self.sources);
        found.dedup_by(|a, b| a.what == b.what);
        // Places in the HTML say nothing about the source.
        let place = place_in_body(post, 0);
        let found = found.into_iter();
        found
            .map(|one| one.into_diagnostic(place.clone()))
            .collect()
    }

    fn block(&self, directive: PolicyDirective, url: &str, name: &str) -> Option<BlockedLoad> {
        (!self.sources.allows(directive, url)?).then(|| BlockedLoad {
            range: 0..0,
            what: format!("the {name} `{url}`"),
            directive: Some(directive),
        })
    }
}

impl BlockedLoad {
    fn into_diagnostic(self, place: FilePlace) -> Diagnostic {
        let message = format!("the policy of the page blocks {}", self.what);
        let help = match self.directive {
            Some(PolicyDirective::Image | PolicyDirective::Media) => {
                "use an address with `https:`, or put the file into the site".to_owned()
            }
            Some(directive) => {
                format!(
                    "allow its host in `site.toml`: `[csp]`, `{} = [\"https://…\"]`",
                    directive.key()
                )
            }
            None => "put scripts and styles into files of the site, such as `static/custom.css`"
                .to_owned(),
        };
        Diagnostic::new(Code::BlockedByPolicy, place, message).with_help(help)
    }
}

/// Blanks the code of a template, in which no tag begins or ends, and keeps every place: comments and
/// statements become white space, and what is printed keeps its braces.
fn blank_template_code(template: &str) -> String {
    let mut blanked = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{']) {
        blanked.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = measure_template_code(rest).unwrap_or(0);
        let (code, after) = rest.split_at(length);
        let is_printed = code.starts_with("{{");
        for c in code.chars() {
            match c {
                '\n' => blanked.push(c),
                '<' | '>' | '"' | '\'' => blanked.push(' '),
                _ if is_printed => blanked.push(c),
                _ => (0..c.len_utf8()).for_each(|_| blanked.push(' ')),
            }
        }
        rest = after;
        if length == 0 {
            blanked.push('{');
            rest = &rest[1..];
        }
    }
    blanked + rest
}

/// Returns the length of the template code at the start of a text, if it is any and has an end.
fn measure_template_code(text: &str) -> Option<usize> {
    let close = match text.as_bytes().get(1)? {
        b'#' => return Some(text.find("#}")? + 2),
        b'%' => "%}",
        b'{' => "}}",
        _ => return None,
    };
    let mut at = 2;
    loop {
        at += text[at..].find([close.as_bytes()[0] as char, '"', '\'', '`'])?;
        if text[at..].starts_with(close) {
            return Some(at + 2);
        }
        let quote = text[at..].chars().next().filter(|c| !"%}".contains(*c));
        at += 1;
        if let Some(quote) = quote {
            at += text[at..].find(quote)? + 1;
        }
    }
}

/// Finds what the tags of a page or a template load and the policy does not allow, in order.
fn find_blocked_loads(html: &str, sources: &PolicySources) -> Vec<BlockedLoad> {
    let mut found = Vec::new();
    let mut pieces = HtmlPieces::of_page(html);
    // Comments before a piece are skipped with it, so only the end of a piece is known.
    while let Some(piece) = pieces.next() {
        let HtmlPiece::Tag(tag) = piece else {
            continue;
        };
        if tag.closing {
            continue;
        }
        let end = html.len() - pieces.remaining();
        let range = end - tag.length..end;
        found.extend(
            check_tag(&tag, sources).map(|(what, directive)| BlockedLoad {
                range,
                what,
                directive,
            }),
        );
    }
    found
}

/// Returns what of a tag the policy blocks, and the directive that could allow it.
fn check_tag(
    tag: &HtmlTagText<'_>,
    sources: &PolicySources,
) -> Option<(String, Option<PolicyDirective>)> {
    let attribute = |name: &str| tag.attribute(name).map(entities::decode_entities);
    let is_named = |names: &[&str]| names.iter().any(|name| tag.is_named(name));
    let check = |name: &str, directive: PolicyDirective, kind: &str| {
        let url = attribute(name)?;
        let is_blocked = !sources.allows(directive, &url)?;
        is_blocked.then(|| (format!("the {kind} `{url}`"), Some(directive)))
    };
    let inline = |what: &str| Some((what.to_owned(), None));
    if tag.is_named("script") {
        if tag.attribute("src").is_some() {
            return check("src", PolicyDirective::Script, "script");
        }
        let kind = tag.attribute("type").unwrap_or_default();
        let runs = matches!(kind, "" | "module") || kind.ends_with("javascript");
        return (runs && !sources.has_hash(PolicyDirective::Script))
            .then(|| ("the inline script".to_owned(), None));
    }
    if tag.is_named("style") {
        return (!sources.has_hash(PolicyDirective::Style))
            .then(|| ("the inline style sheet".to_owned(), None));
    }
    if is_named(&["object", "embed", "applet", "base"]) {
        return inline(&format!(
            "`<{}>`, which has no effect on any page",
            tag.name.to_ascii_lowercase()
        ));
    }
    let loaded = if tag.is_named("link") {
        let has = |name: &str, word: &str| {
            let mut words = tag.attribute(name).unwrap_or_default().split_whitespace();
            words.any(|one| one.eq_ignore_ascii_case(word))
        };
        if has("rel", "stylesheet") || has("rel", "preload") && has("as", "style") {
            check("href", PolicyDirective::Style, "style sheet")
        } else if has("rel", "modulepreload") || has("rel", "preload") && has("as", "script") {
            check("href", PolicyDirective::Script, "script")
        } else if has("rel", "preload") && has("as", "font") {
            check("href", PolicyDirective::Font, "font")
        } else {
            None
        }
    } else if is_named(&["iframe", "frame"]) {
        check("src", PolicyDirective::Frame, "frame")
    } else if tag.is_named("img") {
        check("src", PolicyDirective::Image, "picture")
    } else if is_named(&["video", "audio", "source", "track"]) {
        check("src", PolicyDirective::Media, "film or sound")
            .or_else(|| check("poster", PolicyDirective::Image, "picture"))
    } else if tag.is_named("form") {
        check("action", PolicyDirective::Form, "form that is sent to")
    } else if is_named(&["button", "input"]) {
        check("formaction", PolicyDirective::Form, "form that is sent to")
    } else if is_named(&["a", "area"]) && runs_script(attribute("href").as_deref()) {
        inline("the link that runs a script")
    } else {
        None
    };
    loaded.or_else(|| {
        let event = tag.attribute_names().find(|name| {
            let lower = name.to_ascii_lowercase();
            lower.len() > 2
                && lower.starts_with("on")
                && lower.bytes().all(|b| b.is_ascii_lowercase())
        });
        if let Some(event) = event {
            return inline(&format!("the event handler `{event}`"));
        }
        tag.attribute("style")
            .and_then(|_| inline("the inline style"))
    })
}

/// Returns whether an address is a script.
fn runs_script(url: Option<&str>) -> bool {
    let scheme = url
        .and_then(|url| url.split_once(':'))
        .map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("javascript"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_a_template_is_no_html() {
        for (template, expected) in [
            ("a{# <b> #}c", "a         c"),
            ("{% if a > \"%}\" %}é{% x", "                 é{% x"),
            ("{{ a | b(c=\"}}<\") }}d", "{{ a | b(c= }}  ) }}d"),
            ("{#ü\n#}{ {} {", "    \n  { {} {"),
        ] {
            assert_eq!(blank_template_code(template), expected);
        }
        let sources = PolicySources::default();
        for (template, expected) in [
            ("{# <script>a</script> #}", 0),
            ("{% set a = '<iframe src=\"https://x.example\">' %}", 0),
            ("<p {% if a > b %}class=c{% endif %} onclick=d>", 1),
            (
                "<p {% if a %}title=\"{{ b | default(value=\">\") }}\"{% endif %} style=d>",
                1,
            ),
            (
                "<script src=\"https://{% if a %}x{% else %}y{% endif %}.example/\"></script>",
                0,
            ),
        ] {
            let found = find_blocked_loads(&blank_template_code(template), &sources);
            assert_eq!(found.len(), expected, "{template}");
        }
    }

    fn check(html: &str, expected: &[&str]) {
        let mut sources = PolicySources::with_own_origin("https://own.example");
        sources.allow("https://player.example", &[PolicyDirective::Frame]);
        sources.allow("https://*.wide.example", &[PolicyDirective::Script]);
        sources.allow("https://path.example/a/", &[PolicyDirective::Script]);
        let found = find_blocked_loads(html, &sources);
        let found: Vec<&str> = found.iter().map(|one| &*one.what).collect();
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn what_the_policy_allows_is_not_reported() {
        for html in [
            "<script src=\"{{ site.js }}\"></script>",
            "<script src=\"/own.js\"></script>",
            "<script src=\"https://own.example/a.js\"></script>",
            "<script src='https://cdn.wide.example/x.js'></script>",
            "<script src='https://path.example/a/x.js'></script>",
            "<script type=\"application/ld+json\">{}</script>",
            "<iframe src=\"https://player.example/v/1\"></iframe>",
            "<img src=\"https://any.example/p.png\"><img src=\"data:image/png;base64,\">",
            "<link rel=\"canonical\" href=\"https://other.example/\">",
            "<a href=\"https://other.example/\" data-onclick=\"x\">a</a>",
            "<form action=\"/own\"><!-- <iframe src=\"https://x.example\"> -->",
        ] {
            check(html, &[]);
        }
    }

    #[test]
    fn what_the_policy_blocks_is_named() {
        check(
            "<script src=\"https://x.example/a.js\"></script>",
            &["the script `https://x.example/a.js`"],
        );
        check(
            "<script src='//path.example/b/x.js'></script>",
            &["the script `//path.example/b/x.js`"],
        );
        check("<script>run()</script>", &["the inline script"]);
        check(
            "<STYLE>a{}</STYLE><p style=\"x:y\">",
            &["the inline style sheet", "the inline style"],
        );
        check("<p onclick='x()'>", &["the event handler `onclick`"]);
        check(
            "<iframe src=\"https://video.example/1\"></iframe>",
            &["the frame `https://video.example/1`"],
        );
        check(
            "<img src=\"http://x.example/p.png\">",
            &["the picture `http://x.example/p.png`"],
        );
        check(
            "<form action=\"https://list.example/join\">",
            &["the form that is sent to `https://list.example/join`"],
        );
        check(
            "<object data=\"x\">",
            &["`<object>`, which has no effect on any page"],
        );
        check(
            "<base href=\"/\">",
            &["`<base>`, which has no effect on any page"],
        );
        check(
            "<video poster=\"http://x.example/p.png\"></video>",
            &["the picture `http://x.example/p.png`"],
        );
        check(
            "<button formaction=\"https://x.example/\">",
            &["the form that is sent to `https://x.example/`"],
        );
        check(
            "<link rel=preload as=font href=\"https://x.example/a.woff2\">",
            &["the font `https://x.example/a.woff2`"],
        );
        check(
            "<a href=\" JavaScript:x()\">a</a>",
            &["the link that runs a script"],
        );
    }
}
