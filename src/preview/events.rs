//! Tells a browser when its page has changed, over a stream of server-sent events.
//!
//! A tab says what it shows. Whenever there is a newer site, it is told what to do: nothing, reload
//! the page, replace its style sheets, or go to the new address of its post. It is also told what
//! is wrong, if anything. Since the tab says what it has, it may miss messages without harm.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use axum::response::sse;
use futures_util::Stream;
use futures_util::future::{Either, select};
use futures_util::stream::unfold;
use pressrun_posts::panics::catch_panic;
use serde::Serialize;
use tokio::sync::watch;

use super::PreviewState;
use super::snapshot::{PreviewSnapshot, ServedContent};
use super::streams::StreamPlace;
use super::view::PagePostSource;

/// What a tab shows.
#[derive(Debug, Clone, Default)]
pub(super) struct BrowserTab {
    /// Path of its address, in the browser's spelling.
    page: String,
    version: String,
    styles: String,
    source: Option<PagePostSource>,
}

/// A message to a tab.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct TabMessage {
    /// Number of the snapshot that the message is about.
    site: u64,
    /// Whether to reload the page.
    reload: bool,
    /// The address to go to.
    #[serde(rename = "goto")]
    go_to: Option<String>,
    /// The style sheets to use from now on.
    styles: Option<NewStyles>,
    /// The problems to show.
    problems: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct NewStyles {
    version: String,
    /// Addresses of the theme's style sheets.
    theme: Vec<String>,
}

impl BrowserTab {
    /// Parses what a browser says about a tab.
    pub(super) fn parse(query: &str) -> Self {
        let mut tab = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "page" => tab.page = value.into_owned(),
                "version" => tab.version = value.into_owned(),
                "styles" => tab.styles = value.into_owned(),
                "source" => tab.source = PagePostSource::parse(&value),
                _ => {}
            }
        }
        tab
    }

    /// Returns the message to the tab about a site.
    fn message(&mut self, snapshot: &PreviewSnapshot) -> TabMessage {
        let mut message = TabMessage {
            site: snapshot.number,
            problems: snapshot.problems_of(self.source.as_ref()),
            ..TabMessage::default()
        };
        // Render the page as the tab would get it now, to compare versions.
        let (status, view) = match snapshot.find_content(&self.page) {
            ServedContent::Page(status, view) => (status, view),
            ServedContent::Redirect(_)
            | ServedContent::Bytes(..)
            | ServedContent::File(..)
            | ServedContent::Damaged => {
                message.reload = true;
                return message;
            }
        };
        if let Some(source) = &self.source
            && view.source.as_ref().is_none_or(|new| !new.is_like(source))
        {
            let address = snapshot.address_of(source);
            match address.filter(|address| *address != self.page) {
                Some(address) => {
                    message.go_to = Some(address);
                    return message;
                }
                // The reply is not published any more. The old page stays, and the overlay says
                // why.
                None if status == 404 && !message.problems.is_empty() => return message,
                None => {}
            }
        }
        if view.version != self.version {
            message.reload = true;
        } else if view.styles != self.styles {
            self.styles.clone_from(&view.styles);
            message.styles = snapshot.theme_styles().map(|theme| NewStyles {
                version: view.styles,
                theme,
            });
        }
        message
    }
}

/// A tab that is counted among the open ones.
struct TabStream {
    tab: BrowserTab,
    shared: Arc<PreviewState>,
    newest: watch::Receiver<Arc<PreviewSnapshot>>,
    /// Its place; the number of streams is limited.
    place: StreamPlace,
}

impl Drop for TabStream {
    fn drop(&mut self) {
        self.shared.tabs.close(&self.tab.page);
    }
}

/// Returns the messages to a tab, until the preview or the tab ends.
pub(super) fn stream_messages(
    tab: BrowserTab,
    shared: &Arc<PreviewState>,
    place: StreamPlace,
) -> impl Stream<Item = Result<sse::Event, Infallible>> + use<> {
    shared.tabs.open(&tab.page);
    let mut newest = shared.site.subscribe();
    // Without this, the first message would wait for the next change.
    newest.mark_changed();
    let open = TabStream {
        tab,
        shared: Arc::clone(shared),
        newest,
        place,
    };
    unfold(open, async |mut open| {
        loop {
            // If several snapshots appear meanwhile, only the newest is sent.
            let is_over = {
                let changed = pin!(open.newest.changed());
                let ended = pin!(open.place.ended());
                match select(changed, ended).await {
                    Either::Left((changed, _)) => changed.is_err(),
                    Either::Right(_) => true,
                }
            };
            if is_over {
                return None;
            }
            let snapshot = Arc::clone(&open.newest.borrow_and_update());
            if snapshot.is_last {
                return None;
            }
            // Rendering takes time, which the thread of the server does not have.
            let mut tab = open.tab.clone();
            let compared = tokio::task::spawn_blocking(move || {
                let message = catch_panic(|| tab.message(&snapshot)).ok();
                (tab, message)
            });
            let (tab, message) = compared.await.ok()?;
            open.tab = tab;
            // The engine reports pages whose rendering panics.
            if let Some(event) = message.and_then(|message| encode_message(&message)) {
                return Some((Ok(event), open));
            }
        }
    })
}

fn encode_message(message: &TabMessage) -> Option<sse::Event> {
    let text = serde_json::to_string(message).ok()?;
    Some(sse::Event::default().data(text))
}
