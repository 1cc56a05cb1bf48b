//! The text of a new `site.toml`.

use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::category::BUILT_IN;
use pressrun_site::config;
use pressrun_site::fs;
use pressrun_site::render::CommandFailure;
use pressrun_text::characters::title_case;
use pressrun_text::marks::fill_placeholders;

use super::proposal::ReplyProposal;
use super::{InitRequest, KnownAboutSite, quote_toml};
use crate::terms::{CategoryChoice, format_category_list};

/// The configuration, with placeholders for what differs between sites.
const SITE: &str = include_str!("site.toml");

/// The comment on an open list.
const OPEN: &str = "\
# Every category that a post names is allowed. With a list of your own, names are changed to the spelling of the
# list, and others are reported. `pressrun terms --categories used` makes a list of those that the posts have.
";

/// The comment on a closed list.
const CLOSED: &str = "\
# The closed list of categories. Categories in replies match these names regardless of case, of \"&\" or \"and\", and of
# singular or plural, and are changed to the spelling used here. `pressrun terms --categories \"Baking, Gardening\"` replaces
# the list, `pressrun terms --categories open` allows every category.
";

/// What happens to other names.
const OFF_LIST: &str = "\n\
# What happens to a category that is not in the list: \"keep\" keeps it as written, with a warning, \"drop\" removes it, with
# a warning, \"reject\" does not publish the post.
off_list = \"keep\"
";

/// Other names of the categories about technology.
const TECH_ALIASES: &str = "\
\"AI\" = \"Artificial Intelligence\"
\"Databases\" = \"Database Management\"
\"Career\" = \"Tech Careers and Job Opportunities\"
";

/// An example of a list.
const EXAMPLE: &str = "# allowed = [\"Baking\", \"Gardening\", \"Tools\"]\n";

/// The category of the sample reply, unless there is a list without it.
const SAMPLE_CATEGORY: &str = "How-to Guides";

/// All that a new `site.toml` says.
pub(super) struct SiteDraft<'d> {
    title: String,
    known: &'d KnownAboutSite,
    proposal: Option<&'d ReplyProposal>,
    /// The closed list; empty if every category is allowed.
    allowed: Vec<String>,
    is_tech: bool,
}

impl<'d> SiteDraft<'d> {
    /// Collects what is known. `allowed` is the closed list; empty if every category is allowed.
    pub(super) fn new(
        known: &'d KnownAboutSite,
        request: &InitRequest,
        allowed: Vec<String>,
        proposal: Option<&'d ReplyProposal>,
    ) -> Self {
        Self {
            title: title_of_folder(&request.folder),
            known,
            proposal,
            allowed,
            is_tech: request.categories == CategoryChoice::Tech,
        }
    }

    /// Returns a category for the sample reply that is in the list.
    pub(super) fn sample_category(&self) -> &str {
        let is_fit = self.allowed.is_empty() || self.is_tech;
        let first = self.allowed.first().filter(|_| !is_fit);
        first.map_or(SAMPLE_CATEGORY, String::as_str)
    }

    /// Returns the text of `site.toml`.
    pub(super) fn to_toml(&self) -> String {
        let known = self.known;
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
        let comment = |of: fn(&ReplyProposal) -> String| self.proposal.map_or_else(String::new, of);
        let language = self.proposal.and_then(ReplyProposal::language);
        let description = format!("The posts of {}.", self.title);
        let values = [
            ("@TITLE@", quote_toml(&self.title)),
            ("@SUBJECTS@\n", comment(ReplyProposal::comment_on_title)),
            ("@DESCRIPTION@", quote_toml(&description)),
            ("@BASE_URL@", quote_toml(address.unwrap_or(local.as_str()))),
            ("@LANGUAGES@\n", comment(ReplyProposal::comment_on_language)),
            ("@LANGUAGE@", quote_toml(language.unwrap_or("en"))),
            ("@AUTHOR@", author),
            ("@CATEGORIES@\n", self.format_categories()),
            ("@TAGS@\n", self.format_tags()),
            ("@SCHEDULE@\n", comment(ReplyProposal::comment_on_schedule)),
            (
                "@REMOTE@",
                quote_toml(known.remote.as_deref().unwrap_or("origin")),
            ),
            ("@CNAME@", domain),
        ];
        fill_placeholders(
            SITE,
            &values.each_ref().map(|(mark, value)| (*mark, &**value)),
        )
    }

    /// Returns the contents of the table `[categories]`, and its aliases.
    fn format_categories(&self) -> String {
        let proposal = self.proposal;
        let mut text = match (self.allowed.as_slice(), proposal) {
            ([], None) => format!("{OPEN}{EXAMPLE}"),
            ([], Some(proposal)) => format!("{OPEN}{}", proposal.propose_category_list()),
            (names, _) => format!("{CLOSED}{}{OFF_LIST}", format_category_list(names)),
        };
        let mut aliases = if self.is_tech {
            TECH_ALIASES.to_owned()
        } else {
            String::new()
        };
        if let Some(proposal) = proposal.filter(|_| !self.is_tech) {
            aliases += &proposal.format_category_aliases(&self.allowed);
        }
        if !aliases.is_empty() {
            text += &format!(
                "\n# Other names that replies use, each with the category that it means.\n\
                 [categories.aliases]\n{aliases}"
            );
        }
        text
    }

