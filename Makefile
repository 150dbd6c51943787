# make build     bin/overlay-boot, and the names it is called by
# make install   [DESTDIR=] [PREFIX=/usr]
# make test      everything; as a normal user, what needs no root
# make compat    the original's scripts on the system's shell and on ours, in all
#                scenarios; a report in compat.html
# make fuzz      parses and runs texts and programs made by chance, an hour of each;
#                FUZZ_TIME=10m for less, FUZZ_SEED=N for the same programs again
# make race      the shell's tests with the race detector in the shell
# make dozy      the shell's tests with a shell that is dormant whenever it can be
# make matrix    the tests that are cross products, whole: signals, places, locales, and the
#                rows of the natives that need a sandbox; make test judges a share of them
# make faults    makes every single system call of a boot, a stop, a share and an enter
#                fail, and kills whoever makes it, each in a run of its own: for hours;
#                FAULTS='boot:mount:*:error boot:*:3:kill' for some of them
# make suites    the test suites of sed, grep, coreutils, awk, iproute2 and util-linux, from
#                Debian's source packages, on their tools and on ours in their place;
#                SUITES='Sed|Grep' for some of them
# make realworld installs and uses Debian packages on dash and on ours, and compares
# make bench     times and memory of boots and stops against the original, a C program that
#                makes the same system calls, bubblewrap, crun and lxc; of the shell against
#                others; of natives against the system's tools; written with two plots to
#                testsuite/bench/results. BENCH=start, boot, memory, many, shell or tools for
#                one part, which is printed only
# make natives   writes the man page of the natives' options from their tables (Debian 12)
# make demo      boots a subhost before your eyes, and takes it down again
# make testdeps  installs what the tests need (Debian, root)
# make original  fetches the original scripts into .original/ (Debian)

SHELL = /bin/sh
PREFIX = /usr
DESTDIR =
GO = go

NAMES = overlay-stop overlay-go overlay-share overlay-diskfile overlay-sh
SCRIPTS = functions overlay-boot overlay-diskfile overlay-go overlay-init \
	overlay-postmount overlay-premount overlay-share overlay-stop
SHELLCODE = testsuite/*.sh

SBIN = $(DESTDIR)$(PREFIX)/sbin
SHARE = $(DESTDIR)$(PREFIX)/share
STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
BENCH_ROUNDS = 20
BENCH =
FUZZ_TIME = 1h
FUZZ_SEED =
FAULTS = all
SUITES =
RACE_RUN =
DOZY_RUN =
# Tests of the program with hundreds of rows, each of which starts shells: there is little to
# race with, and the race detector makes their starts very slow.
ROWS = ^Test(ArchivedLocales|ClosedFiles|DdReports|ExtraUsers|Fakeroot|Faketime|FindsItself|Flock|ForeignLocales|FullDisk|GivenUp|InputClosed|LinkPeerByFamily|LinkedFiles|ListNatives|LocaleOfPrefix|LongLines|NameServices|NamesOfAFile|NoNames|NoReader|NohupTerminal|OutputFull|OutputNobodyReads|Places|PrefixCannotTell|PrefixCommands|Preload|SameNames|StandIn|SwitchRoot|SwitchRootRefused|System|TailFollow|Threadless|TimeoutNice|Untouched)$$

# The program begins at an entry of its own, before that of the Go runtime, which
# sees what signals it was started with (interp/signals, entry.go).
TAGS = overlayentry
ENTRY = -tags $(TAGS) -ldflags '-s -w -checklinkname=0 -E overlay_entry'
PROGRAM = bin/overlay-boot

.PHONY: all build program install test check compat fuzz race dozy matrix faults suites realworld bench natives demo testdeps original clean

all: build

build: program
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/overlay-compat ./cmd/overlay-compat
	for name in $(NAMES); do ln -sfn overlay-boot bin/$$name || exit 1; done

# What the tests run is made here, too.
program:
	CGO_ENABLED=0 $(GO) build -trimpath $(ENTRY) -o $(PROGRAM) ./cmd/overlay-boot

# What is in /etc belongs to the administrator: it is made once, never changed.
install: build
	install -d $(SBIN) $(SHARE)/overlay-boot/scripts $(DESTDIR)/etc/init.d \
		$(DESTDIR)/etc/overlay-boot/scripts
	install -m 755 bin/overlay-boot $(SBIN)/overlay-boot
	install -m 755 bin/overlay-compat $(SBIN)/overlay-compat
	for name in $(NAMES); do ln -sfn overlay-boot $(SBIN)/$$name || exit 1; done
	for f in $(SCRIPTS); do \
		mode=755; [ $$f != functions ] || mode=644; \
		install -m $$mode scripts/$$f $(SHARE)/overlay-boot/scripts/$$f || exit 1; \
	done
	for f in scripts/man/*.[0-9]; do \
		install -D -m 644 $$f $(SHARE)/man/man$${f##*.}/$${f##*/} || exit 1; \
	done
	install -D -m 644 "scripts/subhosts@.service" \
		"$(DESTDIR)$(PREFIX)/lib/systemd/system/subhosts@.service"
	sed -i 's,/usr/sbin,$(PREFIX)/sbin,' \
		"$(DESTDIR)$(PREFIX)/lib/systemd/system/subhosts@.service"
	[ -e $(DESTDIR)/etc/init.d/subhosts ] || \
		install -m 755 scripts/init.d/subhosts $(DESTDIR)/etc/init.d/subhosts
	[ -e $(DESTDIR)/etc/subhosts.conf ] || \
		install -m 644 scripts/subhosts.conf $(DESTDIR)/etc/subhosts.conf

