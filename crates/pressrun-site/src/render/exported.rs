//! Recognises copies of the theme's files in the folder of a site.
//!
//! A copy begins with a comment that names the file, the version of the program and a hash of the
//! theme's text, so that a later version knows whether the theme has changed since. The comment is no
//! part of the copy: a copy that nobody edited counts as the theme's own file.

use std::borrow::Cow;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};

use super::frame::GENERATOR;
use super::theme::{TEMPLATES, Theme};

/// What every such comment says first.
const MARK: &str = "copied from the theme of ";

/// Digits of the hash.
const HASH_DIGITS: usize = 16;

/// Returns a copy of a theme's file, for its author to edit: `text` with the comment.
pub fn mark_copy(name: &str, text: &str) -> String {
    let (open, close) = comment_of(name);
    let hash = hash_text(text);
    format!("{open} {MARK}{GENERATOR}, hash {hash} {close}\n{text}")
}

/// Splits a copy into the hash of the text that it was made of, and the text as it is now. Returns
/// `None` for a file that is no copy.
pub(super) fn split_copy(text: &str) -> Option<(&str, &str)> {
    let (first, rest) = text.split_once('\n')?;
    let (_, said) = first.split_once(MARK)?;
    let (_, hash) = said.split_once(", hash ")?;
    let hash = hash.get(..HASH_DIGITS)?;
    let is_hash = hash.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then_some((hash, rest))
}

/// Returns a note for each copy of a template whose original has changed since.
pub(super) fn report_outdated_copies(own: &[(String, String)], theme: Theme) -> Vec<Diagnostic> {
    let copies: Vec<(&String, &str, &str)> = own
        .iter()
        .filter_map(|(name, text)| split_copy(text).map(|(hash, text)| (name, hash, text)))
        .collect();
    if copies.is_empty() {
        return Vec::new();
    }
    let originals = (theme.templates)();
    let outdated = copies.into_iter().filter_map(|(name, hash, text)| {
        let (_, original) = originals.iter().find(|(known, _)| known == name)?;
        if hash_text(original) == hash {
            return None;
        }
        let is_edited = hash_text(&with_plain_line_ends(text)) != hash;
        let help = if is_edited {
            format!("compare it with `pressrun theme --export {name} --into DIR`")
        } else {
            format!("nobody edited it: delete it, or run `pressrun theme --export {name} --force`")
        };
        let message = format!("the theme's `{name}` has changed since this copy of it was made");
        let place = FilePlace::line(format!("{TEMPLATES}/{name}"), 1);
        Some(Diagnostic::new(Code::OutdatedTemplate, place, message).with_help(help))
    });
    outdated.collect()
}

/// Returns whether a text is that of the theme, or a copy of it that nobody edited.
pub(super) fn is_unedited(own: &[u8], original: &[u8]) -> bool {
    let Ok(own) = std::str::from_utf8(own) else {
        return false;
    };
    let text = split_copy(own).map_or(own, |(_, text)| text);
    with_plain_line_ends(text).as_bytes() == original
}

/// Returns a text with the line ends of the theme: git gives a copy others on Windows.
fn with_plain_line_ends(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    }
}

fn hash_text(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..HASH_DIGITS].to_owned()
}

/// Returns how a comment in a file begins and ends.
fn comment_of(name: &str) -> (&'static str, &'static str) {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => ("/*", "*/"),
        "js" => ("//", ""),
        "svg" => ("<!--", "-->"),
        _ => ("{#-", "-#}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_is_recognised_whatever_was_edited_below_its_comment() {
        for name in ["post.html", "style.css", "script.js", "favicon.svg"] {
            let copy = mark_copy(name, "one\ntwo\n");
            let (hash, text) = split_copy(&copy).unwrap();
            assert_eq!(
                (hash, text),
                (&*hash_text("one\ntwo\n"), "one\ntwo\n"),
                "{name}"
            );
            assert_eq!(
                split_copy(&copy.replace("one", "1")),
                Some((hash, "1\ntwo\n"))
            );
        }
        let copy = mark_copy("a.js", "one\ntwo\n");
        for (own, expected) in [
            (copy.clone(), true),
            (copy.replace('\n', "\r\n"), true),
            ("one\ntwo\n".to_owned(), true),
            (copy.replace("one", "1"), false),
        ] {
            assert_eq!(
                is_unedited(own.as_bytes(), b"one\ntwo\n"),
                expected,
                "{own}"
            );
        }
        for text in [
            "",
            "one",
            "copied from the theme of x\n",
            "{#- other -#}\nx",
        ] {
            assert_eq!(split_copy(text), None, "{text}");
        }
    }

    #[test]
    fn copy_is_outdated_once_the_theme_has_changed() {
        const CHANGED: Theme = Theme {
            templates: || vec![("a.html".to_owned(), "new".to_owned())],
            file: |_| Cow::Borrowed(b""),
        };
        let check = |copy: String, expected: Option<&str>| {
            let found = report_outdated_copies(&[("a.html".to_owned(), copy)], CHANGED);
            let help = found.first().and_then(|one| one.help.as_deref());
            assert_eq!(
                help.map(|help| help.split(':').next().unwrap_or_default()),
                expected
            );
        };
        check(mark_copy("a.html", "new"), None);
        check(mark_copy("a.html", "new").replace("new", "mine"), None);
        check(mark_copy("a.html", "old"), Some("nobody edited it"));
        check(
            mark_copy("a.html", "old\n").replace('\n', "\r\n"),
            Some("nobody edited it"),
        );
        check(
            mark_copy("a.html", "old").replace("\nold", "\nmine"),
            Some("compare it with `pressrun theme --export a.html --into DIR`"),
        );
        check("own".to_owned(), None);
    }
}
