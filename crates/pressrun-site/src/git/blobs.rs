//! Reads the contents of many files from git with a few processes.

use std::ops::Range;

use super::{GitResult, Repository};

/// The number of bytes of contents that one process is asked for, so that they fit into memory.
const MOST_AT_ONCE: u64 = 64 << 20;

impl Repository {
    /// Reads the blobs with these names that have at most `most` bytes, in groups. `take` gets the
    /// index of each blob in `names` and its bytes.
    ///
    /// Names that git does not know, and other kinds of objects, are left out.
    pub fn read_blobs(
        &self,
        names: &[&str],
        most: u64,
        mut take: impl FnMut(Vec<(usize, Vec<u8>)>),
    ) -> GitResult<()> {
        if names.is_empty() {
            return Ok(());
        }
        let sizes = self.look_up_sizes(names)?;
        let mut wanted: Vec<(usize, u64)> = (0..).zip(sizes).filter_map(unzip_known).collect();
        wanted.retain(|&(_, size)| size <= most);
        for group in group_by_size(&wanted) {
            let group = &wanted[group];
            let printed = self.feed(["cat-file", "--batch=%(objectsize)"], |git| {
                group
                    .iter()
                    .try_for_each(|&(at, _)| writeln!(git, "{}", names[at]))
            })?;
            take(split_batch(&printed, group));
        }
        Ok(())
    }

    /// Returns the size of each blob, or `None` for names that are not those of blobs.
    fn look_up_sizes(&self, names: &[&str]) -> GitResult<Vec<Option<u64>>> {
        let check = ["cat-file", "--batch-check=%(objecttype) %(objectsize)"];
        let printed = self.feed(check, |git| {
            names.iter().try_for_each(|name| writeln!(git, "{name}"))
        })?;
        let printed = String::from_utf8_lossy(&printed);
        let sizes = printed.lines().map(|line| {
            let size = line.strip_prefix("blob ")?;
            size.parse().ok()
        });
        Ok(sizes.collect())
    }
}

fn unzip_known((at, size): (usize, Option<u64>)) -> Option<(usize, u64)> {
    size.map(|size| (at, size))
}

/// Divides blobs into groups of at most [`MOST_AT_ONCE`] bytes, or of one blob that is larger.
fn group_by_size(wanted: &[(usize, u64)]) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let (mut start, mut sum) = (0, 0);
    for (at, &(_, size)) in wanted.iter().enumerate() {
        if sum + size > MOST_AT_ONCE && at > start {
            groups.push(start..at);
            (start, sum) = (at, 0);
        }
        sum += size;
    }
    if start < wanted.len() {
        groups.push(start..wanted.len());
    }
    groups
}

/// Splits the output of `git cat-file --batch=%(objectsize)` into the blobs that were asked for.
fn split_batch(mut printed: &[u8], group: &[(usize, u64)]) -> Vec<(usize, Vec<u8>)> {
    let mut blobs = Vec::with_capacity(group.len());
    for &(at, size) in group {
        let head = format!("{size}\n");
        let body = printed.strip_prefix(head.as_bytes());
        let Some((blob, rest)) = body.and_then(|body| body.split_at_checked(size as usize)) else {
            // An object vanished after its size was read, so the rest is not what it seems.
            break;
        };
        blobs.push((at, blob.to_vec()));
        printed = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    blobs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_read_by_their_names_and_others_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::without_prompts(folder.path());
        repository.ask(["init", "--quiet"]).unwrap();
        let store = |bytes: &[u8]| {
            let hash = ["hash-object", "-w", "--stdin"];
            let printed = repository.bytes(hash, bytes).unwrap();
            String::from_utf8(printed).unwrap().trim().to_owned()
        };
        let (a, empty, long) = (store(b"a\n\nb\0"), store(b""), store(&[b'x'; 101]));
        let tree = repository.ask(["mktree"]).unwrap();
        let unknown = "1".repeat(a.len());
        let names = [&*a, &unknown, &empty, &long, &tree, &a];
        let mut read = Vec::new();
        repository
            .read_blobs(&names, 100, |group| read.extend(group))
            .unwrap();
        let expected = [(0, &b"a\n\nb\0"[..]), (2, b""), (5, b"a\n\nb\0")];
        let expected = expected.map(|(at, bytes)| (at, bytes.to_vec()));
        assert_eq!(read, expected);
    }

    #[test]
    fn large_blobs_are_read_in_several_groups() {
        let half = MOST_AT_ONCE / 2;
        let wanted: Vec<(usize, u64)> = (0..).zip([half, half, 1, 2 * half + 1, 1]).collect();
        assert_eq!(group_by_size(&wanted), [0..2, 2..3, 3..4, 4..5]);
        assert_eq!(group_by_size(&[]), Vec::<Range<usize>>::new());
    }
}
