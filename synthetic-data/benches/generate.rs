//! How many people a core makes in a second: the register alone, and with all FHIR JSON.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use synthetic_data::{Dataset, Settings};

fn generate(criterion: &mut Criterion) {
    let Ok(as_of) = "2026-11-21".parse() else {
        return;
    };
    let Ok(dataset) = Dataset::new(Settings::default_on(as_of)) else {
        return;
    };
    let mut group = criterion.benchmark_group("one person");
    group.throughput(Throughput::Elements(1));
    let mut index = 0;
    group.bench_function("register", |bench| {
        bench.iter(|| {
            index = (index + 1) % 1200;
            black_box(dataset.person(index))
        });
    });
    group.bench_function("all resources", |bench| {
        bench.iter(|| {
            index = (index + 1) % 1200;
            black_box(dataset.resources(index))
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

criterion_group!(benches, generate);
criterion_main!(benches);
