//! Turns a folder into a site: a configuration, a sample reply, a draft of a page about the site, and
//! a `.gitignore`.
//!
//! `init` asks nothing that it can find out. It takes the address of the site from the remote of
//! the git repository around the folder, the author from git's settings, and the title from the
//! folder's name. It never changes an existing file.
//!
//! Not here: printing (`cli`).

use std::path::{Path, PathBuf};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::config;
use pressrun_site::discover;
use pressrun_site::error::Result;
use pressrun_site::fs;
use pressrun_site::git::Repository;
use pressrun_site::render::CommandFailure;
use pressrun_text::characters::title_case;
use pressrun_text::marks::fill_placeholders;
use pressrun_text::visible::clean_field;

use crate::publish::github::GitHubRepository;

/// The configuration, with placeholders for what differs between sites.
const SITE: &str = include_str!("site.toml");

/// The sample reply.
const WELCOME: &str = include_str!("welcome.txt");

/// The draft of a page about the site.
const ABOUT: &str = include_str!("about.md");

/// The configuration of the sample blog; every new site starts with its list of categories.
const SAMPLE: &str = include_str!("../../site.toml");

/// Folders that git should ignore: the built site and the cache.
const IGNORED: [&str; 2] = ["/public/", "/.pressrun/"];

/// What `init` did.
#[derive(Debug, PartialEq, Eq)]
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

/// Turns `folder` into a site; the folder is created if it is missing.
///
/// # Errors
///
/// Returns an error if the folder is a site already, or if the machine refuses something.
pub fn init_site(folder: &Path) -> std::result::Result<InitReport, CommandFailure> {
    if folder.join(config::FILE).exists() {
        let place = FilePlace::file(folder.join(config::FILE).display().to_string());
        let message = "this is already a site; nothing was changed";
        let help = "run `pressrun build`, or name another folder";
        return Err(CommandFailure::Site(vec![
            Diagnostic::new(Code::AlreadyASite, place, message).with_help(help),
        ]));
    }
    fs::create_folder(folder)?;
    let known = KnownAboutSite::from_repository(folder);
    let mut report = InitReport {
        folder: folder.to_owned(),
        written: Vec::new(),
        kept: Vec::new(),
        not_ignored: Vec::new(),
        address: known.address.clone(),
    };
    write_new_file(
        &mut report,
        config::FILE,
        &format_configuration(folder, &known),
    )?;
    if fs::list_folder(&folder.join(discover::FOLDER))?.is_empty() {
        write_new_file(&mut report, "content/welcome.txt", WELCOME)?;
        write_new_file(&mut report, "content/pages/about.md", ABOUT)?;
    } else {
        report.kept.push("content/");
    }
    write_gitignore(&mut report)?;
    Ok(report)
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

/// Returns the text of `site.toml`.
fn format_configuration(folder: &Path, known: &KnownAboutSite) -> String {
    let title = title_of_folder(folder);
    let local = config::BaseUrl::local();
    let address = known.address.as_ref().map(|(url, _)| url.as_str());
    let author = match &known.author {
        Some(name) => format!("name = {}", quote_toml(name)),
        None => "# name = \"Your Name\"".to_owned(),
    };
    let domain = match &known.domain {
        Some(domain) => format!("cname = {}", quote_toml(domain)),
        None => "# cname = \"blog.example.com\"".to_owned(),
    };
    let categories = SAMPLE
        .split_once("\n[categories]\n")
        .map_or("", |(_, categories)| categories);
    let values = [
        ("@TITLE@", quote_toml(&title)),
        (
            "@DESCRIPTION@",
            quote_toml(&format!("The posts of {title}.")),
        ),
        ("@BASE_URL@", quote_toml(address.unwrap_or(local.as_str()))),
        ("@AUTHOR@", author),
        (
            "@REMOTE@",
            quote_toml(known.remote.as_deref().unwrap_or("origin")),
        ),
        ("@CNAME@", domain),
    ];
    fill_placeholders(
        SITE,
        &values.each_ref().map(|(mark, value)| (*mark, &**value)),
    ) + categories
}

/// Makes a title from the name of a folder: `my-tech_blog` becomes `My tech blog`.
fn title_of_folder(folder: &Path) -> String {
    let folder = fs::resolve_path(folder);
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    // A user site's repository is named after its host.
    let name = name.trim_end_matches(".github.io");
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '-' | '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let title = words.join(" ");
    let mut letters = title.chars();
    match letters.next() {
        Some(first) => title_case(first).chain(letters).collect(),
        None => config::Config::default().title,
    }
}

/// Quotes a text as a TOML string.
fn quote_toml(text: &str) -> String {
    let clean = clean_field(text, true);
    toml::Value::String(clean.into_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use pressrun_site::config::Config;

    use super::*;

    #[test]
    fn configuration_is_read_back_as_it_was_meant() {
        let known = KnownAboutSite {
            author: Some("O\"Neil\\\n".to_owned()),
            remote: Some("upstream".to_owned()),
            address: Some(("https://blog.example.com/".to_owned(), String::new())),
            domain: Some("blog.example.com".to_owned()),
        };
        let config =
            Config::parse(&format_configuration(Path::new("/x/my-tech_blog"), &known)).unwrap();
        assert_eq!(config.title, "My tech blog");
        assert_eq!(config.author.name.as_deref(), Some("O\"Neil\\"));
        assert_eq!(config.base_url.as_str(), "https://blog.example.com/");
        assert_eq!(config.deploy.remote, "upstream");
        assert_eq!(config.deploy.cname.as_deref(), Some("blog.example.com"));
        assert!(config.categories.allowed.len() > 20);
    }

    #[test]
    fn configuration_without_anything_known_keeps_the_defaults() {
        let text = format_configuration(Path::new("/x/---"), &KnownAboutSite::default());
        let config = Config::parse(&text).unwrap();
        let defaults = Config::default();
        assert_eq!(config.title, defaults.title);
        assert_eq!(config.base_url, defaults.base_url);
        assert_eq!(config.deploy, defaults.deploy);
        assert_eq!(config.author, defaults.author);
    }

    #[test]
    fn no_mark_of_the_template_is_left() {
        let text = format_configuration(Path::new("/x/a"), &KnownAboutSite::default());
        assert!(!text.contains('@'), "{text}");
    }
}
