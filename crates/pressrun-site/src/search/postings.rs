//! Collects on which pages each word occurs, and where, in the form that the index has on disk.
//!
//! Occurrences are kept encoded, two or three bytes each, so the memory of a large site is that of its
//! index. Pages are added in order; several [`Lexicon`]s are filled at the same time and then joined.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::cbor::{push_array, push_number, push_text};
use super::words::{IndexedWord, WordRules};

/// Weight of a word in a text. A part of a compound weighs a share of it.
const TEXT_WEIGHT: u8 = 24;

/// The weight that the script assumes before a page states another.
const ASSUMED_WEIGHT: u8 = 25;

/// How many different tokens are remembered.
const MAX_TOKENS: usize = 200_000;

/// Number of a word, or of a form of it, within a [`Lexicon`].
type EntryId = u32;

/// The form of a word without accents.
const PLAIN: EntryId = 0;

/// All words of some pages.
pub(super) struct Lexicon {
    rules: WordRules,
    ids: HashMap<Arc<str>, EntryId>,
    words: Vec<WordPages>,
    accented: HashMap<(EntryId, EntryId), Postings>,
    /// The words of the tokens so far, because texts repeat them.
    tokens: HashMap<Box<str>, Arc<[TokenWord]>>,
    occurrences: Vec<Occurrence>,
}

/// Pages with a word.
struct WordPages {
    word: Arc<str>,
    plain: Postings,
    /// Its forms with accents, in the order in which they were found.
    forms: Vec<EntryId>,
}

/// What stands between white space in a text, or a word of a text without spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextToken<'t> {
    pub text: &'t str,
    /// Whether it follows the one before without a space.
    pub is_joined: bool,
}

/// A word of a token.
#[derive(Clone, Copy)]
struct TokenWord {
    word: EntryId,
    form: EntryId,
    is_part: bool,
}

/// A place of a word on a page, in the order in which the index lists them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Occurrence {
    word: EntryId,
    form: EntryId,
    place: Place,
    position: u32,
}

/// Where on a page a word stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// In its text, with this weight.
    Text(u8),
    /// In the field with this number.
    Field(u8),
}

/// Encoded pages and places of one form of a word.
#[derive(Default)]
struct Postings {
    /// All but the start of the first page.
    bytes: Vec<u8>,
    pages: usize,
    first: u32,
    last: u32,
    /// How many numbers were encoded.
    numbers: usize,
}

/// The numbers of a word: its chunk of the index is full when it has enough of them.
pub(super) struct EncodedWord {
    pub word: Arc<str>,
    pub bytes: Vec<u8>,
    pub numbers: usize,
}

impl Lexicon {
    /// Returns a lexicon without words.
    pub(super) fn new(rules: WordRules) -> Self {
        let mut lexicon = Self {
            rules,
            ids: HashMap::new(),
            words: Vec::new(),
            accented: HashMap::new(),
            tokens: HashMap::new(),
            occurrences: Vec::new(),
        };
        // Takes the number of `PLAIN`.
        lexicon.intern("");
        lexicon
    }

    /// Adds a page, whose number is larger than those before: the tokens of its text, and its fields.
    pub(super) fn add_page(&mut self, page: u32, text: &[TextToken], fields: &[&str]) {
        let mut previous: Arc<[TokenWord]> = Arc::default();
        for (position, token) in text.iter().enumerate() {
            let words = self.token_words(token.text);
            let before = position.checked_sub(1).filter(|_| token.is_joined);
            let pair = before.and_then(|before| {
                let pair = self.rules.spanning_pair(text[before].text, token.text)?;
                let pair = self.intern_word(&pair);
                (!has_word(&words, pair)).then_some((before, pair))
            });
            let parts = words.iter().filter(|word| word.is_part).count();
            let part_weight = part_weight(parts + usize::from(pair.is_some()));
            for &word in words.iter() {
                let weight = if word.is_part {
                    part_weight
                } else {
                    TEXT_WEIGHT
                };
                self.push_occurrence(word, Place::Text(weight), position);
            }
            // The pair begins in the token before, which may have it already.
            if let Some((before, pair)) = pair
                && !has_word(&previous, pair)
            {
                self.push_occurrence(pair, Place::Text(part_weight), before);
            }
            previous = words;
        }
        for (number, field) in fields.iter().enumerate() {
            for (position, token) in field.split_whitespace().enumerate() {
                for word in self.rules.title_words(token) {
                    let word = self.intern_word(&word);
                    self.push_occurrence(word, Place::Field(number as u8), position);
                }
            }
        }
        self.encode_page(page);
    }

