//! Shows a site in a browser as soon as it is saved.
//!
//! Three parts work together. `watch` reports which files changed. The `engine`, a thread, updates
//! the site in memory and publishes it as a `PreviewSnapshot`. `http` answers requests from the newest
//! snapshot, and renders a page when it is requested. A browser holds a stream (`events`), which
//! tells it when its page has changed.
//!
//! Nothing waits for the engine without a limit. The `supervisor` names a file that takes long to
//! read, and starts another engine when that file changes. Ctrl-C ends the process whatever the
//! engine does.
//!
//! The preview is separate from builds: it neither reads nor writes the output folder.

mod connections;
mod disk_file;
mod engine;
mod events;
mod http;
mod media_type;
mod overview;
mod review;
mod snapshot;
mod streams;
mod supervisor;
mod tabs;
mod view;
mod watch;
mod words;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use pressrun_posts::panics::catch_panic;
use pressrun_posts::post::Moment;
use pressrun_site::error::{Result, SystemError};
use pressrun_site::pipeline::BuildRequest;
use pressrun_site::render::CommandFailure;
use tokio::sync::watch as channel;

use crate::theme::THEME;

use http::PreviewSockets;
use review::ReviewDesk;
use snapshot::PreviewSnapshot;
use supervisor::Supervisor;
use tabs::OpenTabs;
use watch::{EngineSignal, FileWatch};

/// Number of ports that are tried after the wanted one.
const MORE_PORTS: u16 = 20;

/// How long running requests may take when the server stops.
const GRACE: Duration = Duration::from_secs(1);

/// How many more files the process must be allowed to open when the preview starts: for the
/// runtime, the watch, the cache and a few connections.
const SPARE_FILES: usize = 32;

/// The options of the preview.
pub struct PreviewOptions {
    /// Folder of the site.
    pub root: PathBuf,
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port to listen on.
    pub port: u16,
    /// How to detect changes; `None` to ignore them.
    pub watch: Option<WatchMethod>,
    /// Whether drafts are shown.
    pub drafts: bool,
    /// Whether scheduled posts are shown.
    pub future: bool,
    /// Whether the review desk can write, at an address of its own.
    pub review: bool,
    /// Returns the present moment.
    pub present: Box<dyn Fn() -> Moment + Send + Sync>,
}

/// How changes are detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchMethod {
    /// The system reports them.
    Native,
    /// By looking at all files again and again, at this interval.
    Polling(Duration),
}

