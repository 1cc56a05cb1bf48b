//! The requests of batches that are known while their results are read: what a reply was asked for.
//!
//! A request is found by its name. Batches that have nothing to do with each other may use the same
//! names, so a name with several different requests stands for the one that the text is about, if
//! that is clear.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pressrun_text::line::number_lines;
use pressrun_text::similarity::subjects::number_words;
use pressrun_text::words::fold_words;

use super::chat::ChatRole;
use super::json::{BatchRequest, ChatText};
use super::prompt;
use crate::post::category::CategoryList;
use crate::post::record::make_request_id;

/// The maximum number of requests that use a word, for the word to lead to them.
const MAX_SHARED: usize = 50;

/// The maximum number of words of a prompt that are looked at, if it has no topic.
const MAX_WORDS: usize = 400;

/// What a request asks for.
#[derive(Debug)]
pub struct KnownRequest {
    /// Its name.
    pub id: String,
    /// The file that it is in.
    pub file: Arc<str>,
    /// A hash of what it asks for; see [`hash_request`].
    pub digest: u128,
    /// The topic.
    pub topic: Option<String>,
    /// The closed list of categories.
    pub categories: Option<Arc<CategoryList>>,
    /// The words that hardly another request has, by number.
    words: Box<[u32]>,
}

/// The requests that are known.
#[derive(Debug, Default)]
pub struct RequestBook {
    requests: Vec<KnownRequest>,
    /// Indices of the requests with a name, in the form that every service takes.
    by_id: HashMap<Box<str>, Vec<u32>>,
    /// Indices of the requests that few words lead to.
    by_word: HashMap<u32, Vec<u32>>,
}

/// What the book says about a reply.
#[derive(Debug)]
pub struct FoundRequest<'b> {
    /// What was asked for under the name of the reply.
    pub own: &'b KnownRequest,
    /// Another request, which the text fits although it does not fit its own.
    pub other: Option<&'b KnownRequest>,
}