    /// Returns the table with the aliases of tags, if there are any.
    fn format_tags(&self) -> String {
        let lines = self.proposal.map(ReplyProposal::format_tag_aliases);
        match lines.filter(|lines| !lines.is_empty()) {
            None => String::new(),
            Some(lines) => format!(
                "# Spellings of tags that are the same word, each with the one that is kept. `pressrun terms` finds more.\n\
                 [tags.aliases]\n{lines}\n"
            ),
        }
    }
}

/// Returns the closed list of categories; empty if every category is allowed.
///
/// # Errors
///
/// Returns an error if the list should be that of replies which have no categories.
pub(super) fn list_allowed(
    choice: &CategoryChoice,
    proposal: Option<&ReplyProposal>,
) -> Result<Vec<String>, CommandFailure> {
    Ok(match choice {
        CategoryChoice::Open => Vec::new(),
        CategoryChoice::Tech => BUILT_IN.map(str::to_owned).to_vec(),
        CategoryChoice::Named(names) => names.clone(),
        CategoryChoice::Used => list_used(proposal)?,
    })
}

/// Returns the categories of the replies.
fn list_used(proposal: Option<&ReplyProposal>) -> Result<Vec<String>, CommandFailure> {
    let names = proposal.map(|found| found.categories.iter().map(|term| term.name.clone()));
    let names: Vec<String> = names.into_iter().flatten().collect();
    if names.is_empty() {
        let message = "there is no reply with a category, so there is nothing to make a list of";
        let help = "name replies with `--from`, or the categories: `--categories \"One, Another\"`";
        let place = FilePlace::file("--categories");
        return Err(CommandFailure::Site(vec![
            Diagnostic::new(Code::Usage, place, message).with_help(help),
        ]));
    }
    Ok(names)
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use pressrun_posts::post::Moment;
    use pressrun_site::config::Config;

    use super::*;

    fn format_configuration(
        folder: &str,
        known: &KnownAboutSite,
        categories: CategoryChoice,
    ) -> String {
        let request = InitRequest {
            folder: PathBuf::from(folder),
            sources: Vec::new(),
            categories,
            present: Moment::from_unix_seconds(0).unwrap(),
        };
        let allowed = list_allowed(&request.categories, None).ok().unwrap();
        SiteDraft::new(known, &request, allowed, None).to_toml()
    }

    #[test]
    fn configuration_is_read_back_as_it_was_meant() {
        let known = KnownAboutSite {
            author: Some("O\"Neil\\\n".to_owned()),
            remote: Some("upstream".to_owned()),
            address: Some(("https://blog.example.com/".to_owned(), String::new())),
            domain: Some("blog.example.com".to_owned()),
        };
        let text = format_configuration("/x/my-tech_blog", &known, CategoryChoice::Tech);
        let config = Config::parse(&text).unwrap();
        assert_eq!(config.title, "My tech blog");
        assert_eq!(config.author.name.as_deref(), Some("O\"Neil\\"));
        assert_eq!(config.base_url.as_str(), "https://blog.example.com/");
        assert_eq!(config.deploy.remote, "upstream");
        assert_eq!(config.deploy.cname.as_deref(), Some("blog.example.com"));
        assert_eq!(config.categories.allowed, BUILT_IN);
        assert_eq!(config.categories.aliases.len(), 3);
    }

    #[test]
    fn configuration_without_anything_known_keeps_the_defaults() {
        let known = KnownAboutSite::default();
        let text = format_configuration("/x/---", &known, CategoryChoice::Open);
        let config = Config::parse(&text).unwrap();
        let defaults = Config::default();
        assert_eq!(config.title, defaults.title);
        assert_eq!(config.base_url, defaults.base_url);
        assert_eq!(config.deploy, defaults.deploy);
        assert_eq!(config.author, defaults.author);
        assert_eq!(config.categories, defaults.categories);
    }

    #[test]
    fn named_categories_are_the_list() {
        let names = vec!["Tea".to_owned(), "A \"quoted\" one".to_owned()];
        let choice = CategoryChoice::Named(names.clone());
        let text = format_configuration("/x/a", &KnownAboutSite::default(), choice);
        let config = Config::parse(&text).unwrap();
        assert_eq!(config.categories.allowed, names);
        assert!(config.categories.aliases.is_empty());
    }

    #[test]
    fn no_mark_of_the_template_is_left() {
        for choice in [CategoryChoice::Open, CategoryChoice::Tech] {
            let text = format_configuration("/x/a", &KnownAboutSite::default(), choice);
            assert!(!text.contains('@'), "{text}");
        }
    }
}
