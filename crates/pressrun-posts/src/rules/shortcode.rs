//! R9.4: a shortcode of Hugo, or Liquid of Jekyll.
//!
//! pressrun runs no shortcodes, so readers would see them. Code is exempt, because an article about
//! such a program shows them there.

use std::ops::Range;

use super::field::TextMatch;
use super::placeholder_text::skip_to_closing;
use super::setting::{LintBody, TextSetting};
use crate::diagnostic::{Code, Diagnostic};
use crate::post::Post;

/// The maximum number of characters in a shortcode. It keeps an opening mark from starting a search
/// to the end of a long text.
const MOST: usize = 1_000;

/// Reports the first shortcode of the body.
pub(super) fn check_shortcode<'p>(post: &'p Post, body: &LintBody<'p>) -> Option<Diagnostic> {
    let places = find_shortcodes(body.text);
    let found = TextMatch::in_body(post, body, places, |setting| setting != TextSetting::Code)?;
    let fault = "is a shortcode, which pressrun does not run";
    let diagnostic = found.diagnostic(post, Code::Shortcode, fault);
    Some(diagnostic.with_help("replace it with Markdown or HTML; put an example into backticks"))
}

/// Returns the shortcodes of `text`, in order.
fn find_shortcodes(text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    for at in memchr::memchr_iter(b'{', text.as_bytes()) {
        if places.last().is_some_and(|last| last.end > at) {
            continue;
        }
        if let Some(length) = measure_shortcode(&text[at..]) {
            places.push(at..at + length);
        }
    }
    places
}

/// Returns the length in bytes of a shortcode at the start of `text`.
fn measure_shortcode(text: &str) -> Option<usize> {
    const MARKS: [(&str, &str); 4] = [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}"), ("{{", "}}")];
    let (open, close) = MARKS.iter().find(|(open, _)| text.starts_with(open))?;
    let inner = &text[open.len()..];
    let rest = skip_to_closing(inner, close, MOST)?;
    let said = &inner[..inner.len() - rest.len() - close.len()];
    let is_shortcode = !said.trim().is_empty() && (*open != "{{" || is_shortcode_in_braces(said));
    is_shortcode.then(|| text.len() - rest.len())
}

/// Returns whether the text between `{{` and `}}` is no placeholder: its first word has a dot in it,
/// or is followed by `|`, or it is a shortcode of Hugo.
pub(super) fn is_shortcode_in_braces(said: &str) -> bool {
    if (said.starts_with('<') && said.ends_with('>'))
        || (said.starts_with('%') && said.ends_with('%'))
    {
        return true;
    }
    let said = said.trim_start();
    let end = said
        .find(|c: char| c.is_whitespace() || c == '|')
        .unwrap_or(said.len());
    let (word, rest) = said.split_at(end);
    word.contains('.') || rest.trim_start().starts_with('|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(text: &str, expected: &[&str]) {
        let found: Vec<&str> = find_shortcodes(text)
            .into_iter()
            .map(|place| &text[place])
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn shortcodes_and_liquid_are_found() {
        for text in [
            "{{< figure src=\"a.png\" >}}",
            "{{% notice %}}",
            "{% include a.html %}",
            "{%- if a -%}",
            "{{ site.url }}",
            "{{.Title}}",
            "{{ name | upcase }}",
            "{{name|upcase}}",
        ] {
            check_text(&format!("a {text} b"), &[text]);
        }
    }

    #[test]
    fn other_braces_are_not_attributes() {
        for text in [
            "{{ name }}",
            "{{ your name. }}",
            "{{< a",
            "{% b",
            "{a}",
            "{{}}",
            "{{%%}}",
            "{% %}",
        ] {
            check_text(text, &[]);
        }
    }

    #[test]
    fn code_is_exempt_and_quotes_are_not() {
        let check_body = |body: &str, expected: bool| {
            let post = Post {
                body: body.to_owned(),
                ..Post::default()
            };
            let found = check_shortcode(&post, &LintBody::new(&post.body));
            assert_eq!(found.is_some(), expected, "{body}");
        };
        check_body("`{{< a >}}`\n\n```\n{% b %}\n```", false);
        check_body("> {{< a >}}", true);
    }
}
