//! The `OpenID` Federation view of what is approved: which apps are in it, and what is asked wrongly.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use foundation::access::Actor;
use serde::{Deserialize, Serialize};
use verifier::claims::{Approval, MarkStatus};
use verifier::jws::{Token, TokenType};
use verifier::trust::RevocationReason;

use super::Registry;
use super::versions::precedence;
use crate::domain::version::VersionState;
use crate::error::RegistryError;
use crate::store;
use crate::store::version::Version;
use crate::trust::desk::unverified;
use crate::trust::federation::{CLIENT, MarkedApp};

/// Why a question is not answered (§8.9).
#[derive(Debug, thiserror::Error)]
pub(crate) enum FederationError {
    /// A parameter is missing or wrong.
    #[error("{0}")]
    Invalid(&'static str),
    /// There is no such entity or trust mark here.
    #[error("{0}")]
    NotFound(&'static str),
    /// The registry failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Which entities are asked for; what is not said does not narrow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) entity_type: Option<&'a str>,
    pub(crate) mark_type: Option<&'a str>,
    pub(crate) intermediate: bool,
}

/// Why the registry's federation key is replaced.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FederationKeyRequest {
    /// `superseded`, `compromised` or `unspecified`.
    pub reason: RevocationReason,
}

/// The registry's federation key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FederationKeyView {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
}

impl Registry {
    /// The registry's entity configuration.
    pub(crate) async fn anchor_configuration(&self) -> Result<String, FederationError> {
        self.trust().anchor_configuration().await.map_err(failed)
    }

    /// The entity configuration of an app.
    pub(crate) async fn app_configuration(
        &self,
        software_id: &str,
    ) -> Result<String, FederationError> {
        self.log().ensure_fit().await.map_err(RegistryError::from)?;
        let app = self.marked(software_id).await?.ok_or(UNKNOWN)?;
        self.trust().app_configuration(&app).await.map_err(failed)
    }

    /// What the registry says about the entity with this id.
    pub(crate) async fn subordinate_statement(
        &self,
        sub: Option<&str>,
    ) -> Result<String, FederationError> {
        self.log().ensure_fit().await.map_err(RegistryError::from)?;
        let sub = sub.ok_or(FederationError::Invalid("sub is missing"))?;
        if sub == self.config().public_url {
            // §8.1.1: whoever wants that reads the entity configuration.
            return Err(FederationError::Invalid("sub is the issuer itself"));
        }
        let app = self.marked_entity(sub).await?.ok_or(UNKNOWN)?;
        let statement = self.trust().subordinate_statement(&app).await;
        statement.map_err(failed)
    }

