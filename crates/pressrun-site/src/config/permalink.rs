//! The pattern of post addresses.

use pressrun_posts::post::Date;

/// A pattern such as `/posts/{slug}/` or `/{year}/{month}/{slug}.html`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Permalink {
    parts: Vec<PermalinkPart>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum PermalinkPart {
    Text(String),
    Slug,
    Year,
    Month,
    Day,
    Category,
}

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
    /// Parses a pattern.
    ///
    /// # Errors
    ///
    /// Returns what is expected instead, worded as the object of "takes".
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some(open) = rest.find('{') {
            let close = rest[open..]
                .find('}')
                .ok_or_else(|| "a pattern in which each `{` has its `}`".to_owned())?;
            if open > 0 {
                parts.push(PermalinkPart::Text(rest[..open].to_owned()));
            }
            parts.push(match &rest[open + 1..open + close] {
                "slug" => PermalinkPart::Slug,
                "year" => PermalinkPart::Year,
                "month" => PermalinkPart::Month,
                "day" => PermalinkPart::Day,
                "category" => PermalinkPart::Category,
                other => {
                    return Err(format!(
                        "`{{slug}}`, `{{year}}`, `{{month}}`, `{{day}}` and `{{category}}`, not `{{{other}}}`"
                    ));
                }
            });
            rest = &rest[open + close + 1..];
        }
        if !rest.is_empty() {
            parts.push(PermalinkPart::Text(rest.to_owned()));
        }
        Self { parts }.checked(pattern)
    }

    fn checked(self, pattern: &str) -> Result<Self, String> {
        if !self.parts.contains(&PermalinkPart::Slug) {
            return Err("a pattern that contains `{slug}`".to_owned());
        }
        if !pattern.starts_with('/') || !(pattern.ends_with('/') || pattern.ends_with(".html")) {
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
        let dots = pattern.split('/').any(|name| matches!(name, "." | ".."));
        if !plain || dots || pattern.contains("//") {
            return Err("a path of letters, digits, `-`, `_` and `.`".to_owned());
        }
        Ok(self)
    }

    /// Returns whether addresses contain the category.
    pub fn has_category(&self) -> bool {
        self.parts.contains(&PermalinkPart::Category)
    }

    /// Returns the address of a post as a path from the site root, starting with `/`.
    pub fn fill(&self, post: PermalinkValues<'_>) -> String {
        let mut path = String::new();
        for part in &self.parts {
            match (part, post.date) {
                (PermalinkPart::Text(text), _) => path.push_str(text),
                (PermalinkPart::Slug, _) => path.push_str(post.slug),
                (PermalinkPart::Category, _) => {
                    path.push_str(post.category.unwrap_or("uncategorized"));
                }
                (PermalinkPart::Year, Some(date)) => path += &format!("{:04}", date.year()),
                (PermalinkPart::Month, Some(date)) => path += &format_two_digits(date.month()),
                (PermalinkPart::Day, Some(date)) => path += &format_two_digits(date.day()),
                (PermalinkPart::Year, None) => path.push_str("undated"),
                (PermalinkPart::Month | PermalinkPart::Day, None) => path.push_str("00"),
            }
        }
        path
    }
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
        ] {
            assert!(Permalink::parse(pattern).is_err(), "{pattern}");
        }
    }
}
