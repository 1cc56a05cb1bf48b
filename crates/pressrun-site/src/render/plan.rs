//! Lists the files that a site consists of. Every path is known before the first file is rendered.
//!
//! Two files that want the same path, or a file where another needs a folder, are reported; neither
//! overwrites the other.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic};

use super::head::LinkedPlace;
use super::links::SiteLinks;
use super::pages::redirect::target_place;
use super::pages::sitemap::SitemapParts;
use super::pages::{self, CopiedFile, PageKind, RenderJob};
use super::theme::{AssetContent, SiteAsset, SiteAssets, ThemeFiles};
use crate::config::Config;
use crate::corpus::file_paths::FilePaths;
use crate::corpus::own_paths::file_of;
use crate::corpus::{Corpus, RedirectTarget, Taxonomy};
use crate::fs::above;

/// Every file of a site.
#[derive(Debug)]
pub(super) struct SitePlan {
    pub(super) jobs: Vec<RenderJob>,
    /// Index in `jobs` of each file, by its [place](RenderJob::place).
    pub(super) by_place: HashMap<Arc<str>, usize>,
    pub(super) sitemap: SitemapParts,
    /// Redirects that have no page, because something else is at their address.
    pub(super) findings: Vec<Diagnostic>,
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
    // A file that the site provides replaces the one that pressrun would write for the host.
    let is_own = |path: &str| assets.own.iter().any(|asset| asset.path == path);
    // So does one in the place of the list of all authors or of all series, because a post that
    // names the first of them stops no build.
    let is_optional =
        |page: &PageKind| matches!(page, PageKind::Terms(Taxonomy::Authors | Taxonomy::Series));
    jobs.retain(|job| !(is_optional(&job.page) && is_own(job.place())));
    if !is_own("/robots.txt") {
        jobs.push(RenderJob::new("/robots.txt", PageKind::Robots));
    }
    // Neither do these stop a build.
    let mut programs = pages::list_program_files(corpus, config);
    programs.retain(|job| !is_own(job.path()));
    jobs.append(&mut programs);
    let mut hosting = hosting_assets(config);
    hosting.retain(|asset| !is_own(&asset.path));
    let ThemeFiles {
        style,
        lists,
        extras,
        formulas,
        languages,
        script,
        search,
        icon,
    } = assets.theme;
    let theme = [style, lists, extras, formulas, script, icon].into_iter();
    let theme = theme.chain(assets.fonts);
    let own = assets.own.into_iter().chain(theme).chain(assets.generated);
    let searched = config.search.extent(corpus.posts.len()).is_some();
    let own = own
        .chain(searched.then_some(search))
        .chain(super::has_languages(corpus, config).then_some(languages))
        .chain(assets.custom_style);
    jobs.extend(own.chain(hosting).map(plan_asset));
    let sitemap = SitemapParts::new(&jobs, corpus, config, links);
    jobs.extend(sitemap.jobs());
    let (paths, conflicts) = enter_jobs(&jobs, corpus);
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    let dead = find_dead_redirects(&jobs, corpus);
    let (mut redirects, findings) = plan_redirects(paths, &dead, corpus, links);
    jobs.append(&mut redirects);
    let places = jobs.iter().map(|job| Arc::clone(job.place()));
    Ok(SitePlan {
        by_place: places.zip(0..).collect(),
        jobs,
        sitemap,
        findings,
    })
}

/// The file with the redirects of a site for Netlify, Cloudflare Pages and GitLab Pages.
const REDIRECT_RULES: &str = "/_redirects";

/// Plans the pages at former addresses and the file that lists them for hosts. Returns a finding
/// for each that has no page, because redirects are content and none of them stops a build.
fn plan_redirects(
    paths: FilePaths<'_, &RenderJob>,
    dead: &HashSet<usize>,
    corpus: &Corpus,
    links: &SiteLinks,
) -> (Vec<RenderJob>, Vec<Diagnostic>) {
    let wanted = pages::list_redirects(corpus);
    let mut found = Vec::new();
    if wanted.is_empty() {
        return (wanted, found);
    }
    let mut rules = String::new();
    let rules_path = plan_asset(make_hosting_file(REDIRECT_RULES, Vec::new()));
    let mut paths = paths;
    // A site may provide the file itself. Otherwise no redirect may take its place.
    let are_rules_planned = paths.find_owner(rules_path.file()).is_none();
    paths.enter(Cow::Borrowed(rules_path.file()), &rules_path);
    let mut is_free = Vec::with_capacity(wanted.len());
    for (at, (job, redirect)) in wanted.iter().zip(&corpus.redirects).enumerate() {
        if dead.contains(&at) {
            is_free.push(false);
            continue;
        }
        let owner = paths.find_owner(job.file());
        is_free.push(owner.is_none());
        let target = target_place(&redirect.to, corpus);
        if let Some(owner) = owner {
            // What nobody states any more gives way without a word.
            if redirect.place.is_some() {
                found.extend(report_taken_redirect((job, target), owner, corpus));
            }
            continue;
        }
        paths.enter(Cow::Borrowed(job.file()), job);
        let (from, to) = (links.url(job.path()), target.url(links));
        rules += &format!("{from} {to} 301\n");
    }
    let mut is_free = is_free.into_iter();
    let mut jobs = wanted;
    jobs.retain(|_| is_free.next() == Some(true));
    if are_rules_planned && !jobs.is_empty() {
        let rules = make_hosting_file(REDIRECT_RULES, rules.into_bytes());
        jobs.push(plan_asset(rules));
    }
    (jobs, found)
}