    /// Adds the pages of another lexicon, whose numbers are larger.
    pub(super) fn append(&mut self, mut later: Self) {
        let words: Vec<(Arc<str>, Postings, Vec<EntryId>)> = later
            .words
            .iter_mut()
            .map(|word| {
                let forms = std::mem::take(&mut word.forms);
                (
                    Arc::clone(&word.word),
                    std::mem::take(&mut word.plain),
                    forms,
                )
            })
            .collect();
        for (number, (word, plain, forms)) in words.into_iter().enumerate() {
            let id = self.intern(&word);
            self.words[id as usize].plain.append(plain);
            for form in forms {
                let text = Arc::clone(&later.words[form as usize].word);
                let Some(postings) = later.accented.remove(&(number as EntryId, form)) else {
                    continue;
                };
                let form = self.intern(&text);
                self.form_postings(id, form).append(postings);
            }
        }
    }

    /// Returns all words in their order, encoded.
    pub(super) fn into_encoded(self) -> Vec<EncodedWord> {
        let names: Vec<Arc<str>> = self
            .words
            .iter()
            .map(|word| Arc::clone(&word.word))
            .collect();
        let mut accented = self.accented;
        let words = self.words.into_iter().enumerate();
        let mut encoded: Vec<EncodedWord> = words
            .filter(|(_, word)| word.plain.pages > 0 || !word.forms.is_empty())
            .map(|(id, word)| {
                let mut bytes = Vec::new();
                let mut numbers = word.plain.numbers + word.forms.len();
                push_array(&mut bytes, 3);
                push_text(&mut bytes, &word.word);
                word.plain.encode_into(&mut bytes);
                push_array(&mut bytes, word.forms.len());
                for form in word.forms {
                    let postings = accented.remove(&(id as EntryId, form)).unwrap_or_default();
                    numbers += postings.numbers;
                    push_array(&mut bytes, 2);
                    push_text(&mut bytes, &names[form as usize]);
                    postings.encode_into(&mut bytes);
                }
                EncodedWord {
                    word: word.word,
                    bytes,
                    numbers,
                }
            })
            .collect();
        encoded.sort_unstable_by(|a, b| a.word.cmp(&b.word));
        encoded
    }

    fn token_words(&mut self, token: &str) -> Arc<[TokenWord]> {
        if let Some(words) = self.tokens.get(token) {
            return Arc::clone(words);
        }
        if self.tokens.len() >= MAX_TOKENS {
            self.tokens.clear();
        }
        let words = self.rules.text_words(token);
        let words: Arc<[TokenWord]> = words.iter().map(|word| self.intern_word(word)).collect();
        self.tokens.insert(token.into(), Arc::clone(&words));
        words
    }

    fn intern_word(&mut self, word: &IndexedWord) -> TokenWord {
        TokenWord {
            word: self.intern(&word.word),
            form: word
                .accented
                .as_deref()
                .map_or(PLAIN, |form| self.intern(form)),
            is_part: word.is_part,
        }
    }

    fn intern(&mut self, word: &str) -> EntryId {
        if let Some(&id) = self.ids.get(word) {
            return id;
        }
        let id = self.words.len() as EntryId;
        let word: Arc<str> = word.into();
        self.ids.insert(Arc::clone(&word), id);
        self.words.push(WordPages {
            word,
            plain: Postings::default(),
            forms: Vec::new(),
        });
        id
    }

    fn push_occurrence(&mut self, word: TokenWord, place: Place, position: usize) {
        self.occurrences.push(Occurrence {
            word: word.word,
            form: word.form,
            place,
            position: position as u32,
        });
    }

