//! Runs `pressrun man`: writes manual pages, generated from the same description as `--help`. The
//! only user of `clap_mangen`.

use std::path::Path;
use std::process::ExitCode;

use clap::builder::Resettable;
use clap::{Command, CommandFactory};
use pressrun_site::fs;
use pressrun_site::render::CommandFailure;

use clap_mangen::Man;

use super::args::{self, Arguments};
use super::terminal::{Terminal, count_with_noun};

pub(super) fn run_man(
    man: &args::ManArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let pages = render_man_pages();
    match &man.dir {
        None => {
            let (_, page) = &pages[0];
            terminal.print_result(&String::from_utf8_lossy(page));
        }
        Some(folder) => write_man_pages(&pages, folder, terminal)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn write_man_pages(
    pages: &[(String, Vec<u8>)],
    folder: &Path,
    terminal: &Terminal,
) -> pressrun_site::error::Result<()> {
    for (name, page) in pages {
        fs::write_with_folder(&folder.join(name), page)?;
    }
    let pages = count_with_noun(pages.len(), "page", "pages");
    terminal.print_status(&format!("{pages} written to {}", folder.display()));
    Ok(())
}

/// Returns every page with its file name: the one of the program first, then those of its commands.
fn render_man_pages() -> Vec<(String, Vec<u8>)> {
    // `help` is not worth a page of its own.
    let mut program = Arguments::command().disable_help_subcommand(true);
    // Until then, subcommands lack the options that all commands share.
    program.build();
    let commands: Vec<Command> = program.get_subcommands().cloned().collect();
    std::iter::once(program)
        .chain(commands)
        .map(render_man_page)
        .collect()
}

fn render_man_page(command: Command) -> (String, Vec<u8>) {
    // Name the program explicitly: the default would be `pressrun-build 0.1.0`.
    let version = concat!("pressrun ", env!("CARGO_PKG_VERSION"));
    let help = command.get_after_help().map(ToString::to_string);
    // Examples are no text to be filled, so they get sections of their own.
    let command = command.after_help(Resettable::Reset);
    let man = Man::new(command).source(version).manual("pressrun");
    let mut text = Vec::new();
    man.render(&mut text)
        .expect("any page can be written to memory");
    text.extend(format_help_sections(&help.unwrap_or_default()).into_bytes());
    (man.get_filename(), text)
}

/// Formats what `--help` shows below the options: the examples as they are, then the exit codes.
fn format_help_sections(help: &str) -> String {
    let Some((examples, codes)) = help.split_once("\n\nExit codes: ") else {
        return String::new();
    };
    let examples = examples.strip_prefix("Examples:\n").unwrap_or(examples);
    let (examples, codes) = (escape_roff(examples), escape_roff(codes));
    format!(".SH EXAMPLES\n.nf\n{examples}\n.fi\n.SH \"EXIT STATUS\"\n{codes}\n")
}

/// Escapes a text so that no line of it is a command of roff.
fn escape_roff(text: &str) -> String {
    let escape = |line: &str| {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        if line.starts_with(['.', '\'']) {
            format!("\\&{line}")
        } else {
            line
        }
    };
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page_with_its_options() {
        let pages = render_man_pages();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        let commands = Arguments::command();
        let commands = commands.get_subcommands().map(Command::get_name);
        let expected: Vec<String> = std::iter::once("pressrun.1".to_owned())
            .chain(commands.map(|name| format!("pressrun-{name}.1")))
            .collect();
        assert_eq!(names, expected);
        let build = pages.iter().find(|(name, _)| name == "pressrun-build.1");
        let text = String::from_utf8(build.unwrap().1.clone()).unwrap();
        assert!(text.contains(r"\-\-base\-url"), "{text}");
        assert!(text.contains(r"\-\-root"), "{text}");
        let examples = ".SH EXAMPLES\n.nf\n  pressrun build  ";
        assert!(text.contains(examples), "{text}");
        assert!(
            text.contains(".fi\n.SH \"EXIT STATUS\"\n0 for success"),
            "{text}"
        );
    }

    #[test]
    fn no_line_of_a_page_is_a_command_by_chance() {
        assert_eq!(escape_roff(".x\n'y -\\"), "\\&.x\n\\&'y \\-\\e");
    }
}