/// Returns the redirects from the published site whose targets are gone, by their indexes.
fn find_dead_redirects(jobs: &[RenderJob], corpus: &Corpus) -> HashSet<usize> {
    let kept = corpus.redirects.iter().enumerate();
    let mut kept: Vec<(usize, String)> = kept
        .filter_map(|(at, redirect)| match &redirect.to {
            RedirectTarget::Path(to) if redirect.place.is_none() => Some((at, file_of(to))),
            _ => None,
        })
        .collect();
    if !kept.is_empty() {
        let files: HashSet<&str> = jobs.iter().map(RenderJob::file).collect();
        kept.retain(|(_, file)| !files.contains(&**file));
    }
    kept.into_iter().map(|(at, _)| at).collect()
}

/// Returns the files that GitHub Pages looks for.
fn hosting_assets(config: &Config) -> Vec<SiteAsset> {
    let cname = config.deploy.cname.as_ref();
    let cname = cname.map(|name| make_hosting_file("/CNAME", format!("{name}\n").into_bytes()));
    let mut assets = vec![make_hosting_file("/.nojekyll", Vec::new())];
    assets.extend(cname);
    assets
}

fn make_hosting_file(path: &str, bytes: Vec<u8>) -> SiteAsset {
    SiteAsset::of_bytes(path, "pressrun", &bytes)
}

fn copy_file(content: AssetContent, origin: String) -> PageKind {
    PageKind::File(Box::new(CopiedFile { content, origin }))
}

fn plan_asset(asset: SiteAsset) -> RenderJob {
    RenderJob::new(asset.path, copy_file(asset.content, asset.origin))
}

/// Records the files of a plan. Also returns an error for every file that wants the path of an
/// earlier file or of its folder.
fn enter_jobs<'j>(
    jobs: &'j [RenderJob],
    corpus: &Corpus,
) -> (FilePaths<'j, &'j RenderJob>, Vec<Diagnostic>) {
    let mut paths = FilePaths::with_capacity(jobs.len());
    let mut found = Vec::new();
    for job in jobs {
        let other = paths.file_owner(job.file()).or_else(|| {
            let mut folders = above(job.file());
            folders.find_map(|folder| paths.spelled_differently(folder))
        });
        found.extend(other.map(|other| report_path_conflict(job, other, corpus)));
        paths.enter(Cow::Borrowed(job.file()), job);
    }
    // A file must not have the path of a folder either, whichever comes first.
    for job in jobs {
        let other = paths.folder_owner(job.file());
        found.extend(other.map(|other| report_path_conflict(job, other, corpus)));
    }
    (paths, found)
}

/// Returns the finding that a redirect to this target has no page because something else is at its
/// address, unless that leads there anyway.
fn report_taken_redirect(
    (job, target): (&RenderJob, LinkedPlace<'_>),
    owner: &RenderJob,
    corpus: &Corpus,
) -> Option<Diagnostic> {
    let leads_to = if let PageKind::Redirect(other) = owner.page {
        target_place(&corpus.redirects[other].to, corpus)
    } else {
        LinkedPlace::Path(owner.path())
    };
    if target == leads_to && job.file() == owner.file() {
        return None;
    }
    let path = job.path();
    // What is made from no file is named by its address.
    let owner_place = match owner.source_place(corpus) {
        place if place.line.is_some() => format!(" ({place})"),
        _ => String::new(),
    };
    let message = format!(
        "{} and {}{owner_place} both claim the address `{path}`, which stays with the latter",
        job.describe(corpus),
        owner.describe(corpus),
    );
    let found = Diagnostic::new(Code::AddressTaken, job.source_place(corpus), message);
    Some(found.with_help(format!("remove `{path}` from one of them")))
}

fn report_path_conflict(job: &RenderJob, other: &RenderJob, corpus: &Corpus) -> Diagnostic {
    let place = job.source_place(corpus);
    let both = format!("{} and {}", job.describe(corpus), other.describe(corpus));
    // The same path, or one that the other needs as a folder.
    let is_same =
        job.file() == other.file() || other.file().starts_with(&format!("{}/", job.file()));
    let message = if is_same {
        format!("{both} need the same path, `{}`", job.file())
    } else {
        let (file, other) = (job.file(), other.file());
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
                let page = copy_file(AssetContent::Bytes(Vec::new()), format!("static{path}"));
                RenderJob::new(path, page)
            })
            .collect();
        let (_, found) = enter_jobs(&jobs, &Corpus::default());
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
