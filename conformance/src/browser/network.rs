//! Requests, answers and failures as the network stack saw them. A redirect is an answer and a new
//! request; details that arrive in a second message complete what was recorded by the first.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use url::Url;

use super::guard::Guard;
use super::policy::Forbidden;
use super::state::{Awaited, Session, State, TargetKind};
use super::wire::{text, text_at};
use crate::evidence::{Mark, Tape};
use crate::suite::wit::{BrowserFailure, BrowserRequest, BrowserResponse, Occurrence, Pair};

/// Bookkeeping of one browser's requests.
#[derive(Debug, Default)]
pub(super) struct Network {
    by_id: BTreeMap<String, Request>,
    number: usize,
    refused_ids: BTreeSet<String>,
    refused_urls: BTreeSet<String>,
    /// By session, script and URL.
    forbidden: BTreeSet<(String, String, String)>,
}

/// One request with its redirects.
#[derive(Debug)]
struct Request {
    number: usize,
    hops: Vec<Hop>,
    /// Headers that came before the hop they belong to.
    early: Vec<Value>,
    sent_seen: usize,
    received_seen: usize,
}

#[derive(Clone, Debug)]
struct Hop {
    url: String,
    top_level: bool,
    request: Mark,
    response: Option<Mark>,
    /// Answer headers that came before the answer.
    early: Option<Value>,
}

impl Network {
    /// Notes a request that the guard turned away.
    pub(super) fn refused(&mut self, id: &str, url: &str) {
        self.refused_ids.insert(id.to_owned());
        self.refused_urls.insert(url.to_owned());
    }

    /// True when the guard turned away a request to this URL.
    pub(super) fn has_refused(&self, url: &str) -> bool {
        self.refused_urls.contains(url)
    }

    pub(super) fn hear(
        &mut self,
        (tape, state, guard): (&Tape, &State, &Guard),
        session: &Session,
        method: &str,
        params: &Value,
    ) {
        let id = text(params, "requestId");
        match method {
            "Network.requestWillBeSent" => {
                if let Some(redirect) = params.get("redirectResponse") {
                    self.answered(tape, id, redirect);
                }
                self.sent(tape, session, params);
                if !is_lasting(text(params, "type")) {
                    let awaited = Awaited {
                        session: session.id.clone(),
                        frame: text(params, "frameId").to_owned(),
                        loader: text(params, "loaderId").to_owned(),
                        is_of_stage: guard.is_of_stage(text_at(params, "/request/url")),
                    };
                    let mut known = state.known();
                    known.under_way.insert(id.to_owned(), awaited);
                    known.touch();
                }
            }
            "Network.requestWillBeSentExtraInfo" => self.request_headers(tape, id, params),
            "Network.responseReceived" => {
                let response = params.get("response").cloned().unwrap_or_default();
                self.answered(tape, id, &response);
                // A script that only looks at the status never lets the body end.
                if matches!(text(params, "type"), "Fetch" | "XHR") {
                    done(state, id);
                }
            }
            "Network.responseReceivedExtraInfo" => self.response_headers(tape, id, params),
            "Network.dataReceived" => {
                let bytes = params.get("dataLength").and_then(Value::as_u64);
                let mut known = state.known();
                known.received = known.received.saturating_add(bytes.unwrap_or(0));
                known.touch();
            }
            "Network.loadingFinished" => done(state, id),
            "Network.loadingFailed" => {
                done(state, id);
                self.failed(tape, id, params);
            }
            "Network.webSocketCreated" => self.socket(tape, session, params),
            _ => {}
        }
    }

