//! R11.4, R11.8, R12.1: dates, bylines, languages and the slugs of German.

use super::*;

/// Returns date, time and zone of a post, without what is missing.
fn moment(post: &Post) -> String {
    let date = post.date.map(|date| date.to_string());
    let time = post.time.map(|time| time.to_string());
    let zone = post.zone.map(|zone| zone.to_string());
    let parts: Vec<String> = [date, time, zone].into_iter().flatten().collect();
    parts.join(" ")
}

#[test]
fn r11_4_times_and_zones_are_those_written() {
    for (given, expected) in [
        ("2024-07-04T23:15:00-07:00", "2024-07-04 23:15 -07:00"),
        (
            "Thu Jul 04 2024 23:15:00 GMT+0100 (British Summer Time)",
            "2024-07-04 23:15 +01:00",
        ),
        ("July 4, 2024 at 11:15 PM", "2024-07-04 23:15"),
        ("4 juillet 2024", "2024-07-04"),
        ("4 июля 2024 г.", "2024-07-04"),
        ("2024年7月4日", "2024-07-04"),
    ] {
        let post = one(&labelled("Leaves.").replace("TAGS", &format!("DATE: {given}\nTAGS")));
        assert_eq!(moment(&post), expected, "{given}");
    }
    let text =
        "---\ntitle: Tea\ndate: July 4, 2024\nupdated: soon\nexpires: 04/05/2025\n---\nLeaves.";
    let result = read("a.md", text);
    assert_eq!(codes(&result), ["ambiguous-date", "invalid-date"]);
    assert_eq!(
        (result.posts[0].updated, result.posts[0].expires),
        (None, None)
    );
}

#[test]
fn r11_4_date_lines_name_authors() {
    for line in [
        "Posted on July 4, 2024 by Ida Muster",
        "*July 4, 2024 · By Ida Muster · 3 min read*",
        "Veröffentlicht am 4. Juli 2024 von Ida Muster",
        "By Ida Muster | 800 words | July 4, 2024",
    ] {
        let post = one(&format!("Tea\n\n{line}\n\nLeaves fall."));
        assert_eq!(post.body, "Leaves fall.", "{line}");
        assert_eq!(moment(&post), "2024-07-04", "{line}");
        assert_eq!(post.authors, ["Ida Muster"], "{line}");
    }
    let post = one("# Tea\n\nPublished: July 4, 2024 | Updated: July 5, 2024\n\nLeaves fall.");
    assert_eq!(post.updated.unwrap().to_string(), "2024-07-05");
    let post = one("# Tea\n\nJuly 4, 2024 | Ceylon | By Ida\n\nLeaves fall.");
    assert_eq!((moment(&post), post.authors.len()), (String::new(), 0));
}

#[test]
fn r11_8_language_is_the_code_or_that_of_a_name() {
    for (given, expected) in [
        ("pt-BR", Some("pt-BR")),
        ("Italiano", Some("it")),
        ("en", Some("en")),
        ("Elvish", None),
    ] {
        let post = one(&labelled("Leaves.").replace("TAGS", &format!("LANGUAGE: {given}\nTAGS")));
        assert_eq!(post.language.as_deref(), expected, "{given}");
    }
}

#[test]
fn r12_1_german_slugs_spell_out_umlauts() {
    let slug = |language: &str| {
        one(&format!(
            "---\ntitle: Grüße aus Köln\n{language}\n---\nLeaves."
        ))
        .slug
    };
    assert_eq!(slug("lang: de"), "gruesse-aus-koeln");
    assert_eq!(slug("language: Deutsch"), "gruesse-aus-koeln");
    assert_eq!(slug("lang: sv"), "grusse-aus-koln");
    assert_eq!(slug(""), "grusse-aus-koln");
    assert_eq!(slug("slug: Köln\nlang: de-AT"), "koeln");
}

#[test]
fn r11_4_folder_of_an_index_gives_its_date_as_a_file_name_does() {
    for (path, expected) in [
        ("content/2024-01-05-tea.md", Some("2024-01-05")),
        ("content/2024-01-05-tea/index.md", Some("2024-01-05")),
        ("content/2024-01-05-tea/cup.md", None),
        ("content/2024-01-05/index.md", None),
    ] {
        let result = read(path, "# Tea\n\nLeaves and water.");
        let date = result.posts[0].date.map(|date| date.to_string());
        assert_eq!(date.as_deref(), expected, "{path}");
    }
}
