package suites

import (
	"os/exec"
	"path/filepath"
	"strings"
)

// iproute2Tests returns the tests of ip and bridge; we do not have the other tools of the
// package. Each test has a network namespace of its own.
func iproute2Tests(s *Side) (tests []Test, err error) {
	dir := filepath.Join(s.Dir, "tests")
	out, err := exec.Command("cp", "-a", filepath.Join(s.Source, "testsuite"), dir).CombinedOutput()
	if err != nil {
		return nil, failed(out, err)
	}
	bin, err := s.Tools("bin", "ip", "bridge")
	if err != nil {
		return nil, err
	}
	for _, command := range [...]string{"ip", "bridge"} {
		if !Native(command) {
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, "tests", command, "*/*.t"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			name, _ := filepath.Rel(filepath.Join(dir, "tests"), file)
			scratch := filepath.Join(s.Dir, strings.ReplaceAll(name, "/", "-"))
			tests = append(tests, Test{
				Name: name, Command: command, Root: true, Dir: dir,
				Argv: []string{"sh", "-c", ". " + file + `; exit 0`, file},
				Env: environment(s, bin, "STD_ERR="+scratch+".2", "STD_OUT="+scratch+".1",
					"ERRF=/dev/stderr", "TC=tc", "IP=ip", "BRIDGE=bridge", "SS=ss", "DEV=lo",
					"IPVER="+name, "SNAME=installed"),
				Results: networkResult,
			})
		}
	}
	return tests, err
}

// networkResult returns the result of a script that ends with status 127 if it cannot run
// here. Otherwise only the output shows a failure.
func networkResult(output string, status int) map[string]Outcome {
	o := Passed
	switch {
	case status == 127:
		o = NotApplicable
	case strings.Contains(output, "[FAILED]"), strings.Contains(output, " failed:"),
		strings.Contains(output, "stderr output:"), status != 0:
		o = Failed
	}
	return map[string]Outcome{"all": o}
}
