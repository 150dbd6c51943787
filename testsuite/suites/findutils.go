package suites

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// findutilsTests returns the DejaGNU scripts, which name the tools by their paths, and the
// tests of the harness that coreutils also has.
func findutilsTests(s *Side) (tests []Test, err error) {
	g := gnuSuite{copies: []string{"tests", "find", "xargs", "init.cfg", "README"},
		tools: "find"}
	names, err := listed(filepath.Join(s.Source, "tests/local.mk"), "")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		command := filepath.Base(filepath.Dir(name))
		if !Native(command) {
			command = "find" // one test is about all of them
		}
		root := name == "tests/find/type_list.sh"
		t, err := g.test(s, name, command, root, "find", "xargs")
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	more, err := dejagnuTests(s, g)
	return append(tests, more...), err
}

// dejagnuTests returns one test for each script, with the folders that the script looks
// for.
func dejagnuTests(s *Side, g gnuSuite) (tests []Test, err error) {
	if _, err := exec.LookPath("runtest"); err != nil {
		return nil, fmt.Errorf("no DejaGNU: %w", err)
	}
	source, err := g.source(s)
	if err != nil {
		return nil, err
	}
	bin, err := s.Tools("bin", "find", "xargs")
	if err != nil {
		return nil, err
	}
	for _, tool := range [...]string{"find", "xargs"} {
		suite := filepath.Join(source, tool, "testsuite")
		files, err := filepath.Glob(suite + "/*.*/*.exp")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			t, err := dejagnuTest(s, tool, suite, bin, file)
			if err != nil {
				return nil, err
			}
			tests = append(tests, t)
		}
	}
	return tests, nil
}

func dejagnuTest(s *Side, tool, suite, bin, file string) (Test, error) {
	folder, script := filepath.Split(file)
	name := filepath.Base(folder) + "/" + strings.TrimSuffix(script, ".exp")
	built := filepath.Join(s.Dir, "run", name)
	dir := filepath.Join(built, "testsuite")
	if err := openTo(built, dir); err != nil {
		return Test{}, err
	}
	// A script recognises the build folder by the object files.
	for link, target := range map[string]string{tool: filepath.Join(bin, tool),
		"ftsfind.o": "/dev/null", "xargs.o": "/dev/null"} {
		if err := os.Symlink(target, filepath.Join(built, link)); err != nil {
			return Test{}, err
		}
	}
	return Test{
		Name: name, Command: tool, Dir: dir, Env: environment(s, bin),
		Argv: []string{"runtest", "--tool", tool, "--srcdir", suite,
			filepath.Base(folder) + "/" + script},
		Results: dejagnuResult,
	}, nil
}

// dejagnuResult turns the results of a script into one: passed only if all are good.
func dejagnuResult(output string, _ int) map[string]Outcome {
	o := NotApplicable
	for _, line := range strings.Split(output, "\n") {
		word, _, ok := strings.Cut(line, ":")
		switch {
		case !ok:
		case word == "FAIL", word == "ERROR", word == "UNRESOLVED":
			return map[string]Outcome{"all": Failed}
		}
		if passes, ok := strings.CutPrefix(line, "# of expected passes"); ok &&
			strings.TrimSpace(passes) != "0" {
			o = Passed
		}
	}
	return map[string]Outcome{"all": o}
}
