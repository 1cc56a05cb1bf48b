//! Compiles the templates of the theme and the site, and reports their errors.
//!
//! The theme's templates are registered as `theme/NAME`, the site's as `NAME`. A name that the site
//! does not define falls back to the theme's template.
//!
//! Not here: what the errors of Tera mean (`template_errors`).

use std::path::Path;

use pressrun_locale::messages::Messages;
use pressrun_posts::diagnostic::Diagnostic;
use pressrun_text::line::unify_line_ends;
use tera::{Context, Tera, Value};

use super::mentions::TemplateMentions;
use super::template_errors::{self, THEME, TemplateSource, template_path};
use super::theme::{self, Theme};
use super::words::register_word_functions;
use crate::cache::Fingerprint;
use crate::discover::report_unreadable_file;
use crate::fs;

/// The compiled templates of a site.
#[derive(Debug, Default)]
pub(super) struct TemplateSet {
    tera: Tera,
    /// Fingerprint of the text of all templates.
    pub(super) fingerprint: Fingerprint,
    /// Name and text of each of the site's own templates.
    own: Vec<(String, String)>,
    /// Names of the theme's templates.
    of_theme: Vec<String>,
    /// What they show of front matter and data files.
    pub(super) mentions: TemplateMentions,
}

/// A template that a page names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChosenTemplate<'t> {
    /// A template for pages, by its name.
    Own(&'t str),
    /// A template that needs what another kind of page shows.
    OtherKind,
    /// None of the site.
    Unknown,
}

/// The theme's template for pages.
const PAGE_TEMPLATE: &str = "page.html";

