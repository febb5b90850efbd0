# Everything one types in this repository. `make help` lists it.
# The repository brings its own Node (24 or newer); `npm` may run on any from 20 on.
SHELL := /bin/sh
NODE  := node_modules/.bin/node
PREFIX ?= /usr/local
DESTDIR ?=
VERSION := 1.0.0

.DEFAULT_GOAL := build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

packages: ## install the Debian packages that building and running need
	@sh scripts/install-packages.sh build run

node_modules/.package-lock.json: package-lock.json package.json
	@sh scripts/install-modules.sh
	@touch $@

native: ## compile ignite-spawn and ignite-init (static, musl)
	@$(MAKE) -s -C native/spawn
	@$(MAKE) -s -C native/init

dist/.stamp: node_modules/.package-lock.json $(shell find packages engine protocol -name '*.ts' -not -path '*/node_modules/*' 2>/dev/null) scripts/build.ts
	$(NODE) scripts/build.ts
	@touch $@

build: packages node_modules/.package-lock.json native dist/.stamp ## build everything (the default)
	$(if $(filter-out build,$(MAKECMDGOALS)),,@echo 'Built. `make install` installs it, `make demo` shows it at work, `bin/ignite` runs it from here.')

check: node_modules/.package-lock.json ## types, lint, format, generated files, tests that need no VM
	npm run --silent check

test-packages:
	@sh scripts/install-packages.sh build run test

demo-packages:
	@sh scripts/install-packages.sh build run demo

arm64: build ## what the tests of arm64 need, in build/arm64
	@sh scripts/arm64.sh

test: test-packages build arm64 ## the whole test suite, real VMs included
	npm run --silent check
	$(MAKE) -s -C native/spawn test
	$(MAKE) -s -C native/init test
	npm run --silent test:integration
	npm run --silent test:e2e

demo: demo-packages build ## real VMs from real images out of a real registry, shown and removed
	$(NODE) test/demo/main.ts

images: build ## our own images as OCI archives in build/images
	$(NODE) images/web/build.ts
	$(NODE) images/kernel/build.ts
	$(NODE) images/debian/build.ts

kernel: node_modules/.package-lock.json ## our kernel for microVMs, from the distribution's source (15 minutes, then cached)
	@sh scripts/install-packages.sh build kernel
	$(NODE) images/microvm-kernel/build.ts

test-lab: test-packages dist ## the tests of test/lab in a VM that has KVM, systemd and cgroup v2, and its reboots
	$(NODE) test/lab/main.ts
	$(NODE) test/lab/reboot.ts

test-lab-reboot: test-packages dist ## the reboots of the lab alone: systemd, the power lost, a shutdown in order
	$(NODE) test/lab/reboot.ts

test-vmm: test-packages dist ## the same with VMM=firecracker BIN=FILE JAILER=FILE, or VMM=cloud-hypervisor BIN=FILE
	VMM="$(VMM)" BIN="$(BIN)" JAILER="$(JAILER)" $(NODE) test/lab/main.ts

bench: test-packages build ## measure; side by side with the bare programs
	$(NODE) test/bench/main.ts

install: build ## install below PREFIX (default /usr/local)
	sh scripts/install.sh "$(DESTDIR)" "$(PREFIX)"

uninstall: ## remove what `make install` put there; state and VMs stay
	sh scripts/uninstall.sh "$(DESTDIR)" "$(PREFIX)"

dist: build ## build/ignite-VERSION-linux-ARCH.tar.gz, which installs offline
	sh scripts/make-dist.sh "$(VERSION)"

clean: ## remove what was built
	rm -rf build dist

.PHONY: help packages native build check demo-packages test-packages arm64 test demo images kernel test-lab test-lab-reboot test-vmm bench install uninstall dist clean
