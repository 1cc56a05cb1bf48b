//! Reads the text in a formula, such as that of `\text{…}`.

use super::macros::measure_command;
use super::mathml::HELD_CHARACTERS;

/// Returns the characters that a text of LaTeX shows, held so that the parser passes them on.
pub(super) fn flatten_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '{' | '}' => {}
            '~' => out.push('\u{a0}'),
            '\\' => {
                let name = &rest[..measure_command(rest)];
                rest = &rest[name.len()..];
                match name {
                    "\\" | "," | ";" | ":" | " " | "quad" | "qquad" => out.push(' '),
                    "textbackslash" => hold(&mut out, '\\'),
                    "ldots" | "dots" => out.push('…'),
                    _ if name.starts_with(|c: char| c.is_ascii_alphabetic()) => {}
                    _ => name.chars().for_each(|c| hold(&mut out, c)),
                }
            }
            '`' => out.push('‘'),
            '\'' => out.push('’'),
            c => hold(&mut out, c),
        }
    }
    out.replace("‘‘", "“").replace("’’", "”")
}

fn hold(out: &mut String, c: char) {
    let found = HELD_CHARACTERS.iter().find(|&&(_, meant)| meant == c);
    out.push(found.map_or(c, |&(held, _)| held));
}

#[cfg(test)]
mod tests {
    use super::flatten_text;

    #[test]
    fn texts_lose_their_commands() {
        for (text, expected) in [
            (r"a \textbf{b}~c", "a b\u{a0}c"),
            ("``a''", "“a”"),
            (r"5\%", "5\u{12}"),
            ("a<b", "a\u{17}b"),
        ] {
            assert_eq!(flatten_text(text), expected, "{text}");
        }
    }
}
