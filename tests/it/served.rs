//! Goes from nothing to a live site: `init`, `build`, `publish`, and a clone of the published
//! branch, served below `/repo/` as GitHub Pages serves it.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::repository::Repository;
use crate::server::Server;
use crate::site::{Run, Site};

#[test]
fn site_from_init_to_its_published_branch_has_no_dead_link() {
    let empty = Site::new();
    empty.remove("site.toml");
    let repository = Repository::empty(empty);
    repository.git(&["remote", "add", "origin", "https://github.com/Me/repo.git"]);
    run(&repository, &["init"]);
    for at in 1..=25 {
        let reply = format!(
            "TITLE: Post number {at}\nTAGS: shared, tag {at}, C++\nCATEGORIES: News\n\n\
             Words of {at}, and [the first](welcome.txt).\n\n-EndOFText-\n"
        );
        repository.site.write(&format!("content/{at}.txt"), reply);
    }
    repository.commit("first");
    let checked = run(&repository, &["check", "--deploy"]);
    assert!(
        checked.stdout.contains("\n0 errors, "),
        "{}",
        checked.stdout
    );

    // From here on, GitHub is a folder on disk. `init` took the address from GitHub's name.
    let remote = repository.remote();
    let remote = remote.to_str().unwrap();
    repository.git(&["init", "--quiet", "--bare", remote]);
    repository.git(&["remote", "set-url", "origin", remote]);
    let published = run(&repository, &["publish"]);
    assert!(
        published
            .stdout
            .contains("published: https://me.github.io/repo/\n"),
        "{}",
        published.stdout
    );

    let clone = repository.beside("clone");
    let clone_to = clone.to_str().unwrap();
    repository.git(&["clone", "--quiet", "--branch", "gh-pages", remote, clone_to]);
    let server = Server::below("/repo/");
    server.folder(&clone);
    let port = server.port;
    let (pages, dead) = crawl(port);
    assert_eq!(dead, BTreeSet::new());
    assert!(pages > 50, "{pages} pages were found from the first");
    assert_eq!(get(port, "/repo/no/such/page").0, 404);
    assert!(get(port, "/repo/no/such/page").1.contains("/repo/style-"));
}

/// Runs the program as of today, which must succeed.
#[track_caller]
fn run(repository: &Repository, arguments: &[&str]) -> Run {
    let mut command = repository.command();
    // Posts without a date get that of their file, which is today.
    let run = Run::of(command.env_remove("SOURCE_DATE_EPOCH").args(arguments));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run
}

/// Follows every link from the first page on, and returns the number of pages and the dead links.
fn crawl(port: u16) -> (usize, BTreeSet<String>) {
    let mut seen = BTreeSet::from(["/repo/".to_owned()]);
    let mut waiting = vec!["/repo/".to_owned()];
    let mut pages = 0;
    let mut dead = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        let (status, text) = get(port, &path);
        if status != 200 {
            dead.insert(format!("{path} ({status})"));
        }
        if !text.contains("<html") {
            continue;
        }
        pages += 1;
        for target in targets(&text) {
            if seen.insert(target.clone()) {
                waiting.push(target);
            }
        }
    }
    (pages, dead)
}

/// Returns the paths of this host that a page links to or loads.
fn targets(page: &str) -> Vec<String> {
    let parts = page.split(" href=\"").chain(page.split(" src=\"")).skip(1);
    parts
        .filter_map(|part| part.split('"').next())
        .map(|url| url.strip_prefix("https://me.github.io").unwrap_or(url))
        .filter(|url| url.starts_with('/') && !url.starts_with("//"))
        .map(|url| url.split(['#', '?']).next().unwrap_or(url).to_owned())
        .collect()
}

/// Requests a path and returns its status and text.
fn get(port: u16, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nHost: me.github.io\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
