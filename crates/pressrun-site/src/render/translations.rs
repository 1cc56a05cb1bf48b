//! What pages show of translations: links for readers, and for search engines.

use pressrun_locale::names::{open_graph_locale, own_language_name};
use pressrun_text::language;
use tera::Value;

use super::SiteRenderer;
use super::frame::SiteFrame;
use super::pages::is_indexed;
use super::values::TemplateFields;
use crate::corpus::{Corpus, TextId};

/// A link to a translation.
#[derive(Debug, Clone, Hash)]
pub(super) struct TranslationLinkView<'s> {
    /// BCP 47 tag of its language.
    language: &'s str,
    title: &'s str,
    path: &'s str,
}

impl<'s> TranslationLinkView<'s> {
    fn new(id: TextId, corpus: &'s Corpus, site_language: &'s str) -> Self {
        let entry = corpus.text(id);
        Self {
            language: entry.language(site_language),
            title: &entry.post.title,
            path: &entry.path,
        }
    }

    fn to_value(&self, frame: &SiteFrame) -> Value {
        TemplateFields::new()
            .with("language", self.language)
            .with("name", own_language_name(self.language))
            .with("rtl", language::is_right_to_left(self.language))
            .with("url", frame.links.url(self.path))
            .with("title", self.title)
            .into()
    }
}

/// Converts several links.
pub(super) fn translations_value(links: &[TranslationLinkView<'_>], frame: &SiteFrame) -> Value {
    let values = links.iter().map(|link| link.to_value(frame));
    values.collect::<Vec<_>>().into()
}

/// A page that search engines should show to readers of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LanguageAlternate<'s> {
    /// BCP 47 tag of the language, or `x-default` for all others.
    pub(super) language: &'s str,
    pub(super) path: &'s str,
}

/// What the page of a text shows of its translations.
#[derive(Debug, Default, Hash)]
pub(super) struct TranslationsView<'s> {
    /// The translations, without the text itself.
    links: Vec<TranslationLinkView<'s>>,
    /// What search engines learn.
    alternates: Vec<LanguageAlternate<'s>>,
}

impl SiteRenderer {
    /// Returns the links to the translations of a text.
    pub(super) fn translation_links(&self, id: TextId) -> Vec<TranslationLinkView<'_>> {
        let language = &self.frame.config.language;
        let others = self.corpus.translations_of(id);
        others
            .map(|id| TranslationLinkView::new(id, &self.corpus, language))
            .collect()
    }

    /// Returns what the page of a text shows of its translations.
    pub(super) fn translations(&self, id: TextId) -> TranslationsView<'_> {
        TranslationsView {
            links: self.translation_links(id),
            alternates: list_alternates(id, &self.corpus, &self.frame.config.language),
        }
    }
}

impl TranslationsView<'_> {
    /// Adds the fields of the variable `page`. `language` is that of the page.
    pub(super) fn add_fields(
        &self,
        language: &str,
        fields: TemplateFields,
        frame: &SiteFrame,
    ) -> TemplateFields {
        let alternates = self.alternates.iter().map(|alternate| -> Value {
            TemplateFields::new()
                .with("language", alternate.language)
                .with("url", frame.links.absolute(alternate.path))
                .into()
        });
        // Without one, readers of Open Graph assume this.
        let is_assumed = |locale: &String| locale == "en_US" && self.links.is_empty();
        let locale = open_graph_locale(language).filter(|locale| !is_assumed(locale));
        let locales = self.links.iter().map(|link| link.language);
        let others = locales.filter_map(open_graph_locale);
        let others: Vec<String> = others
            .filter(|other| Some(other) != locale.as_ref())
            .collect();
        fields
            .with("translations", translations_value(&self.links, frame))
            .with("hreflang", alternates.collect::<Vec<_>>())
            .with_optional("locale", locale)
            .with("locale_alternates", others)
    }
}

/// Returns what search engines learn of the translations of a text: each page that they show with the
/// text, itself among them, and the one for all other languages. Returns nothing if they do not show
/// the text, or nothing else.
pub(super) fn list_alternates<'s>(
    id: TextId,
    corpus: &'s Corpus,
    site_language: &'s str,
) -> Vec<LanguageAlternate<'s>> {
    let Some(place) = corpus.text(id).translation else {
        return Vec::new();
    };
    if !is_indexed(id, corpus) {
        return Vec::new();
    }
    let group = &corpus.translations[place.group as usize];
    let indexed: Vec<TextId> = group
        .members
        .iter()
        .copied()
        .filter(|&id| is_indexed(id, corpus))
        .collect();
    if indexed.len() < 2 {
        return Vec::new();
    }
    let alternate = |language, id| LanguageAlternate {
        language,
        path: &corpus.text(id).path,
    };
    let default = group.of_site.filter(|id| indexed.contains(id));
    indexed
        .iter()
        .map(|&id| alternate(corpus.text(id).language(site_language), id))
        .chain(default.map(|id| alternate("x-default", id)))
        .collect()
}
