//! The review desk: pages on which a person reads the posts that wait for an approval, and approves,
//! rejects or keeps back one after the other.
//!
//! No other page of the browser may approve a post, not even a page of the site: its templates and
//! its HTML may run scripts, and the preview serves them. So with `--review` the desk has an
//! address of its own (`ReviewDesk::origin`): another port, which is another origin for browsers.
//! A page of the site can neither read the desk's page, and with it the token, nor act in it.
//! `guard` checks that a change comes from the desk's own page. Without `--review`, the preview
//! shows the queue at its own address, and nothing there can write.
//!
//! `queue` lists the posts of a snapshot. After a decision the engine needs a moment to read the
//! file again, and much longer on a large site; until then `memory` knows what was decided, so that
//! the desk goes on to the next post at once.
//!
//! Not here: changing files (`crate::review`), and deciding which posts wait (`pressrun_site`).

mod act;
mod guard;
mod memory;
mod page;
mod post;
mod queue;
pub(super) mod routes;
mod source;

use std::io;
use std::sync::Mutex;

use pressrun_site::git::Repository;
use tokio::sync::watch as channel;

use memory::DeskMemory;
pub(super) use queue::DeskQueue;

/// Path of the desk below the pages of the preview.
pub(super) const DESK: &str = "/_pressrun/review/";

/// What the desk needs to write.
pub(super) struct ReviewDesk {
    /// Scheme, host and port of the desk.
    pub(super) origin: String,
    /// What its page sends with each change, so that nothing else can write.
    token: String,
    /// The name that the desk suggests for approvals.
    name: Option<String>,
    memory: Mutex<DeskMemory>,
    /// Number of the last decision.
    decided: channel::Sender<u64>,
}

impl ReviewDesk {
    /// Creates the desk of a site, at an address that browsers know by `origin`.
    pub(super) fn new(origin: String, root: &std::path::Path) -> io::Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(io::Error::other)?;
        let repository = Repository::around(root).ok();
        Ok(Self {
            origin,
            token: blake3::hash(&secret).to_hex().to_string(),
            name: repository.and_then(|git| git.look_up(["config", "user.name"])),
            memory: Mutex::default(),
            decided: channel::Sender::new(0),
        })
    }

    /// Returns the address of the desk's page.
    pub(super) fn url(&self) -> String {
        format!("{}{DESK}", self.origin)
    }

    /// Tells the open pages of the desk that something was decided.
    fn tell_tabs(&self) {
        self.decided.send_modify(|number| *number += 1);
    }
}