check:
	test -z "$$(gofmt -l .)" || { gofmt -l . ; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...
	for f in $(SHELLCODE); do sh -n $$f || exit 1; done

# The boot tests come last and in a line of their own: they take the longest.
# The race detector is the one thing here that needs a C compiler. What runs the
# built program is run each time: go test does not know what that is made of.
test: check build
	[ "$$(id -u)" = 0 ] || echo "not root: what boots or mounts is left out; a list is at the end"
	$(GO) test -timeout 40m $$($(GO) list ./... | grep -Ev "/(testsuite|compat)")
	$(GO) test -timeout 40m -count=1 ./compat/... ./testsuite/shell
	$(GO) test -timeout 40m -count=1 ./testsuite/suites ./testsuite/realworld ./testsuite/fuzz/tools
	CGO_ENABLED=1 GORACE=atexit_sleep_ms=0 $(GO) test -timeout 40m -race -skip '$(ROWS)' \
		./interp/... ./cmd/... ./builtins/...
	$(GO) test -timeout 30m -count=1 ./testsuite
	$(GO) test -timeout 30m -count=1 ./testsuite/hostile
	$(GO) test -timeout 20m -count=1 ./testsuite/faults
	$(GO) test -timeout 10m -count=1 ./testsuite/bench
	sh testsuite/compat.sh --share
	sh testsuite/hostile.sh
	$(MAKE) dozy DOZY_RUN="-run 'Wait|Trap|Function|Errexit|Lists|Background'"
	$(MAKE) race RACE_RUN="-run 'Wait|Pipeline|Trap|Hidden|Process'"
	$(MAKE) fuzz FUZZ_TIME=20s FUZZ_SEED=2000
	[ "$$(id -u)" = 0 ] || $(GO) test -v $$($(GO) list ./... | grep -Ev "/testsuite/(shell|faults)") | \
		sed -n 's/^--- SKIP: \([^ ]*\).*/left out: \1/p'

compat: build
	sh testsuite/compat.sh --html compat.html

# The last three compare, with dash and with the tools of this system.
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
	OVERLAY_MATRIX=all $(GO) test -timeout 0 -count=1 -run 'Signal' ./testsuite/shell
	OVERLAY_MATRIX=all $(GO) test -timeout 0 -count=1 ./builtins ./cmd/overlay-boot

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
	rm -rf bin .original .cache compat.html
