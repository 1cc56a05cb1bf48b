//! Makes the files of the index of one language.
//!
//! The files are those that Pagefind 1.6 writes: CBOR for words, filters and pages, JSON for the texts
//! that results show, all of them compressed.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use pressrun_text::segments::split_unspaced_words;
use rayon::prelude::*;
use serde::Serialize;

use super::cbor::{push_array, push_number, push_text};
use super::postings::{EncodedWord, Lexicon, TextToken};
use super::words::{WordRules, first_chars, has_words};
use super::{FOLDER, IndexFile, SearchDocument, script};

/// Number of documents whose texts share a file of the index.
///
/// A browser fetches the texts of the results it shows. One file for each document would mean
/// thousands of small files, each with compression tables of its own. With this number, a result
/// costs a few kilobytes more.
const BUNDLE: usize = 8;

/// How many numbers a chunk of the index has at least. A search fetches the chunks of its words.
const CHUNK: usize = 20_000;

/// How many digits the name of a page has at least.
const SHORT_NAME: usize = 7;

/// How hard files are compressed. The highest level takes twice the time and saves half a percent.
const LEVEL: u32 = 5;

/// What the script expects before the contents of each compressed file.
const MAGIC: &[u8] = b"pagefind_dcd";

/// Marks the end of each word in a text without spaces.
const WORD_END: char = '\u{200b}';

/// The index of one language.
pub(super) struct LanguageIndex {
    pub files: Vec<IndexFile>,
    /// Name of the file that lists the others.
    pub name: String,
    pub pages: usize,
}

/// A page as `pagefind.*.pf_meta` lists it.
struct ListedPage<'a> {
    /// Its name within its bundle.
    name: &'a str,
    words: usize,
    bundle: String,
}

/// What the script gets for a page that it found.
#[derive(Serialize)]
struct PageText<'a> {
    url: &'a str,
    content: String,
    word_count: usize,
    filters: BTreeMap<&'a str, &'a [String]>,
    meta: BTreeMap<&'a str, &'a str>,
    anchors: [&'a str; 0],
}

/// Makes the index of documents in one language, given as a BCP 47 tag in lower case. Documents without
/// a word are left out.
///
/// # Errors
///
/// Returns an error if a file cannot be compressed.
pub(super) fn index_language(
    language: &str,
    mut documents: Vec<SearchDocument>,
) -> io::Result<LanguageIndex> {
    documents.retain(|document| has_words(&document.text) || has_words(&document.title));
    let names = page_names(language, &documents);
    let has_dates = documents.iter().any(|document| document.date.is_some());
    // More parts than threads, because some take longer.
    let bundles = documents.len().div_ceil(BUNDLE);
    let part = bundles.div_ceil(2 * rayon::current_num_threads()).max(1) * BUNDLE;
    let mut parts: Vec<IndexPart> = documents
        .par_chunks(part)
        .zip(names.par_chunks(part))
        .enumerate()
        .map(|(nth, (documents, names))| {
            let mut index = IndexPart::empty(language, has_dates);
            for (number, documents) in documents.chunks(BUNDLE).enumerate() {
                let first = number * BUNDLE;
                index.add_bundle(nth * part + first, documents, &names[first..])?;
            }
            Ok(index)
        })
        .collect::<io::Result<_>>()?;
    let rest = parts.split_off(1.min(parts.len()));
    let mut index = parts
        .pop()
        .unwrap_or_else(|| IndexPart::empty(language, has_dates));
    for part in rest {
        index.append(part);
    }
    index.into_files()
}

/// Pages with consecutive numbers, indexed on one thread.
struct IndexPart<'a> {
    language: &'a str,
    has_dates: bool,
    lexicon: Lexicon,
    is_unspaced: bool,
    pages: Vec<ListedPage<'a>>,
    files: Vec<IndexFile>,
    /// Names of filters, their values, and the numbers of pages.
    filters: BTreeMap<&'static str, BTreeMap<&'a str, Vec<u32>>>,
}

impl<'a> IndexPart<'a> {
    fn empty(language: &'a str, has_dates: bool) -> Self {
        let rules = WordRules::of_language(language);
        Self {
            language,
            has_dates,
            is_unspaced: rules.is_unspaced,
            lexicon: Lexicon::new(rules),
            pages: Vec::new(),
            files: Vec::new(),
            filters: BTreeMap::new(),
        }
    }

