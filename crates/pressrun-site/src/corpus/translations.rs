//! Ties posts that are translations of each other, and pages likewise: those with one translation key,
//! each in its own language.
//!
//! A list shows one post of such a group, which leads to the others: the one in the language of the
//! site, otherwise the original. All members have pages. A post or page that is not published is no
//! member, so a group can come and go.
//!
//! Not here: which key a text has (`pressrun-posts`, `discover`).

use std::collections::{BTreeMap, HashMap};
use std::iter::once;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::{Originality, Post};
use pressrun_text::language;

use serde::{Deserialize, Serialize};

use super::{Corpus, CorpusPage, CorpusPost, PostId, SeriesPlace, TermId, TextId};
use crate::cache::StoredBody;

/// The maximum number of translations of a text, each of whose pages names all of them.
const MOST_TRANSLATIONS: usize = 100;

/// The index of a group in [`Corpus::translations`].
pub type TranslationGroupId = u32;

/// Texts that say the same in different languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslationGroup {
    /// At least two posts, or two pages: the one in the language of the site first, then by the tags
    /// of their languages.
    pub members: Vec<TextId>,
    /// The member in the language of the site, or in a variety of it.
    pub of_site: Option<TextId>,
}

/// The place of a text among its translations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslationPlace {
    /// The group.
    pub group: TranslationGroupId,
    /// How many of its members a list prefers to this one.
    rank: u32,
}

/// Ties texts, posts in their final order. Returns the groups, and a warning for each text that has the
/// key and the language of another.
pub(super) fn tie_translations(
    posts: &mut [CorpusPost],
    pages: &mut [CorpusPage],
    site_language: &str,
) -> (Vec<TranslationGroup>, Vec<Diagnostic>) {
    let mut groups = Vec::new();
    let mut found = Vec::new();
    for texts in collect_keys(posts, pages) {
        let of = |id: TextId| match id {
            TextId::Page(id) => &pages[id as usize].text,
            TextId::Post(id) | TextId::ListText(id) => &posts[id as usize],
        };
        let mut ranked = choose_members(texts, of, site_language, &mut found);
        if ranked.len() < 2 {
            continue;
        }
        // The sort is stable, so the original goes first among those of one kind.
        ranked.sort_by_key(|&id| LanguageMatch::new(of(id).language(site_language), site_language));
        let group = groups.len() as TranslationGroupId;
        let tag = |id: TextId| of(id).language(site_language);
        let is_other =
            |id: TextId| LanguageMatch::new(tag(id), site_language) == LanguageMatch::Other;
        let of_site = Some(ranked[0]).filter(|&id| !is_other(id));
        let mut members = ranked.clone();
        members.sort_by_cached_key(|&id| (Some(id) != of_site, tag(id).to_ascii_lowercase()));
        groups.push(TranslationGroup { members, of_site });
        for (id, rank) in ranked.into_iter().zip(0..) {
            let entry = match id {
                TextId::Page(id) => &mut pages[id as usize].text,
                TextId::Post(id) | TextId::ListText(id) => &mut posts[id as usize],
            };
            entry.translation = Some(TranslationPlace { group, rank });
        }
    }
    (groups, found)
}

/// Returns the texts of each key that several have.
fn collect_keys(posts: &[CorpusPost], pages: &[CorpusPage]) -> Vec<Vec<TextId>> {
    let mut by_key: BTreeMap<(bool, &str), Vec<TextId>> = BTreeMap::new();
    let posts = posts.iter().zip(0..);
    let posts = posts.map(|(entry, id)| (entry, TextId::Post(id)));
    let pages = pages.iter().zip(0..);
    let pages = pages.map(|(page, id)| (&page.text, TextId::Page(id)));
    for (entry, id) in posts.chain(pages) {
        if let Some(key) = &entry.post.translation_key {
            // A post is a translation of a post, and a page of a page.
            let is_page = matches!(id, TextId::Page(_));
            by_key.entry((is_page, key)).or_default().push(id);
        }
    }
    by_key.into_values().filter(|ids| ids.len() > 1).collect()
}