    /// The entity ids of the apps with an approval in force.
    pub(crate) async fn subordinates(
        &self,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<String>, FederationError> {
        self.log().ensure_fit().await.map_err(RegistryError::from)?;
        let other_type = wanted.entity_type.is_some_and(|wanted| wanted != CLIENT);
        let mark = self.trust().mark_type();
        let other_mark = wanted.mark_type.is_some_and(|wanted| wanted != mark);
        if other_type || other_mark || wanted.intermediate {
            return Ok(Vec::new());
        }
        let apps = self.all_marked().await?;
        let ids = apps.keys().map(|id| self.config().entity_id(id));
        Ok(ids.collect())
    }

    /// Who has trust marks of this type.
    pub(crate) async fn marked_entities(
        &self,
        mark_type: Option<&str>,
        sub: Option<&str>,
    ) -> Result<Vec<String>, FederationError> {
        if mark_type.is_none() {
            return Err(FederationError::Invalid("trust_mark_type is missing"));
        }
        let wanted = Wanted {
            mark_type,
            ..Wanted::default()
        };
        let mut entities = self.subordinates(&wanted).await?;
        entities.retain(|entity| sub.is_none_or(|sub| sub == entity));
        Ok(entities)
    }

    /// The trust mark of an entity: the approval of its highest version in force.
    pub(crate) async fn trust_mark(
        &self,
        mark_type: Option<&str>,
        sub: Option<&str>,
    ) -> Result<String, FederationError> {
        self.log().ensure_fit().await.map_err(RegistryError::from)?;
        let (Some(mark_type), Some(sub)) = (mark_type, sub) else {
            let missing = "trust_mark_type or sub is missing";
            return Err(FederationError::Invalid(missing));
        };
        let app = self.marked_entity(sub).await?.ok_or(UNKNOWN)?;
        let marks = app.marks.into_iter().next();
        let mark = marks.filter(|_| mark_type == app.approval.trust_mark_type);
        mark.ok_or(FederationError::NotFound("the entity has no such mark"))
    }

    /// Whether a trust mark is in force.
    pub(crate) async fn trust_mark_status(
        &self,
        trust_mark: Option<&str>,
    ) -> Result<String, FederationError> {
        self.log().ensure_fit().await.map_err(RegistryError::from)?;
        let mark = trust_mark.ok_or(FederationError::Invalid("trust_mark is missing"))?;
        let claimed = Token::parse(mark, TokenType::Approval)
            .ok()
            .and_then(|_| unverified::<Approval>(mark).ok())
            .ok_or(FederationError::Invalid("trust_mark is no trust mark"))?;
        let (id, number) = (&claimed.software_id, &claimed.software_version);
        let mut tx = self
            .parts()
            .database
            .read()
            .await
            .map_err(RegistryError::from)?;
        let found = store::version::find(&mut tx, id, number).await;
        drop(tx);
        let found = found.map_err(RegistryError::from)?;
        let issued = found
            .and_then(|version| Some((version.state, version.approval?)))
            .filter(|(_, published)| published.jti == claimed.jti)
            .ok_or(FederationError::NotFound("no such trust mark was issued"))?;
        let (state, published) = issued;
        let over = self.parts().clock.now() >= published.expires_at;
        let believed = self.trust().believed().await.map_err(failed)?;
        let believed = self.trust().is_believed(&believed, &published.jws).await;
        let believed = believed.map_err(failed)?;
        let status = match state {
            _ if published.jws != mark => MarkStatus::Invalid,
            VersionState::Revoked => MarkStatus::Revoked,
            VersionState::Approved | VersionState::Suspended if over => MarkStatus::Expired,
            VersionState::Approved if believed => MarkStatus::Active,
            // Denied, or signed with a key that is not believed any more: it may come back.
            VersionState::Approved | VersionState::Suspended => MarkStatus::Suspended,
            _ => MarkStatus::Invalid,
        };
        let answer = self.trust().mark_status(mark, status).await;
        answer.map_err(failed)
    }

    /// The registry's former keys.
    pub(crate) async fn historical_keys(&self) -> Result<String, FederationError> {
        self.trust().historical_keys().await.map_err(failed)
    }

    /// Replaces the registry's federation key.
    pub async fn replace_federation_key(
        &self,
        actor: &Actor,
        request: FederationKeyRequest,
    ) -> Result<FederationKeyView, RegistryError> {
        let kid = self.trust().replace_federation_key(request.reason).await?;
        tracing::warn!(by = actor.person, kid, reason = ?request.reason, "the federation key was replaced");
        Ok(FederationKeyView { kid })
    }

    async fn marked_entity(&self, sub: &str) -> Result<Option<MarkedApp>, RegistryError> {
        let begin = self.config().entity_id("");
        match sub.strip_prefix(&begin) {
            Some(software_id) => self.marked(software_id).await,
            None => Ok(None),
        }
    }

    async fn marked(&self, software_id: &str) -> Result<Option<MarkedApp>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let versions = store::version::of(&mut tx, software_id).await?;
        drop(tx);
        marked(software_id, self.in_force(versions).await?)
    }

    async fn all_marked(&self) -> Result<BTreeMap<String, Vec<Version>>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let versions = store::version::in_states(&mut tx, &[VersionState::Approved]).await?;
        drop(tx);
        let mut apps: BTreeMap<String, Vec<Version>> = BTreeMap::new();
        for version in self.in_force(versions).await? {
            let id = version.software_id.clone();
            apps.entry(id).or_default().push(version);
        }
        Ok(apps)
    }

    /// Those that are approved, not over, and believed by the trust repository.
    async fn in_force(&self, versions: Vec<Version>) -> Result<Vec<Version>, RegistryError> {
        let now = self.parts().clock.now();
        let believed = self.trust().believed().await?;
        let mut found = Vec::new();
        for version in versions {
            let approval = version.approval.as_ref();
            let running = approval
                .filter(|published| now < published.expires_at)
                .filter(|_| version.state == VersionState::Approved);
            let Some(published) = running else {
                continue;
            };
            if self.trust().is_believed(&believed, &published.jws).await? {
                found.push(version);
            }
        }
        Ok(found)
    }
}

fn marked(
    software_id: &str,
    mut versions: Vec<Version>,
) -> Result<Option<MarkedApp>, RegistryError> {
    versions.sort_by_cached_key(|version| Reverse(precedence(&version.software_version)));
    let approvals = versions.into_iter().filter_map(|version| version.approval);
    let marks: Vec<String> = approvals.map(|published| published.jws).collect();
    let Some(highest) = marks.first() else {
        return Ok(None);
    };
    Ok(Some(MarkedApp {
        software_id: software_id.to_owned(),
        approval: unverified(highest)?,
        marks,
    }))
}

fn failed(error: crate::trust::error::TrustError) -> FederationError {
    FederationError::Registry(error.into())
}

const UNKNOWN: FederationError = FederationError::NotFound("there is no such entity here");
