//! Refusals for status lists and for what they say.

use verifier::Code;
use verifier::claims::{Content, StatusListToken};
use verifier::status::{StatusList, StatusValue};

use super::{claims as approval_claims, code, status, world};
use crate::support::{NOW, World};

pub(super) fn all() -> Vec<(Code, Option<Code>)> {
    fn claims(change: impl FnOnce(&mut StatusListToken)) -> Option<Code> {
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
            status(|world, verifier| {
                verifier.update_status(&world.vendor.sign(&World::release()), NOW)
            }),
        ),
        (
            Code::StatusStale,
            approval_claims(|a| a.status.status_list.uri.push('1')),
        ),
        (Code::StatusStale, approval_claims(|a| a.max_stale = 9)),
        (
            Code::StatusRange,
            approval_claims(|a| a.status.status_list.idx = 1 << 10),
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
