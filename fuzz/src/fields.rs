//! Parses any text as a date, a slug, a tag, a category, a base URL and a permalink. The results
//! must be valid names within the site.

use pressrun_posts::post::category::{self, CategoryList};
use pressrun_posts::post::{date, slug, stated_date, tag};
use pressrun_site::config::{BaseUrl, Permalink, PermalinkValues, parse_domain};

/// Checks one input.
pub fn check_fields(bytes: &[u8]) {
    let text = super::text_of(bytes);
    if let Ok(day) = stated_date::parse_date(text) {
        assert_eq!(stated_date::parse_date(&day.to_string()).ok(), Some(day));
    }
    date::parse_date_prefix(text);
    let made = slug::slugify(text);
    assert_is_name(&made);
    assert!(made.chars().count() <= slug::MAX_CHARACTERS);
    assert_eq!(slug::slugify(&made), made, "a slug is its own slug");
    let of_file = slug::slugify_file_name(text);
    assert_is_name(&of_file);
    assert!(!of_file.is_empty());
    tag::tag_key(text);
    categories(text);
    let _ = parse_domain(text);
    if let Ok(base) = BaseUrl::parse(text) {
        assert!(base.path().starts_with('/') && base.path().ends_with('/'));
        assert!(!base.as_str().contains(char::is_whitespace));
    }
    if let Ok(permalink) = Permalink::parse(text) {
        let parts = PermalinkValues {
            slug: "a",
            date: None,
            category: None,
        };
        let path = permalink.fill(parts);
        assert!(path.starts_with('/') && !path.contains("//"), "{path}");
        assert!(
            !path.split('/').any(|name| matches!(name, "." | "..")),
            "{path}"
        );
    }
}

fn assert_is_name(slug: &str) {
    assert!(!slug.contains(['/', '\\', '.', ':', '\0', ' ']), "{slug:?}");
}

/// Treats the lines as names; a line with `=` is an alias and its target.
fn categories(text: &str) {
    category::category_key(text);
    let aliases = text.lines().filter_map(|line| line.split_once('='));
    let aliases = aliases.map(|(alias, name)| (alias.to_owned(), name.to_owned()));
    let list = CategoryList::new(text.lines().map(str::to_owned), aliases);
    for line in text.lines() {
        assert!(
            list.resolve(line).is_some(),
            "a name is on the list: {line:?}"
        );
    }
}
