//! The table `[comments]`: a service that shows comments below posts.

use super::address::parse_origin;
use super::section::ConfigSection;

/// A service that keeps comments in a repository on GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommentsProvider {
    /// giscus, which keeps them as discussions.
    Giscus,
    /// utterances, which keeps them as issues.
    Utterances,
}

/// What a discussion or an issue is found by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum CommentsMapping {
    /// The path of the post.
    #[default]
    Pathname,
    /// The whole address of the post.
    Url,
    /// The title of its page.
    Title,
    /// The title for social networks, which lacks the name of the site.
    OgTitle,
}

impl CommentsMapping {
    /// Returns its name, which is the same for both services and in `site.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pathname => "pathname",
            Self::Url => "url",
            Self::Title => "title",
            Self::OgTitle => "og:title",
        }
    }
}

/// The table `[comments]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommentsConfig {
    /// The service.
    pub provider: CommentsProvider,
    /// The repository, as `owner/name`.
    pub repo: String,
    /// The ID of the repository; giscus only.
    pub repo_id: String,
    /// The category of discussions; giscus only.
    pub category: String,
    /// The ID of the category; giscus only.
    pub category_id: String,
    /// The label of new issues; utterances only.
    pub label: Option<String>,
    /// What the comments of a post are found by.
    pub mapping: CommentsMapping,
    /// The origin of a service that the author runs.
    pub host: Option<String>,
}

/// Reads the table `[comments]`.
pub(super) fn read_comments_table(
    section: &mut ConfigSection<'_>,
    target: &mut Option<CommentsConfig>,
) {
    let mut provider = None;
    let choices = [
        ("giscus", Some(CommentsProvider::Giscus)),
        ("utterances", Some(CommentsProvider::Utterances)),
    ];
    section.choice("provider", &mut provider, &choices);
    let mut comments = CommentsConfig {
        provider: provider.unwrap_or(CommentsProvider::Giscus),
        repo: String::new(),
        repo_id: String::new(),
        category: String::new(),
        category_id: String::new(),
        label: None,
        mapping: CommentsMapping::default(),
        host: None,
    };
    section.parsed_string("repo", &mut comments.repo, parse_repository);
    let giscus_only = |text: &str| match provider {
        Some(CommentsProvider::Utterances) => {
            Err("no value for utterances; delete the line".to_owned())
        }
        _ => Ok(text.to_owned()),
    };
    section.parsed_string("repo_id", &mut comments.repo_id, |text| {
        giscus_only(text).and_then(|text| parse_node_id(&text))
    });
    section.parsed_string("category", &mut comments.category, giscus_only);
    section.parsed_string("category_id", &mut comments.category_id, |text| {
        giscus_only(text).and_then(|text| parse_node_id(&text))
    });
    section.parsed_string("label", &mut comments.label, |text| match provider {
        Some(CommentsProvider::Giscus) => Err("no value for giscus; delete the line".to_owned()),
        _ => Ok(Some(text.to_owned())),
    });
    let mappings = [
        CommentsMapping::Pathname,
        CommentsMapping::Url,
        CommentsMapping::Title,
        CommentsMapping::OgTitle,
    ];
    let mappings = mappings.map(|mapping| (mapping.name(), mapping));
    section.choice("mapping", &mut comments.mapping, &mappings);
    section.parsed_string("host", &mut comments.host, |text| {
        parse_origin(text).map(Some)
    });
    if !section.is_present() {
        return;
    }
    section.require("provider");
    section.require("repo");
    if provider == Some(CommentsProvider::Giscus) {
        section.require("repo_id");
        section.require("category_id");
    }
    *target = provider.map(|_| comments);
}

/// Validates the name of a repository on GitHub.
fn parse_repository(text: &str) -> Result<String, String> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.len() <= 100
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    match text.split_once('/') {
        Some((owner, name)) if is_name(owner) && is_name(name) => Ok(text.to_owned()),
        _ => Err("a repository on GitHub such as `jane/blog`".to_owned()),
    }
}

/// Validates an ID of GitHub's, such as `R_kgDOAbCdEf`.
fn parse_node_id(text: &str) -> Result<String, String> {
    let is_id_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'=');
    if (1..=100).contains(&text.len()) && text.bytes().all(is_id_byte) {
        Ok(text.to_owned())
    } else {
        Err("an ID that https://giscus.app shows, such as `R_kgDOAbCdEf`".to_owned())
    }
}
