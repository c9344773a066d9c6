//! Status lists: an allow-list of two bits for each approval (IETF Token Status List). Every index
//! that was never given out reads "not issued", so a stolen approval key alone makes nothing valid.

use foundation::entropy;
use foundation::store::Tx;
use verifier::claims::{StatusListClaim, StatusListReference, StatusListToken};
use verifier::jwk::KeyUse;
use verifier::status::{StatusList, StatusValue};

use super::Trust;
use super::error::TrustError;
use super::keys::TokenSigner;
use super::store::status;

impl Trust {
    /// Gives an approval a random index that nobody has had.
    pub(super) async fn allocate(
        &self,
        tx: &mut Tx,
        jti: &str,
    ) -> Result<StatusListReference, TrustError> {
        for _ in 0..TRIES {
            let [high, low] = entropy::bytes::<2>(&*self.entropy);
            let index = u16::from_be_bytes([high, low]);
            if status::allocate(tx, LIST, i64::from(index), jti).await? {
                return Ok(StatusListReference {
                    idx: u64::from(index),
                    uri: self.status_uri(LIST),
                });
            }
        }
        Err(TrustError::Format("the status list is full".to_owned()))
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
        let from = status::value(tx, jti).await?;
        if from != to {
            if !from.may_become(to) {
                return Err(TrustError::Status {
                    from: spelled(from),
                    to: spelled(to),
                });
            }
            status::set(tx, jti, to).await?;
        }
        self.reissue(tx, signer).await
    }

    /// Signs the list as it is now.
    pub(super) async fn reissue(
        &self,
        tx: &mut Tx,
        signer: &TokenSigner,
    ) -> Result<(), TrustError> {
        let mut list = StatusList::allow_list(ENTRIES);
        for (position, value) in status::entries(tx, LIST).await? {
            let (Ok(position), Ok(value)) = (u64::try_from(position), u8::try_from(value)) else {
                return Err(TrustError::Format(
                    "a status entry is out of range".to_owned(),
                ));
            };
            if !list.set(position, value) {
                return Err(TrustError::Format(
                    "a status entry is out of range".to_owned(),
                ));
            }
        }
        let now = self.clock.now();
        let generation = match status::published(tx, LIST).await? {
            Some(published) => published.generation + 1,
            None => 1,
        };
        let token = signer.sign(&StatusListToken {
            iss: self.config.public_url.clone(),
            sub: self.status_uri(LIST),
            iat: now.seconds(),
            exp: now.seconds() + DAY,
            ttl: TTL,
            status_list: StatusListClaim::of(&list),
            r#gen: generation.try_into().unwrap_or(0),
        })?;
        Ok(status::publish(tx, LIST, generation, &token, now).await?)
    }

    /// Publishes the list anew, unchanged or not: EPJs measure its age.
    pub(crate) async fn refresh_status(&self) -> Result<(), TrustError> {
        let signer = self.status_signer().await?;
        let mut tx = self.database.begin().await?;
        self.reissue(&mut tx, &signer).await?;
        Ok(tx.commit().await?)
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
        let number = uri
            .strip_prefix(&format!("{}/status/", self.config.public_url))
            .and_then(|number| number.parse().ok());
        match number {
            Some(list) => self.status_list(list).await,
            None => Ok(None),
        }
    }

    /// The address of a list.
    pub(super) fn status_uri(&self, list: i64) -> String {
        format!("{}/status/{list}", self.config.public_url)
    }
}

const fn spelled(value: StatusValue) -> &'static str {
    match value {
        StatusValue::Valid => "valid",
        StatusValue::Invalid => "revoked",
        StatusValue::Suspended => "suspended",
        StatusValue::NotIssued => "not issued",
    }
}

/// The one list of the first cut.
pub(super) const LIST: i64 = 0;
/// Entries of a list; an index is two random bytes.
const ENTRIES: usize = 1 << 16;
/// A list that is nearly full is found out after this many draws.
const TRIES: usize = 1000;
/// A list must not be read in after a day.
const DAY: i64 = 86_400;
/// A newer list is there after five minutes.
const TTL: i64 = 300;
