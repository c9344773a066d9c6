//! Listens to every target of the browser, in order: sets each up before its first script runs, lets
//! requests through or not, dismisses dialogs, and hands the rest to the recorders.

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::guard::Guard;
use super::network::Network;
use super::state::{Session, State, TargetKind};
use super::wire::{Event, Wire, text, text_at};
use super::{WORLD, console};
use crate::evidence::Tape;
use crate::suite::wit::{Dialog, Occurrence};

pub(super) struct Listener {
    pub(super) wire: Wire,
    pub(super) state: State,
    pub(super) tape: Tape,
    pub(super) guard: Guard,
    pub(super) network: Network,
}

impl Listener {
    /// Runs until the browser ends.
    pub(super) async fn run(mut self, mut events: mpsc::UnboundedReceiver<Event>) {
        while let Some(event) = events.recv().await {
            self.hear(&event);
        }
        self.state.known().gone = true;
    }

    fn hear(&mut self, event: &Event) {
        let params = &event.params;
        match event.method.as_str() {
            "Target.attachedToTarget" => return self.attached(params),
            "Target.detachedFromTarget" => {
                self.state.known().forget(text(params, "sessionId"));
                return;
            }
            _ => {}
        }
        let known = self.state.known().sessions.get(&event.session).cloned();
        let Some(session) = known else {
            return;
        };
        match event.method.as_str() {
            "Fetch.requestPaused" => self.paused(&session, params),
            "Page.javascriptDialogOpening" => self.dialog(&session, params),
            "Page.frameNavigated" => {
                let frame = text_at(params, "/frame/id");
                let loader = text_at(params, "/frame/loaderId");
                self.state.known().navigated(frame, loader);
            }
            "Audits.issueAdded" => self.network.forbidden(&self.tape, &session, params),
            "Inspector.targetCrashed" => {
                let mut known = self.state.known();
                known.crashed.insert(session.id.clone());
                known
                    .under_way
                    .retain(|_, request| request.session != session.id);
            }
            method if method.starts_with("Network.") => {
                let place = (&self.tape, &self.state, &self.guard);
                self.network.hear(place, &session, method, params);
            }
            method if method.starts_with("Runtime.executionContext") => {
                self.world(&session, method, params);
            }
            method => {
                if let Some(message) = console::message(method, params, &self.network) {
                    self.tape.push(Occurrence::Console(message));
                }
            }
        }
    }

    fn attached(&self, params: &Value) {
        let id = text(params, "sessionId");
        let kind = match text_at(params, "/targetInfo/type") {
            "page" => Some(TargetKind::Page),
            "iframe" => Some(TargetKind::Frame),
            "worker" | "shared_worker" | "service_worker" => Some(TargetKind::Worker),
            _ => None,
        };
        let target = text_at(params, "/targetInfo/targetId");
        let ours = {
            let mut known = self.state.known();
            let ours = text_at(params, "/targetInfo/browserContextId") == known.context
                && !known
                    .sessions
                    .values()
                    .any(|session| session.target == target);
            if let (true, Some(kind)) = (ours, kind) {
                let session = Session {
                    id: id.to_owned(),
                    target: target.to_owned(),
                    kind,
                };
                known.sessions.insert(id.to_owned(), session);
            }
            ours
        };
        if let (true, Some(kind)) = (ours, kind) {
            self.set_up(id, kind);
        }
        self.wire
            .post(id, "Runtime.runIfWaitingForDebugger", &json!({}));
    }

