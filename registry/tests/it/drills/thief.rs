//! Somebody who has one of the registry's private keys, and can write into the log, but nothing else.

use std::collections::BTreeMap;

use foundation::sealing::Sealer;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use sea_query::{Alias, Expr, ExprTrait, Query};
use secrecy::SecretString;
use serde_json::Value;
use verifier::jws::{self, Header, TokenType};
use verifier::merkle::proof::{self, NodeId, NodeReader};
use verifier::merkle::{Hash, frontier::Frontier, leaf_hash};
use verifier::tiles::Bundle;
use verifier::tlog_proof::TlogProof;

use crate::support::World;

/// A stolen key.
pub(crate) struct Thief {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Thief {
    /// Takes the key out of the database, by the secret of the tests.
    pub(crate) async fn of(world: &World, purpose: &str, kid: &str) -> Self {
        let select = Query::select()
            .column(Alias::new("sealed"))
            .from(Alias::new("registry_key"))
            .and_where(Expr::col(Alias::new("kid")).eq(kid))
            .to_owned();
        let mut tx = world.database.database.read().await.unwrap();
        let (sealed,): (Vec<u8>,) = tx.one(&select).await.unwrap();
        let secret = SecretString::from("a secret of more than thirty-two characters");
        let sealer = Sealer::new("markedsplass registry keys v1", &secret).unwrap();
        let plain = sealer.open(&format!("{purpose} {kid}"), &sealed).unwrap();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &plain, &SystemRandom::new()).unwrap();
        Self {
            kid: kid.to_owned(),
            pair,
        }
    }

    /// A token with these claims.
    pub(crate) fn sign(&self, typ: TokenType, claims: &Value) -> String {
        let header = Header::new(typ, self.kid.as_str());
        let input = jws::signing_input(&header, claims.to_string().as_bytes());
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes());
        jws::assemble(&input, signature.unwrap().as_ref().try_into().unwrap())
    }
}

/// What a token claims.
pub(crate) fn claims(jws: &str) -> Value {
    let payload = jws.split('.').nth(1).unwrap();
    serde_json::from_slice(&verifier::base64url::decode(payload).unwrap()).unwrap()
}

struct Nodes(BTreeMap<NodeId, Hash>);

impl NodeReader for Nodes {
    type Error = NodeId;

    fn node(&self, id: NodeId) -> Result<Hash, NodeId> {
        self.0.get(&id).copied().ok_or(id)
    }
}

/// The ticket of an entry that was brought into the log, made of what is published.
pub(crate) async fn ticket(world: &World, entry: &str) -> String {
    let note = world.get("", "/log/checkpoint").await.expect(200).text();
    let size: u64 = note.lines().nth(1).unwrap().parse().unwrap();
    let path = format!("/log/tile/entries/000.p/{size}");
    let bundle = world.get("", &path).await.expect(200).bytes;
    let entries = Bundle::entries(&bundle).unwrap();
    let mut tree = Frontier::default();
    let mut nodes = BTreeMap::new();
    for leaf in &entries {
        nodes.extend(tree.append(leaf_hash(leaf)));
    }
    let index = entries.iter().position(|leaf| *leaf == entry.as_bytes());
    let index = u64::try_from(index.unwrap()).unwrap();
    TlogProof {
        extra: None,
        index,
        hashes: proof::inclusion(index, size, &Nodes(nodes)).unwrap(),
        checkpoint: &note,
    }
    .to_string()
}