    /// Adds documents whose texts share a file. Their numbers begin with `first`.
    fn add_bundle(
        &mut self,
        first: usize,
        documents: &'a [SearchDocument],
        names: &'a [String],
    ) -> io::Result<()> {
        let mut bundle: BTreeMap<&str, PageText> = BTreeMap::new();
        for (nth, (document, name)) in documents.iter().zip(names).enumerate() {
            let page = (first + nth) as u32;
            let text = without_word_ends(&document.text, self.is_unspaced);
            let tokens = self.split_tokens(&text);
            let date = document.date.as_deref();
            let fields = [date.unwrap_or_default(), &document.title];
            // The names of the fields are listed only if a document has them.
            let fields = &fields[usize::from(!self.has_dates)..];
            self.lexicon.add_page(page, &tokens, fields);

            let filters = [("category", &document.categories), ("tag", &document.tags)];
            let filters = filters.into_iter().filter(|(_, values)| !values.is_empty());
            for (filter, values) in filters.clone() {
                let pages = self.filters.entry(filter).or_default();
                for value in values {
                    pages.entry(value).or_default().push(page);
                }
            }
            let text = PageText {
                url: &document.path,
                content: self.join_tokens(&tokens),
                word_count: tokens.len().max(1),
                filters: filters
                    .map(|(name, values)| (name, values.as_slice()))
                    .collect(),
                meta: date
                    .map(|date| ("date", date))
                    .into_iter()
                    .chain([("title", document.title.as_str())])
                    .collect(),
                anchors: [],
            };
            bundle.insert(name, text);
        }
        let json = serde_json::to_vec(&bundle)?;
        let name = format!("{}_group_{}", self.language, content_name(&json));
        self.files.push(compressed_file(
            &format!("fragment/{name}.pf_fragment"),
            &json,
        )?);
        // In the order of the documents, which is not that of their names.
        for page in names.iter().zip(documents).map(|(name, _)| name) {
            self.pages.push(ListedPage {
                name: page,
                words: bundle[page.as_str()].word_count,
                bundle: name.clone(),
            });
        }
        Ok(())
    }

    fn split_tokens<'t>(&self, text: &'t str) -> Vec<TextToken<'t>> {
        let runs = text.split_whitespace();
        if !self.is_unspaced {
            let is_joined = false;
            return runs.map(|text| TextToken { text, is_joined }).collect();
        }
        let mut tokens = Vec::new();
        for run in runs {
            let words = run.split(WORD_END).flat_map(split_unspaced_words);
            let words = words.filter(|word| !word.is_empty()).enumerate();
            tokens.extend(words.map(|(nth, text)| TextToken {
                text,
                is_joined: nth > 0,
            }));
        }
        tokens
    }

    /// Returns the text that results show, in which the script finds words by their numbers.
    fn join_tokens(&self, tokens: &[TextToken]) -> String {
        let mut text = String::new();
        for (nth, token) in tokens.iter().enumerate() {
            if nth > 0 && !token.is_joined {
                text.push(' ');
            }
            if nth > 0 && self.is_unspaced {
                text.push(WORD_END);
            }
            text.push_str(token.text);
        }
        text
    }

    /// Adds a part whose numbers follow.
    fn append(&mut self, later: Self) {
        self.lexicon.append(later.lexicon);
        self.pages.extend(later.pages);
        self.files.extend(later.files);
        for (filter, values) in later.filters {
            let pages = self.filters.entry(filter).or_default();
            for (value, numbers) in values {
                pages.entry(value).or_default().extend(numbers);
            }
        }
    }

    /// Writes the words and the filters, and the file that lists everything.
    fn into_files(self) -> io::Result<LanguageIndex> {
        let language = self.language;
        let mut files = self.files;

        let mut filters = Vec::new();
        for (filter, values) in &self.filters {
            let bytes = encode_filter(filter, values);
            let name = format!("{language}_{}", content_name(&bytes));
            files.push(compressed_file(
                &format!("filter/{name}.pf_filter"),
                &bytes,
            )?);
            filters.push((*filter, name));
        }

        let words = self.lexicon.into_encoded();
        let chunks = split_chunks(&words);
        let chunk_files: Vec<(String, IndexFile)> = chunks
            .par_iter()
            .map(|words| {
                let bytes = encode_chunk(words);
                let name = format!("{language}_{}", content_name(&bytes));
                let file = compressed_file(&format!("index/{name}.pf_index"), &bytes)?;
                Ok((name, file))
            })
            .collect::<io::Result<_>>()?;
        let (names, chunk_files): (Vec<String>, Vec<IndexFile>) = chunk_files.into_iter().unzip();
        files.extend(chunk_files);

        let mut listing = Vec::new();
        push_array(&mut listing, 6);
        push_text(&mut listing, script::VERSION);
        push_array(&mut listing, self.pages.len());
        for page in &self.pages {
            push_array(&mut listing, 3);
            push_text(&mut listing, page.name);
            let words = i64::try_from(page.words).unwrap_or(i64::MAX);
            push_number(&mut listing, words);
            push_text(&mut listing, &page.bundle);
        }
        push_array(&mut listing, chunks.len());
        for (ends, name) in chunk_ends(&chunks).iter().zip(&names) {
            push_array(&mut listing, 3);
            for text in [ends.0, ends.1, name] {
                push_text(&mut listing, text);
            }
        }
        push_array(&mut listing, filters.len());
        for (filter, name) in &filters {
            push_array(&mut listing, 2);
            push_text(&mut listing, filter);
            push_text(&mut listing, name);
        }
        // No page is sorted by other things than how well it matches.
        push_array(&mut listing, 0);
        let fields = &["date", "title"][usize::from(!self.has_dates)..];
        push_array(&mut listing, fields.len());
        for field in fields {
            push_text(&mut listing, field);
        }
        let name = format!("{language}_{}", content_name(&listing));
        files.push(compressed_file(
            &format!("pagefind.{name}.pf_meta"),
            &listing,
        )?);
        Ok(LanguageIndex {
            files,
            name,
            pages: self.pages.len(),
        })
    }
}

