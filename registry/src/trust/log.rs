//! The transparency log: append exactly once, checkpoint, have it witnessed, publish. A reader sees
//! only what the witness has cosigned (C2SP tlog-tiles, tlog-checkpoint, tlog-cosignature).

use foundation::store::Tx;
use verifier::checkpoint::Checkpoint;
use verifier::claims::{LogAnchor, TreeHead};
use verifier::merkle::proof;
use verifier::note::{self, SignatureType};
use verifier::policy::Policy;
use verifier::tiles::{Bundle, Tile};
use verifier::tlog_proof::TlogProof;

use super::error::TrustError;
use super::keys::NotePurpose;
use super::store::log::{self, Witnessed};
use super::{Trust, witness};

impl Trust {
    /// The log's name: the registry's host and the first year of the log.
    pub(crate) fn log_origin(&self) -> String {
        format!("{}/log", without_scheme(&self.config.public_url))
    }

    /// The witness's name.
    pub(super) fn witness_name(&self) -> String {
        format!("{}/witness", without_scheme(&self.config.public_url))
    }

    /// The C2SP tlog-policy that EPJs verify tickets with.
    pub(super) async fn log_policy(&self) -> Result<String, TrustError> {
        let (log, witness) = (
            self.keys.note_signer(NotePurpose::Log).await?,
            self.keys.note_signer(NotePurpose::Witness).await?,
        );
        let log = log.verifier(&self.log_origin(), SignatureType::Ed25519)?;
        let witness = witness.verifier(&self.witness_name(), SignatureType::CosignatureV1)?;
        let policy = format!(
            "log {log} {}/log\nwitness registry {witness}\nquorum registry\n",
            self.config.public_url
        );
        Policy::parse(&policy).map_err(|error| TrustError::Format(error.to_string()))?;
        Ok(policy)
    }

    /// Adds an entry in the caller's transaction; with a key that is there already, nothing.
    /// Gives its place.
    pub(super) async fn append(
        &self,
        tx: &mut Tx,
        key: &str,
        entry: &str,
    ) -> Result<u64, TrustError> {
        if let Some(position) = log::find(tx, key).await? {
            return Ok(position);
        }
        let size = log::size(tx).await?;
        let mut frontier = log::frontier(tx, size).await?;
        let now = self.clock.now();
        Ok(log::append(tx, &mut frontier, key, entry.as_bytes(), now).await?)
    }

    /// By log origin: where the next entry goes.
    pub(super) async fn log_end(
        &self,
        tx: &mut Tx,
    ) -> Result<std::collections::BTreeMap<String, u64>, TrustError> {
        Ok([(self.log_origin(), log::size(tx).await?)].into())
    }

    /// Has everything that is in the log witnessed, and publishes that checkpoint. Called again, it
    /// changes nothing that is out already.
    pub(super) async fn witness_all(&self) -> Result<Witnessed, TrustError> {
        let origin = self.log_origin();
        let mut tx = self.database.read().await?;
        let size = log::size(&mut tx).await?;
        if let Some(newest) = log::witnessed(&mut tx, &origin).await?
            && newest.size() == size
        {
            return Ok(newest);
        }
        let root = log::frontier(&mut tx, size).await?.root();
        drop(tx);

        let text = Checkpoint {
            origin: origin.clone(),
            size,
            root,
        }
        .to_string();
        let signer = self.keys.note_signer(NotePurpose::Log).await?;
        let key = signer.verifier(&origin, SignatureType::Ed25519)?;
        let signed = note::assemble(&text, [signer.signature_line(&key, &text)?]);
        let cosigned = self.cosign(&signed).await?;
        let lines = [signer.signature_line(&key, &text)?, cosigned.line];
        let note = note::assemble(&text, lines);

        let mut tx = self.database.begin().await?;
        log::publish(&mut tx, &origin, size, &note, cosigned.seconds).await?;
        let newest = log::witnessed(&mut tx, &origin).await?;
        tx.commit().await?;
        newest.ok_or(TrustError::NothingWitnessed)
    }

