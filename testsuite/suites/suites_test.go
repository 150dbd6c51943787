package suites

import (
	"context"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { sandboxtest.Main(m) }

// table lists the suites.
var table = [...]Suite{
	{Name: "sed", Sources: []string{"sed"}, Limit: 20 * time.Second, Tests: sedTests,
		Slow: []string{"bsd-wrapper.sh", "debug.pl"}},
	{Name: "grep", Sources: []string{"grep"}, Limit: 20 * time.Second, Tests: grepTests,
		Slow: []string{"kwset-abuse", "grep-dev-null-out", "*perf*", "spencer1-locale", "null-byte",
			"c-locale", "fedora", "*-slow", "hangul-syllable", "unibyte-bracket-expr",
			"case-fold-titlecase", "prefix-of-multibyte"}},
	{Name: "coreutils", Sources: []string{"coreutils"}, Limit: 40 * time.Second,
		Tests: coreutilsSuite, Slow: []string{"cp/*", "mv/*", "tail-2/*", "misc/sort*", "touch/*",
			"chown/*", "misc/tee.sh", "misc/nohup.sh", "misc/cat-buf.sh", "dd/*", "du/*", "ls/*",
			"split/*", "misc/timeout*", "misc/date*", "install/*", "misc/cut.pl", "misc/uniq.pl",
			"misc/expr.pl"}},
	{Name: "findutils", Sources: []string{"findutils"}, Limit: 60 * time.Second,
		Tests: findutilsTests, Slow: []string{"find.posix/exec-nogaps",
			"tests/xargs/conflicting_opts.sh"}},
	{Name: "mawk", Sources: []string{"mawk"}, Limit: 60 * time.Second, Tests: mawkTests},
	{Name: "original-awk", Sources: []string{"original-awk"}, Limit: 20 * time.Second,
		Tests: originalTests, Slow: []string{"T.overflow"}},
	{Name: "iproute2", Sources: []string{"iproute2"}, Limit: 20 * time.Second,
		Tests: iproute2Tests},
	{Name: "util-linux", Sources: []string{"util-linux"}, Limit: 30 * time.Second,
		Tests: utilLinuxSuite, Slow: []string{"kill/name_to_number", "kill/all_processes"}},
}

func TestSed(t *testing.T)         { runSuite(t, "sed") }
func TestGrep(t *testing.T)        { runSuite(t, "grep") }
func TestCoreutils(t *testing.T)   { runSuite(t, "coreutils") }
func TestFindutils(t *testing.T)   { runSuite(t, "findutils") }
func TestMawk(t *testing.T)        { runSuite(t, "mawk") }
func TestOriginalAwk(t *testing.T) { runSuite(t, "original-awk") }
func TestIproute2(t *testing.T)    { runSuite(t, "iproute2") }
func TestUtilLinux(t *testing.T)   { runSuite(t, "util-linux") }

const rootVar = "OVERLAY_SUITES_ROOT"

// runSuite runs one suite on both sides. OVERLAY_SUITES=all runs all its tests;
// OVERLAY_SUITES=PATTERN,... runs those of that name and shows their output. Without it a
// third of the tests that are not slow run, another third each day.
func runSuite(t *testing.T, name string) {
	suite := table[slices.IndexFunc(table[:], func(s Suite) bool { return s.Name == name })]
	root := os.Getenv(rootVar) // the module's folder differs inside the sandbox
	if root == "" {
		root = kit.Module(t)
		t.Setenv(rootVar, root)
	}
	cache := filepath.Join(root, ".cache/suites")
	if !sandbox.Inside() && os.Geteuid() == 0 {
		prepare(t, root, cache, suite)
	}
	sandboxtest.TestPrivate(t, 40*time.Minute, sandbox.Root{}, func(t *testing.T) {
		inside(t, suite, root, cache)
	})
}

// prepare fetches the sources.
func prepare(t *testing.T, root, cache string, suite Suite) {
	t.Helper()
	args := append([]string{filepath.Join(root, "testsuite/suites/fetch.sh"), cache},
		suite.Sources...)
	if out, err := exec.Command("sh", args...).CombinedOutput(); err != nil {
		kit.Missing(t, "the sources of %v: %v\n%s", suite.Sources, err, out)
	}
	if err := makeShared(filepath.Join(cache, "shared")); err != nil {
		kit.Missing(t, "helpers of the suites: %v", err)
	}
}

// inside runs a suite in the sandbox.
func inside(t *testing.T, suite Suite, root, cache string) {
	work := "/tmp/suites"
	must(t, openTo(work))
	copyTo(t, filepath.Join(root, "bin/overlay-boot"), work+"/overlay-boot")
	copyTo(t, filepath.Join(cache, "shared"), work+"/shared")
	results := make([]map[string]result, 2)
	for i, ours := range [...]string{"", work + "/overlay-boot"} {
		side := &Side{Name: [...]string{"system", "ours"}[i], Ours: ours,
			Source: filepath.Join(cache, suite.Sources[0]), Shared: work + "/shared"}
		side.Dir = filepath.Join(work, side.Name)
		must(t, openTo(side.Dir))
		tests, err := suite.Tests(side)
		must(t, err)
		limit := withSystem(suite.Limit)
		if i == 1 {
			limit = withOurs(suite.Limit, results[0])
		}
		results[i] = runAll(context.Background(), chosen(suite, tests), limit)
	}
	judge(t, suite, root, results[0], results[1])
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func copyTo(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
}

// few is the number of tests below which a plain test run runs all.
const few = 30

// chosen returns the tests that the environment asks for.
func chosen(suite Suite, tests []Test) (list []Test) {
	asked := os.Getenv("OVERLAY_SUITES")
	for _, t := range tests {
		usual := len(tests) < few || kit.InShare(int(crc32.ChecksumIEEE([]byte(t.Name))%3))
		switch {
		case asked == "all", asked == "" && usual && !matches(suite.Slow, t.Name),
			asked != "" && matches(strings.Split(asked, ","), t.Name):
			list = append(list, t)
		}
	}
	return list
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, name)
		return ok
	})
}

