//! A room with a database, an EPJ, an app and a registry of one version.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use conformance::{
    AppUnderTest, Conformance, ConformanceConfig, LocalApp, Package, Parts, Subject, Subjects,
    SubjectsError,
};
use foundation::Digest;
use foundation::access::{Actor, Role};
use foundation::blob::Blobs;
use foundation::jobs::Worker;
use foundation::store::Database;
use foundation::testing::{clock, entropy};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use crate::epj::{APP, Epj};

pub(crate) const VENDOR: &str = "310000001";

/// One browser at a time, and one app that launches go to.
static TURN: AsyncMutex<()> = AsyncMutex::const_new(());

pub(crate) async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

#[expect(clippy::print_stderr, reason = "tells why a test did nothing")]
pub(crate) fn has_chromium() -> bool {
    let installed = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let found = installed.iter().any(|path| Path::new(path).is_file());
    if !found {
        eprintln!("skipped: no Chromium is installed");
    }
    found
}

/// A registry of one version.
#[derive(Clone)]
pub(crate) struct OneVersion(pub(crate) Arc<Mutex<Subject>>);

#[async_trait]
impl Subjects for OneVersion {
    async fn find(&self, app: &str, version: &str) -> Result<Option<Subject>, SubjectsError> {
        let subject = self.0.lock().unwrap().clone();
        Ok((subject.app == app && subject.version == version).then_some(subject))
    }
}

pub(crate) struct World {
    pub(crate) room: Conformance,
    pub(crate) database: Database,
    pub(crate) epj: Epj,
    pub(crate) subject: OneVersion,
    pub(crate) blobs: Blobs,
}

impl World {
    pub(crate) async fn new(database: Database, app: AppUnderTest) -> Self {
        let epj = Epj::start().await;
        Self::with(database, app, epj, ConformanceConfig::default())
    }

    pub(crate) fn with(
        database: Database,
        app: AppUnderTest,
        epj: Epj,
        config: ConformanceConfig,
    ) -> Self {
        APP.lock().unwrap().clone_from(&app.launch_url);
        let subject = OneVersion(Arc::new(Mutex::new(Subject {
            app: "app_1".to_owned(),
            version: "1.0.0".to_owned(),
            release: Digest::of(b"release"),
            organisation: VENDOR.to_owned(),
            published: false,
            open: true,
            app_under_test: app,
        })));
        let blobs = Blobs::in_memory();
        let room = Conformance::new(Parts {
            database: database.clone(),
            blobs: blobs.clone(),
            clock: clock(),
            entropy: entropy(),
            config: ConformanceConfig {
                allow_local_addresses: true,
                ..config
            },
            stage: Arc::new(epj.clone()),
            subjects: Arc::new(subject.clone()),
        })
        .unwrap();
        Self {
            room,
            database,
            epj,
            subject,
            blobs,
        }
    }

    pub(crate) fn worker(&self) -> Worker {
        let worker = Worker::new(self.database.clone(), clock(), &*entropy(), 2);
        self.room.jobs(worker)
    }
}

pub(crate) fn actor(role: Role, organisation: &str) -> Actor {
    Actor {
        person: format!("{}-of-{organisation}", role.as_str()),
        name: "Kari".to_owned(),
        organisation: organisation.to_owned(),
        organisation_name: "Firma".to_owned(),
        roles: BTreeSet::from([role]),
    }
}

/// The app of these tests, served on loopback.
pub(crate) async fn served(epj: &Epj) -> LocalApp {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/app");
    Package::read(&folder)
        .unwrap()
        .serve(&[epj.origin().to_owned()])
        .await
        .unwrap()
}

/// An app that nobody serves.
pub(crate) fn nowhere() -> AppUnderTest {
    AppUnderTest {
        app: "no.example.pasient".to_owned(),
        version: "1.0.0".to_owned(),
        launch_url: "http://app.localhost:9/launch.html".to_owned(),
        redirect_uris: vec!["http://app.localhost:9/index.html".to_owned()],
        scope: "launch".to_owned(),
        hosts: Vec::new(),
        origins: vec!["http://app.localhost:9".to_owned()],
        languages: vec!["nb".to_owned()],
        token_endpoint_auth_method: "none".to_owned(),
        jwks: None,
    }
}
