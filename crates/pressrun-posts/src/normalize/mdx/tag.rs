//! Reads the tags of components and the comments of MDX.

use std::collections::HashSet;

use memchr::memmem;

/// Measures tags and comments in a text.
#[derive(Debug)]
pub(super) struct TagReader<'t> {
    text: &'t str,
    /// Set once a search for `*/}` failed, so that it is not repeated for each `{/*`.
    no_comment_end: bool,
    /// The number of bytes that may still be read within braces and quotes, so that tags inside
    /// tags do not take quadratic time.
    budget: usize,
}

impl<'t> TagReader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            no_comment_end: false,
            budget: 16 * text.len(),
        }
    }

    /// Returns the length of the comment `{/* … */}` at `at`.
    pub(super) fn measure_comment(&mut self, at: usize) -> Option<usize> {
        let rest = self.text[at..].strip_prefix("{/*")?;
        if self.no_comment_end {
            return None;
        }
        let end = memmem::find(rest.as_bytes(), b"*/}");
        self.no_comment_end = end.is_none();
        Some(end? + "{/*".len() + "*/}".len())
    }

    /// Returns the length of the tag of a component at `at`, which is at a `<`.
    pub(super) fn measure_tag(&mut self, at: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[at..];
        let name = read_tag_name(&self.text[at..])?;
        let mut end = 1 + usize::from(rest[1] == b'/') + name.len();
        loop {
            match rest.get(end)? {
                b'>' => return Some(end + 1),
                b'{' => end += self.measure_braces(&rest[end..])?,
                &quote @ (b'"' | b'\'') => end += self.measure_quoted(&rest[end..], quote)?,
                // A blank line ends the paragraph, and with it what would be a tag.
                b'\n' if rest.get(end + 1) == Some(&b'\n') => return None,
                byte if byte.is_ascii_whitespace() || is_attribute_byte(*byte) => end += 1,
                _ => return None,
            }
        }
    }

    fn measure_quoted(&mut self, rest: &[u8], quote: u8) -> Option<usize> {
        let end = memchr::memchr(quote, &rest[1..(self.budget + 1).min(rest.len())]);
        self.budget = self.budget.saturating_sub(end.unwrap_or(rest.len()));
        Some(end? + 2)
    }

    /// Returns the length of an expression in braces. Braces in its strings do not count.
    fn measure_braces(&mut self, rest: &[u8]) -> Option<usize> {
        let mut depth = 0_usize;
        let mut quote = None;
        let mut found = None;
        for (at, &byte) in rest.iter().enumerate().take(self.budget) {
            match (quote, byte) {
                (Some(open), byte) => quote = Some(open).filter(|open| *open != byte),
                (None, b'"' | b'\'' | b'`') => quote = Some(byte),
                (None, b'{') => depth += 1,
                (None, b'}') if depth == 1 => {
                    found = Some(at + 1);
                    break;
                }
                (None, b'}') => depth -= 1,
                (None, _) => {}
            }
        }
        self.budget = self.budget.saturating_sub(found.unwrap_or(rest.len()));
        found
    }
}

fn is_attribute_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b'_' | b'-' | b':' | b'.' | b'/')
}

/// Returns the name in the tag of a component: it begins with a capital letter.
pub(super) fn read_tag_name(tag: &str) -> Option<&str> {
    let rest = tag.strip_prefix('<')?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let is_name_byte =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = rest.bytes().take_while(is_name_byte).count();
    rest.starts_with(|c: char| c.is_ascii_uppercase())
        .then(|| &rest[..length])
}

/// Returns the names of the components that the text closes.
pub(super) fn collect_closed_names(text: &str) -> HashSet<&str> {
    memmem::find_iter(text.as_bytes(), b"</")
        .filter_map(|at| read_tag_name(&text[at..]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = TagReader::new(text).measure_tag(0);
        assert_eq!(found.map(|length| &text[..length]), expected, "{text}");
    }

    #[test]
    fn tag_ends_at_its_angle_bracket() {
        check("<A>b", Some("<A>"));
        check("</A.B >c", Some("</A.B >"));
        check(
            "<A b=\">\" c={d > e} {...f}/>g",
            Some("<A b=\">\" c={d > e} {...f}/>"),
        );
        check("<A\n  b\n>", Some("<A\n  b\n>"));
        check("<A b={`}`} c={{d: 1}}/>", Some("<A b={`}`} c={{d: 1}}/>"));
    }

    #[test]
    fn other_angles_are_not_tags() {
        for text in [
            "<a>", "<A", "<A, B>", "<A < b>", "<A b={c>", "<A\n\n>", "< A>",
        ] {
            check(text, None);
        }
    }
}
