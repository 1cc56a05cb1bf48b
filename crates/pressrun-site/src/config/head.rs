//! The table `[head]`: further meta tags of every page.

use super::section::ConfigSection;

/// A meta tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MetaTag {
    /// What it is about, in the attribute `name`.
    pub name: String,
    /// What it says.
    pub content: String,
}

/// The table `[head]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct HeadConfig {
    /// The meta tags, codes of verification first.
    pub meta: Vec<MetaTag>,
}

/// The keys of `[head.verification]`, and the names of their meta tags.
const VERIFICATIONS: [(&str, &str); 7] = [
    ("google", "google-site-verification"),
    ("bing", "msvalidate.01"),
    ("yandex", "yandex-verification"),
    ("baidu", "baidu-site-verification"),
    ("naver", "naver-site-verification"),
    ("pinterest", "p:domain_verify"),
    ("facebook", "facebook-domain-verification"),
];

/// The meta tags that the theme writes by itself.
const OF_THEME: [&str; 22] = [
    "article:modified_time",
    "article:published_time",
    "article:section",
    "article:tag",
    "author",
    "color-scheme",
    "description",
    "fediverse:creator",
    "generator",
    "og:description",
    "og:image",
    "og:image:alt",
    "og:image:height",
    "og:image:width",
    "og:site_name",
    "og:title",
    "og:type",
    "og:url",
    "robots",
    "title",
    "twitter:card",
    "viewport",
];

/// Reads the table `[head]`.
pub(super) fn read_head_table(section: &mut ConfigSection<'_>, target: &mut HeadConfig) {
    section.table("verification", |codes| {
        for (key, name) in VERIFICATIONS {
            let mut code = None;
            codes.parsed_string(key, &mut code, |text| parse_code(text).map(Some));
            target.meta.extend(code.map(|content| MetaTag {
                name: name.to_owned(),
                content,
            }));
        }
    });
    section.tables("meta", |entry| {
        let mut tag = MetaTag {
            name: String::new(),
            content: String::new(),
        };
        entry.parsed_string("name", &mut tag.name, parse_meta_name);
        entry.string("content", &mut tag.content);
        entry.require("name");
        entry.require("content");
        target.meta.push(tag);
    });
}

/// Validates a code of verification. People often paste the whole tag, of which only the content is
/// wanted.
fn parse_code(text: &str) -> Result<String, String> {
    let is_code_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'=' | b'.');
    if (1..=200).contains(&text.len()) && text.bytes().all(is_code_byte) {
        Ok(text.to_owned())
    } else {
        Err("the code alone, which is what stands in `content=\"…\"` of the tag".to_owned())
    }
}

/// Validates the name of a meta tag.
fn parse_meta_name(text: &str) -> Result<String, String> {
    let is_name_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'.' | b'_' | b'-');
    if OF_THEME.iter().any(|name| name.eq_ignore_ascii_case(text)) {
        return Err("the name of a tag that the theme does not write by itself".to_owned());
    }
    if (1..=100).contains(&text.len()) && text.bytes().all(is_name_byte) {
        Ok(text.to_owned())
    } else {
        Err("the name of a meta tag such as `format-detection`".to_owned())
    }
}
