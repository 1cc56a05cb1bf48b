//! Decides which of several posts with the same text is the original.

use std::cmp::Reverse;

use super::{Moment, PostSource};

/// The rank of a post among posts with the same text: the smallest is the original.
///
/// The older post comes first, then the one whose file has the shorter name: `copy of a.txt` and
/// `a (1).txt` are copies of `a.txt`. Whatever differs between two clones of a site, such as the
/// modification time of a file, does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Originality<'p> {
    dated: Reverse<bool>,
    date: Option<Moment>,
    /// Length of the file name in characters.
    name: usize,
    /// Length of the path in characters.
    path_length: usize,
    path: &'p str,
    /// The position of the post in its file.
    index: u32,
}

impl<'p> Originality<'p> {
    /// Returns the rank of a post. `date` is when the date begins that the post states, or else
    /// the day of the commit that added its file.
    pub fn new(date: Option<Moment>, source: &'p PostSource) -> Self {
        Self::of_file(date, &source.file, source.index)
    }

    /// Returns the rank of the post at a position of the file at `path`.
    pub fn of_file(date: Option<Moment>, path: &'p str, index: u32) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        Self {
            dated: Reverse(date.is_some()),
            date,
            name: name.chars().count(),
            path_length: path.chars().count(),
            path,
            index,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Date;

    #[track_caller]
    fn check(original: (Option<Date>, &str), copy: (Option<Date>, &str)) {
        let [original, copy] = [original, copy]
            .map(|(date, path)| Originality::of_file(date.map(Moment::start_of_day), path, 0));
        assert!(original < copy, "{original:?} {copy:?}");
    }

    #[test]
    fn older_post_is_the_original_whatever_its_name() {
        let [old, new] = [1, 2].map(|day| Some(Date::constant(2026, 1, day)));
        check((old, "z-long-name.txt"), (new, "a.txt"));
        check((new, "z-long-name.txt"), (None, "a.txt"));
    }

    #[test]
    fn shorter_name_is_the_original_of_one_day() {
        let day = Some(Date::constant(2026, 1, 1));
        for date in [day, None] {
            for copy in [
                "copy of reply059.txt",
                "reply059 (1).txt",
                "a/reply059.txt",
                "reply060.txt",
            ] {
                check((date, "reply059.txt"), (date, copy));
            }
        }
        check((None, "z/é.txt"), (None, "a/ab.txt"));
    }
}
