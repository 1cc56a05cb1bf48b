//! Highlights code. The only user of `syntect` and `two-face`.
//!
//! The colours of a line depend on the line and on the state after the line before it. Posts repeat
//! themselves, so the result for a line in a state is remembered ([`memo`]) for all blocks and
//! threads. [`scopes`] reduces syntect's scopes to about twenty classes.
//!
//! Not here: the colours (in [`css`]) and the frame around the code (in `writer`).

pub(super) mod css;
mod console;
mod language;
mod memo;
mod scopes;

use syntect::parsing::ParseState;

use super::escape;
use memo::{MEMO, StateId, States};
use scopes::ClassStack;

pub(super) use language::{Language, language, language_name};

/// Larger blocks, in bytes, are not highlighted.
const MAX_BLOCK: usize = 64 * 1024;
/// Blocks with a longer line, in bytes, are not highlighted.
const MAX_LINE: usize = 2000;
/// Blocks with a longer run of white space in a line are not highlighted.
const MAX_BLANK: usize = 100;
/// Effort allowed for a post: about 200 KB of code in lines of 80 characters.
const MAX_EFFORT: usize = 16_000_000;

/// The remaining effort for the code of a post.
///
/// The time of a regular expression can grow with the square of the length of a line, and with the
/// cube of the length of white space. In a post made for that, a line of 2 KB takes 0.1 s. So the
/// squares of the lengths are added up, and white space is limited.
#[derive(Debug)]
pub(super) struct Effort(usize);

impl Default for Effort {
    fn default() -> Self {
        Self(MAX_EFFORT)
    }
}

impl Effort {
    /// Returns whether a block can be highlighted, and if so subtracts its effort.
    fn pay(&mut self, code: &str) -> bool {
        let is_blank = |&byte: &u8| matches!(byte, b' ' | b'\t');
        let is_too_long = |line: &str| {
            line.len() > MAX_LINE
                || (line.len() > MAX_BLANK && longest_run(line, is_blank) > MAX_BLANK)
        };
        if code.len() > MAX_BLOCK || code.lines().any(is_too_long) {
            return false;
        }
        // The price of a line is the square of its length, like the time it may take.
        let price = code.lines().map(|line| line.len() * line.len()).sum();
        let rest = self.0.checked_sub(price);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

fn longest_run(line: &str, wanted: impl Fn(&u8) -> bool) -> usize {
    let runs = line.as_bytes().split(|byte| !wanted(byte));
    runs.map(<[u8]>::len).max().unwrap_or(0)
}

/// Appends code as HTML, with a `span` of class `hl-…` around what has a colour.
pub(super) fn highlight(out: &mut String, code: &str, language: Language, effort: &mut Effort) {
    if language == Language::Plain || !effort.pay(code) {
        return escape::text(out, code);
    }
    match language {
        Language::Plain | Language::Unknown => escape::text(out, code),
        Language::Console => console::highlight(out, code),
        Language::Shell if console::is_session(code) => console::highlight(out, code),
        Language::Shell => highlight_lines(out, code, language::bash()),
        Language::Syntax(syntax) => highlight_lines(out, code, syntax),
    }
}

fn highlight_lines(out: &mut String, code: &str, syntax: usize) {
    let mut lines = Lines::new(syntax);
    for (index, line) in code.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        lines.highlight(out, line);
    }
}

/// What the colours of a line depend on, besides the line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    parse: ParseState,
    classes: ClassStack,
}

/// The state that the highlighting of a block has reached.
enum Position {
    /// A state with a number.
    Shared(StateId),
    /// A state without a number.
    Own(Box<State>),
}

/// Highlights the lines of a block one after the other.
struct Lines<'a> {
    position: Position,
    /// The last state that this thread has actually met, and the lines since then. Another thread
    /// may have remembered lines that lead to a state that this thread has never met.
    met: Option<StateId>,
    since: Vec<&'a str>,
}

impl<'a> Lines<'a> {
    fn new(syntax: usize) -> Self {
        let mut lines = Self {
            position: States::start(syntax),
            met: None,
            since: Vec::new(),
        };
        lines.note_met();
        lines
    }

    fn note_met(&mut self) {
        self.since.clear();
        self.met = match self.position {
            Position::Shared(id) => Some(id),
            Position::Own(_) => None,
        };
    }

    /// Appends one line, without its line break.
    fn highlight(&mut self, out: &mut String, line: &'a str) {
        let known = match self.position {
            Position::Shared(state) => MEMO.recall(out, state, line),
            Position::Own(_) => None,
        };
        match known {
            Some(next) => {
                self.position = Position::Shared(next);
                self.since.push(line);
            }
            None => self.parse(out, line),
        }
    }

    fn parse(&mut self, out: &mut String, line: &str) {
        // The position is replaced below, so this value is never read.
        let placeholder = Position::Shared(StateId::default());
        let (mut state, from) = match std::mem::replace(&mut self.position, placeholder) {
            Position::Shared(id) => (States::get(id).unwrap_or_else(|| self.replay()), Some(id)),
            Position::Own(state) => (*state, None),
        };
        let start = out.len();
        state.advance(out, line);
        self.position = States::intern(state);
        self.note_met();
        if let (Some(from), Some(next)) = (from, self.met) {
            MEMO.remember(from, line, &out[start..], next);
        }
    }

