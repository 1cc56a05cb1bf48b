//! Reads CSV (RFC 4180): a list of maps, whose keys are the fields of the first line.

use std::ops::Range;

use pressrun_posts::post::ExtraValue;

use super::parse::{DataFault, ValueBudget};

/// A field of a row, and its bytes in the text.
struct CsvField {
    text: String,
    range: Range<usize>,
}

/// Parses CSV, whose lines end in `\n`.
pub(super) fn parse_csv(text: &str, budget: &mut ValueBudget) -> Result<ExtraValue, DataFault> {
    let mut rows = CsvRows {
        text,
        at: 0,
        separator: find_separator(text),
    };
    let Some(header) = rows.next_row()? else {
        return Ok(ExtraValue::List(Vec::new()));
    };
    check_header(&header)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next_row()? {
        let range = row.first().map_or(0..0, |field| field.range.clone());
        if row.len() != header.len() {
            let mut fault = DataFault::new(
                format!(
                    "it has {} here, but the first line has {}",
                    count_fields(row.len()),
                    count_fields(header.len())
                ),
                range,
            );
            fault.help = Some("put quotes around a field that contains the separator".to_owned());
            return Err(fault);
        }
        let spent = budget.spend(row.len() + 1);
        spent.map_err(|message| DataFault::new(message, range))?;
        let pairs = header.iter().zip(row);
        values.push(ExtraValue::Map(
            pairs
                .map(|(name, field)| (name.text.clone(), ExtraValue::Text(field.text)))
                .collect(),
        ));
    }
    Ok(ExtraValue::List(values))
}

fn count_fields(count: usize) -> String {
    match count {
        1 => "1 field".to_owned(),
        count => format!("{count} fields"),
    }
}

/// Checks that each column has a name of its own.
fn check_header(header: &[CsvField]) -> Result<(), DataFault> {
    let mut known = std::collections::HashSet::new();
    for field in header {
        if field.text.trim().is_empty() {
            return Err(DataFault::new("a column has no name", field.range.clone()));
        }
        if !known.insert(field.text.trim()) {
            let message = format!("there are two columns `{}`", field.text.trim());
            return Err(DataFault::new(message, field.range.clone()));
        }
    }
    Ok(())
}

/// Returns the one of `,`, `;` and tab that the first line has most. Where a comma is part of
/// numbers, spreadsheets write semicolons.
fn find_separator(text: &str) -> char {
    let first = text.trim_start_matches('\n').lines().next();
    let first = first.unwrap_or_default();
    let outside: String = first.split('"').step_by(2).collect();
    let count = |separator: &char| outside.matches(*separator).count();
    // Of equal counts `max_by_key` takes the last.
    ['\t', ';', ',']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(',')
}

/// The rows that are still to be read.
struct CsvRows<'t> {
    text: &'t str,
    at: usize,
    separator: char,
}

impl CsvRows<'_> {
    /// Reads the next row that is not blank.
    fn next_row(&mut self) -> Result<Option<Vec<CsvField>>, DataFault> {
        while self.text[self.at..].starts_with('\n') {
            self.at += 1;
        }
        if self.at == self.text.len() {
            return Ok(None);
        }
        let mut row = Vec::new();
        loop {
            row.push(self.read_field()?);
            let rest = &self.text[self.at..];
            if !rest.starts_with(self.separator) {
                self.at += usize::from(!rest.is_empty());
                return Ok(Some(row));
            }
            self.at += self.separator.len_utf8();
        }
    }

    /// Reads a field up to the separator or the end of the line.
    fn read_field(&mut self) -> Result<CsvField, DataFault> {
        let start = self.at;
        let rest = &self.text[start..];
        let ends = |c: char| c == self.separator || c == '\n';
        if !rest.starts_with('"') {
            let end = rest.find(ends).unwrap_or(rest.len());
            self.at += end;
            return Ok(CsvField {
                text: rest[..end].to_owned(),
                range: start..start + end,
            });
        }
        let mut text = String::new();
        let mut at = 1;
        loop {
            let Some(end) = rest[at..].find('"') else {
                let message = "a field begins with a quote that is not closed";
                return Err(DataFault::new(message, start..start + 1));
            };
            text.push_str(&rest[at..at + end]);
            at += end + 1;
            if !rest[at..].starts_with('"') {
                break;
            }
            text.push('"');
            at += 1;
        }
        self.at = start + at;
        if !(rest[at..].is_empty() || rest[at..].starts_with(ends)) {
            let mut fault = DataFault::new(
                "text follows the closing quote of a field",
                self.at..self.at + rest[at..].chars().next().map_or(0, char::len_utf8),
            );
            fault.help = Some("write a quote within quotes twice: `\"\"`".to_owned());
            return Err(fault);
        }
        Ok(CsvField {
            text,
            range: start..self.at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let found = match parse_csv(text, &mut ValueBudget::new(100)) {
            Ok(value) => Ok(value.to_json().to_string()),
            Err(fault) => Err(format!("{:?}: {}", fault.range, fault.message)),
        };
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn rows_become_maps() {
        check("", Ok("[]"));
        check("a,b\n", Ok("[]"));
        check(
            "\na,b\n\n1,\n,\"x\"\"y\n,z\"",
            Ok(r#"[{"a":"1","b":""},{"a":"","b":"x\"y\n,z"}]"#),
        );
    }

    #[test]
    fn first_line_shows_the_separator() {
        check("a;b\n1,5;2", Ok(r#"[{"a":"1,5","b":"2"}]"#));
        check("a\tb\n1\t2", Ok(r#"[{"a":"1","b":"2"}]"#));
        check("\"a;b;c\",d\n1,2", Ok(r#"[{"a;b;c":"1","d":"2"}]"#));
        check("a\n1", Ok(r#"[{"a":"1"}]"#));
    }

    #[test]
    fn broken_rows_have_their_places() {
        check(
            "a,b\n1\n",
            Err("4..5: it has 1 field here, but the first line has 2 fields"),
        );
        check("a,a\n", Err("2..3: there are two columns `a`"));
        check("a,\n", Err("2..2: a column has no name"));
        check(
            "a\n\"x\n",
            Err("2..3: a field begins with a quote that is not closed"),
        );
        check(
            "a\n\"x\"y\n",
            Err("5..6: text follows the closing quote of a field"),
        );
    }
}
