//! The small request for the header of a reply alone, and the reply with its new header.
