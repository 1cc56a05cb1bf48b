//! Looks for the posts of the live site among the pages of a site that was just built.

use std::collections::{BTreeMap, HashMap, HashSet};

use pressrun_site::corpus::own_paths::{file_of, is_made_page};
use pressrun_site::fs;
use pressrun_site::git::GitResult;
use rayon::prelude::*;

use super::moves::{ComparedPage, Likeness, SoughtPages};
use super::page::{ArticleProfile, find_refresh, find_title};
use super::{LiveBranch, MOST_OF_PAGE, MOST_OF_REDIRECT, MovedPage, page_path};
use crate::publish::files::PublishedFile;

/// The pages of a site that was just built.
pub(super) struct BuiltSite<'s> {
    /// Every file with its object, by its path.
    pub(super) files: HashMap<&'s str, (&'s PublishedFile, &'s str)>,
    /// Pages at addresses where the live site has none.
    new: Vec<&'s PublishedFile>,
    /// Pages at addresses where the live site has another one, or an older version.
    changed: Vec<&'s PublishedFile>,
}

impl<'s> BuiltSite<'s> {
    pub(super) fn new(live: &LiveBranch<'_>, built: &[(&'s PublishedFile, &'s str)]) -> Self {
        let mut site = Self {
            files: HashMap::new(),
            new: Vec::new(),
            changed: Vec::new(),
        };
        for &(file, object) in built {
            let Ok(path) = std::str::from_utf8(&file.path) else {
                continue;
            };
            site.files.insert(path, (file, object));
            if !path.ends_with(".html") || is_made_page(path) {
                continue;
            }
            match live.entries.get(path.as_bytes()) {
                Some((_, before)) if before == object => {}
                Some(_) if !live.redirects.contains_key(&page_path(path)) => {
                    site.changed.push(file);
                }
                _ => site.new.push(file),
            }
        }
        site
    }

    /// Finds the pages that have the texts of those that are gone.
    ///
    /// Pages at new addresses are compared first. A page that was there before is taken only if it
    /// showed another post then.
    pub(super) fn find_moved(
        &self,
        live: &LiveBranch<'_>,
        gone: Vec<ComparedPage>,
    ) -> GitResult<Vec<MovedPage>> {
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let sought = SoughtPages::new(gone);
        let mut found = find_best(&sought, &self.new);
        if found.len() < sought.pages.len() {
            let others = find_best(&sought, &self.changed);
            let others: HashMap<usize, ComparedPage> = others
                .into_iter()
                .filter(|(at, _)| !found.contains_key(at))
                .collect();
            let paths: HashSet<&str> = others.values().map(|page| &*page.path).collect();
            let before = live.profile_pages(|path, _| paths.contains(path))?;
            let before: HashMap<String, ComparedPage> = before
                .into_iter()
                .map(|page| (page.path.clone(), page))
                .collect();
            found.extend(others.into_iter().filter(|(_, page)| {
                let before = before.get(&page.path);
                before.is_none_or(|before| Likeness::of_post(before, page).is_none())
            }));
        }
        let pages = sought.pages.into_iter().enumerate();
        let moved = pages.filter_map(|(at, page)| {
            Some(MovedPage {
                to: found.remove(&at)?.path,
                from: page.path,
            })
        });
        Ok(moved.collect())
    }

    /// Returns where a page of a list leads that is gone, such as `/posts/page/2/`: to its list, or
    /// to where the address of the list leads.
    pub(super) fn find_list_of(&self, live: &LiveBranch<'_>, path: &str) -> Option<String> {
        let list = parse_list_of_page(path)?;
        let (file, _) = self.files.get(&*file_of(list))?;
        let target = if file.size <= MOST_OF_REDIRECT {
            read_page(file).and_then(|html| find_refresh(&html))
        } else {
            None
        };
        let target = target.and_then(|target| live.resolve_address(list, &target));
        Some(target.unwrap_or_else(|| list.to_owned()))
    }

