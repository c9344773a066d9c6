//! The world of the tests: a sandbox on each engine, a registry that answers what the test says, and
//! requests as verbs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use foundation::access::{Actor, Role};
use foundation::clock::ManualClock;
use foundation::testing::{self, TestDatabase};
use futures::{StreamExt, stream};
use sandbox::{
    ApprovalSource, Behaviour, Launched, ListedApp, NewClient, NewLaunch, NotSent, Notification,
    NotificationSink, Parts, Sandbox, SandboxConfig, SourceError, StatusFeed,
};
use serde_json::Value;
use tokio::sync::broadcast;
use tower::ServiceExt;
use url::Url;
use verifier::TrustUpdate;

use crate::planted;

pub(crate) const BASE: &str = "http://localhost:8081/demo/fhir";
pub(crate) const REDIRECT: &str = "https://app.example/cb";
pub(crate) const ORIGIN: &str = "https://app.example";
pub(crate) const SCOPE: &str = "launch launch/patient launch/encounter openid fhirUser profile offline_access online_access patient/*.rs user/Practitioner.r";
/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const STATE: &str = "q8W~ ø+&=% 12345678-unguessable";

/// A registry that answers what the test put in.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(crate) trust: Mutex<Option<TrustUpdate>>,
    pub(crate) root: Mutex<Option<String>>,
    pub(crate) lists: Mutex<BTreeMap<String, String>>,
    pub(crate) apps: Mutex<Vec<ListedApp>>,
    /// How often a status list was fetched.
    pub(crate) fetched: Mutex<u32>,
    /// Where status lists are pushed to; none when this registry does not push.
    pub(crate) pushes: Mutex<Option<broadcast::Sender<String>>>,
    /// How often somebody began to follow.
    pub(crate) followed: Mutex<u32>,
}

impl Registry {
    /// Begins to push; whoever was connected before is cut off.
    pub(crate) fn push(&self) -> broadcast::Sender<String> {
        let sender = broadcast::Sender::new(16);
        *self.pushes.lock().unwrap() = Some(sender.clone());
        sender
    }
}

#[async_trait]
impl ApprovalSource for Registry {
    async fn trust_update(&self, _known_root: u64) -> Result<TrustUpdate, SourceError> {
        let trust = self.trust.lock().unwrap().clone();
        trust.ok_or_else(|| SourceError("no answer".to_owned()))
    }

    async fn status_list(&self, uri: &str) -> Result<String, SourceError> {
        *self.fetched.lock().unwrap() += 1;
        let list = self.lists.lock().unwrap().get(uri).cloned();
        list.ok_or_else(|| SourceError("no answer".to_owned()))
    }

    async fn follow_status(&self, uri: &str) -> Result<StatusFeed, SourceError> {
        *self.followed.lock().unwrap() += 1;
        let pushes = self.pushes.lock().unwrap();
        let pushes = pushes
            .as_ref()
            .ok_or_else(|| SourceError("no push".to_owned()))?;
        let now = self.lists.lock().unwrap().get(uri).cloned();
        let follower = (now, pushes.subscribe());
        let stream = stream::unfold(follower, |(now, mut news)| async move {
            let token = match now {
                Some(now) => now,
                None => news.recv().await.ok()?,
            };
            Some((token, (None, news)))
        });
        Ok(stream.boxed())
    }

    async fn listed(&self) -> Result<Vec<ListedApp>, SourceError> {
        Ok(self.apps.lock().unwrap().clone())
    }

    fn pinned_root(&self) -> Option<String> {
        self.root.lock().unwrap().clone()
    }
}

/// Endpoints that keep what is sent to them, and take it.
#[derive(Debug, Default)]
pub(crate) struct Endpoint {
    pub(crate) received: Mutex<Vec<Notification>>,
}

#[async_trait]
impl NotificationSink for Endpoint {
    async fn send(&self, notification: Notification) -> Result<u16, NotSent> {
        self.received.lock().unwrap().push(notification);
        Ok(200)
    }
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) database: Arc<TestDatabase>,
    router: Router,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The address of a redirect.
    #[track_caller]
    pub(crate) fn location(&self) -> Url {
        assert_eq!(self.status, 303, "{self:?}");
        Url::parse("http://localhost:8081")
            .unwrap()
            .join(self.header("location"))
            .unwrap()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    /// The OAuth error of a refusal.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        assert!(self.status.is_client_error(), "{self:?}");
        self.json()["error"].as_str().unwrap().to_owned()
    }
}

/// What a router answers to a GET.
pub(crate) async fn ask(router: Router, path: &str) -> String {
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let body = router.oneshot(request).await.unwrap().into_body();
    String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap()
}

/// A parameter of an address's query.
pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// A world on every engine.
pub(crate) async fn worlds() -> Vec<World> {
    worlds_with(&config()).await
}

/// The same with settings of their own.
pub(crate) async fn worlds_with(config: &SandboxConfig) -> Vec<World> {
    let mut worlds = Vec::new();
    for database in testing::databases().await.unwrap() {
        worlds.push(world_on(database, config.clone()).await);
    }
    worlds
}

/// The settings of most tests.
pub(crate) fn config() -> SandboxConfig {
    SandboxConfig {
        demo_size: 60,
        ..SandboxConfig::default()
    }
}

/// A world on SQLite, for what no engine can change.
pub(crate) async fn world() -> World {
    world_with(config()).await
}

/// A world on SQLite with settings of its own.
pub(crate) async fn world_with(config: SandboxConfig) -> World {
    world_on(testing::sqlite().await.unwrap(), config).await
}

