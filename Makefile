# make build     builds bin/overlay-boot, and links the other names of the program to it
# make install   installs the program; [DESTDIR=] [PREFIX=/usr]
# make deb       builds packages for amd64 and arm64 in dist/; make rpm and make apk likewise
# make test      runs all tests; an ordinary user runs those that need no root
# make compat    compares the original's scripts on the system's shell and on ours, in all
#                scenarios; writes a report to compat.html
# make fuzz      parses and runs random texts and programs, an hour of each;
#                FUZZ_TIME=10m for less time, FUZZ_SEED=N for the same programs again
# make race      runs the shell's tests with the race detector in the shell
# make dozy      runs the shell's tests with a shell that becomes dormant whenever it can
# make matrix    runs the cross-product tests in full: signals, places, locales, and the
#                rows of the natives that need a sandbox; make test runs a share of them
# make faults    makes every single system call of a boot, a stop, a share and an enter
#                fail, and kills its caller, each in a run of its own; takes hours;
#                FAULTS='boot:mount:*:error boot:*:3:kill' for some of them
# make suites    runs the test suites of sed, grep, coreutils, findutils, awk, iproute2 and
#                util-linux, from Debian's source packages, with their tools and with ours;
#                SUITES='Sed|Grep' for some of them
# make realworld installs and uses Debian packages on dash and on ours, and compares
# make bench     measures time and memory of boots and stops against the original, a C
#                program that makes the same system calls, bubblewrap, crun and lxc; of the
#                shell against others; of natives against the system's tools. It writes the
#                results with plots to testsuite/bench/results. BENCH=start, boot, memory,
#                many, shell or tools measures one part, and only prints it
# make natives   writes the man page of the natives' options from their tables (Debian 12)
# make demo      boots a subhost step by step, and takes it down again
# make testdeps  installs what the tests need (Debian, root)
# make original  fetches the original scripts into .original/ (Debian)

SHELL = /bin/sh
PREFIX = /usr
DESTDIR =
GO = go

