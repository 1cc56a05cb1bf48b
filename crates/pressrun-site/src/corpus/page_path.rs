//! Reads the address of a page as an author wrote it: `/2019/a-post/`, `/old.html`, `caf%C3%A9/`.
//!
//! Not here: which addresses are taken (`addresses`, `own_paths`).

use std::fmt;

use percent_encoding::percent_decode_str;
use pressrun_posts::post::slug::is_device_name;
use pressrun_text::visible::first_misplaced;
use unicode_normalization::UnicodeNormalization;

use super::addresses::{MOST_NAME_BYTES, MOST_PATH_BYTES};
use crate::fs;

/// Why a text cannot be the address of a page, worded as the predicate of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PagePathFault {
    /// It is empty, or leads out of its folder.
    NoPath,
    /// It has a character that no address should have.
    Character(char),
    /// Not every system allows such a file.
    NotPortable,
    /// It begins with a dot, as the files of programs do: `.git`, `.htaccess`.
    Hidden,
    /// It has a name that git or pressrun keeps for itself.
    Reserved,
    /// It is too long for a file.
    TooLong,
}

impl fmt::Display for PagePathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPath => f.write_str("is no path of a page"),
            Self::Character(c) => write!(f, "has the character U+{:04X}", u32::from(*c)),
            Self::NotPortable => f.write_str("has a name that not every system allows"),
            Self::Hidden => f.write_str("has a name that begins with a dot"),
            Self::Reserved => f.write_str("has a name that git or pressrun keeps for itself"),
            Self::TooLong => f.write_str("is too long for a file"),
        }
    }
}

/// Reads the path of a page below the root of the site, percent-encoded or not.
///
/// The result starts with `/`, is decoded, and ends with `/` or `.html`: a page whose name has no
/// such ending is served from a folder. So `a`, `/a/` and `/a/index.html` are one path.
///
/// # Errors
///
/// Returns why the path cannot be the address of a page.
pub fn parse_page_path(written: &str) -> Result<String, PagePathFault> {
    // Decoding can only shorten it.
    if written.len() > 3 * MOST_PATH_BYTES {
        return Err(PagePathFault::TooLong);
    }
    let decoded = percent_decode_str(written.trim()).decode_utf8();
    let decoded: String = decoded.map_err(|_| PagePathFault::NoPath)?.nfc().collect();
    let control = decoded.chars().find(|c| c.is_control());
    if let Some(c) = control.or_else(|| first_misplaced(&decoded)) {
        return Err(PagePathFault::Character(c));
    }
    let mut path = String::with_capacity(decoded.len() + 2);
    for name in decoded.split('/').filter(|name| !name.is_empty()) {
        if matches!(name, "." | "..") {
            return Err(PagePathFault::NoPath);
        }
        if name.starts_with('.') {
            return Err(PagePathFault::Hidden);
        }
        if name.starts_with(' ') || !is_portable_name(name) {
            return Err(PagePathFault::NotPortable);
        }
        if is_git_name(name) || path.is_empty() && is_own_name(name) {
            return Err(PagePathFault::Reserved);
        }
        if name.len() > MOST_NAME_BYTES {
            return Err(PagePathFault::TooLong);
        }
        path.push('/');
        path.push_str(name);
    }
    if path.is_empty() && decoded.is_empty() {
        return Err(PagePathFault::NoPath);
    }
    let is_file = path.ends_with(".html") && !decoded.ends_with('/');
    if let Some(folder) = path.strip_suffix("/index.html").filter(|_| is_file) {
        path.truncate(folder.len() + 1);
    } else if !is_file {
        path.push('/');
    }
    if path.len() > MOST_PATH_BYTES {
        return Err(PagePathFault::TooLong);
    }
    Ok(path)
}

/// Returns whether git takes a name for that of its own folder on Windows, and so refuses to publish
/// it.
fn is_git_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("git~1")
}

