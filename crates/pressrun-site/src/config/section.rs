//! Reads one table of `site.toml` key by key, keeping the place of every key and value.
//!
//! The reader asks a [`ConfigSection`] for each key that it knows. A key in the file that was not asked
//! for is unknown. So this module needs no list of keys.

use std::ops::Range;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::parse::front_matter::read_toml_table;
use pressrun_posts::post::ExtraValue;
use pressrun_text::visible::{first_misplaced, is_unfit};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::FILE;
use crate::git::report_conflict;

/// Parses `text`, passes its top level to `read`, and returns the errors.
pub(super) fn read_toml(text: &str, read: impl FnOnce(&mut ConfigSection<'_>)) -> Vec<Diagnostic> {
    // This parser continues after an error, so that all errors are reported at once.
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        if let Some(found) = report_conflict(FILE, text) {
            return vec![found];
        }
        return errors
            .iter()
            .map(|error| {
                let range = error.span().unwrap_or_default();
                let message = error.message().lines().collect::<Vec<_>>().join(", ");
                Diagnostic::new(Code::InvalidToml, place_of_range(text, range), message)
            })
            .collect();
    }
    let mut misplaced = Vec::new();
    find_misplaced(text, table.get_ref(), &mut misplaced);
    if !misplaced.is_empty() {
        return misplaced;
    }
    let empty = DeTable::new();
    let mut root = ConfigSection::root(text, table.get_ref(), &empty);
    read(&mut root);
    root.finish()
}

/// Reports every key and string that contains a character that no page may contain, such as
/// `"\u0007"`, or a mark of direction that would affect the text after it.
fn find_misplaced(text: &str, table: &DeTable<'_>, found: &mut Vec<Diagnostic>) {
    for (name, value) in table {
        report_misplaced(text, name.get_ref(), name.span(), found);
        find_misplaced_in(text, value, found);
    }
}

fn find_misplaced_in(text: &str, value: &Spanned<DeValue<'_>>, found: &mut Vec<Diagnostic>) {
    match value.get_ref() {
        DeValue::String(string) => report_misplaced(text, string, value.span(), found),
        DeValue::Array(values) => {
            for value in values {
                find_misplaced_in(text, value, found);
            }
        }
        DeValue::Table(table) => find_misplaced(text, table, found),
        _ => {}
    }
}

fn report_misplaced(text: &str, string: &str, range: Range<usize>, found: &mut Vec<Diagnostic>) {
    let Some(c) = first_misplaced(string) else {
        return;
    };
    let what = if is_unfit(c) {
        "a character that must not be on a page"
    } else {
        "a direction mark that affects text after this string"
    };
    let message = format!("it contains U+{:04X}, {what}", u32::from(c));
    let diagnostic = Diagnostic::new(Code::InvalidValue, place_of_range(text, range), message);
    found.push(diagnostic.with_help("delete it"));
}

