//! Rewrites chemical formulas, `\ce{2H2 + O2 -> 2H2O}`, as mathematics.
//!
//! This is the part of `mhchem` that posts use: elements, amounts, charges, states, bonds and arrows.

use std::iter::Peekable;
use std::str::Chars;

/// Arrows, the longer ones first.
const ARROWS: [(&str, &str); 7] = [
    ("<=>>", "\\rightleftharpoons "),
    ("<<=>", "\\rightleftharpoons "),
    ("<=>", "\\rightleftharpoons "),
    ("<->", "\\leftrightarrow "),
    ("->", "\\longrightarrow "),
    ("<-", "\\longleftarrow "),
    ("=>", "\\Rightarrow "),
];

/// Returns the mathematics of a chemical formula.
pub(super) fn rewrite_chemistry(reaction: &str) -> String {
    let mut out = String::with_capacity(2 * reaction.len());
    let mut rest = reaction;
    // Whether a digit counts atoms of what is before it.
    let mut behind_element = false;
    while let Some(c) = rest.chars().next() {
        let arrow = ARROWS.iter().find(|(written, _)| rest.starts_with(written));
        if let Some((written, command)) = arrow {
            rest = &rest[written.len()..];
            rest = write_arrow(&mut out, command, rest);
            behind_element = false;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            'A'..='Z' | 'a'..='z' => {
                let letters = rest.bytes().take_while(u8::is_ascii_lowercase).count();
                out.push_str(&format!("\\mathrm{{{c}{}}}", &rest[..letters]));
                rest = &rest[letters..];
                behind_element = true;
            }
            '0'..='9' => {
                let digits = rest
                    .bytes()
                    .take_while(|b| b.is_ascii_digit() || *b == b'.')
                    .count();
                let number = format!("{c}{}", &rest[..digits]);
                rest = &rest[digits..];
                out.push_str(&if behind_element {
                    format!("_{{{number}}}")
                } else {
                    format!("{number}\\,")
                });
            }
            '^' | '_' => {
                let (script, after) = take_script(rest);
                rest = after;
                out.push_str(&format!(
                    "{}{c}{{\\mathrm{{{script}}}}}",
                    if behind_element { "" } else { "{}" }
                ));
            }
            '+' | '-'
                if behind_element && !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) =>
            {
                out.push_str(&format!("^{{{c}}}"));
            }
            '-' if behind_element => out.push_str("{-}"),
            '=' | '#' if behind_element => {
                out.push_str(if c == '=' { "{=}" } else { "{\\equiv}" });
                behind_element = false;
            }
            '(' | '[' => {
                out.push(c);
                behind_element = false;
            }
            ')' | ']' => {
                out.push(c);
                behind_element = true;
            }
            '*' | '.' | '·' => {
                out.push_str("\\cdot ");
                behind_element = false;
            }
            c if c.is_whitespace() => {
                behind_element = false;
                out.push(' ');
            }
            '\\' | '{' | '}' | '$' => {
                // Mathematics within the formula.
                out.push(c);
                if c == '\\' {
                    let letters = rest
                        .bytes()
                        .take_while(u8::is_ascii_alphabetic)
                        .count()
                        .max(1);
                    let letters = rest.get(..letters).unwrap_or_default();
                    out.push_str(letters);
                    rest = &rest[letters.len()..];
                }
                behind_element = c == '}';
            }
            c => out.push(c),
        }
    }
    out.replace('$', "")
}

/// Writes an arrow with the texts above and below it, which follow in brackets. Returns the rest.
fn write_arrow<'r>(out: &mut String, command: &str, rest: &'r str) -> &'r str {
    let take =
        |rest: &'r str| -> Option<(&'r str, &'r str)> { rest.strip_prefix('[')?.split_once(']') };
    let Some((above, after)) = take(rest) else {
        out.push_str(command);
        return rest;
    };
    let (below, after) = take(after).unwrap_or(("", after));
    out.push_str(&format!("\\overset{{\\text{{{above}}}}}"));
    if !below.is_empty() {
        out.push_str(&format!("{{\\underset{{\\text{{{below}}}}}"));
    }
    out.push_str(&format!("{{{command}}}"));
    if !below.is_empty() {
        out.push('}');
    }
    after
}

/// Takes what is raised or lowered: a group, or a number with a sign.
fn take_script(rest: &str) -> (&str, &str) {
    if let Some((script, after)) = rest
        .strip_prefix('{')
        .and_then(|inside| inside.split_once('}'))
    {
        return (script, after);
    }
    let mut chars: Peekable<Chars<'_>> = rest.chars().peekable();
    let mut length = 0;
    while let Some(c) = chars.next_if(char::is_ascii_digit) {
        length += c.len_utf8();
    }
    length += chars
        .next_if(|c| matches!(c, '+' | '-'))
        .map_or(0, char::len_utf8);
    if length == 0 {
        length = rest
            .chars()
            .next()
            .filter(|c| c.is_alphanumeric())
            .map_or(0, char::len_utf8);
    }
    rest.split_at(length)
}

#[cfg(test)]
mod tests {
    use super::rewrite_chemistry;

    #[test]
    fn reactions_become_mathematics() {
        for (reaction, expected) in [
            ("H2O", r"\mathrm{H}_{2}\mathrm{O}"),
            (
                "2H2 + O2 -> 2H2O",
                r"2\,\mathrm{H}_{2} + \mathrm{O}_{2} \longrightarrow  2\,\mathrm{H}_{2}\mathrm{O}",
            ),
            ("SO4^2-", r"\mathrm{S}\mathrm{O}_{4}^{\mathrm{2-}}"),
            ("Na+", r"\mathrm{Na}^{+}"),
            ("Ca(OH)2", r"\mathrm{Ca}(\mathrm{O}\mathrm{H})_{2}"),
            ("^{14}_{6}C", r"{}^{\mathrm{14}}{}_{\mathrm{6}}\mathrm{C}"),
            (
                "A ->[heat] B",
                r"\mathrm{A} \overset{\text{heat}}{\longrightarrow } \mathrm{B}",
            ),
        ] {
            assert_eq!(rewrite_chemistry(reaction), expected, "{reaction}");
        }
    }
}
