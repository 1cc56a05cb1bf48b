//! Limits on tokens, cost and time, and estimates of them.
