//! Types the commands of `docs/tasks.md`, from nothing to the result, and checks the result and their number.
//!
//! GitHub is a folder with bare repositories: `gh` makes one, and git reaches it by a program `ssh` that runs the other side
//! on this machine. An editor is a program that adds a few words to each file that it is given.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use crate::migrate::{copy_folder, find_block};
use crate::site::Site;

/// Programs that stand in for those of other people.
const PROGRAMS: [(&str, &str); 3] = [
    (
        "gh",
        r#"git init --quiet --bare "$GITHUB/me/$3.git" && git clone --quiet "git@github.com:me/$3.git""#,
    ),
    (
        "ssh",
        r#"for command; do :; done; cd "$GITHUB" && eval "$command""#,
    ),
    (
        "edit",
        r#"for file; do
             case $file in
               *.html) perl -pi -e 's|</article>|<p>Edited.</p>$&|' "$file" ;;
               *) echo '/* Edited. */' >>"$file" ;;
             esac
           done"#,
    ),
];

/// The settings of git of the person who types.
const GIT_SETTINGS: &str = "[user]\n\tname = Ann\n\temail = ann@example.org\n";

/// A section of the page, and the folder in which its commands are typed.
struct Journey {
    section: String,
    /// The number of commands that the page states.
    stated: usize,
    /// Whether it is the day that counts as today in other tests. Otherwise it is that on which files are written.
    is_dated: bool,
    site: Site,
    folder: PathBuf,
}

/// Returns the lines of a block without comments.
fn list_lines(block: &str) -> Vec<&str> {
    let lines = block.lines();
    lines
        .map(|line| line.split("   #").next().unwrap())
        .collect()
}

