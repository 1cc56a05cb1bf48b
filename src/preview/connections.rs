//! Accepts a limited number of connections, and closes those that keep the preview waiting. With
//! `http`, the only user of hyper.
//!
//! A client that reaches the preview can use only a limited number of connections, and limited memory for the head of
//! one request on each. Request bodies are not read. When all places are taken, the connection that
//! has been idle the longest is closed for a new one.

use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use futures_util::future::{Either, select};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::GRACE;

/// Most connections at a time. Some systems allow a process only 256 open files, and it needs
/// others too.
const MOST: usize = 128;

/// Most bytes in the head of a request: its first line and its headers.
pub(super) const MOST_HEAD: usize = 64 * 1024;

/// Most headers in a request.
const MOST_HEADERS: usize = 100;

/// How long the head of a request may take, including the wait for its first byte on an open
/// connection. Also how long a client may read nothing of its answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a connection must be idle before it is closed for a new one.
const IDLE: Duration = Duration::from_secs(1);

/// How long to wait after the system refused a connection.
const PAUSE: Duration = Duration::from_secs(1);

/// How long to wait for a place before looking for an idle connection again.
const NEXT_LOOK: Duration = Duration::from_millis(100);

/// Answers requests until `ended`, and gives running requests a little more time.
pub(super) async fn serve_connections(
    socket: TcpListener,
    routes: Router,
    ended: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(MOST));
    let connections = Arc::new(OpenConnections::default());
    let open = GracefulShutdown::new();
    let mut ended = pin!(ended);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(MOST_HEAD)
        .max_header_size(MOST_HEAD)
        .max_headers(MOST_HEADERS);
    loop {
        // `ended` comes first, so a flood of connections cannot delay the end.
        let accepting = pin!(accept_connection(&socket, &places, &connections));
        let Either::Right(((stream, place), _)) = select(ended.as_mut(), accepting).await else {
            break;
        };
        let activity = connections.add();
        let service = CountedService {
            routes: TowerToHyperService::new(routes.clone()),
            activity: Arc::clone(&activity),
        };
        let stream = TokioIo::new(PatientStream::new(stream, Arc::clone(&activity)));
        let connection = open.watch(http.serve_connection(stream, service));
        let connections = Arc::clone(&connections);
        tokio::spawn(async move {
            let gives_way = pin!(activity.gives_way.notified());
            // A client that disconnects or sends an invalid request is not an error.
            let _ = select(pin!(connection), gives_way).await;
            connections.remove(&activity);
            drop(place);
        });
    }
    // Do not wait for a client that does not read its answer.
    let _ = timeout(GRACE, open.shutdown()).await;
}

/// Accepts the next connection, and waits for a place for it.
async fn accept_connection(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
    connections: &OpenConnections,
) -> (TcpStream, OwnedSemaphorePermit) {
    let stream = loop {
        if let Ok((stream, _)) = socket.accept().await {
            break stream;
        }
        // The process has too many open files, or the client has disconnected.
        connections.end_idlest();
        sleep(PAUSE).await;
    };
    loop {
        let place = Arc::clone(places).acquire_owned();
        if let Ok(place) = timeout(Duration::ZERO, place).await {
            return (stream, place.expect("the semaphore is never closed"));
        }
        connections.end_idlest();
        let place = Arc::clone(places).acquire_owned();
        if let Ok(place) = timeout(NEXT_LOOK, place).await {
            return (stream, place.expect("the semaphore is never closed"));
        }
    }
}

/// The connections that are open.
#[derive(Debug, Default)]
struct OpenConnections(Mutex<Vec<Arc<ConnectionActivity>>>);

/// The activity on a connection.
#[derive(Debug)]
struct ConnectionActivity {
    /// When bytes were last read or written.
    last: Mutex<Instant>,
    /// The number of requests whose answer is being made.
    requests: AtomicUsize,
    /// Tells the connection to close for a new one.
    gives_way: Notify,
}

impl OpenConnections {
    fn add(&self) -> Arc<ConnectionActivity> {
        let activity = Arc::new(ConnectionActivity {
            last: Mutex::new(Instant::now()),
            requests: AtomicUsize::new(0),
            gives_way: Notify::new(),
        });
        self.lock().push(Arc::clone(&activity));
        activity
    }

    fn remove(&self, activity: &Arc<ConnectionActivity>) {
        self.lock().retain(|other| !Arc::ptr_eq(other, activity));
    }

