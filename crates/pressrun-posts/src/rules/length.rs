//! R9.3: titles and descriptions that are so long that they get cut off where they are shown.

use crate::diagnostic::{Code, Finding};
use crate::post::{FieldSource, Post};

/// The maximum number of characters in a title.
const MOST_IN_TITLE: usize = 120;

/// The maximum number of characters in a description.
const MOST_IN_DESCRIPTION: usize = 160;

/// Reports a title of more than 120 characters.
pub(super) fn check_title_length(post: &Post) -> Option<Finding> {
    let length = count_if_longer(&post.title, MOST_IN_TITLE)?;
    let message = format!("the title has {length} characters, more than {MOST_IN_TITLE}");
    let finding = Finding::new(Code::TitleTooLong, post.source.line, message);
    Some(finding.with_help("shorten it; lists, feeds and search results cut it off"))
}

/// Reports a description of more than 160 characters, unless it was derived.
pub(super) fn check_description_length(post: &Post) -> Option<Finding> {
    // A derived description is cut to the limit already.
    if post.origins.description == FieldSource::Derived {
        return None;
    }
    let length = count_if_longer(&post.description, MOST_IN_DESCRIPTION)?;
    let message =
        format!("the description has {length} characters, more than {MOST_IN_DESCRIPTION}");
    let finding = Finding::new(Code::DescriptionTooLong, post.source.line, message);
    Some(finding.with_help("shorten it; search results cut it off"))
}

/// Returns the number of characters of `text`, if it is more than `most`.
fn count_if_longer(text: &str, most: usize) -> Option<usize> {
    // A text has at least as many bytes as characters.
    if text.len() <= most {
        return None;
    }
    let length = text.chars().count();
    (length > most).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::FieldSources;

    fn post(title: usize, description: usize, origin: FieldSource) -> Post {
        Post {
            title: "é".repeat(title),
            description: "é".repeat(description),
            origins: FieldSources {
                description: origin,
                ..FieldSources::default()
            },
            ..Post::default()
        }
    }

    #[test]
    fn a_title_may_have_120_characters() {
        assert_eq!(check_title_length(&post(120, 0, FieldSource::None)), None);
        let found = check_title_length(&post(121, 0, FieldSource::None)).expect("too long");
        assert_eq!(found.code, Code::TitleTooLong);
        assert_eq!(found.message, "the title has 121 characters, more than 120");
    }

    #[test]
    fn a_given_description_may_have_160_characters() {
        assert_eq!(
            check_description_length(&post(0, 160, FieldSource::Header)),
            None
        );
        assert_eq!(
            check_description_length(&post(0, 161, FieldSource::Derived)),
            None
        );
        let found = check_description_length(&post(0, 161, FieldSource::End)).expect("too long");
        assert_eq!(found.code, Code::DescriptionTooLong);
    }
}
