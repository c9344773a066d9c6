//! The FHIR server through its router, on every database there is: requests as an app makes them,
//! with the sandbox and the grant put in as the layer in front does.

mod chain;
mod conditional;
mod copies;
mod document;
mod examples;
mod export;
mod filter;
mod history;
mod judged;
mod metadata;
mod operation;
mod patch;
mod properties;
mod read;
mod scope;
mod search;
mod subscription;
mod together;
mod transaction;
mod write;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use foundation::clock::ManualClock;
use foundation::store::Tx;
use foundation::testing::{self, TestDatabase};
use sea_query::{Iden, Query};
use serde_json::Value;
use synthetic_data::Settings;
use tower::ServiceExt;
use verifier::scope::ScopeSet;

use super::{FhirState, Outward, routes};
use crate::domain::grant::{Grant, Tenant};
use crate::domain::sandbox::Validation;
use crate::service::recorder::Recorder;
use subscription::Endpoint;

pub(super) const BASE: &str = "http://localhost:8081/demo/fhir";
pub(super) const FNR: &str = "urn:oid:2.16.578.1.12.4.1.4.1";

/// A server with one sandbox, and an app that holds scopes.
pub(super) struct World {
    pub(super) state: FhirState,
    settings: Settings,
    validation: Validation,
    is_judged: bool,
    pub(super) engine: &'static str,
    pub(super) clock: Arc<ManualClock>,
    pub(super) endpoint: Arc<Endpoint>,
    kept: TestDatabase,
}

/// An app with its token.
pub(super) struct App<'a> {
    world: &'a World,
    sandbox: String,
    grant: Grant,
    headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy, Iden)]
enum Sandbox {
    #[iden = "sandbox_sandbox"]
    Table,
    Name,
    Title,
    DatasetVersion,
    Seed,
    Size,
    Municipality,
    AsOf,
    CreatedAt,
}

pub(super) fn settings() -> Settings {
    Settings {
        size: 60,
        ..Settings::default_on("2026-11-21".parse().unwrap())
    }
}

/// A server on every database.
pub(super) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in testing::databases().await.unwrap() {
        let mut tx = database.database.begin().await.unwrap();
        insert_sandbox(&mut tx, "demo").await;
        tx.commit().await.unwrap();
        let (clock, endpoint) = (testing::clock(), Arc::new(Endpoint::default()));
        let recorder = Recorder::start(database.database.clone());
        let state = FhirState::new(
            database.database.clone(),
            clock.clone(),
            testing::entropy(),
            (
                super::Overlays::default(),
                Outward::new(endpoint.clone(), recorder),
            ),
        );
        worlds.push(World {
            state,
            settings: settings(),
            validation: Validation::Lenient,
            is_judged: false,
            engine: database.engine,
            clock,
            endpoint,
            kept: database,
        });
    }
    worlds
}

/// A server for what needs no database of its own kind.
pub(super) async fn world() -> World {
    worlds().await.swap_remove(0)
}

pub(super) async fn insert_sandbox(tx: &mut Tx, name: &str) {
    let columns = [
        Sandbox::Name,
        Sandbox::Title,
        Sandbox::DatasetVersion,
        Sandbox::Seed,
        Sandbox::Size,
        Sandbox::Municipality,
        Sandbox::AsOf,
        Sandbox::CreatedAt,
    ];
    let insert = Query::insert()
        .into_table(Sandbox::Table)
        .columns(columns)
        .values_panic([
            name.into(),
            "Demo".into(),
            1i64.into(),
            1i64.into(),
            60i64.into(),
            "3405".into(),
            "2026-11-21".into(),
            0i64.into(),
        ])
        .to_owned();
    tx.execute(&insert).await.unwrap();
}

