//! Status lists: allow-lists of two bits for each approval (IETF Token Status List). Every index
//! that was never given out reads "not issued", so a stolen approval key alone makes nothing valid.
//! A list is published anew at every change and every few minutes; followers are in [`super::feed`].

use std::time::Duration;

use foundation::store::Tx;
use foundation::{Timestamp, entropy};
use verifier::claims::{
    ListDigest, StatusDigest, StatusListClaim, StatusListReference, StatusListToken,
};
use verifier::jwk::KeyUse;
use verifier::status::{StatusList, StatusValue};

use super::Trust;
use super::error::TrustError;
use super::keys::TokenSigner;
use super::store::status::{self, Published};

impl Trust {
    /// Gives an approval a random index that nobody has had, in the newest list; a list that is
    /// filled is followed by another.
    pub(super) async fn allocate(
        &self,
        tx: &mut Tx,
        jti: &str,
        version: (&str, &str),
    ) -> Result<Index, TrustError> {
        let (newest, given) = status::newest(tx).await?;
        let list = if given < FILLED { newest } else { newest + 1 };
        for _ in 0..TRIES {
            let [high, low] = entropy::bytes::<2>(&*self.entropy);
            let index = u16::from_be_bytes([high, low]);
            let place = (list, i64::from(index));
            if status::allocate(tx, place, jti, Some(version)).await? {
                return Ok(Index {
                    list,
                    position: i64::from(index),
                    reference: StatusListReference {
                        idx: u64::from(index),
                        uri: self.status_uri(list),
                    },
                });
            }
        }
        Err(TrustError::Format(
            "no free status index was found".to_owned(),
        ))
    }

    /// Changes the status of an approval and publishes its list, in the caller's transaction. Called
    /// again with what it is already, only the list is published again.
    pub(super) async fn set_status(
        &self,
        tx: &mut Tx,
        jti: &str,
        to: StatusValue,
        signer: &TokenSigner,
    ) -> Result<(), TrustError> {
        let Some((list, from)) = status::entry(tx, jti).await? else {
            return Err(TrustError::Format(format!("{jti} has no status index")));
        };
        if from != to {
            if !from.may_become(to) {
                return Err(TrustError::Status {
                    from: spelled(from),
                    to: spelled(to),
                });
            }
            status::set(tx, jti, to).await?;
        }
        self.reissue(tx, list, signer).await
    }

    /// Signs a list as it is now. Whoever changes a list at the same time waits here, and then
    /// sees this change too.
    pub(super) async fn reissue(
        &self,
        tx: &mut Tx,
        number: i64,
        signer: &TokenSigner,
    ) -> Result<(), TrustError> {
        let (last, last_issued) = status::lock(tx, number).await?;
        let list = self.values(tx, number).await?;
        // Neither time nor generation goes back, whatever the clock does or a backup brings: EPJs
        // refuse what is older than what they have seen. What was signed while the clock was far
        // ahead, none of them has taken, and its time is not gone on from.
        let (clock, last_issued) = (self.clock.now(), Timestamp::from_millis(last_issued));
        let now = if is_ahead(last_issued, clock) {
            clock
        } else {
            clock.max(last_issued)
        };
        let generation = last.saturating_add(1).max(now.seconds());
        let token = signer.sign(&StatusListToken {
            iss: self.config.public_url.clone(),
            sub: self.status_uri(number),
            iat: now.seconds(),
            exp: now.seconds() + DAY,
            ttl: TTL,
            status_list: StatusListClaim::of(&list),
            r#gen: generation.try_into().unwrap_or(0),
        })?;
        Ok(status::publish(tx, number, generation, &token, now).await?)
    }

    /// Signs every list as it is now, all in the caller's transaction.
    pub(super) async fn reissue_all(
        &self,
        tx: &mut Tx,
        signer: &TokenSigner,
    ) -> Result<(), TrustError> {
        let (newest, _) = status::newest(tx).await?;
        for list in 0..=newest {
            self.reissue(tx, list, signer).await?;
        }
        Ok(())
    }

    async fn values(&self, tx: &mut Tx, number: i64) -> Result<StatusList, TrustError> {
        let mut list = StatusList::allow_list(ENTRIES);
        for (position, value) in status::entries(tx, number).await? {
            let fits = u64::try_from(position)
                .ok()
                .zip(u8::try_from(value).ok())
                .is_some_and(|(position, value)| list.set(position, value));
            if !fits {
                let what = format!("the entry {position} of status list {number} is out of range");
                return Err(TrustError::Format(what));
            }
        }
        Ok(list)
    }

