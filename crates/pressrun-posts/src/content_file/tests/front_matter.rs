//! R6.6: front matter, its fields, and what no field reads.

use serde_json::json;

use super::*;
use crate::post::extras_to_json;

/// Checks the only post of a text, as its JSON has it: each key with this value.
#[track_caller]
fn check_fields(text: &str, expected: &serde_json::Value) -> Post {
    let post = one(text);
    let result = FileResult {
        posts: vec![post.clone()],
        ..FileResult::default()
    };
    let read = &file_result_to_json(&result)["posts"][0];
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&read[key], value, "{key} of {text}");
    }
    post
}

#[test]
fn r6_6_comments_and_blank_lines_may_stand_above() {
    for above in [
        "",
        "\n\n",
        "<!-- made by a robot -->\n",
        "<!--\nmany\nlines -->\n\n",
    ] {
        let text = format!("{above}---\ntitle: Kites\n---\n\nThey fly.");
        check("a.md", &text, &[("Kites", "They fly.")], &[]);
    }
    let text = "Sure! Here is the blog post:\n\n<!-- a -->\n---\ntitle: Kites\n---\n\nThey fly.";
    check(
        "a.md",
        text,
        &[("Kites", "They fly.")],
        &["chat-text-removed"],
    );
}

#[test]
fn r6_6_dots_may_close_it() {
    let text = "---\n\ntitle: Kites\ntags: [wind]\n...\n\nThey fly.";
    check_fields(
        text,
        &json!({"title": "Kites", "tags": ["wind"], "body": "They fly."}),
    );
}

#[test]
fn r6_6_json_may_stand_above_the_body() {
    let text = "{\"title\": \"Kites\", \"weight\": 2,\n \"shape\": {\"sides\": 4}}\n\nThey fly.";
    check_fields(
        text,
        &json!({"title": "Kites", "weight": 2, "extra": {"shape": {"sides": 4}}, "body": "They fly."}),
    );
    // Without text below it is a record, and without a known key it is code.
    assert_eq!(
        codes(&read("a.md", "{\"title\": \"Kites\"}")),
        ["unknown-json-shape"]
    );
}

#[test]
fn r6_6_without_a_known_key_it_is_text_between_rules() {
    let text = "---\nA question: who built it?\n\n---\n\n# The Bridge\n\nNobody knows.";
    let post = one(text);
    assert_eq!(post.title, "The Bridge");
    assert!(post.body.contains("who built it?"), "{}", post.body);
    let text = "---\nlayout: plain\n---\n\n# The Bridge\n\nNobody knows.";
    check_fields(
        text,
        &json!({"title": "The Bridge", "extra": {"layout": "plain"}, "body": "Nobody knows."}),
    );
}

#[test]
fn r6_6_rule_above_labels_is_no_fence() {
    let text = "---\n\nTITLE: Kites\nTAGS: wind\n\n---\n\nThey fly.\n-EndOFText-";
    check_fields(
        text,
        &json!({"title": "Kites", "tags": ["wind"], "extra": {}, "body": "They fly."}),
    );
}

#[test]
fn r6_6_alternatives_do_not_conflict() {
    let text = "---\ntitle: Kites\nsummary: Long.\nexcerpt: Short.\npubDate: 2024-05-01\ncreated: 2020-01-01\n---\n\nThey fly.";
    let result = read("a.md", text);
    assert_eq!(codes(&result), Vec::<&str>::new());
    let post = &result.posts[0];
    assert_eq!(post.description, "Short.");
    assert_eq!(post.date.unwrap().to_string(), "2024-05-01");
    assert_eq!(
        extras_to_json(&post.extra),
        json!({"summary": "Long.", "created": "2020-01-01"})
    );
}

#[test]
fn r6_6_fields_of_other_generators() {
    check_fields(
        "---\nheadline: Kites\nsubtitle: And *how* they fly\nauthors: Ida, Bo; Cy\npermalink: /2024/kites.html\n\
         redirect_from: [old/kites, https://a.example/]\nfeature_image: {url: /k.png, alt: A kite}\nseries: [Wind, Sky]\n\
         nav_order: -2\nrobots: noindex, follow\ncanonicalUrl: https://a.example/__k__\nunpublish_date: 1 June 2025\nlang: german\n---\nThey fly.",
        &json!({
            "title": "Kites", "subtitle": "And how they fly", "authors": ["Ida", "Bo", "Cy"],
            "permalink": "/2024/kites.html", "slug": "kites", "aliases": ["/old/kites"], "cover": "/k.png",
            "cover_alt": "A kite", "series": "Wind", "weight": -2, "noindex": true,
            "canonical": "https://a.example/__k__", "expires": "2025-06-01", "language": "de",
            "extra": {"redirect_from": ["https://a.example/"]},
        }),
    );
    check_fields(
        "---\ntitle: Kites\nauthor: Ida, the second\npermalink: /:year/:title/\nslug: /a/The Kite/\n---\nThey fly.",
        &json!({
            "authors": ["Ida, the second"], "permalink": null, "slug": "the-kite",
            "extra": {"permalink": "/:year/:title/"},
        }),
    );
}

