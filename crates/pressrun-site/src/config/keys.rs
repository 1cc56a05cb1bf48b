//! The keys of `site.toml`, and the field of [`Config`] that each one sets.

use pressrun_posts::diagnostic::{Code, Severity};
use pressrun_posts::normalize::OffListAction;
use pressrun_posts::post::slug::{SlugAlphabet, SlugOrigin};

use super::address::{parse_link, parse_optional_link, parse_picture};
use super::analytics::read_analytics_table;
use super::authors::read_authors;
use super::comments::read_comments_table;
use super::deploy;
use super::head::read_head_table;
use super::output::read_output_table;
use super::policy::read_policy_table;
use super::section::{ConfigSection, find_nearest_name};
use super::timezone::parse_timezone;

use super::{
    BaseUrl, Config, DateSource, FeedContent, NavEntry, NearDuplicateAction, Permalink,
    RawHtmlPolicy, ThemeFont, ThemeStyle,
};

/// Reads the top level and all tables.
pub(super) fn read_config_keys(root: &mut ConfigSection<'_>, config: &mut Config) {
    root.string("title", &mut config.title);
    root.string("description", &mut config.description);
    root.parsed_string("base_url", &mut config.base_url, BaseUrl::parse);
    root.parsed_string("language", &mut config.language, parse_language_tag);
    root.suggested_string("timezone", &mut config.timezone, parse_timezone);
    read_author_table(root, config);
    read_authors(root, &mut config.authors);
    root.table("content", |content| {
        let target = &mut config.content;
        content.parsed_string("permalink", &mut target.permalink, Permalink::parse);
        let sources = [
            ("git", DateSource::Git),
            ("mtime", DateSource::Mtime),
            ("none", DateSource::None),
        ];
        content.choice("dates", &mut target.dates, &sources);
        let actions = [
            ("report", NearDuplicateAction::Report),
            ("draft", NearDuplicateAction::Draft),
            ("canonical", NearDuplicateAction::Canonical),
        ];
        content.choice("near_duplicates", &mut target.near_duplicates, &actions);
        let alphabets = [
            ("unicode", SlugAlphabet::Unicode),
            ("ascii", SlugAlphabet::Ascii),
        ];
        content.choice("slugs", &mut target.slugs, &alphabets);
        let origins = [("title", SlugOrigin::Title), ("file", SlugOrigin::File)];
        content.choice("slug_from", &mut target.slug_from, &origins);
    });
    root.table("categories", |section| {
        read_categories_table(section, config);
    });
    root.table("tags", |tags| {
        tags.pairs("aliases", &mut config.tags.aliases, |_, _| None);
        tags.number("noindex_below", &mut config.tags.noindex_below, 0..=10_000);
    });
    root.table("lists", |lists| {
        let target = &mut config.lists;
        lists.number("per_page", &mut target.per_page, 1..=10_000);
        lists.number("feed_entries", &mut target.feed_entries, 1..=10_000);
        let contents = [
            ("full", FeedContent::Full),
            ("summary", FeedContent::Summary),
        ];
        lists.choice("feed_content", &mut target.feed_content, &contents);
    });
    root.table("markdown", |markdown| {
        let target = &mut config.markdown;
        let choices = [
            ("sanitize", RawHtmlPolicy::Sanitize),
            ("escape", RawHtmlPolicy::Escape),
            ("allow", RawHtmlPolicy::Allow),
        ];
        markdown.choice("raw_html", &mut target.raw_html, &choices);
        markdown.boolean("smart_punctuation", &mut target.smart_punctuation);
        markdown.boolean("highlight", &mut target.highlight);
        markdown.parsed_string("mermaid", &mut target.mermaid, |value| {
            parse_script_path(value).map(Some)
        });
    });
    read_frame_tables(root, config);
    root.table("search", |section| read_search_table(section, config));
    root.table("theme", |section| read_theme_table(section, config));
    root.table("images", |images| config.images.read(images));
    root.table("social", |social| {
        let target = &mut config.social;
        social.parsed_string("image", &mut target.image, parse_picture);
        social.boolean("cards", &mut target.cards);
        social.number("limit", &mut target.limit, 0..=1_000_000);
        read_links(social, "links", &mut target.links);
    });
    root.table("disclosure", |disclosure| {
        let target = &mut config.disclosure;
        disclosure.optional("label", &mut target.label);
        disclosure.optional("label_reviewed", &mut target.label_reviewed);
        let source_type = &mut target.digital_source_type;
        disclosure.parsed_string("digital_source_type", source_type, |term| {
            match super::disclosure::schema_org_address(term) {
                Some(_) => Ok(Some(term.to_owned())),
                None => Err(super::disclosure::describe_expected_term()),
            }
        });
    });
    root.table("check", |check| {
        check.parsed_strings("ignore", &mut config.check.ignore, parse_ignored_code);
    });
    root.table("deploy", |section| {
        let target = &mut config.deploy;
        section.parsed_string("branch", &mut target.branch, deploy::parse_branch);
        section.parsed_string("remote", &mut target.remote, deploy::parse_remote);
        section.parsed_string("cname", &mut target.cname, |value| {
            deploy::parse_domain(value).map(Some)
        });
    });
    root.table("generate", |generate| config.generate.read(generate));
    root.table("review", |review| config.review.read(review));
    root.free_table("extra", &mut config.extra);
}

/// Reads the table about the author of the site.
fn read_author_table(root: &mut ConfigSection<'_>, config: &mut Config) {
    root.table("author", |author| {
        author.optional("name", &mut config.author.name);
        author.parsed_string("url", &mut config.author.url, parse_optional_link);
        author.optional("email", &mut config.author.email);
        author.parsed_string("fediverse", &mut config.author.fediverse, |text| {
            parse_fediverse_account(text).map(Some)
        });
    });
}

