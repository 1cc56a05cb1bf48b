//! The pattern of post addresses.

use pressrun_posts::diagnostic::quote_for_message;
use pressrun_posts::post::Date;

/// A pattern such as `/posts/{slug}/`, `/{year}/{month}/{slug}.html` or, as Jekyll and Hugo write
/// it, `/:year/:month/:title/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Permalink {
    parts: Vec<PermalinkPart>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum PermalinkPart {
    Text(String),
    Slug,
    Year,
    /// The last two digits of the year.
    ShortYear,
    Month,
    /// The month without a leading zero.
    ShortMonth,
    Day,
    /// The day without a leading zero.
    ShortDay,
    Category,
    /// The category, or nothing if there is none.
    OptionalCategory,
}

/// The placeholders in braces.
const BRACED: [(&str, PermalinkPart); 5] = [
    ("slug", PermalinkPart::Slug),
    ("year", PermalinkPart::Year),
    ("month", PermalinkPart::Month),
    ("day", PermalinkPart::Day),
    ("category", PermalinkPart::Category),
];

/// The placeholders of Jekyll and Hugo, which follow a colon.
const AFTER_COLON: [(&str, PermalinkPart); 14] = [
    ("title", PermalinkPart::Slug),
    ("slug", PermalinkPart::Slug),
    ("slugorfilename", PermalinkPart::Slug),
    ("slugorcontentbasename", PermalinkPart::Slug),
    ("filename", PermalinkPart::Slug),
    ("contentbasename", PermalinkPart::Slug),
    ("year", PermalinkPart::Year),
    ("short_year", PermalinkPart::ShortYear),
    ("month", PermalinkPart::Month),
    ("i_month", PermalinkPart::ShortMonth),
    ("day", PermalinkPart::Day),
    ("i_day", PermalinkPart::ShortDay),
    ("category", PermalinkPart::OptionalCategory),
    ("categories", PermalinkPart::OptionalCategory),
];

/// The patterns that Jekyll knows by a name.
const NAMED: [(&str, &str); 3] = [
    ("pretty", "/:categories/:year/:month/:day/:title/"),
    ("date", "/:categories/:year/:month/:day/:title.html"),
    ("none", "/:categories/:title.html"),
];

/// The values for the placeholders of a [`Permalink`].
#[derive(Debug, Clone, Copy, Hash)]
pub struct PermalinkValues<'a> {
    /// The slug of the post.
    pub slug: &'a str,
    /// Its date. Without one, the year is replaced by `undated`, month and day by `00`.
    pub date: Option<Date>,
    /// The slug of its first category, which defaults to `uncategorized`.
    pub category: Option<&'a str>,
}

impl Default for Permalink {
    fn default() -> Self {
        Self::parse("/posts/{slug}/").expect("a constant that is a pattern")
    }
}

impl Permalink {
    /// Parses the pattern for all posts of a site.
    ///
    /// # Errors
    ///
    /// Returns what is expected instead, worded as the object of "takes".
    pub fn parse(pattern: &str) -> Result<Self, String> {
        Self::parse_placeholders(pattern)?.checked()
    }

    /// Parses the pattern of one post. What it gives need not be a path.
    ///
    /// # Errors
    ///
    /// Returns what is expected instead, worded as the object of "takes".
    pub fn parse_placeholders(pattern: &str) -> Result<Self, String> {
        let named = NAMED.iter().find(|(name, _)| *name == pattern);
        let mut rest = named.map_or(pattern, |(_, pattern)| pattern);
        let mut parts = Vec::new();
        while let Some(at) = find_placeholder(rest) {
            if at > 0 {
                parts.push(PermalinkPart::Text(rest[..at].to_owned()));
            }
            let part;
            (part, rest) = parse_placeholder(&rest[at..])?;
            parts.push(part);
        }
        if !rest.is_empty() {
            parts.push(PermalinkPart::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// Returns whether a text is a pattern, right or wrong, and not a plain path.
    pub fn is_pattern(text: &str) -> bool {
        NAMED.iter().any(|(name, _)| *name == text)
            || !text.contains("://") && find_placeholder(text).is_some()
    }

    fn checked(self) -> Result<Self, String> {
        if !self.has_slug() {
            return Err("a pattern that contains `{slug}`".to_owned());
        }
        let sample = self.fill(PermalinkValues {
            slug: "a",
            date: None,
            category: Some("b"),
        });
        if !sample.starts_with('/') || !(sample.ends_with('/') || sample.ends_with(".html")) {
            return Err("a pattern that starts with `/` and ends in `/` or `.html`".to_owned());
        }
        // Other characters would have to be percent-encoded.
        let plain = self.parts.iter().all(|part| match part {
            PermalinkPart::Text(text) => text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b)),
            _ => true,
        });
        // Browsers and servers resolve dot segments, so the page would not be found.
        let dots = sample.split('/').any(|name| matches!(name, "." | ".."));
        if !plain || dots || sample.contains("//") {
            return Err("a path of letters, digits, `-`, `_` and `.`".to_owned());
        }
        Ok(self)
    }

    /// Returns whether addresses contain the slug.
    pub fn has_slug(&self) -> bool {
        self.parts.contains(&PermalinkPart::Slug)
    }

    /// Returns whether addresses contain the category.
    pub fn has_category(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| {
            matches!(
                part,
                PermalinkPart::Category | PermalinkPart::OptionalCategory
            )
        })
    }

