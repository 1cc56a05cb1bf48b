//! Sanitises a page that contains HTML by its author, as the last step. The only user of `ammonia`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::sync::LazyLock;

use ammonia::Builder;
use memchr::{memchr2_iter, memmem, memrchr2};

use super::elements;

/// Parses the HTML as a browser does, removes what is not allowed, and writes the rest again.
/// Returns `None` if the page grows too much, because the parser copied elements again and again.
///
/// This covers the whole page rather than each piece of the author's HTML: only HTML that was
/// parsed, filtered and written as a whole means the same to a browser as to the filter.
pub(in super::super) fn sanitize_page(html: &str) -> Option<String> {
    let document = SANITIZER.clean(&with_stops(html));
    let mut writer = LimitedWriter {
        written: Vec::with_capacity(html.len() + html.len() / 8),
        limit: MAX_GROWTH * html.len() + 1024,
    };
    document.write_to(&mut writer).ok()?;
    let clean = String::from_utf8(writer.written).expect("what is made of UTF-8 is UTF-8");
    Some(without_stops(clean))
}

/// The factor by which a page may grow. A `>` becomes `&gt;`, and a no-break space of two bytes
/// becomes `&nbsp;`.
const MAX_GROWTH: usize = 6;

/// Accepts a page up to a maximum length.
struct LimitedWriter {
    written: Vec<u8>,
    limit: usize,
}

impl Write for LimitedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written.len() + bytes.len() > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The mark that divides a long text or attribute value. The page contains no other U+0003, because
/// control characters of the author were removed.
const STOP: &str = "\u{3}&gt;";

/// Maximum number of bytes of a text without a stop.
const STRETCH: usize = 2048;

/// Inserts stops into long texts and values.
///
/// When html5ever writes a text, it searches for the next `<` or `>` after each `&`, U+00A0 and
/// `«`. In four megabytes of `&&`, each search would read the whole rest. A stop contains a `>`, so
/// that no search reads far.
fn with_stops(html: &str) -> Cow<'_, str> {
    let bytes = html.as_bytes();
    let mut out = String::new();
    let mut done = 0;
    let mut stop = 0;
    // Both bytes occur only in texts and values, and both are the first byte of a character.
    for at in memchr2_iter(b'&', 0xc2, bytes) {
        if at - stop < STRETCH {
            continue;
        }
        let near = at - STRETCH;
        if let Some(found) = memrchr2(b'<', b'>', &bytes[near..at]) {
            stop = near + found;
            continue;
        }
        out.push_str(&html[done..at]);
        out.push_str(STOP);
        done = at;
        stop = at;
    }
    if done == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[done..]);
    Cow::Owned(out)
}

fn without_stops(html: String) -> String {
    if memmem::find(html.as_bytes(), STOP.as_bytes()).is_none() {
        return html;
    }
    html.replace(STOP, "")
}

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(elements::allowed_elements().chain(["input"]).collect())
        // Their content is not for readers, so it goes too.
        .clean_content_tags(HashSet::from(["script", "style"]))
        .generic_attributes(generic_attributes())
        .generic_attribute_prefixes(HashSet::from(["aria-"]))
        .tag_attributes(tag_attributes())
        .tag_attribute_values(HashMap::from([(
            "input",
            HashMap::from([("type", HashSet::from(["checkbox"]))]),
        )]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(None);
    builder
});

fn generic_attributes() -> HashSet<&'static str> {
    // `writer` prints these; an author may not, and `rewrite` has removed theirs.
    let ours = ["role", "tabindex"];
    elements::GLOBAL_ATTRIBUTES
        .iter()
        .copied()
        .chain(ours)
        .collect()
}

fn tag_attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    let ours: [(&str, &[&str]); 6] = [
        ("audio", &["controls", "preload"]),
        ("video", &["controls", "preload"]),
        ("div", &["data-lang"]),
        ("img", &["decoding"]),
        ("input", &["disabled", "checked"]),
        ("span", &["data-line"]),
    ];
    let theirs =
        elements::allowed_elements().map(|name| (name, elements::allowed_attributes(name)));
    let mut all: HashMap<_, HashSet<_>> = HashMap::new();
    for (name, attributes) in theirs.chain(ours) {
        all.entry(name).or_default().extend(attributes);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(sanitize_page(html).as_deref(), Some(expected));
    }

    #[test]
    fn scripts_handlers_styles_and_frames_go() {
        check(
            "<script>alert(1)</script><p onclick=\"x\" style=\"color:red\">a</p>",
            "<p>a</p>",
        );
        check(
            "<iframe src=\"//a.b\"></iframe><form><b>c</b></form>",
            "<b>c</b>",
        );
        check(
            "<a href=\"javascript:x\">a</a><img src=\"data:x\">",
            "<a>a</a><img>",
        );
        check(
            "<input type=\"text\" disabled=\"\">",
            "<input disabled=\"\">",
        );
    }

    #[test]
    fn long_texts_and_values_come_out_as_they_went_in() {
        for piece in ["&amp;", "a«\u{a0}", "é&lt;", "&amp;copy", "x"] {
            let text = piece.repeat(10_000);
            let html = format!("<p title=\"{text}\">{text}</p><pre>{text}</pre>");
            check(&html, &html.replace('\u{a0}', "&nbsp;"));
        }
    }

    #[test]
    fn page_that_the_parser_makes_far_longer_is_refused() {
        let title = "x".repeat(10_000);
        let html = format!("<p><b title=\"{title}\">{}", "<p>y".repeat(10_000));
        assert_eq!(sanitize_page(&html), None);
    }

    #[test]
    fn known_mutations_do_no_harm() {
        for attack in [
            "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        ] {
            let clean = sanitize_page(attack).unwrap();
            assert!(
                !clean.contains("<img src=\"1\" on") && !clean.contains("onerror=alert(1)>"),
                "{clean}"
            );
            check(&clean, &clean);
        }
    }
}
