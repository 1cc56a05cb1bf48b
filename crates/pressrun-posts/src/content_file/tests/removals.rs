//! R8, R9, R13, R14: what is removed from a body, and what is only reported.

use super::*;

#[test]
fn r8_1_preambles() {
    check(
        "a.txt",
        "Sure! Here's your article:\n\nLeaves fall. They do.",
        &[("Leaves fall", "Leaves fall. They do.")],
        &["chat-text-removed", "no-title-found"],
    );
    check(
        "a.txt",
        "Certainly, a post:\n---\n# Tea\n\nLeaves.",
        &[("Tea", "Leaves.")],
        &["chat-text-removed"],
    );
    check(
        "a.txt",
        "Great tea is simple. Here is a post about it.\n\nLeaves.",
        &[(
            "Great tea is simple",
            "Great tea is simple. Here is a post about it.\n\nLeaves.",
        )],
        &["no-title-found"],
    );
}

#[test]
fn r8_2_closings() {
    check_body(
        "Leaves.\n\nWould you like me to write more?",
        "Leaves.",
        &["chat-text-removed"],
    );
    check_body(
        "Leaves.\n\nLet me know if you agree, in a comment.",
        "Leaves.\n\nLet me know if you agree, in a comment.",
        &[],
    );
    check_body(
        "Leaves.\n\nI hope this helps!\n\nTAGS: tea\n\nFeel free to ask.",
        "Leaves.",
        &["chat-text-removed", "duplicate-metadata"],
    );
}

#[test]
fn r8_3_and_r8_4_lines() {
    check_body(
        "Copy code\n\nLeaves.\nShare on Facebook\n\n2 / 2\n\n`Tweet`",
        "Leaves.\n\n\n`Tweet`",
        &["chat-text-removed", "scrape-junk-removed"],
    );
    check_body(
        "Leaves.\n\nTAGS: tea\n\nRegenerate response",
        "Leaves.",
        &["chat-text-removed", "duplicate-metadata"],
    );
}

#[test]
fn r8_5_citations() {
    check_body(
        "Leaves【1†a】 fall [turn0search1].",
        "Leaves fall.",
        &["citation-artifacts-removed"],
    );
}

#[test]
fn r8_6_unsafe_html() {
    check_body(
        "a <b onclick=x>b</b> [c](javascript:d)<iframe src=e></iframe>",
        "a <b>b</b> [c](#)",
        &["unsafe-html-removed"],
    );
}

#[test]
fn r8_8_repeated_titles() {
    check_body(
        "# **Green** Tea\n\ngreen tea!\n\nLeaves of Green Tea.\n\nGreen Tea\n\n> Green Tea",
        "Leaves of Green Tea.\n\n\n> Green Tea",
        &[],
    );
}

#[test]
fn r8_9_nothing_else_changes() {
    let body = "  indented\n\n\n\n* a\n+ b  \nc\\\n<div align=x>\n\n| t |\n|---|\n\n    code\n\n[x]: y \"z\"\n{{ no }}";
    check_body(body, body.trim_end(), &["placeholder-text"]);
}

#[test]
fn r9_reports_change_nothing() {
    check_body(
        "As of my last update, write to [Your Name].",
        "As of my last update, write to [Your Name].",
        &["ai-boilerplate", "placeholder-text"],
    );
    check_body(
        "> As an AI language model, I\n\n`[Your Name]` [your](link)",
        "> As an AI language model, I\n\n`[Your Name]` [your](link)",
        &[],
    );
    let long = "Tea ".repeat(41);
    check(
        "a.txt",
        &labelled("Leaves.").replace("Green Tea", &long),
        &[(long.trim(), "Leaves.")],
        &["title-too-long"],
    );
    check(
        "a.txt",
        &labelled("Leaves.").replace("On leaves.", &long),
        &[("Green Tea", "Leaves.")],
        &["description-too-long"],
    );
}

#[test]
fn r13_homoglyphs() {
    check_body(
        "Lеaves and листья, `lеaves`, https://lеaves.example",
        "Leaves and листья, `lеaves`, https://lеaves.example",
        &["homoglyphs-repaired"],
    );
    let post = one(&labelled("Leaves.")
        .replace("tea", "tеa")
        .replace("Reviews", "Rеviews"));
    assert_eq!(
        (post.tags.join(""), post.categories.join("")),
        ("tea".to_owned(), "Reviews".to_owned())
    );
}

#[test]
fn r14_outlines() {
    check_body(
        "I. Leaves\n\nA. Green\n\nThey are.\n\nII. Water",
        "## Leaves\n\n### Green\n\nThey are.\n\n## Water",
        &[],
    );
    check_body(
        "## Leaves\n\nI. One\n\nII. Two",
        "## Leaves\n\nI. One\n\nII. Two",
        &[],
    );
}

#[test]
fn lines_are_those_of_the_file() {
    let text = format!(
        "Hello there\n\n{}",
        labelled("Copy code\n\nOne.\n\nTwo [Your Name].")
    );
    let result = read("a.txt", text);
    let post = &result.posts[0];
    let body_line = post
        .body
        .lines()
        .position(|line| line.starts_with("Two"))
        .unwrap() as u32;
    assert_eq!(post.body_lines.source_line(body_line), Some(12));
    let lines: Vec<_> = result
        .diagnostics
        .iter()
        .filter(|d| d.severity() == Severity::Warning)
        .map(|d| (d.code.name(), d.place.line.unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            ("chat-text-removed", 1),
            ("chat-text-removed", 8),
            ("placeholder-text", 12)
        ]
    );
}
