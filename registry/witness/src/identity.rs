//! Who a witness is: a name and two keys, Ed25519 and ML-DSA-44, in a file of its own. The keys' seeds
//! are sealed under the witness's secret and bound to its name.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use foundation::sealing::{CannotOpen, Sealer};
use foundation::secret_file;
use foundation::signing::{Algorithm, Seed, SigningFailed, SigningKey};
use foundation::{Entropy, entropy};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use verifier::base64url;
use verifier::note::{NoteError, SignatureType, VerifierKey};

/// Why a witness has no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file cannot be read or made.
    #[error("the key file {} cannot be used: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The file is no key file.
    #[error("{} is no key file of a witness", .0.display())]
    Format(PathBuf),
    /// A key cannot be made or used.
    #[error(transparent)]
    Key(#[from] SigningFailed),
    /// The name cannot be a key's name.
    #[error(
        "the name {name} cannot name a witness: {reason}; use host and path, such as w1.example.no"
    )]
    Name {
        /// Which name.
        name: String,
        /// What is wrong.
        reason: NoteError,
    },
    /// The file belongs to another witness.
    #[error("the key file is of {found}, not of {wanted}; a witness keeps its name with its keys")]
    Other {
        /// Whose it is.
        found: String,
        /// Who was asked for.
        wanted: String,
    },
    /// The secret does not open it.
    #[error(transparent)]
    Sealed(#[from] CannotOpen),
}

/// A witness's name and keys.
#[derive(Debug)]
pub struct Identity {
    name: String,
    signers: Vec<(SigningKey, VerifierKey)>,
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: String,
    name: String,
    /// The seeds of both keys, sealed: base64.
    sealed: String,
}

impl Identity {
    /// Reads the key file; makes it, readable by its owner alone, when it is missing.
    pub fn load_or_make(
        path: &Path,
        name: &str,
        secret: &SecretString,
        entropy: &dyn Entropy,
    ) -> Result<Self, IdentityError> {
        let sealer = Sealer::new(LABEL, secret)?;
        let failed = |source| IdentityError::File {
            path: path.to_owned(),
            source,
        };
        match std::fs::read(path) {
            Ok(bytes) => Self::open(path, &bytes, name, &sealer),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let seeds: [Seed; 2] = [entropy::bytes(entropy), entropy::bytes(entropy)];
                let made = Self::of(name, &seeds)?;
                let sealed = sealer.seal(name, seeds.as_flattened(), entropy)?;
                let file = KeyFile {
                    format: FORMAT.to_owned(),
                    name: name.to_owned(),
                    sealed: base64url::encode_standard(&sealed),
                };
                let text = serde_json::to_vec_pretty(&file)
                    .map_err(|_| IdentityError::Format(path.to_owned()))?;
                if secret_file::make_once(path, &text).map_err(failed)? {
                    return Ok(made);
                }
                // Somebody else was first.
                let bytes = std::fs::read(path).map_err(failed)?;
                Self::open(path, &bytes, name, &sealer)
            }
            Err(error) => Err(failed(error)),
        }
    }

    fn open(path: &Path, bytes: &[u8], name: &str, sealer: &Sealer) -> Result<Self, IdentityError> {
        let wrong = || IdentityError::Format(path.to_owned());
        let file: KeyFile = serde_json::from_slice(bytes).map_err(|_| wrong())?;
        if file.format != FORMAT {
            return Err(wrong());
        }
        if file.name != name {
            return Err(IdentityError::Other {
                found: file.name,
                wanted: name.to_owned(),
            });
        }
        let sealed = base64url::decode_standard(&file.sealed).ok_or_else(wrong)?;
        let seeds = sealer.open(name, &sealed)?;
        let (seeds, rest) = seeds.as_chunks::<32>();
        match seeds {
            [ed25519, ml_dsa] if rest.is_empty() => Self::of(name, &[*ed25519, *ml_dsa]),
            _ => Err(wrong()),
        }
    }

    /// The identity that these seeds give.
    pub fn of(name: &str, seeds: &[Seed; 2]) -> Result<Self, IdentityError> {
        let kinds = [
            (Algorithm::Ed25519, SignatureType::CosignatureV1),
            (Algorithm::MlDsa44, SignatureType::MlDsa44),
        ];
        let signers = kinds
            .into_iter()
            .zip(seeds)
            .map(|((algorithm, signature_type), seed)| {
                let key = SigningKey::from_seed(algorithm, seed)?;
                let public = VerifierKey::new(name, signature_type, key.public_key());
                let public = public.map_err(|reason| IdentityError::Name {
                    name: name.to_owned(),
                    reason,
                })?;
                Ok((key, public))
            })
            .collect::<Result<_, IdentityError>>()?;
        Ok(Self {
            name: name.to_owned(),
            signers,
        })
    }

    /// The witness's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public keys, as logs and EPJs list them.
    pub fn keys(&self) -> impl Iterator<Item = &VerifierKey> {
        self.signers.iter().map(|(_, public)| public)
    }

    /// The cosignature lines over a checkpoint's text at this moment.
    pub(crate) fn cosign(&self, seconds: u64, text: &str) -> Result<Vec<String>, SigningFailed> {
        self.signers
            .iter()
            .map(|(key, public)| {
                let message = public.message(seconds, text).ok_or(SigningFailed)?;
                Ok(public.line(seconds, &key.sign(&message)?))
            })
            .collect()
    }
}

const FORMAT: &str = "markedsplass witness key 1";
const LABEL: &str = "markedsplass witness keys v1";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use foundation::testing;

    use super::*;

    fn identity(path: &Path, name: &str, secret: &str) -> Result<Identity, IdentityError> {
        let secret = SecretString::from(secret.to_owned());
        Identity::load_or_make(path, name, &secret, &*testing::entropy())
    }

    #[test]
    fn the_key_file_is_made_once_and_opens_for_its_name_and_secret_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w").join("witness.key");
        let made = identity(&path, "w1.example.no", "one").unwrap();
        let again = identity(&path, "w1.example.no", "one").unwrap();
        assert!(made.keys().eq(again.keys()));
        assert_eq!(made.keys().count(), 2);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let other = identity(&path, "w2.example.no", "one");
        assert!(matches!(other, Err(IdentityError::Other { .. })));
        let other = identity(&path, "w1.example.no", "two");
        assert!(matches!(other, Err(IdentityError::Sealed(_))));
        std::fs::write(&path, "{}").unwrap();
        let damaged = identity(&path, "w1.example.no", "one");
        assert!(matches!(damaged, Err(IdentityError::Format(_))));
        let name = identity(&folder.path().join("x"), "with space", "one");
        assert!(matches!(name, Err(IdentityError::Name { .. })));
    }
}
