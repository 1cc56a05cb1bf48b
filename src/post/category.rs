//! Categories, and how a name is matched with a closed list.
