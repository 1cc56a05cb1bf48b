//! Draws diagnostics for a person.
