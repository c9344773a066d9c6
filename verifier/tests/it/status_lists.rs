//! Status lists: the published encodings, a zlib bomb, and the state machine.

use std::io::Write;

use proptest::prelude::*;
use serde::Deserialize;
use verifier::claims::{StatusListClaim, StatusListToken};
use verifier::jwk::EcJwk;
use verifier::jws::{Compact, Token, TokenType};
use verifier::status::{BadStatusList, StatusList, StatusValue};
use verifier::{Code, LocalPolicy, base64url};

use crate::support::{LIST, NOW, World};
use crate::vectors;

#[derive(Deserialize)]
struct Committed {
    jwt: String,
    key: EcJwk,
    lists: Vec<Encoded>,
}

#[derive(Deserialize)]
struct Encoded {
    name: String,
    bits: u8,
    lst: String,
    entries: usize,
    values: Vec<(u64, u8)>,
}

#[test]
fn the_published_encodings_decode_to_the_published_values() {
    let set: Committed = vectors::committed("status-list.json");
    assert_eq!(set.lists.len(), 6);
    for case in &set.lists {
        let list = StatusList::decode(case.bits, &case.lst, case.entries).unwrap();
        assert_eq!(list.len(), case.entries, "{}", case.name);
        let found: Vec<_> = (0..case.entries as u64)
            .filter_map(|index| Some((index, list.get(index).filter(|value| *value > 0)?)))
            .collect();
        assert_eq!(found, case.values, "{}", case.name);
        assert_eq!(list.get(case.entries as u64), None);
        // One entry fewer allowed (in whole bytes): refused, not cut.
        let fewer = case.entries - 8 / usize::from(case.bits);
        assert_eq!(
            StatusList::decode(case.bits, &case.lst, fewer),
            Err(BadStatusList::TooLong)
        );
        let again = StatusList::decode(case.bits, &list.encode(), case.entries).unwrap();
        assert_eq!(again, list);
    }
    // The values that the specification's text names for two bits.
    let two = set
        .lists
        .iter()
        .find(|case| case.name == "encoding2_long")
        .unwrap();
    assert_eq!(
        two.values[..4],
        [(0, 1), (1993, 2), (25460, 1), (159_495, 3)]
    );
}

#[test]
fn the_published_token_verifies_with_the_published_key() {
    let set: Committed = vectors::committed("status-list.json");
    let key = set.key.to_key().unwrap();
    let compact = Compact::split(&set.jwt, TokenType::StatusList.max_len()).unwrap();
    assert!(compact.verifies(&key));
    let token = Token::parse(&set.jwt, TokenType::StatusList).unwrap();
    assert_eq!(token.kid(), "12");
    let claims: serde_json::Value = token.verify(&key).unwrap();
    assert_eq!(claims["status_list"]["lst"], "eNrbuRgAAhcBXQ");
}

