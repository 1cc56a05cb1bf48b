//! Formats numbers for people.

/// Formats a number with commas between thousands, from 10,000 on.
pub fn group_thousands(number: usize) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Formats a number with the right form of its noun.
pub fn count_with_noun(number: usize, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", group_thousands(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_takes_the_singular() {
        assert_eq!(count_with_noun(0, "post", "posts"), "0 posts");
        assert_eq!(count_with_noun(1, "post", "posts"), "1 post");
        assert_eq!(count_with_noun(10_000, "post", "posts"), "10,000 posts");
    }

    #[test]
    fn thousands_are_set_apart_where_there_are_five_digits() {
        assert_eq!(group_thousands(0), "0");
        assert_eq!(group_thousands(1234), "1234");
        assert_eq!(group_thousands(12_345), "12,345");
        assert_eq!(group_thousands(1_234_567), "1,234,567");
    }
}
