//! Runs `docs/examples/github-actions-shards.yml` job by job, each in a folder of its own as on a machine of its own,
//! with artifacts that are folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::repository::Repository;
use crate::site::{Site, tree};
use crate::workflow::check_with_actionlint;

const PATH: &str = "docs/examples/github-actions-shards.yml";

/// What GitHub would set the address to.
const BASE_URL: &str = "https://me.github.io/blog";

/// Runs the jobs of a workflow.
struct Runner<'a> {
    repository: &'a Repository,
    workflow: Value,
    artifacts: TempDir,
    /// What `${{ … }}` stands for, by what is written there.
    values: BTreeMap<String, String>,
}

impl Runner<'_> {
    fn new(repository: &Repository) -> Runner<'_> {
        Runner {
            repository,
            workflow: serde_yaml::from_str(&fs::read_to_string(PATH).unwrap()).unwrap(),
            artifacts: tempfile::tempdir().unwrap(),
            values: BTreeMap::new(),
        }
    }

    /// Runs a job, for each value of its matrix. Returns the folder of the last run.
    fn run_job(&mut self, name: &str) -> TempDir {
        let job = self.workflow["jobs"][name].clone();
        let shards = match &job["strategy"]["matrix"]["shard"] {
            Value::Null => vec![None],
            list => {
                let list = self.fill_in(list.as_str().unwrap());
                let shards: Vec<u32> = serde_json::from_str(&list).unwrap();
                shards.into_iter().map(Some).collect()
            }
        };
        let mut last = None;
        for shard in shards {
            if let Some(shard) = shard {
                self.set("matrix.shard", &shard.to_string());
            }
            let folder = tempfile::tempdir().unwrap();
            for step in job["steps"].as_array().unwrap() {
                self.run_step(step, folder.path());
            }
            last = Some(folder);
        }
        if let Some(outputs) = job["outputs"].as_object() {
            for (key, value) in outputs {
                let value = self.fill_in(value.as_str().unwrap());
                self.set(&format!("fromJSON(needs.{name}.outputs.{key})"), &value);
            }
        }
        last.unwrap()
    }

    fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Replaces every `${{ … }}`.
    fn fill_in(&self, text: &str) -> String {
        let mut parts = text.split("${{");
        let mut filled = parts.next().unwrap().to_owned();
        for part in parts {
            let (name, rest) = part.split_once("}}").unwrap();
            let value = self.values.get(name.trim());
            filled += value.unwrap_or_else(|| panic!("nothing is known of {name}"));
            filled += rest;
        }
        filled
    }

    fn run_step(&mut self, step: &Value, folder: &Path) {
        let with = |key: &str| step["with"][key].as_str().map(|text| self.fill_in(text));
        match step["uses"]
            .as_str()
            .map(|uses| uses.split('@').next().unwrap())
        {
            None => self.run_script(step, folder),
            Some("actions/checkout") => {
                let target = folder.join(with("path").unwrap());
                let depth = step["with"]["fetch-depth"].is_null().then_some("--depth=1");
                let source = format!("file://{}", self.repository.site.path("").display());
                let words = ["clone", "--quiet"].into_iter().chain(depth);
                let words: Vec<&str> = words.chain([&*source, target.to_str().unwrap()]).collect();
                self.repository.git_in(folder, &words);
            }
            Some("actions/upload-artifact") => {
                let (name, path) = (with("name").unwrap(), with("path").unwrap());
                let place = self.artifacts.path().join(&name);
                assert!(!place.exists(), "two jobs upload `{name}`");
                fs::create_dir(&place).unwrap();
                fs::copy(folder.join(&path), place.join(&path)).unwrap();
            }
            Some("actions/download-artifact") => match (with("name"), with("pattern")) {
                (Some(name), None) => copy_files(&self.artifacts.path().join(name), folder),
                (None, Some(pattern)) => {
                    let to = folder.join(with("path").unwrap());
                    self.download_all(pattern.trim_end_matches('*'), &to);
                }
                other => panic!("{other:?}"),
            },
            Some("actions/configure-pages") => self.set("steps.pages.outputs.base_url", BASE_URL),
            Some("OWNER/NAME" | "actions/upload-pages-artifact") => {}
            Some(other) => panic!("`{other}` is not known here"),
        }
    }

    fn download_all(&self, start: &str, folder: &Path) {
        for entry in fs::read_dir(self.artifacts.path()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.starts_with(start) {
                copy_files(&self.artifacts.path().join(&name), &folder.join(&name));
            }
        }
    }

    /// Runs a step as GitHub does, with the program on the path.
    fn run_script(&mut self, step: &Value, folder: &Path) {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_pressrun"));
        let path = format!(
            "{}:{}",
            program.parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        let outputs = folder.join("outputs");
        let mut shell = Command::new("bash");
        shell.args(["-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()]);
        shell
            .current_dir(folder)
            .env("PATH", path)
            .env("GITHUB_OUTPUT", &outputs);
        shell.env("SOURCE_DATE_EPOCH", "1781481600");
        for environment in [&self.workflow["env"], &step["env"]] {
            for (key, value) in environment.as_object().into_iter().flatten() {
                let value = value
                    .as_str()
                    .map_or_else(|| value.to_string(), |text| self.fill_in(text));
                shell.env(key, value);
            }
        }
        let output = shell.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", step["name"]);
        let Some(id) = step["id"].as_str() else {
            return;
        };
        for line in fs::read_to_string(&outputs).unwrap_or_default().lines() {
            let (key, value) = line.split_once('=').unwrap();
            self.set(&format!("steps.{id}.outputs.{key}"), value);
        }
    }
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (name, bytes) in tree(from) {
        fs::write(to.join(name), bytes).unwrap();
    }
}

fn repository() -> Repository {
    let mut site =
        Site::with_config("title = \"T\"\n[lists]\nper_page = 4\n[output]\nmarkdown = true\n");
    for number in 0..30 {
        let text = format!(
            "---\ntitle: Post {number}\ntags: [tag {}]\ncategories: [c]\n---\nWords of post {number}, and [another]({}.md).\n",
            number % 4,
            (number + 11) % 30,
        );
        site = site.file(&format!("content/{number}.md"), text);
    }
    let about = "---\ntitle: One\n---\nAbout [tag 1](../3.md).\n";
    Repository::new(site.file("content/tags/tag-1.md", about))
}

#[test]
fn jobs_of_the_example_build_the_site_with_nothing_but_their_artifacts() {
    let repository = repository();
    let mut runner = Runner::new(&repository);
    let mut last = None;
    for job in ["plan", "read", "gather", "render", "finish"] {
        last = Some(runner.run_job(job));
    }
    let url = format!("{BASE_URL}/");
    let run = repository.run(&["build", "--base-url", &url]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(tree(&last.unwrap().path().join("work/site")) == repository.site.public());
}

#[test]
fn actionlint_has_nothing_to_say_about_the_example() {
    check_with_actionlint(Path::new(PATH));
}
