//! R1.4, R1.5, R4.6, R4.7, R5.1, R8.5, R8.10 to R8.12, R9.4: the Markdown of bodies.

use super::*;

#[test]
fn r1_4_example_of_mojibake_stays() {
    let text = "Then café becomes cafÃ©, and £ turns into Â£. `é`";
    check_body(text, text, &[]);
    check_body(
        "`café` was cafÃ©. Itâ€™s odd.",
        "`café` was café. It’s odd.",
        &["mojibake-repaired"],
    );
}

#[test]
fn r1_5_no_break_spaces_stay_in_the_body_only() {
    let result = check(
        "a.md",
        "---\ntitle: \"Prix\u{A0}: 10\u{202F}€\"\ntags: [vin\u{A0}doux]\n---\n« Oui\u{202F}! »\n\n```\na\u{A0}b\n```",
        &[("Prix : 10 €", "« Oui\u{202F}! »\n\n```\na\u{A0}b\n```")],
        &[],
    );
    assert_eq!(result.posts[0].tags, ["vin doux"]);
    assert_eq!(result.posts[0].description, "« Oui ! »");
}

const SECOND: &str = "TITLE: Red Tea\nTAGS: tea\n\nIt is red.\n\n-EndOFText-\n";

#[test]
fn r4_6_open_fence_ends_with_its_reply() {
    let result = check(
        "a.txt",
        &format!("{}\n{SECOND}", labelled("Run:\n\n```sh\nls\n\nAnd go.")),
        &[
            ("Green Tea", "Run:\n\n```sh\nls\n\nAnd go."),
            ("Red Tea", "It is red."),
        ],
        &["unclosed-fence"],
    );
    assert!(!result.posts[0].draft);
    // Without a marker, it counts as cut off.
    let text = labelled("Run:\n\n```sh\nls").replace("-EndOFText-\n", "");
    let result = check(
        "a.txt",
        &format!("{text}\n{SECOND}"),
        &[
            ("Green Tea", "Run:\n\n```sh\nls"),
            ("Red Tea", "It is red."),
        ],
        &["truncated-reply"],
    );
    assert!(result.posts[0].draft);
    check(
        "a.md",
        "# Tea\n\nRun:\n\n```sh\nls",
        &[("Tea", "Run:\n\n```sh\nls")],
        &["unclosed-fence"],
    );
}

#[test]
fn r4_6_example_of_a_reply_stays() {
    let text = format!(
        "Write it so:\n\n```text\n\n{}\n```\n\nThen stop.",
        SECOND.trim()
    );
    check_body(&text, &text, &[]);
}

#[test]
fn r4_7_outer_fences_get_longer_lines() {
    let text = "So:\n\n```md\n# Tea\n\n```sh\nls\n```\n\nDone.\n```\n\nThat was it.";
    let repaired = text
        .replace("```md", "````md")
        .replace("Done.\n```", "Done.\n````");
    let result = check("a.txt", &labelled(text), &[("Green Tea", &repaired)], &[]);
    let infos: Vec<Code> = result.diagnostics.iter().map(|found| found.code).collect();
    assert!(infos.contains(&Code::FenceRepaired));
    // The marker in mid-line shows only once the fences are repaired.
    check(
        "a.txt",
        &labelled(text).replace("\n\n-EndOFText-", " -EndOFText-"),
        &[("Green Tea", &repaired)],
        &[],
    );
    // The second of two replies is repaired by itself.
    check(
        "a.txt",
        &format!("{SECOND}\n{}", labelled(text)),
        &[("Red Tea", "It is red."), ("Green Tea", &repaired)],
        &[],
    );
}

#[test]
fn r5_1_end_tokens_of_models() {
    let text = "# Tea\n\nIt is <|im_end|>\n\nLeaves fall.<|eot_id|>";
    check(
        "a.md",
        text,
        &[("Tea", "It is <|im_end|>\n\nLeaves fall.")],
        &[],
    );
    check(
        "a.md",
        "# Tea\n\nLeaves fall. Set the stop token to </s>, or `<|eot_id|>`.\n\n<s>They fall.</s>",
        &[(
            "Tea",
            "Leaves fall. Set the stop token to </s>, or `<|eot_id|>`.\n\n<s>They fall.</s>",
        )],
        &[],
    );
    check(
        "a.txt",
        "TITLE: What <|im_end|>\nTAGS: a\n\nLeaves.\n-EndOFText-",
        &[("What <|im_end|>", "Leaves.")],
        &[],
    );
}

#[test]
fn r8_5_more_citations() {
    check_body(
        "Herons fish. [oai_citation:0‡b.example](https://b.example/?utm_source=chatgpt.com) At night.[^1]\n<span style=\"display: none\">[^2]</span>\n\n<div align=\"center\">⁂</div>\n\n[^1]: c",
        "Herons fish. At night.[^1]\n\n\n[^1]: c",
        &["citation-artifacts-removed"],
    );
}

#[test]
fn r8_10_bullets_become_lists() {
    check_body(
        "You need:\n• a rope\n◦ a spare one\n• socks\nThat is all.\n\n⸻\n\nSoup • bread.",
        "You need:\n\n- a rope\n  - a spare one\n- socks\n\nThat is all.\n\n---\n\nSoup • bread.",
        &[],
    );
}

#[test]
fn r8_11_math_delimiters() {
    check_body(
        "It is \\( W = mgh \\) for a mass \\(m\\) \\(see below\\).\n\n\\[\nx^2\n\\]\n\n`\\(x\\)`",
        "It is $W = mgh$ for a mass $m$ \\(see below\\).\n\n$$\nx^2\n$$\n\n`\\(x\\)`",
        &[],
    );
}

#[test]
fn r8_12_mdx() {
    let body = "import A from './a'\n\nLeaves <B>fall</B>.\n\n<A>\nThey do.\n</A>\n\n{/* no */}";
    check(
        "a.mdx",
        &format!("---\ntitle: Tea\n---\n{body}"),
        &[("Tea", "Leaves fall.\n\nThey do.")],
        &["mdx-removed"],
    );
    check(
        "a.md",
        &format!("---\ntitle: Tea\n---\n{body}"),
        &[("Tea", "Leaves <B>fall</B>.\n\nThey do.")],
        &["mdx-removed"],
    );
}

#[test]
fn r9_4_shortcodes_are_no_placeholders() {
    let text = "{{< figure src=\"a.png\" >}} and {{ site.url }}";
    check_body(text, text, &["shortcode"]);
    check_body("{{ name }}", "{{ name }}", &["placeholder-text"]);
}

#[test]
fn loop_of_a_model_is_a_draft() {
    let text = "The tea was hot, and the cup was cold. ".repeat(30);
    let text = text.trim_end();
    let result = check(
        "a.txt",
        &labelled(text),
        &[("Green Tea", text)],
        &["repetitive-text"],
    );
    assert!(result.posts[0].draft);
}
