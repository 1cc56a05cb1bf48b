//! Asks for all topics: the loop.
