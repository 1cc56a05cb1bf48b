//! Finds the posts that the command line names: by file, folder, slug or address.

use std::path::Path;

use pressrun_site::config::find_nearest_name;
use pressrun_site::discover;
use pressrun_site::fs;
use pressrun_site::pipeline::{ReviewItem, ReviewQueue};

/// A name that stands for no post, or for several without saying which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPost {
    /// The name.
    pub name: String,
    /// What the person can do.
    pub help: String,
}

/// The posts that names stand for, each once, in the order of the names.
#[derive(Debug, Default)]
pub struct ReviewSelection<'q> {
    /// The posts.
    pub items: Vec<&'q ReviewItem>,
    /// The names that stand for none.
    pub unknown: Vec<UnknownPost>,
}

/// Finds posts. A folder stands for the posts in it whose review is of interest, and a file for all
/// its posts of which this is true, or else for all its posts. `FILE:LINE` is the post that contains
/// the line.
pub fn select_posts<'q>(
    queue: &'q ReviewQueue,
    root: &Path,
    names: &[String],
) -> ReviewSelection<'q> {
    let mut selection = ReviewSelection::default();
    for name in names {
        match find_posts(queue, root, name) {
            Ok(found) => {
                for item in found {
                    if !selection.items.iter().any(|one| std::ptr::eq(*one, item)) {
                        selection.items.push(item);
                    }
                }
            }
            Err(help) => selection.unknown.push(UnknownPost {
                name: name.clone(),
                help,
            }),
        }
    }
    selection
}

fn find_posts<'q>(
    queue: &'q ReviewQueue,
    root: &Path,
    name: &str,
) -> Result<Vec<&'q ReviewItem>, String> {
    let all = || queue.items.iter().chain(&queue.others);
    for path in list_paths(root, name) {
        let of_file = |items: &'q [ReviewItem]| -> Vec<&'q ReviewItem> {
            items.iter().filter(|item| *item.file == *path).collect()
        };
        let mut found = of_file(&queue.items);
        if found.is_empty() {
            found = of_file(&queue.others);
        }
        if !found.is_empty() {
            return Ok(found);
        }
        if let Some((file, line)) = split_line_number(&path) {
            let in_file = all().filter(|item| *item.file == *file && item.line <= line);
            if let Some(item) = in_file.max_by_key(|item| item.line) {
                return Ok(vec![item]);
            }
        }
        let folder = format!("{}/", path.trim_end_matches('/'));
        if all().any(|item| item.file.starts_with(&folder)) {
            let items = queue.items.iter();
            return Ok(items
                .filter(|item| item.file.starts_with(&folder))
                .collect());
        }
    }
    let address = queue.config.path_of_address(name).unwrap_or(name);
    let address = address.trim_matches('/');
    let is_named = |item: &&ReviewItem| {
        item.slug == name || !address.is_empty() && item.path.trim_matches('/') == address
    };
    let found: Vec<&ReviewItem> = all().filter(is_named).collect();
    match &*found {
        [] => Err(suggest_name(queue, name)),
        [item] => Ok(vec![item]),
        several => {
            let places = several.iter().map(|item| describe_place(item));
            let places: Vec<String> = places.take(5).collect();
            Err(format!(
                "several posts have this slug: {}",
                places.join(", ")
            ))
        }
    }
}

/// Returns where a post is, as the command line takes it.
pub fn describe_place(item: &ReviewItem) -> String {
    if item.line > 1 {
        format!("{}:{}", item.file, item.line)
    } else {
        item.file.to_string()
    }
}

/// Returns the paths from the root of the site that a name may mean: from the current folder, from
/// the root, or from its content.
fn list_paths(root: &Path, name: &str) -> Vec<String> {
    let root = fs::resolve_path(root);
    let here = fs::resolve_path(Path::new(name));
    let from_here = here
        .strip_prefix(&root)
        .map(fs::path_with_slashes)
        .unwrap_or_default();
    let plain = name.replace(std::path::MAIN_SEPARATOR, "/");
    let plain = plain.trim_start_matches("./").trim_end_matches('/');
    let in_content = format!("{}/{plain}", discover::FOLDER);
    let mut paths = vec![from_here, plain.to_owned(), in_content];
    paths.retain(|path| !path.is_empty());
    paths
}

fn split_line_number(path: &str) -> Option<(&str, u32)> {
    let (file, line) = path.rsplit_once(':')?;
    Some((file, line.parse().ok()?))
}

fn suggest_name(queue: &ReviewQueue, name: &str) -> String {
    let all = queue.items.iter().chain(&queue.others);
    let is_path = name.contains(['/', '.']);
    let names: Vec<&str> = all
        .map(|item| if is_path { &*item.file } else { &*item.slug })
        .collect();
    match find_nearest_name(name, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "name a file, a folder, `FILE:LINE`, a slug or an address; `pressrun review` lists \
                 the posts"
                .to_owned()
        }
    }
}
