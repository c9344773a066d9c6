//! The suites that the product carries, as they are built and committed in `suites/built/`.

/// The suite `smart-app`: a SMART on FHIR app launched from an EPJ.
pub(crate) static SMART_APP: &[u8] = include_bytes!("../../suites/built/smart-app.component.wasm");
