package suites

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// utilLinuxTests maps each command to its tests in util-linux.
var utilLinuxTests = map[string][]string{
	"findmnt":    {"findmnt/*"},
	"flock":      {"misc/flock"},
	"ionice":     {"misc/ionice"},
	"kill":       {"kill/*"},
	"logger":     {"logger/*"},
	"losetup":    {"losetup/*"},
	"mount":      {"mount/*"},
	"mountpoint": {"misc/mountpoint"},
	"partx":      {"partx/*"},
	"setsid":     {"misc/setsid"},
}

// utilLinuxHelpers maps the programs that those tests need to their source files.
var utilLinuxHelpers = map[string][]string{
	"test_sysinfo":    {"tests/helpers/test_sysinfo.c"},
	"test_sigreceive": {"tests/helpers/test_sigreceive.c", "lib/strutils.c"},
	"test_md5":        {"tests/helpers/test_md5.c", "lib/md5.c"},
}

func failed(output []byte, err error) error { return fmt.Errorf("%w\n%s", err, output) }

// utilLinuxSuite returns the tests. Each has an output folder of its own, since their files
// have the same names.
func utilLinuxSuite(s *Side) (tests []Test, err error) {
	source := filepath.Join(s.Dir, "source")
	if err := os.Mkdir(source, 0o755); err != nil {
		return nil, err
	}
	out, err := exec.Command("cp", "-a", filepath.Join(s.Source, "tests"), source).CombinedOutput()
	if err != nil {
		return nil, failed(out, err)
	}
	for name, files := range utilLinuxHelpers {
		args := []string{"-w", "-D_GNU_SOURCE", "-DHAVE_ERR_H", "-I" + s.Source + "/include",
			"-DHAVE_STRNLEN", "-DHAVE_NANOSLEEP", "-DHAVE_USLEEP", "-DHAVE_STRNDUP", "-DHAVE_MEMPCPY",
			"-DHAVE___PROGNAME", "-DPACKAGE_STRING=\"\"", "-o", filepath.Join(source, name)}
		for _, f := range files {
			args = append(args, filepath.Join(s.Source, f))
		}
		if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
			return nil, failed(out, err)
		}
	}
	for command, patterns := range utilLinuxTests {
		if !Native(command) {
			continue
		}
		bin, err := s.Tools("bin-"+command, command, "u"+command)
		if err != nil {
			return nil, err
		}
		for _, p := range patterns {
			files, _ := filepath.Glob(filepath.Join(source, "tests/ts", p))
			for _, file := range files {
				if isScript(file) {
					tests = append(tests, utilLinuxTest(s, source, file, command, bin))
				}
			}
		}
	}
	return tests, nil
}

func isScript(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular() && !strings.HasSuffix(file, ".sh")
}

func utilLinuxTest(s *Side, source, file, command, bin string) Test {
	name, _ := filepath.Rel(filepath.Join(source, "tests/ts"), file)
	out := filepath.Join(s.Dir, "out-"+strings.ReplaceAll(name, "/", "-"))
	return Test{
		Name: name, Command: command, Root: true, Dir: s.Dir,
		Argv: []string{"sh", "-c", `mkdir -p "$1" && cp -a "$0"/test_* "$1" && shift && exec bash "$@"`,
			source, out, file, "--srcdir=" + source, "--builddir=" + out, "--use-system-commands",
			"--verbose", "--nolocks", "--skip-loopdevs"},
		Env:     environment(s, bin),
		Results: utilLinuxResult,
	}
}

// utilLinuxResult reads the word at the end of a script's output.
func utilLinuxResult(output string, status int) map[string]Outcome {
	o := Passed
	switch {
	case strings.Contains(output, "FAILED"), status != 0:
		o = Failed
	case strings.Contains(output, "SKIPPED"):
		o = NotApplicable
	}
	return map[string]Outcome{"all": o}
}
