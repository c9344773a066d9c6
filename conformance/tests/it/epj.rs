//! A small EPJ in this process: SMART discovery, authorization, token and Patient, with the
//! behaviours that a suite asks for, and the recording that a stage owes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use conformance::stage::{
    Exchange, LaunchSpec, Launched, OpenStage, Person, StateBehaviour, Surface,
};
use conformance::{AppUnderTest, SecretKind, Stage, StageError, StageId, marker};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

type Pairs = Vec<(String, String)>;

#[derive(Clone)]
pub(crate) struct Epj {
    origin: String,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    number: usize,
    launches: BTreeMap<String, LaunchSpec>,
    exchanges: Vec<Exchange>,
    reads: BTreeMap<String, u32>,
    opened: usize,
    closed: usize,
    failing: usize,
}

impl Epj {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let epj = Self {
            origin: format!("http://127.0.0.1:{port}"),
            kept: Arc::default(),
        };
        let router = Router::new()
            .route("/fhir/.well-known/smart-configuration", get(discovery))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/fhir/Patient/{id}", get(patient).options(preflight))
            .with_state(epj.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        epj
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The next `count` stages cannot be opened.
    pub(crate) fn fail(&self, count: usize) {
        self.kept.lock().unwrap().failing = count;
    }

    /// Stages opened and closed.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let kept = self.kept.lock().unwrap();
        (kept.opened, kept.closed)
    }

    fn spec(&self, launch: &str) -> Option<LaunchSpec> {
        self.kept.lock().unwrap().launches.get(launch).cloned()
    }

    fn record(&self, mut exchange: Exchange) {
        let mut kept = self.kept.lock().unwrap();
        exchange.seq = i64::try_from(kept.exchanges.len()).unwrap() + 1;
        kept.exchanges.push(exchange);
    }
}

#[async_trait]
impl Stage for Epj {
    async fn open(&self, run: &str, app: &AppUnderTest) -> Result<OpenStage, StageError> {
        let mut kept = self.kept.lock().unwrap();
        if kept.failing > 0 {
            kept.failing -= 1;
            return Err(StageError::Failed("it is being restarted".to_owned()));
        }
        kept.opened += 1;
        kept.exchanges.clear();
        Ok(OpenStage {
            id: StageId(run.to_owned()),
            origins: vec![self.origin.clone()],
            client_id: app.app.clone(),
        })
    }

    async fn launch(&self, _stage: &StageId, spec: &LaunchSpec) -> Result<Launched, StageError> {
        let mut kept = self.kept.lock().unwrap();
        kept.number += 1;
        let launch = format!("launch-{:020}", kept.number);
        kept.launches.insert(launch.clone(), spec.clone());
        let iss = format!("{}/fhir", self.origin);
        let mut url = Url::parse("http://app.invalid/").unwrap();
        url.query_pairs_mut()
            .append_pair("iss", &iss)
            .append_pair("launch", &launch);
        let address = APP.lock().unwrap().clone();
        Ok(Launched {
            url: format!("{address}?{}", url.query().unwrap()),
            iss,
            launch,
            patient: Some(person(spec)),
            user: None,
            encounter: None,
        })
    }

    async fn traffic(&self, _stage: &StageId, after: i64) -> Result<Vec<Exchange>, StageError> {
        let kept = self.kept.lock().unwrap();
        let new = kept
            .exchanges
            .iter()
            .filter(|exchange| exchange.seq > after);
        Ok(new.cloned().collect())
    }

    async fn close(&self, _stage: &StageId) -> Result<(), StageError> {
        self.kept.lock().unwrap().closed += 1;
        Ok(())
    }
}

/// Where launches go; set by the test that serves the app.
pub(crate) static APP: Mutex<String> = Mutex::new(String::new());

fn person(spec: &LaunchSpec) -> Person {
    let name = spec.behaviour.patient_name.clone();
    let (family, given) = match name {
        Some(name) => (name.family, name.given),
        None => (format!("Nordmann{}", spec.patient), vec!["Kari".to_owned()]),
    };
    Person {
        id: format!("p{}", spec.patient),
        family,
        given,
        birth_date: Some(format!("195{}-02-03", spec.patient % 10)),
        identifier: None,
    }
}

fn exchange(surface: Surface, method: &str, path: &str, status: u16) -> Exchange {
    Exchange {
        seq: 0,
        surface,
        method: method.to_owned(),
        path: path.to_owned(),
        query: Vec::new(),
        request_headers: Vec::new(),
        form: Vec::new(),
        status,
        response_headers: Vec::new(),
        error: None,
        resources: Vec::new(),
        patients: Vec::new(),
        scope_granted: None,
        client_id: Some("no.example.pasient".to_owned()),
        launch: None,
    }
}

