//! Limits the number of open event streams.
//!
//! A client that holds a stream and reads nothing looks like a tab of a quiet site. So the oldest
//! stream ends when there are too many, and a tab that is still there connects again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Most event streams at a time: more tabs than anybody sees at once. It is lower than the number
/// of connections, so that pages are answered even if tabs hold all streams.
const MOST_STREAMS: usize = 64;

/// The open event streams, the oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct EventStreams(Arc<Mutex<VecDeque<Arc<Notify>>>>);

/// The place of one stream among the open ones.
#[derive(Debug)]
pub(super) struct StreamPlace {
    streams: EventStreams,
    ended: Arc<Notify>,
}

impl EventStreams {
    /// Adds a stream, and ends the oldest one if there are too many.
    pub(super) fn add(&self) -> StreamPlace {
        let ended = Arc::new(Notify::new());
        let mut streams = self.lock();
        streams.push_back(Arc::clone(&ended));
        if streams.len() > MOST_STREAMS
            && let Some(oldest) = streams.pop_front()
        {
            oldest.notify_one();
        }
        StreamPlace {
            streams: self.clone(),
            ended,
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StreamPlace {
    /// Waits until the stream has to end for a newer one.
    pub(super) async fn ended(&self) {
        self.ended.notified().await;
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut streams = self.streams.lock();
        streams.retain(|other| !Arc::ptr_eq(other, &self.ended));
    }
}
