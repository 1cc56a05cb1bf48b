//! Draws PNG cards of 1200 by 630 pixels with a title, for links in social networks.
//!
//! A card depends only on its texts and its colour, and has the same bytes on every machine. Its
//! address is a hash of these. Cards are kept in `.pressrun/cards`, because drawing one takes ten
//! times as long as building a post.
//!
//! Not here: which posts get a card (`pipeline`).

mod draw;
mod font;
mod layout;

use std::collections::BTreeSet;
use std::path::Path;

use crate::cache::KeptFiles;

/// Path on the site of the folder of the cards.
const FOLDER: &str = "/cards/";

/// Width of a card in pixels.
pub const WIDTH: u32 = 1200;

/// Height of a card in pixels.
pub const HEIGHT: u32 = 630;

/// Increased whenever the look of cards changes, so that kept cards are not used again.
const VERSION: &str = "1";

/// What a card shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardContent<'a> {
    /// Text in large letters.
    pub title: &'a str,
    /// Text at the foot.
    pub foot: &'a str,
    /// Colour of the bar: red, green, blue.
    pub accent: [u8; 3],
}

/// A finished card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardPicture {
    /// Path from the root of the published site, starting with `/`.
    pub path: String,
    /// Contents of a PNG file.
    pub bytes: Vec<u8>,
}

/// Draws a card, or takes it from the cache of the site at `root`.
///
/// Returns `None` if the font lacks a letter of the title, because a title with missing letters is
/// worse than no card. A foot with missing letters is left out.
pub fn draw_or_load_card(root: &Path, card: &CardContent<'_>) -> Option<CardPicture> {
    with_letters(card, |card, name| {
        let (kept, file) = (kept_cards(root), format!("{name}.png"));
        let bytes = kept.read(&file).unwrap_or_else(|| {
            let bytes = draw::draw_card(card);
            // If that fails, the card is drawn again next time, and the build goes on.
            let _ = kept.write(&file, &bytes);
            bytes
        });
        CardPicture {
            path: path_of(&name),
            bytes,
        }
    })
}

/// Removes all kept cards of the site at `root` except those at these paths on the site.
pub fn remove_unused_cards(root: &Path, used: &BTreeSet<&str>) {
    let names = used.iter().filter_map(|path| path.strip_prefix(FOLDER));
    kept_cards(root).remove_unused(&names.collect());
}

fn kept_cards(root: &Path) -> KeptFiles {
    KeptFiles::new(root, "cards")
}

/// Returns the path of a card without drawing it.
pub fn picture_path(card: &CardContent<'_>) -> Option<String> {
    with_letters(card, |_, name| path_of(&name))
}

fn path_of(name: &str) -> String {
    format!("{FOLDER}{name}.png")
}

/// Calls `make` with the texts of a card that the font can show, and with its name.
fn with_letters<T>(
    card: &CardContent<'_>,
    make: impl FnOnce(&CardContent<'_>, String) -> T,
) -> Option<T> {
    let title = shown(card.title);
    if !font::has_all_letters(&title) {
        return None;
    }
    let foot = shown(card.foot);
    let foot = if font::has_all_letters(&foot) {
        foot
    } else {
        String::new()
    };
    let card = CardContent {
        title: &title,
        foot: &foot,
        accent: card.accent,
    };
    Some(make(&card, card_name(&card)))
}

/// Returns the name of a card: a hash of what it shows.
fn card_name(card: &CardContent<'_>) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [
        VERSION.as_bytes(),
        card.title.as_bytes(),
        card.foot.as_bytes(),
        &card.accent,
    ] {
        // The length separates the parts, so that moving a letter from one to the next changes the
        // hash.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    // 64 bits are enough to keep the cards of one site apart.
    hasher.finalize().to_hex()[..16].to_owned()
}

/// The most characters of a text that are laid out: twice what fits a card in the smallest letters.
const MOST_SHOWN: usize = 1000;

/// Returns the beginning of a text, as much as a card can show, without symbols.
fn shown(text: &str) -> String {
    let end = text.char_indices().nth(4 * MOST_SHOWN);
    let plain = remove_symbols(end.map_or(text, |(end, _)| &text[..end]));
    match plain.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => plain[..end].trim_end().to_owned(),
        None => plain,
    }
}

