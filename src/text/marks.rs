//! Puts values into the places that a text marks for them: `name: @NAME@`.

/// Replaces each mark by its value, in one pass: a value that looks like a mark is left as it is.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let marked = values.iter().find(|(mark, _)| rest.starts_with(mark));
        if let Some((mark, value)) = marked {
            out.push_str(value);
            rest = &rest[mark.len()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn value_is_not_searched_for_marks() {
        let values = [("@A@", "@B@"), ("@B@", "@A@")];
        assert_eq!(fill("a@@A@ @B@@ @C@", &values), "a@@B@ @A@@ @C@");
    }
}