/// Returns one text for each language, the original first. The others are reported.
fn choose_members<'p>(
    mut texts: Vec<TextId>,
    of: impl Fn(TextId) -> &'p CorpusPost,
    site_language: &str,
    found: &mut Vec<Diagnostic>,
) -> Vec<TextId> {
    // A draft, if it is shown, takes no place from a post that is finished.
    texts.sort_by_cached_key(|&id| {
        let entry = of(id);
        let source = &entry.post.source;
        (
            entry.hold().is_some(),
            Originality::new(entry.moment(), source),
        )
    });
    let mut of_languages: HashMap<String, TextId> = HashMap::new();
    let mut members = Vec::new();
    for id in texts {
        let entry = of(id);
        let tag = entry.language(site_language);
        if let Some(&first) = of_languages.get(&tag.to_ascii_lowercase()) {
            if entry.hold().is_none() {
                found.push(report_same_language(&entry.post, &of(first).post, tag));
            }
        } else if members.len() < MOST_TRANSLATIONS {
            of_languages.insert(tag.to_ascii_lowercase(), id);
            members.push(id);
        } else {
            found.push(report_too_many(&entry.post));
        }
    }
    members
}

/// How near a language is to that of the site; the nearest is the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum LanguageMatch {
    Same,
    /// Another variety of it: `en-GB` on a site in `en`.
    Variety,
    Other,
}

impl LanguageMatch {
    fn new(tag: &str, of_site: &str) -> Self {
        if tag.eq_ignore_ascii_case(of_site) {
            Self::Same
        } else if language::primary_subtag(tag) == language::primary_subtag(of_site) {
            Self::Variety
        } else {
            Self::Other
        }
    }
}

fn report_same_language(
    post: &Post<StoredBody>,
    first: &Post<StoredBody>,
    tag: &str,
) -> Diagnostic {
    let message = format!(
        "{} has the translation key {} and the language `{tag}`, and so has {} at `{}:{}`",
        quote_for_message(&post.title),
        quote_for_message(post.translation_key.as_deref().unwrap_or_default()),
        quote_for_message(&first.title),
        first.source.file,
        first.source.line,
    );
    report_untied(post, message)
        .with_help("give one of them another `translation_key` or `language`")
}

fn report_too_many(post: &Post<StoredBody>) -> Diagnostic {
    let message = format!(
        "more than {MOST_TRANSLATIONS} languages have the translation key {}, so {} is not tied to the \
         others",
        quote_for_message(post.translation_key.as_deref().unwrap_or_default()),
        quote_for_message(&post.title),
    );
    report_untied(post, message).with_help("give each text and its translations a key of their own")
}

fn report_untied(post: &Post<StoredBody>, message: String) -> Diagnostic {
    let place = FilePlace::line(post.source.file.clone(), post.source.line);
    Diagnostic::new(Code::DuplicateTranslation, place, message)
}

/// Keeps one text of each group: of those that a list has, the one that it prefers. Returns the
/// others. Both keep their order.
pub(crate) fn keep_one_translation<T>(
    listed: &mut Vec<T>,
    place: impl Fn(&T) -> Option<TranslationPlace>,
) -> Vec<T> {
    let mut best: HashMap<TranslationGroupId, u32> = HashMap::new();
    for place in listed.iter().filter_map(&place) {
        let rank = best.entry(place.group).or_insert(place.rank);
        *rank = place.rank.min(*rank);
    }
    if best.is_empty() {
        return Vec::new();
    }
    let is_best = |place: TranslationPlace| best[&place.group] == place.rank;
    let all = std::mem::take(listed).into_iter();
    let (kept, others) = all.partition(|one| place(one).is_none_or(is_best));
    *listed = kept;
    others
}

/// Gives the posts that their series does not list, because it lists a translation, the part of that
/// one. `series` are the series that each post states.
pub(super) fn number_translated_parts(entries: &mut [CorpusPost], series: &[Vec<TermId>]) {
    let place = |entry: &CorpusPost| Some((entry.series?, entry.translation?.group));
    let listed = entries.iter().filter_map(place);
    let listed = listed.map(|(part, group)| ((part.id, group), part));
    let parts: HashMap<(TermId, TranslationGroupId), SeriesPlace> = listed.collect();
    if parts.is_empty() {
        return;
    }
    for (entry, stated) in entries.iter_mut().zip(series) {
        if let (None, [id], Some(place)) = (entry.series, &**stated, entry.translation) {
            entry.series = parts.get(&(*id, place.group)).copied();
        }
    }
}

impl Corpus {
    /// Returns the translations of a text, the one in the language of the site first, then by the tags
    /// of their languages.
    pub fn translations_of(&self, id: TextId) -> impl Iterator<Item = TextId> {
        let place = self.text(id).translation;
        let group = place.map(|place| &self.translations[place.group as usize]);
        let members = group.map_or(&[][..], |group| &group.members);
        members.iter().copied().filter(move |&other| other != id)
    }

