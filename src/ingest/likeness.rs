//! Decides whether two texts are versions of the same text, by comparing a small sketch of each.
//!
//! Not here: near-duplicates among the posts of a site (`corpus::clusters`), which need more
//! similarity.

/// Length of the word sequences that are hashed.
const WORDS: usize = 3;

/// Words of a text that are used; its beginning is enough.
const MOST: usize = 400;

/// Slots of a sketch.
const PLACES: usize = 16;

/// Slots in which two sketches must agree. Unrelated texts agree in none. If a third of the word
/// sequences are the same, five slots agree on average.
const ENOUGH: usize = 4;

/// A sketch of a text: the smallest hashes of its word sequences, one in each slot.
///
/// This is one-permutation min-hashing (Li, Owen, Zhang 2012): the share of slots in which two
/// sketches agree estimates the share of word sequences that the texts have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ReplySketch([u32; PLACES]);

impl ReplySketch {
    /// Makes the sketch of a text.
    pub(super) fn of_text(text: &str) -> Self {
        let mut sketch = [0; PLACES];
        let mut run = [0_u64; WORDS];
        // A ring buffer with the hashes of the last `WORDS` words.
        for (at, word) in split_into_words(text).take(MOST).enumerate() {
            run[at % WORDS] = hash_sketch_word(word);
            if at + 1 < WORDS {
                continue;
            }
            // Combine them from the oldest to the newest, so that the order of words matters.
            let whole = (1..=WORDS).fold(0_u64, |whole, next| {
                mix_sketch_hash(whole.rotate_left(5) ^ run[(at + next) % WORDS])
            });
            // The low bits choose the slot, the high bits are the value; 0 marks an empty slot.
            let place = &mut sketch[whole as usize % PLACES];
            let value = ((whole >> 32) as u32).max(1);
            if *place == 0 || value < *place {
                *place = value;
            }
        }
        Self(sketch)
    }

    /// Returns whether two texts have a large part of their words in common.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        let equal = pairs.filter(|(a, b)| a == b && **a != 0).count();
        equal >= ENOUGH
    }
}

fn split_into_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Hashes a word with FNV-1a, which is fast for short inputs.
fn hash_sketch_word(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Mixes all bits of a hash (the finaliser of `SplitMix64`).
fn mix_sketch_hash(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a text of this many words, starting with word number `start`.
    fn text(start: usize, words: usize) -> String {
        let words: Vec<String> = (start..start + words).map(|n| format!("word{n}")).collect();
        words.join(" ")
    }

    #[test]
    fn text_is_like_a_version_of_itself() {
        let whole = ReplySketch::of_text(&text(0, 300));
        assert!(whole.is_like(&whole));
        assert!(whole.is_like(&ReplySketch::of_text(&text(60, 300))));
        assert!(whole.is_like(&ReplySketch::of_text(&format!(
            "{}, {}",
            text(0, 150),
            text(200, 100)
        ))));
    }

    #[test]
    fn other_text_is_not_like_it() {
        let whole = ReplySketch::of_text(&text(0, 300));
        assert!(!whole.is_like(&ReplySketch::of_text(&text(300, 300))));
        assert!(!whole.is_like(&ReplySketch::of_text("")));
        assert!(!ReplySketch::of_text("").is_like(&ReplySketch::of_text("")));
    }
}