    fn sent(&mut self, tape: &Tape, session: &Session, params: &Value) {
        let id = text(params, "requestId").to_owned();
        let number = self.number(&id);
        let url = match text_at(params, "/request/url") {
            url if url.starts_with("data:") => super::cut(url, 200),
            url => url.to_owned(),
        };
        let kind = text(params, "type").to_ascii_lowercase();
        let top_level = kind == "document"
            && session.kind == TargetKind::Page
            && text(params, "frameId") == session.target;
        let hop_count = self.by_id.get(&id).map_or(0, |request| request.hops.len());
        let request = BrowserRequest {
            id: name(number, hop_count),
            method: text_at(params, "/request/method").to_owned(),
            host: host(&url),
            url: url.clone(),
            fragment: some(text_at(params, "/request/urlFragment")),
            initiator: initiator(params),
            document: text(params, "documentURL").to_owned(),
            kind,
            top_level,
            headers: chosen(params.pointer("/request/headers"), &REQUEST_HEADERS),
            body: params
                .pointer("/request/postData")
                .and_then(Value::as_str)
                .map(|body| super::cut(body, MOST_BODY)),
        };
        let mark = tape.push(Occurrence::BrowserRequest(request));
        let early = self.by_id.get_mut(&id).and_then(|entry| {
            entry.hops.push(Hop {
                url,
                top_level,
                request: mark,
                response: None,
                early: None,
            });
            entry.early.pop()
        });
        if let Some(early) = early {
            complete_request(tape, mark, &early);
        }
    }

    /// Records a contact that the page's own policy forbade.
    pub(super) fn forbidden(&mut self, tape: &Tape, session: &Session, params: &Value) {
        let Some(Forbidden { url, kind, source }) = Forbidden::of(params) else {
            return;
        };
        if !self
            .forbidden
            .insert((session.id.clone(), source.clone(), url.clone()))
        {
            return;
        }
        self.number += 1;
        let id = name(self.number, 0);
        tape.push(Occurrence::BrowserRequest(BrowserRequest {
            id: id.clone(),
            method: "GET".to_owned(),
            host: host(&url),
            url: url.clone(),
            fragment: None,
            initiator: some(&source),
            document: String::new(),
            kind: kind.to_owned(),
            top_level: false,
            headers: Vec::new(),
            body: None,
        }));
        tape.push(Occurrence::BrowserFailure(BrowserFailure {
            id,
            url,
            reason: "forbidden by the page's Content Security Policy".to_owned(),
            blocked_by: Some("csp".to_owned()),
        }));
    }

    fn socket(&mut self, tape: &Tape, session: &Session, params: &Value) {
        let id = text(params, "requestId").to_owned();
        let url = text(params, "url").to_owned();
        let request = BrowserRequest {
            id: name(self.number(&id), 0),
            method: "GET".to_owned(),
            host: host(&url),
            url,
            fragment: None,
            initiator: initiator(params),
            document: String::new(),
            kind: "websocket".to_owned(),
            top_level: false,
            headers: Vec::new(),
            body: None,
        };
        tracing::trace!(session = session.id, "a socket was opened");
        tape.push(Occurrence::BrowserRequest(request));
    }

    fn answered(&mut self, tape: &Tape, id: &str, response: &Value) {
        let Some(request) = self.by_id.get_mut(id) else {
            return;
        };
        let count = request.hops.len().saturating_sub(1);
        let Some(hop) = request.hops.last_mut() else {
            return;
        };
        let status = response.get("status").and_then(Value::as_u64).unwrap_or(0);
        let answer = BrowserResponse {
            id: name(request.number, count),
            url: hop.url.clone(),
            status: u16::try_from(status).unwrap_or(0),
            headers: chosen(response.get("headers"), &RESPONSE_HEADERS),
            top_level: hop.top_level,
        };
        let mark = tape.push(Occurrence::BrowserResponse(answer));
        hop.response = Some(mark);
        if let Some(early) = hop.early.take() {
            complete_response(tape, mark, &early);
        }
    }

    fn failed(&mut self, tape: &Tape, id: &str, params: &Value) {
        let Some(request) = self.by_id.get(id) else {
            return;
        };
        let Some(hop) = request.hops.last() else {
            return;
        };
        let guarded = self.refused_ids.contains(id) || self.has_refused(&hop.url);
        let blocked_by = if guarded {
            Some("guard".to_owned())
        } else {
            match text(params, "blockedReason") {
                "" => some(text_at(params, "/corsErrorStatus/corsError")),
                reason => some(reason),
            }
        };
        tape.push(Occurrence::BrowserFailure(BrowserFailure {
            id: name(request.number, request.hops.len().saturating_sub(1)),
            url: hop.url.clone(),
            reason: text(params, "errorText").to_owned(),
            blocked_by,
        }));
    }

