//! Spells a formula in the commands that the parser knows, and checks how deeply it is nested.
//!
//! The parser takes time that grows with depth times length, and calls itself for an argument
//! without braces, so every argument gets braces here, and depth is limited.

use std::borrow::Cow;

use super::chemistry::rewrite_chemistry;
use super::commands::{DROPPED, FORBIDDEN, ONE_ARGUMENT, RENAMED, TEXTS, TWO_ARGUMENTS};
use super::formula::FormulaFault;
use super::macros::measure_command;
use super::mathml::GroupMark;
use super::plain_text::flatten_text;

/// Greatest depth of groups, arguments and environments.
const MAX_DEPTH: usize = 60;

/// Rewrites a formula without macros.
pub(super) fn rewrite_formula(formula: &str) -> Result<String, FormulaFault> {
    let mut rewriter = FormulaRewriter {
        rest: formula,
        out: String::with_capacity(formula.len() + formula.len() / 2),
        has_rows: false,
        has_columns: false,
    };
    rewriter.write_items(GroupEnd::End, 0)?;
    let FormulaRewriter {
        out,
        has_rows,
        has_columns,
        ..
    } = rewriter;
    // Several lines without an environment.
    Ok(match (has_rows, has_columns) {
        (_, true) => format!("\\begin{{aligned}}{out}\\end{{aligned}}"),
        (true, false) => format!("\\begin{{gathered}}{out}\\end{{gathered}}"),
        (false, false) => out,
    })
}

/// What ends a list of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GroupEnd {
    /// The end of the formula.
    End,
    Brace,
    Bracket,
    Right,
    Environment,
}

struct FormulaRewriter<'f> {
    rest: &'f str,
    out: String,
    /// Whether rows and columns are divided outside of environments.
    has_rows: bool,
    has_columns: bool,
}

impl<'f> FormulaRewriter<'f> {
    fn next_char(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn skip_spaces(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            // A comment ends with its line.
            let Some(comment) = self.rest.strip_prefix('%') else {
                return;
            };
            self.rest = comment.split_once('\n').map_or("", |(_, after)| after);
        }
    }

