//! Accepts a limited number of connections, and closes those that keep the preview waiting. With
//! `http`, the only user of hyper.
//!
//! A client that reaches the preview can use only so many connections, and memory for the head of
//! one request on each. Request bodies are not read.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::{Either, select};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::GRACE;

/// Most connections at a time. Some systems allow a process only 256 open files, and it needs
/// others too.
const MOST: usize = 128;

/// Most bytes in the head of a request.
const MOST_HEAD: usize = 64 * 1024;

/// How long the head of a request may take, including the wait for its first byte on an open
/// connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait after the system refused a connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Answers requests until `ended`, and gives running requests a little more time.
pub(super) async fn serve(socket: TcpListener, routes: Router, ended: impl Future<Output = ()>) {
    let room = Arc::new(Semaphore::new(MOST));
    let open = GracefulShutdown::new();
    let mut ended = pin!(ended);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(MOST_HEAD);
    loop {
        let accepting = pin!(accept(&socket, &room));
        // `ended` comes first, so a flood of connections cannot delay the end.
        let Either::Right(((stream, place), _)) = select(ended.as_mut(), accepting).await else {
            break;
        };
        let service = TowerToHyperService::new(routes.clone());
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A client that disconnects or sends an invalid request is not an error.
            let _ = connection.await;
            drop(place);
        });
    }
    // Do not wait for a client that does not read its answer.
    let _ = timeout(GRACE, open.shutdown()).await;
}

/// Accepts the next connection once a permit is free.
async fn accept(socket: &TcpListener, room: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    // Further clients wait in the queue of the system meanwhile.
    let place = Arc::clone(room).acquire_owned().await;
    let place = place.expect("nobody closes the semaphore");
    loop {
        match socket.accept().await {
            Ok((stream, _)) => return (stream, place),
            // The process has too many open files, or the client has disconnected.
            Err(_) => sleep(PAUSE).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn served() -> std::net::SocketAddr {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let routes = Router::new().fallback(async || "here");
        tokio::spawn(serve(socket, routes, std::future::pending()));
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
        let address = served().await;
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
        let address = served().await;
        let mut silent = Vec::new();
        for _ in 0..2 * MOST {
            silent.push(connected(address, "GET").await);
        }
        let whole = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        let mut stream = connected(address, whole).await;
        assert!(answer(&mut stream).await.ends_with("here"));
    }
}
