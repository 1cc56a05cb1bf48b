//! R5 and R16: how replies end, and what is not a post.

use super::*;

const HEAD: &str = "TITLE: Tea\nTAGS: a\n\n";

#[track_caller]
fn check_end(text: &str, body: &str, expected: &[&str]) -> FileResult {
    check(
        "a.txt",
        &format!("{HEAD}{text}"),
        &[("Tea", body)],
        expected,
    )
}

#[test]
fn r5_1_a_marker_ends_a_reply_wherever_it_stands() {
    for marker in [
        "-EndOFText-",
        "---end_of_text---",
        "</ EndOfText>",
        "&lt;EndOfText/&gt;",
        "[/end-of-text]",
        "<|im_end|>",
        "End of text.",
        "**`EndOFText`**".trim_matches('*'),
    ] {
        check_end(&format!("Leaves.\n\n{marker}"), "Leaves.", &[]);
    }
    check_end("Leaves.</EndOFText>", "Leaves.", &[]);
    check_end("Leaves.\n\n## -EndOFText-", "Leaves.", &[]);
}

#[test]
fn r5_1_code_holds_no_marker() {
    check_end(
        "Send `-EndOFText-` so.\n\n```\n-EndOFText-\n```\n\n`-EndOFText-`",
        "Send `-EndOFText-` so.\n\n```\n-EndOFText-\n```",
        &[],
    );
}

#[test]
fn r5_2_what_follows_the_marker() {
    check_end(
        "Leaves.\n-EndOFText-\n\nAnything else?",
        "Leaves.",
        &["text-after-end-marker"],
    );
    check_end(
        "Leaves. -EndOFText- Bye.",
        "Leaves.",
        &["text-after-end-marker"],
    );
    check_end("Leaves.\n-EndOFText-\n\n---\n```\n", "Leaves.", &[]);
    let result = check_end(
        "Leaves.\n-EndOFText-\n\nSlug: the-tea\nTAGS: A\nMETA_DESCRIPTION: b",
        "Leaves.",
        &["duplicate-metadata"],
    );
    assert_eq!(
        (
            result.posts[0].slug.as_str(),
            result.posts[0].description.as_str()
        ),
        ("the-tea", "b")
    );
    check_end(
        "Leaves.\n-EndOFText-\nDescription: b",
        "Leaves.",
        &["text-after-end-marker"],
    );
    check(
        "a.txt",
        "Leaves fall down. They do.\n\n-EndOFText-\nbye",
        &[("Leaves fall down", "Leaves fall down. They do.")],
        &["no-title-found", "text-after-end-marker"],
    );
}

#[test]
fn r5_4_replies_without_a_marker() {
    check_end("Leaves.", "Leaves.", &["missing-end-marker"]);
    check_end("- leaves", "- leaves", &["missing-end-marker"]);
    check_end("Leaves 🍃", "Leaves 🍃", &["missing-end-marker"]);
    for text in [
        "Leaves and",
        "Leaves.\n\n```\ncode",
        "Leaves,",
        "The **leaves**",
    ] {
        assert!(check_end(text, text, &["truncated-reply"]).posts[0].draft);
    }
    for text in [
        "Leaves fall.\n\n— Ida Berg",
        "Leaves fall.\n\n*Written in October*",
        "Leaves fall.\n\nVon Ida Berg\n\n312 words",
    ] {
        assert!(!check_end(text, text, &["missing-end-marker"]).posts[0].draft);
    }
    let text = "Leaves fall and\n\n— Ida Berg";
    assert!(check_end(text, text, &["truncated-reply"]).posts[0].draft);
    check_end(
        "Leaves.\n\nTags: a",
        "Leaves.",
        &["duplicate-metadata", "missing-end-marker"],
    );
    check_end(
        "Leaves and\n\nI hope this helps!",
        "Leaves and",
        &["chat-text-removed", "truncated-reply"],
    );
}

#[test]
fn r5_4_unlabelled_replies_need_none() {
    check(
        "a.txt",
        "# Tea\n\nLeaves and",
        &[("Tea", "Leaves and")],
        &[],
    );
    check(
        "a.txt",
        "---\ntitle: Tea\n---\nLeaves and",
        &[("Tea", "Leaves and")],
        &[],
    );
}

