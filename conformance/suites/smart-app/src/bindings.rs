//! Types and exports of `wit/suite.wit`, generated; plain data that compiles natively too.
#![expect(
    clippy::pedantic,
    missing_docs,
    reason = "generated from wit/suite.wit"
)]
#![cfg_attr(
    target_arch = "wasm32",
    allow(unreachable_pub, reason = "the export macro is declared here")
)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "suite",
    additional_derives: [PartialEq],
    pub_export_macro: true,
});
