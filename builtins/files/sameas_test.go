package files_test

import (
	"fmt"
	"strings"
	"testing"

	"overlayboot/compat/judge"
)

const sameSetup = `umask 022; echo XYZ >foo; ln -s foo symlink; ln foo hardlink; ln -s foo sl1;
	ln -s foo sl2; ln sl2 hlsl; ln -s symlink far; mkdir dir; ln -s ../foo dir/up; echo new >other;
	touch -d @1000 foo other`

// TestSameFile copies, moves and links files onto names that lead to the same file.
func TestSameFile(t *testing.T) {
	var rows []judge.Row
	for _, pair := range []string{"foo symlink", "symlink foo", "foo foo", "foo ./foo", "sl1 sl2",
		"foo hardlink", "hlsl sl2", "sl2 hlsl", "far foo", "dir/up foo", "symlink hardlink",
		"foo dir/up", "far symlink", "dir dir", "other foo"} {
		for _, options := range []string{"", "-d", "-f", "-df", "--rem", "-l", "-dl", "-fl", "-dfl", "-s",
			"-sf", "-u", "-n", "-v", "-v --remove-destination"} {
			rows = append(rows, judge.Row{Setup: sameSetup, Argv: "cp " + options + " " + pair})
		}
		for _, command := range []string{"mv", "mv -f", "mv -v", "ln -f", "ln -sf", "ln -sfn"} {
			rows = append(rows, judge.Row{Setup: sameSetup, Argv: command + " " + pair})
		}
	}
	ours.Rows(t, rows)
}

// TestJustCreated gives several operands with the same destination.
func TestJustCreated(t *testing.T) {
	const setup = `umask 022; mkdir a b c; echo 1 >a/1; echo 2 >b/1; ln -s ../t a/l; echo l >b/l;
		mkdir a/d b/d; echo 3 >a/d/x; echo 4 >b/d/y; ln a/1 a/2`
	var rows []judge.Row
	for _, args := range []string{"a/1 b/1 c", "a/1 a/1 c", "-r a/d b/d c", "-r a/d a/d c",
		"-dR a/l b/l c",
		"-l a/1 b/1 c", "-n a/1 b/1 c", "-u a/1 b/1 c", "-a a/1 a/2 c", "-r a b c"} {
		rows = append(rows, judge.Row{Setup: setup, Argv: "cp " + args},
			judge.Row{Setup: setup + "; echo t >t", Argv: "cp " + args})
	}
	for _, args := range []string{"a/1 b/1 c", "a/1 a/1 c", "a/l b/l c", "-n a/1 b/1 c",
		"-f a/1 b/1 c",
		"a/1 a/2 c"} {
		rows = append(rows, judge.Row{Setup: setup, Argv: "mv " + args})
	}
	ours.Rows(t, rows)
}

// TestCopyAttributes covers modes, holes and times.
func TestCopyAttributes(t *testing.T) {
	const setup = `umask 022; echo b >b; chmod 4751 b; mkdir d; chmod 3705 d; mkfifo p; chmod 600 p;
		truncate -s 100000 holes; echo x >>holes; touch -d @1000 b d; echo n >n; chmod 600 n;
		ln -s loop loop; ln -s no dang; mkdir d/s; echo q >d/s/q`
	var rows []judge.Row
	for _, args := range []string{"--no-preserve=mode b x", "--no-preserve=mode -r d x",
		"-a --no-preserve=mode p x", "-a --no-preserve=mode b x", "--no-preserve=all b n",
		"--preserve=all --no-preserve=timestamps b x", "--preserve=ownership b x", "-u b n",
		"-u n b", "-p --no-preserve=mode,ownership b x", "--sparse=always holes x",
		"--sparse=never holes x", "--sparse=auto holes x", "holes x", "--reflink=never b x",
		"--reflink=auto b n", "-f b loop", "b loop", "b dang", "--remove-destination b dang",
		"--strip-trailing-slashes b/ x", "-x -r d x", "-rl d x", "-rs d x", "-s d/s/q x",
		"-s d/s/q d/x", "-l b d", "-ls b x", "--update b d",
		"-rv d x", "-rvl d x", "-al d x", "--parents d/s/q x"} {
		rows = append(rows, judge.Row{Setup: setup, Argv: "cp " + args,
			Lacks: strings.Contains(args, "--parents")})
	}
	ours.Rows(t, rows)
}

const setupSlashes = "mkdir -p a/b d/e; touch a/x; ln -s a l; ln -s no dl; touch f; ln -s f fl"

// setupOf returns the setup for a row of TestSlashes. A copy of a directory into itself ends
// where it meets the copy, and the numbers of the inodes decide what comes before it. Such a
// row has directories with one entry at most.
func setupOf(command, name string) string {
	switch {
	case command != "cp -r a":
	case name == "a", name == "l":
		return "mkdir a; ln -s a l"
	case name == "l/b":
		return "mkdir -p a/b; ln -s a l"
	}
	return setupSlashes
}

// TestSlashes covers names with trailing slashes.
func TestSlashes(t *testing.T) {
	var rows []judge.Row
	for _, slashes := range []string{"", "/", "//", "///"} {
		for _, name := range []string{"a", "l", "dl", "f", "fl", "l/b", "d", "no"} {
			for _, command := range []string{"rm -rv", "rm -v", "rmdir -v", "rmdir -pv", "cp -r a",
				"mv -v", "ln -s x", "mkdir", "touch"} {
				argv := command + " " + name + slashes
				if strings.HasPrefix(argv, "mv") {
					argv += " n"
				}
				rows = append(rows, judge.Row{Setup: setupOf(command, name), Argv: argv})
			}
		}
	}
	ours.Rows(t, append(rows, judge.Row{Setup: setupSlashes, Argv: "rmdir -p l/b"},
		judge.Row{Setup: setupSlashes, Argv: fmt.Sprintf("rm -rv %s//", "d")}))
}
