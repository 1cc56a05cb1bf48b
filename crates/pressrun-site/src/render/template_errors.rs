//! Converts errors of Tera to diagnostics, each with its place and the name that was probably
//! meant.
//!
//! Tera reports the unknown names of all templates as one printed text, which is taken apart here.
//! This is the only module that handles Tera's errors.

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_text::plain::collapse_white_space;
use tera::ErrorKind;

use super::theme;
use crate::config::find_nearest_name;

/// Prefix of the names of the theme's templates.
pub(super) const THEME: &str = "theme/";

/// Tera's own filters.
const FILTERS: [&str; 37] = [
    "abs",
    "capitalize",
    "default",
    "escape",
    "escape_html",
    "escape_xml",
    "first",
    "float",
    "get",
    "group_by",
    "indent",
    "int",
    "join",
    "keys",
    "last",
    "length",
    "lower",
    "newlines_to_br",
    "nth",
    "pairs",
    "pluralize",
    "replace",
    "reverse",
    "round",
    "safe",
    "sort",
    "split",
    "str",
    "title",
    "trim",
    "trim_end",
    "trim_start",
    "truncate",
    "unique",
    "upper",
    "values",
    "wordcount",
];

/// Tera's own tests.
const TESTS: [&str; 17] = [
    "array",
    "bool",
    "containing",
    "defined",
    "divisible_by",
    "ending_with",
    "even",
    "float",
    "integer",
    "iterable",
    "map",
    "none",
    "number",
    "odd",
    "starting_with",
    "string",
    "undefined",
];

/// Tera's own functions, and `super()`.
const FUNCTIONS: [&str; 3] = ["range", "super", "throw"];

/// The words that a tag may begin with.
const TAGS: [&str; 20] = [
    "block",
    "break",
    "component",
    "continue",
    "elif",
    "else",
    "endblock",
    "endcomponent",
    "endfilter",
    "endfor",
    "endif",
    "endset",
    "extends",
    "filter",
    "for",
    "if",
    "include",
    "raw",
    "set",
    "set_global",
];

/// The name and the text of a template.
pub(super) type Source = (String, String);

/// One error in a template.
#[derive(Debug)]
pub(super) struct TemplateFault {
    pub(super) diagnostic: Diagnostic,
    /// What the template lacks, if another template could have provided it.
    lacks: Option<Lack>,
}

/// Something that a template expects in another one.
#[derive(Debug)]
enum Lack {
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
            diagnostic: Diagnostic::new(Code::TemplateError, place, one_line(message)),
            lacks: None,
        }
    }

    /// Returns whether the error exists only because these broken templates were left out.
    pub(super) fn follows_from(&self, broken: &[Source]) -> bool {
        let has = |wanted: &str| {
            broken
                .iter()
                .any(|(name, _)| name == wanted || name.strip_prefix(THEME) == Some(wanted))
        };
        match &self.lacks {
            Some(Lack::Template(name)) => has(name),
            Some(Lack::BlockOf(names)) => names.iter().any(|name| has(name)),
            Some(Lack::Component(name)) => broken
                .iter()
                .any(|(_, text)| declared(text, "component").any(|known| known == name)),
            None => false,
        }
    }
}

