# The two commands are `make run` and `make test`. What they need and can install, they install.
.DEFAULT_GOAL := help
.PHONY: help run test check apps suites package bench load fuzz

help: ## Say what there is
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 16

run: ## Build and start everything with demo content; data in ./data
	@.ci/ensure-chromium || echo "Going on without Chromium: everything works but checks of apps." >&2
	@cargo build --release --locked
	@exec target/release/markedsplass serve --demo

test: ## Run every check and every test
	@.ci/test

check: ## Format and lint, quickly
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

apps: ## Build the app under test and its faulty twin into target/apps
	@node=$$(.ci/ensure-node) && export PATH="$$node:$$PATH" && \
	cd tests/apps/blood-pressure && npm ci --loglevel=error && npm run --silent build

suites: ## Build the conformance suites as components into conformance/suites/built
	rustup target add wasm32-unknown-unknown
	conformance/suites/build.sh

package: ## Build the verifier's WebAssembly module into verifier/embed/npm
	rustup target add wasm32-unknown-unknown
	verifier/embed/build.sh

bench: ## Measure single functions
	cargo bench --workspace

load: ## Put the release binary under load and print two tables
	@.ci/load
	@.ci/load-fhir

fuzz: ## Try every parser of strangers' bytes, a minute each
	@.ci/fuzz