    /// Commands of one session are carried out in order, so nothing is missed by not waiting.
    fn set_up(&self, session: &str, kind: TargetKind) {
        let post = |method: &str, params: Value| self.wire.post(session, method, &params);
        post(
            "Network.enable",
            json!({"maxPostDataSize": 65536, "maxTotalBufferSize": 33_554_432, "maxResourceBufferSize": 4_194_304}),
        );
        post("Runtime.enable", json!({}));
        post(
            "Fetch.enable",
            json!({"patterns": [{"urlPattern": "*", "requestStage": "Request"}]}),
        );
        post(
            "Target.setAutoAttach",
            json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true}),
        );
        if kind != TargetKind::Worker {
            post("Page.enable", json!({}));
            post("Log.enable", json!({}));
            post("Inspector.enable", json!({}));
            post("Audits.enable", json!({}));
            post(
                "Emulation.setTimezoneOverride",
                json!({"timezoneId": "Europe/Oslo"}),
            );
            post(
                "Page.addScriptToEvaluateOnNewDocument",
                json!({"source": WATCH, "worldName": WORLD, "runImmediately": true}),
            );
        }
    }

    fn paused(&mut self, session: &Session, params: &Value) {
        let id = text(params, "requestId");
        let request = json!({"requestId": id});
        if params.get("responseStatusCode").is_some() || params.get("responseErrorReason").is_some()
        {
            self.read_answer(session, id);
            return;
        }
        let url = text_at(params, "/request/url");
        if !self.guard.permits(url) {
            self.network.refused(text(params, "networkId"), url);
            let refusal = json!({"requestId": id, "errorReason": "BlockedByClient"});
            self.wire.post(&session.id, "Fetch.failRequest", &refusal);
            return;
        }
        // A token request: its answer names the secrets of this session.
        let is_token_request = text_at(params, "/request/postData").contains("grant_type=");
        let go_on = if is_token_request {
            json!({"requestId": id, "interceptResponse": true})
        } else {
            request
        };
        self.wire.post(&session.id, "Fetch.continueRequest", &go_on);
    }

    /// Reads a token response before the app gets it, so that its secrets are known from the start.
    fn read_answer(&self, session: &Session, id: &str) {
        let (wire, tape) = (self.wire.clone(), self.tape.clone());
        let (session, request) = (session.id.clone(), json!({"requestId": id}));
        tokio::spawn(async move {
            let body = wire
                .call(
                    &session,
                    "Fetch.getResponseBody",
                    request.clone(),
                    super::SHORT,
                )
                .await;
            if let Ok(body) = body {
                tape.learn_from_body(&decoded(&body));
            }
            wire.post(&session, "Fetch.continueRequest", &request);
        });
    }

    fn dialog(&self, session: &Session, params: &Value) {
        let kind = text(params, "type");
        let count = {
            let mut known = self.state.known();
            known.dialogs += 1;
            known.touch();
            known.dialogs
        };
        if count <= MOST_DIALOGS {
            self.tape.push(Occurrence::Dialog(Dialog {
                kind: kind.to_owned(),
                message: super::cut(text(params, "message"), 2000),
                url: text(params, "url").to_owned(),
            }));
        } else {
            // A page that asks without end would hold the check for ever.
            self.wire
                .post(&session.id, "Runtime.terminateExecution", &json!({}));
        }
        let leave = json!({"accept": kind == "beforeunload"});
        self.wire
            .post(&session.id, "Page.handleJavaScriptDialog", &leave);
    }

    fn world(&self, session: &Session, method: &str, params: &Value) {
        let mut known = self.state.known();
        match method {
            "Runtime.executionContextCreated" if text_at(params, "/context/name") == WORLD => {
                let id = params.pointer("/context/id").and_then(Value::as_i64);
                let frame = text_at(params, "/context/auxData/frameId").to_owned();
                known
                    .worlds
                    .insert((session.id.clone(), id.unwrap_or_default()), frame);
            }
            "Runtime.executionContextDestroyed" => {
                let id = params.get("executionContextId").and_then(Value::as_i64);
                known
                    .worlds
                    .remove(&(session.id.clone(), id.unwrap_or_default()));
            }
            "Runtime.executionContextsCleared" => {
                known.worlds.retain(|(of, _), _| *of != session.id);
                known.touch();
            }
            _ => {}
        }
    }
}

fn decoded(body: &Value) -> String {
    let raw = text(body, "body");
    if body.get("base64Encoded").and_then(Value::as_bool) != Some(true) {
        return raw.to_owned();
    }
    let bytes = data_encoding::BASE64
        .decode(raw.as_bytes())
        .unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Notes when the document last changed; runs in an isolated world that the app cannot see.
const WATCH: &str = "globalThis.changedAt = performance.now(); new MutationObserver(() => { globalThis.changedAt = performance.now(); }).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});";

const MOST_DIALOGS: usize = 20;
