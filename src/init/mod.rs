//! Turns a folder into a site: a configuration, a sample reply, a draft of a page about the site, and
//! a `.gitignore`.
//!
//! `init` asks nothing that it can find out. It takes the address of the site from the remote of
//! the git repository around the folder, the author from git's settings, the title from the folder's
//! name, and with `--from` from replies what they show (`proposal`). It never changes an existing file, and
//! leaves the site of another generator alone (`other_site`).
//!
//! Not here: the text of `site.toml` (`configuration`), and printing (`cli`).

mod configuration;
mod other_site;
mod proposal;

use std::path::{Path, PathBuf};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::{Moment, SiteZone};
use pressrun_site::config;
use pressrun_site::discover;
use pressrun_site::error::Result;
use pressrun_site::fs;
use pressrun_site::git::Repository;
use pressrun_site::render::CommandFailure;
use pressrun_text::marks::fill_placeholders;
use pressrun_text::visible::clean_field;

use crate::ingest::{self, IngestWatcher};
use crate::publish::github::GitHubRepository;
use crate::terms::CategoryChoice;
use configuration::SiteDraft;
use other_site::find_other_site;

pub use other_site::{OtherSite, SiteGenerator};
pub use proposal::{ProposedSchedule, ReplyProposal};

/// The sample reply.
const WELCOME: &str = include_str!("welcome.txt");

/// The draft of a page about the site.
const ABOUT: &str = include_str!("about.md");

/// Folders that git should ignore: the built site and the cache.
const IGNORED: [&str; 2] = ["/public/", "/.pressrun/"];

/// What to make a site of.
#[derive(Debug)]
pub struct InitRequest {
    /// The folder of the site, created if it is missing.
    pub folder: PathBuf,
    /// Files and folders with replies to look at.
    pub sources: Vec<PathBuf>,
    /// Which categories the site allows.
    pub categories: CategoryChoice,
    /// The present, before which nothing is scheduled.
    pub present: Moment,
}

/// What `init` did, or found.
#[derive(Debug)]
pub enum InitOutcome {
    /// The site was created.
    Created(InitReport),
    /// Nothing was changed, because the folder or a source is the site of another generator.
    OtherSite(OtherSite),
}

/// The new site.
#[derive(Debug)]
pub struct InitReport {
    /// The folder of the site.
    pub folder: PathBuf,
    /// Files written, relative to the folder.
    pub written: Vec<&'static str>,
    /// Existing files and folders that were left as they are.
    pub kept: Vec<&'static str>,
    /// Lines that an existing `.gitignore` lacks.
    pub not_ignored: Vec<&'static str>,
    /// Address of the site and the place it was found in, if it is known.
    pub address: Option<(String, String)>,
    /// What the replies suggest, if there are any.
    pub proposal: Option<Box<ReplyProposal>>,
}

/// What is known about a site before it exists.
#[derive(Debug, Default, PartialEq, Eq)]
struct KnownAboutSite {
    author: Option<String>,
    remote: Option<String>,
    /// Address of the site, and the place it was found in.
    address: Option<(String, String)>,
    /// The site's own domain.
    domain: Option<String>,
}

/// Turns a folder into a site.
///
/// # Errors
///
/// Returns an error if the folder is a site already, if the sources hold no post, or if the machine
/// refuses something.
pub fn init_site(
    request: &InitRequest,
    watcher: &mut dyn IngestWatcher,
) -> std::result::Result<InitOutcome, CommandFailure> {
    let folder = &request.folder;
    if folder.join(config::FILE).exists() {
        let place = FilePlace::file(folder.join(config::FILE).display().to_string());
        let message = "this is already a site; nothing was changed";
        let help = "run `pressrun build`, or name another folder";
        return Err(CommandFailure::Site(vec![
            Diagnostic::new(Code::AlreadyASite, place, message).with_help(help),
        ]));
    }
    let mut folders = std::iter::once(folder).chain(&request.sources);
    if let Some(other) = folders.find_map(|folder| find_other_site(folder)) {
        return Ok(InitOutcome::OtherSite(other));
    }
    // The replies are read first, so that nothing is written if that fails.
    let proposal = look_at_sources(request, watcher)?;
    let allowed = configuration::list_allowed(&request.categories, proposal.as_ref())?;
    fs::create_folder(folder)?;
    let known = KnownAboutSite::from_repository(folder);
    let draft = SiteDraft::new(&known, request, allowed, proposal.as_ref());
    let mut report = InitReport {
        folder: folder.clone(),
        written: Vec::new(),
        kept: Vec::new(),
        not_ignored: Vec::new(),
        address: known.address.clone(),
        proposal: None,
    };
    write_new_file(&mut report, config::FILE, &draft.to_toml())?;
    if fs::list_folder(&folder.join(discover::FOLDER))?.is_empty() {
        // Who has replies needs no sample of one.
        if proposal.is_none() {
            let welcome = fill_placeholders(WELCOME, &[("@CATEGORY@", draft.sample_category())]);
            write_new_file(&mut report, "content/welcome.txt", &welcome)?;
        }
        write_new_file(&mut report, "content/pages/about.md", ABOUT)?;
    } else {
        report.kept.push("content/");
    }
    write_gitignore(&mut report)?;
    report.proposal = proposal.map(Box::new);
    Ok(InitOutcome::Created(report))
}

