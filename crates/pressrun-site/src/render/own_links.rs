//! Checks the links that the owner of a site wrote in its templates, and in `[theme]` and
//! `[authors]` of `site.toml`.
//!
//! A template can spell out a destination as a path, `href="/about/"`, or as a path below the
//! address of the site, `href="{{ site.url }}about/"`. Only these are checked. Other expressions
//! get their addresses from the context, which takes them from the plan.

use std::ops::Range;
use std::path::Path;

use memchr::memmem;
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};

use super::link_check::CheckedLinks;
use super::links::{decode_path, encode_rooted_path, is_site_path, normalise_path};
use super::{SiteRenderer, theme};
use crate::config;
use crate::fs;

/// Attributes that hold one address.
const ATTRIBUTES: [&str; 2] = ["href=", "src="];

/// Expressions that print the address of the site, which ends in `/`.
const ROOTS: [&str; 2] = ["site.url", "site.base_url"];

/// A link in a template.
#[derive(Debug, PartialEq, Eq)]
struct TemplateLink<'t> {
    range: Range<usize>,
    target: TemplateTarget<'t>,
}

#[derive(Debug, PartialEq, Eq)]
enum TemplateTarget<'t> {
    /// A path as printed, starting with `/`.
    Printed(&'t str),
    /// A path below the address of the site, without a leading `/`.
    Below(&'t str),
}

/// Checks the links in the site's templates and configuration.
pub(super) fn check_own_links(root: &Path, renderer: &SiteRenderer) -> CheckedLinks {
    let mut checked = CheckedLinks::default();
    for (name, text) in renderer.templates.own() {
        for TemplateLink { range, target } in find_template_links(text) {
            let written = &text[range.clone()];
            let place = FilePlace::span(format!("{}/{name}", theme::TEMPLATES), text, range);
            match path_of_target(&target, renderer) {
                Ok(address) => renderer.check_address(&address, written, place, &mut checked),
                // The page prints the path as it is written.
                Err(help) => {
                    let dead = report_missing_page(written, place).about(written);
                    checked.found.push(dead.with_help(help));
                }
            }
        }
    }
    let config = &renderer.frame.config;
    let theme = &config.theme;
    let links = theme.nav.iter().chain(&theme.footer_links);
    let own = links.chain(&config.social.links).map(|link| &link.url);
    let own = own.chain(&theme.logo).chain(&config.social.image);
    let own = own.chain(&config.markdown.mermaid);
    let people = config.authors.iter();
    let people = people.flat_map(|one| one.picture.iter().chain(&one.url).chain(&one.links));
    let own = own.chain(people);
    let own: Vec<&String> = own.filter(|url| is_site_path(url)).collect();
    if !own.is_empty() || theme.favicon.is_some() {
        // The parsed configuration does not record where its values are, so the file is searched
        // for each address; read it only if there is one.
        let text = fs::read_text(&root.join(config::FILE)).ok().flatten();
        for url in own {
            let place = place_of_url(url, text.as_deref().unwrap_or_default());
            renderer.check_address(url, url, place, &mut checked);
        }
        if let Some(path) = &theme.favicon {
            let place = place_of_file(path, text.as_deref().unwrap_or_default());
            // It is the name of a file, in which no character has a meaning.
            renderer.check_address(&encode_rooted_path(path), path, place, &mut checked);
        }
    }
    checked
}

impl SiteRenderer {
    /// Checks where a path of the site leads, including its fragment.
    fn check_address(
        &self,
        address: &str,
        written: &str,
        place: FilePlace,
        checked: &mut CheckedLinks,
    ) {
        let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
        // A query does not change which file is served.
        let path = path.split('?').next().unwrap_or_default();
        let site = self.targets.site();
        let Some(served) = site.and_then(|site| site.served(&decode_path(path))) else {
            let printed = self.frame.links.url(&normalise_path(&decode_path(path)));
            checked
                .found
                .push(report_missing_page(written, place).about(printed));
            return;
        };
        checked.open.extend(self.look_up(&served, fragment, || {
            let message = format!("`{written}` leads to no element on that page");
            Diagnostic::new(Code::DeadLink, place, message)
        }));
    }
}

/// Returns the path from the site root that a link means, or a hint on what to write instead.
fn path_of_target(target: &TemplateTarget<'_>, renderer: &SiteRenderer) -> Result<String, String> {
    let base = renderer.frame.links.base().path();
    match target {
        TemplateTarget::Below(rest) => Ok(format!("/{rest}")),
        TemplateTarget::Printed(path) => match path.strip_prefix(base) {
            Some(rest) => Ok(format!("/{rest}")),
            None => Err(format!(
                "the site is below `{base}`: write `{{{{ site.url }}}}{}`",
                path.trim_start_matches('/')
            )),
        },
    }
}

fn report_missing_page(written: &str, place: FilePlace) -> Diagnostic {
    let message = format!("`{written}` leads to no page or file of the site");
    Diagnostic::new(Code::DeadLink, place, message)
}

/// Returns the place of a path, which may be written without its first `/`.
fn place_of_file(path: &str, text: &str) -> FilePlace {
    let relative = path.trim_start_matches('/');
    let has_relative = text.contains(&format!("\"{relative}\""));
    place_of_url(if has_relative { relative } else { path }, text)
}

pub(super) fn place_of_url(url: &str, text: &str) -> FilePlace {
    match memmem::find(text.as_bytes(), format!("\"{url}\"").as_bytes()) {
        Some(at) => FilePlace::span(config::FILE, text, at + 1..at + 1 + url.len()),
        None => FilePlace::file(config::FILE),
    }
}

/// Returns the links of a template whose destinations are spelled out.
fn find_template_links(text: &str) -> Vec<TemplateLink<'_>> {
    let mut found: Vec<TemplateLink<'_>> = ATTRIBUTES
        .iter()
        .flat_map(|attribute| {
            memmem::find_iter(text.as_bytes(), attribute.as_bytes())
                .map(|at| at + attribute.len())
                .filter_map(|at| parse_template_link(text, at))
                .collect::<Vec<_>>()
        })
        .collect();
    found.sort_by_key(|link| link.range.start);
    found
}

/// Returns the link in the quoted attribute value that begins at a byte.
fn parse_template_link(text: &str, at: usize) -> Option<TemplateLink<'_>> {
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
                .then_some(TemplateTarget::Below(rest))?
        }
        None if is_site_path(value) => TemplateTarget::Printed(value),
        None => return None,
    };
    let (TemplateTarget::Printed(path) | TemplateTarget::Below(path)) = &target;
    let written_out = !path.contains(['{', '}', '<']);
    let range = start..start + length;
    // An expression in the middle could print anything.
    written_out.then_some(TemplateLink { range, target })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, expected: &[TemplateTarget<'_>]) {
        let found: Vec<TemplateTarget<'_>> = find_template_links(template)
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
                TemplateTarget::Printed("/about/"),
                TemplateTarget::Below("b.png"),
                TemplateTarget::Below("c#d"),
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
