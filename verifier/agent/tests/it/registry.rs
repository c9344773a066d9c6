//! A registry of the tests: files at addresses, status lists that are pushed, and a memory of what was
//! asked for. It can go away and come back.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use tokio::net::TcpListener;
use tokio::sync::watch;
use verifier::{Digest, TrustUpdate};

/// What was asked for, and the status of the answer.
pub(crate) type Asked = (String, u16);

struct Served {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    asked: Mutex<Vec<Asked>>,
    away: AtomicBool,
    pushes: AtomicBool,
    /// Counts what is published; streams wake up for it, and end while the registry is away.
    published: watch::Sender<u64>,
}

/// The registry.
#[derive(Clone)]
pub(crate) struct Registry {
    served: Arc<Served>,
    pub(crate) base: String,
}

impl Registry {
    pub(crate) async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://localhost:{}", socket.local_addr().unwrap().port());
        let served = Arc::new(Served {
            files: Mutex::default(),
            asked: Mutex::default(),
            away: AtomicBool::new(false),
            pushes: AtomicBool::new(true),
            published: watch::Sender::new(0),
        });
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&served));
        tokio::spawn(async move { axum::serve(socket, router).await.unwrap() });
        Self { served, base }
    }

    pub(crate) fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        let mut files = self.served.files.lock().unwrap();
        files.insert(path.to_owned(), bytes.into());
        drop(files);
        self.served.published.send_modify(|count| *count += 1);
    }

    pub(crate) fn put_trust(&self, update: &TrustUpdate, version: u64) {
        self.put(
            &format!("/trust/{version}.snapshot.json"),
            update.snapshot.clone(),
        );
        self.put(
            &format!("/trust/{version}.targets.json"),
            update.targets.clone(),
        );
        for (name, bytes) in &update.files {
            let file = verifier::trust::tuf::TargetFile::of(bytes);
            let address = file.address(name, true);
            self.put(&format!("/trust/targets/{address}"), bytes.clone());
        }
        self.put("/trust/timestamp.json", update.timestamp.clone());
    }

    /// Answers nobody, and ends what is pushed; or answers again.
    pub(crate) fn go_away(&self, away: bool) {
        self.served.away.store(away, Ordering::SeqCst);
        self.served.published.send_modify(|count| *count += 1);
    }

    /// Pushes nothing from now on.
    pub(crate) fn only_polled(&self) {
        self.served.pushes.store(false, Ordering::SeqCst);
        self.served.published.send_modify(|count| *count += 1);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.served.asked.lock().unwrap().clone()
    }

    /// How often this was asked for and answered so.
    pub(crate) fn count(&self, path: &str, status: u16) -> usize {
        let asked = self.asked();
        let is = |(asked, answered): &&Asked| asked == path && *answered == status;
        asked.iter().filter(is).count()
    }
}

async fn answer(State(served): State<Arc<Served>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let response = if served.away.load(Ordering::SeqCst) {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    } else if let Some(list) = path.strip_suffix("/events") {
        events(&served, list)
    } else {
        file(&served, &path, request.headers())
    };
    let status = response.status().as_u16();
    served.asked.lock().unwrap().push((path, status));
    response
}

fn file(served: &Served, path: &str, headers: &HeaderMap) -> Response {
    let files = served.files.lock().unwrap();
    let Some(bytes) = files.get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", Digest::of(bytes).to_hex());
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| *known == tag)
    {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::ETAG, tag)], bytes.clone()).into_response()
}

type Following = (Arc<Served>, String, watch::Receiver<u64>, Option<Vec<u8>>);

fn events(served: &Arc<Served>, list: &str) -> Response {
    if !served.pushes.load(Ordering::SeqCst) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (served, list) = (Arc::clone(served), list.to_owned());
    let published = served.published.subscribe();
    let begin = (served, list, published, None);
    let next = |(served, list, mut published, last): Following| async move {
        loop {
            let gone = served.away.load(Ordering::SeqCst) || !served.pushes.load(Ordering::SeqCst);
            if gone {
                return None;
            }
            let now = served.files.lock().unwrap().get(&list).cloned();
            if let Some(token) = now.filter(|token| last.as_ref() != Some(token)) {
                let event = Event::default()
                    .id(token.len().to_string())
                    .data(String::from_utf8(token.clone()).unwrap());
                let state = (served, list, published, Some(token));
                return Some((Ok::<_, std::convert::Infallible>(event), state));
            }
            published.changed().await.ok()?;
        }
    };
    Sse::new(stream::unfold(begin, next).boxed()).into_response()
}
