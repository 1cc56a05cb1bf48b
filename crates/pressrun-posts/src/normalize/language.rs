//! Chooses the language of a post: the stated one, otherwise that of its file name, otherwise the one
//! detected from its text.

use pressrun_text::language;

use super::fields::PostFields;
use super::settings::ReadSettings;
use crate::parse::label::Label;
use crate::phrases::find_language_code;
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
    let named = given.and_then(|(name, origin, _)| Some((find_language_code(&name)?, origin)));
    if let Some((tag, origin)) = named {
        return (Some(tag), origin);
    }
    if let Some(tag) = &settings.file_language {
        return (Some(tag.clone()), FieldSource::FileName);
    }
    match language::detect_other_language(&settings.language, words) {
        Some(tag) => (Some(tag.to_owned()), FieldSource::Derived),
        None => (None, FieldSource::None),
    }
}

/// Returns the language by which the slug of a post is spelt: the one that the post states, or that
/// of the site. What its text looks like does not change its address.
pub fn stated_language<'s>(
    tag: Option<&'s str>,
    origin: FieldSource,
    settings: &'s ReadSettings,
) -> &'s str {
    let stated = tag.filter(|_| origin != FieldSource::Derived);
    stated.unwrap_or(&settings.language)
}
