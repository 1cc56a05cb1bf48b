//! Replaces the closed list of categories in `site.toml`, and removes the aliases that lead to names
//! which are in it no more. Everything else in the file stays as the author wrote it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::category::{BUILT_IN, category_key};
use pressrun_site::config::{Config, FILE};
use pressrun_site::error::SystemError;
use pressrun_site::fs;
use pressrun_site::pipeline::{self, BuildRequest};
use pressrun_site::render::CommandFailure;
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use super::{CACHE, find_all_taxonomy_findings, write};

/// Which categories a site allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CategoryChoice {
    /// All, so that they come from the posts.
    #[default]
    Open,
    /// The sixty that pressrun knows, about technology and hosting.
    Tech,
    /// Those that the posts have.
    Used,
    /// These.
    Named(Vec<String>),
}

impl CategoryChoice {
    /// Parses `open`, `tech`, `used`, or names with commas between them. Returns `None` if there is no
    /// name.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "open" => return Some(Self::Open),
            "tech" => return Some(Self::Tech),
            "used" => return Some(Self::Used),
            _ => {}
        }
        let mut names: Vec<String> = Vec::new();
        let mut keys: Vec<String> = Vec::new();
        for name in text.split(',').map(str::trim) {
            let key = category_key(name);
            if !name.is_empty() && !keys.contains(&key) {
                keys.push(key);
                names.push(name.to_owned());
            }
        }
        (!names.is_empty()).then_some(Self::Named(names))
    }
}

/// What was done to the list.
#[derive(Debug, PartialEq, Eq)]
pub struct ReplacedCategories {
    /// The names of the new list; empty if every category is allowed.
    pub names: Vec<String>,
    /// The aliases that were removed, each with the name that it led to.
    pub removed: Vec<(String, String)>,
}

/// Replaces the closed list of categories of a site.
///
/// # Errors
///
/// Returns what is wrong with the site or the machine; `site.toml` is then unchanged.
pub fn replace_categories(
    request: &BuildRequest,
    choice: &CategoryChoice,
) -> Result<ReplacedCategories, CommandFailure> {
    let path = fs::resolve_path(&request.root.join(FILE));
    // Read before the posts, so that a change in between is noticed when writing.
    let read = fs::read_text(&path)?;
    if read.is_none() {
        // Without a file there is either a site with default settings, or none, which is an error.
        pipeline::load_config(&request.root)?;
    }
    let names = match choice {
        CategoryChoice::Open => Vec::new(),
        CategoryChoice::Tech => BUILT_IN.map(str::to_owned).to_vec(),
        CategoryChoice::Named(names) => names.clone(),
        CategoryChoice::Used => list_used_categories(request)?,
    };
    let failed = |why: &'static str| SystemError::new("write", &path, io::Error::other(why));
    let text = read.as_deref().unwrap_or_default();
    let Some((new, removed)) = replace_list_in_text(text, &names) else {
        // Some other fault of the file may be the reason.
        Config::parse(text).map_err(CommandFailure::Site)?;
        return Err(failed("the list could not be replaced; edit it by hand").into());
    };
    Config::parse(&new).map_err(CommandFailure::Site)?;
    let is_untouched = |path: &Path| Ok(fs::read_text(path)? == read);
    if !fs::replace_file(&path, new.as_bytes(), is_untouched)? {
        return Err(failed("it was changed by another program; run the command again").into());
    }
    Ok(ReplacedCategories { names, removed })
}

/// Returns the categories that authors gave their posts, the most used first, without those that are
/// another spelling of one.
fn list_used_categories(request: &BuildRequest) -> Result<Vec<String>, CommandFailure> {
    let mut config = pipeline::load_config(&request.root)?;
    // The list as it is would change names to its own spelling.
    config.categories.allowed.clear();
    let config = Arc::new(config);
    let posts = pipeline::read_posts(request, &config, CACHE)?;
    let [_, categories] = find_all_taxonomy_findings(&posts, &config);
    let names = categories.list_names_to_keep();
    if names.is_empty() {
        let message = "no post has a category, so there is nothing to make a list of";
        let help = "name the categories: `pressrun terms --categories \"One, Another\"`";
        let place = FilePlace::file("--categories");
        return Err(CommandFailure::Site(vec![
            Diagnostic::new(Code::Usage, place, message).with_help(help),
        ]));
    }
    Ok(names)
}

/// Returns the text with another list, and the aliases that were removed for it, or `None` if that would
/// change anything else the text says.
fn replace_list_in_text(text: &str, names: &[String]) -> Option<(String, Vec<(String, String)>)> {
    let mut document: DocumentMut = text.parse().ok()?;
    let root = document.as_table_mut();
    if names.is_empty() && !root.contains_key("categories") {
        return Some((text.to_owned(), Vec::new()));
    }
    let section = root
        .entry("categories")
        .or_insert_with(|| Item::Table(Table::new()))
        .as_table_like_mut()?;
    set_allowed(section, names);
    let removed = remove_dead_aliases(section, names)?;
    let new = write::restore_line_ends(text, document.to_string());
    says_the_same(text, &new, names, &removed).then_some((new, removed))
}

