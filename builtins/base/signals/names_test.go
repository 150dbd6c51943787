package signals

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"overlayboot/compat/judge"
	"overlayboot/compat/kit"
)

// TestNames compares with the lists of kill(1) and dash. The names of timeout(1) are judged by
// the rows of cmd/overlay-boot.
func TestNames(t *testing.T) {
	out, err := exec.Command(kit.Tool(t, "/bin/kill"), "-l").Output()
	if err != nil {
		t.Fatal(err)
	}
	tool, dash := []string{}, "0\n"
	for n := 1; n < Count; n++ {
		if n < 32 {
			tool = append(tool, Name(n))
		}
		dash += ShellName(n) + "\n"
	}
	want := strings.Join(strings.Fields(string(out)), " ")
	if got := strings.Join(tool, " "); got != want {
		t.Errorf("the tool: %q, want %q", got, want)
	}
	if want := judge.Dash(t, "", "kill -l").Stdout; dash != want {
		t.Errorf("dash: %q, want %q", dash, want)
	}
	if Name(-1)+Name(Count)+ShellName(-1)+ShellName(Count) != "" {
		t.Error("names for what is no signal")
	}
}

func TestNumber(t *testing.T) {
	for s, want := range map[string]int{"TERM": 15, "sigterm": 15, "15": 15, "0": 0, "99": 99,
		"CLD": 17, "SIGIO": 29, "poll": 29, "IOT": 6, "STKFLT": 16, "": -1, "SIG": -1, "-1": -1,
		"EXIT":  -1,
		"RTMIN": -1, "32": 32, "SIGSIGINT": -1} {
		n, ok := Number(s)
		if !ok {
			n = -1
		}
		if n != want {
			t.Errorf("%q: %d, want %d", s, n, want)
		}
	}
	for n := 1; n < 32; n++ {
		if got, ok := Standard(Name(n)); !ok || got != n {
			t.Errorf("%s: %s, %v", Name(n), strconv.Itoa(got), ok)
		}
	}
}