/// Reads the tables about what every page shows or loads besides its contents.
fn read_frame_tables(root: &mut ConfigSection<'_>, config: &mut Config) {
    read_output_table(root, &mut config.output);
    root.table("head", |head| read_head_table(head, &mut config.head));
    root.table("analytics", |analytics| {
        read_analytics_table(analytics, &mut config.analytics);
    });
    root.table("comments", |comments| {
        read_comments_table(comments, &mut config.comments);
    });
    root.table("csp", |csp| read_policy_table(csp, &mut config.csp));
}

fn read_search_table(section: &mut ConfigSection<'_>, config: &mut Config) {
    let target = &mut config.search;
    section.boolean("enabled", &mut target.enabled);
    section.number("full_text", &mut target.full_text, 0..=1_000_000);
    section.number("limit", &mut target.limit, 0..=1_000_000);
}

fn read_categories_table(section: &mut ConfigSection<'_>, config: &mut Config) {
    let target = &mut config.categories;
    // `allowed` is read before the aliases, which must name one of its categories.
    section.strings("allowed", &mut target.allowed);
    let choices = [
        ("keep", OffListAction::Keep),
        ("drop", OffListAction::Drop),
        ("reject", OffListAction::Reject),
    ];
    section.choice("off_list", &mut target.off_list, &choices);
    let allowed = &target.allowed;
    section.pairs("aliases", &mut target.aliases, |alias, name| {
        if allowed.is_empty() || allowed.iter().any(|known| known == name) {
            return None;
        }
        Some((
            format!("the alias `{alias}` points to `{name}`, which is not in `allowed`"),
            "delete this alias, let it lead to a name of the list, or add the name to the list; `pressrun terms \
             --categories` replaces a list with its aliases"
                .to_owned(),
        ))
    });
}

fn read_theme_table(section: &mut ConfigSection<'_>, config: &mut Config) {
    let target = &mut config.theme;
    section.parsed_string("accent", &mut target.accent, |value| {
        parse_colour(value).map(Some)
    });
    read_links(section, "nav", &mut target.nav);
    section.parsed_string("logo", &mut target.logo, parse_picture);
    section.parsed_string("favicon", &mut target.favicon, |value| {
        parse_own_path(value).map(Some)
    });
    section.optional("footer", &mut target.footer);
    read_links(section, "footer_links", &mut target.footer_links);
    section.choice("style", &mut target.style, &ThemeStyle::CHOICES);
    section.choice("font", &mut target.font, &ThemeFont::CHOICES);
}

/// Reads a list of links.
fn read_links(section: &mut ConfigSection<'_>, key: &'static str, target: &mut Vec<NavEntry>) {
    section.tables(key, |entry| {
        let mut link = NavEntry {
            title: String::new(),
            url: String::new(),
        };
        entry.string("title", &mut link.title);
        entry.parsed_string("url", &mut link.url, parse_link);
        entry.require("title");
        entry.require("url");
        // Added even if a key is missing: with an error, the configuration is not used.
        target.push(link);
    });
}

/// Validates the name of an account in the fediverse.
fn parse_fediverse_account(text: &str) -> Result<String, String> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
    };
    match text.strip_prefix('@').and_then(|rest| rest.split_once('@')) {
        Some((name, host)) if is_name(name) && deploy::parse_domain(host).is_ok() => {
            Ok(text.to_owned())
        }
        _ => Err("an account such as `@jane@social.example`".to_owned()),
    }
}

/// Parses the path of a file of the site, with or without `/` at its beginning.
fn parse_own_path(value: &str) -> Result<String, String> {
    let path = value.strip_prefix('/').unwrap_or(value);
    if path.is_empty() || path.starts_with('/') || path.contains("://") {
        return Err("the path of a file of the site, such as `logo.png`".to_owned());
    }
    Ok(format!("/{path}"))
}

/// Parses the path of a script of the site.
fn parse_script_path(value: &str) -> Result<String, String> {
    let is_plain = !value.contains(['?', '#', '\\', '%']) && !value.contains("..");
    match parse_own_path(value) {
        Ok(path) if is_plain && path.ends_with(".js") => Ok(path),
        _ => Err("the path of a script of the site, such as `/mermaid.js`".to_owned()),
    }
}

/// Parses the name of a code that may be ignored.
fn parse_ignored_code(name: &str) -> Result<Code, (String, Option<String>)> {
    match Code::from_name(name) {
        Some(code) if code.severity() == Severity::Error => Err((
            format!("`{name}` is an error, and errors cannot be ignored"),
            None,
        )),
        Some(code) => Ok(code),
        None => {
            let near = find_nearest_name(name, &Code::names());
            let help = near.map(|near| format!("did you mean `{near}`?"));
            Err((format!("there is no code `{name}`"), help))
        }
    }
}

/// Validates a language tag such as `en` or `zh-Hant`: letters, then parts of letters and digits
/// (BCP 47).
fn parse_language_tag(value: &str) -> Result<String, String> {
    let mut parts = value.split('-');
    let first = parts.next().unwrap_or_default();
    let right = (2..=8).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    if right {
        Ok(value.to_owned())
    } else {
        Err("a language tag such as `en` or `pt-BR`".to_owned())
    }
}

/// Validates a colour, `#rgb` or `#rrggbb`.
///
/// The value is written into a style sheet, so it must not be able to end a declaration.
fn parse_colour(value: &str) -> Result<String, String> {
    match value.strip_prefix('#') {
        Some(digits)
            if matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            Ok(value.to_owned())
        }
        _ => Err("a colour such as `#0a6` or `#1f6feb`".to_owned()),
    }
}
