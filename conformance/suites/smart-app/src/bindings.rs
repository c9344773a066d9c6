//! Types and exports of `wit/suite.wit`, generated; plain data that compiles natively too.
#![expect(
    clippy::all,
    clippy::pedantic,
    missing_docs,
    reason = "generated from wit/suite.wit"
)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "suite",
    additional_derives: [PartialEq],
    pub_export_macro: true,
});
