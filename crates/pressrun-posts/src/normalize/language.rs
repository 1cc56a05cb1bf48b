//! Chooses the language of a post: the stated one, otherwise the one detected from its text.

use pressrun_text::language;

use super::fields::PostFields;
use super::settings::ReadSettings;
use crate::parse::label::Label;
use crate::post::FieldSource;

/// Returns the language of a post, or `None` if it is the language of the site.
///
/// `words` are the words of its body with their case folded.
pub fn choose_language(
    fields: &PostFields,
    words: &str,
    settings: &ReadSettings,
) -> (Option<String>, FieldSource) {
    let given = fields.text(Label::Language);
    let named =
        given.and_then(|(name, origin, _)| Some((language::find_language_tag(&name)?, origin)));
    if let Some((tag, origin)) = named {
        let is_other = !tag.eq_ignore_ascii_case(&settings.language);
        return (is_other.then_some(tag), origin);
    }
    match language::detect_other_language(&settings.language, words) {
        Some(tag) => (Some(tag.to_owned()), FieldSource::Derived),
        None => (None, FieldSource::None),
    }
}
