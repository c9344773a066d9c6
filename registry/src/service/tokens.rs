//! API tokens: made once, shown once, kept as digests, ended by their holder or by time.

use std::time::Duration;

use foundation::access::Actor;
use foundation::error::Finding;
use foundation::token::Token;
use foundation::{Timestamp, id};
use serde::Serialize;

use super::{Registry, people};
use crate::error::RegistryError;
use crate::store;
use crate::store::token::TokenRow;

/// A token of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenView {
    /// Its identifier.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was ended early.
    pub revoked_at: Option<Timestamp>,
}

/// A token that was just made, with its secret.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The token.
    pub view: TokenView,
    /// The secret, shown this once.
    pub secret: Token,
}

impl From<TokenRow> for TokenView {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            label: row.label,
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: Timestamp::from_millis(row.expires_at),
            revoked_at: row.revoked_at.map(Timestamp::from_millis),
        }
    }
}

impl Registry {
    /// Makes a token with which a program acts as `actor`.
    pub async fn create_token(
        &self,
        actor: &Actor,
        label: &str,
        days: u32,
    ) -> Result<NewToken, RegistryError> {
        let parts = self.parts();
        let findings = self.token_findings(label, days);
        if !findings.is_empty() {
            return Err(RegistryError::invalid("token-invalid", findings));
        }
        let now = parts.clock.now();
        let secret = Token::generate("mpk", &*parts.entropy);
        let row = TokenRow {
            id: id::generate("tok", &*parts.clock, &*parts.entropy),
            subject: actor.person.clone(),
            orgnr: actor.organisation.clone(),
            label: label.trim().to_owned(),
            created_at: now.millis(),
            expires_at: now
                .plus(Duration::from_hours(24 * u64::from(days)))
                .millis(),
            revoked_at: None,
        };
        let mut tx = parts.database.begin().await?;
        store::organisation::find_person(&mut tx, &actor.person, &actor.organisation)
            .await?
            .ok_or(RegistryError::PersonUnknown)?;
        store::token::insert(&mut tx, &row, &secret.digest()).await?;
        tx.commit().await?;
        Ok(NewToken {
            view: row.into(),
            secret,
        })
    }

    fn token_findings(&self, label: &str, days: u32) -> Vec<Finding> {
        let mut findings = Vec::new();
        if label.trim().is_empty() || label.chars().count() > 100 {
            findings.push(Finding {
                code: "token-label".to_owned(),
                pointer: "/label".to_owned(),
                detail: "The label is empty or too long.".to_owned(),
                remedy: "Say in at most 100 characters what the token is for.".to_owned(),
            });
        }
        let most = self.config().max_token_days;
        if days == 0 || days > most {
            findings.push(Finding {
                code: "token-days".to_owned(),
                pointer: "/days".to_owned(),
                detail: format!("A token is valid for 1 to {most} days."),
                remedy: "Choose a number of days within those bounds.".to_owned(),
            });
        }
        findings
    }

    /// Who calls with this token; `None` when it is unknown, over or ended.
    pub async fn authenticate(&self, token: &Token) -> Result<Option<Actor>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let now = self.parts().clock.now();
        let Some(row) = store::token::valid(&mut tx, &token.digest(), now).await? else {
            return Ok(None);
        };
        let organisation = store::organisation::find(&mut tx, &row.orgnr).await?;
        let person = store::organisation::find_person(&mut tx, &row.subject, &row.orgnr).await?;
        Ok(person
            .zip(organisation)
            .map(|(person, organisation)| people::actor(person, organisation)))
    }

    /// The caller's tokens, newest first.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<TokenView>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let rows = store::token::of(&mut tx, &actor.person, &actor.organisation).await?;
        Ok(rows.into_iter().map(TokenView::from).collect())
    }

    /// Ends one of the caller's tokens.
    pub async fn revoke_token(&self, actor: &Actor, id: &str) -> Result<(), RegistryError> {
        let mut tx = self.parts().database.begin().await?;
        let now = self.parts().clock.now();
        let found =
            store::token::revoke(&mut tx, id, &actor.person, &actor.organisation, now).await?;
        tx.commit().await?;
        if found {
            Ok(())
        } else {
            Err(RegistryError::TokenUnknown)
        }
    }
}