#[test]
fn r6_6_drafts() {
    for line in [
        "draft: true",
        "published: false",
        "publish: no",
        "status: Pending",
        "status: unpublished",
    ] {
        check_fields(
            &format!("---\ntitle: Kites\n{line}\n---\nThey fly."),
            &json!({"draft": true, "date": null, "extra": {}}),
        );
    }
    for line in ["draft: false", "published: true", "status: published"] {
        check_fields(
            &format!("---\ntitle: Kites\n{line}\n---\nThey fly."),
            &json!({"draft": false, "date": null, "extra": {}}),
        );
    }
}

#[test]
fn r6_6_language_of_the_site_chooses_among_texts() {
    let bytes = b"---\ntitle: {en: Kites, de-AT: Drachen}\nsubtitle: {fr: Cerfs, es: Cometas}\n---\nSie fliegen.";
    let mut settings = ReadSettings::default();
    let mut read = |language: &str| {
        settings.language = language.to_owned();
        let input = FileInput {
            path: "a.md".into(),
            bytes: bytes.into(),
        };
        let post = read_file(&input, &settings).posts.remove(0);
        (post.title, post.subtitle.unwrap_or_default())
    };
    assert_eq!(read("de"), ("Drachen".into(), "Cerfs".into()));
    assert_eq!(read("en-GB"), ("Kites".into(), "Cerfs".into()));
    assert_eq!(read("es"), ("Kites".into(), "Cometas".into()));
}

#[test]
fn r6_6_other_keys_are_kept_and_named_once() {
    let text = "---\ntitle: Kites\ncolour: red\nnotes: |\n  one\n    two\nline:\n  length: 30\n  knots: [a, b]\n---\nThey fly.";
    let result = read("a.md", text);
    assert_eq!(
        extras_to_json(&result.posts[0].extra),
        json!({"colour": "red", "notes": "one\n  two\n", "line": {"length": 30, "knots": ["a", "b"]}})
    );
    let found: Vec<_> = result
        .diagnostics
        .iter()
        .filter(|d| d.code == Code::CustomField)
        .collect();
    assert_eq!(found.len(), 1);
    assert!(
        found[0].message.contains("`colour`, `notes`, `line`"),
        "{}",
        found[0].message
    );
}

#[test]
fn r6_6_extra_fields_are_cleaned_as_all_text_is() {
    let post = one(
        "---\ntitle: Kites\ncolour: \"re\\u202Ed\\0\"\n\"ke\\u200By\": {\"a\\u200B\": \"\\uFEFFb\"}\n---\nThey fly.",
    );
    assert_eq!(
        extras_to_json(&post.extra),
        json!({"colour": "red", "key": {"a": "b"}})
    );
}

#[test]
fn r6_6_what_the_parser_rejects_is_read_line_by_line() {
    let text = "---\ntitle: \"The \"Red\" and the \"Blue\"\"\nauthors:\n- \"Ida\"\n- Bo\ndescription: It says: one\n  and two\ncolour: red\n---\nThey fly.";
    let result = read("a.md", text);
    assert_eq!(codes(&result), ["front-matter-invalid"]);
    let post = &result.posts[0];
    assert_eq!(post.title, "The \"Red\" and the \"Blue\"");
    assert_eq!(post.authors, ["Ida", "Bo"]);
    assert_eq!(post.description, "It says: one and two");
    assert_eq!(extras_to_json(&post.extra), json!({"colour": "red"}));
}

#[test]
fn hostile_front_matter_gives_a_post() {
    for text in [
        format!(
            "---\ntitle: Kites\nx: {}\n---\nThey fly.",
            "[".repeat(30_000)
        ),
        format!(
            "---\ntitle: Kites\nx:\n  {}a\n---\nThey fly.",
            "- ".repeat(20_000)
        ),
        format!(
            "+++\ntitle = \"Kites\"\n{} = 1\n+++\nThey fly.",
            vec!["a"; 9_000].join(".")
        ),
        format!(
            "---\ntitle: Kites\n{}---\nThey fly.",
            "k: \"\n".repeat(20_000)
        ),
        format!(
            "{{\"title\": \"Kites\", \"x\": {}1{}}}\nThey fly.",
            "[".repeat(100),
            "]".repeat(100)
        ),
    ] {
        assert_eq!(one(&text).title, "Kites");
    }
}
