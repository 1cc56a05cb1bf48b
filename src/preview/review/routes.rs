//! The addresses of the desk.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::Stream;
use futures_util::future::{Either, select};
use futures_util::stream::unfold;
use pressrun_posts::post::review::parse_text_hash;
use pressrun_site::pipeline::review::ReviewItem;
use pressrun_site::render::SiteRenderer;
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;
use tower_http::set_header::SetResponseHeaderLayer;

use super::act::{DeskAnswer, DeskOrder, DeskProblem, UndoOrder, follow_order, follow_undo};
use super::guard::{DeskRefusal, check_writer, is_own_page};
use super::memory::RecentStates;
use super::post::DeskPost;
use super::queue::{DeskQueue, DeskState, RowRequest};
use super::{DESK, ReviewDesk, page};
use crate::preview::PreviewState;
use crate::preview::http::{PreviewServer, asset_response};
use crate::preview::snapshot::{OWN, PreviewSnapshot};
use crate::preview::streams::StreamPlace;
use crate::review::ReviewTarget;

const SCRIPT: &str = include_str!("../client/desk.js");
const STYLES: &str = include_str!("../client/desk.css");

/// Most bytes of an order.
const MOST_BODY: usize = 32 * 1024;

/// How long an order may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Adds the addresses at which the desk is read.
pub(in crate::preview) fn add_reading_routes(
    routes: Router<PreviewServer>,
) -> Router<PreviewServer> {
    let at = |name: &str| format!("{DESK}{name}");
    let desk = Router::new()
        .route(DESK, get(handle_page))
        .route(DESK.trim_end_matches('/'), get(handle_page))
        .route(&at("rows"), get(handle_rows))
        .route(&at("post"), get(handle_post))
        .route(&at("events"), get(handle_events))
        .route(&at("desk.js"), get(async || asset_response("a.js", SCRIPT)))
        .route(
            &at("desk.css"),
            get(async || asset_response("a.css", STYLES)),
        );
    routes.merge(desk)
}

