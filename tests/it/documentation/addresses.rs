//! Every address of the sandbox, and every role.

use std::collections::BTreeSet;

use foundation::access::Role;

use super::{page, rows};
use crate::openapi::product;

#[tokio::test]
async fn every_address_of_the_sandbox_and_every_role_stands_in_the_book() {
    let text = page("reference/api.md");
    let told = rows(&text);
    for role in Role::ALL {
        assert!(told.contains_key(role.as_str()), "{role:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let [_, sandbox] = product(&folder).await.route_tables();
    let served: BTreeSet<String> = sandbox
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let is_address = |name: &&String| name.starts_with(|c: char| c.is_ascii_uppercase());
    let told: BTreeSet<String> = told.keys().filter(is_address).cloned().collect();
    let missing: Vec<_> = served.difference(&told).collect();
    let gone: Vec<_> = told.difference(&served).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing {missing:?}, gone {gone:?}"
    );
}
