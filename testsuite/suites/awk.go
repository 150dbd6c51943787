package suites

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// awkCopy copies a suite's tests to a folder that everybody may write to.
func awkCopy(s *Side, from string) (string, error) {
	dir := filepath.Join(s.Dir, "tests")
	from = filepath.Join(s.Source, from)
	if out, err := exec.Command("cp", "-a", from, dir).CombinedOutput(); err != nil {
		return "", &os.PathError{Op: string(out), Path: from, Err: err}
	}
	out, err := exec.Command("chown", "-R", nobody+":"+nobody, dir).CombinedOutput()
	if err != nil {
		return "", &os.PathError{Op: string(out), Path: dir, Err: err}
	}
	return dir, nil
}

// mawkTests returns mawk's two test scripts.
func mawkTests(s *Side) ([]Test, error) {
	dir, err := awkCopy(s, "test")
	if err != nil {
		return nil, err
	}
	// One test demands that writing this file to a full device fails.
	scanner := filepath.Join(s.Source, "scan.c")
	if out, err := exec.Command("cp", scanner, s.Dir).CombinedOutput(); err != nil {
		return nil, &os.PathError{Op: string(out), Path: "scan.c", Err: err}
	}
	// Another test reads the examples beside the tests.
	examples := filepath.Join(s.Source, "examples")
	if out, err := exec.Command("cp", "-r", examples, s.Dir).CombinedOutput(); err != nil {
		return nil, &os.PathError{Op: string(out), Path: examples, Err: err}
	}
	bin, err := s.Tools("bin", "awk")
	if err != nil {
		return nil, err
	}
	env := environment(s, bin, "MAWK="+bin+"/awk", "SHELL=/bin/sh")
	return []Test{
		{Name: "mawktest", Command: "awk", Argv: []string{"sh", "mawktest"}, Dir: dir, Env: env,
			Results: mawkSections},
		{Name: "fpe_test", Command: "awk", Argv: []string{"sh", "fpe_test"}, Dir: dir, Env: env},
	}, nil
}

// mawkSections reads the output of mawk's script: "testing THING" begins a section, and "??
// fail" marks its failure.
func mawkSections(output string, _ int) map[string]Outcome {
	all := map[string]Outcome{}
	section := "start"
	for _, line := range strings.Split(output, "\n") {
		if rest, ok := strings.CutPrefix(line, "testing "); ok {
			section = strings.ReplaceAll(rest, " ", "-")
			all[section] = Passed
		}
		if strings.HasPrefix(line, "?? fail") {
			all[section] = Failed
		}
	}
	return all
}

// originalTests returns the scripts and the awk programs of the suite of the original awk.
// The judge is the awk of this system. A test that it fails does not count. A program's
// output is compared with its output, and a program that it refuses is not applicable.
func originalTests(s *Side) (tests []Test, err error) {
	dir, err := awkCopy(s, "testdir")
	if err != nil {
		return nil, err
	}
	bin, err := s.Tools("bin", "awk")
	if err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "[Tpt].*"))
	for _, file := range names {
		name := filepath.Base(file)
		own := filepath.Join(s.Dir, "run-"+name) // the scripts write to the same names
		script := "cp -r " + dir + " " + own + " && cd " + own + " && "
		t := Test{Name: name, Command: "awk", Dir: s.Dir,
			Env: environment(s, bin, "awk="+bin+"/awk", "oldawk=/usr/bin/awk")}
		input := "test.data"
		switch {
		case name[0] == 'T':
			script += "sh ./" + name + " 2>&1"
			t.Results = badLines
		case name[0] == 'p':
			input = "test.countries"
			fallthrough
		default:
			script += "( $oldawk -f " + name + " " + input + " >1 2>e1; s=$?; " +
				"[ $s -lt 2 ] || exit 77; echo $s >>1; " +
				"$awk -f " + name + " " + input + " >2 2>e2; echo $? >>2; diff -u 1 2; )"
		}
		t.Argv = []string{"sh", "-c", script + "; s=$?; rm -rf " + own + "; exit $s"}
		tests = append(tests, t)
	}
	return tests, err
}

// badLines reads the output of a script that reports each failure in a line with BAD. Each
// such line is a result of its own. If the other side does not report it, it passed there.
func badLines(output string, _ int) map[string]Outcome {
	all := map[string]Outcome{"all": Passed}
	for _, line := range strings.Split(output, "\n") {
		if _, rest, ok := strings.Cut(line, "BAD"); ok {
			all["BAD"+strings.Join(strings.Fields(strings.ReplaceAll(rest, ":", "")), "-")] = Failed
		}
	}
	return all
}
