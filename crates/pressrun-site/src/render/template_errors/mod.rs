//! Converts errors of Tera to diagnostics, each with its place and the name that was probably
//! meant.
//!
//! Tera reports the unknown names of all templates as one printed text (`reports`).
//! This is the only module that handles Tera's errors.

mod names;
mod reports;
mod sources;
mod unclosed;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_text::characters::cut_to_bytes;
use tera::ErrorKind;

use super::words;
use names::{FILTERS, FUNCTIONS, TESTS, list_names, suggest_field, suggest_name, suggest_tag};
use reports::{PrintedError, make_one_line, split_printed_errors};
pub(super) use sources::{THEME, TemplateSource, template_path};
use sources::{
    find_names_in_tags, find_place_in_tag, find_text, list_ancestors, list_template_names,
};

/// One error in a template.
#[derive(Debug)]
pub(super) struct TemplateFault {
    pub(super) diagnostic: Diagnostic,
    /// What the template lacks, if another template could have provided it.
    lacks: Option<MissingPart>,
}

/// Something that a template expects in another one.
#[derive(Debug)]
enum MissingPart {
    /// A template with this name.
    Template(String),
    /// A component with this name.
    Component(String),
    /// A block in one of the templates with these names, which it extends.
    BlockOf(Vec<String>),
}

impl TemplateFault {
    fn new(place: FilePlace, message: &str) -> Self {
        Self {
            diagnostic: Diagnostic::new(Code::TemplateError, place, make_one_line(message)),
            lacks: None,
        }
    }

    /// Returns whether the error exists only because these broken templates were left out.
    pub(super) fn follows_from(&self, broken: &[TemplateSource]) -> bool {
        let has = |wanted: &str| {
            broken
                .iter()
                .any(|(name, _)| name == wanted || name.strip_prefix(THEME) == Some(wanted))
        };
        match &self.lacks {
            Some(MissingPart::Template(name)) => has(name),
            Some(MissingPart::BlockOf(names)) => names.iter().any(|name| has(name)),
            Some(MissingPart::Component(name)) => broken
                .iter()
                .any(|(_, text)| find_names_in_tags(text, "component").any(|known| known == name)),
            None => false,
        }
    }
}

/// Converts an error of compiling templates.
pub(super) fn explain_compile_error(
    error: &tera::Error,
    sources: &[TemplateSource],
) -> Vec<TemplateFault> {
    match error.kind() {
        ErrorKind::MissingParent { current, parent } => {
            let message = format!("it extends `{parent}`, which does not exist");
            let mut fault = TemplateFault::new(
                find_place_in_tag(current, "extends", parent, sources),
                &message,
            );
            fault.diagnostic.help = suggest_name(parent, &list_template_names(sources));
            fault.lacks = Some(MissingPart::Template(parent.clone()));
            vec![fault]
        }
        ErrorKind::CircularExtend {
            tpl,
            inheritance_chain,
        } => {
            let chain = [std::slice::from_ref(tpl), inheritance_chain].concat();
            vec![report_circle(tpl, "extends", &chain, sources)]
        }
        ErrorKind::CircularInclude { tpl, include_chain } => {
            vec![report_circle(tpl, "include", include_chain, sources)]
        }
        ErrorKind::Msg(text) => {
            let reports = split_printed_errors(text);
            if reports.is_empty() {
                vec![report_second_component(text, sources)]
            } else {
                let faults = reports.into_iter();
                faults
                    .map(|report| report_unknown_name(report, sources))
                    .collect()
            }
        }
        _ => {
            let mut diagnostic = convert_error(error, "");
            if diagnostic.message == "unknown tag" {
                diagnostic.help = suggest_tag(&diagnostic.place, sources);
            } else if diagnostic.message == "unexpected end of input" {
                diagnostic.help = unclosed::suggest_end(&diagnostic.place, sources);
            }
            vec![TemplateFault {
                diagnostic,
                lacks: None,
            }]
        }
    }
}

/// Converts an error of rendering. `name` is used if the error names no template, and `subject`
/// says what was being rendered.
pub(super) fn explain_render_error(error: &tera::Error, name: &str, subject: &str) -> Diagnostic {
    let mut diagnostic = convert_error(error, name);
    let mut help = format!("it was rendering {subject}");
    if let Some(near) = suggest_field(&diagnostic.message) {
        help = format!("{help}; did you mean `{near}`?");
    }
    diagnostic.help = Some(help);
    shorten_names(&mut diagnostic.message);
    diagnostic
}

/// Shortens the list of what a message says exists, because authors of posts can make it long.
fn shorten_names(message: &mut String) {
    const MOST: usize = 400;
    if message.len() > MOST {
        let start = cut_to_bytes(message, MOST);
        let end = start.rfind(", ").unwrap_or(start.len());
        message.truncate(end);
        message.push_str(", …");
    }
}