/// Removes invisible marks of word ends, which the script uses for its own purposes. In a text without
/// spaces they divide words.
fn without_word_ends(text: &str, is_unspaced: bool) -> Cow<'_, str> {
    if is_unspaced || !text.contains(WORD_END) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(WORD_END, ""))
}

/// Returns a short name for each document, made from its path.
fn page_names(language: &str, documents: &[SearchDocument]) -> Vec<String> {
    let mut taken = HashSet::new();
    let name_page = |document: &SearchDocument| {
        let hash = blake3::hash(document.path.as_bytes()).to_hex();
        let lengths = SHORT_NAME..=hash.len();
        let mut names = lengths.map(|length| format!("{language}_{}", &hash[..length]));
        // Paths differ, so only short names can be taken.
        let name = names.find(|name| taken.insert(name.clone()));
        name.expect("hashes of different paths differ")
    };
    documents.iter().map(name_page).collect()
}

/// Returns a name that changes with the contents of a file.
fn content_name(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..16].to_owned()
}

fn compressed_file(path: &str, bytes: &[u8]) -> io::Result<IndexFile> {
    let mut out = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
    out.write_all(MAGIC)?;
    out.write_all(bytes)?;
    Ok(IndexFile {
        path: format!("{FOLDER}{path}"),
        bytes: out.finish()?,
    })
}

fn encode_filter(filter: &str, values: &BTreeMap<&str, Vec<u32>>) -> Vec<u8> {
    let mut out = Vec::new();
    push_array(&mut out, 2);
    push_text(&mut out, filter);
    push_array(&mut out, values.len());
    for (value, pages) in values {
        push_array(&mut out, 2);
        push_text(&mut out, value);
        push_array(&mut out, pages.len());
        for &page in pages {
            push_number(&mut out, page.into());
        }
    }
    out
}

fn encode_chunk(words: &[EncodedWord]) -> Vec<u8> {
    let mut out = Vec::new();
    push_array(&mut out, 1);
    push_array(&mut out, words.len());
    for word in words {
        out.extend_from_slice(&word.bytes);
    }
    out
}

/// Divides words into chunks of similar size.
fn split_chunks(words: &[EncodedWord]) -> Vec<&[EncodedWord]> {
    let mut chunks = Vec::new();
    let (mut start, mut numbers) = (0, 0);
    for (nth, word) in words.iter().enumerate() {
        numbers += word.numbers;
        if numbers >= CHUNK {
            chunks.push(&words[start..=nth]);
            (start, numbers) = (nth + 1, 0);
        }
    }
    if start < words.len() {
        chunks.push(&words[start..]);
    }
    chunks
}

