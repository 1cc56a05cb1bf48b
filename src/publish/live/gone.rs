//! Reports pages that readers can see now and could not see any more.

use std::collections::{BTreeMap, HashMap, HashSet};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_site::corpus::own_paths::file_of;
use pressrun_site::corpus::{UnpublishedPost, UnpublishedReason};
use pressrun_text::numbers::count_with_noun;

use super::list_pages;
use crate::publish::branch::Entries;
use crate::publish::doctor::make_doctor_finding;
use crate::publish::files::PublishedFile;

/// The most pages that are reported one by one.
const MOST_REPORTED: usize = 10;

/// Posts that the author holds back, by the paths of their pages and of the redirects to them.
pub(in crate::publish) struct AbsentPosts(HashMap<String, UnpublishedPost>);

impl AbsentPosts {
    /// Collects the posts that are not published. `redirects` are those of the live site.
    pub(in crate::publish) fn new(
        unpublished: &[UnpublishedPost],
        redirects: &BTreeMap<String, String>,
    ) -> Self {
        let posts = unpublished.iter();
        let posts = posts.map(|post| (post.path.clone(), post.clone()));
        let mut by_path: HashMap<String, UnpublishedPost> = posts.collect();
        for (from, to) in redirects {
            if let Some(post) = by_path.get(to).cloned() {
                by_path.entry(from.clone()).or_insert(post);
            }
        }
        Self(by_path)
    }
}

/// Returns an error for each page of the live site at whose address the new site has nothing.
///
/// A post with `expires` is not reported: its author has said that it goes.
pub(in crate::publish) fn report_gone_pages(
    live: &Entries,
    files: &[PublishedFile],
    absent: &AbsentPosts,
) -> Vec<Diagnostic> {
    let files: HashSet<&[u8]> = files.iter().map(|file| file.path.as_slice()).collect();
    let mut gone = list_pages(live);
    gone.retain(|(path, _)| {
        let expires = absent.0.get(path).and_then(UnpublishedPost::expired_date);
        expires.is_none() && !files.contains(file_of(path).as_bytes())
    });
    let mut found: Vec<Diagnostic> = gone
        .iter()
        .take(MOST_REPORTED)
        .map(|(path, _)| match absent.0.get(path) {
            Some(post) => report_absent_post(path, post),
            None => report_gone_page(path),
        })
        .collect();
    if let Some((path, _)) = gone.get(MOST_REPORTED) {
        let pages = count_with_noun(gone.len() - MOST_REPORTED, "more page", "more pages");
        let message = format!(
            "readers would also miss {pages}, such as {}",
            quote_for_message(path)
        );
        found.push(make_doctor_finding(
            Code::AddressGone,
            FilePlace::file(file_of(path)),
            message,
            "`publish --allow address-gone --dry-run` lists every file that would be removed",
        ));
    }
    found
}

fn report_gone_page(path: &str) -> Diagnostic {
    let message = format!(
        "readers who follow a link to {} would find nothing: the page is live, and the new site has none there",
        quote_for_message(path)
    );
    let help = format!(
        "type this line into the front matter of the post that readers should find instead: `aliases: [{}]`",
        serde_json::Value::from(path)
    );
    let place = FilePlace::file(file_of(path));
    make_doctor_finding(Code::AddressGone, place, message, &help)
}

fn report_absent_post(path: &str, post: &UnpublishedPost) -> Diagnostic {
    let approve = format!(
        "approve it: `pressrun approve {} --by NAME`",
        post.source.file
    );
    let publish = "publish the post as before";
    let (state, what) = match post.reason {
        UnpublishedReason::Scheduled(date) => (format!("waits for {date} now"), publish),
        UnpublishedReason::Waiting => ("waits for an approval now".to_owned(), &*approve),
        UnpublishedReason::Outdated => ("was changed after its approval".to_owned(), &*approve),
        UnpublishedReason::Rejected => ("is rejected now".to_owned(), publish),
        UnpublishedReason::Draft
        | UnpublishedReason::NearDuplicate
        | UnpublishedReason::Expired(_) => ("is a draft now".to_owned(), publish),
    };
    let message = format!(
        "readers who follow a link to {} would find nothing: the page is live, and its post {} {state}",
        quote_for_message(path),
        quote_for_message(&post.title),
    );
    let help = format!("{what}, or give it `expires` if it should go");
    make_doctor_finding(Code::AddressGone, post.place(), message, &help)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn entries(paths: &[&str]) -> Entries {
        let entry = || ("100644".to_owned(), String::new());
        let paths = paths.iter();
        paths
            .map(|path| (path.as_bytes().to_vec(), entry()))
            .collect()
    }

    fn nobody() -> AbsentPosts {
        AbsentPosts::new(&[], &BTreeMap::new())
    }

    #[track_caller]
    fn check(live: &[&str], new: &[&str], expected: &[&str]) {
        let files: Vec<PublishedFile> = new
            .iter()
            .map(|path| PublishedFile {
                path: path.as_bytes().to_vec(),
                location: PathBuf::new(),
                size: 0,
            })
            .collect();
        let found = report_gone_pages(&entries(live), &files, &nobody());
        let places: Vec<String> = found.iter().map(|one| one.place.to_string()).collect();
        assert_eq!(places, expected, "{live:?}");
    }

    #[test]
    fn pages_that_authors_wrote_are_missed() {
        check(
            &["a/index.html", "b.html", "c.html", "google1.html"],
            &["c.html"],
            &["a/index.html", "b.html", "google1.html"],
        );
    }

    #[test]
    fn lists_terms_and_other_files_are_not_missed() {
        let lists = [
            "index.html",
            "404.html",
            "page/7/index.html",
            "archive/page/2/index.html",
            "tags/old/index.html",
            "tags/old/page/2/index.html",
            "categories/old/index.html",
            "search/index.html",
            "a.png",
            "feed.xml",
        ];
        check(&lists, &[], &[]);
    }

    #[test]
    fn folders_that_jekyll_does_not_publish_are_no_addresses() {
        let paths = ["_layouts/post.html", ".x/a.html", "a.html"];
        check(&paths, &[], &["a.html"]);
        check(&[".nojekyll", "_a/b.html"], &[], &["_a/b.html"]);
    }

    #[test]
    fn many_pages_are_counted() {
        let paths: Vec<String> = (10..1500).map(|n| format!("p{n}.html")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let found = report_gone_pages(&entries(&paths), &[], &nobody());
        assert_eq!(found.len(), MOST_REPORTED + 1);
        let last = &found[MOST_REPORTED].message;
        assert!(last.contains("1480 more pages"), "{last}");
    }

    #[test]
    fn help_names_the_line_to_type() {
        let found = report_gone_page("/a b/");
        let help = found.help.unwrap();
        assert!(help.contains("`aliases: [\"/a b/\"]`"), "{help}");
        assert!(help.contains("`publish --allow address-gone`"), "{help}");
    }
}
