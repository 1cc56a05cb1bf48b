//! Serves a folder on the loopback interface as GitHub Pages does: a folder as its index, and a
//! missing address as `404.html`. A file whose name begins with `late-` takes a while, as from a slow
//! network.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fs, thread};

/// A server that has its port and waits for its folder.
pub(crate) struct Server {
    pub(crate) base_url: String,
    pub(crate) port: u16,
    folder: &'static OnceLock<PathBuf>,
}

impl Server {
    /// Serves below `path`, which begins and ends in `/`, until the process ends.
    pub(crate) fn below(path: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let base_url = format!("http://{address}{path}");
        let folder: &OnceLock<PathBuf> = Box::leak(Box::default());
        thread::spawn(move || {
            for stream in listener.incoming() {
                thread::spawn(move || {
                    // A browser may close the connection at any time.
                    let _ = answer(&stream.unwrap(), path, folder.wait());
                });
            }
        });
        Self {
            base_url,
            port: address.port(),
            folder,
        }
    }

    /// Serves the files of this folder from now on.
    pub(crate) fn folder(&self, folder: &Path) {
        self.folder.set(folder.to_owned()).unwrap();
    }
}

/// Answers one request and closes the connection.
fn answer(mut stream: &TcpStream, base: &str, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    while lines
        .next()
        .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
    {}
    let address = first.split(' ').nth(1).unwrap_or("/");
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let file = address.strip_prefix(base).map(|below| {
        let below = percent_encoding::percent_decode_str(below).decode_utf8_lossy();
        let index = below.is_empty() || below.ends_with('/');
        folder.join(format!("{below}{}", if index { "index.html" } else { "" }))
    });
    let found = file.and_then(|file| Some((media_type(&file), fs::read(file).ok()?)));
    if address.contains("/late-") {
        thread::sleep(std::time::Duration::from_millis(300));
    }
    let (status, (media_type, bytes)) = if let Some(found) = found {
        ("200 OK", found)
    } else {
        let page = folder.join("404.html");
        ("404 Not Found", (media_type(&page), fs::read(page)?))
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\
         access-control-allow-origin: *\r\nconnection: close\r\n\r\n",
        bytes.len()
    )?;
    stream.write_all(&bytes)
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
