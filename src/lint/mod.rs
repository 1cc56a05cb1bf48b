//! Judges posts: complains, never changes.
