# martlet: see `make help`.
SHELL = /bin/bash
EMBEDDED_LIBDIR = $$(dirname $$(dirname $$(readlink -f $$(command -v swiftc))))/lib/swift/embedded/x86_64-unknown-linux-gnu
CHECKS = --explicit-target-dependency-import-check error
LIMIT = timeout 600

.PHONY: build small test

build: .build/static/libstdc++.a ## build the standard daemon: build/martletd
	$(LIMIT) swift build -c release --product martletd --static-swift-stdlib --disable-local-rpath $(CHECKS) \
	  -Xlinker -s -Xlinker -L$(CURDIR)/.build/static -Xswiftc -Xclang-linker -Xswiftc -static-libgcc
	install -D .build/release/martletd build/martletd

.build/static/libstdc++.a:
	mkdir -p $(@D) && ln -sf $$(gcc -print-file-name=libstdc++.a) $@

small: ## build the small static daemon (Embedded Swift): build/small/martletd
	EMBEDDED=1 SWIFT_EMBEDDED_LIBDIR=$(EMBEDDED_LIBDIR) $(LIMIT) swift build -c release --product martletd \
	  --scratch-path .build-small --disable-local-rpath $(CHECKS) -Xswiftc -Osize -Xlinker -s -Xswiftc -Xclang-linker -Xswiftc -static
	install -D .build-small/release/martletd build/small/martletd

test: ## run the unit tests
	$(LIMIT) swift test $(CHECKS)
