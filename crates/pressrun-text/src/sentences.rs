//! Splits plain text into sentences.

use super::characters::is_letter;

/// Iterates over the sentences of `text`, trimmed.
///
/// A sentence ends at `.`, `!`, `?` or `…`, together with closing quotes and brackets, if white
/// space or the end follows. `。`, `！` and `？` end a sentence anywhere. A period does not end one
/// after a single letter or an abbreviation, or if the next letter is lower case.
pub fn split_sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (sentence, after) = rest.split_at(find_sentence_end(rest));
        rest = after.trim_start();
        Some(sentence)
    })
}

/// Returns whether `c` is a quote or bracket that may follow the end of a sentence.
pub fn is_closing(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '”'
            | '’'
            | '“'
            | '»'
            | '›'
            | ')'
            | ']'
            | '}'
            | '）'
            | '」'
            | '』'
            | '】'
            | '》'
            | '〉'
            | '］'
    )
}

/// Returns where the first sentence of `text` ends, including closing quotes and brackets.
fn find_sentence_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = find_terminator(&text[at..]) {
        let start = at + found;
        let run = text[start..].trim_start_matches(is_terminator);
        let run_end = text.len() - run.len();
        let end = text.len() - strip_closing_marks(run).len();
        if ends_sentence(text, start..run_end, end) {
            return end;
        }
        at = end;
    }
    text.len()
}

/// Returns where the first terminator is.
fn find_terminator(text: &str) -> Option<usize> {
    // The last three are the first bytes of those that are not ASCII, and of other characters.
    let may_begin = |byte: &u8| matches!(byte, b'.' | b'!' | b'?' | 0xE2 | 0xE3 | 0xEF);
    let mut from = 0;
    loop {
        let at = from + text.as_bytes()[from..].iter().position(may_begin)?;
        if text[at..].starts_with(is_terminator) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Strips closing quotes and brackets from the start of a text, also a French quote after a space.
fn strip_closing_marks(text: &str) -> &str {
    let rest = text.trim_start_matches(is_closing);
    let after_quote = rest
        .strip_prefix([' ', '\u{A0}', '\u{202F}'])
        .and_then(|rest| rest.strip_prefix('»'))
        // Before a letter it opens a quotation, as in German.
        .filter(|rest| !rest.starts_with(char::is_alphanumeric));
    after_quote.unwrap_or(rest)
}

fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…') || is_wide(c)
}

fn is_wide(c: char) -> bool {
    matches!(c, '。' | '！' | '？')
}

/// Returns whether the terminators at `run`, with closing quotes up to `end`, end a sentence.
fn ends_sentence(text: &str, run: std::ops::Range<usize>, end: usize) -> bool {
    let terminators = &text[run.clone()];
    if terminators.contains(is_wide) {
        return true;
    }
    let rest = &text[end..];
    if rest.is_empty() {
        return true;
    }
    if !rest.starts_with(char::is_whitespace) {
        return false;
    }
    if terminators.bytes().any(|byte| byte != b'.') {
        return true;
    }
    let next = rest.chars().find(|c| c.is_alphanumeric());
    if next.is_some_and(char::is_lowercase) {
        return false;
    }
    // An ellipsis of periods cannot be part of an abbreviation.
    terminators.len() > 1 || !is_abbreviation(&text[..run.end])
}

/// Returns whether `text`, which ends in a period, ends in a single letter or a known abbreviation.
fn is_abbreviation(text: &str) -> bool {
    const KNOWN: [&str; 22] = [
        "e.g.", "i.e.", "etc.", "vs.", "mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "no.", "fig.",
        "inc.", "ltd.", "co.", "jr.", "sr.", "u.s.", "u.k.", "a.m.", "p.m.", "approx.",
    ];
    let mut before = text[..text.len() - 1].chars().rev();
    if before.next().is_some_and(is_letter) && before.next().is_none_or(|c| !c.is_alphanumeric()) {
        return true;
    }
    let word = text.rsplit(char::is_whitespace).next().unwrap_or(text);
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    KNOWN.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(split_sentences(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn closing_quotes_and_brackets_belong_to_the_sentence() {
        check(
            "He said “Never.” (Twice!) Then he left?!",
            &["He said “Never.”", "(Twice!)", "Then he left?!"],
        );
    }

    #[test]
    fn french_quotes_have_a_space_inside() {
        check(
            "« Oui\u{202F}!\u{A0}» Il part. »Nein«, sagt er.",
            &["« Oui\u{202F}!\u{A0}»", "Il part.", "»Nein«, sagt er."],
        );
    }

    #[test]
    fn abbreviations_and_initials_do_not_end_it() {
        check(
            "Dr. J. Adler met Prof. X. at No. 5, e.g. Monday. Yes.",
            &["Dr. J. Adler met Prof. X. at No. 5, e.g. Monday.", "Yes."],
        );
        check(
            "The U.S. Army, Smith Inc. Europe. Go.",
            &["The U.S. Army, Smith Inc. Europe.", "Go."],
        );
        check(
            "We met in Cairo. No. It was best. Done.",
            &["We met in Cairo.", "No. It was best.", "Done."],
        );
    }

    #[test]
    fn a_lower_case_letter_goes_on() {
        check(
            "about 3.5 approx. four. and five... maybe. Six",
            &["about 3.5 approx. four. and five... maybe.", "Six"],
        );
        check("What? no! yes", &["What?", "no!", "yes"]);
    }

    #[test]
    fn wide_marks_end_it_anywhere() {
        check("你好。再见！好", &["你好。", "再见！", "好"]);
    }

    #[test]
    fn marks_before_letters_are_part_of_a_word() {
        check(
            "See example.com and node.js. Fine",
            &["See example.com and node.js.", "Fine"],
        );
    }
}
