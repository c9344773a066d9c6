//! A registry to test, the people who use it, and requests as they send them.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod epj;
pub(crate) mod hold;
pub(crate) mod holders;
pub(crate) mod hosting;
pub(crate) mod line;
pub(crate) mod own_key;
pub(crate) mod process;
mod reply;
mod sent;
pub(crate) mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use foundation::access::{Actor, Role};
use foundation::blob::Blobs;
use foundation::clock::ManualClock;
use foundation::entropy::SystemEntropy;
use foundation::failpoint::NoFailpoints;
use foundation::files::Files;
use foundation::jobs::Worker;
use foundation::store::Database;
use foundation::testing::{self, TestDatabase};
use foundation::{Clock, Digest, Entropy, Timestamp};
use registry::{
    Desk, Hosted, KeySecrets, KeyStores, Keys, LogParts, Organisation, OrganisationNumber, Outcome,
    Parts, Person, PortError, Registry, RegistryConfig, RequirementResult, ReviewRole, RoleSigners,
    TransparencyLog, Verdict, Verdicts,
};
use sea_query::{Alias, Query};
use secrecy::SecretString;
use serde_json::{Value, json};

use self::hosting::Server;
use self::process::Process;
use self::witness::Running;

pub(crate) use self::reply::{Reply, call};
pub(crate) use self::sent::{
    bundle_with, entry, hosted, json_request, manifest, multipart, multipart_of, zipped,
};

/// What checks came to, told by the test.
#[derive(Debug, Default)]
pub(crate) struct Checks(Mutex<BTreeMap<Digest, Verdict>>);

#[async_trait]
impl Verdicts for Checks {
    async fn latest(&self, release: &Digest) -> Result<Option<Verdict>, PortError> {
        Ok(self.0.lock().unwrap().get(release).cloned())
    }
}

/// A registry with its people.
pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) engine: &'static str,
    pub(crate) router: Router,
    pub(crate) worker: Worker,
    pub(crate) database: TestDatabase,
    checks: Arc<Checks>,
    pub(crate) files: Files,
    parts: Parts,
    witnesses: Vec<Running>,
    /// The vendor's own server.
    pub(crate) hosting: Arc<Server>,
}

/// A fresh world on every database.
pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in testing::databases().await.unwrap() {
        worlds.push(world(database, RegistryConfig::default()).await);
    }
    worlds
}

pub(crate) async fn world(database: TestDatabase, config: RegistryConfig) -> World {
    world_on(database, config, Files::in_memory()).await
}

/// A world whose log is published here.
pub(crate) async fn world_on(
    database: TestDatabase,
    config: RegistryConfig,
    files: Files,
) -> World {
    build(database, config, files, |keys| Arc::new(keys)).await
}

/// A world whose trust repository is signed by what is made of the registry's own keys.
pub(crate) async fn world_signed_by(
    database: TestDatabase,
    config: RegistryConfig,
    signers: impl FnOnce(Keys) -> Arc<dyn RoleSigners>,
) -> World {
    build(database, config, Files::in_memory(), signers).await
}

async fn build(
    database: TestDatabase,
    config: RegistryConfig,
    files: Files,
    signers: impl FnOnce(Keys) -> Arc<dyn RoleSigners>,
) -> World {
    let clock = testing::clock();
    let time: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    let checks = Arc::new(Checks::default());
    let times = (Arc::clone(&time), Arc::clone(&entropy));
    let keys = opened(&database.database, times, &config);
    let role_signers = signers(keys.clone());
    let parts = LogParts {
        database: database.database.clone(),
        clock: Arc::clone(&time),
        keys: keys.clone(),
        files: files.clone(),
        failpoints: Arc::new(NoFailpoints),
    };
    let mut config = config;
    let log = TransparencyLog::new(parts.clone(), &config).unwrap();
    log.prepare().await.unwrap();
    let logs = log.verifier_keys().await.unwrap();
    let mut witnesses = Vec::new();
    if config.log.witnesses.is_empty() {
        let started = Running::start(1, &logs, Arc::clone(&time)).await;
        config.log.witnesses.push(started.config.clone());
        config.log.witness_timeout_ms = witness::PATIENCE_MS;
        witnesses.push(started);
    }
    let log = TransparencyLog::new(parts, &config).unwrap();
    let hosting = Arc::new(Server::default());
    let parts = Parts {
        database: database.database.clone(),
        blobs: Blobs::in_memory(),
        clock: Arc::clone(&time),
        entropy: Arc::clone(&entropy),
        config: config.clone(),
        verdicts: Arc::clone(&checks) as Arc<dyn Verdicts>,
        hosted: Arc::clone(&hosting) as Arc<dyn Hosted>,
        signing: Arc::new(Desk::new(keys.clone(), config)),
        keys,
        log,
    };
    let registry = Registry::with_role_signers(parts.clone(), role_signers);
    people(&registry).await;
    let outside = (database, witnesses, hosting);
    served(registry, parts, files, clock, checks, outside).await
}

