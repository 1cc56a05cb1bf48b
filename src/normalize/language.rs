//! Chooses the language of a post: the stated one, otherwise the one detected from its text.

use super::fields::Fields;
use super::settings::Settings;
use crate::parse::label::Label;
use crate::post::Origin;
use crate::text::language;

/// Returns the language of a post, or `None` if it is the language of the site.
///
/// `words` are the words of its body with their case folded.
pub fn choose(fields: &Fields, words: &str, settings: &Settings) -> (Option<String>, Origin) {
    let given = fields.text(Label::Language);
    let named = given.and_then(|(name, origin, _)| Some((language::named(&name)?, origin)));
    if let Some((tag, origin)) = named {
        let is_other = !tag.eq_ignore_ascii_case(&settings.language);
        return (is_other.then_some(tag), origin);
    }
    match language::other_than(&settings.language, words) {
        Some(tag) => (Some(tag.to_owned()), Origin::Derived),
        None => (None, Origin::None),
    }
}
