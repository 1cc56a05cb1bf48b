//! Reads import and export statements of JavaScript, as far as is needed to find their end.

use pressrun_text::line::{TextLine, join_lines};

/// Measures statements.
#[derive(Debug, Default)]
pub(super) struct StatementReader {
    /// Set once a statement was not closed, so that later ones are not searched to the end of the
    /// text again.
    is_unbalanced: bool,
}

impl StatementReader {
    /// Returns the number of lines of the import or export at the first of `lines`, or `None` if
    /// they are no statement.
    pub(super) fn measure_statement(&mut self, lines: &[TextLine]) -> Option<usize> {
        let block = lines
            .iter()
            .position(|line| line.is_blank() || line.in_fence())
            .unwrap_or(lines.len());
        let length = if self.is_unbalanced {
            measure_balanced(&lines[..block])
        } else {
            let length = measure_balanced(lines);
            self.is_unbalanced = length.is_none();
            length
        };
        let length = length.unwrap_or(block);
        is_statement(&lines[..length]).then_some(length)
    }
}

/// Returns the number of lines up to the first one after which no bracket or string is open, and
/// which does not end in an operator.
fn measure_balanced(lines: &[TextLine]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, line) in lines.iter().enumerate() {
        let mut escaped = false;
        for byte in line.text.bytes() {
            match (quote, byte) {
                _ if std::mem::take(&mut escaped) => {}
                (Some(_), b'\\') => escaped = true,
                (Some(open), byte) => quote = Some(open).filter(|open| *open != byte),
                (None, b'"' | b'\'' | b'`') => quote = Some(byte),
                (None, b'(' | b'[' | b'{') => depth += 1,
                (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
                (None, _) => {}
            }
        }
        // Only a template goes on over lines.
        quote = quote.filter(|&quote| quote == b'`');
        let goes_on = line
            .text
            .trim_end()
            .ends_with(['=', ',', '+', '?', ':', '|', '&', '>']);
        let next_is_blank = lines.get(at + 1).is_none_or(TextLine::is_blank);
        if depth == 0 && quote.is_none() && (!goes_on || next_is_blank) {
            return Some(at + 1);
        }
    }
    None
}

/// Returns whether lines that begin with `import ` or `export ` are a statement, not a sentence.
fn is_statement(lines: &[TextLine]) -> bool {
    // The first lines of an import or export show what it is.
    let text = join_lines(&lines[..lines.len().min(MAX_IMPORT_LINES)]);
    if let Some(rest) = text.strip_prefix("import ") {
        let rest = rest.trim().trim_end_matches(';').trim_end();
        let source = match rest.rsplit_once("from") {
            Some((_, source)) if !rest.starts_with(['"', '\'']) => source.trim_start(),
            _ => rest,
        };
        return is_quoted(source);
    }
    let Some(rest) = text.strip_prefix("export ") else {
        return false;
    };
    let rest = rest.trim_start();
    let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next();
    rest.starts_with(['{', '*'])
        || word.is_some_and(|word| {
            const WORDS: [&str; 10] = [
                "default",
                "const",
                "let",
                "var",
                "function",
                "async",
                "class",
                "type",
                "interface",
                "enum",
            ];
            WORDS.contains(&word) && rest.len() > word.len()
        })
}

/// The maximum number of lines of an import.
const MAX_IMPORT_LINES: usize = 200;

fn is_quoted(text: &str) -> bool {
    ['"', '\''].iter().any(|&quote| {
        text.len() > 1
            && text.starts_with(quote)
            && text.ends_with(quote)
            && !text[1..text.len() - 1].contains(['"', '\'', '\n'])
    })
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_lines;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<usize>) {
        let lines = number_lines(text);
        let found = StatementReader::default().measure_statement(&lines);
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn statement_ends_where_its_brackets_are_closed() {
        check("import a from 'b'\nc", Some(1));
        check("import 'b.css';\nc", Some(1));
        check("import {\n  a,\n\n  b\n} from \"c\";\nd", Some(5));
        check("export const a = `{\n\n`;\nb", Some(3));
        check("export default function A() {\n  return 1\n}\nb", Some(3));
        check("export const a =\n  '}'\nb", Some(2));
        check("export * from 'a'", Some(1));
    }

    #[test]
    fn statement_that_is_never_closed_ends_with_its_block() {
        check("export const a = {\n  b\n\nc", Some(2));
    }

    #[test]
    fn sentences_are_not_statements() {
        for text in [
            "import the tea, they said",
            "import tea from the east",
            "import from 'a' to 'b'",
            "export prices rose",
            "export default",
        ] {
            check(text, None);
        }
    }
}
