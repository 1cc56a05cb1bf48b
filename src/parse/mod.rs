//! Turns bytes of one file into replies.
