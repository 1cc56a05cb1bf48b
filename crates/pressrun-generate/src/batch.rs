//! Request files for the batch interfaces of providers, and their results.
