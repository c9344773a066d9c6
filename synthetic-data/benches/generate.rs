//! How many people a core makes in a second (the register alone, and with all FHIR JSON), how long the
//! slowest of a hundred people takes cold, and what a dataset of the whole country costs to prepare.

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
/// As in the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use synthetic_data::{Dataset, Date, Settings, Sheaf};

fn today() -> Option<Date> {
    "2026-11-21".parse().ok()
}

fn one_person(criterion: &mut Criterion) {
    let Some(Ok(dataset)) = today().map(|date| Dataset::new(Settings::default_on(date))) else {
        return;
    };
    let mut group = criterion.benchmark_group("one person");
    group.throughput(Throughput::Elements(1));
    let mut index = 0;
    let mut next = move || {
        index = (index + 1) % 1200;
        index
    };
    group.bench_function("register", |bench| {
        bench.iter(|| black_box(dataset.person(next())));
    });
    group.bench_function("history", |bench| {
        bench.iter(|| {
            let person = dataset.person(next());
            black_box(person.map(|person| dataset.history(&person)))
        });
    });
    group.bench_function("all resources", |bench| {
        bench.iter(|| black_box(dataset.resources(next())));
    });
    let mut sheaf = Sheaf::new();
    group.bench_function("all resources, as lines", |bench| {
        bench.iter(|| {
            sheaf.clear();
            dataset.write(next(), &mut sheaf);
            black_box(sheaf.lines().len())
        });
    });
    let Some(number) = dataset.person(600).map(|person| person.identifier) else {
        return;
    };
    group.bench_function("index of a number", |bench| {
        bench.iter(|| dataset.index_of(black_box(&number)));
    });
    group.finish();
}

fn country(criterion: &mut Criterion) {
    let Some(settings) = today().map(Settings::country_on) else {
        return;
    };
    let mut group = criterion.benchmark_group("the whole country");
    group.bench_function("prepare", |bench| {
        bench.iter(|| black_box(Dataset::new(settings.clone())));
    });
    let Ok(dataset) = Dataset::new(settings) else {
        return;
    };
    let mut index = 0_u32;
    let mut next = move || {
        index = (index + 104_729) % 5_300_000;
        index
    };
    group.throughput(Throughput::Elements(1));
    group.bench_function("home of a person", |bench| {
        bench.iter(|| black_box(dataset.home(next())));
    });
    group.bench_function("a patient anywhere", |bench| {
        bench.iter(|| black_box(dataset.patient(next())));
    });
    group.bench_function("all resources of somebody anywhere", |bench| {
        bench.iter(|| black_box(dataset.resources(next())));
    });
    group.finish();
    percentiles(&dataset);
}

/// Criterion gives means; a reader who waits for one patient cares for the slowest.
#[expect(clippy::print_stdout, reason = "what a program says to a person")]
fn percentiles(dataset: &Dataset) {
    let (mut resources, mut bytes) = (0, 0);
    let mut times: Vec<(u128, usize)> = (0..3000_u32)
        .map(|step| {
            let begun = Instant::now();
            let all = dataset.resources(step * 1723);
            let time = begun.elapsed().as_micros();
            let size: usize = all.iter().map(|one| one.json.len()).sum();
            resources += all.len();
            bytes += size;
            (time, size)
        })
        .collect();
    times.sort_unstable();
    let at = |permille: usize| times.get(times.len() * permille / 1000).copied();
    println!(
        "3 000 people, {} resources and {} bytes each on the average; microseconds and bytes at \
         the median {:?}, p90 {:?}, p99 {:?}, slowest {:?}",
        resources / 3000,
        bytes / 3000,
        at(500),
        at(900),
        at(990),
        times.last()
    );
}

criterion_group!(benches, one_person, country);
criterion_main!(benches);
