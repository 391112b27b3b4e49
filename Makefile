# What this project can be asked to do. `make` alone lists it.

SWIFT ?= swift
# An import that Package.swift does not declare stops the build: that is what keeps the layers apart.
CHECK := --explicit-target-dependency-import-check error
RELEASE := .build/release
SEEDS ?= 10000
MINUTES ?= 10
SECONDS ?= 60
SOURCES := Package.swift Sources Tests Examples Benchmarks

.DEFAULT_GOAL := help
.PHONY: help deps build run test demo simulate options hadoop conform examples chaos nemesis attack fault-tools interop fuzz asan tsan crowd limits bench bench-peers \
	languages bench-xmlrpc format lint docs clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## Install the Debian packages that are missing
	@missing=""; for package in libxml2-dev libsqlite3-dev zlib1g-dev libbz2-dev liblzma-dev libzstd-dev pkg-config python3 openssl curl; do \
		dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
		echo "installing$$missing"; \
		sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		$$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; fi

build: deps ## Build mr-master, mr-worker and mr-ctl, optimised
	$(SWIFT) build -c release $(CHECK) --product mr-master
	$(SWIFT) build -c release $(CHECK) --product mr-worker
	$(SWIFT) build -c release $(CHECK) --product mr-ctl

run: build ## Count the words of sample-data with two local workers
	$(RELEASE)/mr-master --workers 2 --overwrite --listen 127.0.0.1:0 sample-data/*.txt
	@ls mr-out

test: deps fault-tools languages ## Build everything and run all tests (short forms of the slow ones)
	$(SWIFT) build --build-tests $(CHECK)
	SWIFT=$(SWIFT) Scripts/test
	Tests/Options/compare --short --programs .build/debug
	Tests/Interop/interop --short --programs .build/debug
	MR_PATIENCE=4 MR_PROGRAMS=.build/debug Tests/Chaos/chaos --short
	MR_PATIENCE=4 MR_PROGRAMS=.build/debug Tests/Attack/attack --short

demo: build ## Run the terminal sessions that README.md and pages in docs show
	Scripts/demo

simulate: deps ## Simulate a whole cluster under faults, SEEDS=n schedules
	$(SWIFT) run -c release $(CHECK) mr-simulate $(SEEDS)

options: build ## Compare every option that changes results with coreutils and Python, a line of 100 MB too
	Tests/Options/compare $(ARGS)

hadoop: build ## Compare with Hadoop's own LocalJobRunner, which pyspark carries; needs Java
	Tests/Hadoop/compare $(ARGS)

conform: build ## Try mr-worker and the workers of Examples/workers with mr-ctl conform
	Scripts/conform

examples: build languages ## Try everything in Examples as its users would: workers in six languages, launching, the learner, uneven workers
	Scripts/conform
	Scripts/demo README.md docs/worker-protocol.md docs/launching.md docs/data.md
	PROGRAMS=$(CURDIR)/.build/release Examples/learner/try
	Benchmarks/balance

chaos: build fault-tools ## Try a catalogue of faults on the release programs; ARGS="--only W,M11", --short, --list
	Tests/Chaos/chaos $(ARGS)

nemesis: build fault-tools ## Plague a cluster at random for MINUTES=n minutes
	Tests/Chaos/nemesis --minutes $(MINUTES) $(ARGS)

attack: build ## Try a catalogue of attacks on the release programs; ARGS="--only H8,H10", --short, --list
	Tests/Attack/attack $(ARGS)

# What faults are made with. Those that still miss something are skipped, and say why.
fault-tools:
	@missing=""; for package in strace iptables iproute2 faketime; do \
		dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing$$missing"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing || true; fi

# What the workers of Examples/workers are written in, and Clients/r. Those whose language is missing are not tested.
languages:
	@missing=""; for language in perl:perl node:nodejs ruby:ruby php:php-cli Rscript:r-base-core setsid:util-linux; do \
		command -v $${language%:*} >/dev/null 2>&1 || missing="$$missing $${language#*:}"; done; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing$$missing"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing || true; fi

interop: build ## Try XML-RPC with other people's clients and servers, both ways
	$(SWIFT) build -c release $(CHECK) --product interop-client
	$(SWIFT) build -c release $(CHECK) --product interop-server
	Tests/Interop/interop $(ARGS)

# Sanitizers need builds of their own, which leave out all that has nothing to do with the wire.
fuzz: deps ## Fuzz XML-RPC documents and HTTP requests for SECONDS=n; ARGS=--keep keeps what is new
	MR_PART=wire MR_FUZZ=1 $(SWIFT) build -c release --scratch-path .build/fuzz --product fuzz \
		-Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library
	Tests/Fuzz/fuzz $(SECONDS) $(ARGS)

asan: deps ## Run the tests of everything on the wire under the address sanitizer
	MR_PART=wire Scripts/sanitized-tests address

tsan: deps ## The same under the thread sanitizer
	MR_PART=wire Scripts/sanitized-tests thread

crowd: build ## Call a server beside 10,000 idle connections and 5,000 slow ones
	Tests/Crowd/crowd $(ARGS)

limits: deps ## Keep 2 GB of objects on a data worker that may have 256 MB in memory
	$(SWIFT) build --build-tests $(CHECK)
	MR_LONG=1 $(SWIFT) test --skip-build --disable-xctest --filter DataLimitTests

bench: build ## Measure beside peers, into docs/benchmarks.md; QUICK=1 in two minutes
	Benchmarks/bench

bench-peers: ## Install the peers that make bench compares with, under .build/bench
	Benchmarks/install-peers

bench-xmlrpc: ## Measure XML-RPC beside libxml2, xmlrpc-c and Python, into docs/xmlrpc-speed.md
	$(SWIFT) build -c release $(CHECK) --product xmlrpc-bench
	Benchmarks/xmlrpc/speed --write docs/xmlrpc-speed.md

format: ## Format all sources
	$(SWIFT) format --in-place --recursive $(SOURCES)

lint: ## Check format and style
	$(SWIFT) format lint --strict --recursive $(SOURCES)

docs: deps ## Write docs/protocol.md anew from the method table, and the pages of ApplicationAPI into .build/docc
	$(SWIFT) run $(CHECK) protocol-document > docs/protocol.md.new && mv docs/protocol.md.new docs/protocol.md
	Scripts/docc

clean: ## Remove what was built
	rm -rf .build mr-out
