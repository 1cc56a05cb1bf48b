//! What `--help` and the manual pages show below the options: examples and exit codes.
//!
//! A test runs each example through the parser of arguments.

/// Exit codes of a command that only fails if something is wrong with the site or the machine.
macro_rules! end_help {
    ($examples:literal) => {
        end_help!(
            $examples,
            "0 for success; 1 if something is wrong with the site or the machine; 2 for wrong usage."
        )
    };
    ($examples:literal, $codes:literal) => {
        concat!("Examples:\n", $examples, "\n\nExit codes: ", $codes)
    };
}

pub(super) const PROGRAM: &str = "\
Examples:
  pressrun init my-blog              make a site with a sample reply
  pressrun serve --watch             look at it, and see each change
  pressrun build                     write it to `public/`
  pressrun help build                explain a command

Exit codes: 0 for success; 1 if something is wrong with the site or the machine; 2 for wrong usage.";

pub(super) const INIT: &str = end_help!(
    "  pressrun init my-blog                  make a site in a new folder
  pressrun init                          make one here
  pressrun init my-blog --from replies/  with settings that fit these replies"
);

pub(super) const BUILD: &str = end_help!(
    "  pressrun build                     write the site to `public/`
  pressrun build --drafts --future   with posts that are not published yet
  pressrun build --strict            write nothing if a reply is rejected",
    "0 for success, also if replies were rejected; 1 if something is wrong with the site or \
     the machine, or with --strict if a reply is rejected; 2 for wrong usage."
);

pub(super) const SERVE: &str = end_help!(
    "  pressrun serve --watch --open      show the site in a browser, and each change
  pressrun serve --review --open     read and approve posts in a browser"
);

pub(super) const GENERATE: &str = end_help!(
    "  pressrun generate topics.txt --dry-run         what it takes; nothing is sent
  pressrun generate topics.txt --limit 3         ask for three posts
  pressrun generate topics.csv --again cut-off   ask for what was cut off
  pressrun generate --status                     what was answered, what it cost

Keys come from the environment: `PRESSRUN_API_KEY`, or the variable of the service such as \
`OPENAI_API_KEY`. Posts are drafts. Everything that a model answers is kept in `generated/`.",
    "0 if the run came to its end or to a limit that you set; 1 if it stopped before (key, \
     credit, connection, a server that answers nothing, full disk, Ctrl-C), if a file of \
     --read-batch has no results, or with --strict if a topic has no accepted reply; 2 for \
     wrong usage, such as a file that is no list of topics."
);

pub(super) const INGEST: &str = end_help!(
    "  pressrun ingest replies/ --dry-run             show what would be written
  pressrun ingest replies/                       write a file for each post
  pressrun ingest replies/ --start 2027-01-01    and give them dates",
    "0 when the run ends, also if replies were rejected; 1 if something is wrong with the \
     site or the machine, or with --strict if a reply is rejected; 2 for wrong usage."
);

pub(super) const RETRY: &str = end_help!(
    "  pressrun retry batch/ --for openai --output again.jsonl",
    "0 for success; 1 if a record has no request in the sources, or something is wrong with \
     the machine; 2 for wrong usage."
);

pub(super) const INSPECT: &str = end_help!(
    "  pressrun inspect reply.txt         how one file is read, and what is wrong",
    "0 for success; 1 if the file has an error or cannot be read; 2 for wrong usage."
);

pub(super) const CHECK: &str = end_help!(
    "  pressrun check                     all that was found, with what to do
  pressrun check --deny dead-link    fail if a link leads nowhere
  pressrun check --deploy            what would go wrong on GitHub Pages",
    "0 if there is no error; 1 if there is one, or a finding that --deny names; 2 for wrong \
     usage."
);

pub(super) const REPORT: &str = end_help!(
    "  pressrun report --open             make the page and show it
  pressrun report --format json      print the numbers"
);

pub(super) const REVIEW: &str = end_help!(
    "  pressrun review                        list what waits
  pressrun review content/posts/tea.md   findings and changes of one post
  pressrun review --next                 read the riskiest post
  pressrun review --export reviews.csv   who approved and rejected what",
    "0 for success; 1 if a name stands for no post, or something is wrong with the site or \
     the machine; 2 for wrong usage."
);

pub(super) const APPROVE: &str = end_help!(
    "  pressrun approve content/posts/tea.md --by Ann   publish it as it is
  pressrun approve --all-below 10 --by Ann         publish all of small risk",
    "0 for success; 1 if a post that was named cannot be approved or does not exist, or \
     something is wrong with the site or the machine; 2 for wrong usage."
);

