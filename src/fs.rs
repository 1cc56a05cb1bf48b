//! `std::fs`, with the path in every error.
