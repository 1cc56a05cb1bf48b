//! Fills the placeholders of a text: `name: @NAME@`.

/// Replaces each placeholder by its value.
///
/// It makes one pass, so a value that looks like a placeholder is not replaced again.
pub fn fill_placeholders(text: &str, values: &[(&str, &str)]) -> String {
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
    use super::fill_placeholders;

    #[test]
    fn value_is_not_searched_for_marks() {
        let values = [("@A@", "@B@"), ("@B@", "@A@")];
        assert_eq!(
            fill_placeholders("a@@A@ @B@@ @C@", &values),
            "a@@B@ @A@@ @C@"
        );
    }
}
