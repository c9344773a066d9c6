//! Files that no honest repository serves, and how much of them is asked for.

use verifier::trust::tuf::{Refresh, Repository, RoleName, max_len};
use verifier::{Code, TrustUpdate};

use super::Repo;
use crate::support::NOW;

#[test]
fn files_that_no_honest_repository_serves_are_refused() {
    let good = Repo::new();
    let text = String::from_utf8(good.served.timestamp.clone()).unwrap();
    let over = vec![b' '; max_len(RoleName::Timestamp) + 1 - text.len()];
    let deep = text.replacen(
        "\"version\"",
        &format!("\"x\":{}1{},\"version\"", "[".repeat(9), "]".repeat(9)),
        1,
    );
    let files: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"{}".to_vec(),
        text.as_bytes()[..text.len() - 1].to_vec(),
        [text.as_bytes(), b"{}"].concat(),
        [text.as_bytes(), &over].concat(),
        text.replacen("\"version\":1", "\"version\":1,\"version\":1", 1)
            .into_bytes(),
        text.replacen("\"signed\":", "\"signed\":{},\"signed\":", 1)
            .into_bytes(),
        text.replacen("\"signed\":", "\"x\":1,\"signed\":", 1)
            .into_bytes(),
        text.replacen("\"version\":1", "\"version\":1.0", 1)
            .into_bytes(),
        text.replacen("\"version\":1", "\"version\":9007199254740993", 1)
            .into_bytes(),
        text.replacen("\"_type\"", "\"\\u005ftype\"", 1)
            .into_bytes(),
        deep.into_bytes(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        vec![b'['; 1 << 20],
    ];
    for (at, file) in files.into_iter().enumerate() {
        assert_ne!(file, good.served.timestamp, "file {at}");
        let mut served = good.served.clone();
        served.timestamp = file;
        let error = good.blank().update_trust(&served, NOW).unwrap_err();
        assert_eq!(error.code, Code::TrustConfig, "file {at}");
    }
    // Up to the limit, whitespace is no harm: what is signed is the meaning.
    let mut served = good.served.clone();
    served.timestamp.extend_from_slice(&over[1..]);
    assert_eq!(good.blank().update_trust(&served, NOW), Ok(()));
}

#[test]
fn endless_data_is_never_asked_for() {
    let repo = Repo::new();
    // Whoever fetches is told how much to read; a source without end is cut there, and refused.
    let mut asked = 0usize;
    let endless = TrustUpdate::collect(1, |wanted| {
        asked += wanted.max_len;
        Ok::<_, ()>(Some(vec![b'0'; wanted.max_len.min(1 << 16)]))
    });
    let error = repo
        .blank()
        .update_trust(&endless.unwrap(), NOW)
        .unwrap_err();
    assert_eq!(error.code, Code::TrustConfig);
    assert!(asked < 128 << 20, "{asked}");
    // And a document is read only as far as the one before it allows.
    let mut repository = Repository::pin(&repo.roots[0]).unwrap();
    let mut refresh = Refresh::new(&mut repository, NOW);
    refresh.take(None).unwrap();
    refresh.take(Some(&repo.served.timestamp)).unwrap();
    let wanted = refresh.wanted().unwrap();
    assert_eq!(
        (wanted.name.as_str(), wanted.max_len),
        ("1.snapshot.json", repo.served.snapshot.len())
    );
}
