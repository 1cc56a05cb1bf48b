//! Tests how people get pressrun: releases, the action, the image, the crates.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Reads a file of the repository as YAML.
fn read_yaml(path: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns all strings in a value.
fn list_texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(list_texts).collect(),
        Value::Object(fields) => fields.values().flat_map(list_texts).collect(),
        _ => Vec::new(),
    }
}

/// Returns the systems that releases have archives for.
fn list_targets() -> Vec<String> {
    let release = read_yaml(".github/workflows/release.yml");
    let matrix = &release["jobs"]["archives"]["strategy"]["matrix"]["include"];
    let rows = matrix.as_array().unwrap().iter();
    rows.map(|row| row["target"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn release_has_checksums_and_attestations_and_knows_its_repository() {
    let release = read_yaml(".github/workflows/release.yml");
    let address = "${{ github.server_url }}/${{ github.repository }}";
    assert_eq!(release["env"]["PRESSRUN_REPOSITORY"], address);
    let archives = &release["jobs"]["archives"];
    for right in ["contents", "id-token", "attestations"] {
        assert_eq!(archives["permissions"][right], "write", "{right}");
    }
    let steps = archives["steps"].as_array().unwrap();
    let position = |part: &str| {
        let says = |step: &&Value| list_texts(step).iter().any(|text| text.contains(part));
        let found = steps.iter().position(|step| says(&step));
        found.unwrap_or_else(|| panic!("no step with {part}"))
    };
    let packs = position(".ci/archive");
    let attests = position("actions/attest-build-provenance");
    let uploads = position("gh release upload");
    assert!(packs < attests && attests < uploads);
    let archive = fs::read_to_string(".ci/archive").unwrap();
    for part in ["completions", "man --dir", "sha256sum", "LICENSE-MIT"] {
        assert!(archive.contains(part), "{part}");
    }
}

#[test]
fn action_installs_every_archive_of_a_release() {
    let action = read_yaml("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let install = steps[0]["run"].as_str().unwrap();
    for target in list_targets() {
        assert!(install.contains(&format!("target={target}")), "{target}");
    }
    for step in steps {
        // What an input says must not become a part of a script.
        let run = step["run"].as_str().unwrap();
        assert!(!run.contains("${{"), "{run}");
        assert_eq!(step["shell"], "bash");
    }
}

#[test]
fn binstall_finds_the_archives_of_a_release() {
    let manifest: toml::Value = toml::from_str(&fs::read_to_string("Cargo.toml").unwrap()).unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let version = env!("CARGO_PKG_VERSION");
    for target in list_targets() {
        let format = binstall["overrides"]
            .get(&target)
            .map(|own| &own["pkg-fmt"]);
        let format = format.unwrap_or(&binstall["pkg-fmt"]).as_str().unwrap();
        let suffix = match format {
            "tgz" => ".tar.gz",
            "zip" => ".zip",
            other => panic!("{other}"),
        };
        assert_eq!(suffix == ".zip", target.contains("windows"), "{target}");
        let fill = |key: &str| {
            let text = binstall[key].as_str().unwrap();
            text.replace("{ version }", version)
                .replace("{ target }", &target)
                .replace("{ archive-suffix }", suffix)
                .replace("{ repo }", "https://github.com/me/pressrun")
        };
        // As .ci/archive names the archive and the folder in it.
        let name = format!("pressrun-{version}-{target}");
        let address = format!("https://github.com/me/pressrun/releases/download/v{version}");
        assert_eq!(fill("pkg-url"), format!("{address}/{name}{suffix}"));
        assert_eq!(fill("bin-dir"), format!("{name}/{{ bin }}{{ binary-ext }}"));
    }
}

#[test]
fn image_is_small_and_runs_without_rights() {
    let text = fs::read_to_string("Dockerfile").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let position = |start: &str| lines.iter().rposition(|line| line.starts_with(start));
    let stages: Vec<&&str> = lines
        .iter()
        .filter(|line| line.starts_with("FROM "))
        .collect();
    assert_eq!(stages.len(), 2, "{stages:?}");
    // On Alpine, Rust makes static programs with musl.
    assert!(stages[0].contains("-alpine AS build"), "{}", stages[0]);
    assert!(stages.iter().all(|stage| !stage.contains("latest")));
    let user = lines
        .iter()
        .rfind(|line| line.starts_with("USER "))
        .unwrap();
    assert!(
        !user.starts_with("USER 0") && !user.contains("root"),
        "{user}"
    );
    assert!(position("USER ") > position("FROM "));
    assert!(position("ENTRYPOINT [\"pressrun\"]").is_some());
    let ignored = fs::read_to_string(".dockerignore").unwrap();
    for path in ["/target", "/.git", "/public", "/.pressrun"] {
        assert!(ignored.lines().any(|line| line == path), "{path}");
    }
    // What the program embeds must reach the stage that builds it.
    for needed in ["docs", "templates", "static", "crates", "src", "benches"] {
        assert!(!ignored.lines().any(|line| line == format!("/{needed}")));
    }
}

/// Returns what cargo says of the packages of a workspace.
fn read_packages(folder: &Path) -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let data: Value = serde_json::from_slice(&output.stdout).unwrap();
    data["packages"].as_array().unwrap().clone()
}

/// Checks that cargo would take the packages, in an order in which each comes after those it needs.
#[test]
fn every_crate_can_be_published() {
    let packages = read_packages(Path::new("."));
    assert_eq!(packages.len(), 8);
    let names: Vec<&str> = packages
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    let mut waiting: Vec<&Value> = packages.iter().collect();
    let mut published: Vec<&str> = Vec::new();
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|package| {
            let needs = package["dependencies"].as_array().unwrap().iter();
            // Those of tests count, too, because they state a version.
            let mut own = needs.filter(|one| names.contains(&one["name"].as_str().unwrap()));
            let is_ready = own.all(|one| published.contains(&one["name"].as_str().unwrap()));
            if is_ready {
                published.push(package["name"].as_str().unwrap());
            }
            !is_ready
        });
        assert!(waiting.len() < before, "these need each other: {waiting:?}");
    }
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        for field in ["description", "license", "readme", "rust_version"] {
            assert!(package[field].is_string(), "{name} has no {field}");
        }
        let folder = Path::new(package["manifest_path"].as_str().unwrap());
        let readme = package["readme"].as_str().unwrap();
        assert!(folder.with_file_name(readme).is_file(), "{name}");
        // Anybody may build pressrun in a repository of their own.
        assert!(package["repository"].is_null(), "{name}");
        for needed in package["dependencies"].as_array().unwrap() {
            if names.contains(&needed["name"].as_str().unwrap()) {
                let version = format!("^{}", package["version"].as_str().unwrap());
                assert_eq!(needed["req"], version.as_str(), "{name} needs {needed}");
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn repository_is_stated_in_every_manifest_before_crates_are_published() {
    let folder = tempfile::tempdir().unwrap();
    let crates = fs::read_dir("crates").unwrap();
    let crates = crates.map(|entry| entry.unwrap().path().join("Cargo.toml"));
    let manifests: Vec<_> = crates.chain(["Cargo.toml".into()]).collect();
    for manifest in &manifests {
        let to = folder.path().join(manifest);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(manifest, to).unwrap();
    }
    let name = |address: &str| {
        let mut command = Command::new(".ci/name-repository");
        command.arg(address).arg(folder.path()).output().unwrap()
    };
    let address = "https://github.com/me/pressrun";
    // A second time changes nothing.
    for _ in 0..2 {
        let output = name(address);
        assert!(output.status.success(), "{output:?}");
    }
    for manifest in &manifests {
        let text = fs::read_to_string(folder.path().join(manifest)).unwrap();
        let data: toml::Value = toml::from_str(&text).unwrap();
        assert_eq!(data["package"]["repository"].as_str(), Some(address));
        let before = fs::read_to_string(manifest).unwrap();
        let line = format!("repository = \"{address}\"\n");
        assert_eq!(
            text.replacen(&line, "", 1),
            before,
            "{}",
            manifest.display()
        );
    }
    for wrong in ["me/pressrun", "https://github.com/me/a\"b", ""] {
        assert!(!name(wrong).status.success(), "{wrong}");
    }
}

/// A release on the loopback interface, with a program that prints its arguments.
#[cfg(target_os = "linux")]
struct FakeRelease {
    folder: tempfile::TempDir,
    repository: String,
}

/// The version of the release, and the name of its archive without the ending.
#[cfg(target_os = "linux")]
const FAKE: (&str, &str) = ("9.8.7", "pressrun-9.8.7-x86_64-unknown-linux-musl");

#[cfg(target_os = "linux")]
impl FakeRelease {
    /// Makes the release. Returns `None` if the machine lacks a program that the steps need.
    fn new() -> Option<Self> {
        for program in ["bash", "curl"] {
            if Command::new(program).arg("--version").output().is_err() {
                #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
                {
                    eprintln!("skipped: {program} is not installed");
                }
                return None;
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let server = crate::server::Server::below("/me/pressrun/");
        let repository = server.base_url.trim_end_matches('/').to_owned();
        let (version, name) = FAKE;
        let script = format!(
            "mkdir -p {name} releases/download/v{version} && \
             printf '#!/bin/sh\\nprintf \"<%%s>\" \"$@\"\\n' > {name}/pressrun && chmod +x {name}/pressrun && \
             tar -czf {name}.tar.gz {name} && sha256sum {name}.tar.gz > {name}.tar.gz.sha256 && \
             mv {name}.tar.gz {name}.tar.gz.sha256 releases/download/v{version}/"
        );
        let mut shell = Command::new("sh");
        let status = shell.args(["-e", "-c", &script]).current_dir(folder.path());
        assert!(status.status().unwrap().success());
        fs::write(folder.path().join("404.html"), "").unwrap();
        server.folder(folder.path());
        Some(Self { folder, repository })
    }

    /// Replaces the archive, so that its checksum is another one.
    fn damage_archive(&self) {
        let (version, name) = FAKE;
        let archive = format!("releases/download/v{version}/{name}.tar.gz");
        fs::write(self.folder.path().join(archive), "other bytes").unwrap();
    }
}

/// Runs a step as GitHub does. Returns whether it succeeded, what it printed, and what it added to
/// `PATH`.
#[cfg(target_os = "linux")]
fn run_step(script: &str, variables: &[(&str, &str)]) -> (bool, String, String) {
    let place = tempfile::tempdir().unwrap();
    let path_file = place.path().join("path");
    let mut shell = Command::new("bash");
    shell
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(place.path())
        .env("RUNNER_OS", "Linux")
        .env("RUNNER_ARCH", "X64")
        .env("RUNNER_TEMP", place.path())
        .env("GITHUB_PATH", &path_file)
        .env("GITHUB_OUTPUT", place.path().join("output"))
        .env("no_proxy", "127.0.0.1")
        .envs(variables.iter().copied());
    let output = shell.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    let added = fs::read_to_string(path_file).unwrap_or_default();
    let program = Path::new(added.trim()).join("pressrun");
    assert_eq!(output.status.success(), program.is_file(), "{printed}");
    (output.status.success(), printed, added)
}

/// Returns the script that installs pressrun in a workflow written by `publish --workflow`.
#[cfg(target_os = "linux")]
fn read_install_step() -> String {
    let workflow = read_yaml("tests/workflow/release.yml");
    let steps = workflow["jobs"]["build"]["steps"].as_array().unwrap();
    let install = steps.iter().find(|step| step["name"] == "Install pressrun");
    install.unwrap()["run"].as_str().unwrap().to_owned()
}

#[cfg(target_os = "linux")]
#[test]
fn workflow_installs_a_release_and_refuses_another_checksum() {
    let Some(release) = FakeRelease::new() else {
        return;
    };
    let script = read_install_step();
    let variables = [("REPOSITORY", &*release.repository), ("VERSION", FAKE.0)];
    let (is_ok, printed, added) = run_step(&script, &variables);
    assert!(is_ok, "{printed}");
    assert!(added.ends_with(&format!("/{}\n", FAKE.1)), "{added}");
    let missing = [("REPOSITORY", &*release.repository), ("VERSION", "1.0.0")];
    assert!(!run_step(&script, &missing).0);
    release.damage_archive();
    let (is_ok, printed, _) = run_step(&script, &variables);
    assert!(!is_ok && printed.contains("FAILED"), "{printed}");
}

#[cfg(target_os = "linux")]
#[test]
fn action_installs_the_release_of_its_own_version_and_repository() {
    let Some(release) = FakeRelease::new() else {
        return;
    };
    let action = read_yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let install = steps[0]["run"].as_str().unwrap();
    // As GitHub keeps an action: in a folder named after its repository.
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("_actions/me/pressrun/v9.8.7");
    fs::create_dir_all(&folder).unwrap();
    let manifest = "[workspace.package]\nversion = \"9.8.7\"\n\n[package]\nversion = \"0.0.0\"\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let host = release.repository.trim_end_matches("/me/pressrun");
    let variables = [
        ("REPOSITORY", ""),
        ("VERSION", ""),
        ("GITHUB_SERVER_URL", host),
        ("GITHUB_REPOSITORY", "you/blog"),
        ("GITHUB_ACTION_PATH", folder.to_str().unwrap()),
    ];
    let (is_ok, printed, _) = run_step(install, &variables);
    assert!(is_ok, "{printed}");
    let (is_ok, printed, _) = run_step(
        install,
        &[
            ("REPOSITORY", &*release.repository),
            ("VERSION", "v9.8.7"),
            ("GITHUB_ACTION_PATH", ""),
        ],
    );
    assert!(is_ok, "{printed}");
    release.damage_archive();
    let (is_ok, printed, _) = run_step(install, &variables);
    assert!(!is_ok && printed.contains("FAILED"), "{printed}");
}

#[cfg(target_os = "linux")]
#[test]
fn action_passes_its_command_on_and_runs_nothing_else() {
    let Some(release) = FakeRelease::new() else {
        return;
    };
    let action = read_yaml("action.yml");
    let run = action["runs"]["steps"][1]["run"].as_str().unwrap();
    let programs = release.folder.path().join(FAKE.1);
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    shell
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", run])
        .env("PATH", path)
        .env("COMMAND", "build --strict; touch x * $(touch y)");
    let output = shell.output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "<build><--strict;><touch><x><*><$(touch><y)>"
    );
}
