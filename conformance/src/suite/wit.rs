//! Rust types of `wit/suite.wit`, generated. They serialise, so the evidence document is made of the
//! very values that a suite sees.

/// The generated code.
mod generated {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "suite",
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
}

pub(crate) use generated::SuitePre;
pub(crate) use generated::exports::markedsplass::conformance::checking::*;
