//! Takes the errors apart that Tera prints as one text.

use pressrun_text::plain::collapse_white_space;

/// One error of a printed report.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PrintedError<'t> {
    pub(super) message: String,
    pub(super) template: &'t str,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) length: u32,
}

/// Splits a printed report into its errors. Each has a line with the message, one with the place,
/// and the line of the template with marks under it.
pub(super) fn split_printed_errors(text: &str) -> Vec<PrintedError<'_>> {
    let mut reports = Vec::new();
    let mut message = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(place) = line.trim_start().strip_prefix("--> ") else {
            if let Some(first) = line.strip_prefix("error: ") {
                first.clone_into(&mut message);
            } else {
                // A name with a line break in it.
                message.push(' ');
                message.push_str(line);
            }
            continue;
        };
        let mut parts = place.rsplitn(3, ':');
        let column = parts.next().and_then(|part| part.parse().ok());
        let line = parts.next().and_then(|part| part.parse().ok());
        if let (Some(column), Some(line), Some(template)) = (column, line, parts.next()) {
            let marks = lines.by_ref().take(3).last().unwrap_or_default();
            let marks = marks.len() - marks.trim_end_matches('^').len();
            reports.push(PrintedError {
                message: std::mem::take(&mut message),
                template,
                line,
                column,
                length: marks as u32,
            });
        }
    }
    reports
}

/// Makes a message of Tera look like ours: one line that begins in lower case, without a full stop.
pub(super) fn make_one_line(message: &str) -> String {
    let message = collapse_white_space(message).replace(". Available ", "; available ");
    let message = message.strip_suffix('.').unwrap_or(&message);
    let mut chars = message.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => first
            .to_lowercase()
            .chain(std::iter::once(second))
            .chain(chars)
            .collect(),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_may_be_anything() {
        for text in [
            "",
            "error: ",
            "error: x",
            "--> ",
            "--> a",
            "--> a:1",
            "--> a:1:2",
            "-->  a:b:c:1:2\n",
            "error: a\nb\n --> c:1:2\n  |\n1 | x\n  | ^^",
        ] {
            split_printed_errors(text);
        }
        let text = "error: Unknown template `a\nb`\n --> c:d:1:2\n  |\n1 | x\n  | ^^\n\nerror: z\n --> e:3:4\n  |\n3 | \n  | ^";
        let found = split_printed_errors(text);
        assert_eq!(
            (found[0].message.as_str(), found[0].template),
            ("Unknown template `a b`", "c:d")
        );
        assert_eq!((found[0].line, found[0].column, found[0].length), (1, 2, 2));
        assert_eq!((found[1].message.trim(), found[1].length), ("z", 1));
    }

    #[test]
    fn messages_have_one_line() {
        assert_eq!(make_one_line("Found `a\n b`."), "found `a b`");
        assert_eq!(make_one_line("`x` is. "), "`x` is");
    }
}
