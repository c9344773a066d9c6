//! A log in memory and a witness of it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use foundation::clock::ManualClock;
use foundation::signing::{Algorithm, SigningKey};
use foundation::testing::{self, TestDatabase};
use http_body_util::BodyExt;
use tower::ServiceExt;
use verifier::add_checkpoint::AddCheckpoint;
use verifier::checkpoint::Checkpoint;
use verifier::merkle::{Hash, NodeId, NodeReader, leaf_hash, node_hash, proof};
use verifier::note::{self, SignatureType, VerifierKey};
use witness::{Identity, Parts, Witness};

pub(crate) const ORIGIN: &str = "registry.example.no/log2026";

/// A log that can show any history that it likes.
pub(crate) struct Log {
    signers: Vec<(SigningKey, VerifierKey)>,
    pub(crate) leaves: Vec<Hash>,
}

impl NodeReader for Log {
    type Error = NodeId;

    fn node(&self, id: NodeId) -> Result<Hash, NodeId> {
        if id.level == 0 {
            let leaf = self.leaves.get(usize::try_from(id.index).unwrap());
            return leaf.copied().ok_or(id);
        }
        let child = |half| NodeId {
            level: id.level - 1,
            index: id.index * 2 + half,
        };
        Ok(node_hash(&self.node(child(0))?, &self.node(child(1))?))
    }
}

impl Log {
    /// A log with as many entries, which `story` tells apart from others.
    pub(crate) fn new(entries: u64, story: u8) -> Self {
        let kinds = [
            (Algorithm::Ed25519, SignatureType::Ed25519),
            (Algorithm::MlDsa44, SignatureType::MlDsa44),
        ];
        let signers = kinds.map(|(algorithm, signature_type)| {
            let key = SigningKey::from_seed(algorithm, &[9; 32]).unwrap();
            let public = VerifierKey::new(ORIGIN, signature_type, key.public_key()).unwrap();
            (key, public)
        });
        let leaf = |entry: u64| leaf_hash(&[&[story], entry.to_be_bytes().as_slice()].concat());
        Self {
            signers: signers.into(),
            leaves: (0..entries).map(leaf).collect(),
        }
    }

    pub(crate) fn keys(&self) -> Vec<VerifierKey> {
        self.signers.iter().map(|(_, key)| key.clone()).collect()
    }

    pub(crate) fn text(&self, size: u64) -> String {
        Checkpoint {
            origin: ORIGIN.to_owned(),
            size,
            root: proof::root(size, self).unwrap(),
        }
        .to_string()
    }

    pub(crate) fn sign(&self, text: &str) -> String {
        let lines = self.signers.iter().map(|(key, public)| {
            let message = public.message(1, text).unwrap();
            public.line(1, &key.sign(&message).unwrap())
        });
        note::assemble(text, lines)
    }

    /// The signed checkpoint of the first `size` entries.
    pub(crate) fn checkpoint(&self, size: u64) -> String {
        self.sign(&self.text(size))
    }

    /// The request that shows it, from `old` on.
    pub(crate) fn request(&self, old: u64, size: u64) -> String {
        let checkpoint = self.checkpoint(size);
        AddCheckpoint {
            old,
            proof: proof::consistency(old, size, self).unwrap_or_default(),
            checkpoint: &checkpoint,
        }
        .to_string()
    }
}

/// A witness that follows the log.
pub(crate) struct World {
    pub(crate) witness: Witness,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) engine: &'static str,
    router: Router,
    _database: TestDatabase,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

pub(crate) fn identity() -> Identity {
    Identity::of("w1.example.no", &[[1; 32], [2; 32]]).unwrap()
}

pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in testing::databases().await.unwrap() {
        let clock = testing::clock();
        let witness = Witness::new(Parts {
            database: database.database.clone(),
            clock: Arc::clone(&clock) as Arc<dyn foundation::Clock>,
            identity: identity(),
            logs: Log::new(0, 0).keys(),
        });
        worlds.push(World {
            router: witness.router(),
            witness,
            clock,
            engine: database.engine,
            _database: database,
        });
    }
    worlds
}

impl World {
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Reply {
            status,
            headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn add(&self, body: impl Into<Body>) -> Reply {
        let request = Request::post("/add-checkpoint").body(body.into()).unwrap();
        self.send(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }
}
