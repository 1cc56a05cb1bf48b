//! Compiles the templates of the theme and the site, and reports their errors.
//!
//! The theme's templates are registered as `theme/NAME`, the site's as `NAME`. A name that the site
//! does not define falls back to the theme's template. This is the only module that handles Tera's
//! errors.

use std::path::Path;

use tera::{Context, ErrorKind, Tera, Value};

use super::theme;
use crate::cache::Fingerprint;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::discover::unreadable;
use crate::fs;
use crate::text::line::unix_ends;

/// Prefix of the theme's templates.
const THEME: &str = "theme/";

/// The compiled templates of a site.
#[derive(Debug, Default)]
pub(super) struct Templates {
    tera: Tera,
    /// Fingerprint of the text of all templates.
    pub(super) fingerprint: Fingerprint,
    /// Name and text of each of the site's own templates.
    own: Vec<(String, String)>,
}

impl Templates {
    /// Compiles the theme's templates and those of the site at `root`.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with them.
    pub(super) fn load(root: &Path) -> Result<Self, Vec<Diagnostic>> {
        let mut sources: Vec<(String, String)> = theme::templates()
            .into_iter()
            .map(|(name, text)| (format!("{THEME}{name}"), text))
            .collect();
        let mut diagnostics = Vec::new();
        let (found, errors) = fs::walk(&root.join(theme::TEMPLATES));
        diagnostics.extend(errors.iter().map(|error| unreadable(root, error)));
        for file in found {
            match fs::read_text(&file.location) {
                // A checkout on Windows may have `\r\n` line endings; without them pages are the
                // same bytes.
                Ok(text) => {
                    let text = text.unwrap_or_default();
                    sources.push((file.path, unix_ends(&text).into_owned()));
                }
                Err(error) => diagnostics.push(unreadable(root, &error)),
            }
        }
        // Includes the theme's templates, which change with the version of pressrun.
        let fingerprint = Fingerprint::of(&sources);
        let own: Vec<(String, String)> = sources
            .iter()
            .filter(|(name, _)| !name.starts_with(THEME))
            .cloned()
            .collect();
        match compile(sources) {
            Ok(tera) if diagnostics.is_empty() => Ok(Self {
                tera,
                fingerprint,
                own,
            }),
            Ok(_) => Err(diagnostics),
            Err(errors) => {
                diagnostics.extend(errors);
                Err(diagnostics)
            }
        }
    }

    /// Returns the name and text of each of the site's own templates.
    pub(super) fn own(&self) -> &[(String, String)] {
        &self.own
    }

    /// Defines a variable that every template sees.
    pub(super) fn set_global(&mut self, name: &'static str, value: Value) {
        self.tera.global_context().insert_value(name, value);
    }

    /// Renders a template. `subject` names what is being rendered, for error messages.
    pub(super) fn render(
        &self,
        name: &str,
        context: &Context,
        subject: &str,
    ) -> Result<Vec<u8>, Diagnostic> {
        let mut bytes = Vec::with_capacity(16 * 1024);
        match self.tera.render_to(name, context, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => Err(describe(&error, name).help(format!("it was rendering {subject}"))),
        }
    }
}

/// Returns the text of a theme template by the name used in diagnostics, such as `theme/post.html`.
pub(super) fn theme_template(name: &str) -> Option<String> {
    let name = name.strip_prefix(THEME)?;
    let mut templates = theme::templates().into_iter();
    templates
        .find(|(known, _)| known == name)
        .map(|(_, text)| text)
}

/// Compiles templates, and collects the errors of all of them.
fn compile(mut sources: Vec<(String, String)>) -> Result<Tera, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    loop {
        let mut tera = Tera::new();
        // Titles and descriptions are hostile, so templates escape unless told otherwise.
        tera.autoescape_on([".html", ".xml"]);
        let added = tera
            .set_fallback_prefixes([THEME])
            .and_then(|()| tera.add_raw_templates(sources.iter().map(|(n, t)| (n, t))));
        let Err(error) = added else {
            return if errors.is_empty() {
                Ok(tera)
            } else {
                Err(errors)
            };
        };
        let diagnostic = describe(&error, "");
        let file = diagnostic.place.file.clone();
        let known = errors.len();
        if !errors.contains(&diagnostic) {
            errors.push(diagnostic);
        }
        // Compile again without the broken template (the theme's replaces it), so that one run
        // reports the errors of every template.
        let before = sources.len();
        sources.retain(|(name, _)| *path_of(name) != *file);
        // Stop if the error names no template that could be removed, or was seen before.
        if sources.len() == before || errors.len() == known {
            return Err(errors);
        }
    }
}

