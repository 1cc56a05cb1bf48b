//! The posts that exist already: those of the site, and the replies that were accepted.
//!
//! A new reply must not be nearly the same as one of them, and a topic that one of them covers need
//! not be asked. Near-duplicates are those of a build: the same sketches find the candidates, and
//! the same similarity of their texts decides. No text is held in memory: the posts of the site are
//! read again if they are candidates, and what is needed of replies is in a temporary file.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pressrun_posts::content_file::{FileInput, ReadSettings, read_file};
use pressrun_posts::post::Post;
use pressrun_site::config::Config;
use pressrun_site::corpus::competing::TitleIndex;
use pressrun_site::fs;
use pressrun_site::pipeline::{BUILD_CACHE, BuildRequest, make_read_settings, read_posts};
use pressrun_site::render::CommandFailure;
use pressrun_text::similarity::{BANDS, LEAST, SequenceSet, Sketch, hash_sequences_of_words};
use pressrun_text::words::fold_words;

/// A file of content with more bytes is not read again to compare one of its posts.
const LARGEST_FILE: u64 = 32 << 20;

/// The bytes of a file in which its front matter is looked for.
const LONGEST_HEAD: u64 = 1 << 16;

/// The posts that exist already.
#[derive(Debug)]
pub struct KnownPosts {
    root: PathBuf,
    settings: ReadSettings,
    /// What the titles of the posts of the site target.
    titles: TitleIndex,
    /// The posts of the site, then the replies.
    posts: Vec<KnownPost>,
    /// The first post with each band of a sketch.
    bands: HashMap<u32, u32>,
    sequences: SequenceFile,
    /// The topics whose posts are in the site.
    topics_of_site: HashSet<Box<str>>,
}

/// What is kept of a post.
#[derive(Debug)]
struct KnownPost {
    title: Box<str>,
    /// The topic that it was asked for.
    topic: Option<Box<str>>,
    sketch: Sketch,
    text: TextSource,
}

/// Where the text of a post is found again.
#[derive(Debug)]
enum TextSource {
    /// In a file of the site, by its position there.
    Content { file: Arc<str>, index: u32 },
    /// As sequences in the temporary file, from this byte on; `None` if it cannot be written.
    Sequences { place: Option<(u64, u32)> },
}

/// A post that a text is nearly the same as.
#[derive(Debug, Clone, PartialEq)]
pub struct SimilarKnownPost {
    /// Its title.
    pub title: String,
    /// Its file or, of a reply, its topic.
    pub name: String,
    /// The similarity, from 0 to 1.
    pub similarity: f64,
}

impl KnownPosts {
    /// Creates the index of a site without posts.
    pub fn new(root: &Path, config: &Config) -> Self {
        Self {
            root: root.to_owned(),
            settings: make_read_settings(config),
            titles: TitleIndex::default(),
            posts: Vec::new(),
            bands: HashMap::new(),
            sequences: SequenceFile::default(),
            topics_of_site: HashSet::new(),
        }
    }

    /// Reads the posts of a site, with drafts and scheduled posts.
    ///
    /// # Errors
    ///
    /// Returns an error if the content cannot be read.
    pub fn load(request: &BuildRequest, config: &Arc<Config>) -> Result<Self, CommandFailure> {
        let mut known = Self::new(&request.root, config);
        for dated in read_posts(request, config, BUILD_CACHE)? {
            let post = &dated.post;
            let language = post.language.as_deref().unwrap_or(&config.language);
            known
                .titles
                .add_post(&post.title, &post.description, language);
            let source = &post.source;
            let is_own_file = source.index == 0 && source.file.ends_with(".md");
            let topic = is_own_file
                .then(|| read_topic_of_file(&request.root.join(&*source.file)))
                .flatten();
            known.topics_of_site.extend(topic.clone());
            known.add_post(KnownPost {
                title: post.title.as_str().into(),
                topic,
                sketch: post.body.profile().sketch,
                text: TextSource::Content {
                    file: Arc::clone(&post.source.file),
                    index: post.source.index,
                },
            });
        }
        Ok(known)
    }

    /// Returns whether the site has the post of a topic.
    pub fn has_post_of_topic(&self, topic: &str) -> bool {
        self.topics_of_site.contains(topic)
    }

    /// Adds a reply that was accepted for a topic.
    pub fn add_reply<B: AsRef<str>>(&mut self, topic: &str, post: &Post<B>) {
        let hashes = hash_sequences_of_words(&fold_words(post.body.as_ref()));
        let sketch = Sketch::from_hashes(&hashes);
        let place = self.sequences.store(&SequenceSet::from_hashes(hashes));
        self.add_post(KnownPost {
            title: post.title.as_str().into(),
            topic: Some(topic.into()),
            sketch,
            text: TextSource::Sequences { place },
        });
    }

