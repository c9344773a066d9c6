//! A log with three witnesses on ports of this machine, and everything that may befall it: processes
//! that are cut short, witnesses that are gone or lie, databases that lose rows.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use foundation::blob::Blobs;
use foundation::clock::ManualClock;
use foundation::entropy::SystemEntropy;
use foundation::failpoint::{Failpoints, NoFailpoints};
use foundation::files::Files;
use foundation::testing::{self, TestDatabase};
use foundation::{Clock, Entropy};
use registry::{
    Desk, Keys, LogConfig, LogError, LogParts, Parts, Registry, RegistryConfig, RegistryError,
    Restored, TransparencyLog, Witnessed,
};
use sea_query::{Alias, Expr, ExprTrait, Query};
use secrecy::SecretString;
use verifier::checkpoint::Checkpoint;
use verifier::merkle::{Frontier, leaf_hash};
use verifier::note::{Note, Verdict};
use verifier::policy::Policy;
use verifier::tiles::{Bundle, Tile};

use crate::support::Checks;
use crate::support::hosting::Server;
use crate::support::witness::{PATIENCE_MS, Running, serve};

/// Everything outside the process.
pub(crate) struct LogWorld {
    pub(crate) database: TestDatabase,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) files: Files,
    pub(crate) witnesses: Vec<Running>,
    pub(crate) config: RegistryConfig,
    keys: Keys,
}

pub(crate) async fn worlds() -> Vec<LogWorld> {
    let mut worlds = Vec::new();
    for database in testing::databases().await.unwrap() {
        worlds.push(LogWorld::new(database, Files::in_memory()).await);
    }
    worlds
}

impl LogWorld {
    /// A world with three witnesses of its log.
    pub(crate) async fn new(database: TestDatabase, files: Files) -> Self {
        let mut world = Self::bare(database, files);
        let log = world.process();
        log.prepare().await.unwrap();
        let logs = log.verifier_keys().await.unwrap();
        for number in 1..=3 {
            let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
            let running = Running::start(number, &logs, clock).await;
            world.config.log.witnesses.push(running.config.clone());
            world.witnesses.push(running);
        }
        world
    }

    /// A world without a log, and without witnesses.
    pub(crate) fn bare(database: TestDatabase, files: Files) -> Self {
        let clock = testing::clock();
        let time: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
        let secret = SecretString::from("a secret of more than thirty-two characters");
        let keys = Keys::new(database.database.clone(), time, entropy, &secret).unwrap();
        let mut world = Self {
            database,
            clock,
            files,
            witnesses: Vec::new(),
            config: RegistryConfig::default(),
            keys,
        };
        world.config.log.witness_timeout_ms = PATIENCE_MS;
        world
    }

