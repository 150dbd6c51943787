package testsuite

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/sandbox"
)

// chances is the number of configurations that TestChance makes; OVERLAY_CHANCES in the environment
// is another one, and OVERLAY_SEED the seed of an earlier run.
const chances = 40

// chanceValues are good and bad values for each variable, from which others are made.
var chanceValues = []struct {
	name   string
	values []string
}{
	{"NAME", []string{"bad", ".x", "a:b", "a%d", "a$b", "a'b", "a;b", "a*", "a[b", "a\"b", "-a",
		"a#"}},
	{"CABLES", []string{"=", "= =", "=02:00:00:00:00:01", "br0=", "none", "= =.5", "=.5"}},
	{"LIVE", []string{"live", "./live", "root", "/", "no"}},
	{"UPPER", []string{"root", "root/", "work", "no", "live"}},
	{"WORK", []string{"work", "work/.", "root", "no"}},
	{"LOWER", []string{"/", "/.", "live", "no", "!echo /", "!false"}},
	{"RAM_SIZE", []string{"none", "1M", "2m", "10%", "0x100000", "4096", "1 M"}},
	{"DROP", []string{"none", "kill", "cap_kill", "sys_boot kill", "sys_admin", "all", "KILL"}},
	{"WRITABLE", []string{"all", "/proc/irq", "/sys", "/proc/sys/vm", "/proc/no", "/etc"}},
	{"ENVIRONMENT", []string{"A", "A=1", "A=1 B=2", "A=*", "1=2", "A='x'"}},
	{"HOSTNAME", []string{"a", "a.b", "A-1", "a_b", "none", "!echo a"}},
	{"DNS", []string{"10.0.0.1", "fd00::1 search a.b", "::ffff:1.2.3.4", "none", "x"}},
	{"ADDRESS", []string{"10.0.0.2/24", "10.0.0.2/24 via 10.0.0.1", "fd00::2/64 via fe80::1",
		"10.0.0.2/4 via 10.0.0.1", "none", "10.0.0.2"}},
	{"SHARE", []string{"/opt", "/opt:/x", "/opt:/x:ro", "/opt::ro", "/etc/passwd", "/:/r:ro", "/no",
		"/opt:/proc"}},
	{"START", []string{"none", "/bin/true", "/bin/true 'a b'", "no", "\"a b\"", "'a"}},
	{"READY_TIMEOUT", []string{"1", "60", "0", "x"}},
	{"RESTART", []string{"none", "sometimes", "always 0"}},
	{"AFTER", []string{"none", "a", "a b", "a/b", "!echo a"}},
	{"LOG", []string{"/tmp/b/x.log", "/tmp/b", "/no/x", "/tmp/b/bad/live/x"}},
	{"PREMOUNT", []string{"/bin/true", "/bin/true x", "/bin", "no"}},
}

// chanceParts are put into values, and replace characters of them.
var chanceParts = []string{" ", "  ", "\t", "'", "\"", "\\", "\\\\", "$(true)", "`true`", "$HOME",
	"*", "?", "[", "]", "#", " # x", ";", "&", "|", "<", "~", "\r", ",", ":", "=", "%", "/", "//",
	"..", "-", "--", "0", "9", "99999999999999999999", "\u00e4", "\xff", "\x01", "!", "none", "{a,b}",
	strings.Repeat("x", 300), strings.Repeat("/y", 3000)}

// chanceLines returns the lines of one variable.
func chanceLines(r *rand.Rand) string {
	v := chanceValues[r.IntN(len(chanceValues))]
	value := v.values[r.IntN(len(v.values))]
	for range r.IntN(3) {
		if v.name == "LOG" {
			break // nobody would know where the log is, to remove it
		}
		at, part := r.IntN(len(value)+1), chanceParts[r.IntN(len(chanceParts))]
		end := at
		if at < len(value) && r.IntN(2) == 0 {
			end++
		}
		value = value[:at] + part + value[end:]
	}
	line := v.name + "=" + strings.Repeat(" ", r.IntN(2)) + value + "\n"
	switch r.IntN(8) {
	case 0:
		return line + line
	case 1:
		return v.name + "=" + value + " \\\n" + line
	case 2:
		return strings.ReplaceAll(line, "\n", "\r\n")
	}
	return line
}

// TestChance makes configurations by chance, and checks that overlay-check and a boot agree on
// whether they are refused.
func TestChance(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		count, seed := chances, uint64(time.Now().UnixNano())
		if text := os.Getenv("OVERLAY_CHANCES"); text != "" {
			count, _ = strconv.Atoi(text)
		}
		if text := os.Getenv("OVERLAY_SEED"); text != "" {
			seed, _ = strconv.ParseUint(text, 10, 64)
		}
		h.t.Logf("OVERLAY_SEED=%d", seed)
		r := rand.New(rand.NewPCG(seed, 0))
		h.sh("ip link add br0 type bridge")
		h.snap()
		for range count {
			config := ""
			for range 1 + r.IntN(2) {
				config += chanceLines(r)
			}
			if !h.chance(config) {
				h.t.Errorf("OVERLAY_SEED=%d", seed)
				return
			}
		}
	})
}

// chance boots a subhost, if that is possible, and tells whether overlay-check has agreed.
func (h *host) chance(config string) bool {
	s := h.subhost("bad", "")
	s.Write("bad.conf", config+"CABLES= =\nSTART= none\nBASE=.\nLOG=/tmp/b/log\n")
	check := h.run("overlay-check", "--commands", s.Conf)
	boot := h.run("overlay-boot", s.Conf)
	if boot.Status == 0 {
		if stop := h.run("overlay-stop", s.Conf); stop.Status != 0 {
			h.t.Errorf("%q: %v", config, stop)
		}
	}
	if check.Status != boot.Status {
		h.t.Errorf("%q: overlay-check: %v\noverlay-boot: %v", config, check, boot)
	}
	h.sh("rm -rf " + s.Dir + " /tmp/b/*log")
	h.clean()
	_, runs := sandbox.Find("bad")
	return check.Status == boot.Status && !runs && !h.t.Failed()
}
