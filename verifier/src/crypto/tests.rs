//! Both implementations against each other: on signatures made here and spoilt byte by byte, and on
//! Wycheproof's sets when they lie beside the project.

use aws_lc_rs::signature::{KeyPair as _, ML_DSA_44_SIGNING, PqdsaKeyPair};
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use serde_json::Value;

use super::{native, portable};

/// A check of one signature: key, message, signature.
type Check = fn(&[u8], &[u8], &[u8]) -> bool;

const MESSAGE: &[u8] = b"an approval";

proptest! {
    #[test]
    fn digests_are_the_same_whole_and_in_pieces(bytes: Vec<u8>, cut: prop::sample::Index) {
        prop_assert_eq!(native::sha256(&bytes), portable::sha256(&bytes));
        prop_assert_eq!(native::sha512(&bytes), portable::sha512(&bytes));
        let (head, tail) = bytes.split_at(cut.index(bytes.len() + 1));
        let (mut one, mut other) = (native::Sha256::new(), portable::Sha256::new());
        for piece in [head, tail] {
            one.update(piece);
            other.update(piece);
        }
        prop_assert_eq!(one.finish(), portable::sha256(&bytes));
        prop_assert_eq!(other.finish(), native::sha256(&bytes));
    }
}

#[test]
fn the_digests_of_nothing_are_those_of_fips_180() {
    let sha512 = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
    assert_eq!(native::sha512(b"").to_vec(), hex(sha512));
    assert_eq!(portable::sha512(b"").to_vec(), hex(sha512));
}

#[test]
fn p256_signatures_are_judged_alike() {
    let (key, signature) = p256(&ECDSA_P256_SHA256_FIXED_SIGNING);
    agree([p256_fixed_native, p256_fixed_portable], &key, &signature);
    let (key, signature) = p256(&ECDSA_P256_SHA256_ASN1_SIGNING);
    agree([p256_asn1_native, p256_asn1_portable], &key, &signature);
}

#[test]
fn ed25519_signatures_are_judged_alike() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let signature = pair.sign(MESSAGE);
    let key = pair.public_key().as_ref();
    agree(
        [native::ed25519, portable::ed25519],
        key,
        signature.as_ref(),
    );
}

#[test]
fn ml_dsa_signatures_are_judged_alike() {
    let pair = PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, &[7; 32]).unwrap();
    let mut signature = vec![0; ML_DSA_44_SIGNING.signature_len()];
    pair.sign(MESSAGE, &mut signature).unwrap();
    let checks: [Check; 2] = [native::ml_dsa_44, portable::ml_dsa_44];
    let key = pair.public_key().as_ref();
    assert!(checks.iter().all(|check| check(key, MESSAGE, &signature)));
    // One byte in a hundred: the whole takes minutes without optimisation.
    for at in (0..signature.len()).step_by(100) {
        let spoilt = flipped(&signature, at);
        assert!(
            !checks.iter().any(|check| check(key, MESSAGE, &spoilt)),
            "{at}"
        );
    }
}

#[test]
fn rsa_counts_for_nothing_where_it_cannot_be_checked() {
    assert!(!portable::rsa_pss_sha256(&[], MESSAGE, &[]));
}

#[test]
fn wycheproof_finds_no_difference() {
    let sets: [(&str, [Check; 2]); 3] = [
        (
            "ecdsa_secp256r1_sha256_p1363_test.json",
            [p256_fixed_native, p256_fixed_portable],
        ),
        ("ed25519_test.json", [native::ed25519, portable::ed25519]),
        (
            "mldsa_44_verify_test.json",
            [native::ml_dsa_44, portable::ml_dsa_44],
        ),
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors/jose");
    for (file, [one, other]) in sets {
        let Ok(text) = std::fs::read_to_string(format!("{folder}/{file}")) else {
            continue;
        };
        let set: Value = serde_json::from_str(&text).unwrap();
        for (key, case) in cases(&set) {
            let bytes = |name: &str| hex(case[name].as_str().unwrap());
            // A context is nothing that we sign with.
            if case.get("ctx").is_some() {
                continue;
            }
            let (message, signature) = (bytes("msg"), bytes("sig"));
            assert_eq!(
                one(&key, &message, &signature),
                other(&key, &message, &signature),
                "{file} {}",
                case["tcId"]
            );
        }
    }
}

/// Every case with its group's key.
fn cases(set: &Value) -> impl Iterator<Item = (Vec<u8>, &Value)> {
    let groups = set["testGroups"].as_array().unwrap().iter();
    groups.flat_map(|group| {
        let key = &group["publicKey"];
        let key = ["uncompressed", "pk"]
            .iter()
            .find_map(|name| key.get(name))
            .unwrap_or(key);
        let key = hex(key.as_str().unwrap());
        let cases = group["tests"].as_array().unwrap().iter();
        cases.map(move |case| (key.clone(), case))
    })
}

/// Both accept the signature, and refuse it with any byte of it or of the message changed.
fn agree(checks: [Check; 2], key: &[u8], signature: &[u8]) {
    for check in checks {
        assert!(check(key, MESSAGE, signature));
        assert!(!check(key, MESSAGE, &[]));
        assert!(!check(key, &flipped(MESSAGE, 0), signature));
        for at in 0..signature.len() {
            assert!(!check(key, MESSAGE, &flipped(signature, at)), "{at}");
        }
    }
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

fn p256(algorithm: &'static EcdsaSigningAlgorithm) -> (Vec<u8>, Vec<u8>) {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
    let signature = pair.sign(&random, MESSAGE).unwrap();
    (
        pair.public_key().as_ref().to_vec(),
        signature.as_ref().to_vec(),
    )
}

fn point(key: &[u8]) -> Option<&[u8; 65]> {
    key.try_into().ok()
}

fn p256_fixed_native(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    point(key).is_some_and(|key| native::p256_fixed(key, message, signature))
}

fn p256_fixed_portable(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    point(key).is_some_and(|key| portable::p256_fixed(key, message, signature))
}

fn p256_asn1_native(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    point(key).is_some_and(|key| native::p256_asn1(key, message, signature))
}

fn p256_asn1_portable(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    point(key).is_some_and(|key| portable::p256_asn1(key, message, signature))
}

fn hex(text: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(digits).collect()
}
