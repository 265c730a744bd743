# SiteSpark's commands. `make run` and `make test` need rustup, a C compiler, Node and npm, and install the rest.
# How things are laid out is in ARCHITECTURE.md, how to work on them in CONTRIBUTING.md.

SHELL := bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/scripts/node_modules/.bin:$(PATH)

# What a release is made of. Folders are listed, too: their time changes when a file in them goes.
SOURCES := $(shell find app frontend texts server/src server/migrations style public .cargo -not -name '*~' 2>/dev/null) \
	server/Cargo.toml Cargo.toml Cargo.lock rust-toolchain.toml scripts/install-tools scripts/build
# Says which sources the release in target/ was made of.
BUILT := target/.release-built

.PHONY: help run build dev test test-fast fuzz chaos herd slow-readers traffic big-room render size screens fmt clean

help: ## Lists the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(BUILT) ## Builds the release if needed and serves it on http://127.0.0.1:3000 (PORT, SITESPARK_ADDR, … are passed on)
	@exec target/release/sitespark

build: $(BUILT) ## Builds the release into target/, with all tools it needs

$(BUILT): $(SOURCES)
	@# Of the time before the build: what changes during it is built the next time.
	@mkdir -p target && touch $@.begun
	@scripts/build
	@mv $@.begun $@

dev: ## Serves a development build that follows every change
	@scripts/install-tools
	@rm -f $(BUILT) # It takes over target/site.
	cargo leptos watch

test: ## Everything: formatting, lints, unit, server and end-to-end tests (about 40 minutes the first time)
	@scripts/test

test-fast: ## The unit tests only
	cargo test --package texts
	cargo test --package app
	cargo test --package app --features ssr --lib
	cargo test --package server --lib

fuzz: ## Looks for bytes that break what reads them, MINUTES (5) for each target; needs a C++ compiler
	@scripts/fuzz

chaos: $(BUILT) ## Breaks networks and processes under thousands of replies (SEED=… repeats a run; OPTIONS=--short: a minute)
	cargo run --release --package load -- chaos $(if $(SEED),--seed $(SEED)) $(OPTIONS)

herd: $(BUILT) ## Ends the server under 5,000 clients, and watches how they come back
	cargo run --release --package load -- herd $(if $(SEED),--seed $(SEED)) $(OPTIONS)

slow-readers: $(BUILT) ## What 200 clients that hardly read cost the server and the others
	cargo run --release --package load -- slow $(if $(SEED),--seed $(SEED)) $(OPTIONS)

traffic: $(BUILT) ## What 5,000 idle people in 1,000 rooms are sent, and whom one person's typing reaches
	cargo run --release --package load -- traffic $(OPTIONS)

big-room: $(BUILT) ## How a room of 10,000 messages opens and scrolls: times, DOM nodes, memory
	@scripts/install-test-tools
	@cd end2end && node_modules/.bin/playwright test --config big-room.config.ts

render: $(BUILT) ## What a long reply costs the browser, beside others from npm: about 30 minutes (SHORT=1: 6)
	@scripts/install-test-tools render
	@npm run --silent --prefix end2end/render build
	@cd end2end && node_modules/.bin/playwright test --config render.config.ts

size: $(BUILT) ## What a first visit downloads; fails over the budget of 300 KB
	@scripts/size

screens: $(BUILT) ## Pictures of every state of the pages, into target/screenshots
	@scripts/install-test-tools
	@rm -rf target/screenshots
	@cd end2end && node_modules/.bin/playwright test --config screenshots.config.ts

fmt: ## Formats the Rust code
	cargo fmt

clean: ## Removes everything that was built; keeps data/ and the tools
	cargo clean