/// Converts an error of Tera; `name` is used if the error names no template.
fn describe(error: &tera::Error, name: &str) -> Diagnostic {
    let (place, message) = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let span = report.span();
            let width = if span.end_line == span.start_line {
                span.end_col.saturating_sub(span.start_col)
            } else {
                1
            };
            let place = Place {
                file: path_of(report.filename()).into(),
                line: Some(span.start_line as u32),
                column: Some(span.start_col as u32 + 1),
                length: width as u32,
            };
            (place, report.message().to_owned())
        }
        ErrorKind::MissingParent { current, parent } => (
            Place::file(path_of(current)),
            format!("it extends `{parent}`, which does not exist"),
        ),
        ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => {
            (Place::file(path_of(tpl)), error.kind().to_string())
        }
        other => (Place::file(path_of(name)), other.to_string()),
    };
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    // The reason is often only in the causes.
    while let Some(source) = cause {
        causes.push(source.to_string());
        cause = source.source();
    }
    let message = std::iter::once(message).chain(causes).collect::<Vec<_>>();
    Diagnostic::new(Code::TemplateError, place, lower(&message.join(": ")))
}

/// Returns the path of a template from the site root; a theme template keeps its name.
fn path_of(name: &str) -> String {
    if name.starts_with(THEME) {
        name.to_owned()
    } else {
        format!("{}/{name}", theme::TEMPLATES)
    }
}

/// Makes a message start in lower case, as all messages of pressrun do.
fn lower(message: &str) -> String {
    let mut chars = message.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => first
            .to_lowercase()
            .chain(std::iter::once(second))
            .chain(chars)
            .collect(),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(templates: &[(&str, &str)], expected: &[&str]) {
        let sources = templates
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        let found: Vec<String> = match compile(sources) {
            Ok(_) => Vec::new(),
            Err(errors) => errors
                .iter()
                .map(|error| format!("{}: {}", error.place, error.message))
                .collect(),
        };
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    }

    #[test]
    fn site_template_takes_the_place_of_the_themes_and_may_extend_it() {
        let sources = [
            ("theme/a.html", "{% block x %}theme{% endblock %}!"),
            (
                "a.html",
                "{% extends \"theme/a.html\" %}{% block x %}site{% endblock %}",
            ),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()));
        let tera = compile(sources.to_vec()).unwrap();
        assert_eq!(tera.render("a.html", &Context::new()).unwrap(), "site!");
    }

    #[test]
    fn all_broken_templates_are_reported() {
        check(
            &[
                ("a.html", "\n {{ 1 + }}"),
                ("b.html", "{% if %}"),
                ("c.html", "fine"),
            ],
            &["templates/a.html:2:", "templates/b.html:1:"],
        );
    }

    #[test]
    fn missing_parent_is_named() {
        check(
            &[("a.html", "{% extends \"nowhere.html\" %}")],
            &["templates/a.html: it extends `nowhere.html`, which does not exist"],
        );
    }

    #[test]
    fn rendering_error_has_its_place_and_subject() {
        let tera = compile(vec![("a.html".to_owned(), "\n{{ post.titel }}".to_owned())]).unwrap();
        let error = Templates {
            tera,
            fingerprint: Fingerprint::default(),
            own: Vec::new(),
        }
        .render("a.html", &Context::new(), "content/a.txt")
        .unwrap_err();
        assert_eq!(error.place.to_string(), "templates/a.html:2:4");
        assert_eq!(
            error.help.as_deref(),
            Some("it was rendering content/a.txt")
        );
    }
}