    /// Encodes the occurrences of a page.
    fn encode_page(&mut self, page: u32) {
        let mut occurrences = std::mem::take(&mut self.occurrences);
        occurrences.sort_unstable();
        let mut bytes = Vec::new();
        for places in occurrences.chunk_by(|a, b| a.word == b.word) {
            let mut forms: Vec<&[Occurrence]> = places.chunk_by(|a, b| a.form == b.form).collect();
            if forms.len() > 1 {
                // Forms are listed as they are found: those of a text before those of its fields.
                forms.sort_by_key(|places| {
                    let form = places[0].form;
                    let text = Arc::clone(&self.words[form as usize].word);
                    (
                        form != PLAIN,
                        matches!(places[0].place, Place::Field(_)),
                        text,
                    )
                });
            }
            for places in forms {
                bytes.clear();
                let numbers = encode_places(places, &mut bytes);
                let Occurrence { word, form, .. } = places[0];
                let postings = if form == PLAIN {
                    &mut self.words[word as usize].plain
                } else {
                    self.form_postings(word, form)
                };
                postings.push_page(page, &bytes, numbers);
            }
        }
        occurrences.clear();
        self.occurrences = occurrences;
    }

    fn form_postings(&mut self, word: EntryId, form: EntryId) -> &mut Postings {
        match self.accented.entry((word, form)) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                self.words[word as usize].forms.push(form);
                entry.insert(Postings::default())
            }
        }
    }
}

fn has_word(words: &[TokenWord], word: TokenWord) -> bool {
    words.iter().any(|known| known.word == word.word)
}

/// Returns the weight of each of so many parts of a token.
fn part_weight(parts: usize) -> u8 {
    let parts = u8::try_from(parts.max(1)).unwrap_or(u8::MAX);
    (TEXT_WEIGHT / parts).max(1)
}

/// Encodes where one form of a word stands on a page, and returns how many numbers that took.
///
/// A position is written as its distance from the one before. A weight or a field is written as a
/// negative number before the positions that have it.
fn encode_places(places: &[Occurrence], out: &mut Vec<u8>) -> usize {
    let in_text = places.partition_point(|place| matches!(place.place, Place::Text(_)));
    let (text, fields) = places.split_at(in_text);
    let mut numbers = Vec::with_capacity(places.len() + 2);
    let (mut weight, mut last) = (ASSUMED_WEIGHT, 0);
    for place in text {
        let Place::Text(new) = place.place else {
            continue;
        };
        if new != weight {
            numbers.push(-i64::from(new) - 1);
            (weight, last) = (new, 0);
        }
        numbers.push(i64::from(place.position - last));
        last = place.position;
    }
    let in_text = numbers.len();
    let mut field = None;
    for place in fields {
        let Place::Field(new) = place.place else {
            continue;
        };
        if field != Some(new) {
            numbers.push(-i64::from(new) - 1);
            (field, last) = (Some(new), 0);
        }
        numbers.push(i64::from(place.position - last));
        last = place.position;
    }
    for list in [&numbers[..in_text], &numbers[in_text..]] {
        push_array(out, list.len());
        for &number in list {
            push_number(out, number);
        }
    }
    numbers.len()
}

impl Postings {
    fn push_page(&mut self, page: u32, places: &[u8], numbers: usize) {
        if self.pages == 0 {
            self.first = page;
        } else {
            self.push_start(page - self.last);
        }
        self.bytes.extend_from_slice(places);
        self.pages += 1;
        self.last = page;
        self.numbers += numbers + 1;
    }

    fn append(&mut self, later: Self) {
        if later.pages == 0 {
            return;
        }
        if self.pages == 0 {
            *self = later;
            return;
        }
        self.push_start(later.first - self.last);
        self.bytes.extend_from_slice(&later.bytes);
        self.pages += later.pages;
        self.last = later.last;
        self.numbers += later.numbers;
    }

    fn push_start(&mut self, distance: u32) {
        push_array(&mut self.bytes, 3);
        push_number(&mut self.bytes, distance.into());
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        push_array(out, self.pages);
        if self.pages > 0 {
            push_array(out, 3);
            push_number(out, self.first.into());
        }
        out.extend_from_slice(&self.bytes);
    }
}
