//! Adds aliases to `site.toml` and leaves everything else in it as the author wrote it: comments,
//! order, spaces, line endings. With `category_list` the only user of `toml_edit`.
//!
//! The new text is used only if it means exactly what the old text and the aliases mean together.

use std::io;
use std::path::Path;

use pressrun_site::config::{Config, FILE};
use pressrun_site::error::{Result, SystemError};
use pressrun_site::fs;
use toml_edit::{DocumentMut, InlineTable, Item, Key, RawString, Table, TableLike, Value};

use super::suggest::SuggestedAlias;

/// The aliases to write.
#[derive(Debug, Clone, Copy)]
pub(super) struct AliasesToWrite<'a> {
    pub(super) tags: &'a [SuggestedAlias],
    pub(super) categories: &'a [SuggestedAlias],
}

/// Adds aliases to the `site.toml` of the site at `root`. `read` is the text that the aliases were
/// computed from, or `None` if the file did not exist.
///
/// The file is replaced in one step. A symbolic link stays a link.
///
/// # Errors
///
/// Returns an error if the file cannot be written, has changed since it was read, or has a form
/// that aliases cannot be added to.
pub(super) fn write_aliases(
    root: &Path,
    read: Option<&str>,
    aliases: AliasesToWrite<'_>,
) -> Result<()> {
    let path = fs::resolve_path(&root.join(FILE));
    let failed = |why: &'static str| SystemError::new("write", &path, io::Error::other(why));
    let text = add_aliases_to_text(read.unwrap_or_default(), aliases)
        .ok_or_else(|| failed("the aliases could not be added to it; add them by hand"))?;
    // The aliases fit only the text that they were computed from.
    let is_untouched = |path: &Path| Ok(fs::read_text(path)?.as_deref() == read);
    if !fs::replace_file(&path, text.as_bytes(), is_untouched)? {
        return Err(failed(
            "it was changed by another program; run the command again",
        ));
    }
    Ok(())
}

/// Formats an alias as a line of TOML.
pub fn format_alias_line(alias: &str, name: &str) -> String {
    format!("{} = {}", Key::new(alias).display_repr(), Value::from(name))
}

/// Returns the text of a `site.toml` with aliases added, or `None` if that would change anything
/// else it says.
fn add_aliases_to_text(text: &str, aliases: AliasesToWrite<'_>) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    for (section, aliases) in [("tags", aliases.tags), ("categories", aliases.categories)] {
        if !aliases.is_empty() {
            add_aliases(document.as_table_mut(), section, aliases)?;
        }
    }
    let new = restore_line_ends(text, document.to_string());
    says_the_same(text, &new, aliases).then_some(new)
}

