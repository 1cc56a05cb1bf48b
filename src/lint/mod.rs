//! Judges posts: complains, never changes.
//!
//! One rule a file, numbered as in the ingest contract. [`post`] asks the rules that need one
//! post alone; [`Duplicates`] and [`NearDuplicates`] remember the posts before.
//!
//! Not here: refusals and empty bodies (R16), which are decided while a reply is still known,
//! and what is wrong with the site's own files.

mod ai_boilerplate;
mod duplicates;
mod earlier;
mod field;
mod length;
mod near_duplicates;
mod phrase;
mod placeholder_text;
mod setting;

pub use duplicates::{Duplicates, Verdict};
pub use near_duplicates::NearDuplicates;

use crate::diagnostic::Diagnostic;
use crate::post::Post;
use setting::Body;

/// What there is to say about a post alone; at most one diagnostic of each code.
pub fn post(post: &Post) -> Vec<Diagnostic> {
    let body = Body::new(&post.body);
    let found = [
        length::title(post),
        length::description(post),
        ai_boilerplate::check(post, &body),
        placeholder_text::check(post, &body),
    ];
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;
    use proptest::prelude::*;

    /// A post about which nothing is known but its three texts.
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
            let found = post(&strange);
            prop_assert!(found.len() <= 4);
            let mut duplicates = Duplicates::default();
            let mut near = NearDuplicates::default();
            for _ in 0..2 {
                duplicates.offer(&strange);
                near.offer(&strange, words::sequence(&strange.body));
            }
        }
    }

    #[test]
    fn a_plain_post_is_left_in_peace() {
        let plain = given("Bread", "How to bake.", "Flour, water, [salt](salt.md).\n");
        assert_eq!(post(&plain), []);
    }
}
