//! Tests names and addresses that git, YAML or TOML could mistake for something else.

use crate::repository::Repository;
use crate::site::{Site, tree};

fn site() -> Site {
    Site::with_config("base_url = \"https://example.org/\"\n[content]\ndates = \"none\"\n")
        .reply("a", "A", "x", "News")
}

#[cfg(unix)]
#[test]
fn file_with_any_name_is_published_under_it() {
    let mut site = site();
    for name in [
        "a\nb",
        "a\"b",
        "\"q",
        "\"a\nb\"",
        "a\\b",
        "a\tb",
        " lead",
        "trail ",
        "a\rb",
        "\u{1}",
        "\u{7f}",
        "é",
        "-x",
        "--help",
        ":x",
        "*",
        "?",
        "M 100644 inline x",
        "x\nD index.html",
        "..x",
        "a\\012b",
        "d\n\"/e\\/f",
        "x\n\ndone\n",
    ] {
        site = site.file(&format!("static/{name}"), name);
    }
    let repository = Repository::with_remote(site);
    let run = repository.run(&["publish"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let (remote, clone) = (repository.remote(), repository.beside("clone"));
    let from = [
        "clone",
        "--quiet",
        "--branch",
        "gh-pages",
        remote.to_str().unwrap(),
    ];
    repository.git(&[&from[..], &[clone.to_str().unwrap()]].concat());
    let mut published = tree(&clone);
    published.retain(|path, _| !path.starts_with(".git/"));
    let mut built = repository.site.public();
    built.retain(|path, _| !path.starts_with(".pressrun-"));
    assert_eq!(
        published.keys().collect::<Vec<_>>(),
        built.keys().collect::<Vec<_>>()
    );
    assert_eq!(published, built);
}

#[cfg(unix)]
#[test]
fn address_of_a_remote_is_not_an_option_of_git() {
    let repository = Repository::with_remote(site());
    let mark = repository.beside("mark");
    let option = format!("--upload-pack=touch {}", mark.display());
    for key in ["remote.origin.pushurl", "remote.origin.url"] {
        repository.git(&["config", key, &option]);
        for arguments in [
            &["publish"][..],
            &["publish", "--dry-run"],
            &["check", "--deploy"],
        ] {
            let run = repository.run(arguments);
            assert!(!mark.exists(), "{arguments:?}: {}", run.stderr);
        }
        assert_eq!(repository.run(&["publish"]).code, 1);
    }
}

#[test]
fn names_in_the_configuration_are_not_options_of_git() {
    for (key, value) in [
        ("remote", "--upload-pack=touch x"),
        ("remote", "ext::sh -c x"),
        ("remote", "../other.git"),
        ("branch", "--force"),
        ("branch", "a:b"),
        ("branch", "x\\ny"),
        ("cname", "-a.example"),
        ("cname", "a.example\\nb.example"),
    ] {
        let site = Site::with_config(&format!("[deploy]\n{key} = \"{value}\"\n"));
        let run = site.run(&["publish"]);
        assert_eq!(run.code, 1, "{key} = {value}");
        assert!(run.stderr.contains("site.toml:2:"), "{}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn names_of_folders_and_people_stay_within_their_strings() {
    for name in [
        "@AUTHOR@ @REMOTE@",
        "a'b: \"c\" #x",
        "nl\nrun: evil",
        "'x'",
        "${x}",
        "@CNAME@\\",
    ] {
        let site = Site::new();
        site.remove("site.toml");
        let repository = Repository::empty(site);
        repository.git(&["config", "user.name", "\"\n[deploy]\ncname = \"@TITLE@"]);
        repository.git(&["checkout", "--quiet", "-b", "@FOLDER@"]);
        let folder = format!("{name}/sub");
        let made = repository.run(&["init", &folder]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        let configuration = repository.site.path(&folder).join("site.toml");
        let text = std::fs::read_to_string(configuration).unwrap();
        let read = pressrun_site::config::Config::parse(&text).unwrap();
        assert_eq!(
            read.author.name.as_deref(),
            Some("\" [deploy] cname = \"@TITLE@")
        );
        assert_eq!((read.title.as_str(), read.deploy.cname), ("Sub", None));
        let written = repository.run(&["--root", &folder, "publish", "--workflow"]);
        assert_eq!(written.code, 0, "{}", written.stderr);
        let text = std::fs::read_to_string(repository.site.path(".github/workflows/pages.yml"));
        let workflow: serde_yaml::Value = serde_yaml::from_str(&text.unwrap()).unwrap();
        assert_eq!(workflow["on"]["push"]["branches"][0], "@FOLDER@");
        assert_eq!(
            workflow["jobs"]["build"]["defaults"]["run"]["working-directory"],
            folder.as_str()
        );
        assert_eq!(workflow.as_mapping().unwrap().len(), 5);
    }
}
