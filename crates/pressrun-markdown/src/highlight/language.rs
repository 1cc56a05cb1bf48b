//! Finds the syntax for the info string of a code block.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::definitions::all_syntaxes;

/// How a code block is highlighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum CodeLanguage {
    /// Not at all, because it is marked as plain text.
    Plain,
    /// As commands after prompts, and their output.
    Console,
    /// As a shell script, or as a console session if it begins with a prompt.
    Shell,
    /// By the syntax with this index.
    Syntax(usize),
    /// Not at all, because the language is unknown.
    Unknown,
}

/// Names that are neither a syntax nor one of its file extensions, or that several syntaxes claim.
const ALIASES: &[(&str, &str)] = &[
    ("asm", "x86_64 assembly"),
    ("assembly", "x86_64 assembly"),
    ("c#", "c#"),
    ("cjs", "javascript"),
    ("conf", "ini"),
    ("csharp", "c#"),
    ("docker", "dockerfile"),
    ("dotenv", "dotenv"),
    ("fs", "f#"),
    ("fsharp", "f#"),
    ("golang", "go"),
    ("h", "c"),
    ("hcl", "terraform"),
    ("javascriptreact", "javascript (babel)"),
    ("jinja", "html (jinja2)"),
    ("jinja2", "html (jinja2)"),
    ("js", "javascript"),
    ("json5", "javascript"),
    ("jsonc", "json"),
    ("jsonl", "json"),
    ("jsx", "javascript (babel)"),
    ("latex", "latex"),
    ("m", "objective-c"),
    ("mjs", "javascript"),
    ("node", "javascript"),
    ("objc", "objective-c"),
    ("postgres", "sql"),
    ("postgresql", "sql"),
    ("mysql", "sql"),
    ("plsql", "sql"),
    ("sqlite", "sql"),
    ("proto3", "protocol buffer"),
    ("pwsh", "powershell"),
    ("python3", "python"),
    ("r", "r"),
    ("regex", "regular expression"),
    ("sass", "sass"),
    ("scheme", "lisp"),
    ("typescriptreact", "typescriptreact"),
    ("v", "verilog"),
    ("vb", "asp"),
    ("viml", "viml"),
    ("vimscript", "viml"),
    ("vue", "vue component"),
    ("xhtml", "html"),
    ("zig", "zig"),
];

/// Index of the syntax for each name, extension and alias in lower case.
static NAMES: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for (index, syntax) in all_syntaxes().iter().enumerate() {
        names.entry(syntax.name.to_lowercase()).or_insert(index);
    }
    for (index, syntax) in all_syntaxes().iter().enumerate() {
        for extension in &syntax.file_extensions {
            names.entry(extension.to_lowercase()).or_insert(index);
        }
    }
    for &(alias, name) in ALIASES {
        if let Some(&index) = names.get(name) {
            names.insert(alias.to_owned(), index);
        }
    }
    names
});

/// Returns the language with this name, which must be in lower case.
pub(in super::super) fn find_code_language(name: &str) -> CodeLanguage {
    match name {
        "text" | "txt" | "plain" | "plaintext" | "none" | "nohighlight" | "output" | "ascii"
        | "raw" => CodeLanguage::Plain,
        "console" | "shell-session" | "shellsession" | "sh-session" | "terminal" | "term" => {
            CodeLanguage::Console
        }
        "sh" | "shell" | "bash" | "zsh" | "ksh" | "ash" | "dash" => CodeLanguage::Shell,
        _ => NAMES
            .get(name)
            .map_or(CodeLanguage::Unknown, |&index| CodeLanguage::Syntax(index)),
    }
}

/// Returns the index of the syntax for shell scripts.
pub(super) fn bash_syntax() -> usize {
    static BASH: LazyLock<usize> = LazyLock::new(|| NAMES.get("bash").copied().unwrap_or(0));
    *BASH
}

/// Returns the name of the language in an info string, in lower case: `Rust,ignore`, `{.python}`,
/// `js title="x"`. Empty if there is none.
pub(in super::super) fn parse_language_name(info: &str) -> String {
    let info = info.trim_start();
    let info = info
        .strip_prefix('{')
        .unwrap_or(info)
        .trim_start_matches(['.', ' ']);
    let is_end =
        |c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}' | ':' | ';' | '=' | '(');
    let name = &info[..info.find(is_end).unwrap_or(info.len())];
    let name = name.to_lowercase();
    for prefix in ["language-", "lang-"] {
        if let Some(name) = name.strip_prefix(prefix) {
            return name.to_owned();
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_case_do_not_matter() {
        for (info, expected) in [
            ("Rust,ignore", "rust"),
            ("{.python .numberLines}", "python"),
            ("js title=\"x\"", "js"),
            ("C++", "c++"),
            ("c#", "c#"),
            ("language-go", "go"),
            ("python:main.py", "python"),
            ("ts{1,3}", "ts"),
            (" ", ""),
        ] {
            assert_eq!(parse_language_name(info), expected);
        }
    }

    #[test]
    fn common_names_are_known() {
        for (name, expected) in [
            ("rs", "Rust"),
            ("rust", "Rust"),
            ("js", "JavaScript"),
            ("jsx", "JavaScript (Babel)"),
            ("ts", "TypeScript"),
            ("tsx", "TypeScriptReact"),
            ("py", "Python"),
            ("yml", "YAML"),
            ("c++", "C++"),
            ("cpp", "C++"),
            ("c", "C"),
            ("cs", "C#"),
            ("csharp", "C#"),
            ("golang", "Go"),
            ("dockerfile", "Dockerfile"),
            ("docker", "Dockerfile"),
            ("jsonc", "JSON"),
            ("ps1", "PowerShell"),
            ("powershell", "PowerShell"),
            ("toml", "TOML"),
            ("kt", "Kotlin"),
            ("kotlin", "Kotlin"),
            ("swift", "Swift"),
            ("rb", "Ruby"),
            ("hcl", "Terraform"),
            ("graphql", "GraphQL"),
            ("vue", "Vue Component"),
            ("scss", "SCSS"),
            ("md", "Markdown"),
            ("makefile", "Makefile"),
            ("nginx", "nginx"),
            ("diff", "Diff"),
            ("ini", "INI"),
            ("r", "R"),
            ("elixir", "Elixir"),
            ("haskell", "Haskell"),
        ] {
            let CodeLanguage::Syntax(index) = find_code_language(name) else {
                panic!("{name} is unknown")
            };
            assert_eq!(all_syntaxes()[index].name, expected);
        }
        assert_eq!(find_code_language("zsh"), CodeLanguage::Shell);
        assert_eq!(
            all_syntaxes()[bash_syntax()].name,
            "Bourne Again Shell (bash)"
        );
        assert_eq!(find_code_language("nonsense"), CodeLanguage::Unknown);
    }
}