    /// Publishes every list anew that is older than `age`, changed or not: EPJs measure the age. Of a
    /// database that may not speak for its log nothing is.
    pub(crate) async fn refresh_status(&self, age: Duration) -> Result<(), TrustError> {
        self.log.ensure_fit().await?;
        let signer = self.status_signer().await?;
        let now = self.clock.now();
        let oldest = now.minus(age).millis();
        let mut tx = self.database.read().await?;
        let (newest, _) = status::newest(&mut tx).await?;
        let published = status::all_published(&mut tx).await?;
        drop(tx);
        let young = |list: i64| {
            let mut young = published.iter().filter(|one| {
                one.issued_at > oldest && !is_ahead(Timestamp::from_millis(one.issued_at), now)
            });
            young.any(|one| one.list == list)
        };
        // Each in a transaction of its own: a suspension does not wait for all the others.
        for list in (0..=newest).filter(|list| !young(*list)) {
            let mut tx = self.database.begin().await?;
            self.reissue(&mut tx, list, &signer).await?;
            tx.commit().await?;
        }
        self.feed.nudge();
        Ok(())
    }

    /// Says in the log, once an hour, which lists are out: with the status events, an auditor can
    /// then tell that no list ever said anything else.
    pub(crate) async fn log_status_digests(&self) -> Result<(), TrustError> {
        let signer = self.keys.token_signer(KeyUse::StatusDigest, "").await?;
        let now = self.clock.now().seconds();
        let mut tx = self.database.begin().await?;
        let published = status::all_published(&mut tx).await?;
        let digest = StatusDigest {
            iss: self.config.public_url.clone(),
            iat: now,
            lists: published.iter().map(|one| self.digest(one)).collect(),
        };
        let entry = signer.sign(&digest)?;
        let key = digest_key(now);
        self.append(&mut tx, &key, &entry).await?;
        tx.commit().await?;
        // Also what an earlier event may have left unwitnessed.
        Ok(self.witness_all().await.map(drop)?)
    }

    fn digest(&self, published: &Published) -> ListDigest {
        ListDigest {
            uri: self.status_uri(published.list),
            r#gen: published.generation.try_into().unwrap_or(0),
            digest: verifier::Digest::of(published.token.as_bytes()),
        }
    }

    /// The key that signs status lists.
    pub(super) async fn status_signer(&self) -> Result<TokenSigner, TrustError> {
        Ok(self.keys.token_signer(KeyUse::Status, "").await?)
    }

    /// The list with this number, as it was published last.
    pub(crate) async fn status_list(&self, list: i64) -> Result<Option<String>, TrustError> {
        let mut tx = self.database.read().await?;
        let published = status::published(&mut tx, list).await?;
        Ok(published.map(|published| published.token))
    }

    /// The list at this address.
    pub(crate) async fn status_list_at(&self, uri: &str) -> Result<Option<String>, TrustError> {
        match self.status_number(uri) {
            Some(list) => self.status_list(list).await,
            None => Ok(None),
        }
    }

    /// The number of the list at this address.
    pub(crate) fn status_number(&self, uri: &str) -> Option<i64> {
        let path = uri.strip_prefix(self.config.public_url.as_str())?;
        path.strip_prefix("/status/")?.parse().ok()
    }

    /// The address of a list.
    pub(super) fn status_uri(&self, list: i64) -> String {
        format!("{}/status/{list}", self.config.public_url)
    }
}

/// What the entry with the lists' digests of this moment is called: one for each hour.
pub(super) fn digest_key(now: i64) -> String {
    format!("status-digest:{}", now.div_euclid(HOUR))
}

/// An index that was given to an approval.
pub(super) struct Index {
    pub(super) list: i64,
    pub(super) position: i64,
    pub(super) reference: StatusListReference,
}

/// Whether this was signed so far in the future that no EPJ with a right clock took it.
fn is_ahead(issued: Timestamp, now: Timestamp) -> bool {
    issued.since(now) > AHEAD
}

const fn spelled(value: StatusValue) -> &'static str {
    match value {
        StatusValue::Valid => "valid",
        StatusValue::Invalid => "revoked",
        StatusValue::Suspended => "suspended",
        StatusValue::NotIssued => "not issued",
    }
}

/// Entries of a list; an index is two random bytes.
const ENTRIES: usize = 1 << 16;
/// Seven eighths: from here on a random draw finds a free index too seldom.
const FILLED: i64 = (1 << 16) / 8 * 7;
/// With an eighth free, this many draws fail once in 10²³ times.
const TRIES: usize = 400;
/// A list must not be read in after a day.
const DAY: i64 = 86_400;
/// What EPJs allow (`docs/src/reference/status.md`): a minute.
const AHEAD: Duration = Duration::from_mins(1);
/// How often the lists' digests are logged.
const HOUR: i64 = 3600;
/// A newer list is there after five minutes.
pub(crate) const TTL: i64 = 300;
