//! Refusals for what a token is, who signed it and when.

use verifier::claims::Delegation;
use verifier::trust::{MinVersion, Revocation, RevocationReason};
use verifier::{Code, Digest, Environment, LocalPolicy};

use super::{claims, code, status, world};
use crate::support::{DAY, NOW, ORIGIN, TEST_MARK, VENDOR, World};

/// An approval under a delegation that was changed before it was signed.
fn delegation(change: impl FnOnce(&mut Delegation)) -> Option<Code> {
    world(|world| change(world.config.delegation.as_mut().unwrap()))
}

fn min_version(version: &str) -> MinVersion {
    MinVersion {
        software_id: "no.example.blodtrykk".to_owned(),
        software_version: version.to_owned(),
    }
}

#[test]
fn the_oldest_version_that_may_run_may_run() {
    let oldest = |version| world(|w| w.config.anchors.min_versions = vec![min_version(version)]);
    assert_eq!(oldest("1.2.0"), None);
    assert_eq!(oldest("1.2.0-rc.1"), None);
    assert_eq!(oldest("1.10.0"), Some(Code::Denylisted));
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn all() -> Vec<(Code, Option<Code>)> {
    vec![
        (
            Code::Format,
            code(World::new().verifier().ingest("a.b", "", NOW).map(drop)),
        ),
        (Code::TrustConfig, {
            let mut world = World::new();
            let approval = world.approval();
            let (token, ticket) = world.issue(&approval);
            let mut verifier = world.blank(LocalPolicy::new(Environment::Prod));
            code(verifier.ingest(&token, &ticket, NOW).map(drop))
        }),
        (
            Code::TrustExpired,
            code({
                let mut world = World::new();
                let approval = world.approval();
                let (token, ticket) = world.issue(&approval);
                world
                    .verifier()
                    .ingest(&token, &ticket, world.config.exp)
                    .map(drop)
            }),
        ),
        (
            Code::TrustRollback,
            status(|world, verifier| {
                let old = world.trust_update();
                world.config.version = 2;
                verifier.update_trust(&world.trust_update(), NOW)?;
                verifier.update_trust(&old, NOW)
            }),
        ),
        (
            Code::Header,
            status(|world, verifier| {
                let token = world
                    .issue
                    .sign_raw(r#"{"alg":"ES256","typ":"trust-mark+jwt"}"#, "{}");
                verifier.ingest(&token, "", NOW).map(drop)
            }),
        ),
        (
            Code::Typ,
            status(|world, verifier| {
                let token = world.status_token(NOW);
                verifier.ingest(&token, "", NOW).map(drop)
            }),
        ),
        (
            Code::Alg,
            status(|world, verifier| {
                let token = world
                    .issue
                    .sign_raw(r#"{"alg":"RS256","kid":"a","typ":"trust-mark+jwt"}"#, "{}");
                verifier.ingest(&token, "", NOW).map(drop)
            }),
        ),
        (
            Code::Kid,
            world(|world| {
                let kid = world.issue.kid();
                world.config.keys.retain(|key| key.kid != kid);
            }),
        ),
        (
            Code::KeyUse,
            status(|world, verifier| {
                let token = world.security.sign(&world.approval());
                verifier.ingest(&token, "", NOW).map(drop)
            }),
        ),
        (
            Code::Sig,
            status(|world, verifier| {
                let approval = world.approval();
                let input = verifier::claims::signing_input(&approval, &world.issue.kid()).unwrap();
                verifier
                    .ingest(&world.vendor.sign_input(&input), "", NOW)
                    .map(drop)
            }),
        ),
        (
            Code::Json,
            status(|world, verifier| {
                let header = format!(
                    r#"{{"alg":"ES256","kid":"{}","typ":"trust-mark+jwt"}}"#,
                    world.issue.kid()
                );
                let token = world.issue.sign_raw(&header, r#"{"iss":"a","iss":"b"}"#);
                verifier.ingest(&token, "", NOW).map(drop)
            }),
        ),
        (Code::Iss, claims(|approval| approval.iss.push('x'))),
        (
            Code::MarkType,
            claims(|approval| approval.trust_mark_type.push('2')),
        ),
        (
            Code::Env,
            status(|world, _| {
                world.config.anchors.marks[0].environment = Environment::Test;
                let mut blank = world.blank(LocalPolicy::new(Environment::Prod));
                blank.update_trust(&world.trust_update(), NOW)
            }),
        ),
        (
            Code::Env,
            claims(|approval| {
                approval.trust_mark_type = TEST_MARK.to_owned();
            }),
        ),
        (
            Code::Delegation,
            delegation(|delegation| delegation.sub.push('x')),
        ),
        (
            Code::Delegation,
            delegation(|delegation| delegation.trust_mark_type.push('2')),
        ),
        (
            Code::Delegation,
            delegation(|delegation| delegation.iat = NOW + 61),
        ),
        (
            Code::Delegation,
            delegation(|delegation| delegation.exp = NOW),
        ),
        (Code::IatFuture, claims(|approval| approval.iat = NOW + 61)),
        (Code::Expired, claims(|approval| approval.exp = NOW)),
        (
            Code::Lifetime,
            claims(|approval| approval.exp = approval.iat + 400 * DAY + 1),
        ),
        (
            Code::Denylisted,
            world(|w| w.config.denylist.organizations = vec![VENDOR.to_owned()]),
        ),
        (
            Code::Denylisted,
            world(|w| w.config.denylist.digests = vec![Digest::of(b"bundle")]),
        ),
        (
            Code::Denylisted,
            world(|w| w.config.denylist.digests = vec![Digest::of(b"manifest")]),
        ),
        (
            Code::Denylisted,
            world(|w| w.config.anchors.min_versions = vec![min_version("1.2.1")]),
        ),
        (
            Code::KeyRevoked,
            world(|world| {
                world.config.keys[0].revoked = Some(Revocation {
                    revoked_at: NOW,
                    reason: RevocationReason::Compromised,
                    log_index_cutoff: [(ORIGIN.to_owned(), 20)].into(),
                });
            }),
        ),
    ]
}
