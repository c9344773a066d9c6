//! Taking in a newer trust configuration or status list. Neither can take back what an earlier one
//! has withdrawn.

use crate::claims::StatusListToken;
use crate::code::{Code, VerifyError};
use crate::jws::{Token, TokenType};
use crate::status::StatusList;
use crate::trust::Trust;
use crate::verifier::{KnownList, LoadedTrust, SKEW, Verifier};

impl Verifier {
    /// Takes in a trust configuration; every accepted approval is judged again.
    pub fn update_trust(&mut self, token: &str, now: i64) -> Result<(), VerifyError> {
        let trust = Trust::verify(token, &self.root)?;
        let config = trust.config();
        if config.environment != self.local.environment {
            return Err(Code::Env.because("a trust configuration for another environment"));
        }
        if config.iat > now.saturating_add(SKEW) {
            return Err(Code::IatFuture.because(format!("signed at {}, now is {now}", config.iat)));
        }
        if now >= config.exp {
            return Err(Code::TrustExpired.because(format!("expired at {}", config.exp)));
        }
        if let Some(stored) = &self.trust {
            let version = stored.trust.config().version;
            // The same claims signed again are the same version; other claims need a higher one.
            let same = config.version == version && config == stored.trust.config();
            if config.version <= version && !same {
                let detail = format!("version {}, version {version} is known", config.version);
                return Err(Code::TrustRollback.because(detail));
            }
        }
        self.raise_floor(config.iat);
        for record in self
            .approvals
            .values_mut()
            .flat_map(|versions| versions.values_mut())
        {
            record.judge(&trust);
        }
        self.trust = Some(LoadedTrust {
            token: token.to_owned(),
            trust,
        });
        Ok(())
    }

    /// Takes in a status list that was fetched from this address.
    pub fn update_status_from(
        &mut self,
        uri: &str,
        token: &str,
        now: i64,
    ) -> Result<(), VerifyError> {
        self.take_status(Some(uri), token, now)
    }

    /// Takes in a status list, for the address that it names itself.
    pub fn update_status(&mut self, token: &str, now: i64) -> Result<(), VerifyError> {
        self.take_status(None, token, now)
    }

    fn take_status(&mut self, uri: Option<&str>, token: &str, now: i64) -> Result<(), VerifyError> {
        let claims = self.check_status_token(token, now)?;
        if uri.is_some_and(|uri| uri != claims.sub) {
            return Err(Code::StatusSub.because(format!("the list is {}", claims.sub)));
        }
        if claims.status_list.bits != 2 {
            return Err(Code::StatusFormat.because("bits is not 2"));
        }
        let list = claims
            .status_list
            .decode(MAX_ENTRIES)
            .map_err(|error| Code::StatusFormat.because(error.to_string()))?;
        let known = self.lists.iter_mut().find(|known| known.uri == claims.sub);
        if let Some(known) = &known {
            continues(known, &claims, &list)?;
        }
        let newer = KnownList {
            uri: claims.sub,
            generation: claims.r#gen,
            iat: claims.iat,
            ttl: claims.ttl,
            list,
        };
        match known {
            Some(known) => *known = newer,
            None => self.lists.push(newer),
        }
        self.raise_floor(claims.iat);
        Ok(())
    }

    fn check_status_token(&self, token: &str, now: i64) -> Result<StatusListToken, VerifyError> {
        let recast = |error: VerifyError| match error.code {
            Code::Typ | Code::Alg | Code::Kid | Code::KeyUse => error,
            Code::Sig => error.recast(Code::StatusSig),
            _ => error.recast(Code::StatusFormat),
        };
        let trust = self.current_trust(now)?;
        let token = Token::parse(token, TokenType::StatusList).map_err(recast)?;
        let key = trust.key_for(token.kid(), TokenType::StatusList)?;
        let claims: StatusListToken = token.verify(&key.public).map_err(recast)?;
        if key.revoked.is_some() {
            return Err(Code::KeyRevoked.because("the status key has been withdrawn"));
        }
        if claims.iss != trust.config().anchors.registry {
            return Err(Code::Iss.because("not issued by the trusted registry"));
        }
        if claims.iat > now.saturating_add(SKEW) {
            return Err(Code::IatFuture.because(format!("made at {}, now is {now}", claims.iat)));
        }
        if now >= claims.exp.saturating_add(SKEW) {
            return Err(Code::StatusStale.because(format!("expired at {}", claims.exp)));
        }
        Ok(claims)
    }
}

/// Whether a list may follow the one that is known: not older, and nothing un-revoked.
fn continues(
    known: &KnownList,
    claims: &StatusListToken,
    list: &StatusList,
) -> Result<(), VerifyError> {
    let refuse = |detail: String| Err(Code::StatusRollback.because(detail));
    if claims.r#gen < known.generation || claims.iat < known.iat {
        let (newer, older) = (known.generation, claims.r#gen);
        return refuse(format!("generation {older}, generation {newer} is known"));
    }
    if claims.r#gen == known.generation && *list != known.list {
        return refuse(format!("two lists of generation {}", claims.r#gen));
    }
    match known.list.first_unrevoked(list) {
        Some(index) => refuse(format!("entry {index} was revoked and is no longer")),
        None => Ok(()),
    }
}

/// The most entries of a list that is read: 2²⁰, 256 KiB.
pub const MAX_ENTRIES: usize = 1 << 20;
