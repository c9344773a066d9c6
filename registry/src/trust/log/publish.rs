//! A round: sign a checkpoint of everything that is durable, show it to the witnesses until enough
//! have cosigned, write the tiles, and only then the checkpoint that needs them. Each step can be
//! taken again after a crash; nothing is published that is not witnessed.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::mpsc;
use verifier::checkpoint::Checkpoint;
use verifier::note;
use verifier::policy::Policy;

use super::signer::Signed;
use super::store::{self, LogRow};
use super::{LogError, TransparencyLog, Witnessed, current, witnessed};
use crate::trust::witnesses::{Cosignature, Submission, Witness, WitnessError};

/// What the witnesses have given.
struct Cosigned {
    lines: Vec<String>,
    earliest: i64,
}

/// What one witness has answered.
type Answer = (Arc<Witness>, Result<Vec<Cosignature>, WitnessError>);

impl TransparencyLog {
    /// Has everything that is in the log witnessed, and publishes that checkpoint. Called again, it
    /// changes nothing that is out already; called by many at once, one round serves them all.
    pub async fn publish(&self) -> Result<Witnessed, LogError> {
        let needed = self.row().await?.size();
        let _turn = self.0.rounds.lock().await;
        for _ in 0..ROUNDS {
            let log = self.row().await?;
            if let Some(newest) = witnessed(&log)
                && (newest.size >= needed || log.is_frozen())
            {
                return Ok(newest);
            }
            match self.round(&log).await {
                Err(LogError::Outpaced) => {}
                other => return other,
            }
        }
        Err(LogError::Outpaced)
    }

    /// Has the newest checkpoint cosigned again when it is an hour old, so that monitors see that the
    /// log stands although nothing has come in.
    pub(crate) async fn renew(&self) -> Result<(), LogError> {
        let _turn = self.0.rounds.lock().await;
        // Read within the turn: the round before may have renewed it, or the log may be closed.
        let log = self.row().await?;
        let now = self.0.parts.clock.now().seconds();
        let due = witnessed(&log).is_none_or(|newest| now - newest.at >= HOUR);
        if log.is_frozen() || !due {
            return Ok(());
        }
        match self.round(&log).await {
            Ok(_) | Err(LogError::Outpaced) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn row(&self) -> Result<LogRow, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let log = current(&mut tx).await?;
        log.ok_or(LogError::NothingWitnessed)
    }

    async fn round(&self, log: &LogRow) -> Result<Witnessed, LogError> {
        self.ensure_fit().await?;
        self.pass("log.checkpoint")?;
        let published = self.check_published(log).await?;
        let signed = self.sign(log).await?;
        self.pass("log.signed")?;
        let cosigned = self.cosign(log, &signed).await?;
        self.pass("log.witnessed")?;
        let size = signed.checkpoint.size;
        let lines = signed.lines.iter().chain(&cosigned.lines);
        let note = note::assemble(&signed.text, lines);
        // Nothing goes out that readers would refuse, however many have cosigned.
        note::Note::parse(&note).map_err(LogError::format)?;
        self.write_tiles(log, published, size).await?;
        self.pass("log.tiles")?;
        // The row is kept from other nodes while the file is written: who comes late with a smaller
        // checkpoint, or after the end, puts nothing in the place of what is out.
        let mut tx = self.0.parts.database.begin().await?;
        if !store::publish(&mut tx, &log.name, size, &note, cosigned.earliest).await? {
            return Err(LogError::Outpaced);
        }
        self.put_checkpoint(log, &note).await?;
        self.pass("log.published")?;
        tx.commit().await?;
        self.pass("log.recorded")?;
        self.tidy(log, published, size);
        tracing::debug!(origin = %log.origin, size, "a checkpoint is witnessed and published");
        Ok(Witnessed {
            origin: log.origin.clone(),
            size,
            note,
            at: cosigned.earliest,
        })
    }

    /// Writes the checkpoint's file. To be called with the log's row kept from others.
    pub(super) async fn put_checkpoint(&self, log: &LogRow, note: &str) -> Result<(), LogError> {
        let path = format!("{}/checkpoint", log.name);
        Ok(self.0.parts.files.put(&path, note.to_owned()).await?)
    }

    async fn sign(&self, log: &LogRow) -> Result<Signed, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        // Everything that is durable now, which may be more than when the row was read.
        let log = store::named(&mut tx, &log.name)
            .await?
            .ok_or_else(|| LogError::Unknown(log.name.clone()))?;
        let root = store::frontier(&mut tx, &log.name, log.size())
            .await?
            .root();
        drop(tx);
        let checkpoint = Checkpoint {
            origin: log.origin.clone(),
            size: log.size(),
            root,
        };
        let text = checkpoint.to_string();
        let lines = self.signer(&log).await?.sign(self.seconds(), &text)?;
        Ok(Signed {
            checkpoint,
            text,
            lines,
        })
    }

