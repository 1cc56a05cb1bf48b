//! Tests `pressrun serve`: the real program, with requests as a browser sends them.

mod browser;
mod changes;
pub(crate) mod client;
mod errors;
mod limits;
mod requests;
mod review;
mod review_browser;
