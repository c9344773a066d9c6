//! Keys and a Merkle tree for the tests. Private keys are made here, on the spot; the crate under
//! test never sees one.

use aws_lc_rs::signature::{ML_DSA_44_SIGNING, PqdsaKeyPair};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair,
};
use verifier::claims::{self, Claims};
use verifier::jwk::EcPublicKey;
use verifier::jws;
use verifier::merkle::{Frontier, Hash, NodeId, NodeReader, node_hash, proof};
use verifier::note::{SignatureType, VerifierKey};

/// An ES256 key.
pub(crate) struct EcKey {
    pair: EcdsaKeyPair,
    /// The same key, for signatures in DER.
    der: EcdsaKeyPair,
    pub(crate) public: EcPublicKey,
}

impl EcKey {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let alg = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(alg, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(alg, pkcs8.as_ref(), &random).unwrap();
        let alg = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let der = EcdsaKeyPair::from_pkcs8(alg, pkcs8.as_ref(), &random).unwrap();
        let public = EcPublicKey::from_uncompressed(pair.public_key().as_ref()).unwrap();
        Self { pair, der, public }
    }

    pub(crate) fn kid(&self) -> String {
        self.public.thumbprint()
    }

    pub(crate) fn sign_input(&self, input: &str) -> String {
        let signature = self
            .pair
            .sign(&SystemRandom::new(), input.as_bytes())
            .unwrap();
        jws::assemble(input, signature.as_ref().try_into().unwrap())
    }

    pub(crate) fn sign_der(&self, message: &[u8]) -> Vec<u8> {
        let signature = self.der.sign(&SystemRandom::new(), message).unwrap();
        signature.as_ref().to_vec()
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
    MlDsa44(PqdsaKeyPair),
}

impl NoteKey {
    pub(crate) fn new(name: &str, signature_type: SignatureType, seed: u8) -> Self {
        let seed = [seed; 32];
        let (pair, key) = if signature_type == SignatureType::MlDsa44 {
            let pair = PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, &seed).unwrap();
            let public = aws_lc_rs::signature::KeyPair::public_key(&pair);
            let key = VerifierKey::new(name, signature_type, public).unwrap();
            (NotePair::MlDsa44(pair), key)
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
                let mut signature = vec![0; ML_DSA_44_SIGNING.signature_len()];
                let length = pair.sign(message, &mut signature).unwrap();
                assert_eq!(length, signature.len());
                signature
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
