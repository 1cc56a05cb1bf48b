//! Chooses the language of a post: the stated one, otherwise the one detected from its text.

use pressrun_text::language;

use super::fields::PostFields;
use super::settings::ReadSettings;
use crate::parse::label::Label;
use crate::phrases::{fold_phrase_text, languages};
use crate::post::FieldSource;

/// Returns the language of a post, or `None` if nothing shows that it is not that of the site.
///
/// `words` are the words of its body with their case folded.
pub fn choose_language(
    fields: &PostFields,
    words: &str,
    settings: &ReadSettings,
) -> (Option<String>, FieldSource) {
    let given = fields.text(Label::Language);
    let named = given.and_then(|(name, origin, _)| Some((find_stated_language(&name)?, origin)));
    if let Some((tag, origin)) = named {
        return (Some(tag), origin);
    }
    match language::detect_other_language(&settings.language, words) {
        Some(tag) => (Some(tag.to_owned()), FieldSource::Derived),
        None => (None, FieldSource::None),
    }
}

/// Returns the code of a language that is given by its code or by its name (R11.8).
fn find_stated_language(name: &str) -> Option<String> {
    if language::is_tag(name) {
        return Some(name.replace('_', "-"));
    }
    let folded = fold_phrase_text(name);
    let known = languages().iter().find(|language| {
        let mut names = language.names.iter();
        names.any(|name| fold_phrase_text(name) == folded)
    });
    known
        .map(|language| language.code.to_owned())
        .or_else(|| language::find_language_tag(name))
}

/// Returns whether the slugs of a post are spelt as in German: if it says that it is German, or
/// says nothing on a German site. What its text looks like does not change its address.
pub fn is_german(tag: Option<&str>, origin: FieldSource, settings: &ReadSettings) -> bool {
    let stated = tag.filter(|_| origin != FieldSource::Derived);
    language::primary_subtag(stated.unwrap_or(&settings.language)) == "de"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_codes_and_names() {
        for (name, expected) in [
            ("de", Some("de")),
            ("pt-BR", Some("pt-BR")),
            ("en_GB", Some("en-GB")),
            ("German", Some("de")),
            ("deutsch", Some("de")),
            ("FRANÇAIS", Some("fr")),
            ("中文", Some("zh")),
            ("Finnish", Some("fi")),
            ("the old one", None),
        ] {
            assert_eq!(find_stated_language(name).as_deref(), expected, "{name}");
        }
    }
}