    fn add_post(&mut self, post: KnownPost) {
        let number = self.posts.len() as u32;
        for band in bands_of(&post.sketch) {
            self.bands.entry(band).or_insert(number);
        }
        self.posts.push(post);
    }

    /// Returns the post of the site that covers a topic, as its title and file.
    ///
    /// A post that was written for this topic before does not count.
    pub fn find_covering_post(&mut self, id: &str, topic: &str, language: &str) -> Option<String> {
        let found = self.titles.find_posts(topic, language);
        let posts = found.into_iter().map(|at| &self.posts[at]);
        let mut others = posts.filter(|post| post.topic.as_deref() != Some(id));
        others
            .next()
            .map(|post| format!("`{}` in `{}`", post.title, post.name()))
    }

    /// Returns the post that a body is nearly the same as. Those of its own topic do not count.
    pub fn find_similar_post(&self, topic: &str, body: &str) -> Option<SimilarKnownPost> {
        let hashes = hash_sequences_of_words(&fold_words(body));
        let sketch = Sketch::from_hashes(&hashes);
        let mut candidates: Vec<u32> = bands_of(&sketch)
            .filter_map(|band| self.bands.get(&band).copied())
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let own = SequenceSet::from_hashes(hashes);
        candidates.into_iter().find_map(|number| {
            let post = &self.posts[number as usize];
            let may_be =
                post.topic.as_deref() != Some(topic) && post.sketch.may_be_similar(&sketch);
            let similarity = may_be.then(|| self.compare(post, &own, &sketch))??;
            Some(SimilarKnownPost {
                title: post.title.to_string(),
                name: post.name(),
                similarity,
            })
        })
    }

    /// Returns the similarity of a post and a text, if they are near-duplicates.
    fn compare(&self, post: &KnownPost, own: &SequenceSet, sketch: &Sketch) -> Option<f64> {
        let other = match &post.text {
            TextSource::Content { file, index } => self.read_sequences(file, *index),
            TextSource::Sequences { place } => place.and_then(|place| self.sequences.read(place)),
        };
        if let Some(other) = other {
            return own.similarity(&other);
        }
        // The text is gone, or too large to be read for this. The sketches must do.
        let (agree, all) = post.sketch.agreement(sketch);
        let similar = agree * LEAST.1 >= all * LEAST.0 && all > 0;
        similar.then(|| agree as f64 / all as f64)
    }

    fn read_sequences(&self, file: &Arc<str>, index: u32) -> Option<SequenceSet> {
        let path = self.root.join(&**file);
        let length = std::fs::metadata(&path).ok()?.len();
        let bytes = (length <= LARGEST_FILE).then(|| fs::read_if_there(&path).ok()?)??;
        let path = Arc::clone(file);
        let read = read_file(&FileInput { path, bytes }, &self.settings);
        let post = read.posts.get(index as usize)?;
        let hashes = hash_sequences_of_words(&fold_words(&post.body));
        Some(SequenceSet::from_hashes(hashes))
    }
}

impl KnownPost {
    fn name(&self) -> String {
        match (&self.text, &self.topic) {
            (TextSource::Content { file, .. }, _) => file.to_string(),
            (TextSource::Sequences { .. }, Some(topic)) => topic.to_string(),
            (TextSource::Sequences { .. }, None) => String::new(),
        }
    }
}

/// Returns the bands of a sketch, as keys that take little memory. Two bands may share one: then two
/// texts are compared that need not be.
fn bands_of(sketch: &Sketch) -> impl Iterator<Item = u32> {
    (0..BANDS).filter_map(|number| Some((sketch.band(number)? >> 32) as u32))
}

/// Returns the topic that a file says it comes from, in the record that `ingest` writes.
///
/// Posts do not have this record, because no page shows it. So the front matter is read once more.
fn read_topic_of_file(path: &Path) -> Option<Box<str>> {
    let (file, _) = fs::open_file(path).ok()?;
    let mut head = Vec::new();
    file.take(LONGEST_HEAD).read_to_end(&mut head).ok()?;
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    if lines.next() != Some("---") {
        return None;
    }
    let mut record = lines
        .take_while(|line| *line != "---")
        .skip_while(|line| *line != "source:")
        .skip(1)
        .take_while(|line| line.starts_with(' '));
    let id = record.find_map(|line| line.trim_start().strip_prefix("id: "))?;
    Some(unquote_yaml(id.trim()).into())
}

