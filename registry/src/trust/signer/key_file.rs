//! A key file: one private key, encrypted under a passphrase (Argon2id, RFC 9106) or a long secret
//! (HKDF), with what it is for in the clear. Used on servers, and by those who keep a key at home.

use std::fmt;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use foundation::sealing::Sealer;
use foundation::{Entropy, entropy};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use verifier::base64url;
use verifier::jwk::EcPublicKey;

use super::software::Software;
use super::{KeyKind, KeyStoreError, Signer, ecdsa_der};
use crate::trust::keys::KeyError;
use crate::trust::repository::RoleSigner;

/// A key file, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    format: String,
    /// What the key is for.
    #[serde(rename = "use")]
    pub purpose: String,
    /// Whose it is: empty for the registry's own.
    pub holder: String,
    /// The key's id.
    pub kid: String,
    alg: String,
    public: String,
    kdf: Kdf,
    sealed: String,
}

/// How the encryption key is made of the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
enum Kdf {
    /// For passphrases, which people remember.
    Argon2id {
        memory_kib: u32,
        passes: u32,
        salt: String,
    },
    /// For secrets of 32 random bytes and more.
    HkdfSha256 { salt: String },
}

/// What a key file is encrypted with.
#[derive(Clone, Debug)]
pub(super) enum FileSecret {
    /// Something that a person remembers.
    Passphrase(SecretString),
    /// At least 32 random bytes.
    Random(SecretString),
}

impl KeyFile {
    /// A new key for this, encrypted.
    pub(super) fn make(
        (purpose, holder): (&str, &str),
        secret: &FileSecret,
        source: &dyn Entropy,
    ) -> Result<Self, KeyStoreError> {
        let kind = KeyKind::of(purpose);
        let private = Software::make(kind, source)?;
        let public = Software::read(kind, &private.0)?.public();
        let salt = base64url::encode(&entropy::bytes::<16>(source));
        let kdf = match secret {
            FileSecret::Passphrase(text) => {
                if text.expose_secret().chars().count() < SHORTEST {
                    return Err(KeyStoreError::Passphrase(SHORTEST));
                }
                Kdf::Argon2id {
                    memory_kib: MEMORY_KIB,
                    passes: PASSES,
                    salt,
                }
            }
            FileSecret::Random(_) => Kdf::HkdfSha256 { salt },
        };
        let mut file = Self {
            format: FORMAT.to_owned(),
            purpose: purpose.to_owned(),
            holder: holder.to_owned(),
            kid: kind.id(&public)?,
            alg: kind.as_str().to_owned(),
            public: base64url::encode(&public),
            kdf,
            sealed: String::new(),
        };
        let sealer = file.sealer(secret)?.ok_or(KeyStoreError::Unusable)?;
        file.sealed = base64url::encode(&sealer.seal(&file.bound(), &private.0, source)?);
        Ok(file)
    }

    /// What the file says besides the key, which cannot be changed without its being seen.
    fn bound(&self) -> String {
        format!(
            "{} {} {} {} {}",
            self.purpose, self.kid, self.alg, self.public, self.holder
        )
    }

    /// `None` when the file asks for more than any file of ours.
    fn sealer(&self, secret: &FileSecret) -> Result<Option<Sealer>, KeyStoreError> {
        let (salt, stretched) = match (&self.kdf, secret) {
            (
                Kdf::Argon2id {
                    memory_kib,
                    passes,
                    salt,
                },
                FileSecret::Passphrase(text),
            ) => {
                if *memory_kib > MOST_MEMORY_KIB || *passes > MOST_PASSES {
                    return Ok(None);
                }
                (salt, stretch(text, salt, *memory_kib, *passes)?)
            }
            (Kdf::HkdfSha256 { salt }, FileSecret::Random(secret)) => (salt, secret.clone()),
            // Made with the other sort of secret.
            _ => return Err(foundation::sealing::CannotOpen.into()),
        };
        Ok(Some(Sealer::new(&format!("{FORMAT} {salt}"), &stretched)?))
    }

    /// The key's public part.
    pub(super) fn public_bytes(&self) -> Option<Vec<u8>> {
        base64url::decode(&self.public)
    }

    /// The P-256 public key, when it is one.
    pub fn public_key(&self) -> Option<EcPublicKey> {
        EcPublicKey::from_uncompressed(&self.public_bytes()?).ok()
    }

    /// What signs with the key of the file at `path`.
    pub(super) fn open(
        &self,
        path: &Path,
        secret: &FileSecret,
    ) -> Result<Arc<dyn Signer>, KeyStoreError> {
        let changed = |reason: &str| KeyStoreError::Format {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        let sealer = self.sealer(secret)?;
        let sealer = sealer.ok_or_else(|| changed("it asks for too much memory or work"))?;
        let sealed = base64url::decode(&self.sealed).ok_or_else(|| changed("sealed"))?;
        let plain = sealer.open(&self.bound(), &sealed)?;
        let key = Software::read(KeyKind::of(&self.purpose), &plain)?;
        if Some(key.public()) != self.public_bytes() {
            return Err(changed("public is another key's"));
        }
        Ok(Arc::new(key))
    }

    /// What the file of a key is called.
    pub fn name(purpose: &str, kid: &str) -> String {
        format!("{purpose}.{kid}.key")
    }

    /// Reads a key file, which must be its owner's alone.
    pub fn read(path: &Path) -> Result<Self, KeyStoreError> {
        let failed = |source| KeyStoreError::File {
            path: path.to_owned(),
            source,
        };
        let mode = path.metadata().map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyStoreError::Mode(path.to_owned()));
        }
        let bytes = std::fs::read(path).map_err(failed)?;
        let changed = |reason: String| KeyStoreError::Format {
            path: path.to_owned(),
            reason,
        };
        let file: Self =
            serde_json::from_slice(&bytes).map_err(|error| changed(error.to_string()))?;
        if file.format != FORMAT || file.alg != KeyKind::of(&file.purpose).as_str() {
            return Err(changed(format!("its format is not {FORMAT}")));
        }
        Ok(file)
    }

    /// Writes the file into `folder`, whole or not at all, for its owner alone.
    pub(super) fn write(&self, folder: &Path) -> Result<PathBuf, KeyStoreError> {
        let path = folder.join(Self::name(&self.purpose, &self.kid));
        let text = serde_json::to_string_pretty(self).map_err(|_| KeyStoreError::Unusable)? + "\n";
        self.write_text(folder, &path, &text)
            .map_err(|source| KeyStoreError::File {
                path: path.clone(),
                source,
            })?;
        Ok(path)
    }

    fn write_text(&self, folder: &Path, path: &Path, text: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let beside = folder.join(format!(".{}.new", self.kid));
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        std::fs::File::open(folder)?.sync_all()
    }
}

