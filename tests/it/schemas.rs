//! Compares what commands print with `--format json` with the schemas in `docs/schema/`: every key that
//! is printed is described there, and every key that a schema requires is printed.
//!
//! [`check_output`] is called for every run of every test, so the schemas hold for all sites of the
//! tests. The tests here see to it that there is a run for each schema.
//!
//! The comparison knows the few keywords that our schemas use, and refuses all others. A library would
//! make tests compile other features of our dependencies than the program has.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::generate::commands::{generate, site_for, start_good_server};
use crate::repository::Repository;
use crate::site::{Run, Site};

/// The folder of the schemas.
const FOLDER: &str = "docs/schema";

/// The schema with the parts of others.
const PARTS: &str = "v1/parts.json";

/// Checks the output of a run that was asked for JSON.
pub(crate) fn check_output<'a>(arguments: impl Iterator<Item = &'a OsStr>, output: &str) {
    let arguments: Vec<&OsStr> = arguments.collect();
    let wants_json = |pair: &[&OsStr]| pair[0] == "--format" && pair[1] == "json";
    // A report is written to a file with `--output`.
    if arguments.windows(2).any(wants_json) && !output.is_empty() {
        let output = serde_json::from_str(output);
        let output = output.unwrap_or_else(|error| panic!("{error}: {arguments:?}"));
        let faults = find_faults(&output);
        assert!(faults.is_empty(), "{arguments:?}: {faults:#?}");
    }
}

/// Returns what of an output differs from the schema that it names.
fn find_faults(output: &Value) -> Vec<String> {
    let Some(name) = output["schema"].as_str() else {
        return vec!["the output names no schema".to_owned()];
    };
    let mut faults = Vec::new();
    SchemaFile::find(name).compare(output, "", &mut faults);
    faults
}

/// A file of schemas.
struct SchemaFile {
    name: String,
    root: Value,
}

/// All files of schemas, by name.
static FILES: LazyLock<BTreeMap<String, SchemaFile>> = LazyLock::new(|| {
    let files = walkdir::WalkDir::new(FOLDER)
        .into_iter()
        .map(Result::unwrap);
    let files = files.filter(|file| file.file_type().is_file());
    let read = |file: walkdir::DirEntry| {
        let path = file.path().strip_prefix(FOLDER).unwrap();
        let name = path.to_str().unwrap().replace('\\', "/");
        let root = serde_json::from_str(&fs::read_to_string(file.path()).unwrap()).unwrap();
        (name.clone(), SchemaFile { name, root })
    };
    files.map(read).collect()
});

impl SchemaFile {
    fn find(name: &str) -> &'static Self {
        FILES
            .get(name)
            .unwrap_or_else(|| panic!("there is no {FOLDER}/{name}"))
    }

    fn compare(&self, value: &Value, place: &str, faults: &mut Vec<String>) {
        self.compare_with(&self.root, value, place, faults);
    }

    /// Compares a value with a schema of this file.
    fn compare_with(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        for (keyword, wanted) in schema.as_object().unwrap() {
            let fits = match keyword.as_str() {
                // Keys are compared below.
                "$schema"
                | "$defs"
                | "title"
                | "description"
                | "properties"
                | "additionalProperties" => true,
                "$ref" => {
                    self.compare_with_reference(wanted.as_str().unwrap(), value, place, faults);
                    true
                }
                "anyOf" => wanted.as_array().unwrap().iter().any(|one| {
                    let mut found = Vec::new();
                    self.compare_with(one, value, place, &mut found);
                    found.is_empty()
                }),
                "type" => has_type(wanted, value),
                "enum" => wanted.as_array().unwrap().contains(value),
                "const" => wanted == value,
                "minimum" => value
                    .as_f64()
                    .is_none_or(|it| it >= wanted.as_f64().unwrap()),
                "pattern" => {
                    let pattern = Regex::new(wanted.as_str().unwrap()).unwrap();
                    value.as_str().is_none_or(|text| pattern.is_match(text))
                }
                "items" => {
                    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.compare_with(wanted, item, &format!("{place}/{at}"), faults);
                    }
                    true
                }
                "required" => value.as_object().is_none_or(|keys| {
                    let mut required = wanted.as_array().unwrap().iter();
                    required.all(|key| keys.contains_key(key.as_str().unwrap()))
                }),
                _ => panic!("{}: add the keyword `{keyword}` to this test", self.name),
            };
            if !fits {
                faults.push(format!("{place}: {keyword} {wanted}, but it is {value}"));
            }
        }
        self.compare_keys(schema, value, place, faults);
    }

    fn compare_keys(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let place = format!("{place}/{key}");
            match (&schema["properties"][key], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => {
                    faults.push(format!("{place} is not described"));
                }
                (Value::Null, Value::Null) => {}
                (Value::Null, others) => self.compare_with(others, value, &place, faults),
                (known, _) => self.compare_with(known, value, &place, faults),
            }
        }
    }

    /// Compares a value with the schema that a reference leads to: `#/$defs/a`, `b.json` or
    /// `b.json#/$defs/a`.
    fn compare_with_reference(
        &self,
        reference: &str,
        value: &Value,
        place: &str,
        faults: &mut Vec<String>,
    ) {
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let other = match file {
            "" => self,
            file => Self::find(&self.name_beside(file)),
        };
        let schema = other.root.pointer(pointer);
        let schema = schema.unwrap_or_else(|| panic!("{}: no {reference}", self.name));
        other.compare_with(schema, value, place, faults);
    }

    /// Returns the name of a file in the folder of this one.
    fn name_beside(&self, file: &str) -> String {
        let (folder, _) = self.name.rsplit_once('/').unwrap();
        format!("{folder}/{file}")
    }
}