/// Returns the text of a string in YAML, as `ingest` writes it.
fn unquote_yaml(text: &str) -> String {
    if text.starts_with('"') {
        return serde_json::from_str(text).unwrap_or_else(|_| text.to_owned());
    }
    let inner = text
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''));
    inner.map_or_else(|| text.to_owned(), |inner| inner.replace("''", "'"))
}

/// A temporary file of sequences, which is gone when it is closed.
#[derive(Debug, Default)]
struct SequenceFile {
    file: Option<File>,
    length: u64,
    is_broken: bool,
}

impl SequenceFile {
    /// Stores a set, and returns its place: the first byte and the number of hashes.
    fn store(&mut self, set: &SequenceSet) -> Option<(u64, u32)> {
        if self.is_broken {
            return None;
        }
        let bytes: Vec<u8> = set
            .hashes()
            .iter()
            .flat_map(|hash| hash.to_le_bytes())
            .collect();
        let place = (self.length, set.hashes().len() as u32);
        // Without the file, sketches are compared.
        self.is_broken = self.append(&bytes).is_err();
        (!self.is_broken).then_some(place)
    }

    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn read(&self, (at, count): (u64, u32)) -> Option<SequenceSet> {
        let mut bytes = vec![0; count as usize * 8];
        fs::read_at(self.file.as_ref()?, &mut bytes, at).ok()?;
        let (hashes, _) = bytes.as_chunks::<8>();
        let hashes = hashes.iter().map(|bytes| u64::from_le_bytes(*bytes));
        Some(SequenceSet::from_hashes(hashes.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(title: &str, words: std::ops::Range<usize>) -> Post {
        Post {
            title: title.to_owned(),
            body: counted(words),
            ..Post::default()
        }
    }

    fn counted(words: std::ops::Range<usize>) -> String {
        let words: Vec<String> = words.map(|n| format!("word{n}")).collect();
        words.join(" ")
    }

    fn known() -> KnownPosts {
        KnownPosts::new(Path::new("."), &Config::default())
    }

    #[test]
    fn reply_that_nearly_equals_another_one_is_found() {
        let mut known = known();
        for (topic, start) in [("a", 0), ("b", 1000), ("c", 2000)] {
            known.add_reply(topic, &post(&topic.to_uppercase(), start..start + 300));
        }
        let find = |topic, words| known.find_similar_post(topic, &counted(words));
        let found = find("d", 1010..1300).expect("b is similar");
        assert_eq!((found.title.as_str(), found.name.as_str()), ("B", "b"));
        assert!((0.9..1.0).contains(&found.similarity), "{found:?}");
        assert_eq!(find("d", 1100..1400), None);
        assert_eq!(find("d", 5000..5300), None);
        // It is an earlier reply to the same topic.
        assert_eq!(find("b", 1000..1300), None);
    }

    #[test]
    fn without_a_temporary_file_sketches_are_compared() {
        let mut known = known();
        known.sequences.is_broken = true;
        known.add_reply("a", &post("A", 0..300));
        assert!(known.find_similar_post("b", &counted(0..300)).is_some());
        assert_eq!(known.find_similar_post("b", &counted(150..450)), None);
    }

    #[test]
    fn posts_of_the_site_are_compared_and_cover_topics() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("content")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(root.path().join(name), text).unwrap();
        write(
            "site.toml",
            "title = \"A\"\nbase_url = \"https://a.example/\"\n",
        );
        let body = counted(0..300);
        write(
            "content/tea.md",
            &format!(
                "---\ntitle: How to Brew Tea\nsource:\n  file: x\n  id: 't1'\n  reply: a\n  hash: b\n---\n\n{body}.\n"
            ),
        );
        let config = Arc::new(pressrun_site::pipeline::load_config(root.path()).unwrap());
        let theme = pressrun_site::render::Theme {
            templates: Vec::new,
            file: |_| std::borrow::Cow::default(),
        };
        let present = pressrun_posts::post::Moment::now();
        let request = BuildRequest::new(root.path(), theme, present);
        let mut known = KnownPosts::load(&request, &config).unwrap();
        let named = "`How to Brew Tea` in `content/tea.md`";
        assert_eq!(
            known
                .find_covering_post("t2", "how to brew tea", "en")
                .as_deref(),
            Some(named)
        );
        assert_eq!(
            known.find_covering_post("t1", "how to brew tea", "en"),
            None
        );
        assert_eq!(
            known.find_covering_post("t2", "Rain in the hills", "en"),
            None
        );
        assert!(known.has_post_of_topic("t1"));
        let found = known.find_similar_post("t2", &body).unwrap();
        assert_eq!(found.name, "content/tea.md");
    }
}
