//! What the design promises about time: a launch is a look-up, taking an approval in costs little
//! more than its signatures, an inclusion proof is cheap. The floor is measured in the same run.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]
#![expect(dead_code, reason = "the tests' world, of which this uses a part")]

#[path = "../tests/it/keys.rs"]
mod keys;
#[path = "../tests/it/support.rs"]
mod support;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use verifier::jws::{Compact, MAX_LEN};
use verifier::merkle::{Hash, leaf_hash, node_hash, verify_inclusion};
use verifier::{Digest, LaunchRequest, ObservedContent, note};

use support::{NOW, VENDOR, World};

fn launch(c: &mut Criterion) {
    let mut world = World::new();
    let mut verifier = world.ready();
    // Not alone in the table.
    for patch in 1..200 {
        let mut release = World::release();
        release.software_id = format!("no.example.app{patch}");
        let approval = world.approval_of(&release);
        let (token, ticket) = world.issue(&approval);
        verifier.ingest(&token, &ticket, NOW).unwrap();
    }
    let content = ObservedContent::Bundle(Digest::of(b"bundle"));
    let mut request = LaunchRequest::new("no.example.blodtrykk", "1.2.0", VENDOR, content);
    c.bench_function("launch: id, version, vendor, bundle, status, clock", |b| {
        b.iter(|| {
            verifier
                .launch(black_box(&request), black_box(NOW))
                .unwrap()
                .freshness
        });
    });
    request.launch_uri = Some("https://app.example.no/launch");
    request.redirect_uri = Some("https://app.example.no/cb");
    c.bench_function("launch: and launch and redirect address", |b| {
        b.iter(|| {
            verifier
                .launch(black_box(&request), black_box(NOW))
                .unwrap()
                .freshness
        });
    });
    request.scope = Some("launch openid fhirUser patient/Observation.rs patient/Patient.r");
    c.bench_function("launch: all of L1 to L12 with five scopes", |b| {
        b.iter(|| {
            verifier
                .launch(black_box(&request), black_box(NOW))
                .unwrap()
                .freshness
        });
    });
}

fn ingest(c: &mut Criterion) {
    let mut world = World::new();
    let mut other = World::release();
    "1.0.0".clone_into(&mut other.software_version);
    let first = world.issue.sign(&world.approval_of(&other));
    let approval = world.approval();
    let token = world.issue.sign(&approval);
    world
        .tree
        .0
        .extend([leaf_hash(first.as_bytes()), leaf_hash(token.as_bytes())]);
    let text = world.checkpoint();
    let lines = [
        world.log.sign(&text),
        world.witness.cosign(&text, NOW - 500),
    ];
    let note = note::assemble(&text, lines);
    let (first_ticket, ticket) = (world.ticket(20, &note), world.ticket(21, &note));

    let keys = [&world.issue, &world.security, &world.clinical];
    let signed = std::iter::once(&token).chain(&approval.reviews).zip(keys);
    let signed: Vec<_> = signed
        .map(|(token, key)| (Compact::split(token, MAX_LEN).unwrap(), &key.public))
        .collect();
    c.bench_function("floor: the three ES256 signatures of an approval", |b| {
        b.iter(|| {
            signed
                .iter()
                .all(|(token, key)| black_box(token).verifies(key))
        });
    });
    let fresh = world.verifier();
    c.bench_function("ingest: checkpoint and witness new (5 signatures)", |b| {
        b.iter_batched_ref(
            || fresh.clone(),
            |verifier| verifier.ingest(&token, &ticket, NOW).unwrap(),
            BatchSize::SmallInput,
        );
    });
    let mut warm = world.verifier();
    warm.ingest(&first, &first_ticket, NOW).unwrap();
    c.bench_function("ingest: checkpoint known (3 signatures)", |b| {
        b.iter_batched_ref(
            || warm.clone(),
            |verifier| verifier.ingest(&token, &ticket, NOW).unwrap(),
            BatchSize::SmallInput,
        );
    });
    let list = world.status_token(NOW - 5);
    c.bench_function("status list: take in 2^10 entries", |b| {
        b.iter_batched_ref(
            || fresh.clone(),
            |verifier| verifier.update_status(&list, NOW).unwrap(),
            BatchSize::SmallInput,
        );
    });
}

fn inclusion(c: &mut Criterion) {
    // The right edge of a tree of 2^30 entries: thirty hashes.
    let size = 1u64 << 30;
    let hashes: Vec<Hash> = (0..30u8).map(|level| leaf_hash(&[level])).collect();
    let leaf = leaf_hash(b"entry");
    let root = hashes
        .iter()
        .fold(leaf, |hash, left| node_hash(left, &hash));
    c.bench_function("inclusion: 30 hashes", |b| {
        b.iter(|| verify_inclusion(black_box(&leaf), size - 1, size, &hashes, &root).unwrap());
    });
}

criterion_group!(benches, launch, ingest, inclusion);
criterion_main!(benches);
