//! Puts numbers into bins of equal width.

use serde::Serialize;

/// Most bins of a histogram.
const MOST: u32 = 24;

/// Round widths of bins.
const WIDTHS: [u32; 14] = [
    1, 2, 5, 10, 20, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000,
];

/// How many posts have a number in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HistogramBin {
    /// Smallest number of the range.
    pub from: u32,
    /// Largest number; `None` for the last bin if it has no upper limit.
    pub to: Option<u32>,
    /// How many posts are in the range.
    pub posts: usize,
}

/// Returns a width of bins that shows most of the sorted numbers apart.
pub(super) fn choose_bin_width(sorted: &[u32]) -> u32 {
    // Measure without the largest two per cent, so that outliers do not make all bins wide.
    let most = find_quantile(sorted, 98).unwrap_or_default();
    let fits = |width: &u32| most.div_ceil(*width) < MOST;
    let step = most.div_ceil(MOST - 1).max(1);
    // Above the largest round width, use the smallest that fits.
    WIDTHS.into_iter().find(fits).unwrap_or(step)
}

/// Sorts numbers into bins of equal width, from 0 to the largest number and at least to `least`. If
/// more than [`MOST`] bins were needed, the last one takes everything above it. Returns no bins for
/// no numbers.
pub(super) fn make_bins(sorted: &[u32], width: u32, least: u32) -> Vec<HistogramBin> {
    let Some(&largest) = sorted.last() else {
        return Vec::new();
    };
    let number = largest.max(least).div_ceil(width).clamp(1, MOST);
    (0..number)
        .map(|at| {
            let is_open = at + 1 == MOST && largest > MOST.saturating_mul(width);
            // The first bin also contains 0; every other begins after the end of the one before.
            let from = if at == 0 { 0 } else { at * width + 1 };
            let to = (!is_open).then_some((at + 1).saturating_mul(width));
            let above = to.map_or(sorted.len(), |to| sorted.partition_point(|&n| n <= to));
            HistogramBin {
                from,
                to,
                posts: above - sorted.partition_point(|&n| n < from),
            }
        })
        .collect()
}

/// Returns the number at a percentile of sorted numbers, rounding its position down.
pub(super) fn find_quantile(sorted: &[u32], percent: usize) -> Option<u32> {
    let last = sorted.len().checked_sub(1)?;
    Some(sorted[last * percent / 100])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sorted: &[u32], width: u32, expected: &[(u32, Option<u32>, usize)]) {
        let found: Vec<(u32, Option<u32>, usize)> = make_bins(sorted, width, 0)
            .iter()
            .map(|bin| (bin.from, bin.to, bin.posts))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_bin_ends_with_a_round_number() {
        check(
            &[0, 1, 10, 11, 30],
            10,
            &[(0, Some(10), 3), (11, Some(20), 1), (21, Some(30), 1)],
        );
        check(&[0], 5, &[(0, Some(5), 1)]);
        check(&[], 5, &[]);
    }

    #[test]
    fn bins_go_as_far_as_they_must() {
        assert_eq!(make_bins(&[3], 5, 12).len(), 3);
        assert_eq!(make_bins(&[], 5, 12), []);
    }

    #[test]
    fn what_is_far_off_is_in_the_last_bin() {
        let found = make_bins(&[1, 60, 120, 121, 5000], 5, 0);
        assert_eq!(found.len(), 24);
        assert_eq!((found[11].from, found[11].posts), (56, 1));
        let last = found[23];
        assert_eq!((last.from, last.to, last.posts), (116, None, 3));
    }

    #[test]
    fn all_numbers_are_counted_once() {
        let sorted: Vec<u32> = (0..1000).map(|n| n * n / 500).collect();
        for width in WIDTHS {
            let posts: usize = make_bins(&sorted, width, 0)
                .iter()
                .map(|bin| bin.posts)
                .sum();
            assert_eq!(posts, sorted.len(), "{width}");
        }
    }

    #[test]
    fn width_is_a_round_number_and_one_giant_does_not_set_it() {
        assert_eq!(choose_bin_width(&[]), 1);
        assert_eq!(choose_bin_width(&[900; 3]), 50);
        let mut sorted = vec![1000; 100];
        sorted.push(4_000_000_000);
        assert_eq!(choose_bin_width(&sorted), 50);
        assert!(choose_bin_width(&[u32::MAX; 3]) > 10_000);
        assert_eq!(
            make_bins(&[u32::MAX; 3], choose_bin_width(&[u32::MAX; 3]), 0).len(),
            23
        );
    }

    #[test]
    fn median_of_an_even_number_is_the_smaller_one() {
        assert_eq!(find_quantile(&[1, 2, 3, 4], 50), Some(2));
        assert_eq!(find_quantile(&[7], 50), Some(7));
        assert_eq!(find_quantile(&[], 50), None);
    }
}
