//! One request and its answer, streamed or not, with limits on size and time.