    /// Closes the connection that has been idle the longest, among those that wait for their client.
    fn end_idlest(&self) {
        let mut connections = self.lock();
        let idle = connections.iter().enumerate();
        let idle = idle.filter(|(_, one)| one.requests.load(Ordering::Relaxed) == 0);
        let idlest = idle.min_by_key(|(_, one)| one.last());
        if let Some((at, activity)) = idlest
            && activity.last().elapsed() >= IDLE
        {
            activity.gives_way.notify_one();
            connections.swap_remove(at);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<ConnectionActivity>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionActivity {
    fn last(&self) -> Instant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touch(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// A stream that records when bytes move, and fails if its client reads nothing for too long.
struct PatientStream {
    stream: TcpStream,
    activity: Arc<ConnectionActivity>,
    /// Runs while bytes wait to be written.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl PatientStream {
    fn new(stream: TcpStream, activity: Arc<ConnectionActivity>) -> Self {
        Self {
            stream,
            activity,
            waiting: None,
        }
    }

    /// Returns the result of a write, or an error if no write was possible for too long.
    fn written(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if result.is_ready() {
            self.waiting = None;
            self.activity.touch();
            return result;
        }
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for PatientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.activity.touch();
        }
        result
    }
}

impl AsyncWrite for PatientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.written(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Answers the requests of a connection, and counts those in progress.
struct CountedService {
    routes: TowerToHyperService<Router>,
    activity: Arc<ConnectionActivity>,
}

/// Counts a request until it is dropped.
struct RequestGuard(Arc<ConnectionActivity>);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
        self.0.touch();
    }
}

impl Service<hyper::Request<hyper::body::Incoming>> for CountedService {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn call(&self, request: hyper::Request<hyper::body::Incoming>) -> Self::Future {
        self.activity.requests.fetch_add(1, Ordering::Relaxed);
        let guard = RequestGuard(Arc::clone(&self.activity));
        let answer = self.routes.call(request);
        Box::pin(async move {
            let answer = answer.await;
            drop(guard);
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpSocket;

    use super::*;

    /// A server whose sockets take little before their other side reads.
    fn start_server() -> std::net::SocketAddr {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(4096).unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let socket = socket.listen(1024).unwrap();
        let address = socket.local_addr().unwrap();
        let large = async || vec![b'x'; 4 << 20];
        let routes = Router::new()
            .route("/large", axum::routing::get(large))
            .fallback(async || "here");
        tokio::spawn(serve_connections(socket, routes, std::future::pending()));
        address
    }

    async fn connected(address: std::net::SocketAddr, sent: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        // Before the reset, the whole answer was sent.
        let _ = stream.read_to_end(&mut bytes).await;
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn connection_that_sends_no_whole_request_is_ended() {
        let address = start_server();
        for sent in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: a\r\nx: "] {
            let mut stream = connected(address, sent).await;
            let said = answer(&mut stream).await;
            assert!(!said.contains("here"), "{sent}: {said}");
        }
        let mut idle = connected(address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        assert!(answer(&mut idle).await.ends_with("here"));
    }

    #[tokio::test(start_paused = true)]
    async fn connections_that_say_nothing_keep_nobody_out_for_long() {
        let address = start_server();
        let mut silent = Vec::new();
        for _ in 0..2 * MOST {
            silent.push(connected(address, "GET").await);
        }
        let whole = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        let mut stream = connected(address, whole).await;
        assert!(answer(&mut stream).await.ends_with("here"));
    }

    /// A client that asks for a large answer and reads none of it.
    async fn reader_that_never_reads(address: std::net::SocketAddr) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let request = b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n";
        stream.write_all(request).await.unwrap();
        stream
    }

    #[tokio::test(start_paused = true)]
    async fn connection_that_takes_no_answer_is_ended() {
        let address = start_server();
        let mut stream = reader_that_never_reads(address).await;
        sleep(2 * PATIENCE).await;
        assert!(answer(&mut stream).await.len() < 4 << 20);
    }

    #[tokio::test(start_paused = true)]
    async fn readers_that_never_read_keep_nobody_out() {
        let address = start_server();
        let mut silent = Vec::new();
        for _ in 0..2 * MOST {
            silent.push(reader_that_never_reads(address).await);
        }
        let start = Instant::now();
        let whole = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        let mut stream = connected(address, whole).await;
        assert!(answer(&mut stream).await.ends_with("here"));
        // Those that wait before it get a place one after another.
        assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn head_of_a_request_has_a_bound() {
        let address = start_server();
        let head = |length: usize| {
            let start = "GET / HTTP/1.1\r\nconnection: close\r\nhost: ";
            let host = "a".repeat(length - start.len() - 4);
            format!("{start}{host}\r\n\r\n")
        };
        for (length, expected) in [
            (MOST_HEAD, "HTTP/1.1 200"),
            (MOST_HEAD + 1, "HTTP/1.1 431"),
            (2 * MOST_HEAD, "HTTP/1.1 431"),
        ] {
            let mut stream = connected(address, &head(length)).await;
            let said = answer(&mut stream).await;
            assert!(said.starts_with(expected), "{length}: {said:.40}");
        }
        for (number, expected) in [(MOST_HEADERS, "200"), (MOST_HEADERS + 1, "431")] {
            let more = "a: b\r\n".repeat(number - 1);
            let head = format!("GET / HTTP/1.1\r\nconnection: close\r\n{more}\r\n");
            let mut stream = connected(address, &head).await;
            let said = answer(&mut stream).await;
            assert!(said.contains(expected), "{number}: {said:.40}");
        }
    }
}
