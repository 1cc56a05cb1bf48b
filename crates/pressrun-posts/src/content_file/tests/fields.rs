//! R6, R7, R10, R11, R12: fields.

use super::*;
use crate::normalize::OffListAction;

#[test]
fn r6_3_a_header_may_be_one_line() {
    let post = one(
        "TITLE: Tea META_DESCRIPTION: On leaves. TAGS: a, b CATEGORIES: News\n\nLeaves.\n-EndOFText-",
    );
    assert_eq!(
        (
            post.title.as_str(),
            post.description.as_str(),
            post.tags.join("|"),
            post.categories.join("|")
        ),
        ("Tea", "On leaves.", "a|b".into(), "News".into())
    );
}

#[test]
fn r6_4_nothing_is_an_empty_value() {
    let post = one(
        "TITLE: N/A\nTAGS: None\nCATEGORIES: TBD\nMETA_DESCRIPTION: -\n\n# Tea\n\nLeaves fall.\n-EndOFText-",
    );
    assert_eq!(
        (
            post.title.as_str(),
            post.description.as_str(),
            post.categories.len()
        ),
        ("Tea", "Leaves fall.", 0)
    );
    assert_ne!(post.tags, ["None"]);
}

#[test]
fn r6_6_front_matter_is_not_a_label_header() {
    let text = "---\ntitle: Tea\n---\n\nLeaves.\n\nTITLE: B\nTAGS: c\n\nMore.";
    check(
        "a.md",
        text,
        &[("Tea", "Leaves.\n\nTITLE: B\nTAGS: c\n\nMore.")],
        &[],
    );
    let text = "---\nTITLE: Tea\nTAGS: a\n\nLeaves are.\n---\n-EndOFText-";
    check("a.md", text, &[("Tea", "Leaves are.")], &[]);
}

#[test]
fn r6_6_keys_of_front_matter() {
    let post = one(
        "---\nTitle: \"Tea: A Story\"\nsummary: On leaves\npubDate: 2024-05-06T07:08:09Z\nkeywords: a, b\nlastmod: 2024-06-07\nfeatured_image: /t.png\npublished: false\n---\nLeaves.",
    );
    assert_eq!(
        (
            post.title.as_str(),
            post.description.as_str(),
            post.tags.join("|")
        ),
        ("Tea: A Story", "On leaves", "a|b".to_owned())
    );
    assert_eq!(
        (
            post.date.unwrap().to_string(),
            post.updated.unwrap().date.to_string()
        ),
        ("2024-05-06".to_owned(), "2024-06-07".to_owned())
    );
    assert_eq!((post.cover.as_deref(), post.draft), (Some("/t.png"), true));
}

#[test]
fn r6_6_after_a_preamble() {
    check(
        "a.md",
        "Here is the post you requested:\n\n---\ntitle: Tea\n---\n\nLeaves.",
        &[("Tea", "Leaves.")],
        &["chat-text-removed"],
    );
}

#[test]
fn r6_7_json_posts() {
    let json = "{\"title\": \"Tea\", \"content\": \"Leaves.\\n\\n-EndOFText-\", \"tags\": [\"a\"]}";
    check(
        "a.txt",
        &format!("```json\n{json}\n```"),
        &[("Tea", "Leaves.")],
        &[],
    );
    check(
        "a.txt",
        &format!("Here you go.\n\n```json\n{json}\n```"),
        &[("Tea", "Leaves.")],
        &["chat-text-removed"],
    );
}

#[test]
fn r7_1_fields_at_the_end() {
    let post =
        one("# Tea\n\nLeaves.\n\n**SEO Title:** no\n**Slug:** the-tea\n\n---\n\n#green #hot");
    assert_eq!(
        (post.title.as_str(), post.slug.as_str(), post.tags.join("|")),
        ("Tea", "the-tea", "green|hot".to_owned())
    );
    let post = one("# Tea\n\nLeaves.\n\nTitle: Other\nKeywords: a");
    assert_eq!(
        (post.title.as_str(), post.body.as_str()),
        ("Other", "# Tea\n\nLeaves.")
    );
}