#[test]
fn r16_1_a_refusal_is_not_a_post() {
    check(
        "a.txt",
        "I'm really sorry, but I can't write about that.",
        &[],
        &["refusal"],
    );
    check(
        "a.txt",
        "TOPIC: x\n\nAs an AI language model, I cannot do so.",
        &[],
        &["refusal"],
    );
    check(
        "a.txt",
        &labelled("I cannot write this any better."),
        &[("Green Tea", "I cannot write this any better.")],
        &[],
    );
}

#[test]
fn r16_2_headings_are_not_a_body() {
    check("a.txt", &labelled("## One\n\n## Two"), &[], &["empty-body"]);
    check("a.txt", "# Tea", &[], &["empty-body"]);
    check("a.txt", "---\ntitle: Tea\n---\n", &[], &["empty-body"]);
    check(
        "a.txt",
        &labelled("<script>x</script>"),
        &[],
        &["empty-body"],
    );
    check("a.txt", "<think>only this</think>", &[], &["no-post-found"]);
}

#[test]
fn r16_3_a_file_without_a_reply() {
    for text in [
        "",
        "\n \n",
        "TOPIC: x",
        "\u{FEFF}\n",
        "I am a content generator\nTOPIC: x\n\n",
    ] {
        check("a.txt", text, &[], &["no-post-found"]);
    }
}

#[test]
fn r16_4_an_error_stops_no_other() {
    let text = format!(
        "{}\nTITLE: Empty\nTAGS: a\n\n-EndOFText-\n\n{}",
        labelled("One."),
        labelled("One!").replace("Green", "Red")
    );
    let result = check(
        "a.txt",
        &text,
        &[("Green Tea", "One.")],
        &["duplicate-post", "empty-body"],
    );
    let lines: Vec<_> = result
        .diagnostics
        .iter()
        .filter(|d| d.severity() == Severity::Error)
        .map(|d| d.place.line)
        .collect();
    assert_eq!(lines, [Some(10), Some(15)]);
}

#[test]
fn r15_repeated_texts_and_titles() {
    let words: Vec<String> = (0..100).map(|at| format!("word{at}")).collect();
    let long = format!("{}.", words.join(" "));
    let near = long.replace("word50", "other");
    let text = format!(
        "{}\n{}\n{}",
        labelled(&long),
        labelled(&long.to_uppercase().replace(' ', "  ")),
        labelled(&near)
    );
    let result = check(
        "a.txt",
        &text,
        &[("Green Tea", &long), ("Green Tea", &near)],
        &["duplicate-post", "duplicate-title", "near-duplicate"],
    );
    assert_eq!(result.posts[1].slug, "green-tea-2");
}

#[test]
fn r5_1_a_marker_in_the_header_ends_the_reply() {
    let header = "TITLE: Moss\nTAGS: a\n\nMoss grows.\n\nTITLE: Moss\n";
    for last in [
        "SLUG: fern -EndOFText-",
        "SLUG: fern\nTAGS:\n- a\n- a -EndOFText-",
        "SLUG: fern\nDESCRIPTION: Soft. <|im_end|>",
        "DESCRIPTION: Soft -EndOFText- Slug: fern",
    ] {
        let text = format!("{header}{last}");
        let result = read("a.md", &*text);
        let post = &result.posts[0];
        assert_eq!(
            (&*post.slug, &*post.body),
            ("fern", "Moss grows."),
            "{last}"
        );
        assert!(!post.tags.concat().contains("End"), "{last}");
    }
}

#[test]
fn r5_1_code_in_a_header_hides_a_marker() {
    check(
        "a.md",
        "TITLE: Why `-EndOFText-` ends\nTAGS: a\n\nMoss grows.\n\n-EndOFText-",
        &[("Why -EndOFText- ends", "Moss grows.")],
        &[],
    );
}

#[test]
fn r5_2_text_after_a_marker_in_the_header_is_dropped() {
    check(
        "a.md",
        "TITLE: Moss\nTAGS: a -EndOFText- Bye\n\nTITLE: Fern\nTAGS: b\n\nFern grows.\n\n-EndOFText-",
        &[("Fern", "Fern grows.")],
        &["empty-body"],
    );
}
