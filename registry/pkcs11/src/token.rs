//! A token: keys are made in it, and sign in it.

use std::fmt;
use std::path::PathBuf;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use cryptoki::slot::Slot;
use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use secrecy::SecretString;

use super::sessions::Sessions;
use super::{TokenError, point};

/// A token, and what lets us in.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// The module: a shared library that came with the token.
    pub module: PathBuf,
    /// The token's label.
    pub label: String,
    /// The user's PIN.
    pub pin: SecretString,
}

/// What a key signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// ECDSA on P-256 over SHA-256.
    P256,
    /// Ed25519.
    Ed25519,
}

/// A token that is logged in to.
pub struct Token {
    label: String,
    sessions: Sessions,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.label)
    }
}

impl Token {
    /// Loads the module, finds the token and logs in.
    pub fn open(settings: TokenSettings) -> Result<Self, TokenError> {
        let unloadable = |error: Error| TokenError::Module {
            path: settings.module.clone(),
            reason: error.to_string(),
        };
        let module = Pkcs11::new(&settings.module).map_err(unloadable)?;
        let locking = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
        match module.initialize(locking) {
            // Another token of the same module is in use already.
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(other) => return Err(unloadable(other)),
        }
        let slot = slot(&module, &settings.label)?;
        let sessions = Sessions::new(module, slot, settings.pin);
        sessions.with(|_| Ok(()))?;
        Ok(Self {
            sessions,
            label: settings.label,
        })
    }

    /// Makes a key that cannot leave the token, with this label; gives its public part: 65 bytes of
    /// P-256, 32 of Ed25519.
    pub fn make(&self, curve: Curve, label: &str) -> Result<Vec<u8>, TokenError> {
        self.sessions.with(|session| {
            let (public, private) = session.generate_key_pair(
                &curve.generation(),
                &public_template(curve, label),
                &private_template(label),
            )?;
            let value = ec_point(session, public)?;
            let value = point::unwrap(curve, &value)?;
            // The id ties the two halves together, and to the key as the registry knows it.
            for object in [public, private] {
                session.update_attributes(object, &[Attribute::Id(id(&value))])?;
            }
            Ok(value)
        })
    }

    /// Signs with the private key of this public one: 64 bytes.
    pub fn sign(&self, curve: Curve, public: &[u8], message: &[u8]) -> Result<Vec<u8>, TokenError> {
        self.sessions.with(|session| {
            let key = private_key(session, public)?;
            let signature = match curve {
                // Not every token hashes by itself.
                Curve::P256 => {
                    let hashed = digest(&SHA256, message);
                    session.sign(&Mechanism::Ecdsa, key, hashed.as_ref())?
                }
                Curve::Ed25519 => {
                    let pure = EddsaParams::new(EddsaSignatureScheme::Pure);
                    session.sign(&Mechanism::Eddsa(pure), key, message)?
                }
            };
            if signature.len() == 64 {
                Ok(signature)
            } else {
                Err(TokenError::KeyFormat)
            }
        })
    }

    /// Whether the token has the private key of this public one.
    pub fn has(&self, public: &[u8]) -> Result<bool, TokenError> {
        let found = self.sessions.with(|session| private_key(session, public));
        match found {
            Ok(_) => Ok(true),
            Err(TokenError::KeyMissing(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Whether the private key could be taken out of the token: never, for one that was made here.
    pub fn lets_out(&self, public: &[u8]) -> Result<bool, TokenError> {
        self.sessions.with(|session| {
            let key = private_key(session, public)?;
            let wanted = [AttributeType::Extractable, AttributeType::Sensitive];
            let attributes = session.get_attributes(key, &wanted)?;
            let kept = attributes.contains(&Attribute::Extractable(false))
                && attributes.contains(&Attribute::Sensitive(true));
            Ok(!kept)
        })
    }
}

impl Curve {
    const fn generation(self) -> Mechanism<'static> {
        match self {
            Self::P256 => Mechanism::EccKeyPairGen,
            Self::Ed25519 => Mechanism::EccEdwardsKeyPairGen,
        }
    }

    fn parameters(self) -> Vec<u8> {
        match self {
            Self::P256 => P256.to_vec(),
            Self::Ed25519 => [&[0x13, 0x0c], EDWARDS.as_bytes()].concat(),
        }
    }

    pub(crate) const fn public_len(self) -> usize {
        match self {
            Self::P256 => 65,
            Self::Ed25519 => 32,
        }
    }

    pub(crate) fn is_public(self, bytes: &[u8]) -> bool {
        match self {
            Self::P256 => bytes.first() == Some(&4),
            Self::Ed25519 => true,
        }
    }
}

fn slot(module: &Pkcs11, label: &str) -> Result<Slot, TokenError> {
    let mut found = Vec::new();
    for slot in module.get_slots_with_initialized_token()? {
        if module.get_token_info(slot)?.label().trim_end() == label {
            found.push(slot);
        }
    }
    match found.as_slice() {
        [slot] => Ok(*slot),
        [] => Err(TokenError::Missing(label.to_owned())),
        several => Err(TokenError::Ambiguous(several.len(), label.to_owned())),
    }
}

fn public_template(curve: Curve, label: &str) -> Vec<Attribute> {
    vec![
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Verify(true),
        Attribute::Label(label.as_bytes().to_vec()),
        Attribute::EcParams(curve.parameters()),
    ]
}

fn private_template(label: &str) -> Vec<Attribute> {
    vec![
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Label(label.as_bytes().to_vec()),
    ]
}

fn ec_point(session: &Session, public: ObjectHandle) -> Result<Vec<u8>, TokenError> {
    let attributes = session.get_attributes(public, &[AttributeType::EcPoint])?;
    let value = attributes
        .into_iter()
        .find_map(|attribute| match attribute {
            Attribute::EcPoint(value) => Some(value),
            _ => None,
        });
    value.ok_or(TokenError::KeyFormat)
}

fn private_key(session: &Session, public: &[u8]) -> Result<ObjectHandle, TokenError> {
    let id = id(public);
    let template = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Id(id.clone()),
    ];
    let found = session.find_objects(&template)?;
    let missing = || TokenError::KeyMissing(HEXLOWER.encode(&id));
    found.first().copied().ok_or_else(missing)
}

/// The id of both halves of a key in the token: the SHA-256 of the public one.
fn id(public: &[u8]) -> Vec<u8> {
    digest(&SHA256, public).as_ref().to_vec()
}

/// The object identifier of P-256 (1.2.840.10045.3.1.7).
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// The name of the curve (PKCS#11 3.0 §2.3.10), as a printable string.
const EDWARDS: &str = "edwards25519";
