//! Tells formulas between dollars from amounts of money.

/// Whether `$content$`, followed by `next`, is prose rather than a formula.
///
/// A closing dollar before a digit is the dollar of the next amount (the rule of Pandoc):
/// `$5-$10`. An amount or a shell variable that meets another dollar later on leaves words
/// between the two, and none of the characters that formulas are made with.
pub(super) fn is_money(content: &str, next: Option<char>) -> bool {
    if next.is_some_and(|c| c.is_ascii_digit()) {
        return true;
    }
    let glued = next.is_some_and(char::is_alphanumeric);
    let amount = content.starts_with(|c: char| c.is_ascii_digit());
    (glued || amount) && has_words(content) && !content.contains(['\\', '^', '_', '{', '}', '='])
}

fn has_words(content: &str) -> bool {
    content
        .split(|c: char| !c.is_alphabetic())
        .any(|word| word.len() > 1)
}

/// The body with a backslash before each of these dollars, which are given in order.
pub(super) fn escape_dollars(body: &str, dollars: &[usize]) -> String {
    let mut escaped = String::with_capacity(body.len() + dollars.len());
    let mut done = 0;
    for &at in dollars {
        escaped.push_str(&body[done..at]);
        escaped.push('\\');
        done = at;
    }
    escaped.push_str(&body[done..]);
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_told_from_formulas() {
        for (content, next) in [
            ("5-", Some('1')),
            ("20 (or US", Some('3')),
            ("HOME/", Some('U')),
            ("5 a month and then 10", None),
        ] {
            assert!(is_money(content, next), "{content}");
        }
        for formula in [
            "x", "n", "10^6", "3.14", "2\\pi r", "a + b", "ab", "5x = 10",
        ] {
            assert!(!is_money(formula, None), "{formula}");
        }
        assert!(!is_money("n", Some('t')));
    }
}
