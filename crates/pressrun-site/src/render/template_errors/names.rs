//! The names that Tera itself knows, and suggestions for misspelt ones.

use pressrun_posts::diagnostic::FilePlace;

use super::sources::{TemplateSource, template_path};
use crate::config::find_nearest_name;

/// Tera's own filters.
pub(super) const FILTERS: [&str; 37] = [
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
pub(super) const TESTS: [&str; 17] = [
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
pub(super) const FUNCTIONS: [&str; 3] = ["range", "super", "throw"];

/// The words that a tag may begin with.
pub(super) const TAGS: [&str; 20] = [
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

/// Suggests a tag for the unknown one at a place.
pub(super) fn suggest_tag(place: &FilePlace, sources: &[TemplateSource]) -> Option<String> {
    let (_, text) = sources
        .iter()
        .find(|(name, _)| template_path(name) == *place.file)?;
    let line = text.lines().nth(place.line?.checked_sub(1)? as usize)?;
    let word = line.chars().skip(place.column?.checked_sub(1)? as usize);
    let word: String = word
        .skip_while(|c| !c.is_alphabetic())
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    suggest_name(&word, &TAGS)
}

/// Suggests a name for an undefined one, from the names that the message lists.
pub(super) fn suggest_field(message: &str) -> Option<&str> {
    let (start, list) = message
        .split_once("; available fields: ")
        .or_else(|| message.split_once("; available variables: "))?;
    let name = start.split('`').nth(1)?;
    let known: Vec<&str> = list.split(", ").collect();
    find_nearest_name(name, &known)
}

pub(super) fn suggest_name(name: &str, known: &[&str]) -> Option<String> {
    let near = find_nearest_name(name, known)?;
    Some(format!("did you mean `{near}`?"))
}

pub(super) fn list_names(what: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{what} {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use tera::Tera;

    use super::*;

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
        // Tera reports only their numbers.
        let tera = format!("{:?}", Tera::new());
        for known in [
            format!("filters: {}", FILTERS.len()),
            format!("tests: {}", TESTS.len()),
            format!("functions: {}", FUNCTIONS.len() - 1),
        ] {
            assert!(tera.contains(&known), "{known}: {tera}");
        }
    }
}
