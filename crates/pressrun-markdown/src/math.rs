//! Distinguishes formulas between dollar signs from amounts of money.

/// Returns whether `$content$`, followed by `next`, is prose and not a formula.
///
/// A closing dollar before a digit belongs to the next amount, as in `$5-$10` (Pandoc's rule). If
/// an amount or a shell variable is followed by another dollar later, there are words between the
/// two, and none of the characters that make formulas.
pub(super) fn is_money(content: &str, next: Option<char>) -> bool {
    if next.is_some_and(|c| c.is_ascii_digit()) {
        return true;
    }
    // In `$HOME/$USER`, the second dollar begins the next variable.
    let glued = next.is_some_and(char::is_alphanumeric);
    let amount = content.starts_with(|c: char| c.is_ascii_digit());
    (glued || amount) && has_words(content) && !content.contains(['\\', '^', '_', '{', '}', '='])
}

fn has_words(content: &str) -> bool {
    content
        .split(|c: char| !c.is_alphabetic())
        .any(|word| word.len() > 1)
}

/// Inserts a backslash before each of these dollars, which are given in order.
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