/// Converts an error with its place and its causes, without a search for similar names.
fn convert_error(error: &tera::Error, name: &str) -> Diagnostic {
    let (place, message) = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let span = report.span();
            let width = if span.end_line == span.start_line {
                span.end_col.saturating_sub(span.start_col)
            } else {
                1
            };
            let place = FilePlace {
                file: template_path(report.filename()).into(),
                line: Some(span.start_line as u32),
                column: Some(span.start_col as u32 + 1),
                length: width as u32,
            };
            (place, report.message().to_owned())
        }
        other => (FilePlace::file(template_path(name)), other.to_string()),
    };
    let mut messages = vec![message];
    let mut cause = std::error::Error::source(error);
    // The reason is often only in the causes.
    while let Some(source) = cause {
        messages.push(source.to_string());
        cause = source.source();
    }
    Diagnostic::new(
        Code::TemplateError,
        place,
        make_one_line(&messages.join(": ")),
    )
}

/// Describes an unknown name.
fn report_unknown_name(report: PrintedError<'_>, sources: &[TemplateSource]) -> TemplateFault {
    let place = FilePlace {
        file: template_path(report.template).into(),
        line: Some(report.line),
        column: Some(report.column),
        length: report.length,
    };
    let mut fault = TemplateFault::new(place, &report.message);
    let Some((kind, name)) = report.message.split_once(" `") else {
        return fault;
    };
    let end = name.find('`').unwrap_or(name.len());
    let name = &name[..end];
    let texts = || sources.iter().map(|(_, text)| text.as_str());
    fault.diagnostic.help = match kind {
        "Unknown filter" => suggest_name(name, &[&FILTERS[..], &words::FILTERS].concat()),
        "Unknown test" => suggest_name(name, &TESTS),
        "Unknown function" => suggest_name(name, &[&FUNCTIONS[..], &words::FUNCTIONS].concat()),
        "Unknown component" => {
            fault.lacks = Some(MissingPart::Component(name.to_owned()));
            let known: Vec<&str> = texts()
                .flat_map(|text| find_names_in_tags(text, "component"))
                .collect();
            suggest_name(name, &known)
        }
        "Unknown template" => {
            fault.lacks = Some(MissingPart::Template(name.to_owned()));
            suggest_name(name, &list_template_names(sources))
        }
        "Block" => {
            let chain = list_ancestors(report.template, sources);
            let own = find_text(report.template, sources).into_iter();
            let parents = own.chain(chain.iter().map(|(_, text)| *text));
            let parents = parents.flat_map(|text| find_names_in_tags(text, "extends"));
            fault.lacks = Some(MissingPart::BlockOf(parents.map(str::to_owned).collect()));
            let known: Vec<&str> = chain
                .iter()
                .flat_map(|(_, text)| find_names_in_tags(text, "block"))
                .collect();
            suggest_name(name, &known).or_else(|| Some(list_names("the blocks are", &known)))
        }
        _ => None,
    };
    fault
}

/// Describes templates that contain each other.
fn report_circle(
    name: &str,
    tag: &str,
    chain: &[String],
    sources: &[TemplateSource],
) -> TemplateFault {
    let names: Vec<String> = chain.iter().map(|name| format!("`{name}`")).collect();
    let verb = if tag == "extends" {
        "extends"
    } else {
        "includes"
    };
    let message = format!("it {verb} itself: {}", names.join(&format!(" {verb} ")));
    let next = chain.get(1).map_or(name, String::as_str);
    TemplateFault::new(find_place_in_tag(name, tag, next, sources), &message)
}

/// Describes a component that two templates declare, or any other message of Tera.
fn report_second_component(text: &str, sources: &[TemplateSource]) -> TemplateFault {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    match quoted[..] {
        [component, _, second] if text.starts_with("Component ") => {
            let mut fault = TemplateFault::new(
                find_place_in_tag(second, "component", component, sources),
                text,
            );
            fault.diagnostic.help = Some("give one of them another name".to_owned());
            fault
        }
        _ => TemplateFault::new(FilePlace::file(template_path("")), text),
    }
}

#[cfg(test)]
mod tests {
    use tera::{Context, Tera};

    use super::*;