/// Returns whether a value has one of the types that a schema names.
fn has_type(types: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    };
    match types {
        Value::Array(types) => types.iter().any(is),
        name => is(name),
    }
}

/// Returns the names of all schemas of outputs.
fn list_schemas() -> BTreeSet<String> {
    FILES
        .keys()
        .filter(|name| *name != PARTS)
        .cloned()
        .collect()
}

#[test]
fn what_differs_from_a_schema_is_found() {
    let faults = |output: &str| find_faults(&serde_json::from_str(output).unwrap());
    let good = r#"{"schema":"v1/failure.json","error":null,"diagnostics":[]}"#;
    assert_eq!(faults(good), [""; 0]);
    for (from, to, fault) in [
        ("null", "1", "/error: type"),
        ("[]", "[1]", "/diagnostics/0: type"),
        ("[]", "[{}]", "/diagnostics/0: required"),
        (",\"diagnostics\":[]", "", ": required"),
        ("null", "null,\"more\":1", "/more is not described"),
        ("v1/failure", "v1/check", "/error is not described"),
    ] {
        let found = faults(&good.replace(from, to));
        assert!(
            found.iter().any(|found| found.starts_with(fault)),
            "{found:?}"
        );
    }
    assert_eq!(faults("{}"), ["the output names no schema"]);
}

/// Checks that each schema forbids what it does not describe, and requires all that it describes:
/// what is absent is `null`.
#[test]
fn schemas_describe_objects_whole() {
    fn check(name: &str, schema: &Value) {
        if let Some(properties) = schema["properties"].as_object() {
            assert_eq!(schema["additionalProperties"], false, "{name}: {schema}");
            let described: Vec<&str> = properties.keys().map(String::as_str).collect();
            let required = schema["required"].as_array().unwrap().iter();
            let required: Vec<&str> = required.map(|key| key.as_str().unwrap()).collect();
            assert_eq!(required, described, "{name}");
        }
        match schema {
            Value::Object(keys) => keys.values().for_each(|value| check(name, value)),
            Value::Array(items) => items.iter().for_each(|value| check(name, value)),
            _ => {}
        }
    }
    for name in list_schemas().iter().map(String::as_str).chain([PARTS]) {
        let file = SchemaFile::find(name);
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        assert_eq!(file.root["$schema"], dialect, "{name}");
        check(name, &file.root);
        if name != PARTS {
            assert_eq!(file.root["properties"]["schema"]["const"], name);
        }
    }
}

#[test]
fn every_key_of_the_schemas_is_documented() {
    fn check(name: &str, schema: &Value, docs: &str) {
        for key in schema["properties"].as_object().into_iter().flatten() {
            let key = format!("`{}`", key.0);
            assert!(docs.contains(&key), "docs/json.md lacks {key} of {name}");
        }
        match schema {
            Value::Object(keys) => keys.values().for_each(|value| check(name, value, docs)),
            Value::Array(items) => items.iter().for_each(|value| check(name, value, docs)),
            _ => {}
        }
    }
    let docs = ["docs/json.md", "docs/report.md"].map(|page| fs::read_to_string(page).unwrap());
    let docs = docs.concat();
    for (name, file) in &*FILES {
        assert!(name == PARTS || docs.contains(&format!("(schema/{name})")));
        check(name, &file.root, &docs);
    }
}