/// Returns the routes at the address of the desk, where it can be written.
pub(in crate::preview) fn make_desk_routes() -> Router<PreviewServer> {
    let always = |name: &'static str, value: &'static str| {
        let name = HeaderName::from_static(name);
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let routes = Router::new()
        .route("/", get(async || redirect_to(DESK)))
        .route(OWN, get(async || redirect_to(DESK)))
        .route(&format!("{DESK}act"), post(handle_order))
        .route(&format!("{DESK}undo"), post(handle_undo));
    add_reading_routes(routes)
        .fallback(async || {
            (
                StatusCode::NOT_FOUND,
                "404 this is the review desk of a preview\n",
            )
        })
        .layer(from_fn(reject_other_pages))
        .layer(always("x-frame-options", "DENY"))
        .layer(always("referrer-policy", "no-referrer"))
        // A page that opened this one gets no hold of it.
        .layer(always("cross-origin-opener-policy", "same-origin"))
}

fn redirect_to(address: &str) -> Response {
    (StatusCode::FOUND, [(LOCATION, address)]).into_response()
}

/// Refuses the parts of the desk to pages of other origins, also to those of the site.
async fn reject_other_pages(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_visit = headers
        .get("sec-fetch-mode")
        .is_some_and(|mode| mode == "navigate");
    if !is_visit && !is_own_page(headers) {
        let text = "403 only the page of the desk may ask for its parts\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    next.run(request).await
}

async fn handle_page(State(server): State<PreviewServer>) -> Response {
    let shared = Arc::clone(&server.shared);
    if let (Some(desk), false) = (&shared.desk, server.is_desk) {
        return redirect_to(&desk.url());
    }
    let made = blocking(move || {
        let snapshot = shared.site.borrow().clone();
        let desk = shared.desk.as_ref();
        (
            page::desk_page(&shared, &snapshot, desk),
            page::desk_policy(&shared),
        )
    });
    let Some((html, policy)) = made.await else {
        return broken();
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, &*policy),
        // It has the token.
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, html).into_response()
}

async fn handle_rows(State(server): State<PreviewServer>, request: Request) -> Response {
    let request = parse_row_request(request.uri().query().unwrap_or_default());
    let Some(request) = request else {
        return bad_request();
    };
    let read = blocking(move || {
        read_queue(&server.shared, |site| {
            site.queue.list_rows(&request, &site.recent)
        })
    });
    json_answer(StatusCode::OK, read.await.flatten())
}

async fn handle_post(State(server): State<PreviewServer>, request: Request) -> Response {
    let place = parse_place(request.uri().query().unwrap_or_default());
    let Some(place) = place else {
        return bad_request();
    };
    let read = blocking(move || {
        read_queue(&server.shared, |site| {
            let found = site.queue.find(&place);
            let found = found.or_else(|| site.queue.find_newer(&place));
            let post = found.map(|one| site.describe(one));
            json!({ "post": post, "counts": site.queue.count(&site.recent) })
        })
    });
    json_answer(StatusCode::OK, read.await.flatten())
}

async fn handle_order(State(server): State<PreviewServer>, request: Request) -> Response {
    handle_change(server, request, |shared, desk, order: DeskOrder| {
        follow_order(shared, desk, &order)
    })
    .await
}

async fn handle_undo(State(server): State<PreviewServer>, request: Request) -> Response {
    handle_change(server, request, |shared, desk, order: UndoOrder| {
        follow_undo(shared, desk, &order)
    })
    .await
}

/// Checks that a change comes from the page of the desk, and makes it.
async fn handle_change<O: DeserializeOwned + Send + 'static>(
    server: PreviewServer,
    request: Request,
    change: impl FnOnce(&PreviewState, &ReviewDesk, O) -> Option<DeskAnswer> + Send + 'static,
) -> Response {
    let shared = server.shared;
    let Some(desk) = shared.desk.as_ref() else {
        let text = "403 start `pressrun serve --review` to change something\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    };
    if let Err(refusal) = check_writer(request.headers(), &desk.token) {
        return refusal.into_response();
    }
    let order: O = match read_order(request).await {
        Ok(order) => order,
        Err(refusal) => return refusal.into_response(),
    };
    let answer = blocking(move || change(&shared, shared.desk.as_ref()?, order)).await;
    let answer = answer.flatten();
    let status = match answer.as_ref().and_then(|answer| answer.refused) {
        None => StatusCode::OK,
        Some(DeskProblem::Text | DeskProblem::State | DeskProblem::Nothing) => StatusCode::CONFLICT,
        Some(DeskProblem::Blocked | DeskProblem::Order) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(DeskProblem::Failed) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    json_answer(status, answer)
}

/// Reads the body of a request, which is bounded.
async fn read_order<O: DeserializeOwned>(request: Request) -> Result<O, DeskRefusal> {
    let too_large = (
        StatusCode::PAYLOAD_TOO_LARGE,
        "413 an order is a few lines of JSON\n",
    );
    let body = timeout(PATIENCE, to_bytes(request.into_body(), MOST_BODY));
    let body = body
        .await
        .map_err(|_| {
            (
                StatusCode::REQUEST_TIMEOUT,
                "408 the order takes too long\n",
            )
        })?
        .map_err(|_| too_large)?;
    serde_json::from_slice(&body).map_err(|_| {
        (
            StatusCode::BAD_REQUEST,
            "400 this is not an order of the desk\n",
        )
    })
}

async fn handle_events(State(server): State<PreviewServer>) -> Response {
    let messages = stream_changes(Arc::clone(&server.shared), server.streams.add());
    Sse::new(messages)
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// The stream that tells a page of the desk to look again.
struct DeskStream {
    site: watch::Receiver<Arc<PreviewSnapshot>>,
    decided: Option<watch::Receiver<u64>>,
    place: StreamPlace,
}

/// Returns a message for each new site and each decision, until the preview or the tab ends.
fn stream_changes(
    shared: Arc<PreviewState>,
    place: StreamPlace,
) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    let open = DeskStream {
        site: shared.site.subscribe(),
        decided: shared.desk.as_ref().map(|desk| desk.decided.subscribe()),
        place,
    };
    unfold(open, async |mut open| {
        let is_over = {
            let site = pin!(open.site.changed());
            let decided = pin!(async {
                match &mut open.decided {
                    Some(decided) => decided.changed().await,
                    None => std::future::pending().await,
                }
            });
            let changed = select(site, decided);
            let ended = pin!(open.place.ended());
            match select(changed, ended).await {
                Either::Left((changed, _)) => changed.factor_first().0.is_err(),
                Either::Right(_) => true,
            }
        };
        let snapshot = Arc::clone(&open.site.borrow_and_update());
        if is_over || snapshot.is_last {
            return None;
        }
        let message = json!({ "site": snapshot.number }).to_string();
        Some((Ok(sse::Event::default().data(message)), open))
    })
}

/// What a page of the desk reads from.
pub(super) struct DeskReading<'a> {
    pub(super) snapshot: &'a PreviewSnapshot,
    pub(super) site: &'a SiteRenderer,
    pub(super) queue: &'a DeskQueue,
    pub(super) recent: RecentStates,
}

impl DeskReading<'_> {
    pub(super) fn describe(&self, one: &ReviewItem) -> DeskPost {
        DeskPost::new(self.snapshot, self.site, one, &self.recent)
    }
}