    /// The witness that runs beside the log is asked as one across a network would be: with the
    /// signed checkpoint and a proof that it continues what the witness saw last.
    async fn cosign(&self, signed: &str) -> Result<witness::Cosignature, TrustError> {
        let origin = self.log_origin();
        let old = self.witness_size(&origin).await?;
        let parsed =
            note::Note::parse(signed).map_err(|error| TrustError::Format(error.to_string()))?;
        let new = Checkpoint::parse(parsed.text)
            .map_err(|error| TrustError::Format(error.to_string()))?
            .size;
        let mut tx = self.database.read().await?;
        let plan = proof::consistency_plan(old, new)
            .map_err(|error| TrustError::Format(error.to_string()))?;
        let nodes = log::nodes(&mut tx, plan.into_iter().flatten()).await?;
        drop(tx);
        let consistency = proof::consistency(old, new, &nodes)
            .map_err(|error| TrustError::Format(error.to_string()))?;
        self.add_checkpoint(old, &consistency, signed).await
    }

    /// The newest witnessed checkpoint.
    pub(crate) async fn checkpoint(&self) -> Result<Witnessed, TrustError> {
        let mut tx = self.database.read().await?;
        let newest = log::witnessed(&mut tx, &self.log_origin()).await?;
        newest.ok_or(TrustError::NothingWitnessed)
    }

    /// What an approval says of the log at its signing: the last witnessed tree.
    pub(super) async fn log_anchor(&self) -> Result<LogAnchor, TrustError> {
        let newest = self.checkpoint().await?;
        let parsed = note::Note::parse(&newest.note)
            .map_err(|error| TrustError::Format(error.to_string()))?;
        let checkpoint = Checkpoint::parse(parsed.text)
            .map_err(|error| TrustError::Format(error.to_string()))?;
        Ok(LogAnchor {
            origin: checkpoint.origin,
            after: TreeHead {
                size: checkpoint.size,
                root: verifier::Digest::from_bytes(checkpoint.root),
            },
        })
    }

    /// The ticket of the entry at this place, against the newest witnessed checkpoint.
    pub(super) async fn ticket(&self, position: u64) -> Result<String, TrustError> {
        let newest = self.checkpoint().await?;
        let size = newest.size();
        let plan =
            proof::inclusion_plan(position, size).map_err(|_| TrustError::NothingWitnessed)?;
        let mut tx = self.database.read().await?;
        let nodes = log::nodes(&mut tx, plan.into_iter().flatten()).await?;
        let hashes = proof::inclusion(position, size, &nodes)
            .map_err(|error| TrustError::Format(error.to_string()))?;
        let ticket = TlogProof {
            extra: None,
            index: position,
            hashes,
            checkpoint: &newest.note,
        };
        Ok(ticket.to_string())
    }

    /// A file of the log (C2SP tlog-tiles): a tile of hashes or a bundle of entries, as far as the
    /// witness has seen; `None` when there is no such file.
    pub(crate) async fn log_file(&self, path: &str) -> Result<Option<Vec<u8>>, TrustError> {
        let size = self.checkpoint().await?.size();
        let mut tx = self.database.read().await?;
        if let Some(bundle) = Bundle::parse_path(path) {
            let start = bundle.index.saturating_mul(WIDTH);
            let count = u64::from(bundle.width);
            if start.saturating_add(count) > size {
                return Ok(None);
            }
            let mut bytes = Vec::new();
            for entry in log::entries(&mut tx, start, count).await? {
                if !Bundle::push(&mut bytes, &entry) {
                    return Err(TrustError::Format("an entry is too long".to_owned()));
                }
            }
            return Ok(Some(bytes));
        }
        let Some(tile) = Tile::parse_path(path) else {
            return Ok(None);
        };
        let wanted: Vec<_> = tile.nodes().collect();
        if wanted.iter().any(|node| node.end() > size) {
            return Ok(None);
        }
        let nodes = log::nodes(&mut tx, wanted.iter().copied()).await?;
        let mut bytes = Vec::new();
        for node in wanted {
            let hash = verifier::merkle::NodeReader::node(&nodes, node)
                .map_err(|error| TrustError::Format(error.to_string()))?;
            bytes.extend_from_slice(&hash);
        }
        Ok(Some(bytes))
    }
}

/// A log's name has no scheme (C2SP tlog-checkpoint).
fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// Entries in a full tile.
const WIDTH: u64 = 256;