    /// The headers as they left, with cookies and origin; one message for each hop.
    fn request_headers(&mut self, tape: &Tape, id: &str, params: &Value) {
        self.number(id);
        let Some(request) = self.by_id.get_mut(id) else {
            return;
        };
        let index = request.sent_seen;
        request.sent_seen += 1;
        match request.hops.get(index) {
            Some(hop) => complete_request(tape, hop.request, params),
            None => request.early.push(params.clone()),
        }
    }

    /// The headers as they came, with every `Set-Cookie`; one message for each hop.
    fn response_headers(&mut self, tape: &Tape, id: &str, params: &Value) {
        let Some(request) = self.by_id.get_mut(id) else {
            return;
        };
        let index = request.received_seen;
        request.received_seen += 1;
        if let Some(hop) = request.hops.get_mut(index) {
            match hop.response {
                Some(mark) => complete_response(tape, mark, params),
                None => hop.early = Some(params.clone()),
            }
        }
    }

    fn number(&mut self, id: &str) -> usize {
        let next = self.number + 1;
        let request = self.by_id.entry(id.to_owned()).or_insert(Request {
            number: next,
            hops: Vec::new(),
            early: Vec::new(),
            sent_seen: 0,
            received_seen: 0,
        });
        self.number = self.number.max(request.number);
        request.number
    }
}

fn complete_request(tape: &Tape, mark: Mark, params: &Value) {
    let sent = chosen(params.get("headers"), &REQUEST_HEADERS);
    tape.amend(mark, |what| {
        if let Occurrence::BrowserRequest(request) = what {
            merge(&mut request.headers, sent);
        }
    });
}

fn complete_response(tape: &Tape, mark: Mark, params: &Value) {
    let received = chosen(params.get("headers"), &RESPONSE_HEADERS);
    tape.amend(mark, |what| {
        if let Occurrence::BrowserResponse(response) = what {
            merge(&mut response.headers, received);
        }
    });
}

/// The later list is what was on the wire; names that only the earlier has are kept.
fn merge(headers: &mut Vec<Pair>, wire: Vec<Pair>) {
    headers.retain(|pair| !wire.iter().any(|other| other.name == pair.name));
    headers.extend(wire);
    headers.sort_by(|left, right| left.name.cmp(&right.name));
}

/// DevTools joins a header that came several times with line feeds.
fn chosen(headers: Option<&Value>, names: &[&str]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (name, value) in headers.and_then(Value::as_object).into_iter().flatten() {
        let name = name.to_ascii_lowercase();
        if !names.contains(&name.as_str()) {
            continue;
        }
        for value in value.as_str().unwrap_or_default().split('\n') {
            pairs.push(Pair {
                name: name.clone(),
                value: super::cut(value, MOST_HEADER),
            });
        }
    }
    pairs.sort_by(|left, right| left.name.cmp(&right.name));
    pairs
}

fn done(state: &State, id: &str) {
    let mut known = state.known();
    known.under_way.remove(id);
    known.touch();
}

/// Requests that stay open by design do not keep a page from being settled.
fn is_lasting(kind: &str) -> bool {
    matches!(kind, "EventSource" | "WebSocket" | "Ping" | "Media")
}

fn name(number: usize, hop: usize) -> String {
    if hop == 0 {
        number.to_string()
    } else {
        format!("{number}.{hop}")
    }
}

fn host(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return String::new();
    };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        _ => String::new(),
    }
}

fn initiator(params: &Value) -> Option<String> {
    some(text_at(params, "/initiator/url"))
        .or_else(|| some(text_at(params, "/initiator/stack/callFrames/0/url")))
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

const REQUEST_HEADERS: [&str; 6] = [
    "authorization",
    "content-type",
    "cookie",
    "dpop",
    "origin",
    "referer",
];
const RESPONSE_HEADERS: [&str; 10] = [
    "cache-control",
    "content-security-policy",
    "content-type",
    "location",
    "permissions-policy",
    "referrer-policy",
    "set-cookie",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
];
const MOST_BODY: usize = 16 * 1024;
const MOST_HEADER: usize = 8 * 1024;
