package admin

import (
	"os/exec"
	"testing"

	"overlayboot/builtins/base/site"
)

// TestVanished checks that a first process that has ended since the processes were read is no
// problem of the list.
func TestVanished(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	s := &survey{procs: &procTable{spaces: map[int]string{pid: "pid:[4026531836]"}}}
	s.addCables(&subhost{name: "ended", init: pid, record: site.ParseRecord("MADE= ended0\n")})
	if len(s.problems) != 0 {
		t.Error(s.problems)
	}
}

// TestConfiguredAddresses reads a line of ADDRESS.
func TestConfiguredAddresses(t *testing.T) {
	for text, local := range map[string]bool{"10.0.0.1/24": false, "fd00::1/64": false,
		"fe80::1/64": true, "FEBF::1/64": true, "fec0::1/64": false, "fe8::1/64": false,
		"127.0.0.2/8": true, "::1/128": true, "::1:0/112": false} {
		got := configuredAddresses(" " + text + " via 10.0.0.9")
		if len(got) != 1 || got[0].Text != text || got[0].Local != local {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if got := configuredAddresses("none"); got != nil {
		t.Errorf("none: %+v", got)
	}
}