/// The keys as a process finds them that starts now.
fn opened(
    database: &Database,
    (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
    config: &RegistryConfig,
) -> Keys {
    let secrets = KeySecrets {
        secret: SecretString::from("a secret of more than thirty-two characters"),
        passphrase: None,
        pin: Some(SecretString::from(crate::softhsm::PIN)),
        folder: std::path::PathBuf::from("keys"),
    };
    let stores = KeyStores::open(&config.keys, secrets, Arc::clone(&entropy)).unwrap();
    Keys::in_stores(database.clone(), (clock, entropy), stores)
}

/// A registry that is prepared and served.
async fn served(
    registry: Registry,
    parts: Parts,
    files: Files,
    clock: Arc<ManualClock>,
    checks: Arc<Checks>,
    (database, witnesses, hosting): (TestDatabase, Vec<Running>, Arc<Server>),
) -> World {
    match registry.prepare().await {
        // With keys off line there is nothing to serve before the first ceremony.
        Err(refused) if refused.to_string().contains("key-offline") => {}
        prepared => prepared.unwrap(),
    }
    let Process {
        registry,
        worker,
        router,
    } = Process::new(registry, &parts);
    World {
        worker,
        registry,
        clock,
        engine: database.engine,
        router,
        checks,
        files,
        parts,
        witnesses,
        hosting,
        database,
    }
}

/// An invented organisation number.
pub(crate) fn orgnr(serial: u32) -> OrganisationNumber {
    // About one serial in eleven has no check digit.
    (0..)
        .map(|step| 31_000_000 + serial * 100 + step)
        .flat_map(|body| (0..10).map(move |check| format!("{body}{check}")))
        .find_map(|text| text.parse().ok())
        .unwrap()
}

const PEOPLE: [(&str, u32, Role, &[ReviewRole]); 8] = [
    ("vendor", 1, Role::Vendor, &[]),
    ("other-vendor", 2, Role::Vendor, &[]),
    ("own-reviewer", 1, Role::Reviewer, &[ReviewRole::Security]),
    ("security", 3, Role::Reviewer, &[ReviewRole::Security]),
    ("clinical", 4, Role::Reviewer, &[ReviewRole::Clinical]),
    (
        "clinical-colleague",
        3,
        Role::Reviewer,
        &[ReviewRole::Clinical],
    ),
    ("municipality", 5, Role::Municipality, &[]),
    ("operator", 6, Role::Operator, &[]),
];

async fn people(registry: &Registry) {
    for (subject, organisation, role, review_roles) in PEOPLE {
        let orgnr = orgnr(organisation);
        registry
            .save_organisation(&Organisation {
                orgnr: orgnr.clone(),
                name: format!("Virksomhet {organisation}"),
                roles: BTreeSet::from(Role::ALL),
            })
            .await
            .unwrap();
        registry
            .save_person(&Person {
                subject: subject.to_owned(),
                name: format!("Person {subject}"),
                orgnr,
                roles: BTreeSet::from([role]),
                review_roles: review_roles.iter().copied().collect(),
            })
            .await
            .unwrap();
    }
}

/// The person with this subject.
pub(crate) fn actor(subject: &str) -> Actor {
    let (_, organisation, role, _) = PEOPLE.iter().find(|(known, ..)| *known == subject).unwrap();
    Actor {
        person: subject.to_owned(),
        name: format!("Person {subject}"),
        organisation: orgnr(*organisation).into(),
        organisation_name: format!("Virksomhet {organisation}"),
        roles: BTreeSet::from([*role]),
    }
}

impl World {
    /// The next process, on a database without a log: an empty backup, with the files in place.
    pub(crate) async fn restarted_after_losing_the_log(self) -> Self {
        let mut tx = self.database.database.begin().await.unwrap();
        for table in ["registry_log_node", "registry_log_entry", "registry_log"] {
            let delete = Query::delete().from_table(Alias::new(table)).to_owned();
            tx.execute(&delete).await.unwrap();
        }
        tx.commit().await.unwrap();
        Box::pin(self.restarted()).await
    }

    /// The next process, on what is in the database now.
    pub(crate) async fn restarted(self) -> Self {
        let config = &self.parts.config;
        let times = (
            Arc::clone(&self.parts.clock),
            Arc::clone(&self.parts.entropy),
        );
        let keys = opened(&self.database.database, times, config);
        let log = LogParts {
            database: self.database.database.clone(),
            clock: Arc::clone(&self.parts.clock),
            keys: keys.clone(),
            files: self.files.clone(),
            failpoints: Arc::new(NoFailpoints),
        };
        let parts = Parts {
            log: TransparencyLog::new(log, config).unwrap(),
            signing: Arc::new(Desk::new(keys.clone(), config.clone())),
            keys,
            ..self.parts
        };
        let registry = Registry::new(parts.clone());
        let outside = (self.database, self.witnesses, self.hosting);
        Box::pin(served(
            registry,
            parts,
            self.files,
            self.clock,
            self.checks,
            outside,
        ))
        .await
    }

    /// The next process, with witnesses that follow every log that there is now: this many, of
    /// which the first remember what they have seen.
    pub(crate) async fn restarted_with_witnesses(self, numbers: &[u8]) -> Self {
        let logs = self.parts.log.verifier_keys().await.unwrap();
        let mut config = self.parts.config.clone();
        config.log.witnesses.clear();
        let mut witnesses = Vec::new();
        for number in numbers {
            let known = usize::from(*number).checked_sub(1);
            let memory = match known.and_then(|at| self.witnesses.get(at)) {
                Some(known) => known.database.clone(),
                None => testing::sqlite().await.unwrap(),
            };
            let clock = Arc::clone(&self.parts.clock);
            let running = Running::on(*number, &logs, clock, memory).await;
            config.log.witnesses.push(running.config.clone());
            witnesses.push(running);
        }
        let log = LogParts {
            database: self.database.database.clone(),
            clock: Arc::clone(&self.parts.clock),
            keys: self.parts.keys.clone(),
            files: self.files.clone(),
            failpoints: Arc::new(NoFailpoints),
        };
        let parts = Parts {
            log: TransparencyLog::new(log, &config).unwrap(),
            config,
            ..self.parts
        };
        let registry = Registry::new(parts.clone());
        let outside = (self.database, witnesses, self.hosting);
        let checks = self.checks;
        served(registry, parts, self.files, self.clock, checks, outside).await
    }

    /// No witness answers any more.
    pub(crate) fn unplug_witnesses(&self) {
        for witness in &self.witnesses {
            witness.unplug();
        }
    }

    /// The time here.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The time here, as tokens write it.
    pub(crate) fn clock_seconds(&self) -> i64 {
        self.now().seconds()
    }

    /// The entries of the log that have this type: their claims, oldest first.
    pub(crate) async fn logged(&self, typ: &str) -> Vec<Value> {
        let entries = self.log().await.into_iter();
        let of_type = entries.filter(|(header, _)| header["typ"] == typ);
        of_type.map(|(_, claims)| claims).collect()
    }

    /// The registry's keys.
    pub(crate) fn registry_keys(&self) -> &Keys {
        &self.parts.keys
    }

    /// Header and claims of every token in the log, as a stranger reads them.
    pub(crate) async fn log(&self) -> Vec<(Value, Value)> {
        let note = self.get("", "/log/checkpoint").await.expect(200).text();
        let size: u64 = note.lines().nth(1).unwrap().parse().unwrap();
        assert!(size < 256, "one bundle is enough for a test");
        let path = format!("/log/tile/entries/000.p/{size}");
        let bundle = self.get("", &path).await.expect(200).bytes;
        let entries = verifier::tiles::Bundle::entries(&bundle).unwrap();
        let part = |entry: &[u8], number: usize| -> Value {
            let text = std::str::from_utf8(entry).unwrap();
            let part = text.split('.').nth(number).unwrap();
            serde_json::from_slice(&verifier::base64url::decode(part).unwrap()).unwrap()
        };
        let read = |entry: &[u8]| (part(entry, 0), part(entry, 1));
        // Documents of the trust repository are JSON, not tokens.
        let is_token = |entry: &&[u8]| !entry.starts_with(b"{");
        entries.into_iter().filter(is_token).map(read).collect()
    }

    /// Sends a request as somebody, or as a stranger (`""`).
    pub(crate) async fn send(&self, who: &str, mut request: Request<Body>) -> Reply {
        if !who.is_empty() {
            request.extensions_mut().insert(actor(who));
        }
        call(self.router.clone(), request).await
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Reply {
        let request = Request::get(path).body(Body::empty()).unwrap();
        self.send(who, request).await
    }

    pub(crate) async fn post(&self, who: &str, path: &str, body: Value) -> Reply {
        self.send(who, json_request(Method::POST, path, &body))
            .await
    }

    /// Creates the entry of an app of the vendor.
    pub(crate) async fn entry(&self, software_id: &str, name: &str) {
        let reply = self
            .post("vendor", "/api/v1/apps", entry(software_id, name))
            .await;
        reply.expect(201);
    }

    /// Uploads a version, as `who`.
    pub(crate) async fn upload(
        &self,
        who: &str,
        software_id: &str,
        manifest: &Value,
        bundle: Option<&[u8]>,
    ) -> Reply {
        let path = format!("/api/v1/apps/{software_id}/versions");
        self.send(who, multipart(&path, manifest, bundle)).await
    }

    /// An app with an uploaded version.
    pub(crate) async fn draft(&self, software_id: &str, name: &str) -> Value {
        self.entry(software_id, name).await;
        let files = bundle_with(software_id);
        let reply = self
            .upload("vendor", software_id, &manifest("1.0.0"), Some(&files))
            .await;
        reply.expect(201).json()
    }

    /// Tells that the check of a release came out so.
    pub(crate) fn checked(&self, version: &Value, passed: bool) {
        let release: Digest = version["release"].as_str().unwrap().parse().unwrap();
        let outcome = if passed {
            Outcome::Fulfilled
        } else {
            Outcome::Failed
        };
        let verdict = Verdict {
            check: "chk_1".to_owned(),
            passed,
            suite: Digest::of(b"suite"),
            evidence: Digest::of(b"evidence"),
            finished_at: self.clock.now(),
            results: vec![RequirementResult {
                id: "SMA-02".to_owned(),
                outcome,
            }],
        };
        self.checks.0.lock().unwrap().insert(release, verdict);
    }

    /// An app whose version 1.0.0 is with the reviewers.
    pub(crate) async fn submitted(&self, software_id: &str, name: &str) -> String {
        let draft = self.draft(software_id, name).await;
        self.checked(&draft, true);
        let path = format!("/api/v1/apps/{software_id}/versions/1.0.0");
        self.post("vendor", &format!("{path}/submission"), json!({}))
            .await
            .expect(200);
        path
    }

    /// An app whose version 1.0.0 is approved.
    pub(crate) async fn approved(&self, software_id: &str, name: &str) -> String {
        let path = self.submitted(software_id, name).await;
        self.approve(&path).await;
        path
    }

    /// Both reviews of a submitted version, and what follows.
    pub(crate) async fn approve(&self, path: &str) {
        for role in ["security", "clinical"] {
            let review = json!({"decision": "approve", "role": role});
            self.post(role, &format!("{path}/reviews"), review)
                .await
                .expect(201);
        }
        self.work().await;
        assert_eq!(self.state(path).await, "approved");
    }

    /// Runs what is due.
    pub(crate) async fn work(&self) {
        self.worker.run_due().await.unwrap();
    }

    /// The state of a version, as the operator sees it.
    pub(crate) async fn state(&self, path: &str) -> String {
        let version = self.get("operator", path).await.expect(200).json();
        version["state"].as_str().unwrap().to_owned()
    }
}
