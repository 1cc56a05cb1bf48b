//! Decides which classes an author may give to an element.
//!
//! Some classes of the theme can place an element anywhere on the page, hide it, or make it look
//! like a part of the site. Only the theme may use those. An author may use the classes that format
//! prose, and all classes that the theme does not know, because a site may have its own styles.

use memchr::memmem;

/// Classes that only the theme may use, in alphabetical order.
const OF_THEME: &[&str] = &[
    "after",
    "anchor",
    "around",
    "art",
    "byline",
    "cards",
    "code",
    "code-line",
    "code-marked",
    "code-title",
    "comments",
    "copy",
    "cover",
    "draft",
    "empty",
    "face",
    "footnote",
    "footnote-back",
    "footnotes",
    "found",
    "front",
    "hint",
    "intro",
    "js",
    "kicker",
    "languages",
    "lead",
    "letters",
    "local",
    "logo",
    "math-align",
    "math-boxed",
    "math-cancelled",
    "math-cases",
    "math-columns",
    "math-error",
    "math-hidden",
    "math-left",
    "math-right",
    "math-rule",
    "math-rule-left",
    "math-rule-right",
    "math-rule-top",
    "meta",
    "month",
    "more",
    "name",
    "newer",
    "pager",
    "post",
    "posts",
    "prose",
    "query",
    "related",
    "search",
    "series",
    "site",
    "skip",
    "standfirst",
    "sub",
    "table",
    "tags",
    "task",
    "terms",
    "theme",
    "thumb",
    "toc",
    "topics",
    "used",
    "utterances",
    "utterances-frame",
    "ways",
    "year",
];

/// Classes of the theme that an author may use as well, because they format prose, in alphabetical
/// order. Those of highlighted code, which begin with `hl-`, are not listed.
#[cfg(test)]
const OF_PROSE: &[&str] = &[
    "alert",
    "alert-caution",
    "alert-important",
    "alert-note",
    "alert-tip",
    "alert-title",
    "alert-warning",
    "center",
    "left",
    "math",
    "math-display",
    "math-inline",
    "right",
];

/// The first words of the classes that themes may style separately, and so are in `extras.css` of the
/// default theme. Those of formulas are in `formulas.css`.
const RARE: [&str; 4] = ["alert", "code-", "footnotes", "task"];

/// The elements that the same style sheet formats, as their tags begin.
const RARE_TAGS: [&str; 4] = ["<details", "<figure", "<kbd", "<mark"];

/// Returns whether the HTML contains an element with a rare class, or a rare element, if there may be
/// one. In doubt it does: only the time to load a style sheet is lost.
pub(super) fn shows_extras(html: &str, may_have_tags: bool) -> bool {
    let has_tag = |tag: &&str| memmem::find(html.as_bytes(), tag.as_bytes()).is_some();
    has_class(html, &RARE) || (may_have_tags && RARE_TAGS.iter().any(has_tag))
}

/// Returns whether the HTML contains a formula, or an element that looks like one. In doubt it does.
pub(super) fn shows_formulas(html: &str) -> bool {
    // Nearly all texts fail the first test.
    memmem::find(html.as_bytes(), b"math").is_some()
        && (html.contains("<math") || has_class(html, &["math"]))
}

/// Returns whether an element has a class that begins with one of these words.
fn has_class(html: &str, words: &[&str]) -> bool {
    let mut classes = memmem::find_iter(html.as_bytes(), b"class=").map(|at| {
        let value = html[at + "class=".len()..].trim_start_matches(['"', '\'']);
        let end = value.find(['"', '\'', '>']).unwrap_or(value.len());
        &value[..end]
    });
    let is_meant = |class: &str| words.iter().any(|word| class.starts_with(word));
    classes.any(|value| value.split_ascii_whitespace().any(is_meant))
}