/// A key of a role of the trust repository whose file somebody keeps.
pub struct OfflineKey {
    public: EcPublicKey,
    signer: Arc<dyn Signer>,
}

impl fmt::Debug for OfflineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.public.fmt(f)
    }
}

impl OfflineKey {
    /// Makes a key for a role, in a file of its own in `folder` under this passphrase.
    pub fn make(
        purpose: &str,
        holder: &str,
        (folder, passphrase): (&Path, SecretString),
        source: &dyn Entropy,
    ) -> Result<(PathBuf, KeyFile), KeyStoreError> {
        let secret = FileSecret::Passphrase(passphrase);
        let file = KeyFile::make((purpose, holder), &secret, source)?;
        Ok((file.write(folder)?, file))
    }

    /// Opens a key file with its passphrase.
    pub fn open(path: &Path, passphrase: SecretString) -> Result<Self, KeyStoreError> {
        let file = KeyFile::read(path)?;
        let public = file.public_key().ok_or(KeyStoreError::Unusable)?;
        let signer = file.open(path, &FileSecret::Passphrase(passphrase))?;
        Ok(Self { public, signer })
    }
}

impl RoleSigner for OfflineKey {
    fn public_key(&self) -> &EcPublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(ecdsa_der(&self.signer.sign(message)?)?)
    }
}

fn stretch(
    passphrase: &SecretString,
    salt: &str,
    memory_kib: u32,
    passes: u32,
) -> Result<SecretString, KeyStoreError> {
    let params = Params::new(memory_kib, passes, 1, None).map_err(|_| KeyStoreError::Unusable)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(
            passphrase.expose_secret().as_bytes(),
            salt.as_bytes(),
            &mut key,
        )
        .map_err(|_| KeyStoreError::Unusable)?;
    Ok(SecretString::from(base64url::encode(&key)))
}

const FORMAT: &str = "markedsplass-key/v1";
/// RFC 9106 §4, the second recommended choice: 64 MiB and three passes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// A file that asks for more is not ours, and is not to exhaust the machine.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 16;
/// The shortest passphrase, in characters.
const SHORTEST: usize = 12;

#[cfg(test)]
mod tests {
    use foundation::testing;

    use super::*;

    const PASSPHRASE: &str = "riktig hest batteri stift";

    fn made(folder: &Path) -> (PathBuf, KeyFile) {
        let secret = SecretString::from(PASSPHRASE);
        let place = (folder, secret);
        OfflineKey::make(
            "trust-root",
            "Helsedirektoratet",
            place,
            &*testing::entropy(),
        )
        .unwrap()
    }

    #[test]
    fn a_key_file_opens_with_its_passphrase_alone_and_signs() {
        let folder = tempfile::tempdir().unwrap();
        let (path, file) = made(folder.path());
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(KeyFile::read(&path).unwrap(), file);
        let key = OfflineKey::open(&path, SecretString::from(PASSPHRASE)).unwrap();
        let message = b"root";
        let signature = key.sign(message).unwrap();
        let algorithm = &ring::signature::ECDSA_P256_SHA256_ASN1;
        ring::signature::UnparsedPublicKey::new(algorithm, key.public.as_uncompressed())
            .verify(message, &signature)
            .unwrap();
        let wrong = OfflineKey::open(&path, SecretString::from("en helt annen frase"));
        assert_eq!(wrong.unwrap_err().code(), "key-secret");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(PASSPHRASE) && !format!("{key:?}").contains("Software"));
    }

    #[test]
    fn a_file_that_others_may_read_or_that_was_changed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, file) = made(folder.path());
        for mode in [0o640, 0o604, 0o660, 0o777] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(KeyFile::read(&path).unwrap_err().code(), "key-file-mode");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        for (from, to, code) in [
            ("trust-root", "trust-targets", "key-secret"),
            ("Helsedirektoratet", "Andre", "key-secret"),
            ("\"passes\": 3", "\"passes\": 17", "key-file-format"),
            ("key/v1", "key/v2", "key-file-format"),
            ("ES256", "none", "key-file-format"),
            ("{", "[", "key-file-format"),
            (&file.kid, "x", "key-secret"),
        ] {
            std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
            let opened = OfflineKey::open(&path, SecretString::from(PASSPHRASE));
            assert_eq!(opened.unwrap_err().code(), code, "{from}");
        }
    }

    #[test]
    fn a_short_passphrase_protects_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let place = (folder.path(), SecretString::from("kort"));
        let made = OfflineKey::make("trust-root", "", place, &*testing::entropy());
        assert_eq!(made.unwrap_err().code(), "key-passphrase");
    }
}
