//! A picture of a site for a person.

pub mod numbers;
