//! Answers requests. With `review::routes`, the only user of axum.
//!
//! A request never names a file on disk: only files in the plan of the site are served. A request
//! for a host other than this machine is refused. Otherwise a web page could point its own domain
//! at this machine and read drafts (DNS rebinding). Requests for scripts, streams and other parts
//! by pages of other sites are refused too.
//!
//! Not here: limits on the number and the duration of requests (`connections`).

use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::join;
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use pressrun_site::cache::Fingerprint;

use super::events::{self, BrowserTab};
use super::snapshot::{OWN, ServedContent, make_entity_tag};
use super::streams::EventStreams;
use super::watch::EngineSignal;
use super::{PreviewState, connections, disk_file, media_type, review};

const RELOAD: &str = include_str!("client/reload.js");
const PAGES: &str = include_str!("client/pages.css");

/// How long rendering a page may take, and how long a request waits for a repaired site.
const PATIENCE: Duration = Duration::from_secs(60);

/// The state that every request is answered from.
#[derive(Clone)]
pub(super) struct PreviewServer {
    pub(super) shared: Arc<PreviewState>,
    /// The address that the server listens on.
    bound: IpAddr,
    pub(super) streams: EventStreams,
    /// Whether it is the review desk at its own address.
    pub(super) is_desk: bool,
}

/// The sockets of a preview.
pub(super) struct PreviewSockets {
    pub(super) site: TcpListener,
    /// That of the review desk, if it can write.
    pub(super) desk: Option<TcpListener>,
    /// The address that both listen on.
    pub(super) bound: IpAddr,
}

/// Answers requests until `ended`.
pub(super) async fn serve_requests(
    shared: Arc<PreviewState>,
    sockets: PreviewSockets,
    ended: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let server = |is_desk| PreviewServer {
        shared: Arc::clone(&shared),
        bound: sockets.bound,
        streams: EventStreams::default(),
        is_desk,
    };
    let site = tokio::net::TcpListener::from_std(sockets.site)?;
    let desk = sockets.desk.map(tokio::net::TcpListener::from_std);
    let desk = desk.transpose()?;
    let (end, mut has_ended) = tokio::sync::watch::channel(false);
    let ended = async {
        tell_tabs_after(ended, Arc::clone(&shared)).await;
        end.send_replace(true);
    };
    let site = connections::serve_connections(site, make_routes(server(false)), ended);
    let desk = async {
        if let Some(desk) = desk {
            let ended = async {
                // It fails only when the other server is gone.
                let _ = has_ended.wait_for(|is_over| *is_over).await;
            };
            let routes = guard_routes(review::routes::make_desk_routes(), server(true));
            connections::serve_connections(desk, routes, ended).await;
        }
    };
    join(site, desk).await;
    Ok(())
}

fn make_routes(server: PreviewServer) -> Router {
    let routes = Router::new()
        .route(&format!("{OWN}events"), get(handle_events))
        .route(
            &format!("{OWN}reload.js"),
            get(async || asset_response("a.js", RELOAD)),
        )
        .route(
            &format!("{OWN}pages.css"),
            get(async || asset_response("a.css", PAGES)),
        )
        .fallback(handle_page);
    guard_routes(review::routes::add_reading_routes(routes), server)
}

