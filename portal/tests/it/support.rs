//! A portal with its rooms, people, and browsers that keep cookies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use conformance::{
    AppUnderTest, Conformance, ConformanceConfig, StageError, StageId, Subject, Subjects,
    SubjectsError, stage,
};
use foundation::access::Role;
use foundation::blob::Blobs;
use foundation::clock::ManualClock;
use foundation::entropy::SystemEntropy;
use foundation::testing::{self, TestDatabase};
use foundation::{Clock, Digest, Entropy};
use http_body_util::BodyExt;
use portal::{Parts, Portal, PortalConfig};
use registry::{
    Desk, Fetched, Hosted, Keys, Organisation, OrganisationNumber, Person, PortError, Registry,
    RegistryConfig, ReviewRole, Verdict, Verdicts,
};
use secrecy::SecretString;
use tower::ServiceExt;

use crate::issuer::Issuer;

/// No check has ever been run here.
#[derive(Debug)]
struct NoVerdicts;

#[async_trait]
impl Verdicts for NoVerdicts {
    async fn latest(&self, _: &Digest) -> Result<Option<Verdict>, PortError> {
        Ok(None)
    }
}

/// No vendor hosts an app here.
#[derive(Debug)]
struct NoServer;

#[async_trait]
impl Hosted for NoServer {
    async fn fetch(&self, _: &str, _: u64) -> Result<Fetched, PortError> {
        Err(PortError("no server".to_owned()))
    }
}

/// An EPJ that is not there: these tests run no checks.
#[derive(Debug)]
struct NoStage;

#[async_trait]
impl stage::Stage for NoStage {
    async fn open(&self, _: &str, _: &AppUnderTest) -> Result<stage::OpenStage, StageError> {
        Err(StageError::Failed("closed".to_owned()))
    }

    async fn launch(
        &self,
        _: &StageId,
        _: &stage::LaunchSpec,
    ) -> Result<stage::Launched, StageError> {
        Err(StageError::Failed("closed".to_owned()))
    }

    async fn traffic(&self, _: &StageId, _: i64) -> Result<Vec<stage::Exchange>, StageError> {
        Err(StageError::Failed("closed".to_owned()))
    }

    async fn close(&self, _: &StageId) -> Result<(), StageError> {
        Ok(())
    }
}

/// The registry's versions, as the conformance room asks for them.
#[derive(Debug)]
struct FromRegistry(Registry);

#[async_trait]
impl Subjects for FromRegistry {
    async fn find(&self, app: &str, version: &str) -> Result<Option<Subject>, SubjectsError> {
        let subject = self
            .0
            .subject(app, version)
            .await
            .map_err(|error| SubjectsError(error.to_string()))?;
        Ok(subject.map(|subject| Subject {
            app: subject.software_id.clone(),
            version: subject.software_version.clone(),
            release: subject.release,
            organisation: subject.vendor.orgnr.to_string(),
            published: false,
            open: true,
            app_under_test: AppUnderTest {
                app: subject.software_id,
                version: subject.software_version,
                launch_url: subject.addresses.launch_uri,
                redirect_uris: subject.addresses.redirect_uris,
                scope: subject.manifest.scope,
                hosts: subject.manifest.hosts,
                origins: subject.addresses.origins,
                languages: vec!["nb".to_owned()],
                token_endpoint_auth_method: "none".to_owned(),
                jwks: None,
            },
        }))
    }
}

/// A portal and what it stands on.
pub(crate) struct World {
    pub portal: Portal,
    pub clock: Arc<ManualClock>,
    pub issuer: Issuer,
    router: Router,
    _database: TestDatabase,
}

/// Short name, serial of the organisation, role, capacities.
pub(crate) const PEOPLE: [(&str, u32, Role, &[ReviewRole]); 6] = [
    ("vendor", 1, Role::Vendor, &[]),
    ("other-vendor", 2, Role::Vendor, &[]),
    ("security", 3, Role::Reviewer, &[ReviewRole::Security]),
    ("municipality", 4, Role::Municipality, &[]),
    ("epj", 5, Role::Epj, &[]),
    ("operator", 6, Role::Operator, &[]),
];

/// An invented organisation number.
pub(crate) fn orgnr(serial: u32) -> OrganisationNumber {
    (0..)
        .map(|step| 31_000_000 + serial * 100 + step)
        .flat_map(|body| (0..10).map(move |check| format!("{body}{check}")))
        .find_map(|text| text.parse().ok())
        .unwrap()
}

/// A fresh world on every database.
pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in testing::databases().await.unwrap() {
        worlds.push(build(database).await);
    }
    worlds
}

/// A fresh world on SQLite, for what does not depend on the database.
pub(crate) async fn world() -> World {
    build(testing::sqlite().await.unwrap()).await
}

