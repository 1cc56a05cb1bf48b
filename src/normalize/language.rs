//! The language of a post: as it says, else as its text shows.

use super::fields::Fields;
use super::settings::Settings;
use crate::parse::label::Label;
use crate::post::Origin;
use crate::text::language;

/// The language of a post whose body has these folded words; `None` for that of the site.
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
