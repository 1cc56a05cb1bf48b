//! Finds the tag of a template that has no end.

use pressrun_posts::diagnostic::FilePlace;

use super::sources::{TemplateSource, template_path};

/// The tags that have an end. `set` has one only if it has no `=`.
const WITH_END: [&str; 7] = ["block", "component", "filter", "for", "if", "raw", "set"];

/// Says which tag is still open at the end of the template at a place.
pub(super) fn suggest_end(place: &FilePlace, sources: &[TemplateSource]) -> Option<String> {
    let (_, text) = sources
        .iter()
        .find(|(name, _)| template_path(name) == *place.file)?;
    let (name, at) = find_open_tag(text)?;
    let line = text[..at].matches('\n').count() + 1;
    Some(format!(
        "`{{% {name} %}}` in line {line} has no `{{% end{name} %}}`"
    ))
}

/// Returns the name and the place of the last tag that is not closed.
fn find_open_tag(text: &str) -> Option<(&str, usize)> {
    let mut open: Vec<(&str, usize)> = Vec::new();
    for (at, opening) in text.match_indices("{%") {
        let inside = &text[at + opening.len()..];
        let inside = inside.split("%}").next().unwrap_or_default();
        let inside = inside.trim_start_matches(['-', ' ', '\t', '\n', '\r']);
        let end = inside.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let name = &inside[..end.unwrap_or(inside.len())];
        if let Some(closed) = name.strip_prefix("end") {
            if open.last().is_some_and(|(last, _)| *last == closed) {
                open.pop();
            }
        } else if open.last().is_some_and(|(last, _)| *last == "raw") {
            // Nothing is a tag in a raw text but its end.
        } else if WITH_END.contains(&name) && !(name == "set" && inside.contains('=')) {
            open.push((name, at));
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_open_tag_is_named_with_its_line() {
        for (text, expected) in [
            (
                "a\n{% if x %}\n{% for y in z %}{% endfor %}",
                Some("`{% if %}` in line 2 has no `{% endif %}`"),
            ),
            (
                "{%- block main -%}{% set a = 1 %}",
                Some("`{% block %}` in line 1 has no `{% endblock %}`"),
            ),
            ("{% raw %}{% if x %}{% endraw %}", None),
            (
                "{% set a %}b",
                Some("`{% set %}` in line 1 has no `{% endset %}`"),
            ),
            ("{% if x %}{% elif y %}{% else %}{% endif %}{{ y", None),
        ] {
            let sources = [("a.html".to_owned(), text.to_owned())];
            let place = FilePlace::line("templates/a.html", 1);
            assert_eq!(suggest_end(&place, &sources).as_deref(), expected, "{text}");
        }
    }
}