    /// Returns the translation of a post in the language of `reader`, or the post itself if it has
    /// none.
    pub fn choose_for_reader(&self, id: PostId, reader: &CorpusPost) -> PostId {
        let is_readable = |id: &PostId| {
            let tag = self.post(*id).post.language.as_deref();
            match (tag, reader.post.language.as_deref()) {
                (Some(tag), Some(read)) => tag.eq_ignore_ascii_case(read),
                (tag, read) => tag == read,
            }
        };
        if is_readable(&id) {
            return id;
        }
        let others = self.translations_of(TextId::Post(id));
        let mut others = others.filter_map(|id| match id {
            TextId::Post(id) => Some(id),
            TextId::Page(_) | TextId::ListText(_) => None,
        });
        others.find(is_readable).unwrap_or(id)
    }

    /// Returns the posts before and after a post in the list of all posts, the newer one first. They
    /// are those around its translation that the list shows, each in the language of the post if it
    /// has a translation into it.
    pub fn neighbours(&self, id: PostId) -> [Option<PostId>; 2] {
        let reader = self.post(id);
        let beside = self.listed_beside(id);
        beside.map(|id| Some(self.choose_for_reader(id?, reader)))
    }

    /// Returns the posts beside a post in the list of all posts and in its series. What a reader is shown
    /// of them is one of their [translations](Self::translations_of) or the post itself.
    pub fn list_beside(&self, id: PostId) -> Vec<PostId> {
        let mut beside: Vec<PostId> = self.listed_beside(id).into_iter().flatten().collect();
        if let Some(place) = self.post(id).series {
            let parts = &self.series[place.id as usize].posts;
            let at = place.part as usize;
            let near = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten();
            beside.extend(near.filter_map(|at| parts.get(at)));
        }
        beside
    }

