//! Properties that hold for every file.

use proptest::prelude::*;

use super::*;
use crate::normalize;

/// Returns fragments that replies are made of, and fragments that break them.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(vec![
            "TITLE: A Tea\n", "TITLE: Other\n", "**Category:** a | **Tags:** b\n", "*Slug: a · Mood: b | Author: c*\n", "Titel: x\n", "标签：a\n", "Mood: calm\n",
            "📌 Title (H1): x\n", "## Meta Description (155)\n\nx\n\n", "## Titel\n\n", "(612 words)\n", "— Ida\n", "Choose from: a\n", "META_DESCRIPTION: On leaves\n", "TAGS: a, b\n", "CATEGORIES: News, Knitting\n",
            "**Slug:** x/y\n", "DATE: 2024-13-01\n", "CONTENT: hm\n", "TOPIC: t\n", "I am a content generator\n", "-EndOFText-\n",
            "</EndOFText> more", "---\n", "---\ntitle: a: b\n---\n", "+++\na = 1\n+++\n", "```\n", "```markdown\n", "~~~~\n", "# Head\n",
            "## Title\n\nT\n\n## Tags\n\n- x\n\n", "Sure! Here is the post:\n\n", "I hope this helps!\n", "User: continue\n", "Assistant: ",
            "<think>", "</think>", "<script>x", "</script>", "<p onclick=\"a\">", "[a](javascript:x)", "[Your Name]", "Regenerate\n",
            "Share this:\n", "I. One\n\n", "II. Two\n\n", "A. Aye\n\n", "Lеaves and tеa ", "â€™", "`", "``", "> ", "- ", "1. ", "\n", "\n\n",
            "{\"title\": \"a\", \"content\": \"b\"}\n", "{\"response\": \"TITLE: x\\n\\ny\"}\n", "[", "]", "{", "}", "\"", ",", "March 3, 2024\n\n",
            "Posted on 03/04/2024\n", "turn0search0", "【1†x】", "\u{200D}", "\u{2028}", "\r", "\u{FEFF}", "é̀", "ש", "Leaves fall. They do. ",
            "word word word word word word word ", "As an AI language model, ", "I'm sorry, but I can't ", "#tea #rain\n", "![a](b)\n", "| a |\n",
            "<!-- a -->\n", "---\n\nlayout: a\nx: {y: [1]}\n...\n", "{\"title\": \"a\", \"x\": [1]}\n\nText.\n", "title: \"a \"b\"\"\n", "- c\n",
            "Published: May 1, 2024 | By Ida\n\n", "[^1]", "[a][b]", "[b]: c\n", "lang: de\n", "ü, ä؛ ö\n",
        ]).prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

