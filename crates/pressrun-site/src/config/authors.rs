//! The people who write for the site: the tables `[authors.KEY]`.

use std::collections::BTreeMap;

use pressrun_text::characters::fold_case;
use pressrun_text::plain::collapse_white_space;
use unicode_normalization::UnicodeNormalization;

use super::address::{parse_link, parse_optional_link, parse_picture};
use super::section::ConfigSection;

/// A table `[authors.KEY]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AuthorProfile {
    /// The key of the table, by which posts can name the person.
    pub key: String,
    /// The name as it is shown; without one, the key.
    pub name: String,
    /// The address of their own page.
    pub url: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// What they say of themselves.
    pub bio: Option<String>,
    /// The address of their picture: a path of the site or an absolute URL.
    pub picture: Option<String>,
    /// The addresses of their other pages.
    pub links: Vec<String>,
}

/// All tables `[authors.KEY]`, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AuthorProfiles {
    profiles: Vec<AuthorProfile>,
    /// The index of each profile, by the [`name_key`] of its key and of its name.
    by_name: BTreeMap<String, usize>,
}

impl AuthorProfiles {
    /// Returns the person whom a key or a name means.
    pub fn find(&self, name: &str) -> Option<&AuthorProfile> {
        if self.profiles.is_empty() {
            return None;
        }
        let at = *self.by_name.get(&name_key(name))?;
        Some(&self.profiles[at])
    }

    /// Returns everyone, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &AuthorProfile> {
        self.profiles.iter()
    }
}

/// Returns a name without what does not count in it: case, white space, and how marks are encoded.
pub fn name_key(name: &str) -> String {
    fold_case(&collapse_white_space(name)).nfc().collect()
}

/// Reads the tables `[authors.KEY]`.
pub(super) fn read_authors(root: &mut ConfigSection<'_>, authors: &mut AuthorProfiles) {
    root.named_tables("authors", |names, at, author| {
        if at == 0 {
            let keys = names.iter().enumerate();
            authors.by_name = keys.rev().map(|(at, key)| (name_key(key), at)).collect();
        }
        let key = names[at];
        if authors.by_name.get(&name_key(key)) != Some(&at) {
            author.report(format!("there is an author `{key}` already"));
        }
        let mut profile = AuthorProfile {
            key: key.to_owned(),
            name: key.to_owned(),
            ..AuthorProfile::default()
        };
        author.parsed_string("name", &mut profile.name, |name| {
            let owner = authors.by_name.entry(name_key(name)).or_insert(at);
            if *owner == at {
                Ok(name.to_owned())
            } else {
                Err("a name that is neither the key nor the name of another author".to_owned())
            }
        });
        author.parsed_string("url", &mut profile.url, parse_optional_link);
        author.optional("email", &mut profile.email);
        author.optional("bio", &mut profile.bio);
        author.parsed_string("picture", &mut profile.picture, parse_picture);
        author.parsed_strings("links", &mut profile.links, |text| {
            parse_link(text).map_err(|expected| (format!("`links` takes {expected}"), None))
        });
        authors.profiles.push(profile);
    });
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    const PEOPLE: &str = "[authors.jane]\nname = 'Jane  Doe'\nbio = 'She writes.'\n[authors.kim]\n";

    #[test]
    fn people_are_found_by_key_and_by_name_in_any_spelling() {
        let config = Config::parse(PEOPLE).unwrap();
        let find = |name| config.authors.find(name).map(|one| &*one.key);
        for name in ["jane", "JANE", "Jane Doe", " jane\u{a0}doe"] {
            assert_eq!(find(name), Some("jane"), "{name}");
        }
        assert_eq!(find("Kim"), Some("kim"));
        assert_eq!(config.authors.find("kim").unwrap().name, "kim");
        assert_eq!(find("Jane"), Some("jane"));
        assert_eq!(find("Doe"), None);
        let composed = Config::parse("[authors.a]\nname = 'Zoe\u{308}'\n").unwrap();
        assert!(composed.authors.find("zo\u{eb}").is_some());
    }

    #[track_caller]
    fn check_errors(text: &str, expected: &[&str]) {
        let found = Config::parse(text).unwrap_err();
        let found = found.iter().map(|d| format!("{}: {}", d.place, d.message));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn two_people_with_one_name_are_an_error() {
        let taken = "`name` takes a name that is neither the key nor the name of another author";
        check_errors(
            "[authors.a]\nname = 'Bo'\n[authors.b]\nname = 'bo'\n[authors.c]\nname = 'A'\n",
            &[
                &format!("site.toml:4:8: {taken}"),
                &format!("site.toml:6:8: {taken}"),
            ],
        );
        check_errors(
            "[authors.a]\nbio = 'x'\n[authors.A]\nbio = 'y'\n",
            &["site.toml:4:1: there is an author `A` already"],
        );
    }

    #[test]
    fn person_without_a_table_is_an_error_with_its_place() {
        check_errors(
            "[authors]\njane = 'Jane Doe'\n[authors.kim]\nbios = ''\n",
            &[
                "site.toml:2:8: `authors` takes a table for each name: `[authors.jane]`",
                "site.toml:4:1: there is no key `bios` in `[authors.kim]`",
            ],
        );
    }
}
