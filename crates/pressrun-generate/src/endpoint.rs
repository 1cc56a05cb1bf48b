//! The address of a server, the key that belongs to its host, and the removal of that key from messages.
