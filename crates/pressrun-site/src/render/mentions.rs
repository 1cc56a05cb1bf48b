//! Finds out what templates show of front matter and of data files, from the names in their tags.
//!
//! This may find more than a template shows, for example in a branch that is never taken, but not
//! less. So it can say that something is not shown.

use std::collections::HashSet;

/// What templates show of front matter and of data files.
#[derive(Debug, Default)]
pub(super) struct TemplateMentions {
    /// Whether one names `data`.
    data: bool,
    /// Whether one uses `extra` of a post as a whole, or a key that is computed.
    whole_extra: bool,
    /// The keys of `extra`.
    extra: HashSet<String>,
}

impl TemplateMentions {
    /// Finds out what these templates show.
    pub(super) fn of_templates<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut mentions = Self::default();
        for text in texts {
            for tag in list_tags(text) {
                for path in list_paths(tag) {
                    mentions.add_path(&path);
                }
            }
        }
        mentions
    }

    /// Returns whether a template reads data files.
    pub(super) fn reads_data(&self) -> bool {
        self.data
    }

    /// Returns whether a template shows this key of the front matter of posts.
    pub(super) fn shows_extra(&self, key: &str) -> bool {
        self.whole_extra || self.extra.contains(key)
    }

    /// Adds what a path such as `post.extra.harbour` names.
    fn add_path(&mut self, path: &[&str]) {
        self.data |= path[0] == "data";
        // `site.extra` is from `site.toml`.
        let skipped = if path[0] == "site" { 2 } else { 0 };
        for at in (skipped..path.len()).filter(|&at| path[at] == "extra") {
            match path.get(at + 1) {
                Some(key) => {
                    self.extra.insert((*key).to_owned());
                }
                None => self.whole_extra = true,
            }
        }
    }
}

/// Returns the insides of all tags of a template: `{{ … }}` and `{% … %}`, but not comments.
fn list_tags(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let start = memchr::memmem::find(rest.as_bytes(), b"{")?;
            let (end, is_tag) = match rest.as_bytes().get(start + 1) {
                Some(b'{') => ("}}", true),
                Some(b'%') => ("%}", true),
                Some(b'#') => ("#}", false),
                _ => {
                    rest = &rest[start + 1..];
                    continue;
                }
            };
            let inside = &rest[start + 2..];
            let length = if is_tag {
                find_tag_end(inside, end)
            } else {
                inside.find(end).unwrap_or(inside.len())
            };
            rest = inside.get(length + 2..).unwrap_or_default();
            if is_tag {
                return Some(&inside[..length]);
            }
        }
    })
}

/// Returns where a tag ends: at `end` outside of strings.
fn find_tag_end(inside: &str, end: &str) -> usize {
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if inside[at..].starts_with(end) => return at,
            Some(_) | None => {}
        }
    }
    inside.len()
}

/// Returns the path that ends at a byte of a line of a template, as its names: for the end of
/// `harbour` in `{{ post.extra.harbour }}` these three.
pub(super) fn find_path_before(line: &str, end: usize) -> Option<Vec<&str>> {
    let before = line.get(..end)?;
    let tag = list_tags(before).last()?;
    let path = list_paths(tag).pop()?;
    Some(path)
}

/// Returns the path that begins at a byte of a line of a template.
pub(super) fn find_path_after(line: &str, start: usize) -> Option<Vec<&str>> {
    let rest = line.get(start..)?;
    rest.starts_with(is_name_start).then(|| split_path(rest).0)
}

/// Returns the paths in the inside of a tag, each as its names: `post.extra["a b"]` has three.
fn list_paths(tag: &str) -> Vec<Vec<&str>> {
    let mut paths = Vec::new();
    let mut rest = tag;
    while let Some(c) = rest.chars().next() {
        if matches!(c, '"' | '\'' | '`') {
            rest = skip_string(rest).1;
        } else if is_name_start(c) {
            let path;
            (path, rest) = split_path(rest);
            paths.push(path);
        } else if c.is_alphanumeric() {
            // A number.
            rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        } else {
            rest = &rest[c.len_utf8()..];
        }
    }
    paths
}

