# `make test` passes every test in every language; `.ci/run` calls it. `make bench`, `make package` and `make bench-packages` are for release work.
export CARGO_TARGET_DIR ?= $(or $(LEO_TARGET_DIR),$(HOME)/.cache/leo/target)

.PHONY: test test-mssql lint bench bench-packages deny package fuzz

test:
	@scripts/test

# The behaviour suite and the SQL Server connector's promises at a real server with Northwind in it, as a login that may only read:
#   LEO_TEST_MSSQL_URL='mssql://reader:password@host:1433/Northwind?sslrootcert=/path/ca.pem' make test-mssql
test-mssql:
	@test -n "$$LEO_TEST_MSSQL_URL" || { echo "set LEO_TEST_MSSQL_URL to mssql://user:password@host:port/Northwind?sslrootcert=ca.pem"; exit 2; }
	cargo test --workspace --locked --test behaviour_mssql -- --nocapture

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

# Licences, duplicate and banned crates, registries. Needs `cargo install cargo-deny --locked`.
deny:
	cargo deny check licenses bans sources

# Optimised; numbers and how to read them are in docs/benchmarks.md.
bench:
	cargo bench --workspace --locked

# What `make package` made, beside other libraries of the kind: sizes, time to load, what a call costs. Prints tables; wants a quiet machine.
bench-packages:
	@scripts/bench-packages

# Any text through the guard in every dialect, for FUZZ_SECONDS. Needs a nightly compiler and `cargo install cargo-fuzz --locked`.
FUZZ_SECONDS ?= 600
fuzz:
	cd fuzz && mkdir -p corpus && cargo run --bin seeds -- seeds
	cd fuzz && cargo +nightly fuzz run vet corpus seeds -- -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10

# What is published, and how large it is: the wheel, the npm packages, the command line.
package:
	scripts/package
	cargo build --release --locked -p leo-examples
	strip -o $(CARGO_TARGET_DIR)/release/leo-stripped $(CARGO_TARGET_DIR)/release/leo
	ls -l $(CARGO_TARGET_DIR)/release/leo $(CARGO_TARGET_DIR)/release/leo-stripped
