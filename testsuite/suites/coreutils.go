package suites

import (
	"os"
	"path"
	"path/filepath"
	"strings"
)

// coreutilsTests maps each command to its tests in coreutils. A test of several commands
// belongs to none, unless one is the main one.
var coreutilsTests = map[string][]string{
	"basename":  {"misc/basename.pl"},
	"cat":       {"misc/cat-*"},
	"chgrp":     {"chgrp/*"},
	"chmod":     {"chmod/*"},
	"chown":     {"chown/*"},
	"chroot":    {"misc/chroot-*"},
	"cksum":     {"misc/cksum*"},
	"comm":      {"misc/comm.pl"},
	"cp":        {"cp/*"},
	"cut":       {"misc/cut*"},
	"date":      {"misc/date*"},
	"dd":        {"dd/*"},
	"df":        {"df/*"},
	"dirname":   {"misc/dirname.pl"},
	"du":        {"du/*"},
	"env":       {"misc/env*"},
	"expr":      {"misc/expr*"},
	"false":     {"misc/false-status.sh"},
	"fold":      {"misc/fold.pl"},
	"head":      {"misc/head*"},
	"id":        {"id/*"},
	"install":   {"install/*"},
	"join":      {"misc/join.pl"},
	"kill":      {"misc/kill.sh"},
	"ln":        {"ln/*"},
	"ls":        {"ls/*", "misc/ls-*"},
	"md5sum":    {"misc/md5sum*"},
	"mkdir":     {"mkdir/*"},
	"mknod":     {"misc/mknod.sh"},
	"mktemp":    {"misc/mktemp.pl"},
	"mv":        {"mv/*"},
	"nice":      {"misc/nice*"},
	"nl":        {"misc/nl.sh"},
	"nohup":     {"misc/nohup.sh"},
	"nproc":     {"misc/nproc-*"},
	"od":        {"misc/od*"},
	"paste":     {"misc/paste.pl"},
	"readlink":  {"readlink/*", "misc/readlink*"},
	"realpath":  {"misc/realpath.sh"},
	"rm":        {"rm/*"},
	"rmdir":     {"rmdir/*"},
	"seq":       {"misc/seq*"},
	"sha256sum": {"misc/sha256sum.pl"},
	"sleep":     {"misc/sleep.sh"},
	"sort":      {"misc/sort*"},
	"split":     {"split/*"},
	"stat":      {"misc/stat-*"},
	"sync":      {"misc/sync.sh"},
	"tac":       {"misc/tac*"},
	"tail":      {"tail-2/*", "misc/tail.pl"},
	"tee":       {"misc/tee.sh"},
	"timeout":   {"misc/timeout*"},
	"touch":     {"touch/*"},
	"tr":        {"misc/tr.pl", "misc/tr-*"},
	"truncate":  {"misc/truncate-*"},
	"tty":       {"misc/tty.sh"},
	"uniq":      {"misc/uniq*"},
	"wc":        {"misc/wc*"},
	"yes":       {"misc/yes.sh"},
}

func coreutilsSuite(s *Side) (tests []Test, err error) {
	g := gnuSuite{copies: []string{"tests", "init.cfg", "README", "AUTHORS"}, tests: "tests",
		tools: "src"}
	makefile, err := os.ReadFile(filepath.Join(s.Source, "tests/local.mk"))
	if err != nil {
		return nil, err
	}
	names, err := listed(filepath.Join(s.Source, "tests/local.mk"), "tests/")
	_, root, _ := strings.Cut(string(makefile), "all_root_tests =")
	root, _, _ = strings.Cut(root, "\n\n")
	for _, name := range names {
		command := owner(name)
		if command == "" || !Native(command) {
			continue
		}
		asRoot := strings.Contains(root, "tests/"+name)
		t, err := g.test(s, name, command, asRoot, command)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, "pl") {
			t.Argv[2] = "-I" + filepath.Join(s.Dir, "source/tests")
		}
		tests = append(tests, t)
	}
	return tests, err
}

// owner returns the command that a test is about, or "".
func owner(test string) string {
	for command, patterns := range coreutilsTests {
		for _, p := range patterns {
			if ok, _ := path.Match(p, test); ok {
				return command
			}
		}
	}
	return ""
}
