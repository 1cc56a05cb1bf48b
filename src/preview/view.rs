//! A page as a tab shows it: its HTML with the additions of the preview, and what shows whether it
//! changed.

use memchr::memmem;
use pressrun_locale::messages::MessageValue;
use pressrun_posts::post::{self, Post, SiteDate};
use pressrun_site::cache::{Fingerprint, StoredBody};
use pressrun_site::corpus::UnpublishedReason;
use pressrun_site::fs::FileStamp;
use pressrun_site::render::links::split_query;
use pressrun_site::render::{AssetContent, PageKind, RenderJob, SiteRenderer};
use pressrun_text::html::escape_html;

use super::snapshot::OWN;
use super::words::OwnWords;

/// A page as a tab shows it.
#[derive(Debug)]
pub(super) struct PageView {
    /// The HTML that is sent.
    pub(super) html: Vec<u8>,
    /// Hash of everything on the page except its style sheets: its HTML, its pictures and scripts.
    pub(super) version: String,
    /// Hash of its style sheets.
    pub(super) styles: String,
    /// Where its post comes from.
    pub(super) source: Option<PagePostSource>,
}

/// Where the post of a page comes from, to find it again when its address changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PagePostSource {
    /// Hash of its words.
    pub(super) words: u128,
    index: u32,
    /// Path of its file from the root of the site.
    pub(super) file: String,
}

impl PagePostSource {
    pub(super) fn from_post(post: &Post<StoredBody>) -> Self {
        Self {
            words: post.words_hash,
            index: post.source.index,
            file: post.source.file.to_string(),
        }
    }

    /// Parses what `Display` wrote into a page.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (words, rest) = text.split_once('.')?;
        // The file comes last, because its name may contain dots.
        let (index, file) = rest.split_once('.')?;
        Some(Self {
            words: u128::from_str_radix(words, 16).ok()?,
            index: index.parse().ok()?,
            file: file.to_owned(),
        })
    }

    /// Returns whether a post is at the position of this one.
    pub(super) fn is_place_of(&self, source: &post::PostSource) -> bool {
        *source.file == *self.file && source.index == self.index
    }

    /// Returns whether both mean the same position in the same file.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (&self.file, self.index) == (&other.file, other.index)
    }
}

impl std::fmt::Display for PagePostSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x}.{}.{}", self.words, self.index, self.file)
    }
}

impl PageView {
    /// Makes the view of a page of the site.
    pub(super) fn new(
        html: Vec<u8>,
        site: &SiteRenderer,
        source: Option<PagePostSource>,
        reason: Option<UnpublishedReason>,
    ) -> Self {
        let (version, styles) = hash_page_and_styles(&html, site);
        let theme = theme_styles(site).join(" ");
        let mut view = Self::plain(html, version, styles, source);
        let own = OwnWords::of_site(site);
        let dated = |key, date: &SiteDate| {
            let text = own.words.locale().format_day(date.day);
            own.fill(key, &[("date", MessageValue::Text(&text))])
        };
        let mark = reason.map(|reason| match reason {
            UnpublishedReason::Draft | UnpublishedReason::NearDuplicate => own.words.text("draft"),
            UnpublishedReason::Waiting => own.desk_text("waiting"),
            UnpublishedReason::Outdated => own.desk_text("outdated"),
            UnpublishedReason::Rejected => own.desk_text("rejected"),
            UnpublishedReason::Scheduled(date) => dated("appears_on", &date),
            UnpublishedReason::Expired(date) => dated("expired_on", &date),
        });
        let more = [("theme", Some(&*theme)), ("mark", mark.as_deref())];
        view.add_script(&more, &own);
        view
    }

    /// Makes the view of a page of the preview itself.
    pub(super) fn for_preview(html: Vec<u8>, own: &OwnWords) -> Self {
        let version = Fingerprint::of_bytes(&html).to_string();
        let mut view = Self::plain(html, version, String::new(), None);
        view.add_script(&[], own);
        view
    }

    fn plain(
        html: Vec<u8>,
        version: String,
        styles: String,
        source: Option<PagePostSource>,
    ) -> Self {
        Self {
            html,
            version,
            styles,
            source,
        }
    }

    /// Adds the script that keeps the page up to date to its head.
    fn add_script(&mut self, more: &[(&str, Option<&str>)], words: &OwnWords) {
        let source = self.source.as_ref().map(ToString::to_string);
        let (hide, last_good) = (words.text("hide"), words.text("last_good"));
        let own = [
            ("version", Some(&*self.version)),
            ("styles", Some(&*self.styles)),
            ("source", source.as_deref()),
            ("hide", Some(&*hide)),
            ("last-good", Some(&*last_good)),
        ];
        let mut script = format!("<script src=\"{OWN}reload.js\" defer");
        for (name, value) in own.iter().chain(more) {
            if let Some(value) = value {
                script += &format!(" data-{name}=\"{}\"", escape_html(value));
            }
        }
        script += "></script>";
        // A page without a head still gets the script.
        let at = memmem::find(&self.html, b"</head>").unwrap_or(self.html.len());
        self.html.splice(at..at, script.into_bytes());
    }
}

