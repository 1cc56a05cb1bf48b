//! Turns a reply into a post: what is removed, repaired and derived.