    /// Returns the posts before and after a post in the list of all posts, whatever their languages.
    fn listed_beside(&self, id: PostId) -> [Option<PostId>; 2] {
        let others = self.translations_of(TextId::Post(id));
        let all = once(TextId::Post(id)).chain(others);
        let card = all
            .filter_map(|id| match id {
                TextId::Post(id) => Some((self.post(id).translation?.rank, id)),
                TextId::Page(_) | TextId::ListText(_) => None,
            })
            .min()
            .map_or(id, |(_, id)| id);
        // The list is in the order of ids.
        let Ok(at) = self.listed.binary_search(&card) else {
            return [None, None];
        };
        let listed = |at: usize| self.listed.get(at).copied();
        [at.checked_sub(1).and_then(listed), listed(at + 1)]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pressrun_posts::post::{Date, PostSource};

    use super::*;

    /// A post by its file, translation key, language and day.
    type TestPost = (&'static str, &'static str, &'static str, i8);

    /// Makes posts in the order of their days, the newest first.
    fn make_posts(posts: &[TestPost]) -> Vec<CorpusPost> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let make = |&(file, key, language, day): &TestPost| CorpusPost {
            post: Arc::new(Post {
                source: PostSource {
                    file: file.into(),
                    line: 1,
                    index: 0,
                },
                title: file.to_owned(),
                translation_key: some(key),
                language: some(language),
                draft: file.starts_with("draft"),
                ..Post::default()
            }),
            date: Some(Date::constant(2026, 1, day).into()),
            ..CorpusPost::default()
        };
        posts.iter().map(make).collect()
    }

    /// Ties posts of an English site, and returns the corpus with the findings.
    fn tie(posts: &[TestPost]) -> (Corpus, Vec<Diagnostic>) {
        let mut posts = make_posts(posts);
        let (translations, found) = tie_translations(&mut posts, &mut [], "en");
        let mut listed: Vec<PostId> = (0..posts.len() as PostId).collect();
        keep_one_translation(&mut listed, |&id| posts[id as usize].translation);
        let corpus = Corpus {
            posts,
            listed,
            translations,
            ..Corpus::default()
        };
        (corpus, found)
    }

    #[track_caller]
    fn check(posts: &[TestPost], groups: &[&[PostId]], listed: &[PostId]) -> Corpus {
        let (corpus, found) = tie(posts);
        assert_eq!(found, []);
        let members = corpus.translations.iter().map(|group| {
            let members = group.members.iter();
            let ids = members.map(|id| match id {
                TextId::Post(id) => *id,
                other => panic!("{other:?}"),
            });
            ids.collect::<Vec<_>>()
        });
        assert_eq!(members.collect::<Vec<_>>(), groups);
        assert_eq!(corpus.listed, listed);
        corpus
    }

    #[test]
    fn list_shows_the_one_in_the_language_of_the_site() {
        let posts = [
            ("a.ja", "a", "ja", 9),
            ("b.de", "b", "de", 8),
            ("a.en", "a", "", 5),
            ("a.de", "a", "de", 2),
        ];
        let corpus = check(&posts, &[&[2, 3, 0]], &[1, 2]);
        assert_eq!(corpus.translations[0].of_site, Some(TextId::Post(2)));
    }

    #[test]
    fn otherwise_it_shows_a_variety_of_that_language_or_the_original() {
        let posts = [("a.de", "a", "de", 9), ("a.ja", "a", "ja", 2)];
        let corpus = check(&posts, &[&[0, 1]], &[1]);
        assert_eq!(corpus.translations[0].of_site, None);
        let posts = [("a.gb", "a", "en-GB", 9), ("a.ja", "a", "ja", 2)];
        let corpus = check(&posts, &[&[0, 1]], &[0]);
        assert_eq!(corpus.translations[0].of_site, Some(TextId::Post(0)));
    }

    #[test]
    fn text_alone_with_its_key_has_no_translations() {
        check(&[("a", "a", "de", 9), ("b", "", "", 2)], &[], &[0, 1]);
    }

    #[test]
    fn second_text_in_a_language_is_reported_with_the_first_and_stands_alone() {
        let (corpus, found) = tie(&[
            ("draft", "a", "de", 1),
            ("new", "a", "DE", 9),
            ("old", "a", "de", 5),
            ("a", "a", "", 4),
        ]);
        let found: Vec<(String, &str)> = found
            .iter()
            .map(|one| (one.place.to_string(), &*one.message))
            .collect();
        let message =
            "`new` has the translation key `a` and the language `DE`, and so has `old` at `old:1`";
        assert_eq!(found, [("new:1".to_owned(), message)]);
        let members = [TextId::Post(3), TextId::Post(2)];
        assert_eq!(corpus.translations[0].members, members);
        assert_eq!(corpus.listed, [0, 1, 3]);
    }

    #[test]
    fn neighbours_are_those_of_the_listed_translation_in_the_language_of_the_post() {
        let posts = [
            ("c.en", "c", "", 9),
            ("b.ja", "b", "ja", 8),
            ("b.en", "b", "", 7),
            ("a.de", "a", "de", 6),
            ("b.de", "b", "de", 5),
            ("a.en", "a", "", 4),
        ];
        let (corpus, _) = tie(&posts);
        assert_eq!(corpus.listed, [0, 2, 5]);
        assert_eq!(corpus.neighbours(2), [Some(0), Some(5)]);
        assert_eq!(corpus.neighbours(4), [Some(0), Some(3)]);
        assert_eq!(corpus.neighbours(1), [Some(0), Some(5)]);
        assert_eq!(corpus.neighbours(3), [Some(4), None]);
    }

    #[test]
    fn pages_and_posts_are_not_translations_of_each_other() {
        let mut posts = make_posts(&[("a", "a", "", 1)]);
        let page = |post: TestPost| CorpusPage {
            text: make_posts(&[post]).remove(0),
            above: None,
        };
        let mut pages = vec![page(("b", "a", "de", 1)), page(("c", "a", "fr", 1))];
        let (groups, found) = tie_translations(&mut posts, &mut pages, "en");
        assert_eq!(found, []);
        assert_eq!(groups[0].members, [TextId::Page(0), TextId::Page(1)]);
        assert_eq!((groups.len(), posts[0].translation), (1, None));
    }

    #[test]
    fn key_of_too_many_languages_ties_some() {
        let languages: Vec<String> = (0..300).map(|number| format!("xx-{number}")).collect();
        let mut posts: Vec<CorpusPost> = make_posts(&[("a", "a", "", 1)]);
        for language in languages {
            let mut entry = posts[0].clone();
            Arc::make_mut(&mut entry.post).language = Some(language);
            posts.push(entry);
        }
        let (groups, found) = tie_translations(&mut posts, &mut [], "en");
        assert_eq!(groups[0].members.len(), MOST_TRANSLATIONS);
        assert_eq!(found.len(), 301 - MOST_TRANSLATIONS);
    }

    #[test]
    fn translation_that_a_series_does_not_list_has_the_part_of_the_listed_one() {
        let (mut corpus, _) = tie(&[("a.de", "a", "de", 2), ("a", "a", "", 1)]);
        corpus.posts[1].series = Some(SeriesPlace { id: 3, part: 4 });
        let mut series = vec![vec![3], vec![3]];
        number_translated_parts(&mut corpus.posts, &series);
        assert_eq!(corpus.posts[0].series, corpus.posts[1].series);
        // It names another series.
        corpus.posts[0].series = None;
        series[0] = vec![2];
        number_translated_parts(&mut corpus.posts, &series);
        assert_eq!(corpus.posts[0].series, None);
    }
}
