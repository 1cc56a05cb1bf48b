//! The texts of templates: which one a name refers to, and the names in their tags.

use pressrun_posts::diagnostic::FilePlace;

use crate::render::theme;

/// Prefix of the names of the theme's templates.
pub(in crate::render) const THEME: &str = "theme/";

/// The name and the text of a template.
pub(in crate::render) type TemplateSource = (String, String);

/// Returns the templates that one extends, the nearest first.
pub(super) fn list_ancestors<'s>(
    name: &str,
    sources: &'s [TemplateSource],
) -> Vec<(&'s str, &'s str)> {
    let mut chain: Vec<(&str, &str)> = Vec::new();
    let mut of = find_text(name, sources);
    while let Some(parent) = of.and_then(|text| find_names_in_tags(text, "extends").next()) {
        let Some((known, text)) = find_source(parent, sources) else {
            break;
        };
        if chain.iter().any(|(name, _)| name == known) {
            break;
        }
        chain.push((known, text));
        of = Some(text);
    }
    chain
}

/// Finds the template that a name refers to: the site's, or else the theme's.
pub(super) fn find_source<'s>(
    name: &str,
    sources: &'s [TemplateSource],
) -> Option<&'s TemplateSource> {
    let own = sources.iter().find(|(known, _)| known == name);
    own.or_else(|| {
        let mut theme = sources.iter();
        theme.find(|(known, _)| known.strip_prefix(THEME) == Some(name))
    })
}

pub(super) fn find_text<'s>(name: &str, sources: &'s [TemplateSource]) -> Option<&'s str> {
    find_source(name, sources).map(|(_, text)| text.as_str())
}

/// Lists the names under which templates can be extended and included.
pub(super) fn list_template_names(sources: &[TemplateSource]) -> Vec<&str> {
    let names = sources.iter().map(|(name, _)| name.as_str());
    names
        .flat_map(|name| [Some(name), name.strip_prefix(THEME)])
        .flatten()
        .collect()
}

/// Finds the place of a name in a tag of a template: `{% extends "name" %}`.
pub(super) fn find_place_in_tag(
    template: &str,
    tag: &str,
    name: &str,
    sources: &[TemplateSource],
) -> FilePlace {
    let file = template_path(template);
    let Some(text) = find_text(template, sources) else {
        return FilePlace::file(file);
    };
    let short = name.strip_prefix(THEME);
    match find_names_in_tags(text, tag).find(|found| *found == name || Some(*found) == short) {
        Some(found) => {
            let start = found.as_ptr() as usize - text.as_ptr() as usize;
            FilePlace::span(file, text, start..start + found.len())
        }
        None => FilePlace::file(file),
    }
}

/// Lists the names in all tags of one kind of a template: `{% block NAME %}`,
/// `{% include "NAME" %}`.
pub(super) fn find_names_in_tags<'t>(text: &'t str, tag: &str) -> impl Iterator<Item = &'t str> {
    text.match_indices("{%").filter_map(move |(at, opening)| {
        let rest = text[at + opening.len()..].trim_start_matches(['-', ' ', '\t', '\n']);
        let rest = rest.strip_prefix(tag)?;
        let name = rest.trim_start();
        if name.len() == rest.len() {
            return None;
        }
        if let Some(quote @ ('"' | '\'' | '`')) = name.chars().next() {
            return name[1..].split(quote).next();
        }
        let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        Some(&name[..end.unwrap_or(name.len())]).filter(|name| !name.is_empty())
    })
}

/// Returns the path of a template from the site root; a theme template keeps its name.
pub(in crate::render) fn template_path(name: &str) -> String {
    if name.starts_with(THEME) {
        name.to_owned()
    } else {
        format!("{}/{name}", theme::TEMPLATES)
    }
}