    /// Takes the name of a command behind its backslash.
    fn take_command(&mut self) -> &'f str {
        let (name, rest) = self.rest.split_at(measure_command(self.rest));
        self.rest = rest;
        name
    }

    /// Takes a group with braces as it is.
    fn take_raw_group(&mut self) -> Result<&'f str, FormulaFault> {
        self.skip_spaces();
        let inside = self
            .rest
            .strip_prefix('{')
            .ok_or(FormulaFault::MissingArgument)?;
        let mut depth = 0_usize;
        let mut is_escaped = false;
        for (at, byte) in inside.bytes().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'{' => depth += 1,
                b'}' if depth == 0 => {
                    self.rest = &inside[at + 1..];
                    return Ok(&inside[..at]);
                }
                b'}' => depth -= 1,
                _ => {}
            }
        }
        Err(FormulaFault::Unbalanced)
    }

    /// Takes a group or one character as it is.
    fn take_raw_argument(&mut self) -> Result<&'f str, FormulaFault> {
        self.skip_spaces();
        if self.rest.starts_with('{') {
            return self.take_raw_group();
        }
        let rest = self.rest;
        let first = self.next_char().ok_or(FormulaFault::MissingArgument)?;
        if first == '\\' {
            let name = self.take_command();
            return Ok(&rest[..=name.len()]);
        }
        Ok(&rest[..first.len_utf8()])
    }

    fn take_option(&mut self) -> Option<&'f str> {
        self.skip_spaces();
        let inside = self.rest.strip_prefix('[')?;
        let (option, rest) = inside.split_once(']')?;
        self.rest = rest;
        Some(option)
    }

    /// Writes everything up to an end, which is taken but not written.
    fn write_items(&mut self, end: GroupEnd, depth: usize) -> Result<(), FormulaFault> {
        if depth > MAX_DEPTH {
            return Err(FormulaFault::TooDeep);
        }
        let start = self.out.len();
        // A command such as `\over` divides the whole group.
        let mut division: Option<(&str, usize)> = None;
        let is_outside = end == GroupEnd::End;
        loop {
            let Some(c) = self.next_char() else {
                if end != GroupEnd::End {
                    return Err(FormulaFault::Unbalanced);
                }
                break;
            };
            match c {
                '}' if end == GroupEnd::Brace => break,
                ']' if end == GroupEnd::Bracket => break,
                '}' => return Err(FormulaFault::Unbalanced),
                '{' => self.write_group(depth)?,
                '^' | '_' => {
                    self.out.push(c);
                    self.write_argument(depth)?;
                }
                '~' => self.out.push_str("\\text{ }"),
                '%' => {
                    self.rest = self.rest.split_once('\n').map_or("", |(_, after)| after);
                }
                '&' => {
                    self.has_columns |= is_outside;
                    self.out.push('&');
                }
                '\\' => {
                    let name = self.take_command();
                    match name {
                        "right" if end == GroupEnd::Right => break,
                        "end" if end == GroupEnd::Environment => break,
                        "right" | "end" => return Err(FormulaFault::Unbalanced),
                        "over" | "choose" | "atop" | "brace" | "brack" if division.is_none() => {
                            division = Some((name, self.out.len()));
                        }
                        "\\" | "cr" | "newline" => {
                            self.has_rows |= is_outside;
                            self.write_row_end();
                        }
                        _ => self.write_command(name, depth)?,
                    }
                }
                c => self.out.push(c),
            }
        }
        if let Some((name, at)) = division {
            let (left, right) = (self.out[start..at].to_owned(), &self.out[at..]);
            let divided = match name {
                "over" => format!("\\frac{{{left}}}{{{right}}}"),
                "choose" => format!("\\binom{{{left}}}{{{right}}}"),
                _ => format!("\\genfrac{{}}{{}}{{0pt}}{{}}{{{left}}}{{{right}}}"),
            };
            self.out.truncate(start);
            self.out.push_str(&divided);
        }
        Ok(())
    }

    fn write_group(&mut self, depth: usize) -> Result<(), FormulaFault> {
        self.out.push('{');
        self.write_items(GroupEnd::Brace, depth + 1)?;
        self.out.push('}');
        Ok(())
    }

    /// Writes an argument, which gets braces if it has none.
    fn write_argument(&mut self, depth: usize) -> Result<(), FormulaFault> {
        if depth > MAX_DEPTH {
            return Err(FormulaFault::TooDeep);
        }
        self.skip_spaces();
        match self.next_char().ok_or(FormulaFault::MissingArgument)? {
            '{' => self.write_group(depth),
            '\\' => {
                self.out.push('{');
                let name = self.take_command();
                if matches!(name, "right" | "end" | "\\" | "over" | "choose") {
                    return Err(FormulaFault::MissingArgument);
                }
                self.write_command(name, depth + 1)?;
                self.out.push('}');
                Ok(())
            }
            '}' | '&' | '^' | '_' => Err(FormulaFault::MissingArgument),
            c => {
                self.out.push('{');
                self.out.push(c);
                self.out.push('}');
                Ok(())
            }
        }
    }

    fn write_option(&mut self, depth: usize) -> Result<(), FormulaFault> {
        self.skip_spaces();
        if let Some(inside) = self.rest.strip_prefix('[') {
            self.rest = inside;
            self.out.push('[');
            self.write_items(GroupEnd::Bracket, depth + 1)?;
            self.out.push(']');
        }
        Ok(())
    }

    fn write_row_end(&mut self) {
        self.rest = self.rest.strip_prefix('*').unwrap_or(self.rest);
        // The distance to the next row; a bracket further on belongs to the row.
        if self.rest.starts_with('[') {
            self.take_option();
        }
        self.out.push_str("\\\\ ");
    }

    fn write_command(&mut self, name: &'f str, depth: usize) -> Result<(), FormulaFault> {
        let renamed = RENAMED.iter().find(|(own, _)| *own == name);
        if ONE_ARGUMENT.binary_search(&name).is_ok() {
            self.push_command(name);
            if matches!(name, "sqrt" | "xleftarrow" | "xrightarrow") {
                self.write_option(depth)?;
            }
            self.write_argument(depth)
        } else if TWO_ARGUMENTS.binary_search(&name).is_ok() {
            self.push_command(name);
            if name == "cfrac" {
                self.take_option();
            }
            self.write_argument(depth)?;
            self.write_argument(depth)
        } else if FORBIDDEN.contains(&name) {
            Err(FormulaFault::Command(name.to_owned()))
        } else if DROPPED.contains(&name) {
            Ok(())
        } else if let Some((_, text)) = TEXTS.iter().find(|(own, _)| *own == name) {
            let argument = self.take_raw_argument()?;
            self.write_text(text, argument, depth)
        } else if let Some(&(_, other)) = renamed {
            let takes_argument = ONE_ARGUMENT.binary_search(&other).is_ok();
            self.push_command(other);
            if takes_argument {
                self.write_argument(depth)?;
            }
            Ok(())
        } else {
            self.write_other_command(name, depth)
        }
    }

    /// Writes the commands that need more than a table.
    fn write_other_command(&mut self, name: &'f str, depth: usize) -> Result<(), FormulaFault> {
        match name {
            "begin" => return self.write_environment(depth),
            "left" => return self.write_delimited(depth),
            "operatorname" | "operatornamewithlimits" => return self.write_operator_name(),
            " " | "nobreakspace" | "space" | "\n" | "\t" => self.out.push_str("\\text{ }"),
            "mathop" => {
                let name = self.take_raw_argument()?;
                // The parser takes what is inside for the name of an operator.
                let is_name = ["\\operatorname", "\\math", "\\text", "\\rm "]
                    .iter()
                    .any(|font| name.trim_start().starts_with(font));
                if is_name || !name.contains('\\') {
                    self.write_operator(name, true)?;
                } else {
                    self.write_inner(name, depth)?;
                }
            }
            "label" => {
                self.take_raw_argument()?;
            }
            "tag" => {
                self.rest = self.rest.strip_prefix('*').unwrap_or(self.rest);
                let tag = self.take_raw_argument()?;
                self.out.push_str("\\qquad ");
                self.write_text("text", &format!("({tag})"), depth)?;
            }
            "ref" | "eqref" => {
                let label = self.take_raw_argument()?;
                self.write_text("text", &format!("({label})"), depth)?;
            }
            "color" => {
                let colour = self.take_raw_group()?;
                self.push_raw("color", colour)?;
            }
            "textcolor" => {
                let colour = self.take_raw_group()?;
                self.push_raw("textcolor", colour)?;
                self.write_argument(depth)?;
            }
            "colorbox" | "fcolorbox" => {
                let colour = self.take_raw_group()?;
                self.push_raw(name, colour)?;
                if name == "fcolorbox" {
                    let inside = self.take_raw_group()?;
                    self.push_raw("", inside)?;
                }
                let text = self.take_raw_argument()?;
                self.write_text("", &text.replace('$', ""), depth)?;
            }
            "hspace" => {
                self.rest = self.rest.strip_prefix('*').unwrap_or(self.rest);
                let width = self.take_raw_group()?;
                self.push_raw("hspace", width)?;
            }
            "boxed" | "fbox" => self.write_marked(GroupMark::Boxed, depth)?,
            "cancel" | "bcancel" | "xcancel" | "sout" => {
                self.write_marked(GroupMark::Cancelled, depth)?;
            }
            "phantom" | "hphantom" | "vphantom" => self.write_marked(GroupMark::Hidden, depth)?,
            "dddot" | "ddddot" => {
                let dots = if name == "dddot" { "..." } else { "...." };
                self.out.push_str(&format!("\\overset{{{dots}}}"));
                self.write_argument(depth)?;
            }
            "bra" | "Bra" => self.write_between("\\langle ", "|", depth)?,
            "ket" | "Ket" => self.write_between("|", "\\rangle ", depth)?,
            "braket" | "Braket" => self.write_between("\\langle ", "\\rangle ", depth)?,
            "abs" => self.write_between("|", "|", depth)?,
            "norm" => self.write_between("\\|", "\\|", depth)?,
            "genfrac" => self.write_general_fraction(depth)?,
            "not" => {
                self.skip_spaces();
                let next = self.take_raw_argument()?;
                if next.is_empty() || next.len() > 30 || next.contains("not") {
                    return Err(FormulaFault::MissingArgument);
                }
                self.push_command("not");
                self.out.push_str(next.trim());
                self.out.push(' ');
            }
            "ce" | "cee" => {
                let reaction = self.take_raw_group()?;
                let reaction = rewrite_chemistry(reaction);
                self.write_inner(&reaction, depth)?;
            }
            "limits" | "nolimits" => {
                // The parser accepts these behind large operators only, once or more often.
                self.push_command(name);
            }
            _ => self.push_command(name),
        }
        Ok(())
    }

    fn push_command(&mut self, name: &str) {
        self.out.push('\\');
        self.out.push_str(name);
        if name.ends_with(|c: char| c.is_ascii_alphabetic()) {
            self.out.push(' ');
        }
    }

    /// Writes a command with an argument that is a name or a length.
    fn push_raw(&mut self, name: &str, argument: &str) -> Result<(), FormulaFault> {
        let is_plain =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '.' | '-' | ' ' | '+');
        if !argument.chars().all(is_plain) {
            return Err(FormulaFault::MissingArgument);
        }
        if !name.is_empty() {
            self.out.push('\\');
            self.out.push_str(name);
        }
        self.out.push('{');
        self.out.push_str(argument.trim());
        self.out.push('}');
        Ok(())
    }

    /// Writes another piece of a formula here.
    fn write_inner(&mut self, formula: &str, depth: usize) -> Result<(), FormulaFault> {
        let mut inner = FormulaRewriter {
            rest: formula,
            out: std::mem::take(&mut self.out),
            has_rows: false,
            has_columns: false,
        };
        inner.out.push('{');
        // `Brace` would look for an end; here it is the end of the piece.
        let result = inner.write_items(GroupEnd::End, depth + 1);
        self.out = inner.out;
        self.out.push('}');
        result
    }

    fn write_marked(&mut self, mark: GroupMark, depth: usize) -> Result<(), FormulaFault> {
        self.out
            .push_str(&format!("{{\\color{{{}}}", mark.colour()));
        self.write_argument(depth + 1)?;
        self.out.push('}');
        Ok(())
    }

    fn write_between(&mut self, left: &str, right: &str, depth: usize) -> Result<(), FormulaFault> {
        self.out.push_str("\\left");
        self.out.push_str(left);
        self.write_argument(depth + 1)?;
        self.out.push_str("\\right");
        self.out.push_str(right);
        Ok(())
    }

    fn write_delimited(&mut self, depth: usize) -> Result<(), FormulaFault> {
        self.write_delimiter("\\left")?;
        self.write_items(GroupEnd::Right, depth + 1)?;
        self.write_delimiter("\\right")
    }

    fn write_delimiter(&mut self, command: &str) -> Result<(), FormulaFault> {
        let delimiter = self.take_raw_argument()?;
        self.out.push_str(command);
        self.out.push_str(match delimiter {
            "<" | "\\lt" => "\\langle",
            ">" | "\\gt" => "\\rangle",
            other => other,
        });
        self.out.push(' ');
        Ok(())
    }

    fn write_environment(&mut self, depth: usize) -> Result<(), FormulaFault> {
        let written = self.take_raw_group()?.trim();
        // Equations get no numbers of their own, as in other programs on the web.
        let name = match written {
            "align" | "alignat" | "equation" | "gather" | "multline" | "flalign" => {
                Cow::Owned(format!("{written}*"))
            }
            "eqnarray" | "eqnarray*" => "array".into(),
            "math" | "displaymath" | "subequations" => "gathered".into(),
            _ => written.into(),
        };
        let is_name = |c: char| c.is_ascii_alphabetic() || c == '*';
        if !name.chars().all(is_name) {
            return Err(FormulaFault::Unbalanced);
        }
        let name = match &*name {
            "flalign*" => "align*",
            // One of several lines, or of one.
            "multline*" => "gather*",
            name => name,
        };
        self.out.push_str(&format!("\\begin{{{name}}}"));
        match name {
            _ if written.starts_with("eqnarray") => self.out.push_str("{rcl}"),
            "array" | "darray" | "subarray" | "alignat*" | "alignedat" => {
                self.take_option();
                let columns = self.take_raw_group()?;
                let is_column = |c: &char| "lcr|:".contains(*c) || c.is_ascii_digit();
                let columns: String = columns.chars().filter(is_column).take(100).collect();
                self.out.push_str(&format!("{{{columns}}}"));
            }
            "aligned" | "gathered" | "split" => {
                self.take_option();
            }
            _ => {}
        }
        self.write_items(GroupEnd::Environment, depth + 1)?;
        if self.take_raw_group()?.trim() != written {
            return Err(FormulaFault::Unbalanced);
        }
        self.out.push_str(&format!("\\end{{{name}}}"));
        Ok(())
    }

    fn write_operator_name(&mut self) -> Result<(), FormulaFault> {
        let has_limits = self.rest.starts_with('*');
        self.rest = self.rest.strip_prefix('*').unwrap_or(self.rest);
        let name = self.take_raw_argument()?;
        self.write_operator(name, has_limits)
    }

    /// Writes the name of an operator. Where it has limits, scripts stand above and below it.
    fn write_operator(&mut self, name: &str, has_limits: bool) -> Result<(), FormulaFault> {
        let name = flatten_text(name);
        let name: String = name
            .chars()
            .filter(|c| !"{}\\%$&#<>".contains(*c))
            .collect();
        let name = name.trim();
        if name.is_empty() {
            return Err(FormulaFault::MissingArgument);
        }
        self.out.push_str(&if has_limits {
            format!("\\mathop{{{name}}}")
        } else {
            format!("\\operatorname{{{name}}}")
        });
        Ok(())
    }

    /// Writes a text with a command, and the formulas in it without.
    fn write_text(&mut self, command: &str, text: &str, depth: usize) -> Result<(), FormulaFault> {
        for (index, piece) in text.split('$').enumerate() {
            // A backslash before a dollar escapes it; `flatten_text` sees the rest.
            let is_formula = index % 2 == 1 && !text.contains("\\$");
            if is_formula {
                self.write_inner(piece, depth)?;
                continue;
            }
            let piece = if text.contains("\\$") { text } else { piece };
            if !piece.is_empty() || index == 0 {
                if !command.is_empty() {
                    self.out.push('\\');
                    self.out.push_str(command);
                }
                self.out.push('{');
                self.out.push_str(&flatten_text(piece));
                self.out.push('}');
            }
            if text.contains("\\$") {
                break;
            }
        }
        Ok(())
    }

    fn write_general_fraction(&mut self, depth: usize) -> Result<(), FormulaFault> {
        let [left, right, line, _] = [
            self.take_raw_argument()?,
            self.take_raw_argument()?,
            self.take_raw_argument()?,
            self.take_raw_argument()?,
        ];
        let delimiter =
            |written: &str| if written.trim().is_empty() { "." } else { "(" }.to_owned();
        let pair = match (left.trim(), right.trim()) {
            ("(" | "[" | "\\{" | "|" | "\\langle", ")" | "]" | "\\}" | "|" | "\\rangle") => {
                [left.trim().to_owned(), right.trim().to_owned()]
            }
            _ => [delimiter(left), delimiter(right)],
        };
        self.out.push_str(&format!("\\left{} ", pair[0]));
        let is_without_line = line.trim().starts_with('0');
        self.out.push_str(if is_without_line {
            "\\genfrac{}{}{0pt}{}"
        } else {
            "\\frac"
        });
        self.write_argument(depth + 1)?;
        self.write_argument(depth + 1)?;
        self.out.push_str(&format!("\\right{} ", pair[1]));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