/// Adds what each answer needs.
fn guard_routes(routes: Router<PreviewServer>, server: PreviewServer) -> Router {
    let always = SetResponseHeaderLayer::overriding;
    let unless_set = SetResponseHeaderLayer::if_not_present;
    routes
        .layer(from_fn_with_state(server.clone(), reject_other_hosts))
        .layer(CatchPanicLayer::new())
        .layer(unless_set(
            CACHE_CONTROL,
            HeaderValue::from_static("no-cache"),
        ))
        .layer(always(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(always(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ))
        .with_state(server)
}

/// Waits until the preview is told to stop, and tells the tabs.
async fn tell_tabs_after(ended: impl Future<Output = ()>, shared: Arc<PreviewState>) {
    ended.await;
    shared.site.send_modify(|site| {
        let mut last = (**site).clone();
        last.is_last = true;
        *site = Arc::new(last);
    });
}

/// Waits until the process is told to end.
#[cfg(unix)]
pub(super) async fn wait_for_interrupt() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    let interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    let terminate = std::pin::pin!(terminate.recv());
    futures_util::future::select(interrupt, terminate).await;
}

/// Waits until the process is told to end.
#[cfg(not(unix))]
pub(super) async fn wait_for_interrupt() {
    let _ = tokio::signal::ctrl_c().await;
}

async fn reject_other_hosts(
    State(server): State<PreviewServer>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    // Reject two `Host` headers: a proxy may have checked the other one.
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        _ => "",
    };
    if !is_this_machine(host, server.bound) {
        let text = "421 this preview answers only to localhost and to the address that it listens \
                    on\n";
        return (StatusCode::MISDIRECTED_REQUEST, text).into_response();
    }
    // A worker would outlive the preview, and stand between the browser and whatever has this port
    // next: the review desk, for example.
    if headers.contains_key("service-worker") {
        let text = "403 this preview serves no service workers\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    if is_cross_site_part(headers) {
        let text = "403 this preview cannot be embedded in pages of other sites\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    next.run(request).await
}

/// Returns whether a page of another site requests a part of itself, according to the browser
/// (Fetch Metadata). Following a link there, or a frame, is navigation and does not count.
fn is_cross_site_part(headers: &HeaderMap) -> bool {
    let says = |name, value| headers.get(name).is_some_and(|said| said == value);
    says("sec-fetch-site", "cross-site") && !says("sec-fetch-mode", "navigate")
}

/// Returns whether the host of a request, which may have a port, means this machine. Only names and
/// numbers that nobody else can redirect count.
fn is_this_machine(host: &str, bound: IpAddr) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let number = name.trim_start_matches('[').trim_end_matches(']');
    // When listening on all addresses, any number is accepted, because the machine's own addresses
    // are not known here.
    let ip: Option<IpAddr> = number.parse().ok();
    ip.is_some_and(|ip| ip.is_loopback() || ip == bound || bound.is_unspecified())
}

pub(super) fn asset_response(name: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, media_type::media_type_of(name))], text).into_response()
}

async fn handle_events(State(server): State<PreviewServer>, request: Request) -> Response {
    let tab = BrowserTab::parse(request.uri().query().unwrap_or_default());
    Sse::new(events::stream_messages(
        tab,
        &server.shared,
        server.streams.add(),
    ))
    .keep_alive(KeepAlive::default())
    .into_response()
}

async fn handle_page(State(server): State<PreviewServer>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allowed = [(ALLOW, "GET, HEAD")];
        return (StatusCode::METHOD_NOT_ALLOWED, allowed).into_response();
    }
    let found = match find(&server.shared, request.uri().path()).await {
        Ok(ServedContent::Damaged) => find_in_healed(&server.shared, request.uri().path()).await,
        found => found,
    };
    let headers = request.headers();
    match found {
        Ok(ServedContent::Page(status, view)) => {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            bytes_response(status, media_type::HTML, view.html, headers)
        }
        Ok(ServedContent::Bytes(media_type, found)) => {
            bytes_response(StatusCode::OK, media_type, found, headers)
        }
        Ok(ServedContent::File(media_type, location)) => {
            disk_file::answer(media_type, location, request.method(), headers).await
        }
        Ok(ServedContent::Redirect(mut address)) => {
            if let Some(query) = request.uri().query() {
                address += &format!("?{query}");
            }
            let location = [(LOCATION, address)];
            // A permanent redirect would be stored by browsers.
            (StatusCode::FOUND, location).into_response()
        }
        Ok(ServedContent::Damaged) => {
            let text = "500 the cache is damaged; delete the folder .pressrun\n";
            (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
        }
        Err(answer) => answer.into_response(),
    }
}

