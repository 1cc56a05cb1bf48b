//! Expands the macros that a post defines, such as `\newcommand{\R}{\mathbb{R}}`.
//!
//! A macro holds from its definition to the end of the post. Each expansion spends a budget, so that
//! macros that expand for ever end soon.

use std::borrow::Cow;
use std::collections::HashMap;

use super::formula::FormulaFault;

/// Commands that define a macro.
const DEFINING: [&str; 5] = [
    "newcommand",
    "renewcommand",
    "providecommand",
    "DeclareMathOperator",
    "def",
];

/// How many tokens the macros of a post may become.
const MAX_TOKENS: usize = 100_000;

/// A control sequence, or a character.
type Token = String;

/// The macros that a post has defined so far.
#[derive(Debug)]
pub(super) struct FormulaMacros {
    known: HashMap<String, FormulaMacro>,
    budget: usize,
}

#[derive(Debug, Clone)]
struct FormulaMacro {
    arguments: usize,
    /// The first argument where a formula gives none in brackets.
    default: Option<Vec<Token>>,
    body: Vec<Token>,
}

impl Default for FormulaMacros {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            budget: MAX_TOKENS,
        }
    }
}

impl FormulaMacros {
    /// Returns a formula without macros and definitions.
    pub(super) fn expand<'f>(&mut self, formula: &'f str) -> Result<Cow<'f, str>, FormulaFault> {
        let defines = DEFINING.iter().any(|name| formula.contains(name));
        if !defines && (self.known.is_empty() || !formula.contains('\\')) {
            return Ok(formula.into());
        }
        // The tokens to come, the next one last.
        let mut ahead: Vec<Token> = split_tokens(formula).map(str::to_owned).collect();
        ahead.reverse();
        let mut out = String::with_capacity(formula.len());
        // A letter must not become part of the command before it.
        let mut behind_word = false;
        while let Some(token) = ahead.pop() {
            let name = token.strip_prefix('\\').unwrap_or_default();
            if DEFINING.contains(&name) {
                self.define(name, &mut ahead)?;
            } else if let Some(known) = self.known.get(name).filter(|_| !name.is_empty()) {
                let expansion = known.call(&mut ahead)?;
                let price = expansion.len() + 1;
                self.budget = self
                    .budget
                    .checked_sub(price)
                    .ok_or(FormulaFault::EndlessMacro)?;
                ahead.extend(expansion.into_iter().rev());
            } else {
                let is_letter = token.starts_with(|c: char| c.is_ascii_alphabetic());
                if behind_word && is_letter {
                    out.push(' ');
                }
                out.push_str(&token);
                behind_word = name.starts_with(|c: char| c.is_ascii_alphabetic());
            }
        }
        Ok(out.into())
    }

    fn define(&mut self, command: &str, ahead: &mut Vec<Token>) -> Result<(), FormulaFault> {
        skip_spaces(ahead);
        ahead.pop_if(|token| token == "*");
        let name = take_argument(ahead)?;
        let name = name.iter().find(|token| !is_space(token));
        let name = name.and_then(|token| token.strip_prefix('\\'));
        let name = name.ok_or(FormulaFault::Definition)?.to_owned();
        let mut defined = FormulaMacro {
            arguments: 0,
            default: None,
            body: Vec::new(),
        };
        match command {
            "def" => defined.arguments = take_parameters(ahead)?,
            "DeclareMathOperator" => {}
            _ => {
                if let Some(count) = take_option(ahead) {
                    let count = count.concat().trim().parse();
                    defined.arguments = count.ok().filter(|&count| count <= 9).unwrap_or(0);
                    defined.default = take_option(ahead);
                }
            }
        }
        defined.body = take_argument(ahead)?;
        if command == "DeclareMathOperator" {
            let name = std::mem::take(&mut defined.body);
            let tokens = ["\\operatorname", "{"].map(str::to_owned);
            defined.body = tokens.into_iter().chain(name).collect();
            defined.body.push("}".to_owned());
        }
        self.known.insert(name, defined);
        Ok(())
    }
}

