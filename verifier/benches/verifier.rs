//! What the design promises about time: a launch is a look-up, taking an approval in costs little
//! more than its signatures, an inclusion proof is cheap. The floor is measured in the same run.

#![expect(clippy::print_stdout, reason = "the ratio is the result")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]
#![expect(dead_code, reason = "the tests' world, of which this uses a part")]

#[path = "../tests/it/authority.rs"]
mod authority;
#[path = "../tests/it/keys.rs"]
mod keys;
#[path = "../tests/it/support.rs"]
mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use verifier::claims::Approval;
use verifier::json;
use verifier::jws::{Compact, MAX_LEN};
use verifier::merkle::{Hash, leaf_hash, node_hash, verify_inclusion};
use verifier::{Digest, Environment, LaunchRequest, LocalPolicy, ObservedContent, Verifier, note};

use support::{NOW, VENDOR, World};

fn launch(c: &mut Criterion) {
    let mut world = World::new();
    let mut verifier = world.ready();
    // The table of a large installation.
    for patch in 1..10_000 {
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
    request.scope = Some("patient/Patient.r patient/Observation.rs openid launch fhirUser");
    c.bench_function(
        "launch: all of L1 to L12 with five scopes, in another order",
        |b| {
            b.iter(|| {
                verifier
                    .launch(black_box(&request), black_box(NOW))
                    .unwrap()
                    .freshness
            });
        },
    );
}

/// Two approvals under one checkpoint: the first makes it known.
struct Batch {
    world: World,
    first: (String, String),
    approval: Approval,
    token: String,
    ticket: String,
}

impl Batch {
    fn new() -> Self {
        let mut world = World::new();
        let mut other = World::release();
        "1.0.0".clone_into(&mut other.software_version);
        let first = world.issue.sign(&world.approval_of(&other));
        let approval = world.approval();
        let token = world.issue.sign(&approval);
        let leaves = [leaf_hash(first.as_bytes()), leaf_hash(token.as_bytes())];
        world.tree.0.extend(leaves);
        let text = world.checkpoint();
        let cosigned = world.witness.cosign(&text, NOW - 500);
        let note = note::assemble(&text, [world.log.sign(&text), cosigned]);
        let (first_ticket, ticket) = (world.ticket(20, &note), world.ticket(21, &note));
        let first = (first, first_ticket);
        Self {
            world,
            first,
            approval,
            token,
            ticket,
        }
    }

    /// The approval and its two reviews, ready for the three bare verifications.
    fn floor(&self) -> Vec<Compact<'_>> {
        let tokens = std::iter::once(&self.token).chain(&self.approval.reviews);
        tokens
            .map(|token| Compact::split(token, MAX_LEN).unwrap())
            .collect()
    }

    fn verify(&self, tokens: &[Compact<'_>]) -> bool {
        let world = &self.world;
        let keys = [&world.issue, &world.security, &world.clinical];
        let mut pairs = tokens.iter().zip(keys);
        pairs.all(|(token, key)| token.verifies(&key.public))
    }

    fn warm(&self) -> Verifier {
        let mut verifier = self.world.verifier();
        let (token, ticket) = &self.first;
        verifier.ingest(token, ticket, NOW).unwrap();
        verifier
    }
}

fn ingest(c: &mut Criterion) {
    let batch = Batch::new();
    let floor = batch.floor();
    c.bench_function("floor: the three ES256 signatures of an approval", |b| {
        b.iter(|| batch.verify(black_box(&floor)));
    });
    let fresh = batch.world.verifier();
    c.bench_function("ingest: checkpoint and witness new (5 signatures)", |b| {
        b.iter_batched_ref(
            || fresh.clone(),
            |verifier| verifier.ingest(&batch.token, &batch.ticket, NOW).unwrap(),
            BatchSize::SmallInput,
        );
    });
    let warm = batch.warm();
    c.bench_function("ingest: checkpoint known (3 signatures)", |b| {
        b.iter_batched_ref(
            || warm.clone(),
            |verifier| verifier.ingest(&batch.token, &batch.ticket, NOW).unwrap(),
            BatchSize::SmallInput,
        );
    });
    let (blank, update) = (
        batch.world.blank(LocalPolicy::new(Environment::Prod)),
        batch.world.trust_update(),
    );
    c.bench_function("trust repository: take in all of it (4 signatures)", |b| {
        b.iter_batched_ref(
            || blank.clone(),
            |verifier| verifier.update_trust(&update, NOW).unwrap(),
            BatchSize::SmallInput,
        );
    });
    let list = batch.world.status_token(NOW - 5);
    c.bench_function("status list: take in 2^10 entries", |b| {
        b.iter_batched_ref(
            || fresh.clone(),
            |verifier| verifier.update_status(&list, NOW).unwrap(),
            BatchSize::SmallInput,
        );
    });
}

/// Where the time beside the signatures goes.
fn parts(c: &mut Criterion) {
    let batch = Batch::new();
    let payload = serde_json::to_vec(&batch.approval).unwrap();
    c.bench_function("part: split the token", |b| {
        b.iter(|| Compact::split(black_box(&batch.token), MAX_LEN).unwrap());
    });
    c.bench_function("part: strict JSON check", |b| {
        b.iter(|| json::check(black_box(&payload)).unwrap());
    });
    c.bench_function("part: JSON check and claims", |b| {
        b.iter(|| json::from_slice::<Approval>(black_box(&payload)).unwrap());
    });
    c.bench_function("part: rules of the claims", |b| {
        b.iter(|| black_box(&batch.approval).check(Environment::Prod).unwrap());
    });
    c.bench_function("part: leaf hash", |b| {
        b.iter(|| leaf_hash(black_box(batch.token.as_bytes())));
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

/// The promise itself, 1.15 times the floor: both are timed in turn, so that a busy machine slows
/// them alike. Taking in again what is known takes the same steps.
fn overhead(_: &mut Criterion) {
    let batch = Batch::new();
    let floor = batch.floor();
    let mut verifier = batch.warm();
    let (mut lower, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..3000 {
        let start = Instant::now();
        assert!(black_box(batch.verify(&floor)));
        lower.push(start.elapsed());
        let start = Instant::now();
        black_box(verifier.ingest(&batch.token, &batch.ticket, NOW).unwrap());
        whole.push(start.elapsed());
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times.swap_remove(times.len() / 2)
    };
    let (lower, whole) = (median(lower), median(whole));
    let ratio = whole.as_secs_f64() / lower.as_secs_f64();
    println!(
        "ingest with a known checkpoint: {whole:?}, floor {lower:?}, ratio {ratio:.3} (to be at most 1.15)"
    );
}

criterion_group!(benches, launch, ingest, parts, inclusion, overhead);
criterion_main!(benches);