/// A status and its reason.
type HttpRefusal = (StatusCode, &'static str);

/// Finds what the newest site has at a path.
async fn find(shared: &PreviewState, path: &str) -> Result<ServedContent, HttpRefusal> {
    let snapshot = Arc::clone(&shared.site.borrow());
    let path = path.to_owned();
    let finding = tokio::task::spawn_blocking(move || snapshot.find_content(&path));
    match timeout(PATIENCE, finding).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(_)) => Err((
            StatusCode::INTERNAL_SERVER_ERROR,
            "500 a bug in pressrun stopped the rendering of this page\n",
        )),
        Err(_) => Err((
            StatusCode::SERVICE_UNAVAILABLE,
            "503 rendering this page takes longer than a minute\n",
        )),
    }
}

/// Finds what is at a path after the engine has replaced the damaged cache.
async fn find_in_healed(shared: &PreviewState, path: &str) -> Result<ServedContent, HttpRefusal> {
    let mut newest = shared.site.subscribe();
    // It fails only when the preview ends.
    let _ = shared.signals.send(EngineSignal::DamagedCache);
    // If no other site comes in time, the old one is asked again.
    let _ = timeout(PATIENCE, newest.changed()).await;
    find(shared, path).await
}

/// Answers with bytes, or with 304 if the browser has them already.
fn bytes_response(
    status: StatusCode,
    media_type: &str,
    bytes: Vec<u8>,
    headers: &HeaderMap,
) -> Response {
    let tag = make_entity_tag(Fingerprint::of_bytes(&bytes));
    // An error page must arrive with its status.
    if status == StatusCode::OK && matches_entity_tag(headers, &tag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    let headers = [(CONTENT_TYPE, media_type), (ETAG, &*tag)];
    (status, headers, bytes).into_response()
}

/// Returns whether a browser says that it has the content of an entity tag (RFC 9110, section
/// 13.1.2).
pub(super) fn matches_entity_tag(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter();
    let mut known = known.filter_map(|value| value.to_str().ok());
    known.any(|list| {
        list.split(',')
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == tag || one == "*")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered_to() {
        let local = IpAddr::from([127, 0, 0, 1]);
        let all = IpAddr::from([0, 0, 0, 0]);
        for (host, bound, expected) in [
            ("localhost:1111", local, true),
            ("LOCALHOST", local, true),
            ("127.0.0.1:1111", local, true),
            ("[::1]:1111", local, true),
            ("192.168.0.7:1111", local, false),
            ("192.168.0.7:1111", all, true),
            ("192.168.0.7", IpAddr::from([192, 168, 0, 7]), true),
            ("evil.example:1111", all, false),
            ("localhost.evil.example", local, false),
            ("127.0.0.1.evil.example", local, false),
            ("", local, false),
        ] {
            assert_eq!(is_this_machine(host, bound), expected, "{host} on {bound}");
        }
    }

    #[test]
    fn requests_from_pages_of_other_sites_are_recognised_by_their_headers() {
        for (site, mode, expected) in [
            ("cross-site", "no-cors", true),
            ("cross-site", "cors", true),
            ("cross-site", "navigate", false),
            ("same-origin", "cors", false),
            ("same-site", "no-cors", false),
            ("none", "navigate", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            headers.insert("sec-fetch-mode", HeaderValue::from_static(mode));
            assert_eq!(is_cross_site_part(&headers), expected, "{site} {mode}");
        }
        assert!(!is_cross_site_part(&HeaderMap::new()));
    }

    #[test]
    fn tag_is_found_in_a_list() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"a\", W/\"b\""));
        assert!(matches_entity_tag(&headers, "\"a\"") && matches_entity_tag(&headers, "\"b\""));
        assert!(!matches_entity_tag(&headers, "\"c\""));
    }
}