impl TemplateSet {
    /// Compiles the templates of a theme and those of the site at `root`.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with them.
    pub(super) fn load(
        theme: Theme,
        root: &Path,
        messages: &Messages,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut sources: Vec<(String, String)> = (theme.templates)()
            .into_iter()
            .map(|(name, text)| (format!("{THEME}{name}"), text))
            .collect();
        let mut diagnostics = Vec::new();
        let (found, errors) = fs::walk_visible_files(&root.join(theme::TEMPLATES));
        diagnostics.extend(
            errors
                .iter()
                .map(|error| report_unreadable_file(root, error)),
        );
        for file in found {
            match fs::read_text(&file.location) {
                // A checkout on Windows may have `\r\n` line endings; without them pages are the
                // same bytes.
                Ok(text) => {
                    let text = text.unwrap_or_default();
                    sources.push((file.path, unify_line_ends(&text).into_owned()));
                }
                Err(error) => diagnostics.push(report_unreadable_file(root, &error)),
            }
        }
        // Includes the theme's templates, which change with the version of pressrun.
        let fingerprint = Fingerprint::of_value(&sources);
        let own: Vec<(String, String)> = sources
            .iter()
            .filter(|(name, _)| !name.starts_with(THEME))
            .cloned()
            .collect();
        let of_theme = sources
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(THEME));
        let of_theme = of_theme.map(str::to_owned).collect();
        let mentions = TemplateMentions::of_templates(sources.iter().map(|(_, text)| &**text));
        match compile_templates(sources, messages) {
            Ok(tera) if diagnostics.is_empty() => Ok(Self {
                tera,
                fingerprint,
                own,
                of_theme,
                mentions,
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

    /// Returns whether a template of the site names a message.
    pub(super) fn names_message(&self, key: &str) -> bool {
        let quoted = ['"', '\'', '`'].map(|quote| format!("{quote}{key}{quote}"));
        let is_named = |text: &String| quoted.iter().any(|name| text.contains(name));
        self.own.iter().any(|(_, text)| is_named(text))
    }

    /// Returns the template that a page means by a name, which may lack its extension.
    pub(super) fn choose_page_template<'t>(&'t self, name: &'t str) -> ChosenTemplate<'t> {
        let is_it = |known: &str| known.strip_suffix(".html") == Some(name) || known == name;
        if is_it(PAGE_TEMPLATE) {
            return ChosenTemplate::Own(PAGE_TEMPLATE);
        }
        if self.of_theme.iter().any(|known| is_it(known)) {
            return ChosenTemplate::OtherKind;
        }
        let own = self.own.iter().map(|(own, _)| own.as_str());
        let mut html = own.filter(|own| own.ends_with(".html"));
        html.find(|own| is_it(own))
            .map_or(ChosenTemplate::Unknown, ChosenTemplate::Own)
    }

    /// Returns the names of the site's templates that a page can have.
    pub(super) fn list_page_templates(&self) -> Vec<&str> {
        let own = self.own.iter().map(|(own, _)| own.as_str());
        own.filter(|own| matches!(self.choose_page_template(own), ChosenTemplate::Own(_)))
            .collect()
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
        subject: impl FnOnce() -> String,
    ) -> Result<Vec<u8>, Diagnostic> {
        let mut bytes = Vec::with_capacity(16 * 1024);
        match self.tera.render_to(name, context, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => Err(template_errors::explain_render_error(
                &error,
                name,
                &subject(),
            )),
        }
    }
}

/// Returns the text of a theme template by the name used in diagnostics, such as `theme/post.html`.
pub(super) fn find_theme_template(theme: Theme, name: &str) -> Option<String> {
    let name = name.strip_prefix(THEME)?;
    let mut templates = (theme.templates)().into_iter();
    templates
        .find(|(known, _)| known == name)
        .map(|(_, text)| text)
}

/// Compiles templates, and collects the errors of all of them.
fn compile_templates(
    mut sources: Vec<TemplateSource>,
    messages: &Messages,
) -> Result<Tera, Vec<Diagnostic>> {
    let mut errors: Vec<Diagnostic> = Vec::new();
    let mut broken: Vec<TemplateSource> = Vec::new();
    loop {
        let mut tera = Tera::new();
        register_word_functions(&mut tera, messages);
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
        // Compile again without the broken templates (the theme's replace them), so that one run
        // reports the errors of every template.
        let found = template_errors::explain_compile_error(&error, &sources);
        let is_broken = |(name, _): &TemplateSource| {
            let file = template_path(name);
            found.iter().any(|one| *one.diagnostic.place.file == file)
        };
        let (out, rest): (Vec<TemplateSource>, _) = sources.into_iter().partition(is_broken);
        let new = found.into_iter().filter(|one| !one.follows_from(&broken));
        errors.extend(new.map(|one| one.diagnostic));
        if out.is_empty() {
            return Err(errors);
        }
        sources = rest;
        broken.extend(out);
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
        let found: Vec<String> = match compile_templates(sources, &Messages::default()) {
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
    fn site_template_replaces_the_themes_and_may_extend_it() {
        let sources = [
            ("theme/a.html", "{% block x %}theme{% endblock %}!"),
            (
                "a.html",
                "{% extends \"theme/a.html\" %}{% block x %}site{% endblock %}",
            ),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()));
        let tera = compile_templates(sources.to_vec(), &Messages::default()).unwrap();
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
    fn what_only_lacks_a_broken_template_is_not_reported() {
        check(
            &[
                ("a.html", "{% block x %}{% endblock %}{{ 1 + }}"),
                (
                    "b.html",
                    "{% extends \"a.html\" %}{% block x %}{% endblock %}",
                ),
                ("c.html", "{% include \"a.html\" %}{{ a | nope }}"),
                ("theme/d.html", ""),
                (
                    "d.html",
                    "{% block y %}{% endblock %}{% component X() %}{% endcomponent %}{% if %}",
                ),
                (
                    "e.html",
                    "{% extends \"d.html\" %}{% block y %}{% endblock %}",
                ),
                ("f.html", "{{<X />}}"),
            ],
            &[
                "templates/a.html:1:",
                "templates/d.html:1:",
                "templates/c.html:1:30: unknown filter `nope`",
            ],
        );
    }

    #[test]
    fn missing_parent_is_named() {
        check(
            &[("a.html", "{% extends \"nowhere.html\" %}")],
            &["templates/a.html:1:13: it extends `nowhere.html`, which does not exist"],
        );
    }

    #[test]
    fn rendering_error_has_its_place_and_subject() {
        let tera = compile_templates(
            vec![("a.html".to_owned(), "\n{{ post.titel }}".to_owned())],
            &Messages::default(),
        )
        .unwrap();
        let error = TemplateSet {
            tera,
            fingerprint: Fingerprint::default(),
            own: Vec::new(),
            of_theme: Vec::new(),
            mentions: TemplateMentions::default(),
        }
        .render("a.html", &Context::new(), || "content/a.txt".to_owned())
        .unwrap_err();
        assert_eq!(error.place.to_string(), "templates/a.html:2:4");
        assert_eq!(
            error.help.as_deref(),
            Some("it was rendering content/a.txt")
        );
    }
}
