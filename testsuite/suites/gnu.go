package suites

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// A gnuSuite describes the harness that sed, grep and coreutils share: scripts of sh or
// perl that run in the build folder and put the folder with the built tools first in PATH.
type gnuSuite struct {
	copies []string // files of the sources that the tests read
	tests  string   // folder of the tests
	tools  string   // folder of the tools, relative to the build folder
	dir    string   // where the tests run, relative to the build folder
}

// source copies the files that the tests need to a folder that everybody may read.
func (g gnuSuite) source(s *Side) (string, error) {
	dir := filepath.Join(s.Dir, "source")
	if isDir(dir) {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, name := range g.copies {
		out, err := exec.Command("cp", "-a", filepath.Join(s.Source, name), dir).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("%s: %s", name, out)
		}
	}
	return dir, nil
}

// test returns the test of a script, with a folder of its own for the named tools.
func (g gnuSuite) test(s *Side, script, command string, root bool, tools ...string) (Test, error) {
	source, err := g.source(s)
	if err != nil {
		return Test{}, err
	}
	build := filepath.Join("build", command)
	bin, err := s.Tools(filepath.Join(build, g.tools), tools...)
	if err != nil {
		return Test{}, err
	}
	build = filepath.Join(s.Dir, build)
	dir := filepath.Join(build, g.dir)
	if err := openTo(build, dir); err != nil {
		return Test{}, err
	}
	return Test{
		Name: script, Command: command, Root: root, Dir: dir,
		Argv: interpreter(filepath.Join(source, g.tests), script),
		Env:  environment(s, bin, g.variables(s, source, build, command, tools)...),
	}, nil
}

// openTo creates folders that everybody may write to.
func openTo(dirs ...string) error {
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		if err := os.Chmod(dir, 0o777); err != nil {
			return err
		}
	}
	return nil
}

// variables returns the variables that the suites' Makefiles set.
func (g gnuSuite) variables(s *Side, source, build, command string, tools []string) []string {
	top := source
	if g.dir != "" {
		top = filepath.Join(source, g.tests)
	}
	return []string{
		"srcdir=" + top, "abs_srcdir=" + top, "top_srcdir=" + source, "abs_top_srcdir=" + source,
		"abs_top_builddir=" + build, "built_programs=" + strings.Join(tools, " "),
		"CONFIG_HEADER=" + s.Shared + "/config.h", "CC=gcc", "MAKE=make", "PERL=perl", "AWK=awk",
		"EGREP=grep -E", "EXEEXT=", "host_os=linux-gnu", "host_triplet=x86_64-pc-linux-gnu",
		"VERSION=" + version(command), "PACKAGE_VERSION=" + version(command), "PCRE_WORKS=1",
		"PACKAGE_BUGREPORT=bug-" + command + "@gnu.org", "fail=0", "MALLOC_PERTURB_=87",
		"LOCALE_FR=fr_FR", "LOCALE_FR_UTF8=fr_FR.UTF-8", "LOCALE_JA=ja_JP",
		"NON_ROOT_USERNAME=nobody", "NON_ROOT_GID=65534",
	}
}

// version returns the version of the system's tool. The tests compare it with that of the
// tool under test.
func version(command string) string {
	out, _ := exec.Command(command, "--version").Output()
	line, _, _ := strings.Cut(string(out), "\n")
	return line[strings.LastIndexByte(line, ' ')+1:]
}

// interpreter returns the command that runs a script.
func interpreter(dir, script string) []string {
	file := filepath.Join(dir, script)
	if path.Ext(script) != ".pl" && path.Ext(script) != ".xpl" {
		return []string{"/bin/sh", file}
	}
	lib := dir
	return []string{"perl", "-w", "-I" + lib, "-MCuSkip", "-MCoreutils",
		"-MCuTmpdir qw(" + strings.ReplaceAll(script, "/", "-") + ")", file}
}

func sedTests(s *Side) (tests []Test, err error) {
	g := gnuSuite{copies: []string{"testsuite", "init.cfg", "README", "sed"}, tests: "testsuite",
		tools: "sed"}
	names, err := listed(filepath.Join(s.Source, "testsuite/local.mk"), "testsuite/")
	for _, name := range names {
		t, err := g.test(s, name, "sed", false, "sed")
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return tests, err
}

func grepTests(s *Side) (tests []Test, err error) {
	g := gnuSuite{copies: []string{"tests", "README"}, tests: "tests", tools: "src", dir: "tests"}
	names, err := listed(filepath.Join(s.Source, "tests/Makefile.am"), "")
	for _, name := range names {
		t, err := g.test(s, name, "grep", false, "grep", "egrep", "fgrep")
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return tests, err
}

// listed returns the tests in the lists of a makefile.
func listed(makefile, prefix string) (names []string, err error) {
	text, err := os.ReadFile(makefile)
	in := false
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(strings.TrimSuffix(line, "\\"))
		if !in {
			if len(words) < 2 || words[1] != "=" && words[1] != "+=" || !listVariable(words[0]) {
				continue
			}
			words = words[2:]
		}
		in = strings.HasSuffix(line, "\\")
		for _, w := range words {
			if !strings.HasPrefix(w, "$") {
				names = append(names, strings.TrimPrefix(w, prefix))
			}
		}
	}
	return names, err
}

func listVariable(name string) bool {
	switch name {
	case "TESTS", "T", "SEDTESTS", "all_tests", "all_root_tests":
		return true
	}
	return false
}
