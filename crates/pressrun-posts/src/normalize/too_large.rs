//! Rejects replies that are too long to be a post.
//!
//! Time and memory grow linearly with the size of a text, but a large enough text still takes an
//! hour or all memory. Such a text is usually a file of another kind in which something looks like
//! a title.

use crate::diagnostic::{Code, Finding};
use crate::parse::reply::Reply;

/// The maximum size in bytes of the text and fields of a post. No novel has more, even with
/// embedded pictures.
const MOST: usize = 16 * 1024 * 1024;

/// Returns the error for a reply that is too large.
pub fn check_size(reply: &Reply) -> Option<Finding> {
    let fields = reply.given.iter().chain(&reply.trailing);
    let fields = fields.flat_map(|given| given.value.iter_texts().map(str::len));
    let lines = reply.body.iter().map(|line| line.text.len() + 1);
    let extra = reply.extra.iter();
    let extra = extra.map(|(key, value)| key.len() + value.count_bytes());
    let size = fields.chain(lines).chain(extra).sum::<usize>();
    (size > MOST).then(|| {
        let millions = size as f64 / 1e6;
        let message = format!(
            "the reply has {millions:.1} MB of text, but a post can have at \
                               most 16 MB"
        );
        Finding::new(Code::TooLarge, reply.line, message).with_help(
            "split it into several posts, or move the file out of `content/` if it is \
                        not a post",
        )
    })
}