/// Returns lines that look like labels, and what stands around them.
fn label_line() -> impl Strategy<Value = String> {
    let name = proptest::sample::select(vec![
        "Tags",
        "Slug",
        "Meta Description",
        "SEO Title",
        "Author",
        "Word Count",
        "Mood",
        "Secret Ingredient",
        "Schlagwörter",
        "Datum",
        "Description",
        "Категория",
        "URL",
        "note",
    ]);
    let value = "[a-z]{6}( [a-z]{6})?[.]?";
    let label = (name, value, 0..4_usize).prop_map(|(name, value, style)| match style {
        0 => format!("**{name}:** {value}"),
        1 => format!("- {name}: {value}"),
        _ => format!("{name}: {value}"),
    });
    prop_oneof![
        5 => label,
        2 => Just(String::new()),
        1 => "(---|## [A-Z][a-z]{6}|## Tags|\\([1-9]{3} words\\)|[A-Z][a-z]{6} [a-z]{6}[.])",
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(fragment(), 0..40).prop_map(|fragments| fragments.concat())
}

/// Checks what later stages expect of every post.
fn check_post(post: &Post) {
    assert!(!post.title.trim().is_empty() && !post.slug.is_empty() && !post.body.trim().is_empty());
    let lines = post.body.split('\n').count() as u32;
    assert!((0..lines).all(|line| post.body_lines.source_line(line).is_some()));
    assert_eq!(post.words_hash, normalize::hash_words_of_body(&post.body));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 400 } else { 20_000 }))]

    #[test]
    fn no_mixture_panics_or_gives_half_a_post(text in text(), name in "[a.]{1,3}(txt|md|json|jsonl)") {
        let result = read(&name, text);
        result.posts.iter().for_each(check_post);
        let errors = result.diagnostics.iter().filter(|d| d.severity() == Severity::Error).count();
        prop_assert!(errors + result.posts.len() > 0);
        prop_assert!(result.diagnostics.is_sorted());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let result = read("a.txt", bytes);
        result.posts.iter().for_each(check_post);
    }

    #[test]
    fn reading_twice_gives_the_same(text in text()) {
        let (a, b) = (read("a.txt", text.clone()), read("a.txt", text));
        prop_assert_eq!((a.posts, a.diagnostics), (b.posts, b.diagnostics));
    }

    #[test]
    fn every_line_of_a_body_is_kept_or_accounted_for(lines in proptest::collection::vec("[a-z ]{1,9}|## [a-z]{1,5}|- [a-z]{1,5}|Copy code|Tweet||```|[A-Z][a-z]{3,8}[.]", 1..30)) {
        let body = lines.join("\n");
        let result = read("a.txt", labelled(&body));
        let kept = result.posts.first().map_or("", |post| post.body.as_str());
        let removals = [Code::ChatTextRemoved, Code::ScrapeJunkRemoved, Code::RepeatedTitleRemoved, Code::EmptyBody, Code::TextAfterEndMarker];
        let reported = result.diagnostics.iter().any(|d| removals.contains(&d.code));
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            prop_assert!(kept.contains(line.trim()) || reported, "{line} is gone from {kept}");
        }
    }

    /// A line may go only into a field, or with a finding on that line. A heading may go with the last
    /// metadata below it.
    #[test]
    fn no_line_below_a_header_is_lost_without_a_finding(lines in proptest::collection::vec(label_line(), 1..14)) {
        let text = labelled(&format!("It begins here.\n{}", lines.join("\n")));
        let result = read("a.md", text.clone());
        // A body of headings alone is an error.
        let Some(post) = result.posts.first() else { return Ok(()) };
        let fields = [&[post.title.clone(), post.description.clone(), post.slug.clone()], &*post.tags, &post.categories, &post.authors].concat().join("|").replace('-', " ");
        let at_end = result.diagnostics.iter().find(|found| found.code == Code::MetadataAtEnd);
            let names = at_end.map_or("", |found| &*found.message);
        // A section is reported at its heading.
        let mut heading = 0;
        for (number, line) in (1..).zip(text.lines()).skip(6) {
            if line.starts_with("## ") {
                heading = number;
            }
            let value = line.split_once(':').map_or(line, |(_, value)| value).trim_matches(['*', ' ', '#', '.']);
            let kept = post.body.contains(line.trim()) || fields.contains(value);
            let name = line.split_once(':').map_or("-", |(name, _)| name).trim_matches(['*', ' ', '-']);
            let found = result.diagnostics.iter().any(|found| [number, heading].contains(&found.place.line.unwrap_or(0)) || found.message.contains(value)) || names.contains(&format!("`{name}`"));
            let is_end = line.contains("EndOFText") || line == "---";
            prop_assert!(kept || found || is_end || line.trim().is_empty(), "{line} is gone:\n{text}\n{:#?}", result.diagnostics);
        }
    }

    #[test]
    fn a_post_written_back_gives_the_same_post(
        title in "[A-Z][a-z]{2,8}( [a-z]{2,8}){0,5}[?!]?",
        tags in proptest::collection::vec("[a-z]{3,8}( [a-z]{3,8})?", 1..5),
        body in proptest::collection::vec("[A-Z][a-z ]{10,60}[a-z][.]|## [A-Z][a-z]{3,9}|- [a-z]{3,9}", 1..12),
        draft in any::<bool>(),
    ) {
        let labels = format!("TITLE: {title}\nTAGS: {}\nCATEGORIES: News\n\nIt begins. {}\n\n-EndOFText-", tags.join(", "), body.join("\n\n"));
        let first = one(&labels);
        let written = format!(
            "---\ntitle: \"{}\"\ndescription: \"{}\"\ntags: {:?}\ncategories: {:?}\nslug: {}\ndraft: {draft}\n---\n\n{}\n",
            first.title, first.description, first.tags, first.categories, first.slug, first.body
        );
        let result = read("other.md", written);
        prop_assert_eq!(codes(&result), Vec::<&str>::new());
        let again = &result.posts[0];
        prop_assert_eq!(
            (&again.title, &again.description, &again.tags, &again.categories, &again.slug, &again.body, again.draft, again.words_hash),
            (&first.title, &first.description, &first.tags, &first.categories, &first.slug, &first.body, draft, first.words_hash)
        );
    }
}
