//! HTML that an author wrote.
//!
//! With [`RawHtml::Sanitize`](super::RawHtml::Sanitize) it is read tag by tag ([`tags`]): links
//! go through the resolver, headings and ids join those of the page, elements that do not exist
//! (`Vec<T>`) become text, and what is left open is closed ([`nesting`]) before it can swallow
//! the rest. All that is for good manners. Safety comes from [`sanitize()`], which has the last
//! word over the whole page.

mod elements;
mod nesting;
mod rewrite;
mod sanitize;
mod tags;

pub(super) use nesting::OpenElements;
pub(super) use rewrite::RawState;
pub(super) use sanitize::sanitize;
