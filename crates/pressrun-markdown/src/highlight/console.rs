//! Highlights console sessions: commands after prompts, and their output.

use super::language::bash_syntax;
use super::scopes::{CodeClass, open_span};
use super::{HighlightEffort, LineHighlighter, TooMuchWork, escape};

/// Returns whether a block marked as a shell script begins with a prompt.
pub(super) fn is_session(code: &str) -> bool {
    let first = code.lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| line.starts_with("$ "))
}

/// Appends a session. If it has no prompt, every line is a command.
pub(super) fn highlight_session(
    out: &mut String,
    code: &str,
    effort: &mut HighlightEffort,
) -> Result<(), TooMuchWork> {
    if !code.lines().any(|line| strip_prompt(line).is_some()) {
        return super::highlight_lines(out, code, bash_syntax(), effort);
    }
    let mut command: Option<LineHighlighter> = None;
    for (index, line) in code.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if let Some(rest) = strip_prompt(line) {
            open_span(out, CodeClass::Prompt);
            escape::escape_text(out, line[..line.len() - rest.len()].trim_end());
            out.push_str("</span> ");
            let mut lines = LineHighlighter::new(bash_syntax());
            lines.highlight_line(out, rest, effort)?;
            // A backslash continues the command on the next line, in the state reached here.
            command = Some(lines).filter(|_| is_continued(rest));
        } else if let Some(mut lines) = command.take() {
            lines.highlight_line(out, line, effort)?;
            command = Some(lines).filter(|_| is_continued(line));
        } else {
            escape::escape_text(out, line);
        }
    }
    Ok(())
}

fn is_continued(line: &str) -> bool {
    line.ends_with('\\')
}

/// Returns the text after the prompt of a line: `$ `, `# `, `% `, `> `, `PS C:\> ` or `user@host:~$
/// `.
fn strip_prompt(line: &str) -> Option<&str> {
    let line = line.trim_start();
    for sign in ["$ ", "% ", "# ", "> ", "❯ "] {
        if let Some(rest) = line.strip_prefix(sign) {
            return Some(rest);
        }
    }
    let (before, rest) = line.split_once(['$', '#', '>'])?;
    // Output contains these signs too, so what stands before must look like a prompt.
    let is_name = !before.is_empty()
        && (before.starts_with("PS ") || (before.contains('@') && !before.contains(' ')));
    rest.strip_prefix(' ').filter(|_| is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_distinguished_from_output() {
        for (line, expected) in [
            ("$ ls", Some("ls")),
            ("me@host:~/a$ ls -l", Some("ls -l")),
            ("PS C:\\> dir", Some("dir")),
            ("root@host:/# id", Some("id")),
            ("total 5$ a", None),
            ("a > b", None),
            ("$HOME", None),
        ] {
            assert_eq!(strip_prompt(line), expected, "{line}");
        }
    }
}