impl FormulaMacro {
    /// Returns what a use of the macro becomes, and takes its arguments.
    fn call(&self, ahead: &mut Vec<Token>) -> Result<Vec<Token>, FormulaFault> {
        let mut arguments: Vec<Vec<Token>> = Vec::with_capacity(self.arguments);
        if let Some(default) = &self.default {
            arguments.push(take_option(ahead).unwrap_or_else(|| default.clone()));
        }
        while arguments.len() < self.arguments {
            arguments.push(take_argument(ahead)?);
        }
        let mut expansion = Vec::with_capacity(self.body.len());
        let mut body = self.body.iter().peekable();
        while let Some(token) = body.next() {
            let number = body.peek().filter(|_| token == "#");
            let number: Option<usize> = number.and_then(|next| next.parse().ok());
            let argument = number.and_then(|number| arguments.get(number.wrapping_sub(1)));
            if let Some(argument) = argument {
                body.next();
                expansion.extend_from_slice(argument);
            } else {
                expansion.push(token.clone());
            }
            if expansion.len() > MAX_TOKENS {
                return Err(FormulaFault::EndlessMacro);
            }
        }
        Ok(expansion)
    }
}

/// Splits a formula into control sequences and characters.
fn split_tokens(formula: &str) -> impl Iterator<Item = &str> {
    let mut rest = formula;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match rest.strip_prefix('\\') {
            Some(name) => 1 + measure_command(name),
            None => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        Some(token)
    })
}

/// Returns the length of the name of a command: its letters, or one character.
pub(super) fn measure_command(name: &str) -> usize {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters > 0 {
        letters
    } else {
        name.chars().next().map_or(0, char::len_utf8)
    }
}

fn is_space(token: &str) -> bool {
    token.starts_with(char::is_whitespace)
}

fn skip_spaces(ahead: &mut Vec<Token>) {
    while ahead.pop_if(|token| is_space(token)).is_some() {}
}

/// Takes a group without its braces, or one token.
fn take_argument(ahead: &mut Vec<Token>) -> Result<Vec<Token>, FormulaFault> {
    skip_spaces(ahead);
    let first = ahead.pop().ok_or(FormulaFault::MissingArgument)?;
    if first != "{" {
        return Ok(vec![first]);
    }
    take_until(ahead, "}").ok_or(FormulaFault::Unbalanced)
}

/// Takes an argument in brackets, if there is one.
fn take_option(ahead: &mut Vec<Token>) -> Option<Vec<Token>> {
    skip_spaces(ahead);
    ahead.pop_if(|token| token == "[")?;
    take_until(ahead, "]")
}

/// Takes tokens up to a closing one outside of braces.
fn take_until(ahead: &mut Vec<Token>, end: &str) -> Option<Vec<Token>> {
    let mut taken = Vec::new();
    let mut depth = 0_usize;
    while let Some(token) = ahead.pop() {
        if depth == 0 && token == end {
            return Some(taken);
        }
        match &*token {
            "{" => depth += 1,
            "}" => depth = depth.checked_sub(1)?,
            _ => {}
        }
        taken.push(token);
    }
    None
}

/// Takes the parameters of `\def`, `#1#2`, and returns how many there are.
fn take_parameters(ahead: &mut Vec<Token>) -> Result<usize, FormulaFault> {
    let mut count = 0;
    loop {
        skip_spaces(ahead);
        if ahead.pop_if(|token| token == "#").is_none() {
            return Ok(count);
        }
        ahead.pop().ok_or(FormulaFault::Definition)?;
        count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_hold_to_the_end_of_the_post() {
        let mut macros = FormulaMacros::default();
        for (formula, expanded) in [
            (r"\R", r"\R"),
            (
                r"\newcommand{\R}{\mathbb{R}} x \in \R",
                r" x \in \mathbb{R}",
            ),
            (r"\R^n", r"\mathbb{R}^n"),
            (
                r"\newcommand\norm[1]{\|#1\|}\norm{x+y}\norm z",
                r"\|x+y\|\|z\|",
            ),
            (r"\newcommand{\p}[2][x]{#1_#2}\p1\p[y]2", "x_1y_2"),
            (r"\def\a#1{#1\alpha}\a xy", r"x\alpha y"),
            (
                r"\DeclareMathOperator{\tr}{tr}\tr A",
                r"\operatorname{tr} A",
            ),
            (r"\renewcommand{\R}{R}\R", "R"),
        ] {
            assert_eq!(macros.expand(formula).unwrap(), expanded, "{formula}");
        }
    }

    #[test]
    fn macros_that_expand_for_ever_end() {
        for formula in [
            r"\def\a{\a}\a",
            r"\def\a{\a\a}\a",
            r"\def\a#1{\a{#1#1}}\a{xx}",
            r"\newcommand{\a}{x\b}\newcommand{\b}{y\a}\a",
        ] {
            let fault = FormulaMacros::default().expand(formula).unwrap_err();
            assert_eq!(fault, FormulaFault::EndlessMacro, "{formula}");
        }
    }
}
