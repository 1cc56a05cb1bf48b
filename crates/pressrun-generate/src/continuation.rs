//! Continues answers that were cut off: where to cut back, what to ask, and how to join.
