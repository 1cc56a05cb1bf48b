//! The ledger of a journal.