/// Returns the addresses of the theme's style sheets, always in the same order.
pub(super) fn theme_styles(site: &SiteRenderer) -> Vec<String> {
    site.style_paths().map(|path| site.url(path)).collect()
}

/// Returns a hash of a page without its style sheets, and one of its style sheets.
///
/// The names of the theme's style sheets change with their contents. That alone must not count as a
/// change of the page.
fn hash_page_and_styles(html: &[u8], site: &SiteRenderer) -> (String, String) {
    let (mut page, mut styles) = (Vec::with_capacity(html.len()), Vec::new());
    // Addresses are between quotes, so split there instead of parsing the page.
    for text in html.split(|&byte| byte == b'"') {
        match find_referenced_file(text, site) {
            Some((job, _)) if site.style_paths().any(|path| path == job.path()) => {
                styles.extend_from_slice(text);
            }
            Some((job, content)) if job.file().ends_with(".css") => {
                page.extend_from_slice(text);
                styles.extend_from_slice(file_state(content).as_bytes());
            }
            Some((_, content)) => {
                page.extend_from_slice(text);
                page.extend_from_slice(file_state(content).as_bytes());
            }
            None => page.extend_from_slice(text),
        }
        // Keeps neighbouring pieces apart in the hash.
        page.push(b'"');
    }
    let version = |bytes: &[u8]| Fingerprint::of_bytes(bytes).to_string();
    (version(&page), version(&styles))
}

/// Returns the file of the site, other than a page, that a text between quotes refers to, and what
/// it contains.
fn find_referenced_file<'s>(
    text: &[u8],
    site: &'s SiteRenderer,
) -> Option<(&'s RenderJob, &'s AssetContent)> {
    let base = site.base_url();
    let leads_here = [base.path(), base.as_str()]
        .iter()
        .any(|base| text.starts_with(base.as_bytes()));
    if !leads_here {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let job = site.job_at(&site.path_of(split_query(text).0)?)?;
    let PageKind::File(file) = &job.page else {
        return None;
    };
    Some((job, &file.content))
}

/// Returns a text that changes whenever a file of the site does.
fn file_state(content: &AssetContent) -> String {
    match content {
        AssetContent::File(location, _) => {
            let stamp = location
                .metadata()
                .ok()
                .map(|data| FileStamp::of_metadata(&data));
            Fingerprint::of_value(&stamp.map(FileStamp::without_name)).to_string()
        }
        AssetContent::Bytes(bytes) => Fingerprint::of_bytes(bytes).to_string(),
        AssetContent::Kept(_, contents) => contents.to_string(),
    }
}

/// Returns a page that describes the errors, in place of a page that cannot be rendered.
pub(super) fn broken_page(problems: &[String], own: &OwnWords) -> PageView {
    let title = own.text("broken");
    let mut html = own_page_head(&title, own);
    html += &format!("<h1>{}</h1>\n", escape_html(&title));
    for problem in problems {
        html += &format!(
            "<pre class=\"problem\" dir=\"ltr\">{}</pre>\n",
            escape_html(problem)
        );
    }
    let hope = escape_html(&own.text("broken_text"));
    html += &format!("<p>{hope}</p>\n</body>\n</html>\n");
    PageView::for_preview(html.into_bytes(), own)
}

/// Returns the beginning of a page of the preview itself.
pub(super) fn own_page_head(title: &str, own: &OwnWords) -> String {
    let attributes = own.html_attributes();
    format!(
        "<!doctype html>\n<html {attributes}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"pressrun-own\" content=\"1\">\n\
         <title>{}</title>\n<link rel=\"stylesheet\" href=\"{OWN}pages.css\">\n</head>\n<body>\n",
        escape_html(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_stands_in_the_head_or_at_the_end() {
        for (html, before, after) in [
            ("<head></head><p>", "<head><script", "</script></head><p>"),
            ("<p>", "<p><script", "</script>"),
        ] {
            let view = PageView::for_preview(html.as_bytes().to_vec(), &OwnWords::english());
            let html = String::from_utf8(view.html).unwrap();
            assert!(html.starts_with(before) && html.ends_with(after), "{html}");
        }
    }

    #[test]
    fn source_is_read_as_it_was_written() {
        let source = PagePostSource {
            words: 77,
            index: 3,
            file: "content/a.b \"c\".txt".to_owned(),
        };
        assert_eq!(PagePostSource::parse(&source.to_string()), Some(source));
        for text in ["", "1.2", "x.2.a", "1.x.a"] {
            assert_eq!(PagePostSource::parse(text), None, "{text}");
        }
    }
}
