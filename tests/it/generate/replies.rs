//! Replies that are good: whole, in English, about their topic, and different from each other.

const ADJECTIVES: [&str; 12] = [
    "old", "small", "quiet", "bright", "heavy", "narrow", "wooden", "broken", "gentle", "distant",
    "hollow", "modern",
];

const NOUNS: [&str; 20] = [
    "river", "market", "window", "engine", "garden", "letter", "bridge", "basket", "candle",
    "valley", "harbor", "ladder", "mirror", "needle", "orchard", "pillow", "saddle", "tunnel",
    "vessel", "wagon",
];

const VERBS: [&str; 8] = [
    "holds", "carries", "changes", "shows", "keeps", "moves", "covers", "follows",
];

/// Chooses words by a number that the topic gives, so that each topic has a text of its own.
struct WordChoice(u64);

impl WordChoice {
    fn of_topic(topic: &str) -> Self {
        let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(topic.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }

    fn choose<'w>(&mut self, words: &[&'w str]) -> &'w str {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        words[(self.0 >> 33) as usize % words.len()]
    }

    fn sentence(&mut self) -> String {
        let [first, second] = [self.choose(&ADJECTIVES), self.choose(&ADJECTIVES)];
        let nouns = [(); 4].map(|()| self.choose(&NOUNS));
        let [does, is_done] = [self.choose(&VERBS), self.choose(&VERBS)];
        format!(
            "The {first} {} {does} the {second} {} when a {} of the {} {is_done} it.",
            nouns[0], nouns[1], nouns[2], nouns[3]
        )
    }
}

/// Returns a reply of some 300 words to a topic.
pub(crate) fn write_reply(topic: &str) -> String {
    let mut words = WordChoice::of_topic(topic);
    let mut body = format!("This post is about {topic} and why it matters to people.\n");
    for part in 1..=3 {
        body += &format!("\n## Part {part} of {topic}\n\n");
        for _ in 0..6 {
            body += &(words.sentence() + " ");
        }
        body += "\n";
    }
    let tags = [(); 2].map(|()| words.choose(&NOUNS));
    format!(
        "TITLE: {topic} explained\n\
         META_DESCRIPTION: What people should know about {topic} and the {}.\n\
         TAGS: {}, {}, reading\nCATEGORIES: News\n\n{body}\n-EndOfText-\n",
        tags[0], tags[0], tags[1]
    )
}

/// Returns the topic of a request: the last line of its last message.
pub(crate) fn topic_of(message: &str) -> &str {
    let line = message.lines().last().unwrap_or_default();
    line.strip_prefix("TOPIC: ").unwrap_or_default()
}
