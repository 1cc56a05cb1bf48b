//! Chooses the slug of a post (R12.4, R12.5 of the ingest contract).

use std::collections::HashMap;

use super::fields::PostFields;
use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::label::Label;
use crate::post::FieldSource;
use crate::post::slug::{SlugOrigin, SlugSpelling, name_of_post_file};

/// Returns the slug of the slug field, otherwise of the permalink, the title or the file name. The
/// site chooses which of the last two goes first.
///
/// A given slug keeps its letters. The others are made of the letters that the site chose.
pub fn choose_slug(
    fields: &PostFields,
    title: &str,
    path: &str,
    (spelling, source): (SlugSpelling, SlugOrigin),
) -> (String, FieldSource) {
    let slug = fields
        .text(Label::Slug)
        .map(|(text, origin, _)| (last_part(&text).to_owned(), origin));
    let permalink = fields
        .get(Label::Permalink)
        .map(|(given, origin)| (last_named_part(&given.value.bare_text()).to_owned(), origin));
    for (text, origin) in slug.into_iter().chain(permalink) {
        let slug = spelling.of_stated().slugify(&text);
        if !slug.is_empty() {
            return (slug, origin);
        }
    }
    if source == SlugOrigin::File {
        let slug = spelling.slugify(name_of_post_file(path));
        if !slug.is_empty() {
            return (slug, FieldSource::FileName);
        }
    }
    let slug = spelling.slugify(title);
    if slug.is_empty() {
        (spelling.slugify_file_name(path), FieldSource::FileName)
    } else {
        (slug, FieldSource::Derived)
    }
}

/// Returns the last part of a path that is not empty.
fn last_part(path: &str) -> &str {
    let mut parts = path.rsplit('/').map(str::trim);
    parts.find(|part| !part.is_empty()).unwrap_or_default()
}

/// Returns the last part of the path of a page that names it: `ferry` of `/ferry/index.html`.
fn last_named_part(path: &str) -> &str {
    let mut parts = path
        .rsplit('/')
        .map(|part| part.trim().trim_end_matches(".html"));
    parts
        .find(|part| !matches!(*part, "" | "index"))
        .unwrap_or_default()
}

/// The slugs of the posts of one file, which makes each unique.
#[derive(Debug, Default)]
pub struct UniqueSlugs {
    /// Each slug in use, with the number for the next post that wants it.
    next: HashMap<String, u32>,
}

impl UniqueSlugs {
    /// Reserves a slug, numbering it if necessary: the second post with it gets `-2`, the third
    /// `-3`.
    pub fn reserve(&mut self, slug: String, line: u32, findings: &mut Vec<Finding>) -> String {
        let Some(mut number) = self.next.get(&slug).copied() else {
            self.next.insert(slug.clone(), 2);
            return slug;
        };
        let mut numbered = format!("{slug}-{number}");
        // The numbered slug may itself be the slug of another post.
        while self.next.contains_key(&numbered) {
            number += 1;
            numbered = format!("{slug}-{number}");
        }
        let message = format!(
            "another post in the file has the slug {}, so this one gets {}",
            quote_for_message(&slug),
            quote_for_message(&numbered)
        );
        findings.push(Finding::new(Code::SlugAdjusted, line, message));
        self.next.insert(slug, number + 1);
        self.next.insert(numbered.clone(), 2);
        numbered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::given::GivenField;
    use crate::parse::value::FieldValue;
    use crate::post::slug::SlugAlphabet;

    fn chosen(field: &str, title: &str, alphabet: SlugAlphabet) -> String {
        let mut fields = PostFields::default();
        let given = GivenField {
            label: Label::Slug,
            name: "slug".to_owned(),
            value: FieldValue::Text(field.to_owned()),
            line: 1,
        };
        fields.add(
            given,
            FieldSource::Header,
            super::super::fields::RepeatPolicy::Silent,
            &mut Vec::new(),
        );
        let letters = (SlugSpelling::new(alphabet, "en"), SlugOrigin::Title);
        choose_slug(&fields, title, "2024-01-02-a-file.txt", letters).0
    }

    #[test]
    fn file_goes_before_the_title_if_the_site_says_so() {
        let spelling = SlugSpelling::new(SlugAlphabet::Unicode, "de");
        let letters = (spelling, SlugOrigin::File);
        for (path, slug) in [
            ("content/2024-01-02-Über uns.md", "ueber-uns"),
            ("content/tea/index.md", "tea"),
            ("content/….md", "the-title"),
        ] {
            let chosen = choose_slug(&PostFields::default(), "The Title", path, letters);
            assert_eq!(chosen.0, slug, "{path}");
        }
    }

    #[track_caller]
    fn check(field: &str, title: &str, expected: &str) {
        assert_eq!(chosen(field, title, SlugAlphabet::Unicode), expected);
    }

    #[test]
    fn given_slug_keeps_its_letters_where_derived_ones_are_ascii() {
        assert_eq!(chosen("мир", "Привет", SlugAlphabet::Ascii), "мир");
        assert_eq!(chosen("", "Привет", SlugAlphabet::Ascii), "privet");
    }

    #[test]
    fn a_field_comes_before_the_title_and_the_file() {
        check("/blog/Green Tea/", "b", "green-tea");
        check("tea", "b", "tea");
        check("", "The B", "the-b");
        check("!!!", "The B", "the-b");
        check("", "…", "a-file");
    }

    #[test]
    fn last_part_of_a_permalink_names_the_post() {
        for path in [
            "/2019/ferry/",
            "/ferry.html",
            "/2019/ferry/index.html",
            "/ferry/index",
            "/a/ferry//",
        ] {
            assert_eq!(last_named_part(path), "ferry", "{path}");
        }
        assert_eq!(last_named_part("/index.html"), "");
        assert_eq!(last_named_part("/"), "");
    }

    #[test]
    fn equal_slugs_are_numbered() {
        let mut slugs = UniqueSlugs::default();
        let mut take = |slug: &str| slugs.reserve(slug.to_owned(), 1, &mut Vec::new());
        assert_eq!(
            ["a", "a", "a-2", "a", "b", "a-2"].map(&mut take),
            ["a", "a-2", "a-2-2", "a-3", "b", "a-2-3"]
        );
    }
}