/// Converts an error of compiling templates.
pub(super) fn of_compiling(error: &tera::Error, sources: &[Source]) -> Vec<TemplateFault> {
    match error.kind() {
        ErrorKind::MissingParent { current, parent } => {
            let message = format!("it extends `{parent}`, which does not exist");
            let mut fault =
                TemplateFault::new(place_of(current, "extends", parent, sources), &message);
            fault.diagnostic.help = did_you_mean(parent, &template_names(sources));
            fault.lacks = Some(Lack::Template(parent.clone()));
            vec![fault]
        }
        ErrorKind::CircularExtend {
            tpl,
            inheritance_chain,
        } => {
            let chain = [std::slice::from_ref(tpl), inheritance_chain].concat();
            vec![circle(tpl, "extends", &chain, sources)]
        }
        ErrorKind::CircularInclude { tpl, include_chain } => {
            vec![circle(tpl, "include", include_chain, sources)]
        }
        ErrorKind::Msg(text) => {
            let reports = reports(text);
            if reports.is_empty() {
                vec![declared_twice(text, sources)]
            } else {
                let faults = reports.into_iter();
                faults.map(|report| unknown_name(report, sources)).collect()
            }
        }
        _ => {
            let mut diagnostic = of_error(error, "");
            if diagnostic.message == "unknown tag" {
                diagnostic.help = misspelt_tag(&diagnostic.place, sources);
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
pub(super) fn of_rendering(error: &tera::Error, name: &str, subject: &str) -> Diagnostic {
    let mut diagnostic = of_error(error, name);
    let mut help = format!("it was rendering {subject}");
    if let Some(near) = misspelt_field(&diagnostic.message) {
        help = format!("{help}; did you mean `{near}`?");
    }
    diagnostic.help = Some(help);
    diagnostic
}

/// Converts an error with its place and its causes, without a search for similar names.
fn of_error(error: &tera::Error, name: &str) -> Diagnostic {
    let (place, message) = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let span = report.span();
            let width = if span.end_line == span.start_line {
                span.end_col.saturating_sub(span.start_col)
            } else {
                1
            };
            let place = FilePlace {
                file: path_of(report.filename()).into(),
                line: Some(span.start_line as u32),
                column: Some(span.start_col as u32 + 1),
                length: width as u32,
            };
            (place, report.message().to_owned())
        }
        other => (FilePlace::file(path_of(name)), other.to_string()),
    };
    let mut messages = vec![message];
    let mut cause = std::error::Error::source(error);
    // The reason is often only in the causes.
    while let Some(source) = cause {
        messages.push(source.to_string());
        cause = source.source();
    }
    Diagnostic::new(Code::TemplateError, place, one_line(&messages.join(": ")))
}

/// One error of a printed report.
#[derive(Debug, PartialEq, Eq)]
struct Report<'t> {
    message: String,
    template: &'t str,
    line: u32,
    column: u32,
    length: u32,
}

/// Splits a printed report into its errors. Each has a line with the message, one with the place,
/// and the line of the template with marks under it.
fn reports(text: &str) -> Vec<Report<'_>> {
    let mut reports = Vec::new();
    let mut message = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(place) = line.trim_start().strip_prefix("--> ") else {
            if let Some(first) = line.strip_prefix("error: ") {
                first.clone_into(&mut message);
            } else {
                // A name with a line break in it.
                message.push(' ');
                message.push_str(line);
            }
            continue;
        };
        let mut parts = place.rsplitn(3, ':');
        let column = parts.next().and_then(|part| part.parse().ok());
        let line = parts.next().and_then(|part| part.parse().ok());
        if let (Some(column), Some(line), Some(template)) = (column, line, parts.next()) {
            let marks = lines.by_ref().take(3).last().unwrap_or_default();
            let marks = marks.len() - marks.trim_end_matches('^').len();
            reports.push(Report {
                message: std::mem::take(&mut message),
                template,
                line,
                column,
                length: marks as u32,
            });
        }
    }
    reports
}

/// Describes an unknown name.
fn unknown_name(report: Report<'_>, sources: &[Source]) -> TemplateFault {
    let place = FilePlace {
        file: path_of(report.template).into(),
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
        "Unknown filter" => did_you_mean(name, &FILTERS),
        "Unknown test" => did_you_mean(name, &TESTS),
        "Unknown function" => did_you_mean(name, &FUNCTIONS),
        "Unknown component" => {
            fault.lacks = Some(Lack::Component(name.to_owned()));
            let known: Vec<&str> = texts()
                .flat_map(|text| declared(text, "component"))
                .collect();
            did_you_mean(name, &known)
        }
        "Unknown template" => {
            fault.lacks = Some(Lack::Template(name.to_owned()));
            did_you_mean(name, &template_names(sources))
        }
        "Block" => {
            let chain = ancestors(report.template, sources);
            let own = text_of(report.template, sources).into_iter();
            let parents = own.chain(chain.iter().map(|(_, text)| *text));
            let parents = parents.flat_map(|text| declared(text, "extends"));
            fault.lacks = Some(Lack::BlockOf(parents.map(str::to_owned).collect()));
            let known: Vec<&str> = chain
                .iter()
                .flat_map(|(_, text)| declared(text, "block"))
                .collect();
            did_you_mean(name, &known).or_else(|| Some(listed("the blocks are", &known)))
        }
        _ => None,
    };
    fault
}

