//! Every refusal, each by the least change that causes it. The last test says that no code is left
//! out: a code that nothing can cause is a defect.

use std::collections::BTreeSet;

use verifier::claims::{Approval, Content, ContentLevel, Decision, Review, ReviewRole};
use verifier::note;
use verifier::status::{StatusList, StatusValue};
use verifier::trust::{Revocation, RevocationReason, TrustedKey};
use verifier::{Code, Digest, Environment, LocalPolicy, Verifier};

use crate::launch::launch_refusals;
use crate::support::{DAY, LIST, NOW, NoteKey, ORIGIN, VENDOR, World};

type Found = Result<(), verifier::VerifyError>;

fn code(found: Found) -> Option<Code> {
    found.err().map(|error| error.code)
}

/// An approval whose claims were changed before signing.
fn claims(change: impl FnOnce(&mut Approval)) -> Option<Code> {
    code(World::new().ingest_changed(change).map(drop))
}

/// An approval under a world that was changed before anything was signed.
fn world(change: impl FnOnce(&mut World)) -> Option<Code> {
    let mut world = World::new();
    change(&mut world);
    code(world.ingest_changed(|_| {}).map(drop))
}

/// An approval whose security review was changed before signing.
fn review(change: impl FnOnce(&mut Review)) -> Option<Code> {
    let mut world = World::new();
    let release = World::release();
    let mut review = World::review(
        &release,
        &world.sign_release(&release),
        ReviewRole::Security,
    );
    let mut approval = world.approval_of(&release);
    change(&mut review);
    approval.reviews[0] = world.security.sign(&review);
    let (token, ticket) = world.issue(&approval);
    code(world.verifier().ingest(&token, &ticket, NOW).map(drop))
}

/// A good approval with a ticket that was changed.
fn ticket(change: impl FnOnce(&World, String) -> String) -> Option<Code> {
    let mut world = World::new();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    let ticket = change(&world, ticket);
    code(world.verifier().ingest(&token, &ticket, NOW).map(drop))
}

/// A ticket whose note is made of these lines.
fn signed_by(lines: impl Fn(&World, &str) -> Vec<String>) -> Option<Code> {
    ticket(|world, _| {
        let text = world.checkpoint();
        world.ticket(20, &note::assemble(&text, lines(world, &text)))
    })
}

/// A status list made by a changed world.
fn status(change: impl FnOnce(&mut World, &mut Verifier) -> Found) -> Option<Code> {
    let mut world = World::new();
    let mut verifier = world.verifier();
    code(change(&mut world, &mut verifier))
}

