//! The verdict on a whole reply, by the reader that ingestion uses.
