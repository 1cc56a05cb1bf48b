//! Finds pages that would be published although their posts wait for an approval.
//!
//! A build for publication never has such pages, whatever the options of the command. But files that
//! other programs put into the output folder are published too, and these may be the pages of a
//! build with `--drafts`. So what is published is compared with the states of the posts.

use std::collections::HashMap;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_site::corpus::UnpublishedPost;
use pressrun_site::corpus::own_paths::file_of;
use pressrun_site::fs;
use pressrun_site::output;
use pressrun_site::pipeline::BuildReport;
use pressrun_site::render::links::SiteLinks;
use pressrun_text::entities;
use pressrun_text::numbers::count_with_noun;
use rayon::prelude::*;

use super::doctor::html::{opening_tags, resolve_address, served_files, tag_addresses};
use super::doctor::make_doctor_finding;
use super::files::{PublishedFile, PublishedFiles};

/// The most files that are reported one by one.
const MOST_REPORTED: usize = 10;

/// The most bytes of a file that are read.
const MOST_BYTES: u64 = 32 << 20;

/// How the names of files end that may list posts.
const LISTS: [&str; 6] = [".html", ".htm", ".xml", ".json", ".txt", ".md"];

/// The folders of the search index and of the cards: compressed texts, and pictures of titles.
const MADE: [&str; 2] = ["pagefind/", "cards/"];

/// Returns an error for each file that the build did not write and that is the page of a post which
/// review keeps back, or leads to it.
pub(super) fn report_unapproved_pages(
    built: &BuildReport,
    files: &PublishedFiles,
) -> Vec<Diagnostic> {
    let held: Vec<&UnpublishedPost> = built
        .findings
        .unpublished
        .iter()
        .filter(|post| post.is_held_by_review() && !post.path.is_empty())
        .collect();
    if held.is_empty() {
        return Vec::new();
    }
    let held = HeldPages {
        links: SiteLinks::new(built.base_url.clone(), None),
        by_file: held
            .iter()
            .map(|post| (file_of(&post.path), *post))
            .collect(),
    };
    let written = output::list_written_files(&built.output);
    let foreign = files.files.par_iter().filter(|file| {
        std::str::from_utf8(&file.path).map_or(true, |path| !written.contains(path))
    });
    let mut shown: Vec<(&PublishedFile, ShownContent<'_>)> = foreign
        .filter_map(|file| Some((file, held.find_shown(file)?)))
        .collect();
    // `false` sorts before `true`: those come first that name a post.
    shown.sort_by_key(|(_, content)| matches!(content, ShownContent::Unknown));
    let mut found: Vec<Diagnostic> = shown
        .iter()
        .take(MOST_REPORTED)
        .map(|(file, content)| report_file(file, content.describe()))
        .collect();
    if let Some((file, _)) = shown.get(MOST_REPORTED) {
        let more = shown.len() - MOST_REPORTED;
        let files = count_with_noun(more, "more file", "more files");
        let message = format!("{files} may show posts that nobody has approved");
        found.push(report_file(file, message));
    }
    found
}

/// What to do about such a file.
const HELP: &str = "this build did not write it, so it may be left from one with `--drafts`: remove it, or \
                    remove the whole output folder and publish again";

fn report_file(file: &PublishedFile, message: String) -> Diagnostic {
    let place = FilePlace::file(file.name());
    make_doctor_finding(Code::UnapprovedPage, place, message, HELP)
}

/// What a file shows that review keeps back.
enum ShownContent<'p> {
    Post(&'p UnpublishedPost),
    /// Nobody can read it, and it is from another build.
    Unknown,
}

impl ShownContent<'_> {
    fn describe(&self) -> String {
        match self {
            Self::Post(post) => format!(
                "it shows {} ({}), which would go out without an approval",
                quote_for_message(&post.title),
                post.place()
            ),
            Self::Unknown => "it may show posts that nobody has approved".to_owned(),
        }
    }
}

/// The pages that posts would have.
struct HeldPages<'p> {
    links: SiteLinks,
    by_file: HashMap<String, &'p UnpublishedPost>,
}