/// Writes the list, or removes it if it is empty.
fn set_allowed(section: &mut dyn TableLike, names: &[String]) {
    if names.is_empty() {
        section.remove("allowed");
        return;
    }
    let list = toml_edit::value(lay_out_list(names));
    match section.get_mut("allowed") {
        // The comment above the key stays.
        Some(known) => *known = list,
        None => {
            section.insert("allowed", list);
        }
    }
}

/// Removes the aliases that lead to none of these names. Without names, all aliases stay.
fn remove_dead_aliases(
    section: &mut dyn TableLike,
    names: &[String],
) -> Option<Vec<(String, String)>> {
    let Some(aliases) = section.get_mut("aliases").filter(|_| !names.is_empty()) else {
        return Some(Vec::new());
    };
    let table = aliases.as_table_like_mut()?;
    let pairs = table.iter().filter_map(|(alias, name)| {
        let name = name.as_str()?;
        let is_dead = !names.iter().any(|known| known == name);
        is_dead.then(|| (alias.to_owned(), name.to_owned()))
    });
    let removed: Vec<(String, String)> = pairs.collect();
    for (alias, _) in &removed {
        table.remove(alias);
    }
    if table.is_empty() {
        section.remove("aliases");
    }
    Some(removed)
}

/// Returns whether the new text means what the old one means with this list. If the old one cannot be
/// read, as after a list was replaced by hand but not its aliases, this is not known.
fn says_the_same(old: &str, new: &str, names: &[String], removed: &[(String, String)]) -> bool {
    let (Ok(mut expected), Ok(found)) = (Config::parse(old), Config::parse(new)) else {
        return Config::parse(new).is_ok();
    };
    let categories = &mut expected.categories;
    categories.allowed = names.to_vec();
    categories.aliases.retain(|alias| !removed.contains(alias));
    expected == found
}

/// Returns the list, with a line for each name.
fn lay_out_list(names: &[String]) -> Array {
    let mut list = Array::new();
    for name in names {
        let mut value = Value::from(name);
        value.decor_mut().set_prefix("\n    ");
        list.push_formatted(value);
    }
    list.set_trailing_comma(true);
    list.set_trailing("\n");
    list
}

/// Formats a closed list as lines of TOML, `allowed = [` first.
pub fn format_category_list(names: &[String]) -> String {
    format!("allowed = {}\n", lay_out_list(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[track_caller]
    fn check(before: &str, list: &[&str], after: &str, removed: &[(&str, &str)]) {
        let removed = removed.iter();
        let removed = removed.map(|&(alias, name)| (alias.to_owned(), name.to_owned()));
        let expected = Some((after.to_owned(), removed.collect()));
        assert_eq!(replace_list_in_text(before, &names(list)), expected);
    }

    #[test]
    fn aliases_go_with_the_names_that_they_lead_to() {
        check(
            "title = 'T' # a\n[categories] # b\n# c\nallowed = ['News', 'Tea'] # d\noff_list = 'drop'\n\n\
             [categories.aliases]\nAI = 'News'\nGreen = 'Tea'\n\n[lists]\nper_page = 5\n",
            &["Tea", "Walks"],
            "title = 'T' # a\n[categories] # b\n# c\nallowed = [\n    \"Tea\",\n    \"Walks\",\n]\noff_list = 'drop'\n\n\
             [categories.aliases]\nGreen = 'Tea'\n\n[lists]\nper_page = 5\n",
            &[("AI", "News")],
        );
    }

    #[test]
    fn table_of_aliases_goes_with_the_last_of_them() {
        check(
            "[categories]\nallowed = ['News']\naliases = { AI = 'News' }\n",
            &["Tea"],
            "[categories]\nallowed = [\n    \"Tea\",\n]\n",
            &[("AI", "News")],
        );
    }

    #[test]
    fn list_that_was_replaced_by_hand_can_be_replaced_too() {
        let text = "[categories]\nallowed = ['Tea']\n[categories.aliases]\nAI = 'News'\n";
        assert!(Config::parse(text).is_err());
        check(
            text,
            &["Tea"],
            "[categories]\nallowed = [\n    \"Tea\",\n]\n",
            &[("AI", "News")],
        );
    }

    #[test]
    fn open_list_keeps_the_aliases() {
        check("title = 'T'\n", &[], "title = 'T'\n", &[]);
        check(
            "[categories]\nallowed = ['News']\n[categories.aliases]\nAI = 'News'\n",
            &[],
            "[categories]\n[categories.aliases]\nAI = 'News'\n",
            &[],
        );
    }

    #[test]
    fn file_without_a_list_gets_one() {
        check(
            "title = 'T'\r\n",
            &["Tea"],
            "title = 'T'\r\n\r\n[categories]\r\nallowed = [\r\n    \"Tea\",\r\n]\r\n",
            &[],
        );
    }

    #[test]
    fn choice_is_a_word_or_names() {
        let check = |text, expected| assert_eq!(CategoryChoice::parse(text), expected, "{text}");
        check("open", Some(CategoryChoice::Open));
        check("tech", Some(CategoryChoice::Tech));
        check("used", Some(CategoryChoice::Used));
        let named = CategoryChoice::Named(names(&["Tea", "Long Walks"]));
        check("Tea, Long Walks,, tea", Some(named));
        check(" , ", None);
    }
}
