//! Checks the links that the owner of a site wrote in its templates and in `[theme]` of
//! `site.toml`.
//!
//! A template can spell out a destination as a path, `href="/about/"`, or as a path below the
//! address of the site, `href="{{ site.url }}about/"`. Only these are checked. Other expressions
//! get their addresses from the context, which takes them from the plan.

use std::ops::Range;
use std::path::Path;

use memchr::memmem;

use super::link_check::Checked;
use super::links::{decode, normal};
use super::{Renderer, theme};
use crate::config;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::fs;

/// Attributes that hold one address.
const ATTRIBUTES: [&str; 2] = ["href=", "src="];

/// Expressions that print the address of the site, which ends in `/`.
const ROOTS: [&str; 2] = ["site.url", "site.base_url"];

/// A link in a template.
#[derive(Debug, PartialEq, Eq)]
struct Found<'t> {
    range: Range<usize>,
    target: Target<'t>,
}

#[derive(Debug, PartialEq, Eq)]
enum Target<'t> {
    /// A path as printed, starting with `/`.
    Printed(&'t str),
    /// A path below the address of the site, without a leading `/`.
    Below(&'t str),
}

/// Checks the links in the site's templates and configuration.
pub(super) fn check(root: &Path, renderer: &Renderer) -> Checked {
    let mut checked = Checked::default();
    for (name, text) in renderer.templates.own() {
        for Found { range, target } in links(text) {
            let written = &text[range.clone()];
            let place = Place::span(format!("{}/{name}", theme::TEMPLATES), text, range);
            match path_of(&target, renderer) {
                Ok(address) => renderer.follow(&address, written, place, &mut checked),
                // The page prints the path as it is written.
                Err(help) => {
                    let dead = no_page(written, place).about(written);
                    checked.found.push(dead.help(help));
                }
            }
        }
    }
    let theme = &renderer.config.theme;
    let own = theme.nav.iter().map(|entry| &entry.url).chain(&theme.logo);
    let own: Vec<&String> = own
        .filter(|url| url.starts_with('/') && !url.starts_with("//"))
        .collect();
    if !own.is_empty() {
        // The parsed configuration does not record where its values are, so the file is searched
        // for each address; read it only if there is one.
        let text = fs::read_text(&root.join(config::FILE)).ok().flatten();
        for url in own {
            let place = place_of(url, text.as_deref().unwrap_or_default());
            renderer.follow(url, url, place, &mut checked);
        }
    }
    checked
}

impl Renderer {
    /// Checks where a path of the site leads, including its fragment.
    fn follow(&self, address: &str, written: &str, place: Place, checked: &mut Checked) {
        let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
        // A query does not change which file is served.
        let path = path.split('?').next().unwrap_or_default();
        let Some(served) = self.targets.served(&decode(path)) else {
            let printed = self.links.url(&normal(&decode(path)));
            checked.found.push(no_page(written, place).about(printed));
            return;
        };
        checked.open.extend(self.look_up(&served, fragment, || {
            let message = format!("`{written}` leads to no element of that page");
            Diagnostic::new(Code::DeadLink, place, message)
        }));
    }
}

/// Returns the path from the site root that a link means, or a hint on what to write instead.
fn path_of(target: &Target<'_>, renderer: &Renderer) -> Result<String, String> {
    let base = renderer.links.base().path();
    match target {
        Target::Below(rest) => Ok(format!("/{rest}")),
        Target::Printed(path) => match path.strip_prefix(base) {
            Some(rest) => Ok(format!("/{rest}")),
            None => Err(format!(
                "the site lives below `{base}`: write `{{{{ site.url }}}}{}`",
                path.trim_start_matches('/')
            )),
        },
    }
}

fn no_page(written: &str, place: Place) -> Diagnostic {
    let message = format!("`{written}` leads to no page or file of the site");
    Diagnostic::new(Code::DeadLink, place, message)
}

fn place_of(url: &str, text: &str) -> Place {
    match memmem::find(text.as_bytes(), format!("\"{url}\"").as_bytes()) {
        Some(at) => Place::span(config::FILE, text, at + 1..at + 1 + url.len()),
        None => Place::file(config::FILE),
    }
}

/// Returns the links of a template whose destinations are spelled out.
fn links(text: &str) -> Vec<Found<'_>> {
    let mut found: Vec<Found<'_>> = ATTRIBUTES
        .iter()
        .flat_map(|attribute| {
            memmem::find_iter(text.as_bytes(), attribute.as_bytes())
                .map(|at| at + attribute.len())
                .filter_map(|at| link_at(text, at))
                .collect::<Vec<_>>()
        })
        .collect();
    found.sort_by_key(|link| link.range.start);
    found
}

/// Returns the link in the quoted attribute value that begins at a byte.
fn link_at(text: &str, at: usize) -> Option<Found<'_>> {
    let quote = text[at..]
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''))?;
    let start = at + 1;
    let length = text[start..].find(quote)?;
    let value = &text[start..start + length];
    let target = match value.strip_prefix("{{") {
        Some(rest) => {
            // Only an expression at the very start can be the root of the address.
            let (expression, rest) = rest.split_once("}}")?;
            ROOTS
                .contains(&expression.trim())
                .then_some(Target::Below(rest))?
        }
        None if value.starts_with('/') && !value.starts_with("//") => Target::Printed(value),
        None => return None,
    };
    let (Target::Printed(path) | Target::Below(path)) = &target;
    let written_out = !path.contains(['{', '}', '<']);
    let range = start..start + length;
    // An expression in the middle could print anything.
    written_out.then_some(Found { range, target })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, expected: &[Target<'_>]) {
        let found: Vec<Target<'_>> = links(template)
            .into_iter()
            .map(|link| link.target)
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn paths_are_found_in_both_ways_of_writing_them() {
        check(
            "<a href=\"/about/\">a</a><img src='{{site.url}}b.png'><a href=\"{{ site.base_url }}c#d\">",
            &[
                Target::Printed("/about/"),
                Target::Below("b.png"),
                Target::Below("c#d"),
            ],
        );
    }

    #[test]
    fn what_the_context_decides_is_left_alone() {
        check(
            "<a href=\"{{ post.url }}\"><a href=\"/tags/{{ x }}/\"><a href=\"//x.org/\"><a href=\"#a\"><a href=/b>",
            &[],
        );
    }
}