impl<'p> HeldPages<'p> {
    /// Returns what a file shows that must not be published, if anything.
    fn find_shown(&self, file: &PublishedFile) -> Option<ShownContent<'p>> {
        let name = file.name();
        if let Some(post) = self.by_file.get(&name) {
            return Some(ShownContent::Post(post));
        }
        if MADE.iter().any(|folder| name.starts_with(folder)) {
            return Some(ShownContent::Unknown);
        }
        let may_list = LISTS.iter().any(|end| name.ends_with(end));
        if !may_list || file.size > MOST_BYTES {
            return None;
        }
        // What cannot be read cannot be published either, and that is reported.
        let bytes = fs::read_whole_file(&file.location).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let in_text = split_addresses(&text).find_map(|address| self.find_post(&name, address));
        in_text
            .or_else(|| self.find_linked(&name, &text))
            .map(ShownContent::Post)
    }

    /// Returns the post to which a link of a page leads.
    fn find_linked(&self, page: &str, text: &str) -> Option<&'p UnpublishedPost> {
        if !page.ends_with(".html") && !page.ends_with(".htm") {
            return None;
        }
        opening_tags(text).find_map(|tag| {
            let mut addresses = tag_addresses(&tag);
            addresses.find_map(|address| self.find_post(page, &entities::decode_entities(address)))
        })
    }

    /// Returns the post whose page an address on a page means.
    fn find_post(&self, page: &str, address: &str) -> Option<&'p UnpublishedPost> {
        let path = resolve_address(&self.links, page, address)?;
        let mut files = served_files(&path).into_iter();
        files.find_map(|file| self.by_file.get(&file).copied())
    }
}

/// Returns what may be an address in a text of any kind. Addresses stand between quotes, tags,
/// spaces or character references; or behind `=`, if nobody wrote quotes.
fn split_addresses(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || "\"'<>()[],\\&;".contains(c));
    // A closing tag leaves its name behind a slash, which is no address.
    let words = words.filter(|word| word.trim_start_matches('/').contains('/'));
    words.flat_map(|word| {
        let behind = word.rsplit_once('=').map(|(_, value)| value);
        std::iter::once(word).chain(behind)
    })
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::PostSource;
    use pressrun_site::config::BaseUrl;
    use pressrun_site::corpus::UnpublishedReason;

    use super::*;

    /// Returns whether a file of this name with this text leads to the post at `/posts/herbs/`.
    fn leads_to_herbs(name: &str, text: &str) -> bool {
        let post = UnpublishedPost {
            source: PostSource::default(),
            title: "Herbs".to_owned(),
            date: None,
            reason: UnpublishedReason::Waiting,
            path: "/posts/herbs/".to_owned(),
            due: false,
        };
        let held = HeldPages {
            links: SiteLinks::new(BaseUrl::parse("https://me.github.io/repo/").unwrap(), None),
            by_file: HashMap::from([(file_of(&post.path), &post)]),
        };
        let in_text = split_addresses(text).find_map(|address| held.find_post(name, address));
        in_text.or_else(|| held.find_linked(name, text)).is_some()
    }

    #[test]
    fn pages_lead_to_a_post_however_its_address_is_written() {
        for text in [
            "<a href=\"/repo/posts/herbs/\">x</a>",
            "<a href=/repo/posts/herbs/>x</a>",
            "<a href=\"/repo/posts/herbs\">x</a>",
            "<a href='/repo/posts/herbs/index.html?a=b#c'>x</a>",
            "<a href=\"https://me.github.io/repo/posts/herbs\">x</a>",
            "<a href=\"../../posts/herbs/\">x</a>",
            "<a href=../../posts/herbs>x</a>",
            "<a href=\"&#47;repo&#47;posts&#47;herbs\">x</a>",
            "<meta http-equiv=refresh content=\"0;url=/repo/posts/herbs/\">",
            "<content>&lt;a href=&quot;/repo/posts/herbs/&quot;&gt;</content>",
            "{\"url\":\"https:\\/\\/x\",\"to\":\"/repo/posts/herbs/\"}",
        ] {
            assert!(leads_to_herbs("tags/basil/index.html", text), "{text}");
        }
        assert!(leads_to_herbs("posts/index.html", "<a href=herbs>x</a>"));
        assert_eq!(split_addresses("<p>a</p><b>c</b>").next(), None);
        for text in [
            "<a href=\"/repo/posts/herbs-2/\">x</a>",
            "<a href=\"/posts/herbs/\">x</a>",
            "<a href=\"https://other.example/repo/posts/herbs/\">x</a>",
            "herbs in posts",
        ] {
            assert!(!leads_to_herbs("tags/basil/index.html", text), "{text}");
        }
    }
}
