//! R9.3: titles and descriptions that are so long that they get cut off where they are shown.

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::post::{Origin, Post};

/// The maximum number of characters in a title.
const MOST_IN_TITLE: usize = 120;

/// The maximum number of characters in a description.
const MOST_IN_DESCRIPTION: usize = 160;

/// Reports a title of more than 120 characters.
pub(super) fn title(post: &Post) -> Option<Diagnostic> {
    let length = longer_than(&post.title, MOST_IN_TITLE)?;
    let message = format!("the title has {length} characters, more than {MOST_IN_TITLE}");
    let diagnostic = Diagnostic::new(Code::TitleTooLong, place(post), message);
    Some(diagnostic.help("shorten it; lists, feeds and search results cut it off"))
}

/// Reports a description of more than 160 characters, unless it was derived.
pub(super) fn description(post: &Post) -> Option<Diagnostic> {
    // A derived description is cut to the limit already.
    if post.origins.description == Origin::Derived {
        return None;
    }
    let length = longer_than(&post.description, MOST_IN_DESCRIPTION)?;
    let message =
        format!("the description has {length} characters, more than {MOST_IN_DESCRIPTION}");
    let diagnostic = Diagnostic::new(Code::DescriptionTooLong, place(post), message);
    Some(diagnostic.help("shorten it; search results cut it off"))
}

/// Returns the number of characters of `text`, if it is more than `most`.
fn longer_than(text: &str, most: usize) -> Option<usize> {
    // A text has at least as many bytes as characters.
    if text.len() <= most {
        return None;
    }
    let length = text.chars().count();
    (length > most).then_some(length)
}

fn place(post: &Post) -> Place {
    Place::line(post.source.file.clone(), post.source.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Origins;

    fn post(title: usize, description: usize, origin: Origin) -> Post {
        Post {
            title: "é".repeat(title),
            description: "é".repeat(description),
            origins: Origins {
                description: origin,
                ..Origins::default()
            },
            ..Post::default()
        }
    }

    #[test]
    fn a_title_may_have_120_characters() {
        assert_eq!(title(&post(120, 0, Origin::None)), None);
        let found = title(&post(121, 0, Origin::None)).expect("too long");
        assert_eq!(found.code, Code::TitleTooLong);
        assert_eq!(found.message, "the title has 121 characters, more than 120");
    }

    #[test]
    fn a_given_description_may_have_160_characters() {
        assert_eq!(description(&post(0, 160, Origin::Header)), None);
        assert_eq!(description(&post(0, 161, Origin::Derived)), None);
        let found = description(&post(0, 161, Origin::End)).expect("too long");
        assert_eq!(found.code, Code::DescriptionTooLong);
    }
}
