# `make test` passes every test in every language; `.ci/run` calls it. `make bench` and `make package` are for release work.
export CARGO_TARGET_DIR ?= $(or $(LEO_TARGET_DIR),$(HOME)/.cache/leo/target)

.PHONY: test lint bench deny package

test:
	@scripts/test

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

# Licences, duplicate and banned crates, registries. Needs `cargo install cargo-deny --locked`.
deny:
	cargo deny check licenses bans sources

# Optimised; numbers and how to read them are in docs/benchmarks.md.
bench:
	cargo bench --workspace --locked

# The release build of the command line, and how large it is.
package:
	cargo build --release --locked -p leo-examples
	strip -o $(CARGO_TARGET_DIR)/release/leo-stripped $(CARGO_TARGET_DIR)/release/leo
	ls -l $(CARGO_TARGET_DIR)/release/leo $(CARGO_TARGET_DIR)/release/leo-stripped