/// Returns the keys that `read` asks for, with their tables: `lists.per_page`.
pub(super) fn list_asked_keys(read: impl FnOnce(&mut ConfigSection<'_>)) -> Vec<String> {
    let empty = DeTable::new();
    let mut root = ConfigSection::root("", &empty, &empty);
    read(&mut root);
    let top = root.known.iter().map(|key| (*key).to_owned());
    let below = root
        .elsewhere
        .iter()
        .map(|(key, table)| format!("{table}.{key}"));
    top.chain(below).collect()
}

fn place_of_range(text: &str, range: Range<usize>) -> FilePlace {
    FilePlace::span(
        FILE,
        text,
        range.start.min(text.len())..range.end.min(text.len()),
    )
}

/// A table while it is being read.
pub(super) struct ConfigSection<'a> {
    text: &'a str,
    /// The name of the table, `lists` for `[lists]`; empty for the top level.
    name: String,
    table: &'a DeTable<'a>,
    /// An empty table, read in place of a missing one so that its keys become known.
    empty: &'a DeTable<'a>,
    /// The keys asked for so far.
    known: Vec<&'static str>,
    /// The keys of the tables below this one, with the names of the tables.
    elsewhere: Vec<(&'static str, String)>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> ConfigSection<'a> {
    fn root(text: &'a str, table: &'a DeTable<'a>, empty: &'a DeTable<'a>) -> Self {
        Self {
            text,
            name: String::new(),
            table,
            empty,
            known: Vec::new(),
            elsewhere: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Reads a string.
    pub(super) fn string(&mut self, key: &'static str, target: &mut String) {
        if let Some((value, _)) = self.typed(key, "a string", DeValue::as_str) {
            value.clone_into(target);
        }
    }

    /// Reads a string that may be absent.
    pub(super) fn optional(&mut self, key: &'static str, target: &mut Option<String>) {
        if let Some((value, _)) = self.typed(key, "a string", DeValue::as_str) {
            *target = Some(value.to_owned());
        }
    }

    /// Reads a string and parses it. The error of `parse` ends the sentence "`key` takes …".
    pub(super) fn parsed_string<T>(
        &mut self,
        key: &'static str,
        target: &mut T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) {
        let Some((value, range)) = self.typed(key, "a string", DeValue::as_str) else {
            return;
        };
        match parse(value) {
            Ok(value) => *target = value,
            Err(expected) => self.invalid(range, format!("`{key}` takes {expected}"), None),
        }
    }

    /// Reads a string and parses it. The error of `parse` is a message and what to do.
    pub(super) fn suggested_string<T>(
        &mut self,
        key: &'static str,
        target: &mut T,
        parse: impl FnOnce(&str) -> Result<T, (String, Option<String>)>,
    ) {
        let Some((value, range)) = self.typed(key, "a string", DeValue::as_str) else {
            return;
        };
        match parse(value) {
            Ok(value) => *target = value,
            Err((message, help)) => self.invalid(range, message, help),
        }
    }

    /// Reads a Boolean.
    pub(super) fn boolean(&mut self, key: &'static str, target: &mut bool) {
        if let Some((value, _)) = self.typed(key, "`true` or `false`", DeValue::as_bool) {
            *target = value;
        }
    }

    /// Reads a whole number in a range.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        target: &mut usize,
        allowed: std::ops::RangeInclusive<usize>,
    ) {
        let Some((value, range)) = self.typed(key, "a whole number", DeValue::as_integer) else {
            return;
        };
        // The TOML parser keeps digits as text, because a number may not fit into any integer type.
        match usize::from_str_radix(value.as_str(), value.radix()) {
            Ok(number) if allowed.contains(&number) => *target = number,
            _ => {
                let (low, high) = (allowed.start(), allowed.end());
                self.invalid(
                    range,
                    format!("`{key}` takes a whole number from {low} to {high}"),
                    None,
                );
            }
        }
    }

    /// Reads a list of at most `most` whole numbers in a range.
    pub(super) fn numbers(
        &mut self,
        key: &'static str,
        target: &mut Option<Vec<usize>>,
        allowed: std::ops::RangeInclusive<usize>,
        most: usize,
    ) {
        let Some((values, range)) = self.typed(key, "a list of whole numbers", DeValue::as_array)
        else {
            return;
        };
        let number = |value: &Spanned<DeValue<'_>>| {
            let value = value.get_ref().as_integer()?;
            let number = usize::from_str_radix(value.as_str(), value.radix()).ok()?;
            allowed.contains(&number).then_some(number)
        };
        let numbers: Option<Vec<usize>> = values.iter().map(number).collect();
        if let Some(numbers) = numbers.filter(|numbers| numbers.len() <= most) {
            *target = Some(numbers);
        } else {
            let (low, high) = (allowed.start(), allowed.end());
            let message = format!("`{key}` takes up to {most} whole numbers from {low} to {high}");
            self.invalid(range, message, None);
        }
    }

    /// Reads one of several words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        target: &mut T,
        choices: &[(&'static str, T)],
    ) {
        let Some((value, range)) = self.typed(key, "a string", DeValue::as_str) else {
            return;
        };
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == value) {
            *target = *choice;
            return;
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let help = find_nearest_name(value, &names).map(|name| format!("did you mean `{name}`?"));
        let message = format!("`{key}` takes one of `{}`", names.join("`, `"));
        self.invalid(range, message, help);
    }

    /// Reads a list of strings.
    pub(super) fn strings(&mut self, key: &'static str, target: &mut Vec<String>) {
        self.parsed_strings(key, target, |text| Ok(text.to_owned()));
    }

    /// Reads a list of strings and parses each. The error of `parse` is a message and what to do.
    /// Returns whether the list is there.
    pub(super) fn parsed_strings<T>(
        &mut self,
        key: &'static str,
        target: &mut Vec<T>,
        parse: impl Fn(&str) -> Result<T, (String, Option<String>)>,
    ) -> bool {
        let Some((values, _)) = self.typed(key, "a list of strings", DeValue::as_array) else {
            return false;
        };
        for value in values {
            let Some(text) = value.get_ref().as_str() else {
                let message = format!("`{key}` takes a list of strings");
                self.invalid(value.span(), message, None);
                continue;
            };
            match parse(text) {
                Ok(value) => target.push(value),
                Err((message, help)) => self.invalid(value.span(), message, help),
            }
        }
        true
    }

    /// Reads a table of strings in the order of the file, and checks each pair.
    ///
    /// `check` returns what is wrong with a pair and what to do about it.
    pub(super) fn pairs(
        &mut self,
        key: &'static str,
        target: &mut Vec<(String, String)>,
        check: impl Fn(&str, &str) -> Option<(String, String)>,
    ) {
        let Some((table, _)) = self.typed(key, "a table of strings", DeValue::as_table) else {
            return;
        };
        let mut entries: Vec<_> = table.iter().collect();
        // The table is sorted by key.
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let name = name.get_ref().as_ref();
            let Some(text) = value.get_ref().as_str() else {
                let message = format!("`{key}` takes a table of strings");
                self.invalid(value.span(), message, None);
                continue;
            };
            if let Some((message, help)) = check(name, text) {
                self.invalid(value.span(), message, Some(help));
            }
            target.push((name.to_owned(), text.to_owned()));
        }
    }

    /// Reads a table below this one.
    pub(super) fn table(&mut self, key: &'static str, read: impl FnOnce(&mut ConfigSection<'a>)) {
        let table = self
            .typed(key, "a table", DeValue::as_table)
            .map_or(self.empty, |(table, _)| table);
        let name = if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        };
        self.section(name, table, read);
    }

    /// Reads a table with any keys and values.
    pub(super) fn free_table(&mut self, key: &'static str, target: &mut Vec<(String, ExtraValue)>) {
        if let Some((table, _)) = self.typed(key, "a table", DeValue::as_table) {
            *target = read_toml_table(table);
        }
    }

    /// Reads a table with any keys and values. `check` returns what is wrong with a key and what to
    /// do about it.
    pub(super) fn checked_free_table(
        &mut self,
        key: &'static str,
        target: &mut Vec<(String, ExtraValue)>,
        check: impl Fn(&str) -> Option<(String, String)>,
    ) {
        let Some((table, _)) = self.typed(key, "a table", DeValue::as_table) else {
            return;
        };
        for name in table.keys() {
            if let Some((message, help)) = check(name.get_ref()) {
                self.invalid(name.span(), message, Some(help));
            }
        }
        *target = read_toml_table(table);
    }

    /// Reads a number with up to six decimal places, as millionths.
    pub(super) fn decimal(&mut self, key: &'static str, target: &mut Option<u64>) {
        let digits = |value: &'a DeValue<'a>| match value {
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str()),
            DeValue::Float(number) => Some(number.as_str()),
            _ => None,
        };
        let Some((digits, range)) = self.typed(key, "a number", digits) else {
            return;
        };
        *target = parse_millionths(digits);
        if target.is_none() {
            let message =
                format!("`{key}` takes a number from 0 to 1000000 with at most six decimal places");
            self.invalid(range, message, None);
        }
    }

    /// Reads a list of tables, calling `read` once for each.
    pub(super) fn tables(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut ConfigSection<'a>),
    ) {
        let Some((values, _)) = self.typed(key, "a list of tables", DeValue::as_array) else {
            return;
        };
        for value in values {
            match value.get_ref().as_table() {
                Some(table) => self.section(format!("{}.{key}", self.name), table, &mut read),
                None => self.invalid(
                    value.span(),
                    format!("`{key}` takes a list of tables"),
                    None,
                ),
            }
        }
    }

    /// Reads the tables in a table, whose keys are any names, in the order of the file: calls `read`
    /// for each with all names and the index of its own.
    pub(super) fn named_tables(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&[&str], usize, &mut ConfigSection<'a>),
    ) {
        let Some((table, _)) = self.typed(key, "a table", DeValue::as_table) else {
            return;
        };
        let mut entries: Vec<_> = table.iter().collect();
        // The table is sorted by key.
        entries.sort_by_key(|(name, _)| name.span().start);
        let tables = entries.iter().filter_map(|(name, value)| {
            let name = name.get_ref().as_ref();
            let table = value.get_ref().as_table();
            if table.is_none() {
                let message = format!("`{key}` takes a table for each name: `[{key}.{name}]`");
                self.invalid(value.span(), message, None);
            }
            Some((name, table?))
        });
        let (names, tables): (Vec<&str>, Vec<_>) = tables.unzip();
        for (at, table) in tables.into_iter().enumerate() {
            let name = format!("{key}.{}", names[at]);
            self.section(name, table, |section| read(&names, at, section));
        }
    }

    /// Returns whether the file has this table, with at least one key.
    pub(super) fn is_present(&self) -> bool {
        !self.table.is_empty()
    }

    /// Reports a missing key of this table.
    pub(super) fn require(&mut self, key: &'static str) {
        if self.find(key).is_none() {
            self.report(format!(
                "`{key}` is missing from an entry of `[{}]`",
                self.name
            ));
        }
    }

    /// Reports what is wrong with this table as a whole.
    pub(super) fn report(&mut self, message: String) {
        // A table has no place of its own, so its first key is marked.
        let keys = self.table.iter().map(|(name, _)| name.span());
        let range = keys.min_by_key(|range| range.start).unwrap_or_default();
        self.invalid(range, message, None);
    }

    fn section(
        &mut self,
        name: String,
        table: &'a DeTable<'a>,
        read: impl FnOnce(&mut ConfigSection<'a>),
    ) {
        let mut section = ConfigSection {
            name,
            ..ConfigSection::root(self.text, table, self.empty)
        };
        read(&mut section);
        let keys = section.known.iter().map(|key| (*key, section.name.clone()));
        self.elsewhere.extend(keys);
        self.diagnostics.append(&mut section.finish());
    }

    /// Returns the value of a key, if it is present and has the right type.
    fn typed<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<(T, Range<usize>)> {
        // Recorded even if the key is absent. Unknown keys and suggestions are found by this list.
        self.known.push(key);
        let value = self.find(key)?;
        let found = read(value.get_ref());
        if found.is_none() {
            let article = if value.get_ref().is_integer() || value.get_ref().is_array() {
                "an"
            } else {
                "a"
            };
            let message = format!(
                "`{key}` takes {expected}, not {article} {}",
                value.get_ref().type_str()
            );
            self.invalid(value.span(), message, None);
        }
        Some((found?, value.span()))
    }

    fn find(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == key)
            .map(|(_, value)| value)
    }

    fn invalid(&mut self, range: Range<usize>, message: String, help: Option<String>) {
        let mut diagnostic = Diagnostic::new(
            Code::InvalidValue,
            place_of_range(self.text, range),
            message,
        );
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
    }

    /// Adds an error for each unknown key, and returns all errors.
    fn finish(mut self) -> Vec<Diagnostic> {
        for (name, value) in self.table {
            let key = name.get_ref().as_ref();
            if self.known.contains(&key) {
                continue;
            }
            // An unknown table is shown in brackets, as in the file.
            let is_table = self.name.is_empty() && value.get_ref().is_table();
            let shown = if is_table {
                format!("[{key}]")
            } else {
                key.to_owned()
            };
            let message = match (is_table, self.name.as_str()) {
                (true, _) => format!("there is no table `{shown}`"),
                (false, "") => format!("there is no key `{key}` at the top level"),
                (false, section) => format!("there is no key `{key}` in `[{section}]`"),
            };
            let mut diagnostic = Diagnostic::new(
                Code::UnknownKey,
                place_of_range(self.text, name.span()),
                message,
            );
            diagnostic.help = self
                // A known key of another table is more likely than a typing error.
                .elsewhere
                .iter()
                .find(|(other, _)| *other == key)
                .map(|(_, table)| format!("it belongs in `[{table}]`"))
                .or_else(|| {
                    let near = find_nearest_name(key, &self.known)?;
                    let near = if is_table {
                        format!("[{near}]")
                    } else {
                        near.to_owned()
                    };
                    Some(format!("did you mean `{near}`?"))
                });
            self.diagnostics.push(diagnostic);
        }
        self.diagnostics
    }
}

/// Parses a decimal number from 0 to a million, as millionths.
fn parse_millionths(digits: &str) -> Option<u64> {
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    if decimals.len() > 6 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: u64 = whole.parse().ok().filter(|&whole| whole <= 1_000_000)?;
    let decimals: u64 = format!("{decimals:0<6}").parse().ok()?;
    Some(whole * 1_000_000 + decimals)
}

/// Returns the known name that a misspelt one most likely stands for.
pub fn find_nearest_name<'n>(word: &str, known: &[&'n str]) -> Option<&'n str> {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(word, name), *name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
