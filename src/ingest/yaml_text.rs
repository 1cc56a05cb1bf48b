//! Writes strings as YAML that every YAML parser reads back as the same strings.
//!
//! Parsers differ in how they read a scalar without quotes. Jekyll and many scripts follow YAML
//! 1.1, in which `no` is false, `12:30:45` a number of seconds and `2024-01-01` a day; others
//! follow YAML 1.2. So a string has no quotes only if no parser can read it as anything else.

use std::borrow::Cow;
use std::fmt::Write;

use pressrun_text::visible::is_unfit;

/// Returns a string as a YAML scalar on one line.
pub(super) fn yaml_string(text: &str) -> Cow<'_, str> {
    if may_stand_bare(text) {
        text.into()
    } else if text.chars().all(needs_no_escape) {
        format!("'{}'", text.replace('\'', "''")).into()
    } else {
        quote_with_escapes(text).into()
    }
}

/// Words that some parser reads as a boolean, as null or as a number.
const WORDS: [&str; 12] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity",
];

/// Returns whether every parser reads a string without quotes as this string.
fn may_stand_bare(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    // Numbers and dates begin with a digit. None of them contains both a space and a letter, but no
    // colon, so a title such as `10 tips` needs no quotes.
    let begins_well = first.is_alphabetic()
        || first == '/'
        || first.is_ascii_digit()
            && text.contains(' ')
            && !text.contains(':')
            && text.contains(char::is_alphabetic);
    begins_well
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text
            .chars()
            .all(|c| c == ' ' || (needs_no_escape(c) && !c.is_whitespace()))
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Returns whether every parser reads a character in quotes as this character.
fn needs_no_escape(c: char) -> bool {
    !(c.is_control() || is_unfit(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}'))
}

/// Returns a string in double quotes, with the escapes that YAML 1.1 and 1.2 have in common.
fn quote_with_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if needs_no_escape(c) => out.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xFF => write!(out, "\\x{code:02X}"),
                    0x100..=0xFFFF => write!(out, "\\u{code:04X}"),
                    _ => write!(out, "\\U{code:08X}"),
                };
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    /// What parsers read a scalar without quotes as: a name, and a pattern for the whole scalar.
    const RULES: [(&str, &str); 17] = [
        // YAML 1.1, as PyYAML has it.
        (
            "truth value",
            r"(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)",
        ),
        (
            "number with a point",
            r"[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?",
        ),
        (
            "number that begins with a point",
            r"\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?",
        ),
        (
            "sexagesimal number with a point",
            r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*",
        ),
        (
            "infinity or no number",
            r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))",
        ),
        (
            "whole number",
            r"[-+]?(?:0b[0-1_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)",
        ),
        ("sexagesimal number", r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"),
        ("merge or default", r"(?:<<|=)"),
        ("nothing", r"(?:~|null|Null|NULL|)"),
        ("day", r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"),
        (
            "moment",
            r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?",
        ),
        // The single letters of YAML 1.1, which Psych and other parsers support.
        ("truth value of one letter", r"[yYnN]"),
        // Psych: numbers with commas, and symbols.
        (
            "number with commas",
            r"[-+]?[0-9][0-9_,]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?",
        ),
        ("symbol", r":.+"),
        // YAML 1.2.
        ("octal number", r"0o[0-7]+"),
        (
            "number of YAML 1.2",
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
        ),
        (
            "truth value or nothing in any case",
            r"(?i:true|false|null)",
        ),
    ];

    /// Returns whether YAML gives a meaning to the first or last character of a scalar, or to a
    /// colon or a `#` in it.
    fn is_structure(text: &str) -> bool {
        text.starts_with([
            '-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%',
            '@', '`', ' ', '\t', '.',
        ]) || text.contains(": ")
            || text.contains(" #")
            || text.ends_with([':', ' '])
    }

    /// Returns the rule by which some parser misreads a text without quotes.
    fn misread(text: &str, rules: &[(&str, Regex)]) -> Option<String> {
        if is_structure(text) || !text.chars().all(needs_no_escape) {
            return Some("structure".to_owned());
        }
        let rule = rules.iter().find(|(_, rule)| rule.is_match(text));
        rule.map(|(name, _)| (*name).to_owned())
    }

    fn rules() -> Vec<(&'static str, Regex)> {
        let whole = |rule: &str| Regex::new(&format!("^(?:{rule})$")).unwrap();
        RULES
            .iter()
            .map(|(name, rule)| (*name, whole(rule)))
            .collect()
    }

    /// Checks that a string is read back, by our parser and by the rules of the others.
    #[track_caller]
    fn check(text: &str, rules: &[(&str, Regex)]) {
        let written = yaml_string(text);
        assert!(!written.contains(['\n', '\r']), "{written:?}");
        if *written == *text {
            assert_eq!(misread(text, rules), None, "{text:?}");
        }
        for document in [format!("key: {written}\n"), format!("key:\n- {written}\n")] {
            let value: serde_yaml::Value = serde_yaml::from_str(&document).unwrap();
            let value = match &value["key"] {
                serde_yaml::Value::Sequence(items) => &items[0],
                value => value,
            };
            assert_eq!(value.as_str(), Some(text), "{document}");
        }
    }

    /// Strings that some parser would read as something else.
    const AWKWARD: &[&str] = &[
        "no",
        "No",
        "NO",
        "on",
        "off",
        "y",
        "N",
        "yes",
        "true",
        "FALSE",
        "12:30:45",
        "1:30",
        "0x1F",
        "1_000",
        "1,000",
        "0o14",
        "014",
        "0b101",
        "1e3",
        "1.5e+3",
        ".5",
        "5.",
        "-1",
        "+1",
        "2024-01-01",
        "2024-1-1",
        "2024-01-01 10:00:00",
        "2024-01-01T10:00:00Z",
        "2001-12-14 21:59:43.10 -5",
        "~",
        "null",
        "Null",
        "<<",
        "=",
        ".inf",
        "-.INF",
        ".nan",
        "nan",
        "-",
        "? x",
        "- x",
        ": x",
        ":symbol",
        "a: b",
        "a:",
        "a #b",
        "#a",
        " lead",
        "trail ",
        "  ",
        "",
        "@a",
        "`a`",
        "%a",
        "&a",
        "*a",
        "!a",
        "!!str a",
        "|",
        ">",
        "[a]",
        "{a: b}",
        "'a'",
        "\"a\"",
        "it's",
        "say \"hi\"",
        "---",
        "...",
        "--- a",
        "\ttab",
        "a\tb",
        "a\u{85}b",
        "a\u{2028}b",
        "a\u{2029}b",
        "a\nb",
        "a\r\nb",
        "\u{FEFF}a",
        "\0",
        "\u{1b}",
        "\\n",
        "\u{FFFE}",
        "\u{10FFFF}",
        "\u{7f}",
        "🎉 party",
        "party 🎉",
        "ends\\",
        "a\u{A0}b",
        "\u{3000}a",
        "10 tips: part 1",
        "10 tips for tea",
        "C#",
        "C++",
        "https://example.com/a#b",
        "日本語",
        "سلام",
    ];

    #[test]
    fn string_that_a_reader_takes_for_something_else_is_quoted() {
        let rules = rules();
        for text in AWKWARD {
            check(text, &rules);
        }
        check(&"long ".repeat(2000), &rules);
    }

    #[test]
    fn string_that_nobody_misreads_stands_bare() {
        for text in [
            "Tea",
            "10 tips for tea",
            "C#",
            "C++",
            "https://example.com/a#b",
            "日本語",
            "party 🎉",
            "It's \"so\", isn't it?",
            "a/b-c.png",
            "Élan vital",
        ] {
            assert_eq!(yaml_string(text), text);
        }
        assert_eq!(yaml_string("no"), "'no'");
        assert_eq!(yaml_string("it's: so"), "'it''s: so'");
        assert_eq!(yaml_string("a\u{2028}\"b\u{1}"), "\"a\\u2028\\\"b\\x01\"");
    }

    proptest! {
        #[test]
        fn every_string_is_read_back(text in any::<String>()) {
            check(&text, &rules());
        }

        #[test]
        fn every_string_of_signs_is_read_back(text in "[-+.:,_ 0-9a-fxoeEyYnNtTzZ#'\"?~<=]{0,12}") {
            check(&text, &rules());
        }
    }
}
