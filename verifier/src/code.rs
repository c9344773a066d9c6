//! The stable error codes of the verification steps, and the error that carries one.
//! The texts are for developers, in English; what a clinician reads is keyed by the code elsewhere.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $remedy:literal;)*) => {
        /// A reason to refuse, stable across versions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the verification steps.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable string, such as `E_SIG`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What the reader can do about it.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    /// Not a compact JWS in its one canonical spelling, or too large.
    Format = "E_FORMAT", "Fetch the token again and pass its bytes unchanged: three base64url parts, no whitespace, no padding, within the size limit.";
    /// No usable trust configuration.
    TrustConfig = "E_TRUST_CONFIG", "Fetch the trust repository again, from the root document on; if it is still refused, ask its publisher to correct and sign it anew.";
    /// The trust configuration has expired.
    TrustExpired = "E_TRUST_EXPIRED", "Fetch timestamp.json and what it names from the trust repository and load it; check the connection to the registry.";
    /// The trust configuration is older than one already accepted.
    TrustRollback = "E_TRUST_ROLLBACK", "Fetch the trust repository again; if an old version is served, report it as an incident.";
    /// The JOSE header is not exactly alg, kid and typ.
    Header = "E_HEADER", "Ask the issuer to sign with a header of exactly alg, kid and typ.";
    /// The token is of another type than the one asked for.
    Typ = "E_TYP", "Pass the token to the check made for its type.";
    /// Another signature algorithm than ES256.
    Alg = "E_ALG", "Ask the issuer to sign with ES256.";
    /// The signing key is not in the trust configuration.
    Kid = "E_KID", "Update the trust configuration; if the key is still unknown, refuse the token.";
    /// The key is trusted, but for another use.
    KeyUse = "E_KEY_USE", "Refuse the token and report it: a key made for one purpose signed another.";
    /// The signature does not match the bytes.
    Sig = "E_SIG", "Fetch the token again; if it still fails, it was altered or was not signed by this key.";
    /// The payload is not strict JSON.
    Json = "E_JSON", "Ask the issuer to correct the payload: no duplicate names, at most eight levels, whole numbers only.";
    /// A claim is missing or breaks its rule.
    Claim = "E_CLAIM", "Ask the issuer to correct the claim named in the detail.";
    /// The issuer is not the trusted registry.
    Iss = "E_ISS", "Check which registry this installation trusts.";
    /// The trust mark type is not one of those trusted.
    MarkType = "E_MARK_TYPE", "Check which trust mark types this installation accepts.";
    /// The object belongs to another environment.
    Env = "E_ENV", "Use an approval that was issued for this environment.";
    /// The owner of the trust mark has not let the registry issue it.
    Delegation = "E_DELEGATION", "Update the trust configuration; if the mark is still not delegated, ask its owner to sign a new delegation.";
    /// Issued in the future.
    IatFuture = "E_IAT_FUTURE", "Check this machine's clock; if it is right, the issuer's clock is ahead.";
    /// Past its expiry.
    Expired = "E_EXPIRED", "Ask the vendor to have the approval renewed.";
    /// Valid for longer than the rules allow.
    Lifetime = "E_LIFETIME", "Ask the issuer for an approval of at most 400 days.";
    /// A review's signature or form is not acceptable.
    ReviewSig = "E_REVIEW_SIG", "Refuse the approval and report it: a review inside was not signed by a trusted reviewer.";
    /// Too few different reviewers or roles.
    ReviewQuorum = "E_REVIEW_QUORUM", "Ask the registry for an approval with a security and a clinical review by different people.";
    /// A reviewer belongs to the vendor, or all belong to one organisation.
    ReviewConflict = "E_REVIEW_CONFLICT", "Ask the registry for reviews by people outside the vendor and from two organisations.";
    /// A review is about something else than what was approved.
    ReviewMismatch = "E_REVIEW_MISMATCH", "Refuse the approval and report it: it goes beyond what the reviewers signed.";
    /// A review is too old for this approval.
    ReviewOld = "E_REVIEW_OLD", "Ask the registry for a review made at most 90 days before the approval.";
    /// The ticket is not a well-formed tlog-proof.
    ProofFormat = "E_PROOF_FORMAT", "Fetch the approval's ticket again and pass its bytes unchanged.";
    /// The log is not in the trusted log policy.
    LogUnknown = "E_LOG_UNKNOWN", "Update the trust configuration; if the log is still unknown, refuse the approval.";
    /// The checkpoint is not signed by the log.
    LogSig = "E_LOG_SIG", "Fetch the ticket again; if it still fails, refuse the approval and report it.";
    /// Too few trusted witnesses have cosigned the checkpoint.
    WitnessQuorum = "E_WITNESS_QUORUM", "Fetch the ticket again in a while; witnesses may not have signed yet.";
    /// A known witness's cosignature is wrong.
    WitnessSig = "E_WITNESS_SIG", "Refuse the approval and report it: a witness signature was forged or damaged.";
    /// The log has become smaller than it was.
    LogRollback = "E_LOG_ROLLBACK", "Stop accepting approvals from this log and report it with both checkpoints.";
    /// The log has shown two different histories.
    LogFork = "E_LOG_FORK", "Stop accepting approvals from this log, keep both checkpoints as evidence and raise the alarm.";
    /// The approval is not in the log at the place claimed.
    Inclusion = "E_INCLUSION", "Fetch the approval and its ticket again, together; if it still fails, refuse it.";
    /// The time of signing does not agree with the time of logging.
    Backdated = "E_BACKDATED", "Refuse the approval and report it: its date does not agree with the log's witnesses.";
    /// A key that signed it has been withdrawn.
    KeyRevoked = "E_KEY_REVOKED", "Fetch a newly signed approval; the registry signs again after withdrawing a key.";
    /// The same version was approved before with other content.
    VersionReused = "E_VERSION_REUSED", "Refuse it and report it: a version never changes its content.";
    /// The status list is not well-formed.
    StatusFormat = "E_STATUS_FORMAT", "Fetch the status list again and pass its bytes unchanged.";
    /// The status list is not signed by the status key.
    StatusSig = "E_STATUS_SIG", "Fetch the status list again; if it still fails, report it.";
    /// The status list is another one than the one asked for.
    StatusSub = "E_STATUS_SUB", "Fetch the status list from the address in the approval.";
    /// The status list is older than one already seen, or undoes a revocation.
    StatusRollback = "E_STATUS_ROLLBACK", "Fetch the newest status list; if an old one is served, report it as an incident.";
    /// No recent enough status list.
    StatusStale = "E_STATUS_STALE", "Fetch the status list; check the connection to the registry.";
    /// The index lies outside the status list.
    StatusRange = "E_STATUS_RANGE", "Fetch the status list again; if the index is still outside, refuse the approval.";
    /// Revoked, for good.
    Revoked = "E_REVOKED", "Do not launch this version again; see the approval's page for the reason and for a newer version.";
    /// Suspended for the time being.
    Suspended = "E_SUSPENDED", "Wait until the suspension is lifted; see the approval's page for the reason.";
    /// The status service has not released this approval.
    NotIssued = "E_NOT_ISSUED", "Fetch the status list once more and try again; if it stays so, refuse the approval.";
    /// The vendor or the content is on the deny list.
    Denylisted = "E_DENYLISTED", "Do not launch anything from this vendor or with this content; contact the registry.";
    /// The clock shows a time before one already proved.
    ClockRollback = "E_CLOCK_ROLLBACK", "Correct this machine's clock.";
    /// No approval of this version has been accepted here.
    NotApproved = "E_NOT_APPROVED", "Fetch and ingest the approval of exactly this version; if there is none, it may not be launched.";
    /// The client is registered for another vendor.
    Vendor = "E_VENDOR", "Correct the client's registration: its organisation must be the approved vendor.";
    /// Another launch address than the approved one.
    LaunchUri = "E_LAUNCH_URI", "Register exactly the launch address in the approval.";
    /// A redirect address that is not approved.
    RedirectUri = "E_REDIRECT_URI", "Use one of the redirect addresses in the approval, byte for byte.";
    /// More access is asked for than was approved.
    Scope = "E_SCOPE", "Ask for no more than the approved scopes, or have a version approved with the wider scope.";
    /// The client's key is not one of those approved.
    ClientKey = "E_CLIENT_KEY", "Authenticate with a key that is in the approval, and with DPoP where the approval says so.";
    /// The installed bytes are not the approved ones.
    Digest = "E_DIGEST", "Install the approved bundle again.";
    /// The hosted app differs from what was approved, or has not been looked at lately.
    ContentDrift = "E_CONTENT_DRIFT", "Fetch the app's manifest again; if it differs, the vendor must restore it or have the new version approved.";
    /// This installation's own rules say no.
    LocalPolicy = "E_LOCAL_POLICY", "Ask the person responsible for this installation whether the app should be allowed.";
}

impl Code {
    /// An error with this code and what was found.
    #[must_use]
    pub fn because(self, detail: impl Into<Cow<'static, str>>) -> VerifyError {
        VerifyError {
            code: self,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A string that is no known code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a verification code")]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or(UnknownCode)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A refusal: the stable code, and what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct VerifyError {
    /// The stable code.
    pub code: Code,
    /// What was found, for logs and developers.
    pub detail: Cow<'static, str>,
}

impl VerifyError {
    /// The same finding under another code, for a check that runs inside another.
    #[must_use]
    pub fn recast(self, code: Code) -> Self {
        let detail = format!("{}: {}", self.code, self.detail);
        code.because(detail)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_distinct_and_read_back() {
        let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().starts_with("E_"));
            assert!(code.remedy().ends_with('.'));
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        assert_eq!("E_NOTHING".parse::<Code>(), Err(UnknownCode));
    }
}
