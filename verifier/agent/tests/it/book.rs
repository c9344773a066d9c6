//! The book's page on the agent lists the addresses that there are.

use std::collections::BTreeSet;
use std::fs;

use epj_agent::{Agent, Hosts, Parts};
use foundation::testing;

use crate::stage::Stage;

#[tokio::test]
async fn the_book_lists_every_address_and_no_other() {
    let stage = Stage::set().await;
    let agent = Agent::open(Parts {
        settings: stage.settings,
        clock: testing::clock(),
        entropy: testing::entropy(),
    })
    .unwrap();
    let routes = agent.routes(Hosts::loopback());
    let served: BTreeSet<String> = routes
        .table()
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/src/reference/epj-agent.md"
    );
    let page = fs::read_to_string(page).unwrap();
    let address = |line: &str| {
        let cell = line.strip_prefix("| `")?.split('`').next()?;
        cell.starts_with(['G', 'P']).then(|| cell.to_owned())
    };
    let told: BTreeSet<String> = page.lines().filter_map(address).collect();
    assert_eq!(told, served);
}