/// Returns the hash of what a request asks for: its topic, or else its whole text. Case, punctuation
/// and white space do not count.
pub fn hash_request(text: &str) -> u128 {
    let hash = blake3::hash(fold_words(text).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    u128::from_le_bytes(bytes)
}

/// Returns the hash of what a request of a batch asks for.
pub fn hash_batch_request(request: &BatchRequest) -> u128 {
    let messages = request.messages();
    hash_messages(&messages, read_messages(&messages).topic.as_deref())
}

fn hash_messages(messages: &[ChatText], topic: Option<&str>) -> u128 {
    let all = || messages.iter().map(|message| &*message.text);
    match topic {
        Some(topic) => hash_request(topic),
        None => hash_request(&all().collect::<Vec<_>>().join("\n")),
    }
}

impl RequestBook {
    /// Makes a book of topics; each comes with the name of its request.
    pub fn from_topics(topics: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut book = Self::default();
        let file: Arc<str> = "".into();
        for (id, topic) in topics {
            book.insert(KnownRequest {
                id,
                file: Arc::clone(&file),
                digest: hash_request(&topic),
                words: find_words(&topic),
                topic: Some(topic),
                categories: None,
            });
        }
        book.keep_rare_words();
        book
    }

    /// Makes a book of requests; each comes with the file that it is in.
    pub fn from_requests(requests: impl IntoIterator<Item = (Arc<str>, BatchRequest)>) -> Self {
        let mut book = Self::default();
        for (file, request) in requests {
            book.add(file, &request);
        }
        book.keep_rare_words();
        book
    }

    /// Returns whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Returns the number of requests.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    fn add(&mut self, file: Arc<str>, request: &BatchRequest) {
        let Some(id) = &request.id else {
            return;
        };
        let messages = request.messages();
        let asked = read_messages(&messages);
        // Most prompts of a batch have the same list, which is kept once.
        let last = self
            .requests
            .last()
            .and_then(|last| last.categories.clone());
        let categories = match (asked.categories, last) {
            (Some(now), Some(last)) if now.names() == last.names() => Some(last),
            (now, _) => now,
        };
        let users = messages
            .iter()
            .rfind(|message| message.side == ChatRole::User);
        let text = asked
            .topic
            .as_deref()
            .or(users.map(|message| &*message.text));
        self.insert(KnownRequest {
            id: id.clone(),
            file,
            digest: hash_messages(&messages, asked.topic.as_deref()),
            words: find_words(text.unwrap_or_default()),
            topic: asked.topic,
            categories,
        });
    }

    fn insert(&mut self, request: KnownRequest) {
        let index = self.requests.len() as u32;
        let key = make_request_id(&request.id).into();
        self.by_id.entry(key).or_default().push(index);
        self.requests.push(request);
    }

    /// Keeps the words that show which request a text answers: those that at most a tenth of the
    /// requests have, or one.
    fn keep_rare_words(&mut self) {
        let mut uses: HashMap<u32, u32> = HashMap::new();
        let mut seen = HashSet::new();
        for request in &self.requests {
            // A request that is asked again counts once.
            if seen.insert((make_request_id(&request.id), request.digest)) {
                for &word in &request.words {
                    *uses.entry(word).or_default() += 1;
                }
            }
        }
        let most = (seen.len() / 10).max(1) as u32;
        for (index, request) in (0..).zip(&mut self.requests) {
            let words = request.words.iter().copied();
            request.words = words
                .filter(|word| uses.get(word).is_none_or(|&uses| uses <= most))
                .collect();
            for &word in &request.words {
                let listed = self.by_word.entry(word).or_default();
                if listed.len() <= MAX_SHARED {
                    listed.push(index);
                }
            }
        }
        self.by_word.retain(|_, listed| listed.len() <= MAX_SHARED);
    }

    /// Finds what a reply with this name and text was asked for.
    pub fn find(&self, id: &str, text: &str) -> Option<FoundRequest<'_>> {
        let indices = self.by_id.get(&*make_request_id(id))?;
        let mut words = number_words(text, usize::MAX);
        words.sort_unstable();
        words.dedup();
        let own = self.choose(indices, |request| request.measure_fit(&words))?;
        let fits = own.words.is_empty() || own.measure_fit(&words) >= 0.5;
        let other = if fits {
            None
        } else {
            self.find_fitting(&words, own)
        };
        Some(FoundRequest { own, other })
    }

    /// Finds what is asked under a name, if all requests of that name ask for the same.
    pub fn find_single(&self, id: &str) -> Option<&KnownRequest> {
        self.choose(self.by_id.get(&*make_request_id(id))?, |_| 0.0)
    }

    /// Returns whether a request of this name and hash is known.
    pub fn has_request(&self, id: &str, digest: u128) -> bool {
        let indices = self.by_id.get(&*make_request_id(id));
        let mut indices = indices.into_iter().flatten();
        indices.any(|&index| self.requests[index as usize].digest == digest)
    }

    /// Returns whether requests of this name are known.
    pub fn has_id(&self, id: &str) -> bool {
        self.by_id.contains_key(&*make_request_id(id))
    }

    fn choose(&self, indices: &[u32], fit: impl Fn(&KnownRequest) -> f64) -> Option<&KnownRequest> {
        let known = |&index: &u32| &self.requests[index as usize];
        let first = known(indices.first()?);
        if indices
            .iter()
            .all(|index| known(index).digest == first.digest)
        {
            return Some(first);
        }
        let best = indices
            .iter()
            .map(known)
            .max_by(|a, b| fit(a).total_cmp(&fit(b)))?;
        let others = indices
            .iter()
            .map(known)
            .filter(|one| one.digest != best.digest);
        let second = others.map(&fit).fold(0.0, f64::max);
        (fit(best) >= 0.5 && fit(best) > second).then_some(best)
    }

    /// Returns another request of the same file all of whose words the text has.
    fn find_fitting(&self, words: &[u32], own: &KnownRequest) -> Option<&KnownRequest> {
        let mut hits: HashMap<u32, usize> = HashMap::new();
        for word in words {
            for &index in self.by_word.get(word).into_iter().flatten() {
                *hits.entry(index).or_default() += 1;
            }
        }
        let fitting = hits.into_iter().filter(|&(index, hits)| {
            let other = &self.requests[index as usize];
            let indexed = other
                .words
                .iter()
                .filter(|word| self.by_word.contains_key(word));
            other.file == own.file && other.digest != own.digest && hits == indexed.count()
        });
        // The one with most words, then the first: the order of a hash map must not matter.
        let best = fitting.max_by_key(|&(index, hits)| (hits, std::cmp::Reverse(index)));
        best.map(|(index, _)| &self.requests[index as usize])
    }
}

