//! Finds the posts that the command line names: by file, folder, slug or address.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use pressrun_site::config::find_nearest_name;
use pressrun_site::discover;
use pressrun_site::fs;
use pressrun_site::pipeline::{ReviewItem, ReviewQueue};
use pressrun_site::review::ReviewState;

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
    posts: Vec<SelectedPost<'q>>,
    /// The names that stand for none.
    pub unknown: Vec<UnknownPost>,
}

/// A post, and whether it was named by itself.
#[derive(Debug, Clone, Copy)]
struct SelectedPost<'q> {
    item: &'q ReviewItem,
    /// Whether only the folder was named in which it is, or the file that holds others too.
    in_group: bool,
}

impl<'q> ReviewSelection<'q> {
    /// Iterates over all posts.
    pub fn items(&self) -> impl Iterator<Item = &'q ReviewItem> {
        self.posts.iter().map(|post| post.item)
    }

    /// Returns the posts that a person can decide about with this selection: those that were named
    /// by themselves, and of folders and files of several posts those that wait.
    pub fn list_to_decide(&self) -> Vec<&'q ReviewItem> {
        let posts = self.posts.iter();
        let posts = posts.filter(|post| !post.in_group || post.item.is_open());
        posts.map(|post| post.item).collect()
    }
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
    if names.is_empty() {
        return selection;
    }
    let index = PostIndex::new(queue);
    let mut known: HashSet<*const ReviewItem> = HashSet::new();
    for name in names {
        match index.find_posts(root, name) {
            Ok(found) => {
                let new = found.into_iter();
                let mut new: Vec<_> = new
                    .filter(|post| known.insert(std::ptr::from_ref(post.item)))
                    .collect();
                selection.posts.append(&mut new);
            }
            Err(help) => selection.unknown.push(UnknownPost {
                name: name.clone(),
                help,
            }),
        }
    }
    selection
}

/// All posts, by what they can be named by.
struct PostIndex<'q> {
    queue: &'q ReviewQueue,
    by_file: BTreeMap<&'q str, Vec<&'q ReviewItem>>,
    by_name: HashMap<&'q str, Vec<&'q ReviewItem>>,
}

impl<'q> PostIndex<'q> {
    fn new(queue: &'q ReviewQueue) -> Self {
        let mut index = Self {
            queue,
            by_file: BTreeMap::new(),
            by_name: HashMap::new(),
        };
        // Those whose review is of interest come first.
        for item in queue.items.iter().chain(&queue.others) {
            index.by_file.entry(&item.file).or_default().push(item);
            let address = item.path.trim_matches('/');
            index.by_name.entry(&item.slug).or_default().push(item);
            if address != item.slug {
                index.by_name.entry(address).or_default().push(item);
            }
        }
        index
    }

    fn find_posts(&self, root: &Path, name: &str) -> Result<Vec<SelectedPost<'q>>, String> {
        let paths = list_paths(root, name);
        let found = paths.iter().find_map(|path| self.find_by_path(path));
        if let Some(found) = found {
            return Ok(found);
        }
        let address = self.queue.config.path_of_address(name).unwrap_or(name);
        let address = address.trim_matches('/');
        let found = self.by_name.get(address).filter(|_| !address.is_empty());
        match found.map_or(&[][..], |found| found) {
            [] => Err(self.suggest_name(name)),
            [item] => Ok(select(vec![item], false)),
            several => {
                let places = several.iter().map(|item| describe_place(item));
                let places: Vec<String> = places.take(5).collect();
                let places = places.join(", ");
                Err(format!("several posts have this slug: {places}"))
            }
        }
    }

    /// Returns the posts of a file, at a line of it, or in a folder, if the path is one of these.
    fn find_by_path(&self, path: &str) -> Option<Vec<SelectedPost<'q>>> {
        if let Some(items) = self.by_file.get(path) {
            let mut of_queue = items.clone();
            of_queue.retain(|item| item.state != ReviewState::NotNeeded);
            let is_group = items.len() > 1 && !of_queue.is_empty();
            let found = if of_queue.is_empty() {
                items.clone()
            } else {
                of_queue
            };
            return Some(select(found, is_group));
        }
        if let Some((file, line)) = path.rsplit_once(':')
            && let Ok(line) = line.parse::<u32>()
            && let Some(items) = self.by_file.get(file)
        {
            let before = items.iter().filter(|item| item.line <= line);
            let item = before.max_by_key(|item| item.line)?;
            return Some(select(vec![item], false));
        }
        let folder = format!("{}/", path.trim_end_matches('/'));
        let files = self.by_file.range(&*folder..);
        let mut files = files.take_while(|(file, _)| file.starts_with(&folder));
        let mut items = files.next()?.1.clone();
        items.extend(files.flat_map(|(_, items)| items));
        items.retain(|item| item.state != ReviewState::NotNeeded);
        Some(select(items, true))
    }

    fn suggest_name(&self, name: &str) -> String {
        let is_path = name.contains(['/', '.']);
        let names: Vec<&str> = if is_path {
            self.by_file.keys().copied().collect()
        } else {
            let items = self.queue.items.iter().chain(&self.queue.others);
            items.map(|item| &*item.slug).collect()
        };
        match find_nearest_name(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a file, a folder, `FILE:LINE`, a slug or an address; `pressrun review` \
                     lists the posts"
                .to_owned(),
        }
    }
}

fn select(items: Vec<&ReviewItem>, in_group: bool) -> Vec<SelectedPost<'_>> {
    let items = items.into_iter();
    items.map(|item| SelectedPost { item, in_group }).collect()
}

/// Returns where a post is, as the command line takes it.
pub fn describe_place(item: &ReviewItem) -> String {
    // A file by itself means all its posts.
    if item.line > 1 || item.shares_file {
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
    // An empty variable of a script must not mean the whole site.
    if plain.is_empty() {
        return Vec::new();
    }
    let in_content = format!("{}/{plain}", discover::FOLDER);
    let mut paths = vec![from_here, plain.to_owned(), in_content];
    paths.retain(|path| !path.is_empty());
    paths
}