/// A site with findings, waiting posts, several spellings of a tag, and a repository.
fn rich_site() -> Repository {
    let config = "base_url = \"https://me.github.io/repo/\"\n\
                  [content]\ndates = \"none\"\n[review]\nrequired = \"all\"\n";
    let site = Site::with_config(config)
        .reply("one", "First", "web host, tea", "News")
        .reply("two", "Second", "web hosts", "News")
        .file("raw.txt", "TITLE: Raw\n\nCut off in the mid")
        .file("refusal.txt", "I'm sorry, but I can't help with that request.\n")
        .file(
            "content/three.md",
            "---\ntitle: Third\ndate: 2030-01-01T08:00\nweight: 3\nown: {a: 1}\n---\nSee [it](/nowhere/).\n",
        )
        .file("topics.txt", "Green tea\n");
    Repository::with_remote(site)
}

fn schema_of(run: &Run) -> String {
    let output: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", run.stdout, run.stderr);
    });
    output["schema"].as_str().unwrap().to_owned()
}

#[test]
fn each_schema_is_that_of_a_command() {
    let server = start_good_server();
    let site = rich_site();
    let mut shown = BTreeSet::new();
    let json = |words: &str| {
        let words: Vec<&str> = words.split(' ').chain(["--format", "json"]).collect();
        site.run(&words)
    };
    for (words, code) in [
        ("check", 0),
        ("inspect content/three.md", 0),
        ("inspect refusal.txt", 1),
        ("inspect nothing.txt", 1),
        ("terms", 0),
        ("review", 0),
        ("approve content/one.txt --by A", 2),
        ("build --timings", 0),
        ("build --base-url x", 2),
        ("report", 0),
        ("ingest raw.txt refusal.txt --dry-run", 0),
        ("ingest raw.txt refusal.txt --strict", 1),
        ("ingest raw.txt --start 2026-07-01", 0),
        ("retry raw.txt --for openai --output r.jsonl", 0),
        ("generate topics.txt --dry-run", 0),
        ("generate --status", 0),
        (
            "generate topics.txt --model m --write-batch b --for openai",
            0,
        ),
        ("shard plan --shards 1 work", 0),
        ("shard read 0 work", 0),
        ("shard read 1 work", 2),
        ("shard gather work", 0),
        ("shard render 0 work", 0),
        ("shard finish work", 0),
        ("shard finish elsewhere", 1),
        ("publish --dry-run", 0),
        ("publish", 0),
        ("publish", 0),
        ("publish --workflow", 0),
        ("publish --workflow", 0),
    ] {
        let run = json(words);
        assert_eq!(run.code, code, "{words}: {}{}", run.stdout, run.stderr);
        // `approve` has no such option.
        if !run.stdout.is_empty() {
            shown.insert(schema_of(&run));
        }
    }
    let site = site_for(&server).file("topics.txt", "Green tea\nBlack tea\n");
    shown.insert(schema_of(&generate(
        &site,
        &["topics.txt", "--format", "json"],
    )));
    let status = generate(&site, &["--status", "--format", "json"]);
    shown.insert(schema_of(&status));
    site.write("r.jsonl", "");
    let read = generate(&site, &["--read-batch", "r.jsonl", "--format", "json"]);
    shown.insert(schema_of(&read));
    assert_eq!(shown, list_schemas());
}

#[test]
fn command_without_a_result_says_why() {
    let site = Site::with_config("per_pages = 1\n");
    for words in [
        "build",
        "check",
        "ingest a.txt",
        "publish",
        "terms",
        "review",
        "report",
    ] {
        let words: Vec<&str> = words.split(' ').chain(["--format", "json"]).collect();
        let run = site.run(&words);
        assert_eq!(run.code, 1, "{words:?}");
        let output: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(output["diagnostics"][0]["code"], "unknown-key", "{words:?}");
    }
    let run = Site::new().run(&["inspect", "nothing.txt", "--format", "json"]);
    let output: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(output["error"]["message"], "cannot read `nothing.txt`");
}
