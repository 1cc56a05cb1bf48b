//! Lists the files that a site consists of. Every path is known before the first file is rendered.
//!
//! Two files that want the same path, or a file where another needs a folder, are reported; neither
//! overwrites the other.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic};

use super::links::SiteLinks;
use super::pages::sitemap::SitemapParts;
use super::pages::{self, PageKind, RenderJob};
use super::theme::{AssetContent, SiteAsset, SiteAssets};
use crate::config::Config;
use crate::corpus::Corpus;
use crate::fs::folded;

/// Every file of a site.
#[derive(Debug)]
pub(super) struct SitePlan {
    pub(super) jobs: Vec<RenderJob>,
    /// Index in `jobs` of each file.
    pub(super) by_file: HashMap<Arc<str>, usize>,
    pub(super) sitemap: SitemapParts,
}

/// Lists every file of the site.
///
/// # Errors
///
/// Returns an error for each two files that want the same path.
pub(super) fn plan_site(
    corpus: &Corpus,
    config: &Config,
    links: &SiteLinks,
    assets: SiteAssets,
) -> Result<SitePlan, Vec<Diagnostic>> {
    let mut jobs = pages::list_pages(corpus, config);
    let mut add = |path: String, page| jobs.push(RenderJob::new(path, page));
    // A file that the site provides replaces the one that pressrun would write for the host.
    let is_own = |path: &str| assets.own.iter().any(|asset| asset.path == path);
    if !is_own("/robots.txt") {
        add("/robots.txt".to_owned(), PageKind::Robots);
    }
    let mut hosting = hosting_assets(config);
    hosting.retain(|asset| !is_own(&asset.path));
    let [style, script, search, icon] = assets.theme;
    let theme = [style, script, icon].into_iter();
    let own = assets.own.into_iter().chain(theme).chain(assets.generated);
    let searched = config.search.extent(corpus.posts.len()).is_some();
    let own = own.chain(searched.then_some(search));
    for asset in own.chain(hosting) {
        add(asset.path, PageKind::File(asset.content, asset.origin));
    }
    let sitemap = SitemapParts::new(&jobs, corpus, config, links);
    jobs.extend(sitemap.jobs());
    match index_by_file(&jobs, corpus) {
        (by_file, conflicts) if conflicts.is_empty() => Ok(SitePlan {
            jobs,
            by_file,
            sitemap,
        }),
        (_, conflicts) => Err(conflicts),
    }
}

/// Returns the files that GitHub Pages looks for.
fn hosting_assets(config: &Config) -> Vec<SiteAsset> {
    let file = |path: &str, bytes: Vec<u8>| SiteAsset {
        path: path.to_owned(),
        origin: "pressrun".to_owned(),
        content: AssetContent::Bytes(bytes),
    };
    let cname = config.deploy.cname.as_ref();
    std::iter::once(file("/.nojekyll", Vec::new()))
        .chain(cname.map(|name| file("/CNAME", format!("{name}\n").into_bytes())))
        .collect()
}

/// Returns the index of each file, and an error for every file that wants the path of an earlier
/// file or of its folder.
///
/// Paths that differ only in case or in Unicode normalisation count as equal, because some file
/// systems treat them as one.
fn index_by_file(
    jobs: &[RenderJob],
    corpus: &Corpus,
) -> (HashMap<Arc<str>, usize>, Vec<Diagnostic>) {
    let mut by_file: HashMap<Arc<str>, usize> = HashMap::with_capacity(jobs.len());
    let mut owners: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(jobs.len());
    let mut folders: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(jobs.len());
    let mut found = Vec::new();
    for (at, job) in jobs.iter().enumerate() {
        if let Some(&owner) = owners.get(&folded(&job.file)) {
            found.push(report_path_conflict(job, &jobs[owner], corpus));
            continue;
        }
        owners.insert(folded(&job.file), at);
        by_file.insert(Arc::clone(&job.file), at);
        found.extend(enter_folders(at, jobs, &mut folders, corpus));
    }
    // A file must not have the path of a folder either, whichever comes first.
    for job in jobs {
        let other = folders.get(&folded(&job.file)).map(|&other| &jobs[other]);
        found.extend(other.map(|other| report_path_conflict(job, other, corpus)));
    }
    (by_file, found)
}

/// Records the folders of a job, each with the first job in it. Returns an error if an earlier job
/// spells one of them differently.
fn enter_folders<'j>(
    at: usize,
    jobs: &'j [RenderJob],
    folders: &mut HashMap<Cow<'j, str>, usize>,
    corpus: &Corpus,
) -> Option<Diagnostic> {
    let mut folder = &*jobs[at].file;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        let Some(&first) = folders.get(&folded(parent)) else {
            folders.insert(folded(parent), at);
            folder = parent;
            continue;
        };
        let first = &jobs[first];
        // The parents of a known folder are known too, so the walk ends here.
        return (!first.file.starts_with(parent))
            .then(|| report_path_conflict(&jobs[at], first, corpus));
    }
    None
}

fn report_path_conflict(job: &RenderJob, other: &RenderJob, corpus: &Corpus) -> Diagnostic {
    let place = job.source_place(corpus);
    let both = format!("{} and {}", job.describe(corpus), other.describe(corpus));
    // The same path, or one that the other needs as a folder.
    let is_same = job.file == other.file || other.file.starts_with(&format!("{}/", job.file));
    let message = if is_same {
        format!("{both} need the same path, `{}`", job.file)
    } else {
        let (file, other) = (&job.file, &other.file);
        format!("{both} need `{file}` and `{other}`, which are the same path on Windows and macOS")
    };
    Diagnostic::new(Code::PathConflict, place, message).with_help(
        "change the slug of the post, `permalink` in `[content]`, or the name of the file",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paths: &[&str], expected: &[&str]) {
        let jobs: Vec<RenderJob> = paths
            .iter()
            .map(|path| {
                let page = PageKind::File(AssetContent::Bytes(Vec::new()), format!("static{path}"));
                RenderJob::new((*path).to_owned(), page)
            })
            .collect();
        let (_, found) = index_by_file(&jobs, &Corpus::default());
        let found: Vec<String> = found.into_iter().map(|conflict| conflict.message).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn two_files_with_one_path_are_a_conflict() {
        check(
            &["/a/", "/b/", "/a/index.html"],
            &[
                "the file static/a/index.html and the file static/a/ need the same path, \
               `a/index.html`",
            ],
        );
    }

    #[test]
    fn file_where_another_needs_a_folder_is_a_conflict() {
        check(
            &["/a", "/a/b/"],
            &["the file static/a and the file static/a/b/ need the same path, `a`"],
        );
    }

    #[test]
    fn paths_that_are_one_on_some_systems_are_a_conflict() {
        let one = |a: &str, b: &str, files: [&str; 2]| {
            let [file, other] = files;
            check(
                &[a, b],
                &[&format!(
                    "the file static{b} and the file static{a} need `{file}` and `{other}`, which \
                     are the same path on Windows and macOS"
                )],
            );
        };
        one("/Logo.png", "/logo.png", ["logo.png", "Logo.png"]);
        one(
            "/caf\u{e9}/",
            "/cafe\u{301}/",
            ["cafe\u{301}/index.html", "caf\u{e9}/index.html"],
        );
        one("/A/b", "/a/c", ["a/c", "A/b"]);
    }

    #[test]
    fn names_that_share_a_beginning_do_not_conflict() {
        check(&["/a/", "/ab", "/a/b/", "/"], &[]);
    }
}