/// Removes emoji and similar symbols, which the font lacks and a title can do without.
fn remove_symbols(text: &str) -> String {
    use unicode_general_category::GeneralCategory::{Format, OtherSymbol};
    use unicode_general_category::get_general_category;
    let pictorial = |c: char| {
        let category = get_general_category(c);
        matches!(category, OtherSymbol | Format) || ('\u{fe00}'..='\u{fe0f}').contains(&c)
    };
    let kept: String = text
        .chars()
        .filter(|&c| font::has_all_letters(c.encode_utf8(&mut [0; 4])) || !pictorial(c))
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(title: &str) -> CardContent<'_> {
        CardContent {
            title,
            foot: "Warm Cache",
            accent: [0xb5, 0x32, 0x1a],
        }
    }

    #[test]
    fn card_is_a_png_of_its_size_and_the_same_each_time() {
        let [one, two] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let first = draw_or_load_card(one.path(), &card("A title")).unwrap();
        assert_eq!(
            draw_or_load_card(two.path(), &card("A title")).unwrap(),
            first
        );
        let reader = png::Decoder::new(std::io::Cursor::new(&first.bytes));
        let reader = reader.read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (WIDTH, HEIGHT));
        assert!(first.bytes.len() < 60_000, "{}", first.bytes.len());
    }

    #[test]
    fn title_that_the_font_lacks_letters_of_has_no_card() {
        let root = tempfile::tempdir().unwrap();
        for title in ["一个标题", "عنوان", "half 半"] {
            assert_eq!(
                draw_or_load_card(root.path(), &card(title)),
                None,
                "{title}"
            );
        }
    }

    #[test]
    fn only_what_fits_of_a_long_text_is_laid_out() {
        let root = tempfile::tempdir().unwrap();
        // The narrowest letter, so that most of them fit.
        let narrow = "i".repeat(MOST_SHOWN);
        let fits = draw_or_load_card(root.path(), &card(&narrow)).unwrap();
        for unit in ["i", "i i", "ii\n"] {
            assert!(shown(&unit.repeat(1 << 20)).chars().count() <= MOST_SHOWN);
        }
        let longer = narrow.clone() + &"word ".repeat(1 << 20);
        assert_eq!(
            draw_or_load_card(root.path(), &card(&longer)).unwrap(),
            fits
        );
        let cut = layout::lay_out_text(&narrow, 1020, &[(50, 6)]);
        assert!(cut.lines[5].ends_with('…'), "{cut:?}");
        assert_eq!(layout::lay_out_text(&narrow[..900], 1020, &[(50, 6)]), cut);
    }

    #[test]
    fn emoji_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        let plain = draw_or_load_card(root.path(), &card("A party")).unwrap();
        assert_eq!(
            draw_or_load_card(root.path(), &card("A party 🎉")).unwrap(),
            plain
        );
        assert_eq!(
            draw_or_load_card(root.path(), &card("👩‍💻 A party ❤️")).unwrap(),
            plain
        );
    }

    #[test]
    fn damaged_card_is_drawn_again_and_unused_ones_go() {
        let root = tempfile::tempdir().unwrap();
        let drawn = draw_or_load_card(root.path(), &card("A title")).unwrap();
        let other = draw_or_load_card(root.path(), &card("Another")).unwrap();
        let files = || crate::fs::list_folder(&root.path().join(".pressrun/cards")).unwrap();
        assert_eq!(files().len(), 2);
        for file in files() {
            let bytes = std::fs::read(&file).unwrap();
            std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        }
        assert_eq!(
            draw_or_load_card(root.path(), &card("A title")).unwrap(),
            drawn
        );
        remove_unused_cards(root.path(), &[&other.path].map(String::as_str).into());
        assert_eq!(files().len(), 1);
    }
}
