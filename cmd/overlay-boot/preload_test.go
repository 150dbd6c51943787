package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// preloadRows are scripts that use LIB, a library that makes a program believe that it runs
// as user 4242 and that each file is a device of that user. SHELL is the shell that runs
// them.
var preloadRows = []string{
	"LD_PRELOAD=LIB id -u; id -u; LD_PRELOAD=LIB id -u; id -u",
	"export LD_PRELOAD=LIB; id -u; unset LD_PRELOAD; id -u; LD_PRELOAD=LIB; id -u; " +
		"export LD_PRELOAD; id -u",
	"export LD_PRELOAD=LIB; LD_PRELOAD= id -u; id -u; env -u LD_PRELOAD id -u; " +
		"env -i /usr/bin/id -u; " +
		"LD_PRELOAD=' ' id -u",
	"env LD_PRELOAD=LIB id -u; env LD_PRELOAD=LIB env -u LD_PRELOAD id -u; " +
		"env LD_PRELOAD=LIB sh -c 'id -u'",
	"f() { id -u; }; LD_PRELOAD=LIB f; f; hash -r; LD_PRELOAD=LIB f; hash",
	"LD_PRELOAD=LIB id -u | cat; x=$(LD_PRELOAD=LIB id -u); echo $x; (LD_PRELOAD=LIB; " +
		"export LD_PRELOAD; id -u); id -u",
	"LD_PRELOAD=LIB id -u & wait; { export LD_PRELOAD=LIB; id -u; } & wait; id -u",
	"export LD_PRELOAD=LIB; for c in 'setsid -w' nohup 'env A=b' 'flock f' 'chroot /'; " +
		"do $c id -u; done 2>/dev/null",
	"for c in 'setsid -w' nohup 'env A=b' 'flock f' 'unshare -m' 'unshare -f'; " +
		"do LD_PRELOAD=LIB $c id -u; " +
		"$c env LD_PRELOAD=LIB id -u; done 2>/dev/null",
	"LD_PRELOAD=LIB command id -u; command -p env LD_PRELOAD=LIB id -u; LD_PRELOAD=LIB exec id -u",
	"export LD_PRELOAD=LIB; sh -c 'id -u; unset LD_PRELOAD; id -u'; printf '#!/bin/sh\n" +
		"id -u\n' >s; chmod 755 s; ./s",
	"LD_PRELOAD=LIB /usr/bin/id -u; LD_PRELOAD=LIB /bin/id -u; LD_AUDIT=/nosuch id -u",
	"export LD_PRELOAD=LIB; stat -c %u /; : >f; [ -c f ]; echo $?; [ -f f ]; echo $?; " +
		"[ -O f ]; echo $?; test -b f -o -c f",
	"export LD_PRELOAD=LIB; : >f; [ -c f ] && echo a; [ f = f ] && echo b; if ! [ -f f ]; " +
		"then echo c; fi; [ -c f ] | cat; " +
		"x=$([ -c f ] && echo d); echo $x; (cd /; [ -c etc/passwd ]; echo $?); test ! -c f; echo $?",
	"export LD_PRELOAD=LIB; : >f; [ -c f -a ]; echo $?; [ -c ]; echo $?; [ -c f; echo $?; " +
		"[ -q f ]; echo $?; [ 1 -eq x ]; echo $?",
	"export LD_PRELOAD=LIB; : >f; while [ -c f ]; do rm f; done; [ -e f ]; echo $?; " +
		"[ -f /etc/passwd ] || exit 4",
	"export LD_PRELOAD=LIB; awk 'BEGIN { system(\"id -u\") }'; unset LD_PRELOAD; " +
		"awk 'BEGIN { system(\"LD_PRELOAD=LIB id -u\") }'",
	"PATH=/nosuch; LD_PRELOAD=LIB id -u; echo $?; /usr/bin/env LD_PRELOAD=LIB id -u",
	"export LD_PRELOAD=LIB; trap 'id -u' EXIT; [ -c /etc/passwd ]",
	"set -e; export LD_PRELOAD=LIB; [ -c /etc/passwd ]; echo here; [ -f /etc/passwd ]; echo not",
}

