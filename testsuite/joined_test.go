package testsuite

import (
	"os/exec"
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
	{"overlay-log -n 999999999999999999999 j", 2, ``, "overlay-log: -n 9"},
	{"overlay-log --lines= j", 2, ``, "overlay-log: -n '': not a number of lines, nor all\n"},
	{"overlay-log -n 99999999999999999 j", 0, `(?s:.*)`, ""},
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

// TestCleanTold checks that overlay-clean says what it does not know, removes nothing that it
// could not show, and reports a teardown that fails.
func TestCleanTold(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("told", minimal+"UPPER=up.sh\n")
		s.Script("up.sh", "echo root; [ $ACTION = setup ] || exit 5")
		h.status("unknown", h.run("overlay-clean", "no-such"), 1, "no-such is neither a configuration")
		h.status("known", h.run("overlay-clean", s.Conf), 0, "")
		s.dies()
		full := exec.Command("/bin/sh", "-c", h.engine.Dir+"/overlay-clean --yes > /dev/full")
		h.status("full", h.exec(full), 1, "nothing is removed\n")
		closed := exec.Command("/bin/sh", "-c", h.engine.Dir+"/overlay-clean --yes >&-")
		h.status("closed", h.exec(closed), 1, "nothing is removed\n")
		h.status("dry", h.run("overlay-clean", "-n"), 1, "")
		h.status("fails", h.run("overlay-clean", "-y"), 1, "The teardown of told by ")
		h.status("all", h.run("overlay-clean"), 0, "")
		s.gone()
	})
}

// TestListsUnwritten checks the status of lists that cannot be written.
func TestListsUnwritten(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		for _, call := range []string{"overlay-go", "overlay-share /tmp"} {
			cmd := exec.Command("/bin/sh", "-c", h.engine.Dir+"/"+call+" > /dev/full")
			h.status(call, h.exec(cmd), 1, "")
		}
	})
}

// TestLogEndIsVisible checks that control characters in what overlay-boot shows of the log are
// escaped, and letters are not.
func TestLogEndIsVisible(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("seen", minimal+"INIT=./init\n")
		s.Script("init", `printf 'printf "\\033[2J\\303\\251\\302\\233\\tx\\n" >&2; exit 1\n'`)
		h.status("boot", h.run("overlay-boot", s.Conf), 1, "^[[2J\u00e9M-BM-^[\tx\n")
		r := h.run("overlay-boot", s.Conf)
		if strings.ContainsAny(r.Stderr, "\033\u009b") {
			h.t.Errorf("raw: %v", r)
		}
	})
}