impl KnownRequest {
    /// Returns the share of its rare words that are among `words`, which are sorted.
    fn measure_fit(&self, words: &[u32]) -> f64 {
        let found = self
            .words
            .iter()
            .filter(|word| words.binary_search(word).is_ok());
        found.count() as f64 / self.words.len().max(1) as f64
    }
}

/// Returns the numbers of the words of a topic or prompt, sorted.
fn find_words(text: &str) -> Box<[u32]> {
    let mut words = number_words(text, MAX_WORDS);
    words.sort_unstable();
    words.dedup();
    words.into()
}

/// Reads what messages ask for, as if they stood above the reply in a text: a later message replaces
/// only what it states.
fn read_messages(messages: &[ChatText]) -> prompt::PromptRequest {
    let mut asked = prompt::PromptRequest::default();
    for message in messages
        .iter()
        .filter(|message| message.side != ChatRole::Assistant)
    {
        let now = prompt::read_prompt_request(&number_lines(&message.text));
        asked.topic = now.topic.or(asked.topic);
        asked.categories = now.categories.or(asked.categories);
    }
    asked
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::json::BatchService;
    use super::*;

    fn book(requests: &[(&str, &str, &str)]) -> RequestBook {
        let requests = requests.iter().map(|&(file, id, prompt)| {
            let record = json!({"body": {"messages": [{"role": "user", "content": prompt}]}});
            let request = BatchRequest {
                line: 1,
                id: Some(id.to_owned()),
                service: BatchService::OpenAi,
                record: record.as_object().cloned().unwrap(),
            };
            (file.into(), request)
        });
        RequestBook::from_requests(requests)
    }

    #[track_caller]
    fn check(book: &RequestBook, id: &str, text: &str, own: Option<&str>, other: Option<&str>) {
        let found = book.find(id, text);
        let topics =
            found.map(|found| (found.own.topic.clone(), found.other.map(|o| o.id.clone())));
        let (found, instead) = topics.unwrap_or_default();
        assert_eq!(found.as_deref(), own, "{text}");
        assert_eq!(instead.as_deref(), other, "{text}");
    }

    #[test]
    fn topic_comes_from_the_request_of_the_same_name() {
        let book = book(&[
            ("r", "1", "Choose from: A, B\nTOPIC: Green tea"),
            ("r", "2", "Choose from: A, B\nTOPIC: Rye bread"),
        ]);
        check(&book, "1", "All about green tea.", Some("Green tea"), None);
        check(&book, "3", "All about green tea.", None, None);
        let found = book.find("2", "Rye.").unwrap();
        assert_eq!(found.own.categories.as_ref().unwrap().names(), ["A", "B"]);
    }

    #[test]
    fn text_of_another_request_is_noticed() {
        let book = book(&[
            ("r", "1", "TOPIC: Green tea"),
            ("r", "2", "TOPIC: Rye bread"),
            ("s", "3", "TOPIC: White wine"),
        ]);
        check(&book, "1", "A bread of rye.", Some("Green tea"), Some("2"));
        check(&book, "2", "Tea is green.", Some("Rye bread"), Some("1"));
        // About something else altogether, or in a language that is not that of the topic.
        check(&book, "1", "Grüner Tee schmeckt.", Some("Green tea"), None);
        check(&book, "1", "Wine, white.", Some("Green tea"), None);
    }

    #[test]
    fn name_of_two_requests_stands_for_the_one_that_the_text_is_about() {
        let book = book(&[
            ("r", "1", "TOPIC: Green tea"),
            ("s", "1", "TOPIC: Rye bread"),
            ("s", "2", "TOPIC: Wheat"),
        ]);
        check(&book, "1", "A bread of rye.", Some("Rye bread"), None);
        check(&book, "1", "Something else.", None, None);
        assert!(book.find_single("1").is_none() && book.has_id("1"));
        assert!(book.find_single("2").is_some());
    }

    #[test]
    fn request_that_is_asked_again_is_the_same() {
        let book = book(&[("r", "1", "TOPIC: Tea"), ("again", "1", "TOPIC:  tea")]);
        check(&book, "1", "Nothing.", Some("Tea"), None);
    }
}