/// Reads from the newest queue; returns `None` if there is no site yet.
pub(super) fn read_queue<T>(
    shared: &PreviewState,
    read: impl FnOnce(&DeskReading<'_>) -> T,
) -> Option<T> {
    let snapshot = shared.site.borrow().clone();
    let (site, queue) = (snapshot.renderer()?, snapshot.queue()?);
    let recent = shared.desk.as_ref().map(|desk| {
        let mut memory = desk.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.states.forget_shown(queue);
        memory.states.clone()
    });
    Some(read(&DeskReading {
        snapshot: &snapshot,
        site,
        queue,
        recent: recent.unwrap_or_default(),
    }))
}

/// Runs work that reads files on another thread than that of the server. Returns `None` after a
/// panic.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

fn json_answer(status: StatusCode, value: Option<impl Serialize>) -> Response {
    let text = value.and_then(|value| serde_json::to_string(&value).ok());
    match text {
        Some(text) => {
            let headers = [(CONTENT_TYPE, "application/json; charset=utf-8")];
            (status, headers, text).into_response()
        }
        None => broken(),
    }
}

fn broken() -> Response {
    let text = "503 there is no site to show yet\n";
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

fn bad_request() -> Response {
    (StatusCode::BAD_REQUEST, "400 the address lacks something\n").into_response()
}

/// Returns the values of a query by name.
fn find_value(query: &str, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(own, _)| own == name)?;
    Some(value.into_owned())
}

fn parse_place(query: &str) -> Option<ReviewTarget> {
    Some(ReviewTarget {
        file: find_value(query, "file")?.into(),
        line: find_value(query, "line")?.parse().ok()?,
        hash: parse_text_hash(&find_value(query, "hash")?)?,
    })
}

fn parse_row_request(query: &str) -> Option<RowRequest> {
    let state = find_value(query, "state")?;
    let state: Result<DeskState, serde::de::value::Error> =
        serde::Deserialize::deserialize(state.as_str().into_deserializer());
    let after = find_value(query, "file").and_then(|file| {
        let risk = find_value(query, "risk")?.parse().ok()?;
        Some((risk, file, find_value(query, "line")?.parse().ok()?))
    });
    Some(RowRequest {
        state: state.ok()?,
        after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_asked_for_by_state_and_last_row() {
        let request = parse_row_request("state=waiting&risk=10&file=content%2Fa.md&line=3");
        let request = request.unwrap();
        assert_eq!(request.state, DeskState::Waiting);
        assert_eq!(request.after, Some((10, "content/a.md".to_owned(), 3)));
        assert!(parse_row_request("state=other").is_none());
        assert!(parse_row_request("").is_none());
        assert!(parse_row_request("state=approved").unwrap().after.is_none());
    }

    #[test]
    fn place_has_a_file_a_line_and_a_hash() {
        let hash = "0".repeat(31) + "a";
        let place = parse_place(&format!("file=a&line=2&hash={hash}")).unwrap();
        assert_eq!((&*place.file, place.line, place.hash), ("a", 2, 10));
        assert!(parse_place("file=a&line=2&hash=1").is_none());
    }
}
