//! Replies that are too long to be a post.
//!
//! Everything takes a time and memory that grow with the size of a text and no faster. But an hour of
//! time and all memory are also what they take for some text: a file of another kind, say, in
//! which something looks like a title.

use crate::diagnostic::{Code, Finding};
use crate::parse::reply::Reply;
use crate::parse::value::Value;

/// Bytes of the text and fields of a post: more than any novel has, also with pictures in it.
const MOST: usize = 16 * 1024 * 1024;

/// The error that rejects a reply with too many bytes.
pub fn check(reply: &Reply) -> Option<Finding> {
    let fields = reply.given.iter().chain(&reply.trailing);
    let fields = fields.map(|given| match &given.value {
        Value::Text(text) => text.len(),
        Value::List(items) => items.iter().map(String::len).sum(),
    });
    let lines = reply.body.iter().map(|line| line.text.len() + 1);
    let size = fields.chain(lines).sum::<usize>();
    (size > MOST).then(|| {
        let millions = size as f64 / 1e6;
        let message = format!("the reply has {millions:.1} MB of text, and a post 16 MB at most");
        Finding::new(Code::TooLarge, reply.line, message)
            .help("make several posts of it, or move the file out of `content/` if it is none")
    })
}
