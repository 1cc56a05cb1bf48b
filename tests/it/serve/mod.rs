//! `pressrun serve`: the real program, asked as a browser would ask it.

mod browser;
mod changes;
mod client;
mod errors;
mod limits;
mod requests;
