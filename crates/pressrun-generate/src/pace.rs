//! When the next request may be sent: concurrency, limits that headers state, and waits.