async fn build(database: TestDatabase) -> World {
    let clock = testing::clock();
    let time: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    let issuer = Issuer::start().await;
    let registry = registry(&database, &time, &entropy);
    people(&registry).await;
    let conformance = Conformance::new(conformance::Parts {
        database: database.database.clone(),
        blobs: Blobs::in_memory(),
        clock: Arc::clone(&time),
        entropy: Arc::clone(&entropy),
        config: ConformanceConfig::default(),
        stage: Arc::new(NoStage),
        subjects: Arc::new(FromRegistry(registry.clone())),
    })
    .unwrap();
    let portal = Portal::new(Parts {
        database: database.database.clone(),
        clock: time,
        entropy,
        config: PortalConfig {
            issuer: issuer.url.clone(),
            ..PortalConfig::default()
        },
        registry: registry.clone(),
        conformance,
    })
    .unwrap();
    let router = portal
        .routes()
        .into_router()
        .fallback_service(portal.not_found());
    World {
        portal,
        clock,
        issuer,
        router,
        _database: database,
    }
}

fn registry(
    database: &TestDatabase,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Registry {
    let config = RegistryConfig::default();
    let secret = SecretString::from("a secret of more than thirty-two characters");
    let keys = Keys::new(
        database.database.clone(),
        Arc::clone(clock),
        Arc::clone(entropy),
        &secret,
    )
    .unwrap();
    let parts = registry::LogParts {
        database: database.database.clone(),
        clock: Arc::clone(clock),
        keys: keys.clone(),
        files: foundation::files::Files::in_memory(),
        failpoints: Arc::new(foundation::failpoint::NoFailpoints),
    };
    let log = registry::TransparencyLog::new(parts, &config).unwrap();
    Registry::new(registry::Parts {
        database: database.database.clone(),
        blobs: Blobs::in_memory(),
        clock: Arc::clone(clock),
        entropy: Arc::clone(entropy),
        config: config.clone(),
        verdicts: Arc::new(NoVerdicts),
        hosted: Arc::new(NoServer),
        signing: Arc::new(Desk::new(keys.clone(), config)),
        keys,
        log,
    })
}

async fn people(registry: &Registry) {
    for (key, serial, role, capacities) in PEOPLE {
        let organisation = Organisation {
            orgnr: orgnr(serial),
            name: format!("Organisasjon {serial}"),
            roles: BTreeSet::from([role]),
        };
        registry.save_organisation(&organisation).await.unwrap();
        let person = Person {
            subject: key.to_owned(),
            name: format!("Prøve {key}"),
            orgnr: orgnr(serial),
            roles: BTreeSet::from([role]),
            review_roles: capacities.iter().copied().collect(),
        };
        registry.save_person(&person).await.unwrap();
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    pub(crate) fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// The token of the page's forms.
    pub(crate) fn form_token(&self) -> String {
        let start = self
            .text
            .split("name=\"form_token\" value=\"")
            .nth(1)
            .unwrap();
        start.split('"').next().unwrap().to_owned()
    }
}

/// A browser: sends back the cookies that it was given.
pub(crate) struct Browser<'a> {
    world: &'a World,
    pub cookies: BTreeMap<String, String>,
}

impl World {
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser {
            world: self,
            cookies: BTreeMap::new(),
        }
    }

    /// A browser in which this person is logged in.
    pub(crate) async fn logged_in(&self, key: &str) -> Browser<'_> {
        let mut browser = self.browser();
        browser.log_in(key, "/logg-inn").await.expect(303);
        browser
    }
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send(Request::get(path), Body::empty()).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Reply {
        let body = serde_urlencoded::to_string(form).unwrap();
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    pub(crate) async fn send(
        &mut self,
        request: axum::http::request::Builder,
        body: Body,
    ) -> Reply {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = request
            .header(header::COOKIE, cookies.join("; "))
            .body(body)
            .unwrap();
        let response = self.world.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        for value in headers.get_all(header::SET_COOKIE) {
            let pair = value.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Reply {
            status,
            headers,
            text,
        }
    }

    /// The whole login: portal, issuer, portal.
    pub(crate) async fn log_in(&mut self, key: &str, from: &str) -> Reply {
        let answer = self.authorize(key, from).await;
        self.get(&answer).await
    }

    /// The login until the issuer sends the browser back; gives the address it is sent to.
    pub(crate) async fn authorize(&mut self, key: &str, from: &str) -> String {
        let begun = self.get(from).await.expect(303);
        let serial = PEOPLE
            .iter()
            .find(|(known, ..)| *known == key)
            .map_or(9, |person| person.1);
        let orgnr = orgnr(serial).to_string();
        self.world
            .issuer
            .authorize(begun.location(), (key, &format!("Prøve {key}"), &orgnr))
    }
}