// judge compares the sides with each other and with the list of expected failures.
func judge(t *testing.T, suite Suite, root string, system, ours map[string]result) {
	t.Helper()
	file := filepath.Join(root, "testsuite/suites", suite.Name+".txt")
	expected, err := readExpected(file)
	must(t, err)
	asked := os.Getenv("OVERLAY_SUITES")
	sum := summarize(system, ours, expected, asked == "all")
	if asked != "" && asked != "all" {
		show(t, system, ours)
	}
	for _, name := range sum.News {
		t.Errorf("not expected: %s: %s:\n%s", suite.Name, name, lastLines(ours[name].output, 25))
	}
	for _, name := range sum.Stale {
		t.Errorf("%s.txt: %s: passes, or is not applicable", suite.Name, name)
	}
	slowest(t, system, ours)
	t.Logf("suite %-10s system: %3d passed %3d failed %3d not applicable; ours: %3d passed "+
		"%3d failed %3d not applicable; %d of %d, %.1f %%", suite.Name,
		sum.System[Passed], sum.System[Failed], sum.System[NotApplicable],
		sum.Ours[Passed], sum.Ours[Failed], sum.Ours[NotApplicable],
		sum.Alike, sum.Counted, 100*sum.Ratio())
	if sum.Counted == 0 {
		t.Error("the system's tool passes no test")
	}
}

// show logs the output of each test.
func show(t *testing.T, system, ours map[string]result) {
	for name, r := range system {
		t.Logf("%s: system: %v\n%s", name, r.outcome, lastLines(r.output, 60))
		t.Logf("%s: ours: %v\n%s", name, ours[name].outcome, lastLines(ours[name].output, 60))
	}
}

// slowest logs the tests that took longest, and those that the system's tool does not pass.
func slowest(t *testing.T, system, ours map[string]result) {
	var names, failed, not []string
	for name, r := range system {
		names = append(names, name)
		switch r.outcome {
		case Failed:
			failed = append(failed, name)
		case NotApplicable:
			not = append(not, name)
		}
	}
	sort.Slice(names, func(i, j int) bool {
		return system[names[i]].took+ours[names[i]].took > system[names[j]].took+ours[names[j]].took
	})
	var list []string
	for _, n := range names[:min(8, len(names))] {
		list = append(list, fmt.Sprintf("%s %.1f/%.1fs", n, system[n].took.Seconds(),
			ours[n].took.Seconds()))
	}
	sort.Strings(failed)
	sort.Strings(not)
	t.Logf("slowest: %s\nthe system's tool fails: %s\nnot applicable: %s", strings.Join(list, ", "),
		strings.Join(failed, " "), strings.Join(not, " "))
}