pub(super) const REJECT: &str = end_help!(
    "  pressrun reject content/posts/tea.md --why \"nobody drinks it cold\" --by Ann",
    "0 for success; 1 if a post that was named cannot be rejected or does not exist, or \
     something is wrong with the site or the machine; 2 for wrong usage."
);

pub(super) const REVOKE: &str = end_help!(
    "  pressrun revoke content/posts/tea.md   it waits for an approval again",
    "0 for success; 1 if a post that was named does not exist, or something is wrong with the \
     site or the machine; 2 for wrong usage."
);

pub(super) const TERMS: &str = end_help!(
    "  pressrun terms                     tags and categories, and spellings to merge
  pressrun terms --apply             write the suggested aliases to `site.toml`
  pressrun terms --categories used   allow only the categories in use"
);

pub(super) const THEME: &str = end_help!(
    "  pressrun theme                      list the files of the theme
  pressrun theme --export post.html   copy one to `templates/`, to change it"
);

pub(super) const PUBLISH: &str = end_help!(
    "  pressrun publish --dry-run         show what would change
  pressrun publish                   build, check and push the site
  pressrun publish --workflow        let GitHub build it after each push",
    "0 for success, also if there was nothing to push; 1 if the checks found an error, the \
     push was rejected, or something is wrong with the site or the machine; 2 for wrong \
     usage."
);

pub(super) const SHARD: &str = end_help!(
    "  pressrun shard plan --shards 64 /mnt/work   divide the sources
  pressrun shard read 0 /mnt/work             read a shard, and so each up to 63
  pressrun shard gather /mnt/work             put all posts into their places
  pressrun shard render 0 /mnt/work           make the pages of each shard
  pressrun shard finish /mnt/work             check the site, /mnt/work/site",
    "0 if the step is done; 1 if a step before it is missing, something in WORK is damaged or \
     outdated, or something is wrong with the site or the machine; 2 for wrong usage."
);

pub(super) const COMPLETIONS: &str =
    end_help!("  pressrun completions bash > pressrun.bash   then load it in `~/.bashrc`");

pub(super) const MAN: &str =
    end_help!("  pressrun man --dir ~/.local/share/man/man1   write all pages");

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory, Parser};

    use super::super::args::{Arguments, SHARED_OPTIONS};

    fn list_commands() -> Vec<Command> {
        let mut program = Arguments::command().disable_help_subcommand(true);
        program.build();
        program.get_subcommands().cloned().collect()
    }

    /// Returns the words of the examples of a command, as a shell passes them on.
    fn list_examples(help: &str) -> Vec<Vec<String>> {
        let lines = help
            .lines()
            .filter_map(|line| line.strip_prefix("  pressrun "));
        let split = |line: &str| {
            // The explanation stands after two spaces or more.
            let line = line.split("  ").next().unwrap_or_default();
            let line = line.split(" > ").next().unwrap_or_default();
            let parts = line.split('"').enumerate();
            let words = parts.flat_map(|(at, part)| match at % 2 {
                1 => vec![part.to_owned()],
                _ => part.split_whitespace().map(str::to_owned).collect(),
            });
            std::iter::once("pressrun".to_owned())
                .chain(words)
                .collect()
        };
        lines.map(split).collect()
    }

    #[test]
    fn each_command_has_an_example_that_works_and_its_exit_codes() {
        for command in list_commands() {
            let name = command.get_name();
            let help = command.get_after_help().expect(name).to_string();
            let examples = list_examples(&help);
            assert!(!examples.is_empty(), "{name}");
            for example in examples {
                assert_eq!(example[1], name, "{example:?}");
                let parsed = Arguments::try_parse_from(&example);
                assert!(parsed.is_ok(), "{example:?}: {:?}", parsed.err());
            }
            assert!(help.contains("\n\nExit codes: 0 "), "{name}");
        }
    }

    #[test]
    fn own_options_come_before_those_of_all_commands() {
        for mut command in list_commands() {
            let help = command.render_help().to_string();
            let shared = help.find(SHARED_OPTIONS).unwrap();
            let (own, below) = help.split_at(shared);
            for option in ["--root", "--quiet", "--verbose", "--color"] {
                assert!(below.contains(option), "{help}");
                assert!(!own.contains(&format!("{option} ")), "{help}");
            }
            assert!(own.contains("--help"), "{help}");
        }
    }

    #[test]
    fn examples_fit_on_a_small_terminal() {
        for command in list_commands() {
            let help = command.get_after_help().unwrap().to_string();
            for line in help.lines().filter(|line| line.starts_with(' ')) {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}
