//! Decides which classes an author may give to an element.
//!
//! Some classes of the theme can place an element anywhere on the page, hide it, or make it look
//! like a part of the site. Only the theme may use those. An author may use the classes that format
//! prose, and all classes that the theme does not know, because a site may have its own styles.

/// Classes that only the theme may use, in alphabetical order.
const OF_THEME: &[&str] = &[
    "after",
    "anchor",
    "around",
    "code",
    "code-line",
    "code-marked",
    "code-title",
    "copy",
    "cover",
    "draft",
    "empty",
    "footnote",
    "footnote-back",
    "footnotes",
    "found",
    "js",
    "kicker",
    "lead",
    "letters",
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
    "site",
    "skip",
    "standfirst",
    "sub",
    "table",
    "tags",
    "task",
    "terms",
    "theme",
    "toc",
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
    use crate::highlight_css;

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