fn marked(pairs: &Pairs) -> Pairs {
    let kind = |name: &str| match name {
        "code" => Some(SecretKind::Code),
        "code_verifier" => Some(SecretKind::CodeVerifier),
        "launch" => Some(SecretKind::Launch),
        _ => None,
    };
    let mark = |(name, value): &(String, String)| match kind(name) {
        Some(kind) => (name.clone(), marker(kind, value)),
        None => (name.clone(), value.clone()),
    };
    pairs.iter().map(mark).collect()
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    let found = pairs.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value)
}

fn answer(status: u16, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::RETRY_AFTER, "1"),
    ];
    let status = StatusCode::from_u16(status).unwrap();
    (status, headers, body.to_string()).into_response()
}

async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, accept",
        ),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

async fn discovery(State(epj): State<Epj>) -> Response {
    let path = "/fhir/.well-known/smart-configuration";
    epj.record(exchange(Surface::Discovery, "GET", path, 200));
    answer(
        200,
        &json!({
            "issuer": epj.origin,
            "authorization_endpoint": format!("{}/authorize", epj.origin),
            "token_endpoint": format!("{}/token", epj.origin),
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["launch-ehr", "client-public", "permission-v2"],
        }),
    )
}

async fn authorize(State(epj): State<Epj>, Query(query): Query<Pairs>) -> Response {
    let launch = value(&query, "launch").to_owned();
    let Some(spec) = epj.spec(&launch) else {
        return answer(400, &json!({"error": "invalid_request"}));
    };
    let state = value(&query, "state").to_owned();
    let mut target = Url::parse(value(&query, "redirect_uri")).unwrap();
    let mut error = None;
    {
        let mut back = target.query_pairs_mut();
        if spec.behaviour.deny {
            error = Some("access_denied".to_owned());
            back.append_pair("error", "access_denied");
        } else {
            back.append_pair("code", &format!("code-for-{launch}"));
        }
        let returned = match spec.behaviour.state {
            StateBehaviour::Untouched => Some(state),
            StateBehaviour::Altered => Some(state.chars().rev().collect()),
            StateBehaviour::Omitted => None,
        };
        if let Some(state) = returned {
            back.append_pair("state", &state);
        }
    }
    let mut record = exchange(Surface::Authorization, "GET", "/authorize", 303);
    record.query = marked(&query);
    record.error = error;
    record.launch = Some(marker(SecretKind::Launch, &launch));
    epj.record(record);
    Redirect::to(target.as_str()).into_response()
}

async fn token(State(epj): State<Epj>, headers: HeaderMap, Form(form): Form<Pairs>) -> Response {
    let launch = value(&form, "code")
        .trim_start_matches("code-for-")
        .to_owned();
    let Some(spec) = epj.spec(&launch) else {
        return answer(400, &json!({"error": "invalid_grant"}));
    };
    let granted = spec.behaviour.grant.clone();
    let granted = granted.unwrap_or_else(|| "launch patient/Patient.r".to_owned());
    let mut record = exchange(Surface::Token, "POST", "/token", 200);
    record.form = marked(&form);
    record.scope_granted = Some(granted.clone());
    record.launch = Some(marker(SecretKind::Launch, &launch));
    if let Some(origin) = headers.get("origin") {
        let origin = origin.to_str().unwrap().to_owned();
        record.request_headers.push(("origin".to_owned(), origin));
    }
    epj.record(record);
    answer(
        200,
        &json!({
            "access_token": format!("token-for-{launch}"),
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": granted,
            "patient": person(&spec).id,
        }),
    )
}

async fn patient(State(epj): State<Epj>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let bearer = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let token = bearer
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    let launch = token.trim_start_matches("token-for-").to_owned();
    let Some(spec) = epj.spec(&launch) else {
        return answer(401, &json!({"resourceType": "OperationOutcome"}));
    };
    let reads = {
        let mut kept = epj.kept.lock().unwrap();
        let reads = kept.reads.entry(launch.clone()).or_default();
        *reads += 1;
        *reads
    };
    let person = person(&spec);
    let status = if spec
        .behaviour
        .expire_after
        .is_some_and(|after| reads > after)
    {
        401
    } else if let Some(fault) = &spec.behaviour.fhir_fault {
        fault.status
    } else if person.id == id {
        200
    } else {
        403
    };
    let mut record = exchange(Surface::Fhir, "GET", &format!("/fhir/Patient/{id}"), status);
    record.resources = vec![format!("Patient/{id}")];
    record.patients = vec![id.clone()];
    record.scope_granted = Some("launch patient/Patient.r".to_owned());
    record.launch = Some(marker(SecretKind::Launch, &launch));
    let credentials = format!("Bearer {}", marker(SecretKind::AccessToken, token));
    record
        .request_headers
        .push(("authorization".to_owned(), credentials));
    record.error = (status != 200).then(|| "exception".to_owned());
    epj.record(record);
    if status != 200 {
        return answer(
            status,
            &json!({"resourceType": "OperationOutcome", "issue": []}),
        );
    }
    answer(
        200,
        &json!({
            "resourceType": "Patient", "id": id, "birthDate": person.birth_date,
            "name": [{"family": person.family, "given": person.given}],
        }),
    )
}