async fn world_on(database: TestDatabase, config: SandboxConfig) -> World {
    planted::keys(&database.database).await;
    let clock = testing::clock();
    let registry = Arc::new(Registry::default());
    let endpoint = Arc::new(Endpoint::default());
    let sandbox = Sandbox::new(Parts {
        database: database.database.clone(),
        clock: clock.clone(),
        entropy: testing::entropy(),
        config,
        approvals: registry.clone(),
        notifications: endpoint.clone(),
    })
    .unwrap();
    sandbox.prepare().await.unwrap();
    let router = sandbox.routes().into_router();
    let database = Arc::new(database);
    let world = World {
        sandbox,
        clock,
        registry,
        endpoint,
        database,
        router,
    };
    world.register(public_client()).await;
    world
}

/// The app of most tests.
pub(crate) fn public_client() -> NewClient {
    NewClient {
        client_id: Some("app".to_owned()),
        name: "Blodtrykk".to_owned(),
        redirect_uris: vec![REDIRECT.to_owned()],
        launch_uri: Some("https://app.example/launch".to_owned()),
        scope: SCOPE.to_owned(),
        ..NewClient::default()
    }
}

pub(crate) fn actor(role: Role, organisation: &str) -> Actor {
    Actor {
        person: "p".to_owned(),
        name: "Prøve".to_owned(),
        organisation: organisation.to_owned(),
        organisation_name: "Prøve AS".to_owned(),
        roles: std::collections::BTreeSet::from([role]),
    }
}

impl World {
    /// The same world with another process on its database.
    pub(crate) fn of(sandbox: Sandbox, other: &Self) -> Self {
        Self {
            router: sandbox.routes().into_router(),
            sandbox,
            clock: other.clock.clone(),
            registry: other.registry.clone(),
            endpoint: other.endpoint.clone(),
            database: other.database.clone(),
        }
    }

    pub(crate) async fn register(&self, client: NewClient) -> Option<String> {
        let registered = self.sandbox.register_client("demo", client).await.unwrap();
        registered
            .client_secret
            .map(|secret| secret.expose().to_owned())
    }

    /// The room's own router, to be served on a socket.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let answer = Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        };
        if answer.status.is_client_error() || answer.status.is_server_error() {
            testing::keep_for_judges("refusals", answer.header("content-type"), &bytes);
        }
        answer
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[]).await
    }

    pub(crate) async fn form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn json(
        &self,
        method: Method,
        path: &str,
        actor: Option<Actor>,
        body: &Value,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        if let Some(actor) = actor {
            request.extensions_mut().insert(actor);
        }
        self.send(request).await
    }

    pub(crate) async fn launch(&self, behaviour: Behaviour) -> Launched {
        self.launch_of("app", behaviour).await
    }

    pub(crate) async fn launch_of(&self, client_id: &str, behaviour: Behaviour) -> Launched {
        let launch = NewLaunch {
            client_id: client_id.to_owned(),
            patient: Some("p0".to_owned()),
            behaviour,
            ..NewLaunch::default()
        };
        self.sandbox.launch("demo", launch).await.unwrap()
    }

    /// An authorization request with the usual parameters, some of them changed; empty leaves out.
    pub(crate) async fn authorize(&self, changes: &[(&str, &str)]) -> Answer {
        let query = authorization_query(changes);
        self.get(&format!("/demo/auth/authorize?{query}")).await
    }

    /// Launches and authorizes; gives the code.
    pub(crate) async fn code(&self, scope: &str, behaviour: Behaviour) -> String {
        let launched = self.launch(behaviour).await;
        let changes = [("launch", launched.launch.as_str()), ("scope", scope)];
        let location = self.authorize(&changes).await.location();
        parameter(&location, "code").unwrap_or_else(|| panic!("no code in {location}"))
    }

    /// Redeems a code with the usual fields, some of them changed; empty leaves out.
    pub(crate) async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut fields = BTreeMap::from([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
            ("client_id", "app"),
        ]);
        fields.extend(changes.iter().copied());
        let fields: Vec<(&str, &str)> = fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        self.form("/demo/auth/token", &fields, &[]).await
    }

    /// The token answer of an EHR launch.
    pub(crate) async fn tokens(&self, scope: &str, behaviour: Behaviour) -> Value {
        let code = self.code(scope, behaviour).await;
        self.redeem(&code, &[]).await.expect(200).json()
    }

    pub(crate) async fn refresh(&self, refresh_token: &str, changes: &[(&str, &str)]) -> Answer {
        let mut fields = BTreeMap::from([
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", "app"),
        ]);
        fields.extend(changes.iter().copied());
        let fields: Vec<(&str, &str)> = fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        self.form("/demo/auth/token", &fields, &[]).await
    }

    /// True when the token would be let in now.
    pub(crate) async fn is_active(&self, token: &str) -> bool {
        let watcher = self
            .tokens("launch patient/*.rs", Behaviour::default())
            .await;
        let bearer = format!("Bearer {}", text(&watcher, "access_token"));
        let answer = self
            .form(
                "/demo/auth/introspect",
                &[("token", token)],
                &[("authorization", &bearer)],
            )
            .await
            .expect(200);
        answer.json()["active"].as_bool().unwrap()
    }
}

pub(crate) fn authorization_query(changes: &[(&str, &str)]) -> String {
    let mut all = BTreeMap::from([
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", REDIRECT),
        ("scope", "launch patient/*.rs"),
        ("state", STATE),
        ("aud", BASE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    all.extend(changes.iter().copied());
    all.retain(|_, value| !value.is_empty());
    serde_urlencoded::to_string(all).unwrap()
}

/// A text member of a JSON object.
#[track_caller]
pub(crate) fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {json}"))
}
