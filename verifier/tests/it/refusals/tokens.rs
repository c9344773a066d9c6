//! Refusals for what a token is, who signed it and when.

use verifier::trust::{Revocation, RevocationReason};
use verifier::{Code, Digest, Environment, LocalPolicy, Verifier};

use super::{claims, code, status, world};
use crate::support::{DAY, NOW, VENDOR, World};

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
            let local = LocalPolicy::new(Environment::Prod);
            let mut verifier = Verifier::new(world.root.public.clone(), local);
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
                world.config.version = 0;
                verifier.update_trust(&world.trust_token(), NOW)
            }),
        ),
        (
            Code::TrustRollback,
            status(|world, verifier| {
                world.config.exp += 1;
                verifier.update_trust(&world.trust_token(), NOW)
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
            world(|world| world.config.anchors.marks[0].environment = Environment::Test),
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
            Code::KeyRevoked,
            world(|world| {
                world.config.keys[0].revoked = Some(Revocation {
                    revoked_at: NOW,
                    reason: RevocationReason::Compromised,
                    log_index_cutoff: Some(20),
                });
            }),
        ),
    ]
}
