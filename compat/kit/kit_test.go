package kit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain plays a package of which nothing can be tested.
func TestMain(m *testing.M) {
	if os.Getenv(lacking) == "all" {
		os.Exit(MissingAll("a %s", "judge"))
	}
	os.Exit(m.Run())
}

// lacking names the variable that makes a test process play a machine without a tool.
const lacking = "OVERLAY_KIT_LACKING"

// TestLacking does nothing unless TestRule runs it.
func TestLacking(t *testing.T) {
	ends := map[string]func(testing.TB){
		"missing":  func(t testing.TB) { Missing(t, "a %s", "tool") },
		"tool":     func(t testing.TB) { Tools(t, "sh", "no-such-tool") },
		"cannot":   func(t testing.TB) { Cannot(t, "no key%s", "rings") },
		"notabout": func(t testing.TB) { NotAbout(t, "a row of %s", "dash") },
		"bin":      func(t testing.TB) { Bin(t) },
		"original": func(t testing.TB) { Original(t) },
		"found":    func(t testing.TB) { Tools(t, "sh"); t.Log("goes on") },
	}
	if end, ok := ends[os.Getenv(lacking)]; ok {
		end(t)
	}
}

// TestRule checks what happens to a test that lacks something, with and without
// OVERLAY_MUST_WORK.
func TestRule(t *testing.T) {
	empty := t.TempDir()
	for _, row := range []struct{ end, must, word, reason string }{
		{"missing", "0", "SKIP", "missing: a tool"}, {"missing", "1", "FAIL", "missing: a tool"},
		{"tool", "0", "SKIP", "no-such-tool"}, {"tool", "1", "FAIL", "no-such-tool"},
		{"bin", "0", "SKIP", "make build"}, {"bin", "1", "FAIL", "make build"},
		{"original", "", "SKIP", "make original"}, {"original", "1", "FAIL", "make original"},
		{"cannot", "0", "SKIP", "cannot: no keyrings"}, {"cannot", "1", "SKIP", "no keyrings"},
		{"notabout", "1", "SKIP", "a row of dash"}, {"found", "1", "PASS", "goes on"},
	} {
		cmd := exec.Command("/proc/self/exe", "-test.v", "-test.run=^TestLacking$")
		cmd.Env = append(os.Environ(), lacking+"="+row.end, "OVERLAY_MUST_WORK="+row.must,
			"OVERLAY_BIN="+empty, "OVERLAY_ORIGINAL="+empty)
		out, err := cmd.CombinedOutput()
		if text := string(out); !strings.Contains(text, "--- "+row.word+": TestLacking") ||
			!strings.Contains(text, row.reason) || (err != nil) != (row.word == "FAIL") {
			t.Errorf("%s, must work %q: want %s with %q: %v\n%s", row.end, row.must, row.word,
				row.reason, err, text)
		}
	}
}

// TestRuleForAll checks what happens to a package of which nothing can be tested.
func TestRuleForAll(t *testing.T) {
	for must, fails := range map[string]bool{"": false, "0": false, "1": true} {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), lacking+"=all", "OVERLAY_MUST_WORK="+must)
		out, err := cmd.CombinedOutput()
		if string(out) != "missing: a judge; left out: all tests\n" || (err != nil) != fails {
			t.Errorf("must work %q: %v\n%s", must, err, out)
		}
	}
}

// TestModule checks that the project is found from any folder.
func TestModule(t *testing.T) {
	t.Chdir("/")
	if _, err := os.Stat(filepath.Join(Module(t), "compat/kit/kit_test.go")); err != nil {
		t.Error(err)
	}
}

// TestInShare checks that a share is a third of a matrix with each row and each column in
// it, and is everything on request.
func TestInShare(t *testing.T) {
	t.Setenv("OVERLAY_MATRIX", "")
	rows, columns := map[int]int{}, map[int]int{}
	for i := range 30 {
		for j := range 12 {
			if InShare(i, j) {
				rows[i]++
				columns[j]++
			}
		}
	}
	for name, counts := range map[string]map[int]int{"4 of 12": rows, "10 of 30": columns} {
		for i, n := range counts {
			if name != fmt.Sprintf("%d of %d", n, 3*n) {
				t.Errorf("%d: %d, not %s", i, n, name)
			}
		}
	}
	if len(rows) != 30 || len(columns) != 12 {
		t.Errorf("%d rows, %d columns", len(rows), len(columns))
	}
	t.Setenv("OVERLAY_MATRIX", "all")
	if !InShare(0) || !InShare(1) || !InShare(2) {
		t.Error("not all")
	}
}
