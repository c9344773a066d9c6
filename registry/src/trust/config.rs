//! The trust configuration: which keys, log, witness and mark EPJs believe, signed by the root key.
//! It is published anew when something in it changes, and before it expires.

use foundation::store::Tx;
use verifier::claims::ContentLevel;
use verifier::jwk::KeyUse;
use verifier::trust::{Anchors, Trust as Checked, TrustConfig, TrustedKey, TrustedMark};

use super::Trust;
use super::desk::{organization_id, reviewer_id};
use super::error::TrustError;
use super::store::config::{self, Stored};
use crate::store;

impl Trust {
    /// The newest trust configuration: a compact JWS.
    pub(crate) async fn trust_config(&self) -> Result<String, TrustError> {
        let mut tx = self.database.read().await?;
        let newest = config::newest(&mut tx).await?;
        Ok(newest.ok_or(TrustError::NothingWitnessed)?.token)
    }

    /// Makes sure that the published configuration says what is true now and will do so for a
    /// while; each new version is an entry of the log.
    pub(crate) async fn ensure_config(&self) -> Result<(), TrustError> {
        // Made before the transaction: SQLite has one writer, and a new key is a write.
        let root = self.keys.token_signer(KeyUse::TrustConfig, "").await?;
        for key_use in [KeyUse::Approval, KeyUse::Status, KeyUse::StatusEvent] {
            self.keys.token_signer(key_use, "").await?;
        }
        let policy = self.log_policy().await?;

        let mut tx = self.database.begin().await?;
        let newest = config::newest(&mut tx).await?;
        let now = self.clock.now().seconds();
        let mut wanted = TrustConfig {
            iss: self.config.public_url.clone(),
            version: 1,
            iat: now,
            exp: now + LIFETIME,
            environment: self.config.environment,
            keys: self.trusted_keys(&mut tx).await?,
            log_policy: policy,
            anchors: self.anchors(),
            denylist: verifier::trust::Denylist::default(),
        };
        if let Some(newest) = &newest {
            let published = Checked::verify(&newest.token, root.public())
                .map_err(|error| TrustError::Format(error.to_string()))?;
            let published = published.config().clone();
            wanted.version = published.version + 1;
            let same = TrustConfig {
                version: published.version,
                iat: published.iat,
                exp: published.exp,
                ..wanted.clone()
            };
            if same == published && now < newest.expires_at - LIFETIME / 2 {
                return Ok(());
            }
        }
        let token = root.sign(&wanted)?;
        let stored = Stored {
            version: wanted.version.try_into().unwrap_or(i64::MAX),
            token: token.clone(),
            expires_at: wanted.exp,
        };
        config::insert(&mut tx, &stored).await?;
        let key = format!("trust-config:{}", wanted.version);
        self.append(&mut tx, &key, &token).await?;
        tx.commit().await?;
        self.witness_all().await?;
        Ok(())
    }

    /// The pinned root key: a public JWK.
    pub(crate) async fn root_key(&self) -> Result<String, TrustError> {
        let root = self.keys.token_signer(KeyUse::TrustConfig, "").await?;
        serde_json::to_string(&root.public().to_jwk())
            .map_err(|error| TrustError::Format(error.to_string()))
    }

    /// Every key that is believed, each for its one use. A reviewer whose person is gone, or has no
    /// review role any more, is not in it.
    async fn trusted_keys(&self, tx: &mut Tx) -> Result<Vec<TrustedKey>, TrustError> {
        let mut keys = Vec::new();
        for key_use in [KeyUse::Approval, KeyUse::Status, KeyUse::StatusEvent] {
            for (_, public) in self.keys.public_keys(tx, key_use).await? {
                keys.push(TrustedKey::service(&public, key_use));
            }
        }
        let people = store::organisation::persons(tx, None).await?;
        for (subject, public) in self.keys.public_keys(tx, KeyUse::Review).await? {
            let person = people.iter().find(|person| person.subject == subject);
            let Some(person) = person.filter(|person| !person.review_roles.is_empty()) else {
                continue;
            };
            let roles: Vec<_> = person.review_roles.iter().copied().collect();
            keys.push(TrustedKey::reviewer(
                &public,
                &organization_id(person.orgnr.as_str()),
                &reviewer_id(&self.config, &subject),
                &roles,
            ));
        }
        Ok(keys)
    }

    fn anchors(&self) -> Anchors {
        Anchors {
            registry: self.config.public_url.clone(),
            marks: vec![TrustedMark {
                mark_type: self.mark_type(),
                environment: self.config.environment,
            }],
            min_content_level: ContentLevel::Origin,
            max_stale: MAX_STALE,
        }
    }

    /// The type of the trust mark that approvals made here are.
    pub(super) fn mark_type(&self) -> String {
        format!("{}/tm/smart-app/v1", self.config.public_url)
    }
}

/// A configuration holds for a week and is renewed after half of it.
const LIFETIME: i64 = 7 * 86_400;
/// The longest that an EPJ may run on an old status list: a day.
pub(super) const MAX_STALE: i64 = 86_400;
