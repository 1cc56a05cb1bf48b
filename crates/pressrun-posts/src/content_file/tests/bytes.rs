//! R1: bytes to text.

use super::*;

#[test]
fn r1_1_marks_tell_the_encoding() {
    let text = labelled("Crème.");
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let mut marked = vec![0xEF, 0xBB, 0xBF];
    marked.extend(text.as_bytes());
    for bytes in [utf16, marked, text.into_bytes()] {
        let result = read("a.txt", bytes);
        assert_eq!(
            (result.posts[0].body.as_str(), codes(&result)),
            ("Crème.", vec![])
        );
    }
}

#[test]
fn r1_1_a_nul_byte_is_not_text() {
    check("a.txt", "TITLE: a\0\n\nb", &[], &["binary-input"]);
    let found = check("a.txt", "PAR1\0\0PAR1", &[], &["binary-input"]).diagnostics;
    let help = found[0].help.as_deref().unwrap();
    assert!(help.contains("`.parquet`"), "{help}");
}

#[test]
fn r1_2_other_bytes_are_read_alone() {
    let mut bytes = labelled("Tea is X good, é.").into_bytes();
    let at = bytes.iter().position(|&byte| byte == b'X').unwrap();
    bytes[at] = 0x97;
    let result = read("a.txt", bytes);
    assert_eq!(
        (result.posts[0].body.as_str(), codes(&result)),
        ("Tea is — good, é.", vec!["invalid-utf8"])
    );
    assert_eq!(
        result
            .diagnostics
            .iter()
            .find(|d| d.code == Code::InvalidUtf8)
            .unwrap()
            .place
            .line,
        Some(6)
    );
}

#[test]
fn r1_3_line_ends_are_line_feeds() {
    check(
        "a.txt",
        &labelled("a.\r\n\r\nb.\rc.\u{2028}d."),
        &[("Green Tea", "a.\n\nb.\nc.\nd.")],
        &[],
    );
}

#[test]
fn r1_4_mojibake_is_repaired_outside_code() {
    check_body(
        "Itâ€™s `itâ€™s` so.\n\n```\nitâ€™s\n```",
        "It’s `itâ€™s` so.\n\n```\nitâ€™s\n```",
        &["mojibake-repaired"],
    );
}

#[test]
fn r1_4_a_fence_around_the_reply_is_not_code() {
    let text = format!("```markdown\n{}```\n", labelled("Itâ€™s so."));
    check(
        "a.txt",
        &text,
        &[("Green Tea", "It’s so.")],
        &["mojibake-repaired"],
    );
}

#[test]
fn r1_4_role_lines_are_repaired_too() {
    let text = format!(
        "User: go\n\nAssistant: {}",
        labelled("So.").replace("Green", "Itâ€™s")
    );
    check(
        "a.txt",
        &text,
        &[("It’s Tea", "So.")],
        &["mojibake-repaired"],
    );
}

#[test]
fn r1_5_invisible_characters_go_in_code_too() {
    check_body(
        "a\u{200B}b\u{A0}c\u{AD}.\n\n```\nd\u{FEFF}e\n```",
        "ab\u{A0}c.\n\n```\nde\n```",
        &[],
    );
    check_body("cafe\u{301}.", "café.", &[]);
}

#[test]
fn r1_6_texts_in_json_are_cleaned_after_decoding() {
    let text = r#"{"topic": "Tea", "response": "Itâ€™s\u200b so.\r\n\r\nYes."}"#;
    check(
        "a.jsonl",
        text,
        &[("Tea", "It’s so.\n\nYes.")],
        &["mojibake-repaired"],
    );
}