// preloadedRows are scripts of a shell that itself started with the library.
var preloadedRows = []string{
	"stat -c %u /; : >f; [ -c f ]; echo $?; [ -f f ]; echo $?; [ -O f ]; echo $?; test -b f -o -c f",
	": >f; [ -c f ] && echo a; [ f = f ] && echo b; if ! [ -f f ]; then echo c; fi; [ -c f ] | cat; " +
		"x=$([ -c f ] && echo d); echo $x; (cd /; [ -c etc/passwd ]; echo $?); test ! -c f; echo $?",
	": >f; [ -c f -a ]; echo $?; [ -c ]; echo $?; [ -c f; echo $?; [ -q f ]; echo $?; " +
		"[ 1 -eq x ]; echo $?",
	": >f; while [ -c f ]; do rm f; done; [ -e f ]; echo $?; [ -f /etc/passwd ] || exit 4",
	"trap 'id -u' EXIT; [ -c /etc/passwd ]",
	"set -e; [ -c /etc/passwd ]; echo here; [ -f /etc/passwd ]; echo not",
	"unset LD_PRELOAD; [ -c /etc/passwd ]; echo $?; id -u; sh -c '[ -c /etc/passwd ]; echo $?'",
	"x=a; [ -c \"$x\" ]; echo $?; [ -L /bin ]; echo $?; [ / -ef /. ]; echo $?; " +
		"[ /etc/passwd -nt / ]; echo $?",
	": >f; [ -c f ] & wait $!; echo $?; { [ -c f ]; echo $?; } & wait; " +
		"f() { [ -c f ] && return 5; }; f; echo $?",
	"printf '#!/bin/sh\n[ -c /etc/passwd ]; echo $?\n' >s; chmod 755 s; ./s; . ./s; " +
		"eval '[ -c s ]'; echo $?",
	"command test -c /etc/passwd; echo $?; command [ -f /etc/passwd ]; echo $?; exec 5<s; " +
		"[ -c /etc/passwd ] <&-; echo $?",
}

const preloadLibrary = `
#include <sys/stat.h>
#include <sys/types.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <linux/stat.h>
uid_t getuid(void) { return 4242; }
uid_t geteuid(void) { return 4242; }
static int change(int status, struct stat *st)
{
	st->st_uid = 4242;
	if (S_ISREG(st->st_mode)) st->st_mode = S_IFCHR | (st->st_mode & 07777);
	return status;
}
int stat(const char *name, struct stat *st)
{ return change(syscall(SYS_newfstatat, AT_FDCWD, name, st, 0), st); }
int lstat(const char *name, struct stat *st)
{ return change(syscall(SYS_newfstatat, AT_FDCWD, name, st, AT_SYMLINK_NOFOLLOW), st); }
int fstatat(int dir, const char *name, struct stat *st, int flags)
{ return change(syscall(SYS_newfstatat, dir, name, st, flags), st); }
`

// TestPreload checks that LD_PRELOAD applies to a program that a native stands in for, and
// to test. The LD_PRELOAD of each single command decides.
func TestPreload(t *testing.T) {
	kit.Tool(t, "gcc")
	sandboxtest.Test(t, 3*time.Minute, func(t *testing.T) {
		ours, dir := programAs(t, "sh"), t.TempDir()
		source, lib := filepath.Join(dir, "l.c"), filepath.Join(dir, "l.so")
		if err := os.WriteFile(source, []byte(preloadLibrary), 0o644); err != nil {
			t.Fatal(err)
		}
		gcc := exec.Command("gcc", "-shared", "-fPIC", "-O", "-o", lib, source)
		if out, err := gcc.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, row := range preloadRows {
			row := strings.ReplaceAll(row, "LIB", lib)
			t.Run(row, func(t *testing.T) {
				t.Parallel()
				judgeRow(t, ours, row)
			})
		}
		for _, row := range preloadedRows {
			t.Run("all: "+row, func(t *testing.T) {
				t.Parallel()
				judgeUnder(t, ours, "env LD_PRELOAD="+lib, row)
			})
		}
	})
}

