//! Judges posts: reports problems, never changes anything.
//!
//! There is one rule per file, numbered as in the ingest contract. [`lint_post`] applies the rules that
//! look at a single post; [`DuplicateFinder`] and [`NearDuplicateFinder`] compare it with earlier posts.
//!
//! Not here: refusals and empty bodies (R16), which are decided on the reply (`normalize`), and
//! problems of the site's own files.

mod ai_boilerplate;
mod compared;
mod duplicates;
mod fact_to_check;
mod field;
mod length;
mod near_duplicates;
mod phrase;
mod placeholder_text;
mod setting;
mod shortcode;
mod unknown_keys;

pub use compared::ComparedPost;
pub use duplicates::{DuplicateFinder, DuplicateVerdict};
pub use near_duplicates::NearDuplicateFinder;
pub use unknown_keys::{UnknownKeys, retain_unused_keys};

use crate::diagnostic::Finding;
use crate::post::Post;
use setting::LintBody;

/// Returns the findings about one post, at most one of each code. Each has its line.
pub fn lint_post(post: &Post) -> Vec<Finding> {
    let body = LintBody::new(&post.body);
    let found = [
        length::check_title_length(post),
        length::check_description_length(post),
        ai_boilerplate::check_ai_boilerplate(post, &body),
        placeholder_text::check_placeholder_text(post, &body),
        shortcode::check_shortcode(post, &body),
        fact_to_check::check_marked_facts(post, &body),
    ];
    found.into_iter().flatten().collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::ops::Range;

    use pressrun_text::words;
    use proptest::prelude::*;

    use super::*;

    /// Checks which parts of a text were found.
    #[track_caller]
    pub(crate) fn check_places(text: &str, places: Vec<Range<usize>>, expected: &[&str]) {
        let found: Vec<&str> = places.into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, expected, "{text}");
    }

    /// Creates a post with these three texts and nothing else.
    fn given(title: &str, description: &str, body: &str) -> Post {
        Post {
            title: title.to_owned(),
            description: description.to_owned(),
            body: body.to_owned(),
            ..Post::default()
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(
            title in any::<String>(),
            body in r"(as an|\PC| |\n|\[your|[\]\[(:<>`*_{}’']|ai|model|i'm|my|> |```|lorem|ipsum|a b c d){0,60}",
        ) {
            let strange = given(&title, &body, &body);
            let found = lint_post(&strange);
            prop_assert!(found.len() <= 6);
            let mut duplicates = DuplicateFinder::default();
            let mut near = NearDuplicateFinder::default();
            for _ in 0..2 {
                let compared = ComparedPost::from_post(&strange);
                duplicates.check_and_add(&compared);
                near.check_and_add(&compared, words::fold_words(&strange.body));
            }
        }
    }

    #[test]
    fn a_plain_post_is_left_in_peace() {
        let plain = given("Bread", "How to bake.", "Flour, water, [salt](salt.md).\n");
        assert_eq!(lint_post(&plain), []);
    }
}
