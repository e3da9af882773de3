# martlet: see `make help`.
SHELL = /bin/bash
EMBEDDED_LIBDIR = $$(dirname $$(dirname $$(readlink -f $$(command -v swiftc))))/lib/swift/embedded/x86_64-unknown-linux-gnu
CHECKS = --explicit-target-dependency-import-check error
# No build step may run away: ten minutes, and twelve gigabytes of address space beyond reason.
LIMIT = timeout 600 prlimit --as=48000000000
PREFIX ?= /usr
DAEMON = $(if $(SMALL),build/small/martletd,build/martletd)
SHARED ?= ../shared
SUDO = $(if $(filter 0,$(shell id -u)),,sudo)

PACKAGES = gcc make pkg-config libnl-3-dev nettle-dev libcurl4-openssl-dev python3 util-linux binutils
VM_PACKAGES = qemu-system-x86 cpio kmod
TEST_PACKAGES = keepalived iproute2 nftables procps systemd openrc mandoc python3-aiosmtpd nginx-light openssl curl \
  redis-server haproxy mariadb-server-core

.PHONY: deps deps-test build small test blackbox packaging fuzz lint fmt check demo bench interop vm conformance corpus install uninstall clean help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

deps: ## install what building needs (Debian packages)
	@for package in $(PACKAGES); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  $(SUDO) apt-get -qq update && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get -qq -y install --no-install-recommends $$missing; \
	fi

deps-test: deps ## install what tests need, without starting any service
	@for package in $(TEST_PACKAGES); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then Tests/packaging/install-quietly $$missing; fi

build: .build/static/libstdc++.a ## build the standard daemon: build/martletd
	$(LIMIT) swift build -c release --product martletd --static-swift-stdlib --disable-local-rpath $(CHECKS) \
	  -Xlinker -s -Xlinker -L$(CURDIR)/.build/static -Xswiftc -Xclang-linker -Xswiftc -static-libgcc
	$(LIMIT) swift build -c release --product martlet-mail --static-swift-stdlib --disable-local-rpath $(CHECKS) \
	  -Xlinker -s -Xlinker -L$(CURDIR)/.build/static -Xswiftc -Xclang-linker -Xswiftc -static-libgcc
	install -D .build/release/martletd build/martletd
	install -D .build/release/martlet-mail build/martlet-mail

.build/static/libstdc++.a:
	mkdir -p $(@D) && ln -sf $$(gcc -print-file-name=libstdc++.a) $@

small: ## build the small static daemon (Embedded Swift): build/small/martletd
	EMBEDDED=1 SWIFT_EMBEDDED_LIBDIR=$(EMBEDDED_LIBDIR) $(LIMIT) swift build -c release --product martletd \
	  --scratch-path .build-small --disable-local-rpath $(CHECKS) -Xswiftc -Osize -Xlinker -s
	EMBEDDED=1 SWIFT_EMBEDDED_LIBDIR=$(EMBEDDED_LIBDIR) $(LIMIT) swift build -c release --product martlet-mail \
	  --scratch-path .build-small --disable-local-rpath $(CHECKS) -Xswiftc -Osize -Xlinker -s
	install -D .build-small/release/martletd build/small/martletd
	install -D .build-small/release/martlet-mail build/small/martlet-mail
	@if grep -qa 'cannot print value' build/small/martletd; then \
	  echo 'the small build interpolates something that it cannot print' >&2; exit 1; fi

test: ## run the unit tests (as root: some make namespaces)
	$(LIMIT) swift test $(CHECKS)

blackbox: ## run the daemons in namespaces, both builds (as root)
	python3 Tests/blackbox/run.py --daemon build/martletd
	python3 Tests/blackbox/run.py --daemon build/small/martletd