impl Journey {
    /// Finds the section with this heading, and makes an empty folder beside `files` of the fixture.
    fn new(heading: &str) -> Self {
        let page = fs::read_to_string("docs/tasks.md").unwrap();
        let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
        let section = section.split("\n## ").next().unwrap().to_owned();
        let row = format!("| [{heading}](");
        let row = page.lines().find(|line| line.starts_with(&row)).unwrap();
        let stated = row.trim_end_matches(" |").rsplit(' ').next().unwrap();
        let site = Site::new();
        site.remove("site.toml");
        for (name, script) in PROGRAMS {
            let path = site.path("bin").join(name);
            site.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        symlink(
            env!("CARGO_BIN_EXE_pressrun"),
            site.path("bin").join("pressrun"),
        )
        .unwrap();
        site.write("home/.gitconfig", GIT_SETTINGS);
        fs::create_dir_all(site.path("work")).unwrap();
        Self {
            section,
            stated: stated.parse().unwrap(),
            is_dated: false,
            folder: site.path("work"),
            site,
        }
    }

    /// Returns the blocks of commands of the section.
    fn blocks(&self) -> Vec<String> {
        let blocks = self.section.split("```sh\n").skip(1);
        let blocks = blocks.map(|block| block.split("\n```").next().unwrap());
        blocks
            .map(|block| list_lines(block).join("\n") + "\n")
            .collect()
    }

    /// Checks that the section has as many commands as the page states.
    #[track_caller]
    fn check_count(&self) {
        let blocks = self.blocks().concat();
        let count = blocks.lines().flat_map(|line| line.split(" && ")).count();
        assert_eq!(count, self.stated, "{blocks}");
    }

    /// Types commands in a folder below that of the journey. Returns what they print, and whether all did their work.
    fn type_commands(&self, folder: &str, commands: &str) -> (String, bool) {
        let bin = self.site.path("bin");
        let path = std::env::var("PATH").unwrap();
        let mut shell: Command = self.site.command_of("sh");
        let shell = shell
            .args(["-e", "-c", commands])
            .current_dir(self.folder.join(folder))
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("HOME", self.site.path("home"))
            .env("GITHUB", self.site.path("github"))
            .env("EDITOR", bin.join("edit"))
            .env_remove("GIT_SSH_COMMAND");
        if !self.is_dated {
            shell.env_remove("SOURCE_DATE_EPOCH");
        }
        let output = shell.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let printed = text(output.stdout) + &text(output.stderr);
        (printed, output.status.success())
    }

    /// Types commands that must do their work, and returns what they print.
    #[track_caller]
    fn run_commands(&self, folder: &str, commands: &str) -> String {
        let (printed, worked) = self.type_commands(folder, commands);
        assert!(worked, "{commands}\n{printed}");
        printed
    }

    /// Types all commands of the section.
    #[track_caller]
    fn run_all(&self) -> String {
        self.check_count();
        self.run_commands("", &self.blocks().concat())
    }

    /// Returns a file below the folder of the journey.
    #[track_caller]
    fn read(&self, path: &str) -> String {
        let path = self.folder.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Returns the files of a branch of a repository of GitHub.
    #[track_caller]
    fn read_branch(&self, repository: &str, branch: &str) -> BTreeMap<String, Vec<u8>> {
        let clone =
            format!("git clone --quiet --branch {branch} git@github.com:me/{repository}.git seen");
        self.run_commands("", &clone);
        let folder = self.folder.join("seen");
        let mut files = crate::site::tree(&folder);
        files.retain(|path, _| !path.starts_with(".git/"));
        fs::remove_dir_all(folder).unwrap();
        files
    }
}

/// Returns the first task after its commands.
fn publish_replies() -> Journey {
    let journey = Journey::new("Replies from a chat, to a live site");
    let kitchen = PathBuf::from("tests/docs/kitchen/replies");
    copy_folder(&kitchen, &journey.folder.join("replies"));
    let printed = journey.run_all();
    assert!(
        printed.contains("5 replies in 5 files: 2 published, 2 drafts, 1 rejected"),
        "{printed}"
    );
    journey
}

#[test]
fn replies_from_a_chat_are_live() {
    let journey = publish_replies();
    let live = journey.read_branch("my-blog", "gh-pages");
    let post = live["posts/why-bread-goes-stale/index.html"].clone();
    let post = String::from_utf8(post).unwrap();
    let address = "https://me.github.io/my-blog/posts/why-bread-goes-stale/";
    let canonical = format!("<link rel=\"canonical\" href=\"{address}\">");
    assert!(post.contains(&canonical), "{post}");
}

#[test]
fn batch_of_two_thousand_appears_by_its_schedule() {
    let mut journey = Journey::new("Two thousand replies of a batch, with a schedule");
    journey.is_dated = true;
    let records = (0..2000).map(|number| {
        let text = format!(
            "TITLE: Bridge number {number}\nMETA_DESCRIPTION: What bridge {number} is made of.\nTAGS: bridges\n\
             CATEGORIES: Stone\n\nBridge {number} has {} piers.\n\n-EndOFText-\n",
            number % 7 + 1
        );
        let message = serde_json::json!({ "role": "assistant", "content": text });
        let choices = serde_json::json!([{ "message": message, "finish_reason": "stop" }]);
        let body = serde_json::json!({ "choices": choices });
        let response = serde_json::json!({ "status_code": 200, "body": body });
        serde_json::json!({ "custom_id": format!("topic-{number}"), "response": response })
            .to_string()
    });
    let records: Vec<String> = records.collect();
    fs::write(journey.folder.join("results.jsonl"), records.join("\n")).unwrap();
    let printed = journey.run_all();
    // From the morning of the first to that of the fifteenth, which is today; the other draft is the About page.
    let counts = "2001 replies in 2001 files: 29 published, 1 draft, 1971 dated in the future";
    assert!(printed.contains(counts), "{printed}");
    assert!(
        printed.contains("scheduled: 1971 posts from 2026-06-15 12:00 UTC"),
        "{printed}"
    );
    let live = journey.read_branch("bridges", "gh-pages");
    let posts = live.keys().filter(|path| path.starts_with("posts/"));
    assert_eq!(posts.count(), 29);
}

#[test]
fn move_from_hugo_is_what_init_prints() {
    let journey = Journey::new("A move from Hugo");
    journey.check_count();
    copy_folder(
        &PathBuf::from("tests/migrate/hugo/old"),
        &journey.folder.join("old"),
    );
    let [init, moves, look] = journey.blocks().try_into().unwrap();
    let (printed, worked) = journey.type_commands("", &init);
    assert!(!worked, "{printed}");
    let indented = printed.lines().map(|line| line.strip_prefix("    "));
    let shown: String = indented
        .map(|line| line.unwrap_or_default().to_owned() + "\n")
        .collect();
    assert!(shown.contains(&format!("\n{moves}")), "{printed}");
    journey.run_commands("old", &moves);
    let migrate = fs::read_to_string("docs/migrate.md").unwrap();
    let settings = find_block(&migrate, "toml");
    assert!(shown.contains(settings), "{printed}");
    fs::write(journey.folder.join("old-pressrun/site.toml"), settings).unwrap();
    journey.run_commands("old-pressrun", &look);
    journey.run_commands("old-pressrun", "pressrun build");
    let addresses = fs::read_to_string("tests/migrate/hugo/addresses.txt").unwrap();
    for address in addresses.lines().filter(|line| line.ends_with('/')) {
        journey.read(&format!("old-pressrun/public{address}index.html"));
    }
}

#[test]
fn own_look_takes_one_template_and_one_style_sheet() {
    let journey = Journey::new("A look of your own");
    journey.run_all();
    let public = journey.folder.join("my-look/public");
    let edited = crate::site::tree(&public);
    let edited = edited.iter().filter(|(_, bytes)| {
        let text = String::from_utf8_lossy(bytes);
        text.contains("Edited.")
    });
    let edited: Vec<&str> = edited.map(|(path, _)| &**path).collect();
    let [style, post] = *edited else {
        panic!("{edited:?}");
    };
    assert!(style.starts_with("custom-"), "{style}");
    assert_eq!(post, "posts/a-blog-out-of-plain-replies/index.html");
}

#[test]
fn german_and_japanese_live_on_one_site() {
    let journey = Journey::new("German and Japanese");
    copy_folder(&PathBuf::from("tests/docs/ferry"), &journey.folder);
    journey.run_all();
    let home = journey.read("zwei/public/index.html");
    assert!(home.contains("<html lang=\"de\""), "{home}");
    let german = journey.read("zwei/public/posts/die-faehre-ueber-den-fluss/index.html");
    assert!(german.contains("hreflang=\"ja\""), "{german}");
    let japanese = journey.read("zwei/public/posts/川を渡る渡し船/index.html");
    assert!(japanese.contains("<html lang=\"ja\""), "{japanese}");
    assert!(japanese.contains("hreflang=\"de\""), "{japanese}");
}

#[test]
fn workflow_goes_to_the_repository() {
    let replies = publish_replies();
    let workflow = Journey::new("A site that publishes itself");
    workflow.check_count();
    replies.run_commands("my-blog", &workflow.blocks().concat());
    let branch = replies.run_commands("my-blog", "git branch --show-current");
    let pushed = replies.read_branch("my-blog", branch.trim());
    assert!(pushed.contains_key(".github/workflows/pages.yml"));
    assert!(pushed.contains_key("content/bread.md"));
}