# The other names of the program: those with a man page of their own.
NAMES = $(filter-out overlay-boot overlay-compat,$(basename $(notdir $(wildcard scripts/man/*.[18]))))
# The scripts are the files whose names have no dot.
SCRIPTS = $(notdir $(shell find scripts -maxdepth 1 -type f ! -name '*.*' | sort))
SHELLCODE = testsuite/*.sh testsuite/packages/*.sh packaging/*.sh packaging/deb/p* packaging/openrc/* packaging/runit/*
SOURCES = builtins cmd compat interp scripts testsuite

# What --version prints, and packages are called by.
VERSION := $(shell sh packaging/version.sh)
BIN = bin

SBIN = $(DESTDIR)$(PREFIX)/sbin
SHARE = $(DESTDIR)$(PREFIX)/share
STATICCHECK = $(GO) tool staticcheck
# The stage check runs go vet once for all.
GOTEST = $(GO) test -vet=off
BENCH_ROUNDS = 20
BENCH =
FUZZ_TIME = 1h
FUZZ_SEED =
FAULTS = all
SUITES =
RACE_RUN =
DOZY_RUN =
# Tests of the program with hundreds of rows, each of which starts shells. Little in them can
# race, and the race detector makes the starts very slow.
ROWS = ^Test(ArchivedLocales|ClosedFiles|DdReports|ExtraUsers|Fakeroot|Faketime|FindsItself|Flock|ForeignLocales|FullDisk|GivenUp|InputClosed|LinkPeerByFamily|LinkedFiles|ListNatives|LocaleOfPrefix|LongLines|NameServices|NamesOfAFile|NoNames|NoReader|NohupTerminal|OutputFull|OutputNobodyReads|Places|PrefixCannotTell|PrefixCommands|Preload|SameNames|StandIn|SwitchRoot|SwitchRootRefused|System|TailFollow|Threadless|TimeoutNice|Untouched)$$

# The stages of make test, in their order. Stages joined by + run at the same time: one of
# each pair mostly waits, and the two share nothing of the machine. The units and the boots
# create loop devices, which all sandboxes share, so they never run at the same time.
STAGES = check build units shells suites race boots+dozy-rows attacks+bench faults compat \
	attackers race-rows fuzz
# The packages with a stage of their own; all others belong to units.
STAGED = /(compat|testsuite($$|/(shell|suites|realworld|packages|fuzz|hostile|faults|bench)))

# The program has an entry point of its own, before that of the Go runtime. It records the
# signal actions with which the process started (builtins/base/signals, entry.go).
TAGS = overlayentry$(if $(filter $(GOARCH),$(ARCHS)),$(COMMA)overlayzstd)
COMMA = ,
GOARCH ?= $(shell $(GO) env GOARCH)
# A program in the program, for overlay-reset; see cmd/overlay-zstd.
ZSTD = $(if $(findstring overlayzstd,$(TAGS)),builtins/layer/zstd_$(GOARCH).gz)
STAMP = -X main.version=$(VERSION)
ENTRY = -tags $(TAGS) -ldflags '-s -w -checklinkname=0 -E overlay_entry $(STAMP)'
# Two builds of one commit are the same: no path, and no state of git, is in the program.
SAME = -trimpath -buildvcs=false
PROGRAM = $(BIN)/overlay-boot

# Packages
DIST = dist
ARCHS = amd64 arm64
MAINTAINER = overlay-boot-go maintainers <overlay-boot-go@packages.invalid>
NFPM = $(GO) run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2

.PHONY: all build program install deb rpm apk $(addprefix stage-,$(ARCHS)) test check compat fuzz race dozy matrix faults suites realworld bench natives demo testdeps original clean
.PHONY: $(addprefix test-,$(subst +, ,$(STAGES)))

all: build

build: program
	CGO_ENABLED=0 $(GO) build $(SAME) -ldflags '-s -w $(STAMP)' -o $(BIN)/overlay-compat \
		./cmd/overlay-compat
	for name in $(NAMES); do ln -sfn overlay-boot $(BIN)/$$name || exit 1; done

# The tests build their program by this rule as well. Two of them may do so at the same time.
builtins/layer/zstd_%.gz: cmd/overlay-zstd/main.go go.mod
	CGO_ENABLED=0 GOARCH=$* $(GO) build $(SAME) -ldflags '-s -w' -o $@.$$$$ ./cmd/overlay-zstd && \
		gzip -9nf $@.$$$$ && mv $@.$$$$.gz $@

program: $(ZSTD)
	CGO_ENABLED=0 $(GO) build $(SAME) $(ENTRY) -o $(PROGRAM) ./cmd/overlay-boot

# The files in /etc belong to the administrator: they are made once and never changed.
install: build
	install -d $(SBIN) $(SHARE)/overlay-boot/scripts $(DESTDIR)/etc/init.d \
		$(DESTDIR)/etc/overlay-boot/scripts
	install -m 755 $(BIN)/overlay-boot $(SBIN)/overlay-boot
	install -m 755 $(BIN)/overlay-compat $(SBIN)/overlay-compat
	for name in $(NAMES); do ln -sfn overlay-boot $(SBIN)/$$name || exit 1; done
	for f in $(SCRIPTS); do \
		mode=755; head -n 1 scripts/$$f | grep -q '^#!' || mode=644; \
		install -m $$mode scripts/$$f $(SHARE)/overlay-boot/scripts/$$f || exit 1; \
	done
	for f in scripts/man/*.[0-9]; do \
		install -D -m 644 $$f $(SHARE)/man/man$${f##*.}/$${f##*/} || exit 1; \
	done
	install -d $(SHARE)/overlay-boot/schema
	install -m 644 scripts/schema/*.json $(SHARE)/overlay-boot/schema
	# Each shell looks for a file with the name of the command.
	for f in bash:bash-completion/completions/overlay-boot zsh:zsh/vendor-completions/_overlay-boot \
		fish:fish/vendor_completions.d/overlay-boot.fish; do \
		install -d $(SHARE)/$$(dirname $${f#*:}) && \
		env -u GOARCH $(GO) run ./cmd/overlay-boot --completion $${f%%:*} >$(SHARE)/$${f#*:} || exit 1; \
	done
	for name in $(filter-out overlay-compat,$(NAMES)); do \
		ln -sfn overlay-boot $(SHARE)/bash-completion/completions/$$name && \
		ln -sfn overlay-boot.fish $(SHARE)/fish/vendor_completions.d/$$name.fish || exit 1; \
	done
	install -D -m 644 "scripts/subhosts@.service" \
		"$(DESTDIR)$(PREFIX)/lib/systemd/system/subhosts@.service"
	sed -i 's,/usr/sbin,$(PREFIX)/sbin,g' \
		"$(DESTDIR)$(PREFIX)/lib/systemd/system/subhosts@.service"
	for f in openrc/subhost runit/run runit/finish; do \
		install -D -m 755 packaging/$$f $(SHARE)/overlay-boot/$$f || exit 1; \
		sed -i 's,/usr/s\(bin\|hare\),$(PREFIX)/s\1,g' $(SHARE)/overlay-boot/$$f || exit 1; \
	done
	[ -e $(DESTDIR)/etc/init.d/subhosts ] || \
		install -m 755 scripts/init.d/subhosts $(DESTDIR)/etc/init.d/subhosts
	[ -e $(DESTDIR)/etc/subhosts.conf ] || \
		install -m 644 scripts/subhosts.conf $(DESTDIR)/etc/subhosts.conf

deb rpm apk: $(addprefix stage-,$(ARCHS))
	rm -f '$(DIST)'/*.$@
	for arch in $(ARCHS); do \
		ARCH=$$arch VERSION="$$(sh packaging/version.sh $(filter apk,$@))" \
			SOURCE_DATE_EPOCH="$$(sh packaging/version.sh epoch)" ROOT='$(DIST)'/$$arch/root \
			MAINTAINER='$(MAINTAINER)' \
			$(NFPM) package -f packaging/nfpm.yaml -p $@ -t '$(DIST)' || exit 1; \
	done

# What a package holds is what "make install" installs.
$(addprefix stage-,$(ARCHS)): stage-%:
	rm -rf '$(DIST)'/$*
	umask 022 && GOARCH=$* $(MAKE) --no-print-directory install PREFIX=/usr \
		BIN='$(DIST)'/$*/bin DESTDIR='$(DIST)'/$*/root
	sh packaging/finish.sh '$(DIST)'/$*/root '$(VERSION)' "$$(sh packaging/version.sh epoch)" \
		'$(MAINTAINER)'

check:
	test -z "$$(gofmt -l .)" || { gofmt -l . ; exit 1; }
	! LC_ALL=C.UTF-8 grep -rnE --include='*.go' '^.{101,}' $(SOURCES)
	$(GO) vet ./...
	$(STATICCHECK) ./...
	for f in $(SHELLCODE); do sh -n $$f || exit 1; done

test:
	[ "$$(id -u)" = 0 ] || echo "not root: what boots or mounts is left out; a list is at the end"
	sh testsuite/stages.sh '$(MAKE) --no-print-directory' $(STAGES)
	[ "$$(id -u)" = 0 ] || $(GO) test -v $$($(GO) list ./... | grep -Ev "/testsuite/(shell|faults)") | \
		sed -n 's/^--- SKIP: \([^ ]*\).*/left out: \1/p'

test-check: check

test-build: build

# Tests of the built program run each time (-count=1): go test does not know the sources of
# that program.
test-units:
	$(GOTEST) -timeout 40m $$($(GO) list ./... | grep -Ev '$(STAGED)')

test-shells:
	$(GOTEST) -timeout 40m -count=1 ./compat/... ./testsuite/shell

test-suites:
	$(GOTEST) -timeout 40m -count=1 ./testsuite/suites ./testsuite/realworld \
		./testsuite/packages ./testsuite/fuzz/tools

# Only the race detector needs a C compiler.
test-race:
	CGO_ENABLED=1 GORACE=atexit_sleep_ms=0 $(GOTEST) -timeout 40m -race -skip '$(ROWS)' \
		./interp/... ./cmd/... ./builtins/...

test-boots:
	$(GOTEST) -timeout 30m -count=1 ./testsuite

test-attacks:
	$(GOTEST) -timeout 30m -count=1 ./testsuite/hostile

test-faults:
	$(GOTEST) -timeout 20m -count=1 ./testsuite/faults

test-bench:
	$(GOTEST) -timeout 20m -count=1 ./testsuite/bench

test-compat:
	sh testsuite/compat.sh --share

test-attackers:
	sh testsuite/hostile.sh

test-dozy-rows:
	$(MAKE) dozy DOZY_RUN="-run 'Wait|Trap|Function|Errexit|Lists|Background'"

test-race-rows:
	$(MAKE) race RACE_RUN="-run 'Wait|Pipeline|Trap|Hidden|Process'"

test-fuzz:
	$(MAKE) fuzz FUZZ_TIME=20s FUZZ_SEED=2000

compat: build
	sh testsuite/compat.sh --html compat.html

# The last three commands compare with dash and with the tools of this system.
fuzz:
	$(GO) test -run '^FuzzParse$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZ_TIME) -fuzzminimizetime 2s ./interp/parse
	$(GO) test -run '^FuzzRun$$' -fuzz '^FuzzRun$$' -fuzztime $(FUZZ_TIME) -fuzzminimizetime 2s ./interp
	$(GO) test -count=1 -timeout 0 ./testsuite/fuzz
	OVERLAY_FUZZ=$(FUZZ_TIME) OVERLAY_SEED=$(FUZZ_SEED) $(GO) test -count=1 -timeout 0 ./testsuite/fuzz
	OVERLAY_FUZZ=$(FUZZ_TIME) OVERLAY_SEED=$(FUZZ_SEED) $(GO) test -count=1 -timeout 0 ./testsuite/fuzz/tools

race:
	CGO_ENABLED=1 $(GO) build -race -o bin/race/overlay-boot ./cmd/overlay-boot
	GORACE=atexit_sleep_ms=0 OVERLAY_SHELL=$(CURDIR)/bin/race/overlay-boot \
		$(GO) test -timeout 120m -count=1 $(RACE_RUN) ./testsuite/shell

dozy:
	$(MAKE) program PROGRAM=bin/dozy/overlay-boot TAGS=overlayentry,dozy
	OVERLAY_SHELL=$(CURDIR)/bin/dozy/overlay-boot \
		$(GO) test -timeout 60m -count=1 $(DOZY_RUN) ./testsuite/shell

matrix: build
	OVERLAY_MATRIX=all $(GO) test -timeout 0 -count=1 -run 'Signal|ConditionsLeft|ParentNested' ./testsuite/shell
	OVERLAY_MATRIX=all $(GO) test -timeout 0 -count=1 ./builtins/... ./cmd/overlay-boot

faults: build
	OVERLAY_FAULTS='$(FAULTS)' $(GO) test -timeout 0 -v -count=1 -run '^TestFaults$$' ./testsuite/faults

suites: build
	OVERLAY_SUITES=all $(GO) test -timeout 0 -v -count=1 \
		-run '^Test($(if $(SUITES),$(SUITES),.*))$$' ./testsuite/suites

realworld: build
	OVERLAY_REALWORLD=all $(GO) test -timeout 0 -v -count=1 ./testsuite/realworld

bench: build
	$(GO) run ./testsuite/bench -rounds $(BENCH_ROUNDS) \
		$(if $(BENCH),$(BENCH),-out testsuite/bench/results)

natives:
	$(GO) run ./testsuite/natives >scripts/man/overlay-natives.7.new
	mv scripts/man/overlay-natives.7.new scripts/man/overlay-natives.7

demo: build
	sh testsuite/demo.sh

testdeps:
	sh testsuite/testdeps.sh

original:
	sh testsuite/original.sh

clean:
	rm -rf bin builtins/layer/zstd_*.gz* $(DIST) .original .cache compat.html
