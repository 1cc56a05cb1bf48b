//! What a failed request means: the end of the run, of the topic, or another try.