    /// Returns where each post of the live feeds is now: the path of its page, or `None` if it is
    /// gone or cannot be told from others.
    pub(super) fn locate_published(
        &self,
        live: &LiveBranch<'_>,
        moved: &BTreeMap<&str, &str>,
    ) -> GitResult<Vec<Option<String>>> {
        let mut titles: HashMap<&str, Option<String>> = HashMap::new();
        let mut doubtful = HashSet::new();
        let mut places = Vec::with_capacity(live.published.len());
        for post in &live.published {
            let path = &*post.path;
            let place = moved.get(path).copied().unwrap_or(path);
            places.push(Some(place.to_owned()));
            let Some((file, object)) = self.files.get(&*file_of(path)) else {
                continue;
            };
            let before = live.entries.get(file.path.as_slice());
            if place != path || before.is_some_and(|(_, before)| before == object) {
                continue;
            }
            let title = titles
                .entry(path)
                .or_insert_with(|| read_page(file).map(|html| find_title(&html)));
            if title.as_ref() != Some(&post.entry.title) {
                doubtful.insert(path);
            }
        }
        let places_of_others = self.locate_replaced(live, &doubtful)?;
        for (post, place) in live.published.iter().zip(&mut places) {
            if let Some(other) = places_of_others.get(&post.path) {
                place.clone_from(other);
            }
        }
        Ok(places)
    }

    /// Returns where the posts are that the live site shows at these addresses, if the new site
    /// shows others there.
    fn locate_replaced(
        &self,
        live: &LiveBranch<'_>,
        doubtful: &HashSet<&str>,
    ) -> GitResult<HashMap<String, Option<String>>> {
        if doubtful.is_empty() {
            return Ok(HashMap::new());
        }
        let mut before = live.profile_pages(|path, _| doubtful.contains(path))?;
        before.retain(|before| {
            let file = self.files.get(&*file_of(&before.path));
            let now = file.and_then(|(file, _)| profile_file(file));
            now.is_none_or(|now| Likeness::of_post(before, &now).is_none())
        });
        let sought = SoughtPages::new(before);
        let files: Vec<&PublishedFile> = self.new.iter().chain(&self.changed).copied().collect();
        let mut found = find_best(&sought, &files);
        let places = sought.pages.into_iter().enumerate();
        Ok(places
            .map(|(at, page)| (page.path, found.remove(&at).map(|page| page.path)))
            .collect())
    }
}

/// Returns which of the files is the same post as each of the pages that are sought, by the index
/// of the page.
fn find_best(sought: &SoughtPages, files: &[&PublishedFile]) -> HashMap<usize, ComparedPage> {
    let found: Vec<(ComparedPage, Vec<(usize, Likeness)>)> = files
        .par_iter()
        .filter_map(|file| profile_file(file))
        .map(|page| {
            let same = sought.find_same(&page);
            (page, same)
        })
        .filter(|(_, same)| !same.is_empty())
        .collect();
    let mut best: HashMap<usize, (Likeness, ComparedPage)> = HashMap::new();
    for (page, same) in found {
        for (at, likeness) in same {
            let known = best.get(&at);
            if known.is_none_or(|(known, _)| likeness > *known) {
                best.insert(at, (likeness, page.clone()));
            }
        }
    }
    let best = best.into_iter();
    best.map(|(at, (_, page))| (at, page)).collect()
}

/// Reads what a built page says. A page that only redirects says nothing.
fn profile_file(file: &PublishedFile) -> Option<ComparedPage> {
    let html = read_page(file)?;
    if file.size <= MOST_OF_REDIRECT && find_refresh(&html).is_some() {
        return None;
    }
    Some(ComparedPage {
        path: page_path(std::str::from_utf8(&file.path).ok()?),
        article: ArticleProfile::of_page(&html),
    })
}

fn read_page(file: &PublishedFile) -> Option<String> {
    if file.size > MOST_OF_PAGE {
        return None;
    }
    let bytes = fs::read_whole_file(&file.location).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the list that a page with this path is a further page of, by the way that generators
/// number them: `/posts/page/2/`, or `/page2/` in Jekyll.
fn parse_list_of_page(path: &str) -> Option<&str> {
    let start = path.strip_suffix('/')?;
    let start = start.trim_end_matches(|c: char| c.is_ascii_digit());
    let has_number = start.len() + 1 < path.len();
    let start = start.strip_suffix('/').unwrap_or(start);
    let list = start.strip_suffix("page")?;
    (has_number && list.ends_with('/')).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_page_of_a_list_is_known_by_its_number() {
        for (path, list) in [
            ("/posts/page/2/", Some("/posts/")),
            ("/a/b/page/17/", Some("/a/b/")),
            ("/page3/", Some("/")),
            ("/blog/page3/", Some("/blog/")),
            ("/page/", None),
            ("/posts/2/", None),
            ("/homepage/2/", None),
            ("/homepage2/", None),
            ("/posts/page/2.html", None),
            ("/posts/page/two/", None),
            ("/", None),
        ] {
            assert_eq!(parse_list_of_page(path), list, "{path}");
        }
    }
}