#[test]
fn r7_2_fields_under_the_title() {
    let post = one(
        "# Tea\n\n**Keyword:** x\n**Meta Title:** y\n**Date:** 2024-05-06\n**Tags:** a\n\n---\n\nLeaves.",
    );
    assert_eq!(
        (post.title.as_str(), post.body.as_str(), post.tags.join("|")),
        ("Tea", "Leaves.", "a".to_owned())
    );
    assert_eq!(post.date.unwrap().to_string(), "2024-05-06");
}

#[test]
fn r7_3_the_first_value_counts() {
    let text = "TITLE: Tea\nTAGS: a\nTAGS: b\nDescription: c\nExcerpt: C\n\nLeaves.\n\nTags: A\n-EndOFText-";
    let result = check(
        "a.txt",
        text,
        &[("Tea", "Leaves.")],
        &["conflicting-metadata", "duplicate-metadata"],
    );
    assert_eq!(result.posts[0].tags, ["a"]);
}

#[test]
fn r10_titles_lose_quotes_and_marks() {
    for (given, title) in [
        ("\"Tea\"", "Tea"),
        ("**Tea & `C++`**", "Tea & C++"),
        ("‘Tea’", "Tea"),
        ("Tea &amp; Milk!", "Tea & Milk!"),
        ("# Tea", "Tea"),
        ("\"A\" or \"B\"", "\"A\" or \"B\""),
    ] {
        assert_eq!(
            one(&labelled("Leaves.").replace("Green Tea", given)).title,
            title
        );
    }
}

#[test]
fn r11_2_lists() {
    for (given, tags) in [
        ("a; b | c", "a|b|c"),
        ("[a, b]", "a|b"),
        ("['a', \"b, c\"]", "a|b, c"),
        ("#a #b_c", "a|b c"),
        ("1. a, 2. b.", "a|b"),
        ("Web (JS, CSS), b", "Web (JS, CSS)|b"),
        ("a，b、c", "a|b|c"),
        ("R&amp;D, x", "R&D|x"),
        ("a, A, as", "a|as"),
    ] {
        assert_eq!(
            one(&labelled("Leaves.").replace("TAGS: tea", &format!("TAGS: {given}")))
                .tags
                .join("|"),
            tags,
            "{given}"
        );
    }
}

#[test]
fn r11_3_keywords_stand_in_for_tags() {
    assert_eq!(
        one(&labelled("Leaves.").replace("TAGS:", "KEYWORDS:")).tags,
        ["tea"]
    );
    assert_eq!(
        one(&labelled("Leaves.").replace("TAGS:", "KEYWORDS: no\nTAGS:")).tags,
        ["tea"]
    );
}

#[test]
fn r11_4_dates() {
    let dated = |date: &str| {
        read(
            "2020-01-02-a.txt",
            labelled("Leaves.").replace("TAGS", &format!("DATE: {date}\nTAGS")),
        )
    };
    let date = |result: &FileResult| result.posts[0].date.map(|date| date.to_string());
    assert_eq!(
        date(&dated("Wednesday, 2nd August 2023")).as_deref(),
        Some("2023-08-02")
    );
    for (given, code) in [
        ("02/08/2023", "ambiguous-date"),
        ("soon", "invalid-date"),
        ("2023-02-30", "invalid-date"),
    ] {
        let result = dated(given);
        assert_eq!(
            (date(&result), codes(&result)),
            (None, vec![code]),
            "{given}"
        );
    }
    assert_eq!(date(&dated("N/A")).as_deref(), Some("2020-01-02"));
    assert_eq!(
        date(&read(
            "2020-01-02-a.txt",
            "March 3, 2024\n\n# Tea\n\nLeaves."
        ))
        .as_deref(),
        Some("2024-03-03")
    );
}

