//! Tells whether two texts are versions of one: a small sketch of each is compared.
//!
//! Not here: near-duplicates among the posts of a site (`lint`), which are judged more strictly.

/// Words in a row that are looked at together.
const WORDS: usize = 3;

/// Words of a text that are looked at: its beginning is enough to tell.
const MOST: usize = 400;

/// Places of a sketch.
const PLACES: usize = 16;

/// Places of two sketches that must agree. Texts that have nothing to do with each other agree
/// in none; when a third of the word runs is the same, five do on average.
const ENOUGH: usize = 4;

/// The smallest hashes of the runs of words in a text, one for each share of all hashes.
///
/// One-permutation min-hashing (Li, Owen, Zhang 2012): the share of places in which two
/// sketches agree estimates the share of word runs that the texts have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Likeness([u32; PLACES]);

impl Likeness {
    /// The sketch of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut sketch = [0; PLACES];
        let mut run = [0_u64; WORDS];
        for (at, word) in words(text).take(MOST).enumerate() {
            run[at % WORDS] = hash(word);
            if at + 1 < WORDS {
                continue;
            }
            // From the oldest word of the run to the newest.
            let whole = (1..=WORDS).fold(0_u64, |whole, next| {
                mix(whole.rotate_left(5) ^ run[(at + next) % WORDS])
            });
            let place = &mut sketch[whole as usize % PLACES];
            let value = ((whole >> 32) as u32).max(1);
            if *place == 0 || value < *place {
                *place = value;
            }
        }
        Self(sketch)
    }

    /// Whether two texts have a good part of their words in common.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        let equal = pairs.filter(|(a, b)| a == b && **a != 0).count();
        equal >= ENOUGH
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// FNV-1a: words are short.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Spreads a hash over all its bits (the finaliser of `SplitMix64`).
fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of so many words, those from `start` on.
    fn text(start: usize, words: usize) -> String {
        let words: Vec<String> = (start..start + words).map(|n| format!("word{n}")).collect();
        words.join(" ")
    }

    #[test]
    fn text_is_like_a_version_of_itself() {
        let whole = Likeness::of(&text(0, 300));
        assert!(whole.is_like(&whole));
        assert!(whole.is_like(&Likeness::of(&text(60, 300))));
        assert!(whole.is_like(&Likeness::of(&format!(
            "{}, {}",
            text(0, 150),
            text(200, 100)
        ))));
    }

    #[test]
    fn other_text_is_not_like_it() {
        let whole = Likeness::of(&text(0, 300));
        assert!(!whole.is_like(&Likeness::of(&text(300, 300))));
        assert!(!whole.is_like(&Likeness::of("")));
        assert!(!Likeness::of("").is_like(&Likeness::of("")));
    }
}