    /// Checks what is said of the templates of a theme and a site.
    #[track_caller]
    fn check(templates: &[(&str, &str)], expected: &[&str]) {
        let sources: Vec<TemplateSource> = templates
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        let mut tera = Tera::new();
        tera.set_fallback_prefixes([THEME]).unwrap();
        let error = tera.add_raw_templates(sources.clone()).unwrap_err();
        let found: Vec<String> = explain_compile_error(&error, &sources)
            .iter()
            .map(|fault| {
                let Diagnostic {
                    place,
                    message,
                    help,
                    ..
                } = &fault.diagnostic;
                let help = help
                    .as_ref()
                    .map_or_else(String::new, |help| format!(" ({help})"));
                format!("{place}: {message}{help}")
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn unknown_names_have_their_places_and_what_was_meant() {
        check(
            &[(
                "a.html",
                "x\n {{ y | lenght }}{{ y | zzz }}\n{{ rnage(end=2) }}{% if y is deifned %}{% endif %}",
            )],
            &[
                "templates/a.html:2:9: unknown filter `lenght` (did you mean `length`?)",
                "templates/a.html:2:25: unknown filter `zzz`",
                "templates/a.html:3:4: unknown function `rnage` (did you mean `range`?)",
                "templates/a.html:3:30: unknown test `deifned` (did you mean `defined`?)",
            ],
        );
    }

    #[test]
    fn unknown_templates_components_and_blocks_have_them_too() {
        check(
            &[
                (
                    "theme/partials/pager.html",
                    "{% component Card() %}{% endcomponent %}",
                ),
                (
                    "a.html",
                    "{% include \"partials/pagre.html\" %}\n{{<Crad />}}",
                ),
            ],
            &[
                "templates/a.html:1:12: unknown template `partials/pagre.html` (did you mean `partials/pager.html`?)",
                "templates/a.html:2:3: unknown component `Crad` (did you mean `Card`?)",
            ],
        );
        check(
            &[
                (
                    "theme/base.html",
                    "{% block main %}{% endblock %}{%- block scripts %}{% endblock %}",
                ),
                (
                    "theme/post.html",
                    "{% extends \"base.html\" %}{% block main %}{% block post_footer %}{% endblock %}{% endblock %}",
                ),
                (
                    "post.html",
                    "{% extends \"theme/post.html\" %}\n{% block post_foter %}{% endblock %}{% block zzz %}{% endblock %}",
                ),
            ],
            &[
                "templates/post.html:2:10: block `post_foter` is not defined in any parent template (did you mean `post_footer`?)",
                "templates/post.html:2:46: block `zzz` is not defined in any parent template \
                 (the blocks are `main`, `post_footer`, `main`, `scripts`)",
            ],
        );
    }

    #[test]
    fn parent_that_does_not_exist_is_found_in_the_line_that_names_it() {
        check(
            &[
                ("a.html", "{# x #}\n{%- extends 'bsae.html' %}"),
                ("theme/base.html", ""),
            ],
            &[
                "templates/a.html:2:14: it extends `bsae.html`, which does not exist (did you mean `base.html`?)",
            ],
        );
    }

    #[test]
    fn circles_are_reported_in_their_order() {
        check(
            &[
                ("a.html", "\n{% include \"b.html\" %}"),
                ("b.html", "{% include 'a.html' %}"),
            ],
            &[
                "templates/a.html:2:13: it includes itself: `a.html` includes `b.html` includes `a.html`",
            ],
        );
        check(
            &[
                ("a.html", "{% extends \"b.html\" %}"),
                ("b.html", "{% extends 'a.html' %}"),
            ],
            &[
                "templates/a.html:1:13: it extends itself: `a.html` extends `b.html` extends `a.html`",
            ],
        );
    }

    #[test]
    fn component_that_two_templates_declare_is_found_in_the_second() {
        check(
            &[
                ("a.html", "{% component Card() %}{% endcomponent %}"),
                ("b.html", "\n{% component Card() %}{% endcomponent %}"),
            ],
            &[
                "templates/b.html:2:14: component `Card` is defined in both `a.html` and `b.html` (give one of them another name)",
            ],
        );
    }

    #[test]
    fn syntax_errors_have_their_place_and_the_tag_that_was_meant() {
        check(
            &[("a.html", "x {% inculde \"b\" %}")],
            &["templates/a.html:1:6: unknown tag (did you mean `include`?)"],
        );
        check(
            &[("a.html", "{% if x %}\n")],
            &[
                "templates/a.html:2:1: unexpected end of input (`{% if %}` in line 1 has no `{% endif %}`)",
            ],
        );
        check(
            &[("a.html", "\n{{ 1 + }}")],
            &[
                "templates/a.html:2:8: found `}}` but expected one of: integer, float, string, bool, ident, `-`, `not`, `<`, `{`, `[` or `(`",
            ],
        );
    }

    #[test]
    fn field_that_does_not_exist_has_the_one_that_was_meant() {
        let mut tera = Tera::new();
        tera.add_raw_template("a.html", "{{ post.titel.x }}")
            .unwrap();
        let mut context = Context::new();
        context.insert(
            "post",
            &std::collections::BTreeMap::from([("title", 1), ("url", 2)]),
        );
        let error = tera.render("a.html", &context).unwrap_err();
        let found = explain_render_error(&error, "a.html", "a post");
        assert_eq!(
            found.message,
            "field `titel` is not defined; available fields: title, url"
        );
        assert_eq!(
            found.help.as_deref(),
            Some("it was rendering a post; did you mean `title`?")
        );
    }
}
