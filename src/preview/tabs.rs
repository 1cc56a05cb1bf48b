//! Counts the pages that are open in browsers, so that the engine can test them before it shows a
//! site.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The addresses of open pages, each with the number of tabs that show it.
#[derive(Debug, Default)]
pub(super) struct OpenTabs(Mutex<BTreeMap<String, usize>>);

impl OpenTabs {
    /// Records that a tab shows a page.
    pub(super) fn open(&self, page: &str) {
        *self.lock().entry(page.to_owned()).or_default() += 1;
    }

    /// Records that a tab no longer shows a page.
    pub(super) fn close(&self, page: &str) {
        let mut tabs = self.lock();
        if let Some(count) = tabs.get_mut(page) {
            *count -= 1;
            // Otherwise the engine would test pages that nobody looks at.
            if *count == 0 {
                tabs.remove(page);
            }
        }
    }

    /// Returns every open page.
    pub(super) fn pages(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_is_open_as_long_as_one_tab_shows_it() {
        let tabs = OpenTabs::default();
        tabs.open("/a/");
        tabs.open("/a/");
        tabs.close("/a/");
        assert_eq!(tabs.pages(), ["/a/"]);
        tabs.close("/a/");
        assert!(tabs.pages().is_empty());
    }
}