#[test]
fn r11_4_a_date_line_is_removed() {
    check(
        "a.txt",
        "Tea\n\n*Last updated: 3 March 2024 by Ida*\n\nLeaves fall.",
        &[("Tea", "Leaves fall.")],
        &[],
    );
    check(
        "a.txt",
        "March 3, 2024\n\nTea for Two\n\nLeaves fall.",
        &[("Tea for Two", "Leaves fall.")],
        &[],
    );
    check(
        "a.txt",
        "Tea\n\n03/04/2024\n\nLeaves fall.",
        &[("Tea", "Leaves fall.")],
        &["ambiguous-date"],
    );
    check(
        "a.txt",
        "Tea\n\nLeaves fall.\n\nMarch 3, 2024",
        &[("Tea", "Leaves fall.\n\nMarch 3, 2024")],
        &[],
    );
}

#[test]
fn r11_5_tag_headings() {
    let post =
        one("# Tea\n### Green, Hot, Wet\n## Leaves, and how they fall from trees\n\nThey do.");
    assert_eq!(
        (post.tags.join("|"), post.body.as_str()),
        (
            "Green|Hot|Wet".to_owned(),
            "## Leaves, and how they fall from trees\n\nThey do."
        )
    );
    assert_eq!(
        one("# Tea\n### Green, Hot\n\nThey do.").body,
        "### Green, Hot\n\nThey do."
    );
    assert_eq!(
        one("# Tea\n### Green, Hot, Wet\n\nThey do.\n\nTags: a").body,
        "### Green, Hot, Wet\n\nThey do."
    );
}

#[test]
fn r11_6_categories_with_commas_are_joined() {
    let text = "Choose from: \"Food, Drink & Travel\", \"News\"\nTOPIC: x\n\nTITLE: Tea\nCATEGORIES: food, drink and travel, news, News\n\nLeaves.\n-EndOFText-";
    let result = check("a.txt", text, &[("Tea", "Leaves.")], &[]);
    assert_eq!(result.posts[0].categories, ["Food, Drink & Travel", "News"]);
}

#[test]
fn r11_6_settings_change_what_is_off_list() {
    let read = |settings: &ReadSettings| {
        let bytes = labelled("Leaves.")
            .replace("Reviews", "reviews, Knitting")
            .into_bytes();
        let result = read_file(
            &FileInput {
                path: "a.txt".into(),
                bytes,
            },
            settings,
        );
        (
            result.posts.first().map(|post| post.categories.join("|")),
            codes(&result),
        )
    };
    let mut settings = ReadSettings::default();
    settings.categories = CategoryPolicy::Open;
    settings.alias_category("knitting", "Wool");
    assert_eq!(read(&settings), (Some("reviews|Wool".to_owned()), vec![]));
    let list = crate::post::category::CategoryList::new(["Wool".to_owned()], []);
    settings.categories = CategoryPolicy::Listed(list);
    settings.off_list = OffListAction::Drop;
    assert_eq!(
        read(&settings),
        (Some("Wool".to_owned()), vec!["off-list-category"])
    );
    settings.off_list = OffListAction::Reject;
    assert_eq!(read(&settings), (None, vec!["rejected-category"]));
}

#[test]
fn r11_aliases_of_tags() {
    let mut settings = ReadSettings::default();
    settings.alias_tag("Teas", "Hot Drinks");
    let result = read_file(
        &FileInput {
            path: "a.txt".into(),
            bytes: labelled("Leaves.").into_bytes(),
        },
        &settings,
    );
    assert_eq!(result.posts[0].tags, ["Hot Drinks"]);
}

#[test]
fn r12_slugs() {
    assert_eq!(
        one(&labelled("Leaves.").replace("TAGS", "SLUG: /blog/2024/Hot Tea/\nTAGS")).slug,
        "hot-tea"
    );
    assert_eq!(
        one(&labelled("Leaves.").replace("Green Tea", "C# & .NET: Don’t")).slug,
        "csharp-and-dotnet-dont"
    );
    assert_eq!(
        one(&labelled("Leaves.").replace("Green Tea", "🎉")).slug,
        "a-file"
    );
}