/// Reads the sources, if any are named.
fn look_at_sources(
    request: &InitRequest,
    watcher: &mut dyn IngestWatcher,
) -> std::result::Result<Option<ReplyProposal>, CommandFailure> {
    if request.sources.is_empty() {
        return Ok(None);
    }
    let found = ingest::read_source_posts(&request.folder, &request.sources, watcher)?;
    if found.posts.is_empty() {
        let place = FilePlace::file(found.names.join(", "));
        let message = "no post was found in it; nothing was written";
        let help = "`pressrun inspect FILE` shows how a file is read";
        return Err(CommandFailure::Site(vec![
            Diagnostic::new(Code::NoPostFound, place, message).with_help(help),
        ]));
    }
    let today = SiteZone::default().day_of(request.present);
    Ok(Some(ReplyProposal::from_posts(&found, today)))
}

/// Writes a file that does not exist yet.
fn write_new_file(report: &mut InitReport, path: &'static str, text: &str) -> Result<()> {
    fs::write_with_folder(&report.folder.join(path), text.as_bytes())?;
    report.written.push(path);
    Ok(())
}

/// Writes `.gitignore`, or records which lines the existing one lacks.
fn write_gitignore(report: &mut InitReport) -> Result<()> {
    let path = ".gitignore";
    let Some(text) = fs::read_text(&report.folder.join(path))? else {
        return write_new_file(report, path, &format!("{}\n", IGNORED.join("\n")));
    };
    report.kept.push(path);
    // `public`, `/public` and `public/` all ignore the folder.
    let bare = |line: &str| line.trim().trim_matches('/').to_owned();
    let has = |wanted: &str| text.lines().any(|line| bare(line) == bare(wanted));
    report.not_ignored = IGNORED.into_iter().filter(|line| !has(line)).collect();
    Ok(())
}

impl KnownAboutSite {
    /// Collects what the git repository around a folder knows, if there is one.
    fn from_repository(folder: &Path) -> Self {
        let Ok(repository) = Repository::around(folder) else {
            return Self::default();
        };
        let remotes = repository.look_up(["remote"]).unwrap_or_default();
        let remote = remotes
            .lines()
            // `origin` is the usual remote; any other is better than none.
            .find(|name| *name == "origin")
            .or_else(|| remotes.lines().next());
        let mut known = Self {
            author: repository.look_up(["config", "user.name"]),
            remote: remote.map(str::to_owned),
            ..Self::default()
        };
        if let Some(remote) = remote {
            let url = repository.look_up(["remote", "get-url", remote]);
            known.address = url
                .and_then(|url| GitHubRepository::of_remote(&url))
                .map(|github| (github.pages_url(), format!("the remote `{remote}`")));
        }
        // A domain overrides the address that the remote suggests.
        if let Some((domain, from)) = find_own_domain(folder, &repository, remote) {
            known.address = Some((format!("https://{domain}/"), from));
            known.domain = Some(domain);
        }
        known
    }
}

/// Returns the domain in a `CNAME` file, here or on the branch of an earlier site, and where it was
/// found.
fn find_own_domain(
    folder: &Path,
    repository: &Repository,
    remote: Option<&str>,
) -> Option<(String, String)> {
    let here = ["CNAME", "static/CNAME"].into_iter().find_map(|path| {
        let text = fs::read_text(&folder.join(path)).ok()??;
        Some((config::parse_domain(text.trim()).ok()?, format!("`{path}`")))
    });
    here.or_else(|| {
        let branch = format!("{}/gh-pages", remote?);
        let text = repository.look_up(["show", &format!("refs/remotes/{branch}:CNAME")])?;
        let domain = config::parse_domain(text.trim()).ok()?;
        Some((domain, format!("the file `CNAME` of `{branch}`")))
    })
}

/// Quotes a text as a TOML string.
fn quote_toml(text: &str) -> String {
    let clean = clean_field(text, true);
    toml::Value::String(clean.into_owned()).to_string()
}