/// What a published page shows last, without the breaks that fit it to the page.
fn shown(name: &str) -> Option<String> {
    let path = vectors::published("status-list")?.join(format!("status_list_{name}.md"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let last = text.split("encoded:").last().unwrap();
    Some(last.split_whitespace().collect())
}

/// An EPJ's answer to a list that the trusted registry has signed.
fn taken(claim: StatusListClaim) -> Result<(), Code> {
    let world = World::new();
    let mut verifier = world.blank(LocalPolicy::new(world.environment));
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    let mut claims = world.status_claims(NOW);
    claims.status_list = claim;
    let token = world.status.sign(&claims);
    let taken = verifier.update_status_from(LIST, &token, NOW);
    taken.map_err(|error| error.code)
}

#[test]
fn of_the_published_pages_those_of_two_bits_are_taken() {
    let set: Committed = vectors::committed("status-list.json");
    let (mut read, mut refused) = (Vec::new(), Vec::new());
    for case in &set.lists {
        let Some(page) = shown(&format!("{}_json", case.name)) else {
            return;
        };
        let claim: StatusListClaim = serde_json::from_str(&page).unwrap();
        // What is committed is what is published.
        assert_eq!((claim.bits, &claim.lst), (case.bits, &case.lst));
        let list = claim.decode(case.entries).unwrap();
        let (last, value) = case.values.last().unwrap();
        assert_eq!(list.get(*last), Some(*value), "{}", case.name);
        match taken(claim) {
            Ok(()) => read.push(case.name.as_str()),
            Err(code) => refused.push((case.name.as_str(), code)),
        }
    }
    assert_eq!(read, ["encoding2", "encoding2_long"]);
    let other_widths = ["encoding", "encoding1_long", "encoding4", "encoding8"];
    assert_eq!(refused, other_widths.map(|name| (name, Code::StatusFormat)));
}

#[test]
fn the_published_token_is_no_list_of_ours() {
    let set: Committed = vectors::committed("status-list.json");
    let Some(page) = shown("jwt_raw") else {
        return;
    };
    assert_eq!(page, set.jwt);
    // It counts no generations, so that an older one could be put in its place.
    let token = Token::parse(&page, TokenType::StatusList).unwrap();
    let refused = token.verify::<StatusListToken>(&set.key.to_key().unwrap());
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, Code::Claim);
    assert!(refused.detail.contains("gen"), "{}", refused.detail);
    // And an EPJ knows nobody's key but those of its trust configuration.
    let world = World::new();
    let mut verifier = world.blank(LocalPolicy::new(world.environment));
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    let taken = verifier.update_status(&page, NOW);
    assert_eq!(taken.unwrap_err().code, Code::Kid);
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_zlib_bomb_is_refused_at_the_limit() {
    let bomb = base64url::encode(&zlib(&vec![0; 64 << 20]));
    assert_eq!(
        StatusList::decode(2, &bomb, 1 << 20),
        Err(BadStatusList::TooLong)
    );
}

#[test]
fn only_exactly_one_whole_stream_is_read() {
    let good = zlib(&[0xc9, 0x44, 0xf9]);
    let decode = |bytes: &[u8]| StatusList::decode(2, &base64url::encode(bytes), 64);
    assert!(decode(&good).is_ok());
    assert_eq!(
        decode(&[good.as_slice(), b"x"].concat()),
        Err(BadStatusList::Zlib)
    );
    assert_eq!(
        decode(&[good.as_slice(), &good].concat()),
        Err(BadStatusList::Zlib)
    );
    for cut in 0..good.len() {
        assert_eq!(decode(&good[..cut]), Err(BadStatusList::Zlib), "{cut}");
    }
    let mut bad_sum = good;
    *bad_sum.last_mut().unwrap() ^= 1;
    assert_eq!(decode(&bad_sum), Err(BadStatusList::Zlib));
    assert_eq!(StatusList::decode(3, "", 64), Err(BadStatusList::Bits));
    assert_eq!(
        StatusList::decode(2, "eNr=", 64),
        Err(BadStatusList::Encoding)
    );
}

#[test]
fn an_allow_list_starts_with_nothing_issued() {
    let mut list = StatusList::allow_list(1 << 16);
    assert_eq!(list.len(), 1 << 16);
    assert!((0..1 << 16).all(|index| list.status(index) == Some(StatusValue::NotIssued)));
    assert!(list.set(5, 0));
    assert!(!list.set(5, 4));
    assert!(!list.set(1 << 16, 0));
    assert_eq!(list.status(5), Some(StatusValue::Valid));
    assert_eq!(list.status(4), Some(StatusValue::NotIssued));
}

#[test]
fn nothing_follows_a_revocation() {
    let all = [
        StatusValue::Valid,
        StatusValue::Invalid,
        StatusValue::Suspended,
        StatusValue::NotIssued,
    ];
    for value in all {
        assert!(!StatusValue::Invalid.may_become(value));
        assert!(!value.may_become(StatusValue::NotIssued));
        assert!(!value.may_become(value));
        assert_eq!(StatusValue::from_byte(value.byte()), value);
    }
    assert!(!StatusValue::NotIssued.may_become(StatusValue::Suspended));
}

proptest! {
    #[test]
    fn lists_read_back(bits in prop::sample::select(vec![1u8, 2, 4, 8]), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let list = StatusList::from_bytes(bits, bytes).unwrap();
        let again = StatusList::decode(bits, &list.encode(), list.len()).unwrap();
        prop_assert_eq!(again, list);
    }

    #[test]
    fn setting_one_entry_changes_that_one(bytes in prop::collection::vec(any::<u8>(), 1..64), at: prop::sample::Index, value in 0u8..4) {
        let mut list = StatusList::from_bytes(2, bytes).unwrap();
        let before = list.clone();
        let index = at.index(list.len()) as u64;
        prop_assert!(list.set(index, value));
        for other in 0..list.len() as u64 {
            let expected = if other == index { Some(value) } else { before.get(other) };
            prop_assert_eq!(list.get(other), expected);
        }
        // And an un-revocation is found wherever it is.
        let unrevoked = before.status(index) == Some(StatusValue::Invalid) && value != 1;
        prop_assert_eq!(before.first_unrevoked(&list), unrevoked.then_some(index));
    }

    #[test]
    fn garbage_is_refused_without_panic(text in "[A-Za-z0-9_-]{0,200}", bits in any::<u8>()) {
        if let Ok(list) = StatusList::decode(bits, &text, 1 << 12) {
            prop_assert!(list.len() <= 1 << 12);
        }
    }
}
