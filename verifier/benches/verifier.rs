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
use verifier::note::{Note, SignatureType, Verdict};
use verifier::status::{StatusList, StatusValue};
use verifier::{
    Digest, Environment, LaunchRequest, LocalPolicy, ObservedContent, Verifier, base64url, note,
};

use support::{NOW, NoteKey, VENDOR, World};

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

/// Two approvals under one checkpoint that two witnesses have seen: the first makes it known.
struct Batch {
    world: World,
    other_witness: NoteKey,
    note: String,
    first: (String, String),
    approval: Approval,
    token: String,
    ticket: String,
}

impl Batch {
    fn new() -> Self {
        let mut world = World::new();
        let other_witness = NoteKey::new("w.other.example", SignatureType::CosignatureV1, 3);
        world.config.log_policy = format!(
            "log {}\nwitness nhn {}\nwitness other {}\ngroup both all nhn other\nquorum both\n",
            world.log.key, world.witness.key, other_witness.key
        );
        let mut other = World::release();
        "1.0.0".clone_into(&mut other.software_version);
        let first = world.issue.sign(&world.approval_of(&other));
        let approval = world.approval();
        let token = world.issue.sign(&approval);
        let leaves = [leaf_hash(first.as_bytes()), leaf_hash(token.as_bytes())];
        world.tree.0.extend(leaves);
        let text = world.checkpoint();
        let cosigned = [&world.witness, &other_witness].map(|key| key.cosign(&text, NOW - 500));
        let [one, two] = cosigned;
        let note = note::assemble(&text, [world.log.sign(&text), one, two]);
        let (first_ticket, ticket) = (world.ticket(20, &note), world.ticket(21, &note));
        let first = (first, first_ticket);
        Self {
            world,
            other_witness,
            note,
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

    /// The log's signature and both cosignatures.
    fn verify_note(&self) -> bool {
        let note = Note::parse(&self.note).unwrap();
        let world = &self.world;
        let mut keys = [&world.log, &world.witness, &self.other_witness].into_iter();
        keys.all(|key| matches!(note.verdict(&key.key), Verdict::Valid { .. }))
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
    c.bench_function(
        "ingest: checkpoint and two witnesses new (6 signatures)",
        |b| {
            b.iter_batched_ref(
                || fresh.clone(),
                |verifier| verifier.ingest(&batch.token, &batch.ticket, NOW).unwrap(),
                BatchSize::SmallInput,
            );
        },
    );
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

/// The right edge of a tree of 2^30 entries: thirty hashes.
struct LongProof {
    hashes: Vec<Hash>,
    leaf: Hash,
    root: Hash,
}

impl LongProof {
    const SIZE: u64 = 1 << 30;

    fn new() -> Self {
        let hashes: Vec<Hash> = (0..30u8).map(|level| leaf_hash(&[level])).collect();
        let leaf = leaf_hash(b"entry");
        let root = hashes
            .iter()
            .fold(leaf, |hash, left| node_hash(left, &hash));
        Self { hashes, leaf, root }
    }

    fn verify(&self) {
        let (leaf, root) = (black_box(&self.leaf), &self.root);
        verify_inclusion(leaf, Self::SIZE - 1, Self::SIZE, &self.hashes, root).unwrap();
    }
}

/// A list of 2^20 entries, one in seven of which was issued, and the same bytes for a bare inflater.
struct LongList {
    lst: String,
    compressed: Vec<u8>,
    inflated: Vec<u8>,
}

impl LongList {
    const ENTRIES: usize = 1 << 20;

    fn new(every: usize) -> Self {
        let mut list = StatusList::allow_list(Self::ENTRIES);
        for index in (0..Self::ENTRIES as u64).step_by(every) {
            assert!(list.set(index, StatusValue::Valid.byte()));
        }
        let lst = list.encode();
        Self {
            compressed: base64url::decode(&lst).unwrap(),
            lst,
            inflated: vec![0; Self::ENTRIES / 4],
        }
    }

    fn inflate(&mut self) {
        let mut inflater = flate2::Decompress::new(true);
        let end = flate2::FlushDecompress::Finish;
        let status = inflater.decompress(&self.compressed, &mut self.inflated, end);
        assert_eq!(status.unwrap(), flate2::Status::StreamEnd);
    }

    fn read(&self) -> StatusList {
        StatusList::decode(2, black_box(&self.lst), Self::ENTRIES).unwrap()
    }
}

fn reading(c: &mut Criterion) {
    let proof = LongProof::new();
    c.bench_function("inclusion: 30 hashes", |b| b.iter(|| proof.verify()));
    for every in [7, 1 << 10] {
        let list = LongList::new(every);
        let name = format!("status list: 2^20 entries, one in {every} issued, read");
        c.bench_function(&name, |b| b.iter(|| list.read()));
    }
}

/// The promises themselves, each a ratio to what cannot be avoided. The two are timed in turns, so
/// that a busy machine slows them alike.
fn promises(_: &mut Criterion) {
    let batch = Batch::new();
    let floor = batch.floor();
    // Taking in again what is known takes the same steps.
    let mut verifier = batch.warm();
    let ingest = |verifier: &mut Verifier| {
        black_box(verifier.ingest(&batch.token, &batch.ticket, NOW).unwrap());
    };
    in_turns(
        "ingest, checkpoint known, to three ES256 (to be at most 1.15)",
        3000,
        || assert!(black_box(batch.verify(&floor))),
        || ingest(&mut verifier),
    );
    let fresh = batch.world.verifier();
    in_turns(
        "ingest, all new, to three ES256 and three Ed25519 (to be at most 1.3)",
        3000,
        || assert!(black_box(batch.verify(&floor) && batch.verify_note())),
        || ingest(&mut fresh.clone()),
    );
    in_turns(
        "a copy of the verifier, which the line above includes, to nothing",
        3000,
        || (),
        || drop(black_box(fresh.clone())),
    );
    let proof = LongProof::new();
    in_turns(
        "inclusion proof, to the 30 bare SHA-256 (to be under 4 µs)",
        30_000,
        || {
            for hash in &proof.hashes {
                black_box(node_hash(black_box(hash), &proof.leaf));
            }
        },
        || proof.verify(),
    );
    for every in [7, 1 << 10] {
        let mut list = LongList::new(every);
        let again = LongList::new(every);
        in_turns(
            &format!("status list of 2^20, one in {every} issued, to bare inflating (under 60 µs)"),
            3000,
            || list.inflate(),
            || drop(black_box(again.read())),
        );
    }
}

fn in_turns(what: &str, rounds: usize, mut floor: impl FnMut(), mut whole: impl FnMut()) {
    let timed = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        lower.push(timed(&mut floor));
        upper.push(timed(&mut whole));
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times.swap_remove(times.len() / 2)
    };
    let (lower, upper) = (median(lower), median(upper));
    let ratio = upper.as_secs_f64() / lower.as_secs_f64();
    println!("{what}: {upper:?}, floor {lower:?}, ratio {ratio:.3}");
}

criterion_group!(benches, launch, ingest, parts, reading, promises);
criterion_main!(benches);
