//! Sessions: a random token in the browser's cookie, the rest on the server; and the token that
//! every form carries, which only the holder of the session's token can make.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use foundation::access::Actor;
use foundation::store::{Database, StoreError};
use foundation::token::{Token, same};
use foundation::{Clock, Entropy, entropy};
use ring::hmac;

use crate::store;

/// Prefix of a session token.
const PREFIX: &str = "mps";

/// Who is logged in, and with which token.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) token: Token,
    pub(crate) actor: Actor,
}

/// Begins, finds and ends sessions.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) lifetime: Duration,
}

impl Sessions {
    /// A new session; always a new token, so that nobody can plant one before a login.
    pub(crate) async fn begin(&self, actor: Actor, id_token: &str) -> Result<Session, StoreError> {
        let token = Token::generate(PREFIX, &*self.entropy);
        let now = self.clock.now();
        let mut tx = self.database.begin().await?;
        store::session::sweep(&mut tx, now).await?;
        store::session::insert(
            &mut tx,
            &token.digest(),
            &actor,
            id_token,
            now,
            now.plus(self.lifetime),
        )
        .await?;
        tx.commit().await?;
        Ok(Session { token, actor })
    }

    /// The session of a cookie, if it lasts.
    pub(crate) async fn find(&self, cookie: &str) -> Result<Option<Session>, StoreError> {
        let token = Token::presented(cookie);
        let mut tx = self.database.read().await?;
        let actor = store::session::find(&mut tx, &token.digest(), self.clock.now()).await?;
        Ok(actor.map(|actor| Session { token, actor }))
    }

    /// Ends a session; gives the issuer's `id_token` that it began with.
    pub(crate) async fn end(&self, session: &Session) -> Result<Option<String>, StoreError> {
        let mut tx = self.database.begin().await?;
        let id_token = store::session::delete(&mut tx, &session.token.digest()).await?;
        tx.commit().await?;
        Ok(id_token)
    }
}

/// The token of a session's forms. It is masked with a fresh pad in every page, so that a
/// compressed answer does not tell its bytes.
pub(crate) fn form_token(session: &Session, entropy: &dyn Entropy) -> String {
    let pad = entropy::bytes::<32>(entropy);
    let secret = form_secret(session);
    let mut bytes = pad.to_vec();
    bytes.extend(pad.iter().zip(&secret).map(|(pad, byte)| pad ^ byte));
    BASE64URL_NOPAD.encode(&bytes)
}

/// True when `presented` was made for this session.
pub(crate) fn is_form_token(session: &Session, presented: &str) -> bool {
    let Ok(bytes) = BASE64URL_NOPAD.decode(presented.as_bytes()) else {
        return false;
    };
    let Some((pad, masked)) = bytes.split_at_checked(32) else {
        return false;
    };
    let unmasked: Vec<u8> = pad
        .iter()
        .zip(masked)
        .map(|(pad, byte)| pad ^ byte)
        .collect();
    same(&unmasked, &form_secret(session))
}

fn form_secret(session: &Session) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, session.token.expose().as_bytes());
    hmac::sign(&key, b"markedsplass portal form")
        .as_ref()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use foundation::access::Role;
    use foundation::testing;

    use super::*;

    fn actor() -> Actor {
        Actor {
            person: "sub-1".to_owned(),
            name: "Kari Testesen".to_owned(),
            organisation: "310000000".to_owned(),
            organisation_name: "Fjord Helseapper AS".to_owned(),
            roles: BTreeSet::from([Role::Vendor]),
        }
    }

    #[test]
    fn a_form_token_belongs_to_one_session() {
        let entropy = testing::entropy();
        let session = |token: &str| Session {
            token: Token::presented(token),
            actor: actor(),
        };
        let (mine, other) = (session("mps_a"), session("mps_b"));
        let token = form_token(&mine, &*entropy);
        assert!(is_form_token(&mine, &token));
        assert_ne!(token, form_token(&mine, &*entropy), "masked afresh");
        assert!(!is_form_token(&other, &token));
        for text in ["", "AA", "å", "AAAA", &BASE64URL_NOPAD.encode(&[0; 64])] {
            assert!(!is_form_token(&mine, text), "{text}");
        }
    }

    #[tokio::test]
    async fn a_session_lasts_until_it_ends_or_runs_out() {
        for test in testing::databases().await.unwrap() {
            let clock = testing::clock();
            let sessions = Sessions {
                database: test.database.clone(),
                clock: clock.clone(),
                entropy: testing::entropy(),
                lifetime: Duration::from_mins(1),
            };
            let one = sessions.begin(actor(), "one").await.unwrap();
            let two = sessions.begin(actor(), "two").await.unwrap();
            let found = sessions.find(one.token.expose()).await.unwrap().unwrap();
            assert_eq!(found.actor, actor(), "{}", test.engine);
            let ended = sessions.end(&one).await.unwrap();
            assert_eq!(ended.as_deref(), Some("one"), "{}", test.engine);
            assert_eq!(sessions.end(&one).await.unwrap(), None, "{}", test.engine);
            assert!(sessions.find(one.token.expose()).await.unwrap().is_none());
            assert!(sessions.find("mps_guess").await.unwrap().is_none());
            assert!(sessions.find(two.token.expose()).await.unwrap().is_some());
            clock.advance(Duration::from_mins(1));
            assert!(sessions.find(two.token.expose()).await.unwrap().is_none());
        }
    }
}