/// Describes templates that contain each other.
fn circle(name: &str, tag: &str, chain: &[String], sources: &[Source]) -> TemplateFault {
    let names: Vec<String> = chain.iter().map(|name| format!("`{name}`")).collect();
    let verb = if tag == "extends" {
        "extends"
    } else {
        "includes"
    };
    let message = format!("it {verb} itself: {}", names.join(&format!(" {verb} ")));
    let next = chain.get(1).map_or(name, String::as_str);
    TemplateFault::new(place_of(name, tag, next, sources), &message)
}

/// Describes a component that two templates declare, or any other message of Tera.
fn declared_twice(text: &str, sources: &[Source]) -> TemplateFault {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    match quoted[..] {
        [component, _, second] if text.starts_with("Component ") => {
            let mut fault =
                TemplateFault::new(place_of(second, "component", component, sources), text);
            fault.diagnostic.help = Some("give one of them another name".to_owned());
            fault
        }
        _ => TemplateFault::new(FilePlace::file(path_of("")), text),
    }
}

/// Returns the templates that one extends, the nearest first.
fn ancestors<'s>(name: &str, sources: &'s [Source]) -> Vec<(&'s str, &'s str)> {
    let mut chain: Vec<(&str, &str)> = Vec::new();
    let mut of = text_of(name, sources);
    while let Some(parent) = of.and_then(|text| declared(text, "extends").next()) {
        let Some((known, text)) = find(parent, sources) else {
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
fn find<'s>(name: &str, sources: &'s [Source]) -> Option<&'s Source> {
    let own = sources.iter().find(|(known, _)| known == name);
    own.or_else(|| {
        let mut theme = sources.iter();
        theme.find(|(known, _)| known.strip_prefix(THEME) == Some(name))
    })
}

fn text_of<'s>(name: &str, sources: &'s [Source]) -> Option<&'s str> {
    find(name, sources).map(|(_, text)| text.as_str())
}

/// Lists the names under which templates can be extended and included.
fn template_names(sources: &[Source]) -> Vec<&str> {
    let names = sources.iter().map(|(name, _)| name.as_str());
    names
        .flat_map(|name| [Some(name), name.strip_prefix(THEME)])
        .flatten()
        .collect()
}

/// Finds the place of a name in a tag of a template: `{% extends "name" %}`.
fn place_of(template: &str, tag: &str, name: &str, sources: &[Source]) -> FilePlace {
    let file = path_of(template);
    let Some(text) = text_of(template, sources) else {
        return FilePlace::file(file);
    };
    let short = name.strip_prefix(THEME);
    match declared(text, tag).find(|found| *found == name || Some(*found) == short) {
        Some(found) => {
            let start = found.as_ptr() as usize - text.as_ptr() as usize;
            FilePlace::span(file, text, start..start + found.len())
        }
        None => FilePlace::file(file),
    }
}

/// Lists the names in all tags of one kind of a template: `{% block NAME %}`,
/// `{% include "NAME" %}`.
fn declared<'t>(text: &'t str, tag: &str) -> impl Iterator<Item = &'t str> {
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

/// Suggests a tag for the unknown one at a place.
fn misspelt_tag(place: &FilePlace, sources: &[Source]) -> Option<String> {
    let (_, text) = sources
        .iter()
        .find(|(name, _)| path_of(name) == *place.file)?;
    let line = text.lines().nth(place.line?.checked_sub(1)? as usize)?;
    let word = line.chars().skip(place.column?.checked_sub(1)? as usize);
    let word: String = word
        .skip_while(|c| !c.is_alphabetic())
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    did_you_mean(&word, &TAGS)
}

