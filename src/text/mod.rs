//! Plain text of Markdown: blocks, sentences, words.