/// Splits off a path, which begins with a name.
fn split_path(text: &str) -> (Vec<&str>, &str) {
    let (name, mut rest) = split_name(text);
    let mut path = vec![name];
    loop {
        let below = rest.strip_prefix('?').unwrap_or(rest);
        if let Some(name) = below
            .strip_prefix('.')
            .filter(|rest| rest.starts_with(is_name_start))
        {
            let (name, after) = split_name(name);
            path.push(name);
            rest = after;
        } else if let Some(key) = below.strip_prefix('[').map(str::trim_start)
            && key.starts_with(['"', '\'', '`'])
            && let (key, after) = skip_string(key)
            && let Some(after) = after.trim_start().strip_prefix(']')
        {
            path.push(key);
            rest = after;
        } else {
            return (path, rest);
        }
    }
}

fn split_name(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    text.split_at(end.unwrap_or(text.len()))
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Splits a string, which begins with its quote, from what follows it.
fn skip_string(text: &str) -> (&str, &str) {
    let inside = &text[1..];
    let end = inside.find(&text[..1]).unwrap_or(inside.len());
    (&inside[..end], inside.get(end + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> TemplateMentions {
        TemplateMentions::of_templates(std::iter::once(text))
    }

    #[test]
    fn data_is_found_as_a_variable() {
        for text in [
            "{{ data.team }}",
            "{% for a in data.team %}",
            "{%- for a in data[\"my-file\"] -%}",
            "{{ data | length }}",
            "{{ \"}}\" ~ data.x }}",
        ] {
            assert!(of(text).reads_data(), "{text}");
        }
        for text in [
            "data.team",
            "<a data-x=\"{{ a }}\">",
            "{{ post.data }}",
            "{{ \"data\" }}",
            "{# {{ data.x }} #}",
            "{{ metadata }}",
        ] {
            assert!(!of(text).reads_data(), "{text}");
        }
    }

    #[test]
    fn keys_of_extra_are_found() {
        for text in [
            "{{ post.extra.harbour }}",
            "{% if p.extra.harbour is defined %}",
            "{{ post.extra[\"harbour\"] }}",
            "{{ post.extra?.harbour.x }}",
            "{{ newer.extra [ 'harbour' ] }}{{ post.extra['harbour'] }}",
        ] {
            assert!(of(text).shows_extra("harbour"), "{text}");
            assert!(
                of(text).whole_extra || !of(text).shows_extra("colour"),
                "{text}"
            );
        }
        assert!(!of("{{ site.extra.harbour }}").shows_extra("harbour"));
        assert!(!of("{{ site.extra }}").shows_extra("harbour"));
    }

    #[test]
    fn whole_extra_shows_every_key() {
        for text in [
            "{% for key, value in post.extra %}",
            "{{ post.extra[key] }}",
            "{% set e = post.extra %}",
            "{{ post.extra | get(key=\"x\") }}",
        ] {
            assert!(of(text).shows_extra("any"), "{text}");
        }
    }

    #[test]
    fn path_is_found_by_its_end() {
        let line = "{{ a }}{% if x %}{{ p.extra.harbour | upper }}";
        let end = line.find(" | ").unwrap();
        let expected = vec!["p", "extra", "harbour"];
        assert_eq!(find_path_before(line, end), Some(expected));
        let start = line.find("p.extra").unwrap();
        assert_eq!(find_path_after(line, start), find_path_before(line, end));
        assert_eq!(find_path_before("a.b", 3), None);
        assert_eq!(find_path_after(line, 0), None);
        assert_eq!(find_path_before("é", 1), None);
    }

    #[test]
    fn template_may_be_anything() {
        for text in [
            "{",
            "{{",
            "{%",
            "{#",
            "{{ \"",
            "{{ a[",
            "{{ é.ü['",
            "{{ 1a.b }}",
            "{{ a.1 }}",
        ] {
            of(text);
        }
    }
}
