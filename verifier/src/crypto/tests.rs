//! Both implementations against each other on signatures made here and spoilt byte by byte, and each
//! against what Wycheproof publishes: on committed selections, and on its whole sets when they lie
//! beside the project.

use aws_lc_rs::signature::{KeyPair as _, ML_DSA_44_SIGNING, PqdsaKeyPair};
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use serde_json::Value;

use super::{Sha256, native, portable};

/// A check of one signature: key, message, signature.
type Check = fn(&[u8], &[u8], &[u8]) -> bool;

const MESSAGE: &[u8] = b"an approval";

proptest! {
    #[test]
    fn digests_are_the_same_whole_and_in_pieces(bytes: Vec<u8>, cut: prop::sample::Index) {
        let sha256 = ring::digest::digest(&ring::digest::SHA256, &bytes);
        prop_assert_eq!(&super::sha256(&bytes)[..], sha256.as_ref());
        prop_assert_eq!(native::sha512(&bytes), portable::sha512(&bytes));
        let (head, tail) = bytes.split_at(cut.index(bytes.len() + 1));
        let mut pieces = Sha256::new();
        for piece in [head, tail] {
            pieces.update(piece);
        }
        prop_assert_eq!(&pieces.finish()[..], sha256.as_ref());
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
    let (key, signature) = (hex(RSA_KEY), hex(RSA_SIGNATURE));
    assert!(native::rsa_pss_sha256(&key, MESSAGE, &signature));
    assert!(!portable::rsa_pss_sha256(&key, MESSAGE, &signature));
}

/// The selections of Wycheproof that are committed: here both sides must give the right answer.
#[test]
fn the_committed_cases_of_wycheproof_are_judged_rightly() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let set = |file: &str| -> Value {
        let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let (es256, ed25519) = (set("es256.json"), set("ed25519.json"));
    let mldsa = set("mldsa44.json");
    let sets: [(&Value, [Check; 2]); 3] = [
        (&es256["p1363"], [p256_fixed_native, p256_fixed_portable]),
        (&ed25519["cases"], [native::ed25519, portable::ed25519]),
        (&mldsa, [native::ml_dsa_44, portable::ml_dsa_44]),
    ];
    let mut judged = [0, 0];
    for (cases, checks) in sets {
        for case in cases.as_array().unwrap() {
            let bytes = |name: &str| hex(case[name].as_str().unwrap());
            let (key, message, signature) = (bytes("key"), bytes("msg"), bytes("sig"));
            let valid = case["valid"].as_bool().unwrap();
            for check in checks {
                assert_eq!(
                    check(&key, &message, &signature),
                    valid,
                    "{}",
                    case["comment"]
                );
            }
            judged[usize::from(valid)] += 1;
        }
    }
    assert!(judged.iter().all(|count| *count > 5), "{judged:?}");
}

/// A published set: its file, how many cases it has and how many of them are valid, both
/// implementations.
type PublishedSet = (&'static str, [usize; 2], [Check; 2]);

const PUBLISHED: [PublishedSet; 3] = [
    (
        "ecdsa_secp256r1_sha256_p1363_test.json",
        [262, 173],
        [p256_fixed_native, p256_fixed_portable],
    ),
    (
        "ed25519_test.json",
        [151, 88],
        [native::ed25519, portable::ed25519],
    ),
    (
        "mldsa_44_verify_test.json",
        [180, 77],
        [native::ml_dsa_44, portable::ml_dsa_44],
    ),
];

/// Where the published result is not ours: the file, the published ids, and why.
const EXCEPTIONS: [(&str, &[u64], &str); 1] = [(
    "mldsa_44_verify_test.json",
    &[3, 4],
    "signed over a context, and nothing that we read has one: a signature of another message",
)];

#[test]
fn the_whole_of_wycheproof_is_judged_as_published() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors/jose");
    if !std::path::Path::new(folder).is_dir() {
        println!("NOT COMPARED: the whole of Wycheproof does not lie beside the project.");
        return;
    }
    for (file, expected, checks) in PUBLISHED {
        let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
        let set: Value = serde_json::from_str(&text).unwrap();
        let exceptions = EXCEPTIONS.iter().filter(|(of, ..)| *of == file);
        let mut exceptions: Vec<u64> = exceptions.flat_map(|(_, ids, _)| *ids).copied().collect();
        let mut counted = [0, 0];
        for (key, case) in cases(&set) {
            let bytes = |name: &str| hex(case[name].as_str().unwrap());
            let (message, signature) = (bytes("msg"), bytes("sig"));
            let published = match case["result"].as_str() {
                Some("valid") => true,
                Some("invalid") => false,
                other => panic!("{file} {}: {other:?} is to be decided on", case["tcId"]),
            };
            counted[0] += 1;
            counted[1] += usize::from(published);
            let excepted = exceptions.iter().position(|id| case["tcId"] == *id);
            // An exception is one only while the answer differs.
            let ours = published != excepted.map(|at| exceptions.swap_remove(at)).is_some();
            for (check, name) in checks.iter().zip(["native", "portable"]) {
                let found = check(&key, &message, &signature);
                assert_eq!(found, ours, "{file} {} {name}", case["tcId"]);
            }
        }
        assert_eq!(counted, expected, "{file}");
        assert!(exceptions.is_empty(), "{file} has no {exceptions:?}");
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

/// An RSA key of 2048 bits, PKCS #1.
const RSA_KEY: &str = concat!(
    "3082010a0282010100a748dcf9a9c6aa051382abae7d90cd1068f6d4ca39bf56c21eafaae5f1225019d5cf1b",
    "fe5b7953b96efdbe0416344bac714681f37aca73ae2ec2ea45d3533fff438d85d72d5ca57359122de7a370ef",
    "1566a181cb629cd0be7cecff2314a6526f8b2a309a90b0445ecc010fa355a1ecc93ae444a5abfa77f58840f7",
    "64f609022addc3e7874ee402ac634db77d9224947cd1d40839c21d47188e9850f8e711b525af4783d5a791f5",
    "d42c5b37334fa41a720876dde4a840f1affc306f5c65149eede9c91311e80d53bd4bd04d13eb9d40ec2ea34b",
    "2ea528abdcce3e02a292615ca58afddb6f31267cae0f86cc816fabeb5c3126c961235e905a07e9fc51db335a",
    "b10203010001",
);

/// Its RSASSA-PSS signature over [`MESSAGE`].
const RSA_SIGNATURE: &str = concat!(
    "3a855875b01bd69a628f02efbe15c8a500e9541fd3e5c71c704e72bfecf6d27d9b002c6f7c73fab4ee329b49",
    "13069396aad3698acfab723b4d1a508933758803214420a673ff7bb11204f3714664b72830635f2f64b98809",
    "ae2f22615d692d716cf4b69e84340623bbde00908adaf4d238785d400a307a79bb46fa2d8934aa00dbb07486",
    "228c46451f54358e272168bb6325368a8ce8d5ec6a17c2fb04d997a74d03d07ab1728f1637895a25e97e7519",
    "00a1816e03044e0d99cbf80be3ba01ab93298e906bdf730994611d9a2da115a13563b4ba420845a5145f0fb3",
    "2ad14d6b549d5a201752054bb9c4a93a3e4976abef4613d0bc187e7cb09b67cbca2b9cc2",
);