fn token_refusals() -> Vec<(Code, Option<Code>)> {
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

fn claim_refusals() -> Vec<(Code, Option<Code>)> {
    let changes: Vec<fn(&mut Approval)> = vec![
        |a| a.jti = "1".to_owned(),
        |a| a.sub = "http://app.example.no".to_owned(),
        |a| a.exp = a.iat,
        |a| a.reviews.truncate(1),
        |a| a.reviews = vec![a.reviews[0].clone(); 5],
        |a| a.max_stale = -1,
        |a| a.max_stale = 8 * DAY,
        |a| a.software_id = "Blodtrykk".to_owned(),
        |a| a.software_version = "1.2".to_owned(),
        |a| a.client_name = " ".to_owned(),
        |a| a.organization_id = "NO:ORGNR:974760674".to_owned(),
        |a| a.redirect_uris = vec![a.redirect_uris[0].clone(); 11],
        |a| a.redirect_uris[0].push_str("#x"),
        |a| a.redirect_uris[0] = "https://*.example.no/cb".to_owned(),
        |a| a.redirect_uris[0] = "https://evil.example/cb".to_owned(),
        |a| a.launch_uri = Some("https://app.example.no:8443/launch".to_owned()),
        |a| a.launch_uri = Some("http://app.example.no/launch".to_owned()),
        |a| a.origins.push("https://app.example.no/".to_owned()),
        |a| a.scope = "patient/Observation.sr".to_owned(),
        |a| a.scope.push(' '),
        |a| a.token_endpoint_auth_method = "private_key_jwt".to_owned(),
        |a| a.content.bundle = None,
        |a| a.content.level = ContentLevel::Origin,
        |a| a.log.origin.clear(),
        |a| a.criteria.uri = "criteria".to_owned(),
        |a| a.logo_uri = Some("javascript:alert(1)".to_owned()),
        |a| a.status.status_list.uri = "https://registry.example.no/#0".to_owned(),
    ];
    let mut found: Vec<_> = changes
        .into_iter()
        .map(|change| (Code::Claim, claims(change)))
        .collect();
    let mut world = World::new();
    world.config.anchors.min_content_level = ContentLevel::Manifest;
    let weak = world.ingest_changed(|approval| approval.content = Content::origin());
    found.push((Code::Claim, code(weak.map(drop))));
    found
}

#[test]
fn a_member_too_many_in_a_closed_object_is_refused() {
    let world = World::new();
    let header = format!(
        r#"{{"alg":"ES256","kid":"{}","typ":"trust-mark+jwt"}}"#,
        world.issue.kid()
    );
    let good = serde_json::to_value(world.approval()).unwrap();
    for object in [
        "/content",
        "/log",
        "/log/after",
        "/status",
        "/status/status_list",
        "/criteria",
    ] {
        let mut changed = good.clone();
        let inner = changed
            .pointer_mut(object)
            .unwrap()
            .as_object_mut()
            .unwrap();
        inner.insert("x".to_owned(), 1.into());
        let token = world.issue.sign_raw(&header, &changed.to_string());
        let found = world.verifier().ingest(&token, "", NOW).unwrap_err();
        assert_eq!(found.code, Code::Claim, "{object}");
    }
    for (name, value) in good.as_object().unwrap() {
        // A claim of another type, or none at all where it is required.
        let mut changed = good.clone();
        changed[name] = if value.is_string() {
            1.into()
        } else {
            "1".into()
        };
        let token = world.issue.sign_raw(&header, &changed.to_string());
        let found = world.verifier().ingest(&token, "", NOW).unwrap_err();
        assert_eq!(found.code, Code::Claim, "{name}");
    }
    // Additional claims at the top are allowed by OpenID Federation.
    let mut wider = good;
    wider["https://example.no/extra"] = 1.into();
    let token = world.issue.sign_raw(&header, &wider.to_string());
    assert_eq!(
        world.verifier().ingest(&token, "", NOW).unwrap_err().code,
        Code::ProofFormat
    );
}

fn review_refusals() -> Vec<(Code, Option<Code>)> {
    let person = |at: usize, person: &str, org: &str| {
        let (person, org) = (person.to_owned(), org.to_owned());
        world(move |world| {
            let key: &mut TrustedKey = &mut world.config.keys[at];
            (key.person, key.organization_id) = (Some(person), Some(org));
        })
    };
    vec![
        (
            Code::ReviewSig,
            claims(|a| {
                a.reviews[0].pop();
            }),
        ),
        (
            Code::ReviewSig,
            world(|world| {
                world.config.keys.remove(4);
            }),
        ),
        (
            Code::ReviewSig,
            claims(|a| {
                let (other, _) = a.reviews[1].rsplit_once('.').unwrap();
                let (_, signature) = a.reviews[0].rsplit_once('.').unwrap();
                a.reviews[1] = format!("{other}.{signature}");
            }),
        ),
        (
            Code::ReviewQuorum,
            claims(|a| a.reviews[1] = a.reviews[0].clone()),
        ),
        (
            Code::ReviewQuorum,
            review(|review| review.role = ReviewRole::Privacy),
        ),
        (
            Code::ReviewQuorum,
            person(5, "urn:reviewer:a", "NO:ORGNR:889640782"),
        ),
        (
            Code::ReviewQuorum,
            world(|world| world.config.keys[4].roles = vec![ReviewRole::Clinical]),
        ),
        (Code::ReviewConflict, person(5, "urn:reviewer:b", VENDOR)),
        (
            Code::ReviewConflict,
            person(5, "urn:reviewer:b", "NO:ORGNR:983544622"),
        ),
        (
            Code::ReviewMismatch,
            person(4, "urn:reviewer:c", "NO:ORGNR:983544622"),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.decision = Decision::Reject),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.release_digest = Digest::of(b"other")),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.software_version = "1.2.1".to_owned()),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.software_id.push('x')),
        ),
        (Code::ReviewMismatch, review(|review| review.sub.push('x'))),
        (
            Code::ReviewMismatch,
            review(|review| review.criteria.push('2')),
        ),
        (
            Code::ReviewMismatch,
            review(|review| {
                review.evidence.remove(0);
            }),
        ),
        (
            Code::ReviewMismatch,
            review(|review| {
                review.evidence.remove(1);
            }),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.iat = NOW - 539),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.scope = Some("launch openid".to_owned())),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.redirect_uris = Some(Vec::new())),
        ),
        (
            Code::Claim,
            review(|review| review.scope = Some("a  b".to_owned())),
        ),
        (
            Code::ReviewOld,
            review(|review| review.iat = NOW - 600 - 90 * DAY - 1),
        ),
    ]
}