    /// Returns the address of a post as a path from the site root, starting with `/`.
    pub fn fill(&self, post: PermalinkValues<'_>) -> String {
        let mut path = String::new();
        for part in &self.parts {
            match (part, post.date) {
                (PermalinkPart::Text(text), _) => {
                    // A placeholder for nothing leaves no empty name.
                    let is_double = path.ends_with('/') && text.starts_with('/');
                    path.push_str(&text[usize::from(is_double)..]);
                }
                (PermalinkPart::Slug, _) => path.push_str(post.slug),
                (PermalinkPart::Category, _) => {
                    path.push_str(post.category.unwrap_or("uncategorized"));
                }
                (PermalinkPart::OptionalCategory, _) => {
                    path.push_str(post.category.unwrap_or_default());
                }
                (PermalinkPart::Year, Some(date)) => path += &format!("{:04}", date.year()),
                (PermalinkPart::ShortYear, Some(date)) => {
                    path += &format!("{:02}", date.year() % 100);
                }
                (PermalinkPart::Month, Some(date)) => path += &format_two_digits(date.month()),
                (PermalinkPart::Day, Some(date)) => path += &format_two_digits(date.day()),
                (PermalinkPart::ShortMonth, Some(date)) => path += &date.month().to_string(),
                (PermalinkPart::ShortDay, Some(date)) => path += &date.day().to_string(),
                (PermalinkPart::Year | PermalinkPart::ShortYear, None) => path.push_str("undated"),
                (_, None) => path.push_str("00"),
            }
        }
        path
    }
}

/// Returns the position of the first placeholder.
fn find_placeholder(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'{', b':', bytes)
        .find(|&at| bytes[at] == b'{' || bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic))
}

/// Parses the placeholder at the start of a text. Returns it and the text behind it.
fn parse_placeholder(text: &str) -> Result<(PermalinkPart, &str), String> {
    let unknown = |name: &str| {
        format!(
            "`{{slug}}`, `{{year}}`, `{{month}}`, `{{day}}` and `{{category}}`, not {}",
            quote_for_message(name)
        )
    };
    let find = |known: &[(&str, PermalinkPart)], name: &str| {
        let part = known.iter().find(|(known, _)| *known == name);
        part.map(|(_, part)| part.clone())
    };
    if let Some(inner) = text.strip_prefix('{') {
        let (name, rest) = inner
            .split_once('}')
            .ok_or_else(|| "a pattern in which each `{` has its `}`".to_owned())?;
        let part = find(&BRACED, name).ok_or_else(|| unknown(&format!("{{{name}}}")))?;
        return Ok((part, rest));
    }
    let is_in_name = |c: char| c.is_ascii_alphabetic() || c == '_';
    let end = text[1..]
        .find(|c| !is_in_name(c))
        .map_or(text.len(), |end| end + 1);
    let (name, rest) = (&text[1..end], &text[end..]);
    if name == "output_ext" {
        return Ok((PermalinkPart::Text(".html".to_owned()), rest));
    }
    let part = find(&AFTER_COLON, name).ok_or_else(|| unknown(&text[..end]))?;
    Ok((part, rest))
}

fn format_two_digits(number: i8) -> String {
    format!("{number:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expected: &str) {
        let filled = Permalink::parse(pattern).unwrap().fill(PermalinkValues {
            slug: "a-b",
            date: Some(Date::constant(2026, 3, 9)),
            category: Some("news"),
        });
        assert_eq!(filled, expected);
    }

    #[test]
    fn each_part_is_filled() {
        check("/posts/{slug}/", "/posts/a-b/");
        check("/{year}/{month}/{day}/{slug}.html", "/2026/03/09/a-b.html");
        check("/{category}/{slug}/", "/news/a-b/");
    }

    #[test]
    fn patterns_of_jekyll_and_hugo_are_read() {
        check("/:year/:month/:day/:title/", "/2026/03/09/a-b/");
        check(
            "/:short_year/:i_month/:i_day/:slug:output_ext",
            "/26/3/9/a-b.html",
        );
        check("/blog/:categories/:title.html", "/blog/news/a-b.html");
        check("pretty", "/news/2026/03/09/a-b/");
        check("date", "/news/2026/03/09/a-b.html");
        let filled = Permalink::parse("none").unwrap().fill(PermalinkValues {
            slug: "a-b",
            date: None,
            category: None,
        });
        assert_eq!(filled, "/a-b.html");
    }

    #[test]
    fn pattern_of_a_post_is_told_from_a_path() {
        for text in ["/:year/x/", "pretty", "/{slug}/", "/{x", "/a/:what/"] {
            assert!(Permalink::is_pattern(text), "{text}");
        }
        for text in [
            "/a/",
            "/a:/",
            "/10:30/",
            "https://x.example/:a/",
            "prettier",
        ] {
            assert!(!Permalink::is_pattern(text), "{text}");
        }
    }

    #[test]
    fn pattern_that_gives_no_sound_path_is_refused() {
        for pattern in [
            "/posts/",
            "posts/{slug}/",
            "/{slug}",
            "/{title}/{slug}/",
            "/{slug/",
            "/../{slug}/",
            "//{slug}/",
            "/a b/{slug}/",
            "/:year/",
            "/:hour/:title/",
            ":title/",
        ] {
            assert!(Permalink::parse(pattern).is_err(), "{pattern}");
        }
    }
}
