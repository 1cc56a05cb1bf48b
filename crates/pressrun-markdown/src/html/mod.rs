//! Handles HTML that an author wrote.
//!
//! With [`RawHtmlHandling::Sanitize`](super::RawHtmlHandling::Sanitize), it is read tag by tag ([`tags`]). Links go
//! through the resolver, headings and ids join those of the page, elements that do not exist
//! (`Vec<T>`) become text, and open elements are closed ([`nesting`]) before they can swallow the
//! rest of the page. This step keeps pages in order, but safety does not depend on it:
//! [`sanitize_page`] filters the whole page at the end.

mod elements;
mod hiding;
mod literal;
mod nesting;
mod rewrite;
mod sanitize;
mod tags;

pub(super) use literal::OpenLiterals;
pub(super) use nesting::{OpenElements, PageState};
pub(super) use rewrite::RawHtmlState;
pub(super) use sanitize::sanitize_page;
pub use tags::element_ids;
