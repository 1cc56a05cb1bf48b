//! Reads the data files of a site: `data/team/members.yaml` is `data.team.members` in templates.
//!
//! Every file is read whole and becomes one value. A broken file stops the build, like a broken
//! template.
//!
//! Not here: who shows the values (`render`).

mod csv;
mod parse;

use std::collections::BTreeMap;
use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::{ExtraValue, clean_extras};
use pressrun_text::line::unify_line_ends;
use pressrun_text::numbers::group_thousands;
use pressrun_text::visible::has_right_to_left;

use crate::discover::report_unreadable_file;
use crate::fs::{self, WalkedFile};
use parse::{DataFormat, ValueBudget};

/// The folder of a site that contains its data.
pub const FOLDER: &str = "data";

/// The most bytes of a data file.
const MAX_FILE: u64 = 16 << 20;

/// The most values in all data files together: texts, numbers, lists and maps.
const MAX_VALUES: usize = 1_000_000;

/// The data of a site.
#[derive(Debug, Default)]
pub(crate) struct SiteData {
    /// The names of files and folders with their values, sorted.
    pub(crate) values: Vec<(String, ExtraValue)>,
    /// Notes about files that are no data.
    pub(crate) notes: Vec<Diagnostic>,
}

/// Reads the data files of the site at `root`.
///
/// # Errors
///
/// Returns everything that is wrong with them.
pub(crate) fn load_site_data(root: &Path) -> Result<SiteData, Vec<Diagnostic>> {
    let (found, errors) = fs::walk_visible_files(&root.join(FOLDER));
    let mut wrong: Vec<Diagnostic> = errors
        .iter()
        .map(|error| report_unreadable_file(root, error))
        .collect();
    let mut notes = Vec::new();
    let mut tree = DataFolder::default();
    let mut budget = ValueBudget::new(MAX_VALUES);
    for file in found {
        let path = format!("{FOLDER}/{}", file.path);
        let Some((name, format)) = DataFormat::split_name(&file.path) else {
            let note = "files of this type hold no data";
            let help = "data files end in `.toml`, `.yaml`, `.yml`, `.json` or `.csv`";
            notes.push(
                Diagnostic::new(Code::IgnoredFile, FilePlace::file(path), note).with_help(help),
            );
            continue;
        };
        let read = read_data_file(root, &file, &path, format, &mut budget);
        // A file that is broken still has its name.
        let value = read.unwrap_or_else(|error| {
            wrong.push(error);
            ExtraValue::Null
        });
        if let Err(other) = tree.insert(name, path.clone(), value) {
            let message = format!("it has the same name in templates as `{other}`");
            let found = Diagnostic::new(Code::InvalidData, FilePlace::file(path), message);
            wrong.push(found.with_help("rename or remove one of them"));
        }
    }
    if wrong.is_empty() {
        let values = tree.into_values();
        Ok(SiteData { values, notes })
    } else {
        wrong.sort();
        Err(wrong)
    }
}

fn read_data_file(
    root: &Path,
    file: &WalkedFile,
    path: &str,
    format: DataFormat,
    budget: &mut ValueBudget,
) -> Result<ExtraValue, Diagnostic> {
    if file.stamp.is_some_and(|stamp| stamp.size > MAX_FILE) {
        let message = format!(
            "it is larger than {} bytes, the most that a data file may have",
            group_thousands(MAX_FILE as usize)
        );
        let found = Diagnostic::new(Code::InvalidData, FilePlace::file(path), message);
        return Err(found.with_help("split it, or leave out what no template shows"));
    }
    let text =
        fs::read_text(&file.location).map_err(|error| report_unreadable_file(root, &error))?;
    let text = text.unwrap_or_default();
    let text = unify_line_ends(text.strip_prefix('\u{FEFF}').unwrap_or(&text));
    let value = format.parse_data(&text, budget).map_err(|fault| {
        let place = FilePlace::span(path, &text, fault.range);
        let found = Diagnostic::new(Code::InvalidData, place, fault.message);
        match fault.help {
            Some(help) => found.with_help(help),
            None => found,
        }
    })?;
    let mut cleaned = [(String::new(), value)];
    clean_extras(&mut cleaned, has_right_to_left(&text));
    let [(_, value)] = cleaned;
    Ok(value)
}

/// A folder of data while files are added to it.
#[derive(Debug, Default)]
struct DataFolder(BTreeMap<String, DataEntry>);

#[derive(Debug)]
enum DataEntry {
    Folder(DataFolder),
    /// The path of a file from the site root, and its value.
    File(String, ExtraValue),
}

impl DataFolder {
    /// Adds a file under its name, which has its folders in it. Returns the path of another file
    /// with the same name.
    fn insert(&mut self, name: &str, path: String, value: ExtraValue) -> Result<(), String> {
        let Some((folder, rest)) = name.split_once('/') else {
            if let Some(other) = self.0.get(name) {
                return Err(other.first_path().to_owned());
            }
            self.0.insert(name.to_owned(), DataEntry::File(path, value));
            return Ok(());
        };
        let entry = self
            .0
            .entry(folder.to_owned())
            .or_insert_with(|| DataEntry::Folder(Self::default()));
        match entry {
            DataEntry::Folder(below) => below.insert(rest, path, value),
            DataEntry::File(other, _) => Err(other.clone()),
        }
    }

