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
use pressrun_text::numbers::count_with_noun;
use rayon::prelude::*;

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
        by_path: held.iter().map(|post| (&*post.path, *post)).collect(),
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
    by_path: HashMap<&'p str, &'p UnpublishedPost>,
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
        // Addresses stand between quotes, tags or spaces.
        let words = text.split(|c: char| c.is_whitespace() || "\"'<>()[],\\".contains(c));
        words
            .filter(|word| word.contains('/'))
            .find_map(|word| {
                let address = word.split(['#', '?']).next().unwrap_or(word);
                self.by_path.get(&*self.links.path_of(address)?)
            })
            .map(|post| ShownContent::Post(post))
    }
}