    /// Reads a log in again from these files, as the registry does that this process is of.
    pub(crate) async fn restore(
        &self,
        log: &TransparencyLog,
        (files, folder): (&Files, &str),
    ) -> Result<Restored, LogError> {
        let config = self.config.clone();
        let registry = Registry::new(Parts {
            database: self.database.database.clone(),
            blobs: Blobs::in_memory(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::new(SystemEntropy::default()),
            config: config.clone(),
            verdicts: Arc::new(Checks::default()),
            hosted: Arc::new(Server::default()),
            signing: Arc::new(Desk::new(self.keys.clone(), config)),
            keys: self.keys.clone(),
            log: log.clone(),
        });
        let restored = registry.restore_log(files, folder, false).await;
        restored.map_err(|error| match error {
            RegistryError::Log(error) => error,
            other => panic!("{other}"),
        })
    }

    /// The parts of a process on this world.
    pub(crate) fn parts(&self, failpoints: Arc<dyn Failpoints>) -> LogParts {
        LogParts {
            database: self.database.database.clone(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            keys: self.keys.clone(),
            files: self.files.clone(),
            failpoints,
        }
    }

    /// A process that nothing cuts short.
    pub(crate) fn process(&self) -> TransparencyLog {
        self.process_until(Arc::new(NoFailpoints))
    }

    /// A process that may be cut short.
    pub(crate) fn process_until(&self, failpoints: Arc<dyn Failpoints>) -> TransparencyLog {
        TransparencyLog::new(self.parts(failpoints), &self.config).unwrap()
    }

    /// A process with other settings.
    pub(crate) fn of(world: &Self, config: &RegistryConfig) -> TransparencyLog {
        let parts = world.parts(Arc::new(NoFailpoints));
        TransparencyLog::new(parts, config).unwrap()
    }

    /// The witnesses begin to follow every log that there is now.
    pub(crate) async fn follow_all(&mut self) {
        let logs = self.process().verifier_keys().await.unwrap();
        self.config.log.witnesses.clear();
        for (number, running) in (1..).zip(&mut self.witnesses) {
            let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
            let database = running.database.clone();
            *running = Running::on(number, &logs, clock, database).await;
            self.config.log.witnesses.push(running.config.clone());
        }
    }

    /// Puts a server of one's own in the place of a witness.
    pub(crate) async fn replace(&mut self, at: usize, router: Router) {
        let (url, _) = serve(router).await;
        self.config.log.witnesses[at].url = url;
    }

    /// A backup is restored: rows after the first `size` entries of the open log are gone.
    pub(crate) async fn lose(&self, name: &str, size: i64) {
        let column = |name: &str| Expr::col(Alias::new(name));
        let mut tx = self.database.database.begin().await.unwrap();
        let entries = Query::delete()
            .from_table(Alias::new("registry_log_entry"))
            .and_where(column("log").eq(name))
            .and_where(column("position").gte(size))
            .to_owned();
        tx.execute(&entries).await.unwrap();
        // A subtree that ends after the size.
        for level in 0..12i64 {
            let nodes = Query::delete()
                .from_table(Alias::new("registry_log_node"))
                .and_where(column("log").eq(name))
                .and_where(column("level").eq(level))
                .and_where(column("position").gte(size >> level))
                .to_owned();
            tx.execute(&nodes).await.unwrap();
        }
        let log = Query::update()
            .table(Alias::new("registry_log"))
            .value(Alias::new("tree_size"), size)
            .value(Alias::new("note_size"), 0i64)
            .and_where(column("name").eq(name))
            .to_owned();
        tx.execute(&log).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A backup of before the end of a log: nothing is known of its successor.
    pub(crate) async fn unfreeze(&self, name: &str, successor: &str) {
        let column = |name: &str| Expr::col(Alias::new(name));
        let mut tx = self.database.database.begin().await.unwrap();
        for (table, by) in [
            ("registry_log_entry", "log"),
            ("registry_log_node", "log"),
            ("registry_log", "name"),
        ] {
            let rows = Query::delete()
                .from_table(Alias::new(table))
                .and_where(column(by).eq(successor))
                .to_owned();
            tx.execute(&rows).await.unwrap();
        }
        let log = Query::update()
            .table(Alias::new("registry_log"))
            .value(Alias::new("frozen_at"), Option::<i64>::None)
            .and_where(column("name").eq(name))
            .to_owned();
        tx.execute(&log).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The same, and what was published is forgotten too, but for the first checkpoint.
    pub(crate) async fn lose_all(&self, name: &str, size: i64) {
        self.lose(name, size).await;
        let mut tx = self.database.database.begin().await.unwrap();
        let log = Query::update()
            .table(Alias::new("registry_log"))
            .value(Alias::new("note_size"), size)
            .and_where(Expr::col(Alias::new("name")).eq(name))
            .to_owned();
        tx.execute(&log).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Everything after this checkpoint is forgotten, as if it had never been here.
    pub(crate) async fn forget(&self, name: &str, last: &Witnessed) {
        let size = i64::try_from(last.size).unwrap();
        self.lose_all(name, size).await;
        let mut tx = self.database.database.begin().await.unwrap();
        let log = Query::update()
            .table(Alias::new("registry_log"))
            .value(Alias::new("note"), last.note.as_str())
            .value(Alias::new("witnessed_at"), last.at)
            .and_where(Expr::col(Alias::new("name")).eq(name))
            .to_owned();
        tx.execute(&log).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The entries as anybody reads them from the published files, which must be whole: signed by
    /// the log with both keys, cosigned by enough witnesses, every tile as the entries say.
    pub(crate) async fn read(&self, log: &TransparencyLog, name: &str) -> Vec<Vec<u8>> {
        let Some(note) = self.file(name, "checkpoint").await else {
            return Vec::new();
        };
        let note = String::from_utf8(note).unwrap();
        let checkpoint = self.verified(log, &note).await;
        let mut entries = Vec::new();
        for bundle in Bundle::changed(0, checkpoint.size) {
            let bytes = self.file(name, &bundle.path()).await.unwrap();
            let read = Bundle::entries(&bytes).unwrap();
            assert_eq!(read.len(), usize::from(bundle.width));
            entries.extend(read.into_iter().map(<[u8]>::to_vec));
        }
        let mut frontier = Frontier::new();
        let mut nodes = Vec::new();
        for entry in &entries {
            nodes.extend(frontier.append(leaf_hash(entry)));
        }
        assert_eq!(frontier.size(), checkpoint.size);
        assert_eq!(frontier.root(), checkpoint.root);
        for tile in Tile::changed(0, checkpoint.size) {
            let bytes = self.file(name, &tile.path()).await.unwrap();
            let expected: Vec<u8> = tile
                .nodes()
                .flat_map(|id| nodes.iter().find(|(node, _)| *node == id).unwrap().1)
                .collect();
            assert_eq!(bytes, expected, "{}", tile.path());
        }
        entries
    }

    /// A published note, checked as an EPJ does.
    pub(crate) async fn verified(&self, log: &TransparencyLog, note: &str) -> Checkpoint {
        let policy = Policy::parse(&log.policy().await.unwrap()).unwrap();
        let note = Note::parse(note).unwrap();
        let checkpoint = Checkpoint::parse(note.text).unwrap();
        let logs: Vec<_> = policy.logs(&checkpoint.origin).collect();
        assert_eq!(logs.len(), 2);
        for party in logs {
            assert!(matches!(note.verdict(&party.key), Verdict::Valid { .. }));
        }
        let cosigned = policy
            .witnesses()
            .iter()
            .enumerate()
            .filter(|(_, party)| {
                let verdict = note.verdict(&party.key);
                assert_ne!(verdict, Verdict::Forged);
                matches!(verdict, Verdict::Valid { .. })
            })
            .map(|(at, _)| at)
            .collect();
        assert!(policy.is_met_by(&cosigned), "{cosigned:?}");
        checkpoint
    }

    async fn file(&self, name: &str, path: &str) -> Option<Vec<u8>> {
        let found = self.files.get(&format!("{name}/{path}")).await.unwrap();
        found.map(|bytes| bytes.to_vec())
    }
}

/// What an entry with this number holds.
pub(crate) fn entry(number: usize) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

/// Adds entries, each under its own key.
pub(crate) async fn add(
    log: &TransparencyLog,
    numbers: impl IntoIterator<Item = usize>,
) -> Result<Witnessed, LogError> {
    for number in numbers {
        log.add(&format!("key {number}"), &entry(number)).await?;
    }
    log.newest().await
}

/// A server that answers everything so.
pub(crate) fn always(status: u16, media_type: &'static str, body: String) -> Router {
    Router::new().fallback(move || {
        let body = body.clone();
        async move {
            let mut response: Response = body.into_response();
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            let headers = response.headers_mut();
            headers.insert("content-type", media_type.parse().unwrap());
            response
        }
    })
}

/// The settings with other witnesses.
pub(crate) fn with_quorum(config: &RegistryConfig, quorum: usize) -> RegistryConfig {
    RegistryConfig {
        log: LogConfig {
            quorum,
            ..config.log.clone()
        },
        ..config.clone()
    }
}