/// Returns whether a name at the root of a site is that of the preview's own pages.
fn is_own_name(name: &str) -> bool {
    fs::folded(name) == "_pressrun"
}

/// Returns whether Windows allows a name for a file or folder.
pub(crate) fn is_portable_name(name: &str) -> bool {
    let forbidden =
        |c: char| c < ' ' || matches!(c, '<' | '>' | ':' | '"' | '\\' | '|' | '?' | '*');
    // Windows reserves `con.txt` and `con.tar.gz` as well as `con`.
    let stem = name.split('.').next().unwrap_or(name);
    !(name.ends_with(['.', ' ']) || name.contains(forbidden) || is_device_name(stem.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: Result<&str, PagePathFault>) {
        let path = parse_page_path(written);
        assert_eq!(path.as_deref(), expected.as_deref(), "{written}");
    }

    #[test]
    fn every_way_of_writing_a_page_is_one_path() {
        for written in ["/a/b", "a/b/", "/a/b/index.html", "//a//b//", " /a/b "] {
            check(written, Ok("/a/b/"));
        }
        check("/a/b.html", Ok("/a/b.html"));
        check("/a.html/", Ok("/a.html/"));
        check("/old.php", Ok("/old.php/"));
        check("/", Ok("/"));
        check("/index.html", Ok("/"));
    }

    #[test]
    fn path_is_decoded_once_and_composed() {
        check("/caf%C3%A9/", Ok("/café/"));
        check("/cafe\u{301}/", Ok("/café/"));
        check("/100%25", Ok("/100%/"));
        check("/a%2520b/", Ok("/a%20b/"));
        check("/日本/", Ok("/日本/"));
    }

    #[test]
    fn path_that_leads_out_or_cannot_be_a_file_is_refused() {
        for written in ["", " ", "/../a/", "/a/%2e%2E/b", "/./a", "/%FF/"] {
            check(written, Err(PagePathFault::NoPath));
        }
        for written in ["/con/", "/a/NUL.html", "/a./", "/a%5Cb/", "/a:b/", "/%20a/"] {
            check(written, Err(PagePathFault::NotPortable));
        }
        for written in ["/.git/", "/.htaccess", "/a/%2egit/x.html", "/.../"] {
            check(written, Err(PagePathFault::Hidden));
        }
        check("/a%00/", Err(PagePathFault::Character('\0')));
        check("/a%0Ab/", Err(PagePathFault::Character('\n')));
        check("/%E2%80%AEa/", Err(PagePathFault::Character('\u{202E}')));
        check(
            &format!("/{}/", "a".repeat(256)),
            Err(PagePathFault::TooLong),
        );
        check(&"/abcdefghi".repeat(81), Err(PagePathFault::TooLong));
        check(&"/a".repeat(100_000), Err(PagePathFault::TooLong));
    }

    #[test]
    fn names_of_git_and_of_pressrun_are_reserved() {
        for written in ["/a/git~1/", "/GIT~1", "/_pressrun/a/", "/_Pressrun"] {
            check(written, Err(PagePathFault::Reserved));
        }
        for written in ["/a/git/", "/a/_pressrun/", "/pressrun/"] {
            assert!(parse_page_path(written).is_ok(), "{written}");
        }
    }

    #[test]
    fn names_of_devices_and_strange_characters_are_not_portable() {
        for name in [
            "con",
            "NUL",
            "aux.html",
            "Com1",
            "lpt9.tar.gz",
            "prn .txt",
            "a.",
            "a ",
            "a:b",
            "a?",
            "com²",
            "a\\b",
            "\u{1}",
        ] {
            assert!(!is_portable_name(name), "{name:?}");
        }
    }

    #[test]
    fn names_that_only_look_like_devices_are_portable() {
        for name in [
            "console",
            "com",
            "com10",
            "nul-und-nichtig",
            ".nojekyll",
            "a.con",
            "é",
            "lptx",
            "日本",
            "..a",
        ] {
            assert!(is_portable_name(name), "{name:?}");
        }
    }
}