/// Returns the first and the last word of each chunk, cut as far as they still tell it from the chunks
/// beside it.
fn chunk_ends<'w>(chunks: &[&'w [EncodedWord]]) -> Vec<(&'w str, &'w str)> {
    let mut ends: Vec<(&str, &str)> = chunks
        .iter()
        .map(|words| (&*words[0].word, &*words[words.len() - 1].word))
        .collect();
    for nth in 1..ends.len() {
        let (last, first) = (ends[nth - 1].1, ends[nth].0);
        let common = last.chars().zip(first.chars());
        let common = common.take_while(|(a, b)| a == b).count();
        let last = first_chars(last, common + 1);
        if last >= ends[nth - 1].0 {
            ends[nth - 1].1 = last;
        }
        ends[nth].0 = first_chars(first, common + 1);
    }
    ends
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn index(language: &str, texts: &[&str]) -> LanguageIndex {
        let documents = texts.iter().enumerate().map(|(nth, text)| SearchDocument {
            path: format!("/{nth}/"),
            title: format!("Title {nth}"),
            text: (*text).to_owned(),
            ..SearchDocument::default()
        });
        index_language(language, documents.collect()).unwrap()
    }

    fn contents(index: &LanguageIndex, folder: &str) -> Vec<u8> {
        let files = index.files.iter().filter(|file| file.path.contains(folder));
        let mut all = Vec::new();
        for file in files {
            let mut bytes = Vec::new();
            GzDecoder::new(&*file.bytes)
                .read_to_end(&mut bytes)
                .unwrap();
            all.extend_from_slice(bytes.strip_prefix(MAGIC).unwrap());
        }
        all
    }

    #[test]
    fn words_of_an_index_have_their_pages_weights_and_positions() {
        let index = index("xx", &["tea cup tea", "cup"]);
        // As Pagefind 1.6 writes it: arrays of words, each with its pages, each page with its distance to
        // the one before, its positions in the text after a weight of 24, and those in the title.
        let expected = b"\x81\x85\
            \x83\x610\x81\x83\x00\x80\x82\x20\x01\x80\
            \x83\x611\x81\x83\x01\x80\x82\x20\x01\x80\
            \x83\x63cup\x82\x83\x00\x82\x38\x18\x01\x80\x83\x01\x82\x38\x18\x00\x80\x80\
            \x83\x63tea\x81\x83\x00\x83\x38\x18\x00\x02\x80\x80\
            \x83\x65title\x82\x83\x00\x80\x82\x20\x00\x83\x01\x80\x82\x20\x00\x80";
        assert_eq!(contents(&index, "/index/"), expected);
    }

    #[test]
    fn page_is_found_by_its_title_alone_and_left_out_without_any_word() {
        assert_eq!(index("en", &["", "— …"]).pages, 2);
        let empty = SearchDocument {
            path: "/empty/".to_owned(),
            ..SearchDocument::default()
        };
        assert_eq!(index_language("en", vec![empty]).unwrap().pages, 0);
    }

    #[test]
    fn text_is_shown_as_it_is_and_without_spaces_its_words_are_marked() {
        let shown = |language, text: &str| -> String {
            let bytes = contents(&index(language, &[text]), "/fragment/");
            let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let page = json.as_object().unwrap().values().next().unwrap();
            page["content"].as_str().unwrap().to_owned()
        };
        assert_eq!(shown("en", "a  zero\u{200b}width b"), "a zerowidth b");
        assert_eq!(
            shown("zh-hant", "哎呀！ 我的错。"),
            "哎呀\u{200b}！ \u{200b}我的\u{200b}错\u{200b}。"
        );
    }

    #[test]
    fn chunks_are_named_by_as_much_of_a_word_as_tells_them_apart() {
        let word = |word: &str| EncodedWord {
            word: word.into(),
            bytes: Vec::new(),
            numbers: CHUNK,
        };
        let words = ["apple", "apricot", "beta"].map(word);
        let chunks = split_chunks(&words);
        assert_eq!(chunks.len(), 3);
        let ends = [("apple", "apple"), ("apr", "apricot"), ("b", "beta")];
        assert_eq!(chunk_ends(&chunks), ends);
    }
}