    /// Computes the state that the remembered lines led to.
    fn replay(&self) -> State {
        let met = self.met.and_then(States::get);
        let mut state = met.expect("a state with a number was met before it was recalled");
        // The HTML of these lines was written when they were recalled.
        let mut scratch = String::new();
        for line in &self.since {
            state.advance(&mut scratch, line);
            scratch.clear();
        }
        state
    }
}

impl State {
    /// Appends a line and moves to the state after it.
    fn advance(&mut self, out: &mut String, line: &str) {
        let with_break = format!("{line}\n");
        // An error means that a syntax refers to another one that does not exist.
        let changes = self
            .parse
            .parse_line(&with_break, language::syntaxes())
            .unwrap_or_default();
        scopes::write_line(out, line, &changes, &mut self.classes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, code: &str, expected: &str) {
        // The second time, the lines come from the memory.
        for _ in 0..2 {
            let mut out = String::new();
            highlight(&mut out, code, language(name), &mut Effort::default());
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn classes_are_short_and_equal_neighbours_are_one() {
        check(
            "rust",
            "pub fn f(x: u8) -> String {\n    \"a\\n\".into() // b < c\n}",
            "<span class=\"hl-k\">pub fn</span> <span class=\"hl-f\">f</span>(x: \
             <span class=\"hl-k\">u8</span>) -&gt; String {\n    \
             <span class=\"hl-s\">\"a</span><span class=\"hl-e\">\\n</span>\
             <span class=\"hl-s\">\"</span>.<span class=\"hl-f\">into</span>() \
             <span class=\"hl-c\">// b &lt; c</span>\n}",
        );
    }

    #[test]
    fn a_state_is_carried_from_line_to_line() {
        check(
            "js",
            "/* a\n\n  b */ 1",
            "<span class=\"hl-c\">/* a</span>\n\n  <span class=\"hl-c\">b */</span> \
             <span class=\"hl-n\">1</span>",
        );
    }

    #[test]
    fn diffs_are_coloured_by_line() {
        check(
            "diff",
            "@@ -1 +1 @@\n-a b\n+a c\n d",
            "<span class=\"hl-w\">@@ -1 +1 @@</span>\n<span class=\"hl-d\">-a b</span>\n\
             <span class=\"hl-i\">+a c</span>\n d",
        );
    }

    #[test]
    fn in_consoles_only_commands_are_coloured() {
        check(
            "console",
            "$ ls 'a b'\nif x then\n",
            "<span class=\"hl-q\">$</span> <span class=\"hl-f\">ls</span> \
             <span class=\"hl-s\">'a b'</span>\nif x then\n",
        );
    }

    #[test]
    fn keys_of_data_are_properties() {
        check(
            "json",
            "{\"a\": true}",
            "{<span class=\"hl-p\">\"a\"</span>: <span class=\"hl-b\">true</span>}",
        );
        check(
            "yaml",
            "a: 1",
            "<span class=\"hl-p\">a</span>: <span class=\"hl-n\">1</span>",
        );
        check(
            "toml",
            "a = 1",
            "<span class=\"hl-p\">a</span> = <span class=\"hl-n\">1</span>",
        );
    }

    #[test]
    fn code_inside_strings_is_code() {
        check(
            "js",
            "`a ${b + 1} c`",
            "<span class=\"hl-s\">`a</span> ${b + <span class=\"hl-n\">1</span>} \
             <span class=\"hl-s\">c`</span>",
        );
    }

    #[test]
    fn a_thread_goes_on_where_another_remembers_the_way() {
        let in_a_thread = |code: &'static str| {
            let write = move || {
                let mut out = String::new();
                highlight(&mut out, code, language("java"), &mut Effort::default());
                out
            };
            std::thread::spawn(write)
                .join()
                .expect("highlighting does not panic")
        };
        in_a_thread("class A {\n  /* unusual\n     comment");
        assert_eq!(
            in_a_thread("class A {\n  /* unusual\n     other */ int")
                .lines()
                .last(),
            Some("     <span class=\"hl-c\">other */</span> <span class=\"hl-k\">int</span>"),
        );
    }

    #[test]
    fn huge_blocks_and_long_lines_stay_plain() {
        let line = "let a = 1;".repeat(300);
        check("rust", &line, &line);
        let block = "let a = 1;\n".repeat(7000);
        check("rust", &block, &block);
        let blank = format!("a{}b", " ".repeat(101));
        check("ini", &blank, &blank);
    }

    #[test]
    fn a_post_has_only_so_much_code_that_takes_long() {
        let mut effort = Effort::default();
        let long = "x".repeat(2000);
        let paid = (0..10).take_while(|_| effort.pay(&long)).count();
        assert_eq!(paid, 4);
        assert!(!effort.pay(&long));
    }

    #[test]
    fn html_in_code_is_text() {
        check("text", "<script>", "&lt;script&gt;");
        for name in ["html", "php", "js", "md", "xml", "vue"] {
            let mut out = String::new();
            let code = "<script>alert(1)</script> & <b>";
            highlight(&mut out, code, language(name), &mut Effort::default());
            assert!(!out.contains("<script") && !out.contains("<b"), "{out}");
        }
    }
}
