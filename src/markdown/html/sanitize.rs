//! Sanitises a page that contains HTML by its author, as the last step. The only user of `ammonia`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;

use super::elements;

/// Parses the HTML as a browser does, removes what is not allowed, and writes the rest again.
///
/// This covers the whole page rather than each piece of the author's HTML: only HTML that was
/// parsed, filtered and written as a whole means the same to a browser as to the filter.
pub(in super::super) fn sanitize(html: &str) -> String {
    SANITIZER.clean(html).to_string()
}

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(elements::allowed().chain(["input"]).collect())
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
    let ours: [(&str, &[&str]); 3] = [
        ("div", &["data-lang"]),
        ("img", &["loading", "decoding"]),
        ("input", &["disabled", "checked"]),
    ];
    let theirs = elements::allowed().map(|name| (name, elements::attributes(name)));
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
        assert_eq!(sanitize(html), expected);
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
    fn known_mutations_do_no_harm() {
        for attack in [
            "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        ] {
            let clean = sanitize(attack);
            assert!(
                !clean.contains("<img src=\"1\" on") && !clean.contains("onerror=alert(1)>"),
                "{clean}"
            );
            assert_eq!(sanitize(&clean), clean);
        }
    }
}
