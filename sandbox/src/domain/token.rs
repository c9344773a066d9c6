//! The life of a code and of a family of refresh tokens, as decisions without a store. The store
//! makes the one change that must be atomic (redeemed, used) and asks here what follows.
//!
//! Rules: a code serves once and at most a minute; a second use takes away what the first gave
//! (RFC 6749 §4.1.2). A refresh token serves once; a second use ends the whole authorization
//! (RFC 9700 §4.14.2).

use foundation::Timestamp;

use super::{pkce, scopes};

/// A code as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) redeemed: bool,
}

/// What a client presents to redeem a code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Redemption<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) code_verifier: Option<&'a str>,
}

/// What follows from presenting a code or a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Tokens are issued; the code or token is used up.
    Issue,
    /// Nothing is issued, and nothing changes.
    Refuse(Reason),
    /// Nothing is issued, and the code is used up.
    Burn(Reason),
    /// Nothing is issued, and every token of the authorization falls.
    Revoke(Reason),
}

/// Why nothing is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Nobody knows it, in this sandbox.
    Unknown,
    /// It was given to another client.
    OtherClient,
    /// It has served already.
    Reused,
    /// Its time is over.
    Expired,
    /// The redirect address is another than in the authorization request.
    RedirectUri,
    /// The verifier is missing or does not give the challenge.
    CodeVerifier,
    /// The authorization was revoked.
    Revoked,
    /// More scopes than were granted.
    Scope,
}

impl Code {
    pub(crate) fn redeem(&self, by: Redemption<'_>, now: Timestamp) -> Verdict {
        if by.client_id != self.client_id {
            return Verdict::Refuse(Reason::OtherClient);
        }
        if self.redeemed {
            return Verdict::Revoke(Reason::Reused);
        }
        if now >= self.expires_at {
            return Verdict::Burn(Reason::Expired);
        }
        if by.redirect_uri != Some(self.redirect_uri.as_str()) {
            return Verdict::Burn(Reason::RedirectUri);
        }
        let verified = by
            .code_verifier
            .is_some_and(|v| pkce::verifies(v, &self.challenge));
        if verified {
            Verdict::Issue
        } else {
            Verdict::Burn(Reason::CodeVerifier)
        }
    }
}

/// A refresh token as it is kept, with its authorization.
#[derive(Clone, Debug)]
pub(crate) struct Refresh {
    pub(crate) client_id: String,
    pub(crate) scope: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) used: bool,
    pub(crate) revoked: bool,
}

impl Refresh {
    /// `scope` is what the client asks to keep; absent means all.
    pub(crate) fn rotate(&self, client_id: &str, scope: Option<&str>, now: Timestamp) -> Verdict {
        if client_id != self.client_id {
            return Verdict::Refuse(Reason::OtherClient);
        }
        if self.used {
            return Verdict::Revoke(Reason::Reused);
        }
        if self.revoked {
            return Verdict::Refuse(Reason::Revoked);
        }
        if now >= self.expires_at {
            return Verdict::Refuse(Reason::Expired);
        }
        match scope {
            Some(scope) if !scopes::is_subset(scope, &self.scope) => Verdict::Refuse(Reason::Scope),
            _ => Verdict::Issue,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use data_encoding::BASE64URL_NOPAD;
    use foundation::Digest;
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_251_600);
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn code(redeemed: bool) -> Code {
        Code {
            client_id: "app".to_owned(),
            redirect_uri: "https://a.example/".to_owned(),
            challenge: BASE64URL_NOPAD.encode(Digest::of(VERIFIER.as_bytes()).as_bytes()),
            expires_at: NOW.plus(Duration::from_mins(1)),
            redeemed,
        }
    }

    fn right() -> Redemption<'static> {
        Redemption {
            client_id: "app",
            redirect_uri: Some("https://a.example/"),
            code_verifier: Some(VERIFIER),
        }
    }

    #[test]
    fn a_code_serves_once_for_its_own_client_within_its_time() {
        assert_eq!(code(false).redeem(right(), NOW), Verdict::Issue);
        assert_eq!(
            code(true).redeem(right(), NOW),
            Verdict::Revoke(Reason::Reused)
        );
        let late = NOW.plus(Duration::from_mins(1));
        assert_eq!(
            code(false).redeem(right(), late),
            Verdict::Burn(Reason::Expired)
        );
    }

    proptest! {
        #[test]
        fn only_the_one_right_redemption_issues(
            client in prop::sample::select(vec!["app", "other"]),
            redirect in prop::sample::select(vec![Some("https://a.example/"), Some("https://a.example"), None]),
            verifier in prop::sample::select(vec![Some(VERIFIER), Some("x"), None]),
            redeemed: bool,
            age in 0u64..120,
        ) {
            let by = Redemption { client_id: client, redirect_uri: redirect, code_verifier: verifier };
            let now = NOW.plus(Duration::from_secs(age));
            let all_right = client == "app"
                && redirect == Some("https://a.example/")
                && verifier == Some(VERIFIER)
                && !redeemed
                && age < 60;
            let verdict = code(redeemed).redeem(by, now);
            prop_assert_eq!(verdict == Verdict::Issue, all_right);
            // Another client can neither use up a code nor revoke what it gave.
            prop_assert_eq!(matches!(verdict, Verdict::Refuse(_)), client == "other");
        }

        #[test]
        fn a_refresh_token_serves_once_and_reuse_revokes(used: bool, revoked: bool, age in 0u64..20, client in prop::sample::select(vec!["app", "other"])) {
            let token = Refresh {
                client_id: "app".to_owned(),
                scope: "patient/*.rs offline_access".to_owned(),
                expires_at: NOW.plus(Duration::from_secs(10)),
                used,
                revoked,
            };
            let now = NOW.plus(Duration::from_secs(age));
            let verdict = token.rotate(client, None, now);
            prop_assert_eq!(verdict == Verdict::Issue, client == "app" && !used && !revoked && age < 10);
            prop_assert_eq!(matches!(verdict, Verdict::Revoke(_)), client == "app" && used);
        }
    }

    #[test]
    fn requirement_104_a_refresh_cannot_widen() {
        let token = Refresh {
            client_id: "app".to_owned(),
            scope: "patient/Observation.rs offline_access".to_owned(),
            expires_at: NOW.plus(Duration::from_secs(10)),
            used: false,
            revoked: false,
        };
        let asked = |scope| token.rotate("app", Some(scope), NOW);
        assert_eq!(asked("patient/Observation.r"), Verdict::Issue);
        assert_eq!(asked("patient/*.rs"), Verdict::Refuse(Reason::Scope));
        assert_eq!(
            asked("patient/Observation.rs  x"),
            Verdict::Refuse(Reason::Scope)
        );
    }
}