    /// Asks every witness at once and goes on as soon as enough have cosigned; the others finish by
    /// themselves.
    async fn cosign(&self, log: &LogRow, signed: &Signed) -> Result<Cosigned, LogError> {
        let quorum = self.quorum()?;
        let now = self.0.parts.clock.now().seconds();
        let mut cosigned = Cosigned {
            lines: Vec::new(),
            earliest: now,
        };
        let mut met = BTreeSet::new();
        if quorum.is_met_by(&met) {
            return Ok(cosigned);
        }
        let submission = Arc::new(Submission {
            database: self.0.parts.database.clone(),
            log: log.name.clone(),
            origin: signed.checkpoint.origin.clone(),
            size: signed.checkpoint.size,
            text: signed.text.clone(),
            note: note::assemble(&signed.text, &signed.lines),
            now,
        });
        let mut answers = self.ask_all(&submission);
        let mut refusals = Vec::new();
        while let Some((witness, answer)) = answers.recv().await {
            match answer {
                Ok(given) => {
                    take(&mut cosigned, &mut met, &quorum, given);
                    if quorum.is_met_by(&met) {
                        return Ok(cosigned);
                    }
                }
                Err(WitnessError::Ahead(size)) => {
                    self.look_into_ahead(log, &witness, size).await?;
                    refusals.push(format!("{}: it has seen size {size}", witness.name()));
                }
                Err(error @ WitnessError::Refused(StatusCode::UNPROCESSABLE_ENTITY)) => {
                    // It says that this is no continuation. If it can show what the log signed for
                    // it, the database is not what it was.
                    if let Ok(Some(seen)) = self.seen_by(log, &witness).await {
                        self.compare(log, &seen, witness.name()).await?;
                    }
                    refusals.push(format!("{}: {error}", witness.name()));
                }
                Err(error) => {
                    tracing::warn!(witness = witness.name(), %error, "a witness did not cosign");
                    refusals.push(format!("{}: {error}", witness.name()));
                }
            }
        }
        Err(LogError::Quorum(refusals.join("; ")))
    }

    fn ask_all(&self, submission: &Arc<Submission>) -> mpsc::UnboundedReceiver<Answer> {
        let (answered, answers) = mpsc::unbounded_channel();
        for witness in &self.0.witnesses {
            let (witness, submission) = (Arc::clone(witness), Arc::clone(submission));
            let answered = answered.clone();
            tokio::spawn(async move {
                let answer = witness.cosign(&submission).await;
                // Nobody listens any more once there is a quorum.
                drop(answered.send((witness, answer)));
            });
        }
        answers
    }

    /// A witness says that it has seen more than it was shown. If the log signed that: either
    /// another node of this registry was faster, or the database has lost entries.
    async fn look_into_ahead(
        &self,
        log: &LogRow,
        witness: &Witness,
        size: u64,
    ) -> Result<(), LogError> {
        let Ok(Some(seen)) = self.seen_by(log, witness).await else {
            tracing::warn!(
                witness = witness.name(),
                size,
                "a witness claims a size unproven"
            );
            return Ok(());
        };
        self.compare(log, &seen, witness.name()).await?;
        Err(LogError::Outpaced)
    }

    pub(super) fn seconds(&self) -> u64 {
        let now = self.0.parts.clock.now().seconds();
        u64::try_from(now).unwrap_or(0)
    }
}

fn take(
    cosigned: &mut Cosigned,
    met: &mut BTreeSet<usize>,
    quorum: &Policy,
    given: Vec<Cosignature>,
) {
    for signature in given {
        let known = quorum.witnesses().iter();
        let position = known
            .enumerate()
            .find(|(_, party)| party.key == signature.key)
            .map(|(position, _)| position);
        if let Some(position) = position {
            met.insert(position);
            cosigned.earliest = cosigned.earliest.min(signature.seconds);
            cosigned.lines.push(signature.line);
        }
    }
}

/// In seconds.
const HOUR: i64 = 3600;
/// How often another node may be faster before this one gives up.
const ROUNDS: usize = 8;
