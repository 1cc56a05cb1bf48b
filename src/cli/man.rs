//! Runs `pressrun man`: writes manual pages, generated from the same description as `--help`. The
//! only user of `clap_mangen`.

use std::path::Path;
use std::process::ExitCode;

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
    let man = Man::new(command).source(version).manual("pressrun");
    let mut text = Vec::new();
    man.render(&mut text)
        .expect("any page can be written to memory");
    (man.get_filename(), text)
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
    }
}