/// Gives a text that `toml_edit` wrote the line endings and the byte order mark of the old one.
pub(super) fn restore_line_ends(old: &str, mut new: String) -> String {
    if old.contains("\r\n") {
        // `toml_edit` writes `\n` only.
        new = new.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    // The parser drops a byte order mark.
    if old.starts_with('\u{feff}') && !new.starts_with('\u{feff}') {
        new.insert(0, '\u{feff}');
    }
    new
}

/// Returns whether the new text means what the old text and the aliases mean together.
fn says_the_same(old: &str, new: &str, aliases: AliasesToWrite<'_>) -> bool {
    let (Ok(mut expected), Ok(found)) = (Config::parse(old), Config::parse(new)) else {
        return false;
    };
    let pairs = |aliases: &[SuggestedAlias]| -> Vec<(String, String)> {
        let pairs = aliases.iter();
        pairs
            .map(|one| (one.alias.clone(), one.name.clone()))
            .collect()
    };
    expected.tags.aliases.extend(pairs(aliases.tags));
    expected
        .categories
        .aliases
        .extend(pairs(aliases.categories));
    expected == found
}

/// Adds aliases to a section, in the form in which the section already has some.
fn add_aliases(root: &mut Table, section: &str, aliases: &[SuggestedAlias]) -> Option<()> {
    let section = root.entry(section).or_insert_with(|| {
        let mut section = Table::new();
        // An explicit header would be an empty section in the author's file.
        section.set_implicit(true);
        Item::Table(section)
    });
    if let Item::Table(table) = section {
        let is_empty = |item: &Item| {
            let inline = item.as_inline_table();
            inline.is_some_and(|table| table.is_empty() && !has_comment(table.decor().suffix()))
        };
        if table.get("aliases").is_some_and(is_empty) {
            table.remove("aliases");
        }
        let target = table.entry("aliases").or_insert(Item::Table(Table::new()));
        return extend_alias_table(target, aliases);
    }
    let inline = section.as_inline_table_mut()?;
    if !inline.contains_key("aliases") {
        push_inline_pair(inline, "aliases", Value::InlineTable(InlineTable::new()));
    }
    let target = inline.get_mut("aliases")?.as_inline_table_mut()?;
    for alias in aliases {
        push_inline_pair(target, &alias.alias, Value::from(&*alias.name));
    }
    Some(())
}

/// Adds aliases to a table of either form.
fn extend_alias_table(target: &mut Item, aliases: &[SuggestedAlias]) -> Option<()> {
    if let Some(inline) = target.as_inline_table_mut() {
        for alias in aliases {
            push_inline_pair(inline, &alias.alias, Value::from(&*alias.name));
        }
        return Some(());
    }
    let table: &mut dyn TableLike = target.as_table_like_mut()?;
    for alias in aliases {
        table.insert(&alias.alias, toml_edit::value(&*alias.name));
    }
    Some(())
}

/// Adds a pair at the end of an inline table, formatted like the pairs before it.
fn push_inline_pair(table: &mut InlineTable, key: &str, mut value: Value) {
    let before = table.iter().last().map(|(key, _)| key.to_owned());
    let lines = before.as_deref().and_then(|last| {
        let prefix = table.key(last)?.leaf_decor().prefix()?.as_str()?;
        // In a table over several lines, each pair has its own line break and indent.
        let start = prefix.rfind('\n')?;
        Some(prefix[start..].to_owned())
    });
    if let Some(last) = before.as_deref().and_then(|last| table.get_mut(last)) {
        let suffix = last.decor().suffix().cloned();
        // A trailing comment stays with the pair that it follows; plain space moves behind the new
        // last pair.
        if let Some(suffix) = suffix.filter(|suffix| !has_comment(Some(suffix))) {
            last.decor_mut().set_suffix("");
            value.decor_mut().set_suffix(suffix);
        }
        value.decor_mut().set_prefix(" ");
    }
    table.insert(key, value);
    if let (Some(lines), Some(mut key)) = (lines, table.key_mut(key)) {
        key.leaf_decor_mut().set_prefix(lines);
    }
}

fn has_comment(space: Option<&RawString>) -> bool {
    space
        .and_then(RawString::as_str)
        .is_some_and(|space| space.contains('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::AliasReason;
    use proptest::prelude::*;

    fn alias((alias, name): &(&str, &str)) -> SuggestedAlias {
        SuggestedAlias {
            alias: (*alias).to_owned(),
            name: (*name).to_owned(),
            posts: 1,
            because: AliasReason::Spelling,
        }
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        let tags = [("e-mail", "email"), ("web hosts", "Web Host")];
        let tags: Vec<SuggestedAlias> = tags.iter().map(alias).collect();
        let aliases = AliasesToWrite {
            tags: &tags,
            categories: &[],
        };
        let found = add_aliases_to_text(before, aliases);
        assert_eq!(found.as_deref(), Some(after));
    }

    const LINES: &str = "e-mail = \"email\"\n\"web hosts\" = \"Web Host\"\n";

    #[test]
    fn file_without_aliases_gets_a_table_beside_the_others() {
        check("", &format!("[tags.aliases]\n{LINES}"));
        check(
            "# A\ntitle = 'T' # b\n\n[tags]\n# c\nnoindex_below = 3 # d\n\n# e\n[lists]\nper_page  =  5\n# f\n",
            &format!(
                "# A\ntitle = 'T' # b\n\n[tags]\n# c\nnoindex_below = 3 # d\n\n[tags.aliases]\n{LINES}\n\
                 # e\n[lists]\nper_page  =  5\n# f\n"
            ),
        );
        check(
            "title = 'T'\n[lists]\nper_page = 5",
            &format!("title = 'T'\n[lists]\nper_page = 5\n\n[tags.aliases]\n{LINES}"),
        );
    }

    #[test]
    fn aliases_take_the_form_of_those_that_are_there() {
        check(
            "[tags.aliases] # mine\nk8s = 'Kubernetes' # short\n\n[lists]\n",
            &format!("[tags.aliases] # mine\nk8s = 'Kubernetes' # short\n{LINES}\n[lists]\n"),
        );
        check(
            "[tags]\naliases = { k8s = 'Kubernetes' } # mine\nnoindex_below = 1\n",
            "[tags]\naliases = { k8s = 'Kubernetes', e-mail = \"email\", \"web hosts\" = \"Web Host\" } # mine\n\
             noindex_below = 1\n",
        );
        check(
            "[tags]\naliases.k8s = 'Kubernetes'\nnoindex_below = 1\n",
            "[tags]\naliases.k8s = 'Kubernetes'\naliases.e-mail = \"email\"\n\
             aliases.\"web hosts\" = \"Web Host\"\nnoindex_below = 1\n",
        );
        check(
            "tags = { noindex_below = 1 }\n",
            "tags = { noindex_below = 1, aliases = { e-mail = \"email\", \"web hosts\" = \"Web Host\" } }\n",
        );
        check(
            "[tags]\naliases = {}\nnoindex_below = 1\n",
            &format!("[tags]\nnoindex_below = 1\n\n[tags.aliases]\n{LINES}"),
        );
    }

    #[test]
    fn table_of_several_lines_keeps_them() {
        check(
            "[tags]\naliases = {\n  k8s = 'Kubernetes', # short\n  js = 'JavaScript'\n}\n",
            "[tags]\naliases = {\n  k8s = 'Kubernetes', # short\n  js = 'JavaScript',\n  \
             e-mail = \"email\",\n  \"web hosts\" = \"Web Host\"\n}\n",
        );
    }

    proptest! {
        #[test]
        fn every_name_can_be_written(name in r"\PC{1,20}", to in r#"[a-z"'\\#=.]{1,9}"#) {
            let tags = [alias(&(&*name, &*to))];
            let aliases = AliasesToWrite { tags: &tags, categories: &[] };
            for text in ["", "[tags.aliases]\n", "tags = {}\n", "[tags]\naliases = { \"\" = 'x' }\n"] {
                prop_assert!(add_aliases_to_text(text, aliases).is_some(), "{}", text);
            }
            let text = format_alias_line(&name, &to);
            let alone = Config::parse(&format!("[tags.aliases]\n{text}\n"));
            prop_assert_eq!(alone.unwrap().tags.aliases, [(name.clone(), to.clone())]);
        }
    }

    #[test]
    fn line_ends_stay() {
        check(
            "title = 'T' # a\r\n[tags.aliases]\r\nk8s = 'Kubernetes'\r\n",
            "title = 'T' # a\r\n[tags.aliases]\r\nk8s = 'Kubernetes'\r\ne-mail = \"email\"\r\n\
             \"web hosts\" = \"Web Host\"\r\n",
        );
    }

    #[test]
    fn what_the_configuration_would_not_take_is_not_written() {
        let categories = [alias(&("new", "News"))];
        let aliases = AliasesToWrite {
            tags: &[],
            categories: &categories,
        };
        let text = "[categories]\nallowed = ['Reviews']\n";
        assert_eq!(add_aliases_to_text(text, aliases), None);
    }
}