impl World {
    /// An app launched for a patient by the first practitioner.
    pub(super) fn app(&self, patient: Option<&str>, scopes: &str) -> App<'_> {
        let grant = Grant {
            client_id: "app".to_owned(),
            user: "Practitioner/practitioner-1".to_owned(),
            patient: patient.map(str::to_owned),
            encounter: None,
            scopes: ScopeSet::parse(scopes).unwrap(),
        };
        App {
            world: self,
            sandbox: "demo".to_owned(),
            grant,
            headers: Vec::new(),
        }
    }

    /// What breaks a rule is refused here.
    pub(super) fn strict(mut self) -> Self {
        self.validation = Validation::Strict;
        self
    }

    /// Keeps everything that is answered for judges of others' making.
    pub(super) fn judged(mut self) -> Self {
        self.is_judged = true;
        self
    }

    /// The same number of people, from all over the country.
    pub(super) fn of_the_country(mut self) -> Self {
        self.settings.municipality = synthetic_data::Place::COUNTRY.to_owned();
        self
    }

    /// Lets a search over everybody compute everybody.
    pub(super) fn unbounded(mut self) -> Self {
        self.state.everybody = u32::MAX;
        self
    }

    /// Lets an export count so many people at a time.
    pub(super) fn exporting(mut self, step: u32) -> Self {
        self.state.export_step = step;
        self
    }

    /// The index of somebody in whose journal the type stands at least `count` times.
    pub(super) fn somebody_with(&self, kind: &str, count: usize) -> u32 {
        let dataset = synthetic_data::Dataset::new(self.settings.clone()).unwrap();
        let has = |index: &u32| {
            let all = dataset.resources(*index);
            all.iter()
                .filter(|resource| resource.resource_type.name() == kind)
                .count()
                >= count
        };
        (0..60).find(has).unwrap()
    }

    pub(super) fn dataset(&self) -> synthetic_data::Dataset {
        synthetic_data::Dataset::new(self.settings.clone()).unwrap()
    }

    pub(super) fn tenant(&self) -> Arc<Tenant> {
        self.tenant_of("demo")
    }

    fn tenant_of(&self, sandbox: &str) -> Arc<Tenant> {
        Arc::new(Tenant {
            base: BASE.replace("demo", sandbox),
            name: sandbox.to_owned(),
            made: foundation::Timestamp::from_millis(0),
            settings: self.settings.clone(),
            validation: self.validation,
        })
    }

    async fn send(&self, grant: Option<Grant>, request: Request<Body>) -> Answer {
        let mut request = request;
        let sandbox = request.uri().path().split('/').nth(1).unwrap();
        let tenant = self.tenant_of(sandbox);
        request.extensions_mut().insert(tenant);
        if let Some(grant) = grant {
            request.extensions_mut().insert(Arc::new(grant));
        }
        let response = routes(self.state.clone())
            .into_router()
            .oneshot(request)
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let answer = Answer {
            status: head.status,
            headers: head.headers,
            bytes,
        };
        let media = answer.header("content-type");
        if answer.status.as_u16() >= 400 {
            testing::keep_for_judges("refusals", media, &answer.bytes);
        } else if self.is_judged {
            testing::keep_for_judges("answers", media, &answer.bytes);
        }
        answer
    }

    /// A request without a token.
    pub(super) async fn without_token(&self, path: &str) -> Answer {
        let request = Request::get(format!("/demo/fhir/{path}"))
            .body(Body::empty())
            .unwrap();
        self.send(None, request).await
    }
}

impl App<'_> {
    pub(super) fn user(mut self, user: &str) -> Self {
        user.clone_into(&mut self.grant.user);
        self
    }

    pub(super) fn client(mut self, client_id: &str) -> Self {
        client_id.clone_into(&mut self.grant.client_id);
        self
    }

    /// The same in another sandbox.
    pub(super) fn inside(mut self, sandbox: &str) -> Self {
        sandbox.clone_into(&mut self.sandbox);
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Answer {
        let path = path.strip_prefix(&format!("{BASE}/")).unwrap_or(path);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/{}/fhir/{path}", self.sandbox));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        self.world
            .send(
                Some(self.grant.clone()),
                request.body(Body::from(body)).unwrap(),
            )
            .await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Vec::new()).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Vec::new()).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, body.to_string().into_bytes())
            .await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body.to_string().into_bytes())
            .await
    }

    /// The ids that a search finds on its first page.
    pub(super) async fn ids(&self, path: &str) -> Vec<String> {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.ids()
    }
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn entries(&self) -> Vec<Value> {
        let bundle = self.json();
        assert_eq!(bundle["resourceType"], "Bundle");
        bundle["entry"].as_array().cloned().unwrap_or_default()
    }

    pub(super) fn ids(&self) -> Vec<String> {
        let matches = self
            .entries()
            .into_iter()
            .filter(|entry| entry["search"]["mode"] == "match");
        matches
            .map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(super) fn next(&self) -> Option<String> {
        let links = self.json()["link"].as_array().cloned().unwrap_or_default();
        let next = links.into_iter().find(|link| link["relation"] == "next")?;
        next["url"].as_str().map(str::to_owned)
    }

    /// The code of a refusal, which must be an OperationOutcome in two languages.
    pub(super) fn refusal(&self) -> String {
        let outcome = self.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome", "{outcome}");
        assert!(
            self.header("content-type")
                .starts_with("application/fhir+json")
        );
        let details = &outcome["issue"][0]["details"];
        assert!(details["_text"]["extension"][0]["extension"][1]["valueString"].is_string());
        details["coding"][0]["code"].as_str().unwrap().to_owned()
    }
}