// fakerootRows run as a whole under fakeroot.
var fakerootRows = []string{
	"id -u; id -g; : >a; chown 3:4 a; stat -c '%u:%g' a; chmod 4755 a; stat -c %a a; " +
		"[ -u a ]; echo $?",
	"mknod b c 1 3; [ -c b ]; echo $?; [ -f b ]; echo $?; stat -c '%F %t %T' b; mknod p p; " +
		"[ -p p ]; echo $?",
	": >a; chown 3:4 a; cp -p a b; stat -c %u:%g b; mv b c; stat -c %u:%g c; ln c d; " +
		"stat -c %u d; rm c; stat -c %u d",
	"mkdir x; : >x/y; chown -R 5:6 x; (cd x; stat -c %u:%g . y); x=$(stat -c %u x); echo $x; " +
		"tar -cf t x; tar -tvf t | cut -c1-21",
	": >a; chown 3:4 a; sh -c 'stat -c %u a'; printf '#!/bin/sh\nstat -c %u a; id -u\n' >s; " +
		"chmod 755 s; ./s; env ./s; ./s | cat",
	": >a; [ -O a ]; echo $?; [ -w a ]; echo $?; chmod 0 a; [ -r a ]; echo $?; [ -x a ]; echo $?",
	"umask 027; mkdir d; : >f; stat -c %a d f; chown 1 f & wait; stat -c %u f",
	"mkdir -p p/DEBIAN p/usr; printf 'Package: x\nVersion: 1\nArchitecture: all\n" +
		"Maintainer: a <a@b>\nDescription: x\n' " +
		">p/DEBIAN/control; : >p/usr/f; chown 7:8 p/usr/f; " +
		"dpkg-deb --build p x.deb >/dev/null; dpkg-deb -c x.deb | cut -c1-22",
}

// TestFakeroot checks that a script under fakeroot does the same as under dash with the
// system's tools.
func TestFakeroot(t *testing.T) {
	kit.Tool(t, "fakeroot")
	sandboxtest.Test(t, 3*time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, row := range fakerootRows {
			t.Run(row, func(t *testing.T) {
				t.Parallel()
				judgeUnder(t, ours, "fakeroot", row)
			})
		}
	})
}

// faketimeRows run with the date set to a day of 2001.
var faketimeRows = []string{
	"date +%Y; date +%Y & wait; date +%Y | cat; x=$(date +%Y); echo $x; (date +%Y); " +
		"f() { date +%Y; }; f; command date +%Y",
	": >f; touch g; stat -c %y g | cut -c1-4; ls -l --time-style=+%Y g | cut -d' ' -f6; " +
		"find . -name g -mmin -5; [ f -nt g ]; echo $?",
	"sh -c 'date +%Y'; env date +%Y; printf '#!/bin/sh\ndate +%%Y\n' >s; chmod 755 s; ./s; " +
		". ./s; eval 'date +%Y'; trap 'date +%Y' EXIT",
	"unset LD_PRELOAD; [ $(date +%Y) -gt 2020 ]; echo $?; sh -c '[ $(date +%Y) -gt 2020 ]'; echo $?",
	"[ $(env -u LD_PRELOAD date +%Y) -gt 2020 ]; echo $?; " +
		"[ $(LD_PRELOAD= date +%Y) -gt 2020 ]; echo $?; date +%Y; exec date +%Y",
	"xargs date +%Y </dev/null; : >f; find f -exec date +%Y \\;; timeout 9 date +%Y; " +
		"nice date +%Y; setsid -w date +%Y; flock f date +%Y",
	"awk 'BEGIN { srand(); srand(); print srand() < 1000000000 }'; date +%Y <<E\nx\nE\n" +
		"while date +%Y; do break; done",
}

// TestFaketime checks that a script under faketime sees the time that programs see.
func TestFaketime(t *testing.T) {
	kit.Tool(t, "faketime")
	sandboxtest.Test(t, 3*time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, row := range faketimeRows {
			t.Run(row, func(t *testing.T) {
				t.Parallel()
				judgeUnder(t, ours, "faketime -f '2001-02-03 04:05:06'", row)
			})
		}
	})
}

// judgeUnder is judgeRow with the shell run by the command before, such as fakeroot.
func judgeUnder(t *testing.T, ours, before, row string) {
	t.Helper()
	run := func(shell string) result {
		return runShell(t, "/usr/bin/dash",
			"exec "+before+" "+shell+" -c \"$(cat <<'ROW'\n"+row+"\nROW\n)\" sh")
	}
	if d := cmp.Diff(run("/usr/bin/dash"), run(ours)); d != "" {
		t.Errorf("(-dash, +ours)\n%s", d)
	}
}