/// Something that happened while a preview runs.
#[derive(Debug)]
pub enum PreviewEvent<'e> {
    /// The site is being served.
    Listening {
        /// Address of its home page.
        url: &'e str,
        /// Address of the review desk, if it can write.
        desk: Option<&'e str>,
        /// The wanted port, if another process uses it.
        wanted: Option<u16>,
        /// The findings on the site; `None` if it failed, which was reported before.
        findings: Option<&'e pressrun_site::pipeline::SiteFindings>,
    },
    /// The site was updated.
    Rebuilt(RebuildReport),
    /// The last good site stays, because of this failure.
    Failed(&'e CommandFailure),
    /// The last good site stays, because of a problem that is already drawn as text.
    Broken(&'e str),
    /// Changes cannot be detected as requested, for this reason.
    Unwatched(&'e str),
}

/// The result of a rebuild.
#[derive(Debug)]
pub struct RebuildReport {
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
pub type EventListener = Box<dyn FnMut(PreviewEvent<'_>) + Send>;

/// The state that the engine and the server share.
struct PreviewState {
    options: PreviewOptions,
    /// Scheme, host and port of the preview.
    origin: String,
    /// The review desk, if it can write.
    desk: Option<ReviewDesk>,
    /// The newest snapshot.
    site: channel::Sender<Arc<PreviewSnapshot>>,
    tabs: OpenTabs,
    listener: Mutex<EventListener>,
    /// Sends messages to the engine.
    signals: mpsc::Sender<EngineSignal>,
    /// Where the engine in charge receives them.
    inbox: Mutex<mpsc::Receiver<EngineSignal>>,
    watch: Mutex<Option<FileWatch>>,
    /// The number of the engine in charge. All earlier ones were left behind.
    engine: AtomicU64,
}

impl PreviewState {
    fn new(
        options: PreviewOptions,
        origin: String,
        desk: Option<ReviewDesk>,
        listener: EventListener,
    ) -> Self {
        let (signals, inbox) = mpsc::channel();
        Self {
            options,
            origin,
            desk,
            site: channel::Sender::new(Arc::default()),
            tabs: OpenTabs::default(),
            listener: Mutex::new(listener),
            signals,
            inbox: Mutex::new(inbox),
            watch: Mutex::default(),
            engine: AtomicU64::new(0),
        }
    }

    fn send_event(&self, event: PreviewEvent<'_>) {
        lock(&self.listener)(event);
    }

    /// Starts to watch the files, if the options say so.
    fn start_watch(&self) {
        let Some(how) = self.options.watch else {
            return;
        };
        let (watch, trouble) = FileWatch::start(&self.options.root, how, self.signals.clone());
        *lock(&self.watch) = watch;
        if let Some(why) = trouble {
            self.send_event(PreviewEvent::Unwatched(&why));
        }
    }

    fn is_in_charge(&self, engine: u64) -> bool {
        self.engine.load(Ordering::Acquire) == engine
    }
}

/// Locks a mutex, even if a thread panicked while it held it: the data is always complete.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves a site until the process is told to stop.
///
/// # Errors
///
/// Returns an error if no port is free, if the process may not open enough files or, without
/// watching, if something is wrong with the site.
pub fn serve_preview(
    options: PreviewOptions,
    listener: EventListener,
) -> std::result::Result<(), CommandFailure> {
    serve_until(options, listener, http::wait_for_interrupt())
}

/// Serves a site until `ended`.
fn serve_until(
    options: PreviewOptions,
    listener: EventListener,
    ended: impl Future<Output = ()>,
) -> std::result::Result<(), CommandFailure> {
    let (socket, address) = listen_on_free_port(options.bind, options.port)?;
    let wanted = (address.port() != options.port && options.port != 0).then_some(options.port);
    let desk = if options.review {
        let port = address.port().saturating_add(1);
        let port = if options.port == 0 { 0 } else { port };
        Some(listen_on_free_port(options.bind, port)?)
    } else {
        None
    };
    let failed = |error| SystemError::new("serve", &options.root, error);
    let review = desk.as_ref().map(|(_, address)| {
        let origin = browser_origin(*address);
        ReviewDesk::new(origin, &options.root)
    });
    let review = review.transpose().map_err(failed)?;
    check_spare_files(&socket).map_err(failed)?;
    let origin = browser_origin(address);
    let shared = Arc::new(PreviewState::new(options, origin, review, listener));
    shared.start_watch();
    let supervisor = Supervisor::start(&shared)?;
    {
        let site = Arc::clone(&shared.site.borrow());
        shared.send_event(PreviewEvent::Listening {
            url: &site.home(&shared.origin),
            desk: shared.desk.as_ref().map(ReviewDesk::url).as_deref(),
            wanted,
            findings: site.findings(),
        });
    }
    let sockets = PreviewSockets {
        site: socket,
        desk: desk.map(|(socket, _)| socket),
        bound: address.ip(),
    };
    let served = run_server(&shared, sockets, ended);
    supervisor.end();
    Ok(served?)
}

/// Checks that the process may open the files of a preview. Some libraries panic if it may not.
fn check_spare_files(socket: &TcpListener) -> std::io::Result<()> {
    let spare = (0..SPARE_FILES).map(|_| socket.try_clone());
    spare.collect::<std::io::Result<Vec<_>>>().map(drop)
}

/// Answers requests until `ended`.
fn run_server(
    shared: &Arc<PreviewState>,
    sockets: PreviewSockets,
    ended: impl Future<Output = ()>,
) -> Result<()> {
    let failed = |error| preview_error("serve", shared, error);
    let mut builder = tokio::runtime::Builder::new_current_thread();
    // Pages are rendered on these threads.
    builder.enable_all().max_blocking_threads(16);
    // Tokio panics about some resources that the system refuses.
    let runtime = catch_panic(|| builder.build())
        .unwrap_or_else(|_| {
            Err(std::io::Error::other(
                "the system refuses what a server needs",
            ))
        })
        .map_err(failed)?;
    let serving = http::serve_requests(Arc::clone(shared), sockets, ended);
    let result = runtime.block_on(serving);
    runtime.shutdown_timeout(GRACE);
    result.map_err(failed)
}

fn preview_error(
    action: &'static str,
    shared: &PreviewState,
    error: std::io::Error,
) -> SystemError {
    SystemError::new(action, &shared.options.root, error)
}

/// Listens on the wanted port, or on the next free one.
fn listen_on_free_port(bind: IpAddr, port: u16) -> Result<(TcpListener, SocketAddr)> {
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
                result.get_or_insert_with(|| SystemError::new("listen on", name.as_ref(), error));
                if !is_taken {
                    break;
                }
            }
        }
    }
    Err(result.expect("at least one port was tried"))
}

/// Returns the scheme, host and port at which a browser on this machine reaches a listener.
fn browser_origin(address: SocketAddr) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(host, address.port()))
}

impl PreviewOptions {
    /// Returns the options of the site for this preview.
    fn request(&self) -> BuildRequest {
        BuildRequest {
            drafts: self.drafts,
            future: self.future,
            // The risk of a post has a part in it.
            thorough: self.review,
            ..BuildRequest::new(&self.root, THEME, (self.present)())
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
            assert_eq!(browser_origin(address.parse().unwrap()), expected);
        }
    }

    #[test]
    fn taken_port_leads_to_the_next() {
        let local = IpAddr::from([127, 0, 0, 1]);
        let (_first, address) = listen_on_free_port(local, 0).unwrap();
        let (_second, next) = listen_on_free_port(local, address.port()).unwrap();
        assert!(next.port() > address.port());
    }
}
