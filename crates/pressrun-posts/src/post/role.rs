//! What a text of the content folder is for: a post, a page, or the text of a list.

use super::extra::{find_extra, is_true_word, normalise_key};
use super::{ExtraValue, Post};

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextRole {
    /// It is a post.
    Post,
    /// It is a page: it has an address, but is in no list, feed or term.
    Page,
    /// It stands above the posts of the home page.
    HomeText,
    /// It describes the category that its file is named after.
    CategoryText,
    /// It describes the tag that its file is named after.
    TagText,
    /// It describes the series that its file is named after.
    SeriesText,
}

/// The folder that all texts are in.
const CONTENT: &str = "content/";

/// The stem of a file with the text of a list, in the folder of that list.
const LIST_TEXT: &str = "_index";

/// The file extensions of such files. JSON holds replies.
const LIST_TEXT_ENDINGS: [&str; 4] = ["md", "markdown", "mdx", "txt"];

impl TextRole {
    /// Returns what a text is for, by the path of its file from the site root and its front matter.
    pub fn find(path: &str, extra: &[(String, ExtraValue)]) -> Self {
        let by_path = Self::find_by_path(path);
        if by_path != Self::Post {
            return by_path;
        }
        let is_page = |(key, value): &(String, ExtraValue)| {
            matches!(value, ExtraValue::Text(text) if text.trim().eq_ignore_ascii_case("page"))
                && matches!(&*normalise_key(key), "type" | "layout")
        };
        if extra.iter().any(is_page) {
            Self::Page
        } else {
            Self::Post
        }
    }

    fn find_by_path(path: &str) -> Self {
        let Some(below) = path.strip_prefix(CONTENT) else {
            return Self::Post;
        };
        let (folder, name) = below.split_once('/').unwrap_or(("", below));
        match folder {
            "" | "pages" if list_text_stem(name) == Some(LIST_TEXT) => Self::HomeText,
            "pages" => Self::Page,
            "categories" if list_text_stem(name).is_some() => Self::CategoryText,
            "tags" if list_text_stem(name).is_some() => Self::TagText,
            "series" if list_text_stem(name).is_some() => Self::SeriesText,
            _ => Self::Post,
        }
    }

    /// Returns whether it is the text of a list.
    pub fn is_list_text(self) -> bool {
        match self {
            Self::HomeText | Self::CategoryText | Self::TagText | Self::SeriesText => true,
            Self::Post | Self::Page => false,
        }
    }
}

/// Returns whether the file at a path from the site root holds the text of the home page.
pub fn is_home_text(path: &str) -> bool {
    TextRole::find_by_path(path) == TextRole::HomeText
}

/// Returns the name of a file without its extension, if the file is in no further folder and can
/// hold the text of a list.
fn list_text_stem(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let mut known = LIST_TEXT_ENDINGS.iter();
    let is_known = known.any(|known| ending.eq_ignore_ascii_case(known));
    (is_known && !stem.contains('/')).then_some(stem)
}

impl<B> Post<B> {
    /// Returns what the text is for.
    pub fn role(&self) -> TextRole {
        TextRole::find(&self.source.file, &self.extra)
    }

    /// Returns the template that the author chose for a page.
    pub fn template(&self) -> Option<&str> {
        find_template(&self.extra)
    }

    /// Returns whether the author wants a page in the menu. Hugo's name for the main menu counts as
    /// `true`.
    pub fn is_in_menu(&self) -> bool {
        match find_extra(&self.extra, "menu") {
            Some(ExtraValue::Bool(is_true)) => *is_true,
            Some(ExtraValue::Text(text) | ExtraValue::Number(text)) => {
                is_true_word(text) || is_main_menu(text)
            }
            Some(ExtraValue::List(menus)) => menus
                .iter()
                .any(|menu| matches!(menu, ExtraValue::Text(name) if is_main_menu(name))),
            Some(ExtraValue::Map(menus)) => menus.iter().any(|(name, _)| is_main_menu(name)),
            Some(ExtraValue::Null) | None => false,
        }
    }
}

/// Returns the template that front matter names.
pub(crate) fn find_template(extra: &[(String, ExtraValue)]) -> Option<&str> {
    match find_extra(extra, "template")? {
        ExtraValue::Text(name) => Some(name.trim()).filter(|name| !name.is_empty()),
        _ => None,
    }
}

fn is_main_menu(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("main")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> ExtraValue {
        ExtraValue::Text(text.to_owned())
    }

    #[track_caller]
    fn check(path: &str, keys: &[(&str, &str)], expected: TextRole) {
        let extra: Vec<(String, ExtraValue)> = keys
            .iter()
            .map(|(key, value)| ((*key).to_owned(), text(value)))
            .collect();
        assert_eq!(TextRole::find(path, &extra), expected, "{path} {keys:?}");
    }

    #[test]
    fn folder_or_front_matter_makes_a_page() {
        check("content/pages/about.md", &[], TextRole::Page);
        check("content/pages/a/b.jsonl", &[], TextRole::Page);
        check("content/a.md", &[("type", "page")], TextRole::Page);
        check("content/a.md", &[("Layout", "Page")], TextRole::Page);
        check("content/pages/a.md", &[("type", "post")], TextRole::Page);
        check("content/a.md", &[("type", "post")], TextRole::Post);
        check("content/a.md", &[("template", "page")], TextRole::Post);
        check("content/pages.md", &[], TextRole::Post);
        check("content/x/pages/a.md", &[], TextRole::Post);
    }

    #[test]
    fn lists_have_their_texts_in_files_with_set_names() {
        check("content/_index.md", &[], TextRole::HomeText);
        check("content/pages/_index.txt", &[], TextRole::HomeText);
        check("content/categories/news.md", &[], TextRole::CategoryText);
        check("content/tags/c.sharp.mdx", &[], TextRole::TagText);
        check("content/series/first-steps.md", &[], TextRole::SeriesText);
        check("content/series/first-steps/1.md", &[], TextRole::Post);
        check("content/tags/a/b.md", &[], TextRole::Post);
        check("content/tags/batch.jsonl", &[], TextRole::Post);
        check("content/pages/a/_index.md", &[], TextRole::Page);
        check("content/posts/_index.md", &[], TextRole::Post);
    }

    #[test]
    fn menu_is_asked_for_with_true_or_the_name_of_the_main_menu() {
        let is_in_menu = |value| {
            let extra = vec![("menu".to_owned(), value)];
            let post: Post = Post {
                extra,
                ..Post::default()
            };
            post.is_in_menu()
        };
        assert!(is_in_menu(ExtraValue::Bool(true)));
        assert!(is_in_menu(text("yes")) && is_in_menu(text("main")));
        assert!(is_in_menu(ExtraValue::List(vec![text("main")])));
        let map = vec![("main".to_owned(), ExtraValue::Map(Vec::new()))];
        assert!(is_in_menu(ExtraValue::Map(map)));
        assert!(!is_in_menu(ExtraValue::Bool(false)));
        assert!(!is_in_menu(text("footer")));
    }
}
