//! How long a validation takes, for what a server is sent most.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fhir_r4::validate::{Options, Severity, Validator};
use serde_json::Value;

fn example(name: &str) -> (Value, u64) {
    let path = format!("{}/tests/examples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let read = std::fs::read(path)
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let resource = read.unwrap_or_default();
    let bytes = resource.to_string().len();
    (resource, u64::try_from(bytes).unwrap_or_default())
}

fn validate(criterion: &mut Criterion) {
    let validator = Validator::r4();
    for (suffix, least) in [("", Severity::Error), (" with warnings", Severity::Warning)] {
        let options = Options {
            least,
            ..Options::default()
        };
        let mut group = criterion.benchmark_group(format!("validate{suffix}"));
        for name in [
            "observation-weight",
            "observation-bp",
            "patient",
            "medication-request",
            "bundle-transaction",
        ] {
            let (resource, bytes) = example(name);
            group.throughput(Throughput::Bytes(bytes));
            group.bench_function(name, |bench| {
                bench.iter(|| validator.validate(&resource, &options));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, validate);
criterion_main!(benches);
