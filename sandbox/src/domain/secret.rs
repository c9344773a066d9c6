//! The mark that stands for a secret in recorded traffic: the same secret always has the same mark,
//! so a suite can follow a code or token through a run, and nobody can use what was recorded.

use foundation::Digest;

/// What a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretKind {
    AccessToken,
    ClientAssertion,
    ClientSecret,
    Code,
    CodeVerifier,
    IdToken,
    Launch,
    RefreshToken,
}

impl SecretKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::ClientAssertion => "client_assertion",
            Self::ClientSecret => "client_secret",
            Self::Code => "code",
            Self::CodeVerifier => "code_verifier",
            Self::IdToken => "id_token",
            Self::Launch => "launch",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// The kind of secret that a parameter of this name holds.
    pub(crate) fn of_parameter(name: &str) -> Option<Self> {
        Some(match name {
            "access_token" | "token" => Self::AccessToken,
            "client_assertion" => Self::ClientAssertion,
            "client_secret" => Self::ClientSecret,
            "code" => Self::Code,
            "code_verifier" => Self::CodeVerifier,
            "id_token" | "id_token_hint" => Self::IdToken,
            "launch" => Self::Launch,
            "refresh_token" => Self::RefreshToken,
            _ => return None,
        })
    }

    /// The mark of a secret.
    pub(crate) fn mark(self, value: &str) -> String {
        self.mark_of_digest(Digest::of(value.as_bytes()).as_bytes())
    }

    /// The mark of a secret of which only the SHA-256 is kept.
    pub(crate) fn mark_of_digest(self, digest: &[u8]) -> String {
        let first = digest.get(..8).unwrap_or(digest);
        format!(
            "secret:{}:{}",
            self.as_str(),
            data_encoding::HEXLOWER.encode(first)
        )
    }
}

/// A parameter's value, replaced by its mark when it is a secret.
pub(crate) fn marked(name: &str, value: &str) -> String {
    match SecretKind::of_parameter(name) {
        Some(kind) if !value.is_empty() => kind.mark(value),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_names_the_secret_and_does_not_hold_it() {
        // SHA-256("abc") begins ba7816bf8f01cfea (FIPS 180 example).
        assert_eq!(marked("code", "abc"), "secret:code:ba7816bf8f01cfea");
        assert_eq!(marked("state", "abc"), "abc");
        assert_eq!(marked("code_challenge", "abc"), "abc");
        let digest = Digest::of(b"abc");
        assert_eq!(
            SecretKind::Launch.mark_of_digest(digest.as_bytes()),
            SecretKind::Launch.mark("abc")
        );
    }
}