packaging: ## test the service files
	Tests/packaging/systemd
	Tests/packaging/openrc build/martletd
	mandoc -T lint -W warning docs/*.[578]

fuzz: ## let libFuzzer loose on packets, configurations and requests, a minute each (FUZZ_SECONDS=60)
	for name in packet config request; do \
	  FUZZ=1 $(LIMIT) swift build --product fuzz-$$name --scratch-path .build-fuzz -Xswiftc -use-ld=lld -Xswiftc -O || exit 1; \
	  mkdir -p .build-fuzz/found/$$name && (cd .build-fuzz/found/$$name && SWIFT_BACKTRACE=enable=no \
	    ../../debug/fuzz-$$name -max_total_time=$(or $(FUZZ_SECONDS),60) -max_len=$$([ $$name = packet ] && echo 1500 || echo 4096) \
	    . ../../../Tests/Fuzz/corpus/$$name) || exit 1; \
	done

lint: ## check the format
	swift format lint --strict -r Sources Tests Package.swift

fmt: ## put the sources into format
	swift format -i -r Sources Tests Package.swift

check: deps deps-test ## run every test, as CI does
	$(MAKE) --no-print-directory lint build small test packaging blackbox
	@echo "make check: all passed"

demo: $(if $(WITH),deps-test,deps) $(if $(SMALL),small,build) ## two routers and a client: kill the master, see who takes over (WITH=nginx: two web servers)
	python3 Tests/blackbox/demo.py --daemon $(DAEMON) $(if $(WITH),--with $(WITH))

bench: deps-test build small ## print figures beside keepalived's
	python3 Tests/bench/run.py

interop: deps-test build small ## share an address with FRR's vrrpd, both builds (installs the Debian package frr)
	@dpkg -s frr >/dev/null 2>&1 || Tests/packaging/install-quietly frr
	MARTLET_SUITE=interop python3 Tests/blackbox/run.py --daemon build/martletd -j 4
	MARTLET_SUITE=interop python3 Tests/blackbox/run.py --daemon build/small/martletd -j 4

vm: deps-test small ## run cases that need another kernel in an emulated machine (ONLY=GLOB; 5 minutes)
	@for package in $(VM_PACKAGES); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then Tests/packaging/install-quietly $$missing; fi
	python3 Tests/vm/run.py --daemon build/small/martletd $(if $(ONLY),--only '$(ONLY)')

conformance: build small ## run the conformance suite that lies beside the project
	python3 $(SHARED)/conformance/vrrptest.py --daemon martletd=$(CURDIR)/build/martletd --set dev --work $$(mktemp -d)
	python3 $(SHARED)/conformance/vrrptest.py --daemon martletd=$(CURDIR)/build/small/martletd --set dev --work $$(mktemp -d)

corpus: build ## compare with keepalived on the configurations that lie beside the project
	python3 Tests/corpus/agreement.py $(SHARED)/corpus build/martletd

install: ## install to DESTDIR and PREFIX (SMALL=1: the small build)
	install -D $(DAEMON) $(DESTDIR)$(PREFIX)/sbin/martletd
	install -D $(dir $(DAEMON))martlet-mail $(DESTDIR)$(PREFIX)/libexec/martlet/martlet-mail
	ln -sf martletd $(DESTDIR)$(PREFIX)/sbin/martletctl
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 docs/martletd.8 docs/martletctl.8
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man5 docs/martlet.conf.5
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man7 docs/martlet-findings.7
	install -D -m 644 etc/systemd/martlet.service $(DESTDIR)$(PREFIX)/lib/systemd/system/martlet.service
	install -D -m 644 etc/systemd/martlet.service.d/hardened.conf $(DESTDIR)$(PREFIX)/share/doc/martlet/hardened.conf
	install -D -m 644 etc/sysusers.d/martlet.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/martlet.conf
	install -D etc/openrc/martlet $(DESTDIR)/etc/init.d/martlet
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/martlet README.md CHANGELOG.md LICENSE etc/samples/*.conf

uninstall: ## remove what install put there
	rm -rf $(DESTDIR)$(PREFIX)/libexec/martlet
	rm -f $(DESTDIR)$(PREFIX)/sbin/martletd $(DESTDIR)$(PREFIX)/sbin/martletctl
	rm -f $(DESTDIR)$(PREFIX)/share/man/man8/martletd.8 $(DESTDIR)$(PREFIX)/share/man/man8/martletctl.8
	rm -f $(DESTDIR)$(PREFIX)/share/man/man5/martlet.conf.5
	rm -f $(DESTDIR)$(PREFIX)/share/man/man7/martlet-findings.7
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/martlet.service $(DESTDIR)$(PREFIX)/lib/sysusers.d/martlet.conf
	rm -f $(DESTDIR)/etc/init.d/martlet
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/martlet

clean: ## remove what was built
	rm -rf build .build .build-small .build-fuzz
