//! Keys and a Merkle tree for the tests. Private keys are made here, on the spot; the crate under
//! test never sees one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ml_dsa::MlDsa44;
use p256::ecdsa::signature::Signer as _;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair,
};
use verifier::claims::{self, Claims};
use verifier::digest::sha256;
use verifier::jwk::EcPublicKey;
use verifier::jws;
use verifier::merkle::{Frontier, Hash, NodeId, NodeReader, node_hash, proof};
use verifier::note::{SignatureType, VerifierKey};

/// An ES256 key.
pub(crate) struct EcKey {
    pair: EcPair,
    pub(crate) public: EcPublicKey,
}

enum EcPair {
    /// A key of the moment, for signatures in both forms.
    Random {
        fixed: Box<EcdsaKeyPair>,
        der: Box<EcdsaKeyPair>,
    },
    /// A key that always signs the same bytes alike (RFC 6979), for vectors.
    Seeded(Rc<Seeded>),
}

/// A key from a name, and what it has signed: arithmetic is slow in tests, and vectors repeat.
struct Seeded {
    key: p256::ecdsa::SigningKey,
    signed: RefCell<BTreeMap<Vec<u8>, p256::ecdsa::Signature>>,
}

thread_local! {
    static SEEDED: RefCell<BTreeMap<String, Rc<Seeded>>> = RefCell::default();
}

impl Seeded {
    fn of(name: &str) -> Rc<Self> {
        let make = || {
            let key = p256::ecdsa::SigningKey::from_slice(&sha256(name.as_bytes())).unwrap();
            Rc::new(Self {
                key,
                signed: RefCell::default(),
            })
        };
        SEEDED.with_borrow_mut(|known| {
            let known = known.entry(name.to_owned()).or_insert_with(make);
            Rc::clone(known)
        })
    }

    fn sign(&self, message: &[u8]) -> p256::ecdsa::Signature {
        let mut signed = self.signed.borrow_mut();
        let known = signed.entry(message.to_vec());
        *known.or_insert_with(|| self.key.sign(message))
    }
}

impl EcKey {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let alg = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(alg, &random).unwrap();
        let fixed = EcdsaKeyPair::from_pkcs8(alg, pkcs8.as_ref(), &random).unwrap();
        let alg = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let der = EcdsaKeyPair::from_pkcs8(alg, pkcs8.as_ref(), &random).unwrap();
        let public = EcPublicKey::from_uncompressed(fixed.public_key().as_ref()).unwrap();
        let pair = EcPair::Random {
            fixed: Box::new(fixed),
            der: Box::new(der),
        };
        Self { pair, public }
    }

    /// The key of this name: the same one each time.
    pub(crate) fn seeded(name: &str) -> Self {
        let pair = Seeded::of(name);
        let point = pair.key.verifying_key().to_sec1_point(false);
        let public = EcPublicKey::from_uncompressed(point.as_bytes()).unwrap();
        let pair = EcPair::Seeded(pair);
        Self { pair, public }
    }

    pub(crate) fn kid(&self) -> String {
        self.public.thumbprint()
    }

    pub(crate) fn sign_input(&self, input: &str) -> String {
        jws::assemble(input, &self.sign_bytes(input.as_bytes()))
    }

    /// A signature as JWS has it: r, then s.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        match &self.pair {
            EcPair::Random { fixed, .. } => {
                let signature = fixed.sign(&SystemRandom::new(), message).unwrap();
                signature.as_ref().try_into().unwrap()
            }
            EcPair::Seeded(pair) => pair.sign(message).to_bytes().into(),
        }
    }

    /// A signature as certificates and TUF have it.
    pub(crate) fn sign_der(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            EcPair::Random { der, .. } => {
                let signature = der.sign(&SystemRandom::new(), message).unwrap();
                signature.as_ref().to_vec()
            }
            EcPair::Seeded(pair) => pair.sign(message).to_der().as_bytes().to_vec(),
        }
    }

    pub(crate) fn sign<C: Claims>(&self, claims: &C) -> String {
        self.sign_input(&claims::signing_input(claims, &self.kid()).unwrap())
    }

    /// Any payload under any header, to make what an honest signer would not.
    pub(crate) fn sign_raw(&self, header: &str, payload: &str) -> String {
        let part = |text: &str| verifier::base64url::encode(text.as_bytes());
        self.sign_input(&format!("{}.{}", part(header), part(payload)))
    }
}

/// A key with a note name.
pub(crate) struct NoteKey {
    pair: NotePair,
    pub(crate) key: VerifierKey,
}

enum NotePair {
    Ed25519(Ed25519KeyPair),
    MlDsa44(Box<ml_dsa::SigningKey<MlDsa44>>),
}

impl NoteKey {
    pub(crate) fn new(name: &str, signature_type: SignatureType, seed: u8) -> Self {
        let seed = [seed; 32];
        let (pair, key) = if signature_type == SignatureType::MlDsa44 {
            let pair = ml_dsa::SigningKey::<MlDsa44>::from_seed(&seed.into());
            let public = ml_dsa::Keypair::verifying_key(&pair).encode();
            let key = VerifierKey::new(name, signature_type, public).unwrap();
            (NotePair::MlDsa44(Box::new(pair)), key)
        } else {
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
            let key = VerifierKey::new(name, signature_type, pair.public_key()).unwrap();
            (NotePair::Ed25519(pair), key)
        };
        Self { pair, key }
    }

    /// Any bytes, to make what an honest signer would not.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            NotePair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            NotePair::MlDsa44(pair) => {
                let key = pair.expanded_key();
                let signature = key.sign_deterministic(message, &[]).unwrap();
                signature.encode().to_vec()
            }
        }
    }

    pub(crate) fn sign(&self, text: &str) -> String {
        self.cosign(text, 0)
    }

    pub(crate) fn cosign(&self, text: &str, at: i64) -> String {
        let at = u64::try_from(at).unwrap();
        let message = self.key.message(at, text).unwrap();
        self.key.line(at, &self.sign_bytes(&message))
    }
}

/// A Merkle tree with all its leaves at hand.
#[derive(Default, Clone)]
pub(crate) struct Tree(pub(crate) Vec<Hash>);

impl NodeReader for Tree {
    type Error = NodeId;

    fn node(&self, id: NodeId) -> Result<Hash, NodeId> {
        if id.level == 0 {
            let index = usize::try_from(id.index).unwrap();
            return self.0.get(index).copied().ok_or(id);
        }
        let child = |half| NodeId {
            level: id.level - 1,
            index: id.index * 2 + half,
        };
        Ok(node_hash(&self.node(child(0))?, &self.node(child(1))?))
    }
}

impl Tree {
    pub(crate) fn size(&self) -> u64 {
        self.0.len() as u64
    }

    pub(crate) fn root(&self) -> Hash {
        proof::root(self.size(), self).unwrap()
    }
}

/// The root that a frontier gives for these leaves.
pub(crate) fn frontier_root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.append(*leaf);
    }
    frontier.root()
}