/// Suggests a name for an undefined one, from the names that the message lists.
fn misspelt_field(message: &str) -> Option<&str> {
    let (start, list) = message
        .split_once("; available fields: ")
        .or_else(|| message.split_once("; available variables: "))?;
    let name = start.split('`').nth(1)?;
    let known: Vec<&str> = list.split(", ").collect();
    find_nearest_name(name, &known)
}

fn did_you_mean(name: &str, known: &[&str]) -> Option<String> {
    let near = find_nearest_name(name, known)?;
    Some(format!("did you mean `{near}`?"))
}

fn listed(what: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{what} {}", names.join(", "))
}

/// Returns the path of a template from the site root; a theme template keeps its name.
pub(super) fn path_of(name: &str) -> String {
    if name.starts_with(THEME) {
        name.to_owned()
    } else {
        format!("{}/{name}", theme::TEMPLATES)
    }
}

/// Makes a message of Tera look like ours: one line that begins in lower case, without a full stop.
fn one_line(message: &str) -> String {
    let message = collapse_white_space(message).replace(". Available ", "; available ");
    let message = message.strip_suffix('.').unwrap_or(&message);
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
    use tera::{Context, Tera};

    use super::*;

    /// Checks what is said of the templates of a theme and a site.
    #[track_caller]
    fn check(templates: &[(&str, &str)], expected: &[&str]) {
        let sources: Vec<Source> = templates
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        let mut tera = Tera::new();
        tera.set_fallback_prefixes([THEME]).unwrap();
        let error = tera.add_raw_templates(sources.clone()).unwrap_err();
        let found: Vec<String> = of_compiling(&error, &sources)
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
    fn known_names_are_those_of_tera() {
        let compiles = |text: &str| Tera::new().add_raw_template("a", text);
        for filter in FILTERS {
            compiles(&format!("{{{{ a | {filter} }}}}")).unwrap();
        }
        for test in TESTS {
            compiles(&format!("{{{{ a is {test} }}}}")).unwrap();
        }
        for function in ["range", "throw"] {
            compiles(&format!("{{{{ {function}() }}}}")).unwrap();
        }
        // Tera tells only their numbers.
        let tera = format!("{:?}", Tera::new());
        for known in [
            format!("filters: {}", FILTERS.len()),
            format!("tests: {}", TESTS.len()),
            format!("functions: {}", FUNCTIONS.len() - 1),
        ] {
            assert!(tera.contains(&known), "{known}: {tera}");
        }
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
        let found = of_rendering(&error, "a.html", "a post");
        assert_eq!(
            found.message,
            "field `titel` is not defined; available fields: title, url"
        );
        assert_eq!(
            found.help.as_deref(),
            Some("it was rendering a post; did you mean `title`?")
        );
    }

    #[test]
    fn report_may_be_anything() {
        for text in [
            "",
            "error: ",
            "error: x",
            "--> ",
            "--> a",
            "--> a:1",
            "--> a:1:2",
            "-->  a:b:c:1:2\n",
            "error: a\nb\n --> c:1:2\n  |\n1 | x\n  | ^^",
        ] {
            reports(text);
        }
        let text = "error: Unknown template `a\nb`\n --> c:d:1:2\n  |\n1 | x\n  | ^^\n\nerror: z\n --> e:3:4\n  |\n3 | \n  | ^";
        let found = reports(text);
        assert_eq!(
            (found[0].message.as_str(), found[0].template),
            ("Unknown template `a b`", "c:d")
        );
        assert_eq!((found[0].line, found[0].column, found[0].length), (1, 2, 2));
        assert_eq!((found[1].message.trim(), found[1].length), ("z", 1));
    }

    #[test]
    fn messages_have_one_line() {
        assert_eq!(one_line("Found `a\n b`."), "found `a b`");
        assert_eq!(one_line("`x` is. "), "`x` is");
    }
}