#[test]
fn reviews_at_their_limits_are_accepted() {
    assert_eq!(review(|_| {}), None);
    assert_eq!(review(|review| review.iat = NOW - 540), None);
    assert_eq!(review(|review| review.iat = NOW - 600 - 90 * DAY), None);
    assert_eq!(
        review(|review| review.scope = Some(World::release().scope + " patient/*.cruds")),
        None
    );
    assert_eq!(
        review(|review| review.redirect_uris = Some(World::release().redirect_uris)),
        None
    );
}

fn log_refusals() -> Vec<(Code, Option<Code>)> {
    let other = || NoteKey::new(ORIGIN, note::SignatureType::Ed25519, 7);
    vec![
        (Code::ProofFormat, ticket(|_, _| String::new())),
        (Code::ProofFormat, ticket(|_, t| t.replace("@v1", "@v2"))),
        (
            Code::LogUnknown,
            world(|world| {
                let log = NoteKey::new("other.example/log", note::SignatureType::Ed25519, 1);
                world.config.log_policy = format!(
                    "log {}\nwitness n {}\nquorum n\n",
                    log.key, world.witness.key
                );
            }),
        ),
        (
            Code::LogUnknown,
            claims(|a| a.log.origin = "other.example/log".to_owned()),
        ),
        (
            Code::LogSig,
            signed_by(|w, text| vec![w.witness.cosign(text, NOW - 500)]),
        ),
        (
            Code::LogSig,
            signed_by(|w, text| vec![other().sign(text), w.witness.cosign(text, NOW - 500)]),
        ),
        (
            Code::LogSig,
            signed_by(|w, text| vec![w.log.sign("x\n"), w.witness.cosign(text, NOW - 500)]),
        ),
        (
            Code::WitnessQuorum,
            signed_by(|w, text| vec![w.log.sign(text)]),
        ),
        (
            Code::WitnessQuorum,
            signed_by(|w, text| vec![w.log.sign(text), w.witness.cosign(text, 0)]),
        ),
        (
            Code::WitnessSig,
            signed_by(|w, text| vec![w.log.sign(text), w.witness.cosign("x\n", NOW - 500)]),
        ),
        (
            Code::IatFuture,
            signed_by(|w, text| vec![w.log.sign(text), w.witness.cosign(text, NOW + 61)]),
        ),
        (
            Code::Inclusion,
            ticket(|_, t| t.replace("index 20", "index 19")),
        ),
        (
            Code::Inclusion,
            ticket(|_, t| t.replace("index 20", "index 21")),
        ),
        (
            Code::Inclusion,
            ticket(|_, t| {
                let lines: Vec<_> = t
                    .lines()
                    .enumerate()
                    .filter(|(at, _)| *at != 2)
                    .map(|(_, l)| l)
                    .collect();
                lines.join("\n") + "\n"
            }),
        ),
        // Dated 61 s after the witness saw it, and more than a day before.
        (
            Code::Backdated,
            signed_by(|w, text| vec![w.log.sign(text), w.witness.cosign(text, NOW - 661)]),
        ),
        (Code::Backdated, {
            let mut world = World::new();
            let approval = world.approval();
            let token = world.issue.sign(&approval);
            let ticket = world.log_at(&token, approval.iat + DAY + 1);
            code(
                world
                    .verifier()
                    .ingest(&token, &ticket, NOW + DAY)
                    .map(drop),
            )
        }),
        (Code::Backdated, claims(|a| a.log.after.size = 21)),
    ]
}

#[test]
fn a_date_before_the_checkpoint_that_it_follows_is_refused() {
    let mut world = World::new();
    let mut verifier = world.ready();
    let root = Digest::from_bytes(world.tree.root());
    let mut release = World::release();
    release.software_version = "1.3.0".to_owned();
    // The first approval's checkpoint (21 entries) was witnessed at NOW − 598.
    for (iat, expected) in [(NOW - 659, Some(Code::Backdated)), (NOW - 658, None)] {
        let mut approval = world.approval_of(&release);
        approval.iat = iat;
        let token = world.issue.sign(&approval);
        let before = world.tree.clone();
        let ticket = world.log_at(&token, NOW - 400);
        world.tree = before;
        assert_eq!(approval.log.after.root, root);
        assert_eq!(
            code(verifier.clone().ingest(&token, &ticket, NOW).map(drop)),
            expected
        );
    }
    // And a made-up root of a checkpoint that is known is found out.
    let mut approval = world.approval_of(&release);
    approval.log.after.root = Digest::of(b"made up");
    let (token, ticket) = world.issue(&approval);
    assert_eq!(
        verifier.ingest(&token, &ticket, NOW).unwrap_err().code,
        Code::Backdated
    );
}

