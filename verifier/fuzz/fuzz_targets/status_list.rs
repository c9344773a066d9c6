//! Status lists: never more than the limit, and what is read is the same after writing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::base64url;
use verifier::status::StatusList;

const LIMIT: usize = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    let Some((bits, rest)) = bytes.split_first() else { return };
    for lst in [base64url::encode(rest), String::from_utf8_lossy(rest).into_owned()] {
        if let Ok(list) = StatusList::decode(*bits, &lst, LIMIT) {
            assert!(list.len() <= LIMIT);
            assert_eq!(list.get(list.len() as u64), None);
            assert_eq!(StatusList::decode(*bits, &list.encode(), LIMIT), Ok(list));
        }
    }
});
