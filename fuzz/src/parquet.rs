//! Reads any bytes as a Parquet file, whole and by row groups.

use pressrun_parquet::{
    ParquetSource, ParquetTable, find_row_group_pieces, read_parquet_file, read_row_groups,
};
use pressrun_posts::content_file::{ReadSettings, join_pieces};

/// Checks one input.
pub fn check_parquet(bytes: &[u8]) {
    let source = || ParquetSource::from_bytes(bytes.to_vec());
    let path = "content/a.parquet".into();
    let settings = ReadSettings::default();
    let whole = read_parquet_file(source(), &path, &settings);
    super::assert_no_panic(&whole.diagnostics);
    super::assert_answered(&whole);
    for post in &whole.posts {
        assert!(!post.title.is_empty() && !post.slug.is_empty());
        super::assert_clean(post);
    }
    let Ok(table) = ParquetTable::open(source()) else {
        return;
    };
    let pieces = find_row_group_pieces(&table, 0).into_iter();
    let pieces = pieces.map(|piece| read_row_groups(&table, piece.groups, &path, &settings));
    let joined = join_pieces(&path, pieces);
    assert_eq!(joined.posts, whole.posts);
    assert_eq!(joined.diagnostics, whole.diagnostics);
}