/// The classes in the value of an attribute that an author may give, with one space between them.
pub(super) fn allowed_author_classes(value: &str) -> String {
    let is_word = |class: &&str| {
        class
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '/'))
    };
    let is_free = |class: &&str| OF_THEME.binary_search(class).is_err();
    let classes: Vec<&str> = value
        .split_ascii_whitespace()
        .filter(is_word)
        .filter(is_free)
        .collect();
    classes.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use regex::Regex;

    use super::*;
    use crate::{RenderOptions, highlight_css, render_markdown};

    #[test]
    fn theme_keeps_its_classes_and_authors_have_all_others() {
        for (value, expected) in [
            ("copy", ""),
            (" a  copy\tcode\nb ", "a b"),
            (
                "center alert language-rust hl-k",
                "center alert language-rust hl-k",
            ),
            ("Copy md:grid w-1/2", "Copy md:grid w-1/2"),
            ("a\"b <c> &d; é", "é"),
        ] {
            assert_eq!(allowed_author_classes(value), expected, "{value}");
        }
    }

    /// The classes that files of a folder name.
    fn named(folder: &str, ending: &str, pattern: &str) -> BTreeSet<String> {
        let pattern = Regex::new(pattern).unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(folder);
        let mut found = BTreeSet::new();
        for file in walkdir::WalkDir::new(folder) {
            let file = file.unwrap();
            if file.path().extension().is_none_or(|own| own != ending) {
                continue;
            }
            let text = std::fs::read_to_string(file.path()).unwrap();
            for captures in pattern.captures_iter(&text) {
                let names = captures[1].split_whitespace();
                found.extend(names.map(str::to_owned));
            }
        }
        found
    }

    #[test]
    fn every_class_of_the_theme_is_in_one_of_the_tables() {
        let css = named("static", "css", r"\.([A-Za-z][\w-]*)");
        let mut found = css.clone();
        found.extend(named("static", "js", r"[('\s>]\.([a-z][a-z-]*)[\s'\[:]"));
        found.extend(named(
            "static",
            "js",
            r"(?:className = |className: |classList\.\w+\()'([^']*)'",
        ));
        found.extend(named("templates", "html", r#"class="([\w -]*)""#));
        let tables: BTreeSet<String> = OF_THEME
            .iter()
            .chain(OF_PROSE)
            .map(|&class| class.to_owned())
            .collect();
        assert_eq!(tables.len(), OF_THEME.len() + OF_PROSE.len());
        let unknown: Vec<&String> = found.difference(&tables).collect();
        assert!(
            unknown.is_empty(),
            "decide who may use these classes: {unknown:?}"
        );
        // These are written into bodies, whether or not the theme knows them.
        let ours = [
            "alert-note",
            "footnote",
            "footnote-back",
            "math",
            "math-inline",
        ];
        let gone: Vec<&String> = tables
            .difference(&found)
            .filter(|class| !ours.contains(&class.as_str()))
            .collect();
        assert!(
            gone.is_empty(),
            "the theme has these classes no more: {gone:?}"
        );
        assert!(css.len() > 40, "{css:?}");
    }

    #[test]
    fn extras_are_seen_by_their_classes() {
        for (body, expected) in [
            ("a `class=` and `class=\"code\"`", false),
            ("```rust\nfn a() {}\n```", false),
            ("```rust title=\"a.rs\"\na\n```", true),
            ("> [!NOTE]\n> a", true),
            ("a $x^2$ b", false),
            ("<p class=\"a alert\">b</p>", true),
            ("<p class=\"a b\">alert</p>", false),
            ("a[^1]\n\n[^1]: b", true),
            ("- [ ] a", true),
            ("==a==", true),
            ("~~a~~", false),
            ("![a](b \"c\")", true),
            ("<kbd>a</kbd>", true),
            ("<figure><figcaption>a</figcaption></figure>", true),
        ] {
            let options = RenderOptions::default();
            let has_extras = |options: &RenderOptions| render_markdown(body, options).has_extras;
            assert_eq!(has_extras(&options), expected, "{body}");
            let feed = RenderOptions {
                feed: true,
                ..options
            };
            assert!(!has_extras(&feed), "feeds have no styles: {body}");
        }
    }

    #[test]
    fn formulas_are_seen_by_their_classes() {
        for (body, expected) in [
            ("a $x^2$ b", true),
            ("$$\nx\n$$", true),
            ("a `$x^2$` b and `<math>`", false),
            ("<p class=\"a math\">b</p>", true),
            ("mathematics", false),
            ("> [!NOTE]\n> a", false),
        ] {
            let shown = render_markdown(body, &RenderOptions::default());
            assert_eq!(shown.has_formulas, expected, "{body}");
        }
    }

    #[test]
    fn rare_styles_have_no_other_class_of_a_body() {
        let class = Regex::new(r"\.([a-z][\w-]*)").unwrap();
        for (file, least) in [("extras.css", 14), ("formulas.css", 12)] {
            let shows: fn(&str) -> bool = match file {
                "extras.css" => |html| shows_extras(html, true),
                _ => shows_formulas,
            };
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../static");
            let css = std::fs::read_to_string(path.join(file)).unwrap();
            let of_bodies = css
                .split_once("/* Callouts */")
                .map_or(&*css, |(_, css)| css);
            let mut rare = 0;
            for captures in class.captures_iter(of_bodies) {
                let name = &captures[1];
                let is_rare = shows(&format!("<p class=\"{name}\">"));
                let is_other = ["code", "prose", "css"].contains(&name);
                assert!(is_rare || is_other, "{name}");
                rare += usize::from(is_rare);
            }
            assert!(rare >= least, "{file}: {rare}");
        }
    }

    #[test]
    fn classes_for_authors_are_documented() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/security.md");
        let text = std::fs::read_to_string(page).unwrap();
        for class in OF_PROSE {
            assert!(text.contains(&format!("`{class}`")), "{class}");
        }
    }

    #[test]
    fn tables_are_in_order_and_leave_out_the_colours_of_code() {
        assert!(OF_THEME.is_sorted() && OF_PROSE.is_sorted());
        let colours = Regex::new(r"\.([a-z][\w-]*)").unwrap();
        for captures in colours.captures_iter(&highlight_css()) {
            assert!(captures[1].starts_with("hl-"), "{}", &captures[1]);
        }
    }
}