    fn into_values(self) -> Vec<(String, ExtraValue)> {
        let entries = self.0.into_iter();
        entries
            .map(|(name, entry)| match entry {
                DataEntry::Folder(folder) => (name, ExtraValue::Map(folder.into_values())),
                DataEntry::File(_, value) => (name, value),
            })
            .collect()
    }
}

impl DataEntry {
    /// Returns the path of the file, or of the first file in the folder.
    fn first_path(&self) -> &str {
        match self {
            Self::File(path, _) => path,
            Self::Folder(folder) => folder.0.values().next().map_or("", Self::first_path),
        }
    }
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::extras_to_json;
    use serde_json::{Value, json};

    use super::*;

    fn load(files: &[(&str, &str)]) -> Result<(Value, usize), Vec<String>> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(FOLDER).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        match load_site_data(root.path()) {
            Ok(data) => Ok((extras_to_json(&data.values), data.notes.len())),
            Err(wrong) => Err(wrong
                .iter()
                .map(|one| format!("{}: {}", one.place, one.message))
                .collect()),
        }
    }

    #[test]
    fn folders_and_files_are_names() {
        assert_eq!(load(&[]), Ok((json!({}), 0)));
        assert_eq!(
            load(&[
                ("team/members.yaml", "- name: Ida\n  since: 2019-05-01\n"),
                ("my-file.JSON", "\u{FEFF}{\"a\": [1, 2.5, null, true]}"),
                ("site.toml", "day = 2024-05-01\n[ports]\nnorth = 3\n"),
                ("tides.csv", "day,high\n1,\"3,5\"\n2,4\n"),
                ("notes.txt", "x"),
                ("empty.yml", "# nothing\n"),
            ]),
            Ok((
                json!({
                    "empty": null,
                    "my-file": {"a": [1, 2.5, null, true]},
                    "site": {"day": "2024-05-01", "ports": {"north": 3}},
                    "team": {"members": [{"name": "Ida", "since": "2019-05-01"}]},
                    "tides": [{"day": "1", "high": "3,5"}, {"day": "2", "high": "4"}],
                }),
                1
            ))
        );
    }

    #[test]
    fn two_files_of_one_name_are_an_error_that_names_both() {
        assert_eq!(
            load(&[("a.json", "1"), ("a.toml", "")]),
            Err(vec![
                "data/a.toml: it has the same name in templates as `data/a.json`".to_owned()
            ])
        );
        assert_eq!(
            load(&[("a/b/c.json", "1"), ("a/b.json", "1"), ("a.csv", "x\n")]),
            Err(vec![
                "data/a/b.json: it has the same name in templates as `data/a.csv`".to_owned(),
                "data/a/b/c.json: it has the same name in templates as `data/a.csv`".to_owned(),
            ])
        );
    }

    #[test]
    fn broken_files_have_their_places() {
        let check = |path: &str, text: &str, expected: &str| {
            let wrong = load(&[(path, text)]).unwrap_err();
            assert!(wrong[0].starts_with(expected), "{wrong:?}");
        };
        check("a.toml", "x = 1\ny = = 2\n", "data/a.toml:2:5: ");
        check(
            "a.json",
            "{\n  \"a\": 1,\n}",
            "data/a.json:3:1: trailing comma",
        );
        check("a.json", "[1", "data/a.json:1:2: EOF");
        check("a.yaml", "a: 1\nb: [1\nc: 2\n", "data/a.yaml:");
        check(
            "a.yaml",
            "a: 1\na: 2\n",
            "data/a.yaml:1:1: duplicate key `a`",
        );
        check("a.json", "{\"a\": 1, \"é\": 2, \"a\": 3}", "data/a.json:1:");
        check("a.csv", "a,b\n1,2\n3\n", "data/a.csv:3:1: ");
    }

    #[test]
    fn hidden_characters_are_removed() {
        assert_eq!(
            load(&[("a.json", "{\"k\\u200Bey\": \"x\\u0007\\u202Ey\\nz\"}")]),
            Ok((json!({"a": {"key": "xy\nz"}}), 0))
        );
    }

    #[test]
    fn deep_and_large_data_is_rejected() {
        for (open, close, name) in [("[", "]", "a.json"), ("[", "]", "a.yaml")] {
            let text = format!("{}{}", open.repeat(5000), close.repeat(5000));
            assert!(load(&[(name, &text)]).is_err());
        }
        let aliases: Vec<String> = (1..30)
            .map(|level| format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1))
            .collect();
        let aliases = aliases.concat();
        assert!(load(&[("a.yaml", &format!("a0: &a0 [x]\n{aliases}"))]).is_err());
    }
}
