//! Suites as WebAssembly components, the runner, evidence, verdicts and reports.