fn status_refusals() -> Vec<(Code, Option<Code>)> {
    fn claims(change: impl FnOnce(&mut verifier::claims::StatusListToken)) -> Option<Code> {
        status(|world, verifier| {
            let mut claims = world.status_claims(NOW - 5);
            change(&mut claims);
            verifier.update_status(&world.status.sign(&claims), NOW)
        })
    }
    let value = |value: StatusValue| world(|world| assert!(world.list.set(7, value.byte())));
    let bomb = StatusList::allow_list((1 << 20) + 4).encode();
    vec![
        (
            Code::StatusFormat,
            status(|_, verifier| verifier.update_status("x", NOW)),
        ),
        (Code::StatusFormat, claims(|c| c.status_list.bits = 1)),
        (
            Code::StatusFormat,
            claims(|c| {
                c.status_list.lst.pop();
            }),
        ),
        (Code::StatusFormat, claims(|c| c.status_list.lst = bomb)),
        (
            Code::StatusSig,
            status(|world, verifier| {
                let input =
                    verifier::claims::signing_input(&world.status_claims(NOW), &world.status.kid())
                        .unwrap();
                verifier.update_status(&world.issue.sign_input(&input), NOW)
            }),
        ),
        (
            Code::StatusSub,
            status(|world, verifier| {
                verifier.update_status_from(
                    "https://registry.example.no/status/1",
                    &world.status_token(NOW),
                    NOW,
                )
            }),
        ),
        (Code::StatusRollback, claims(|c| c.r#gen = 0)),
        (Code::StatusRollback, claims(|c| c.iat = NOW - 11)),
        (
            Code::StatusRollback,
            status(|world, verifier| {
                assert!(world.list.set(9, 0));
                verifier.update_status(&world.status_token(NOW), NOW)
            }),
        ),
        (Code::StatusStale, claims(|c| c.exp = NOW - 60)),
        (Code::IatFuture, claims(|c| c.iat = NOW + 61)),
        (Code::Iss, claims(|c| c.iss.push('x'))),
        (
            Code::Typ,
            status(|world, verifier| verifier.update_status(&world.trust_token(), NOW)),
        ),
        (
            Code::StatusStale,
            self::claims(|a| a.status.status_list.uri.push('1')),
        ),
        (Code::StatusStale, self::claims(|a| a.max_stale = 9)),
        (
            Code::StatusRange,
            self::claims(|a| a.status.status_list.idx = 1 << 10),
        ),
        (Code::Revoked, value(StatusValue::Invalid)),
        (Code::Suspended, value(StatusValue::Suspended)),
        (Code::NotIssued, value(StatusValue::NotIssued)),
        (Code::VersionReused, {
            let mut world = World::new();
            let mut verifier = world.ready();
            let mut approval = world.approval();
            approval.content = Content::origin();
            let (token, ticket) = world.issue(&approval);
            code(verifier.ingest(&token, &ticket, NOW).map(drop))
        }),
    ]
}

#[test]
fn every_refusal_has_its_own_code_and_every_code_a_refusal() {
    let all = [
        token_refusals(),
        claim_refusals(),
        review_refusals(),
        log_refusals(),
        status_refusals(),
        launch_refusals(),
    ];
    let mut seen = BTreeSet::new();
    for (at, group) in all.iter().enumerate() {
        for (position, (expected, found)) in group.iter().enumerate() {
            assert_eq!(*found, Some(*expected), "group {at}, case {position}");
            seen.insert(*expected);
        }
    }
    // These two need a history; `logs` has their tests.
    seen.extend([Code::LogFork, Code::LogRollback]);
    let missing: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !seen.contains(code))
        .collect();
    assert_eq!(missing, [] as [&Code; 0]);
}

#[test]
fn a_revoked_status_key_is_refused() {
    let mut world = World::new();
    let mut verifier = world.verifier();
    world.config.version = 2;
    world.config.keys[1].revoked = Some(Revocation {
        revoked_at: NOW,
        reason: RevocationReason::Compromised,
        log_index_cutoff: Some(1 << 40),
    });
    verifier.update_trust(&world.trust_token(), NOW).unwrap();
    let found = verifier.update_status_from(LIST, &world.status_token(NOW), NOW);
    assert_eq!(code(found), Some(Code::KeyRevoked));
}
