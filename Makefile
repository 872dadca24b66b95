# The menu. Each recipe calls cargo or a script; what is missing is installed by scripts/setup, which says so.
.DEFAULT_GOAL := help
.PHONY: help run test check fmt doc release bench setup schema migrate-check hooks clean
export PATH := $(PATH):$(HOME)/.cargo/bin

help: ## Show this menu
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

run: ## Build and start the server with its own PostgreSQL and a demo institution; Ctrl-C stops it
	@scripts/setup run
	@cargo run --bin stoa -- all

test: ## Run every test
	@scripts/setup test
	cargo test --workspace

check: ## Formatting, lints, docs, dependencies, spelling, migrations up and down
	@scripts/setup check
	cargo fmt --all --check
	target/tools/venv/bin/typos
	target/tools/bin/cargo-deny --log-level error --offline --workspace check bans licenses sources
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
	@$(MAKE) --no-print-directory migrate-check

fmt: ## Format the code
	cargo fmt --all

doc: ## Build the documentation of the code and say where it is
	cargo doc --workspace --no-deps --document-private-items
	@echo "see target/doc/stoa/index.html"

release: ## Build the optimised binary, target/release/stoa
	@scripts/setup run
	cargo build --release --bin stoa

bench: ## Measure the road, beside the limits of this machine
	@scripts/setup run
	cargo build --release --bin stoa --bin stoa-bench
	target/release/stoa-bench

setup: ## Install all that the targets above need, without running them
	@scripts/setup run
	@scripts/setup test
	@scripts/setup check

schema: ## Print core/db/schema.rs anew from the migrations
	@scripts/schema

migrate-check: ## Run every migration up, down and up again on a throw-away cluster
	@cargo run --quiet --bin stoa -- migrate --rehearse

hooks: ## Run the quick checks before every push from now on
	git config core.hooksPath scripts/hooks

clean: ## Remove what was built; the data in var/ stays
	cargo clean
