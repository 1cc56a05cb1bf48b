//! Validates the names in `[deploy]`, which become arguments of git commands and parts of a file
//! that GitHub reads.

/// Validates a domain such as `blog.example.com`, without scheme and path, and returns it in lower
/// case.
///
/// # Errors
///
/// Returns what is expected instead, worded as the object of "takes".
pub fn parse_domain(text: &str) -> Result<String, String> {
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if text.len() <= 253 && text.contains('.') && text.split('.').all(label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a domain such as `blog.example.com`, without `https://` and `/`".to_owned())
    }
}

/// Validates the name of a branch by the rules of `git check-ref-format`.
pub(super) fn parse_branch(text: &str) -> Result<String, String> {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.to_ascii_lowercase().ends_with(".lock")
    };
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    // A name that begins with `-` would be an option of git.
    let right = text.split('/').all(part)
        && !text.starts_with('-')
        && !text.contains(forbidden)
        && !text.contains("..")
        && !text.contains("@{")
        && !matches!(text, "@" | "HEAD");
    if right {
        Ok(text.to_owned())
    } else {
        Err("the name of a branch such as `gh-pages`".to_owned())
    }
}

/// Validates the name of a remote.
pub(super) fn parse_remote(text: &str) -> Result<String, String> {
    parse_branch(text)
        .map_err(|_| "the name of a remote such as `origin`, as `git remote` lists them".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_is_bare() {
        assert_eq!(
            parse_domain("Blog.Example.com").as_deref(),
            Ok("blog.example.com")
        );
        for text in [
            "",
            "localhost",
            "https://a.b",
            "a.b/",
            "a..b",
            "-a.b",
            "a b.c",
            "a.b:80",
        ] {
            assert!(parse_domain(text).is_err(), "{text}");
        }
    }

    #[test]
    fn name_that_git_would_take_for_something_else_is_refused() {
        for text in ["gh-pages", "pages/live", "сайт"] {
            assert!(parse_branch(text).is_ok(), "{text}");
        }
        for text in [
            "", "-f", "--force", "a b", "a..b", "a/", "/a", "a.lock", ".a", "a:b", "HEAD", "a@{1}",
        ] {
            assert!(parse_branch(text).is_err(), "{text}");
        }
    }
}
