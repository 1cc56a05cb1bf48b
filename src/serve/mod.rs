//! Shows a site in a browser as soon as it is saved.
//!
//! Three parts work together. `watch` reports which files changed. The `engine`, a thread, updates
//! the site in memory and publishes it as a `Snapshot`. `http` answers requests from the newest
//! snapshot, and renders a page when it is requested. A browser holds a stream (`events`), which
//! tells it when its page has changed.
//!
//! The preview is separate from builds: it neither reads nor writes the output folder.

mod connections;
mod engine;
mod events;
mod http;
mod media_type;
mod overview;
mod snapshot;
mod tabs;
mod view;
mod watch;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use tokio::sync::watch as channel;

use crate::error::{Error, Result};
use crate::pipeline::Request;
use crate::post::Date;
use crate::render::Failure;

use engine::Engine;
use snapshot::Snapshot;
use tabs::Tabs;
use watch::Signal;

/// Number of ports that are tried after the wanted one.
const MORE_PORTS: u16 = 20;

/// How long running requests may take when the server stops.
const GRACE: Duration = Duration::from_secs(1);

/// The options of the preview.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of the site.
    pub root: PathBuf,
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port to listen on.
    pub port: u16,
    /// How to detect changes; `None` to ignore them.
    pub watch: Option<Watching>,
    /// Whether drafts are shown.
    pub drafts: bool,
    /// Whether scheduled posts are shown.
    pub future: bool,
    /// Returns the current day.
    pub today: fn() -> Date,
}

/// How changes are detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watching {
    /// The system reports them.
    Native,
    /// By looking at all files again and again, at this interval.
    Polling(Duration),
}

/// Something that happened while a preview runs.
#[derive(Debug)]
pub enum Event<'e> {
    /// The site is being served.
    Listening {
        /// Address of its home page.
        url: &'e str,
        /// The wanted port, if another process uses it.
        wanted: Option<u16>,
        /// The findings on the site; `None` if it failed, which was reported before.
        findings: Option<&'e crate::pipeline::live::Findings>,
    },
    /// The site was updated.
    Rebuilt(Rebuilt),
    /// The last good site stays, because of this failure.
    Failed(&'e Failure),
    /// The last good site stays, because of a problem that is already drawn as text.
    Broken(&'e str),
    /// Changes cannot be detected as requested, for this reason.
    Unwatched(&'e str),
}

/// The result of a rebuild.
#[derive(Debug)]
pub struct Rebuilt {
    /// Changed files, relative to the root of the site.
    pub changed: Vec<String>,
    /// Number of pages and files that are new or different.
    pub pages: usize,
    /// Number of pages and files of the whole site.
    pub total: usize,
    /// Number of rejected replies.
    pub rejected: usize,
    /// Time from the first change until the site was served.
    pub took: Duration,
    /// Whether the site was broken before.
    pub recovered: bool,
}

/// Receives the events of a preview.
pub type Listener = Box<dyn FnMut(Event<'_>) + Send>;

/// The state that the engine and the server share.
struct Shared {
    options: Options,
    /// The newest snapshot.
    site: channel::Sender<Arc<Snapshot>>,
    tabs: Tabs,
    listener: Mutex<Listener>,
}

impl Shared {
    fn tell(&self, event: Event<'_>) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        listener(event);
    }
}

/// Serves a site until the process is told to stop.
///
/// # Errors
///
/// Returns an error if no port is free or, without watching, if something is wrong with the site.
pub fn serve(options: Options, listener: Listener) -> std::result::Result<(), Failure> {
    let (socket, address) = listen(options.bind, options.port)?;
    let origin = origin(address);
    let wanted = (address.port() != options.port && options.port != 0).then_some(options.port);
    let (signals, inbox) = mpsc::channel();
    let shared = Arc::new(Shared {
        site: channel::Sender::new(Arc::default()),
        tabs: Tabs::default(),
        listener: Mutex::new(listener),
        options,
    });
    // On this thread, so that an error ends the command.
    let engine = Engine::start(Arc::clone(&shared), origin.clone(), &signals)?;
    {
        let site = shared.site.borrow();
        shared.tell(Event::Listening {
            url: &site.home(&origin),
            wanted,
            findings: site.findings(),
        });
    }
    let working = std::thread::Builder::new()
        .name("pressrun engine".to_owned())
        .spawn(move || engine.run(&inbox))
        .map_err(|error| refused("start a thread for", &shared, error))?;
    let served = run(&shared, socket, address);
    // Both fail only if the engine has already ended.
    let _ = signals.send(Signal::Stop);
    let _ = working.join();
    Ok(served?)
}

/// Answers requests until the process is told to stop.
fn run(shared: &Arc<Shared>, socket: TcpListener, address: SocketAddr) -> Result<()> {
    let failed = |error| refused("serve", shared, error);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Pages are rendered on these threads.
        .max_blocking_threads(16)
        .build()
        .map_err(failed)?;
    let result = runtime.block_on(http::serve(Arc::clone(shared), socket, address.ip()));
    runtime.shutdown_timeout(GRACE);
    result.map_err(failed)
}

fn refused(action: &'static str, shared: &Shared, error: std::io::Error) -> Error {
    Error::new(action, &shared.options.root, error)
}

/// Listens on the wanted port, or on the next free one.
fn listen(bind: IpAddr, port: u16) -> Result<(TcpListener, SocketAddr)> {
    // Port 0 lets the system choose, so there is nothing to try after it.
    let last = port.saturating_add(if port == 0 { 0 } else { MORE_PORTS });
    let mut result = None;
    for port in port..=last {
        let address = SocketAddr::new(bind, port);
        let listening = TcpListener::bind(address).and_then(|socket| {
            let address = socket.local_addr()?;
            // Tokio requires it.
            socket.set_nonblocking(true)?;
            Ok((socket, address))
        });
        match listening {
            Ok(listening) => return Ok(listening),
            Err(error) => {
                let is_taken = error.kind() == std::io::ErrorKind::AddrInUse;
                let name = address.to_string();
                // Report the error of the port that was asked for.
                result.get_or_insert_with(|| Error::new("listen on", name.as_ref(), error));
                if !is_taken {
                    break;
                }
            }
        }
    }
    Err(result.expect("at least one port was tried"))
}

/// Returns the scheme, host and port at which a browser on this machine reaches a listener.
fn origin(address: SocketAddr) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(host, address.port()))
}

impl Options {
    /// Returns the options of the site for this preview.
    fn request(&self) -> Request {
        Request {
            drafts: self.drafts,
            future: self.future,
            ..Request::new(&self.root, (self.today)())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browser_finds_what_listens_everywhere_on_this_machine() {
        for (address, expected) in [
            ("127.0.0.1:1111", "http://127.0.0.1:1111"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(origin(address.parse().unwrap()), expected);
        }
    }

    #[test]
    fn taken_port_leads_to_the_next() {
        let local = IpAddr::from([127, 0, 0, 1]);
        let (_first, address) = listen(local, 0).unwrap();
        let (_second, next) = listen(local, address.port()).unwrap();
        assert!(next.port() > address.port());
    }
}
