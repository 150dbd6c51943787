package testsuite

import (
	"strings"
	"testing"
)

// joinedRows are calls of tools with short options that are joined or have their value attached,
// and with options behind names. A ~ in an argument stands for a blank.
var joinedRows = [...]struct {
	args         string
	status       int
	stdout, says string // a pattern for all of the output, and a part of the errors
}{
	{"overlay-log -n1 j", 0, `.+\n`, ""},
	{"overlay-log -n0 j", 0, ``, ""},
	{"overlay-log -nall j", 0, `(?s:.*)`, ""},
	{"overlay-log -fnx j", 2, ``, "overlay-log: -n x: not a number of lines, nor all\n"},
	{"overlay-log -fx j", 2, ``, "overlay-log: unknown option -fx\n"},
	{"overlay-log -f- j", 2, ``, "overlay-log: unknown option -f-\n"},
	{"overlay-log -f:x j", 2, ``, "overlay-log: unknown option -"},
	{"overlay-log -fn", 2, ``, "overlay-log: -n wants a value\n"},
	{"overlay-wait -ut0 j", 0, ``, ""},
	{"overlay-wait -dt0 j", 3, ``, ""},
	{"overlay-wait -ud j", 2, ``, "Usage: overlay-wait"},
	{"overlay-go -u77 -C/etc -eA=1~2 j -- sh -c id~-u;/bin/pwd;echo~$A", 0, "77\n/etc\n1 2\n", ""},
	{"overlay-go -eA='~$(x)` j -- sh -c echo~\"$A\"", 0, "' \\$\\(x\\)`\n", ""},
	{"overlay-go j -- echo -u0 -- -x", 0, "-u0 -- -x\n", ""},
	{"overlay-share -rx /opt j", 2, ``, "overlay-share: unknown option -rx\n"},
	{"overlay-clean -yn", 0, ``, ""},
	{"overlay-clean -nx", 2, ``, "overlay-clean: unknown option -nx\n"},
	{"overlay-clean j -y", 2, ``, "overlay-clean: unknown option -y\n"},
	{"overlay-boot j --all", 2, ``, "overlay-boot: unknown option --all\n"},
	{"overlay-boot j -x", 2, ``, "overlay-boot: unknown option -x\n"},
	{"overlay-stop j --all", 2, ``, "overlay-stop: unknown option --all\n"},
	{"overlay-restart j -x", 2, ``, "overlay-restart: unknown option -x\n"},
	{"overlay-restart -- j -x", 1, ``, "-x" + neither},
	{"overlay-stop -- j -x", 1, ``, "-x" + neither},
	{"overlay-boot -- -x", 1, ``, "-x" + neither},
}

// TestJoined checks that the tools that are scripts read options as the others do.
func TestJoined(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("j", minimal)
		h.configure("", s.Conf)
		s.boot()
		for _, r := range joinedRows {
			words := strings.Fields(r.args)
			for i, word := range words {
				words[i] = strings.ReplaceAll(word, "~", " ")
			}
			got := h.run(words[0], words[1:]...)
			if got.Status != r.status || !whole(r.stdout).MatchString(got.Stdout) ||
				!strings.Contains(got.Stderr, r.says) {
				h.t.Errorf("%s: %v\nwant %d %q %q", r.args, got, r.status, r.stdout, r.says)
			}
		}
		s.stop()
	})
}
