package testsuite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"overlayboot/compat/sandbox"
	"overlayboot/scripts"
)

// A checked is what overlay-check --json prints about one configuration.
type checked struct {
	File, Config, Name string
	WouldBoot          bool `json:"would_boot"`
	Messages           []struct {
		Line                     int
		Severity, Variable, Text string
	}
	Plan []struct{ Step, Text string }
}

// texts returns the messages of a severity, as VARIABLE: TEXT.
func (c checked) texts(severity string) (list []string) {
	for _, m := range c.Messages {
		if m.Severity == severity {
			list = append(list, m.Variable+": "+m.Text)
		}
	}
	return list
}

// check calls overlay-check --json for one configuration. The status has to fit.
func (h *host) check(conf string, options ...string) checked {
	h.t.Helper()
	r := h.run("overlay-check", append(append([]string{"--json"}, options...), "--", conf)...)
	h.validate(r.Stdout)
	var got []checked
	if err := json.Unmarshal([]byte(r.Stdout), &got); err != nil || len(got) != 1 {
		h.t.Fatalf("overlay-check: %v\n%v", err, r)
	}
	c := got[0]
	if want := map[bool]int{true: 0, false: 1}[c.WouldBoot]; r.Status != want || r.Stderr != "" {
		h.t.Errorf("overlay-check: want status %d: %v", want, r)
	}
	if c.WouldBoot != (len(c.texts("error")) == 0) {
		h.t.Errorf("would_boot is %v: %v", c.WouldBoot, c)
	}
	return c
}

// validate has the schema that is shipped judge what overlay-check --json prints.
func (h *host) validate(text string) {
	h.t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../scripts/schema/overlay-check.json")
	must(h.t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil || !utf8.ValidString(text) {
		h.t.Errorf("%v: %s", err, text)
	}
}

// accepted checks that overlay-check has no fault to find in what is about to be booted.
func (s *subhost) accepted() {
	s.t.Helper()
	if _, err := os.Stat(s.engine.Dir + "/overlay-check"); err != nil || s.isOriginal() {
		return // the original has no such tool
	}
	if c := s.check(s.Conf); !c.WouldBoot {
		s.t.Errorf("overlay-check refuses it: %v", c.Messages)
	}
}

// A fault is a configuration that a boot refuses, or that does not do what it seems to.
type fault struct {
	variable string // that overlay-check blames
	// config is added to minimal; prepare is a script that causes the fault, run in the base.
	config, prepare string
	says            string // a pattern for what a boot says, "" if it is booted
	// finds is a pattern for what overlay-check finds, "" for says, "-" for nothing. It begins
	// with "note: " or "warning: " where that is no error.
	finds string
}

const (
	noMount     = "Cannot set up the overlay mount"
	noPostmount = "POSTMOUNT failed"
)

// faultRows are some that TestBadInput does not have, or that show late in a boot.
var faultRows = [...]fault{
	{"NAME", "CABLES= =\nNAME=a:b", "", "has a colon", ""},
	{"NAME", "NAME=-a", "", "cannot be a name", ""},
	{"LOG", "LOG=/no/log", "", "LOG=/no/log: /no/ is not a directory", ""},
	{"LOG", "LOG=/tmp/b/bad/link", "ln -s x link", "is a symbolic link; not written to", ""},
	{"LIVE", "LIVE=/", "", "LIVE=/ is the host's own root", ""},
	{"LIVE", "UPPER=live", "", "LIVE and UPPER are both", ""},
	{"UPPER", "WORK=root", "", "is inside WORK", ""},
	{"UPPER", "UPPER=ro/root\nWORK=ro/work",
		"mkdir -p ro/root ro/work; mount --bind ro ro; mount -o remount,bind,ro ro",
		noMount, "is on a read-only file system"},
	{"UPPER", "UPPER=o/root\nWORK=o/work",
		"mkdir o u w; mount -t overlay -o lowerdir=live,upperdir=u,workdir=w x o; mkdir o/root o/work",
		noMount, "is on an overlay itself"},
	{"UPPER", "UPPER=a,b", "mkdir a,b", "/a,b has a comma or a backslash", ""},
	{"LOWER", "LOWER=a:b", "mkdir a:b", "/a:b has a colon", ""},
	{"UPPER", "UPPER=a:b", "mkdir a:b", "", "-"},
	{"WORK", `WORK=a\\\\b`, `mkdir a\\\\b`, "has a comma or a backslash", ""},
	{"CABLES", "CABLES= =", "ip link add bad0 type bridge",
		"The interface bad0 exists already", ""},
	{"CABLES", "CABLES= *=", "", "has a pattern", ""},
	{"CABLES", "CABLES= = =.4095", "", "is not a VLAN tag", ""},
	{"CABLES", "CABLES= = =.08", "", "08 is not a VLAN tag", ""},
	{"CABLES", "CABLES= = =.302 =.0456", "", "=.0456 is VLAN 302 of its cable once more", ""},
	{"POSTMOUNT", "POSTMOUNT=/tmp", "", "is not a command", ""},
	{"INIT", "INIT=nothing x", "", "INIT=nothing not executable", ""},
	{"DROP", "DROP= a;b", "", "are no names of capabilities", ""},
	{"DROP", "DROP= sys_admin", "", "without sys_admin", ""},
	{"DROP", "DROP= sys_nothing", "", "sys_nothing", ""},
	{"WRITABLE", "WRITABLE= /etc", "", "not below /proc or /sys", ""},
	{"WRITABLE", "WRITABLE= /proc/sys/no", "", "WRITABLE: there is no /proc/sys/no", ""},
	{"WRITABLE", "WRITABLE= /sys/no", "", noPostmount, "WRITABLE: there is no /sys/no"},
	{"WRITABLE", "WRITABLE= /proc/no", "", "", "warning: /proc/no is not read-only anyway"},
	{"ENVIRONMENT", "ENVIRONMENT= A=1 2B", "", "2B is no name", ""},
	{"RAM_SIZE", "RAM_SIZE=50X", "", noPostmount, "50X is no size"},
	{"RAM_SIZE", "RAM_SIZE=much", "", noPostmount, "much is no size"},
	{"SHARE", "SHARE=/opt:/opt\nSHARE=/no", "", "SHARE=/no: special device /no does not exist", ""},
	{"SHARE", "SHARE=/opt:/usr/../proc/x", "", "would be covered by /proc", ""},
	{"SHARE", "SHARE=/opt:/", "", "would cover the whole root", ""},
	{"SHARE", "SHARE=/opt:/way/x", "ln -s ../proc root/way", "would be covered by /proc", ""},
	{"SHARE", "SHARE=/etc/passwd:/usr", "", "SHARE=/etc/passwd:/usr: cannot be mounted", ""},
	{"SHARE", "SHARE=/opt:/etc/passwd", "", "cannot make /etc/passwd", ""},
	{"SHARE", "SHARE=/opt:/etc/passwd/x", "", "cannot make /etc/passwd/x|cannot find",
		"cannot make /etc/passwd/x"},
	{"SHARE", "SHARE=/opt:/proc/x:ro", "", "would be covered by /proc", ""},
	{"HOSTNAME", "HOSTNAME=-a", "", "-a is no host name", ""},
	{"DNS", "DNS= 10.0.0.256", "", "10.0.0.256 is not an IP address", ""},
	{"ADDRESS", "ADDRESS=none\nADDRESS=10.0.0.2/33", "", "is not a number from 0 to 32", ""},
	{"ADDRESS", "ADDRESS=none\nADDRESS=10.0.0.2/24", "", "but CABLES has 1 cables", ""},
	{"ADDRESS", "ADDRESS=10.0.0.2/24 via 10.0.0.255", "",
		"the gateway 10.0.0.255 is not the address of a host", ""},
	{"ADDRESS", "ADDRESS=10.0.0.2/24 via 10.0.0.0", "",
		"the gateway 10.0.0.0 is not the address of a host", ""},
	{"ADDRESS", "ADDRESS=10.0.0.2/24 10.0.0.3/24 via 10.0.0.2", "",
		"the gateway 10.0.0.2 is an address of the subhost itself", ""},
	{"ADDRESS", "ADDRESS=10.0.0.2/31 via 10.0.0.3 10.0.1.2/32", "", "", "-"},
	{"ADDRESS", "ADDRESS=10.0.0.2/32 via 10.0.0.3", "",
		"the gateway 10.0.0.3 is not in the network of 10.0.0.2/32", ""},
	{"START", "START= /no/such", "", "", "warning: there is no /no/such in the root of bad"},
	{"START", "START= /bin/../usr/bin/env", "mkdir -p root/usr/bin; mknod root/usr/bin/env c 0 0",
		"",
		"warning: there is no /bin/../usr/bin/env in the root"},
	{"START", "START=a;b", "", "bad START config: no shell can read a;b .*unexpected", ""},
	{"START", "START=a'b", "", "bad START config: no shell can read a'b .*Unterminated", ""},
	{"START", "START=#x", "", "bad START config: no shell can read #x", ""},
	{"START", "START=none # x", "", "bad START config: no shell can read none # x", ""},
	{"START", "START=$(x", "", `bad START config: no shell can read \$\(x`, ""},
	{"START", "START=!echo 'a", "", "bad START config: no shell can read 'a", ""},
	{"START", "START=${x?y}", "", "bad ended while", "warning: what the shell inside runs of"},
	{"START", "START='/bin/true;exit 3'", "", "bad ended while",
		"warning: what the shell inside runs of"},
	{"READY", "READY=/bin/sh -c 'exit 0", "", "bad READY config: no shell can read /bin/sh -c", ""},
	{"SHARE", "SHARE=/etc/passwd:/sys/x", "", "SHARE=.*: cannot be mounted", "cannot make /sys/x"},
	{"SHARE", "SHARE=/opt:/sys/x", "", "SHARE=.*: cannot be mounted", "cannot make /sys/x"},
	{"SHARE", "SHARE=/opt:/dev/null", "", "SHARE=.*: cannot", "cannot be mounted at /dev/null"},
	{"SHARE", "SHARE=/etc/passwd:/dev/shm", "",
		"SHARE=.*: cannot", "cannot be mounted at /dev/shm"},
	{"SHARE", "SHARE=/opt:/x1/y", "ln -s nowhere root/x1", "cannot make /x1/y", ""},
	{"SHARE", "SHARE=/opt:/x2/y", "ln -s y root/x2; ln -s x2 root/y", "cannot make /x2/y", ""},
	{"SHARE", "SHARE=/opt:/x3", "ln -s nowhere root/x3", "cannot make /x3", ""},
	{"SHARE", "SHARE=/etc/passwd:/x4/y", "ln -s /no/where root/x4", "cannot make /x4/y", ""},
	{"SHARE", "SHARE=/etc/passwd:/x5", "ln -s nowhere root/x5", "", "-"},
	{"SHARE", "SHARE=/opt:/x6/y/z", "mkdir root/d; ln -s d root/x6", "", "-"},
	{"HOSTNAME", "# g\nHOSTNAME=a", "mkdir -p root/etc/hostname",
		"HOSTNAME: cannot write /etc/hostname", ""},
	{"HOSTNAME", "# h\nHOSTNAME=a", "mkdir -p root/etc; ln -s /etc root/etc/hostname", "", "-"},
	{"DNS", "# i\nDNS=10.0.0.1", "mkdir -p root/etc/resolv.conf",
		"DNS: cannot write /etc/resolv.conf", ""},
	{"UPPER", "# j\nUPPER=root", "touch root/etc",
		"Cannot write .*/root/etc/network/interfaces", ""},
	{"UPPER", "# k\nUPPER=root", "ln -s nowhere root/etc",
		"Cannot write .*/root/etc/network/interfaces", ""},
	{"UPPER", "# l\nUPPER=root", "ln -s etc root/etc",
		"Cannot write .*/root/etc/network/interfaces", ""},
	{"UPPER", "# m\nUPPER=root", "mknod root/etc c 0 0",
		"Cannot write .*/root/etc/network/interfaces", ""},
	{"UPPER", "# n\nUPPER=root", "mkdir root/etc; touch root/etc/network",
		"Cannot write .*/root/etc/network/interfaces", ""},
	{"UPPER", "# o\nUPPER=root", "mkdir -p root/etc/network; ln -s no root/etc/network/interfaces",
		"", "-"},
	{"UPPER", "# p\nUPPER=root", "touch root/proc", "Cannot make directories in", ""},
	{"UPPER", "# q\nUPPER=root", "ln -s nowhere root/dev", "Cannot make directories in", ""},
	{"UPPER", "# r\nUPPER=root", "mkdir root/.reaper",
		"bad ended", "/.reaper in the root of bad is no"},
	{"LOG", "LOG=/proc/log", "", "LOG=/proc/log: no file can be made in /proc/", ""},
	{"LOG", "# s\nLOG=/tmp/b/bad/ro/log", "mkdir ro; mount -t tmpfs -o ro x ro",
		"LOG=/tmp/b/bad/ro/log: /tmp/b/bad/ro/ is read-only", ""},
	{"LOG", "# t\nLOG=/tmp/b/bad/ro/log",
		"mkdir ro; mount -t tmpfs x ro; chmod 755 ro; touch ro/log; mount -o remount,ro ro",
		"LOG=/tmp/b/bad/ro/log: is read-only", ""},
	{"START", "START= nothing", "",
		"", "warning: to start nothing|there is no /etc/init.d/nothing"},
}

// late are the rows of badRows that show at a boot only, with what overlay-check says instead.
var late = map[string]string{
	"upper program fails": "note: is a program", "full tmpfs": "-", "INIT starts nothing": "-",
}

// TestCheckAgrees checks that overlay-check finds what a boot refuses, in the words of the
// boot, and that it makes and changes nothing.
func TestCheckAgrees(t *testing.T) {
	rows := slices.Clone(faultRows[:])
	for _, r := range badRows {
		rows = append(rows, fault{"", r.config, r.prepare, r.says, late[r.name]})
	}
	for _, r := range rows {
		t.Run(strings.ReplaceAll(r.config, "\n", " "), func(t *testing.T) {
			onHost(t, func(h *host) {
				h.notOriginal()
				s := h.subhost("bad", r.config+"\n"+minimal)
				if r.prepare != "" {
					h.sh("cd " + s.Dir + "; " + r.prepare)
				}
				h.snap()
				var c checked
				h.untouched(func() { c = h.check(s.Conf, "--commands", "--plan") })
				s.finds(r, c)
				if r.says == "" {
					s.running(s.run("overlay-boot", s.Conf))
					s.stop()
					return
				}
				h.refused(s, bad{says: r.says})
				severity, pattern := r.expected()
				if c.WouldBoot == (severity == "error" && pattern != "-") {
					h.t.Errorf("would boot: %v, %v", c.WouldBoot, c.Messages)
				}
			})
		})
	}
}

// expected returns the severity and the pattern of what overlay-check finds; the pattern is "-"
// for nothing.
func (r fault) expected() (severity, pattern string) {
	for _, severity := range []string{"note", "warning"} {
		if pattern, ok := strings.CutPrefix(r.finds, severity+": "); ok {
			return severity, pattern
		}
	}
	return "error", cmp.Or(r.finds, r.says)
}

// finds checks what overlay-check has found, and that it blames the right variable at the
// right line.
func (s *subhost) finds(r fault, c checked) {
	s.t.Helper()
	severity, pattern := r.expected()
	if pattern == "-" {
		if r.says == "" && len(c.Messages) != 0 {
			s.t.Errorf("it says %v", c.Messages)
		}
		return
	}
	text, err := os.ReadFile(s.Conf)
	must(s.t, err)
	lines := strings.Split(string(text), "\n")
	for _, m := range c.Messages {
		if m.Severity != severity || !regexp.MustCompile(pattern).MatchString(m.Text) {
			continue
		}
		if r.variable != "" && m.Variable != r.variable || r.variable == "" &&
			!strings.Contains("\nLIVE=\nUPPER=\nWORK=\n"+r.config, "\n"+m.Variable+"=") {
			s.t.Errorf("the blame is on %s", m.Variable)
		}
		if line := lines[m.Line-1]; !strings.HasPrefix(line, m.Variable+"=") && m.Line != 1 &&
			!strings.HasPrefix(line, "BASE=") {
			s.t.Errorf("line %d is %q, about %s", m.Line, line, m.Variable)
		}
		return
	}
	s.t.Errorf("no %q in %v", pattern, c.Messages)
}

// untouched runs something, and checks that no file, mount, interface, group, module or loop device
// of the sandbox has changed.
func (h *host) untouched(body func()) {
	h.t.Helper()
	const state = `cat /proc/self/mounts; ip -o link; ls -R /run/netns /run/overlay-boot 2>&1 || :
		find /sys/fs/cgroup -type d 2>/dev/null | sort || :; cut -d' ' -f1 /proc/modules || :
		losetup -a || :`
	h.sh("touch /tmp/mark")
	before := h.sh(state)
	body()
	if after := h.sh(state); after != before {
		h.t.Errorf("the host was\n%s\nand is\n%s", before, after)
	}
	const find = "find /etc /run /tmp -xdev -cnewer /tmp/mark"
	if changed := h.sh(find); changed != "" {
		h.t.Errorf("changed:\n%s", changed)
	}
	must(h.t, os.Remove("/tmp/mark"))
}

// TestFaultsAreComplete checks that each variable of the configuration has a fault that
// overlay-check is known to find.
func TestFaultsAreComplete(t *testing.T) {
	var all string
	for _, r := range faultRows {
		all += r.variable + "\n"
	}
	for _, r := range badRows {
		if _, isLate := late[r.name]; !isLate {
			all += r.says + "\n"
		}
	}
	for _, name := range variables(t) {
		if !regexp.MustCompile(`\b` + name + `\b`).MatchString(all) {
			t.Errorf("no row has a fault of %s", name)
		}
	}
}

// variables returns the names of the variables of a configuration.
func variables(t *testing.T) (names []string) {
	t.Helper()
	text, _ := scripts.Text("functions")
	for _, m := range regexp.MustCompile(`(?m)^    (?:config|option) ([A-Z_]+)`).
		FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	if len(names) < 16 {
		t.Fatalf("only %d variables were found", len(names))
	}
	check, _ := scripts.Text("overlay-check")
	lists := regexp.MustCompile(`(?m)^EACH_LINE="(.*)"$`).FindStringSubmatch(check)
	return append(names, strings.Fields(strings.Join(lists[1:], ""))...)
}

// TestCheckAll checks that all faults are reported at once, of all files, as lines to which an
// editor can jump, and what is printed for --strict.
func TestCheckAll(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("all", "BASE=.\nCABLES= no0= \\\nCABLES= no1= =zz\nSTART= none\n"+
			"DROP= a;b c;d kill\n"+
			"LOWER=/no/lower\nLIVE=no/live\nUPPER=no/upper\nWORK=no/work\nLOG=/no/log\nSHARE=/no/share\n"+
			"SHARE=/no/other\nINIT=/no/init\nPREMOUNT=/no/pre\nPOSTMOUNT=/no/post\nENVIRONMENT= 1 2=3 4\n"+
			"WRITABLE= /x /proc/sys/y\nAFTER= a/ # b\nHOSTNAME=\x1b[1m\xc2\x9b\xff\u00e4\x7f\n")
		good := h.subhost("good", minimal+"LIVES=x\n")
		r := h.run("overlay-check", s.Conf, good.Conf, "/no/such.conf")
		want := ""
		for _, line := range []string{
			"2: error: bad CABLES config: there is no bridge no0",
			"3: error: bad CABLES config: there is no bridge no1",
			"3: error: bad CABLES config: zz is not a MAC address",
			"5: error: bad DROP config: a;b are no names of capabilities",
			"5: error: bad DROP config: c;d are no names of capabilities",
			"6: error: LOWER=/no/lower is not a directory",
			"7: error: LIVE=no/live is not a directory",
			"8: error: UPPER=no/upper is not a directory",
			"9: error: WORK=no/work is not a directory",
			"10: error: LOG=/no/log: /no/ is not a directory",
			"11: error: SHARE=/no/share: special device /no/share does not exist.",
			"12: error: SHARE=/no/other: special device /no/other does not exist.",
			"13: error: INIT=/no/init not executable",
			"14: error: PREMOUNT=/no/pre not executable",
			"15: error: POSTMOUNT=/no/post not executable",
			"16: error: bad ENVIRONMENT config: 1 is no name",
			"16: error: bad ENVIRONMENT config: 2=3 is no name",
			"16: error: bad ENVIRONMENT config: 4 is no name",
			"17: error: bad WRITABLE config: /x is not below /proc or /sys",
			"17: error: WRITABLE: there is no /proc/sys/y",
			"18: warning: the # and what is behind it are part of the value of AFTER: it begins no " +
				"comment there",
			"18: error: bad AFTER config: a/ has a slash; AFTER has names of subhosts",
			`19: error: bad HOSTNAME config: \x1b[1m\xc2\x9b\xffä\x7f is no host name, of letters, ` +
				"digits, - and .",
		} {
			want += s.Conf + ":" + line + "\n"
		}
		want += good.Conf + ":5: warning: LIVES is no variable; did you mean LIVE?\n" +
			"/no/such.conf: error: Cannot use /no/such.conf\n"
		if r.Stderr != want || r.Stdout != "" || r.Status != 1 {
			h.t.Errorf("%v\nwant %s", r, want)
		}
		for _, row := range []struct {
			option string
			status int
		}{{"--strict", 1}, {"-s", 1}, {"--plan", 0}, {"-p", 0}} {
			if r := h.run("overlay-check", row.option, good.Conf); r.Status != row.status {
				h.t.Errorf("%s: %v", row.option, r)
			}
		}
	})
}

// TestCheckWords checks the options, joined and behind operands, and that what cannot be printed is
// a failure.
func TestCheckWords(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("words", minimal)
		var want sandbox.Result
		for i, words := range []string{"--json --plan CONF", "-jp CONF", "CONF -pj", "-j CONF --plan",
			"-cspj -- CONF", "-j -p CONF --"} {
			r := h.run("overlay-check", strings.Fields(strings.ReplaceAll(words, "CONF", s.Conf))...)
			if i == 0 {
				want = r
			}
			if r.Status != 0 || r.Stderr != "" || r.Stdout != want.Stdout ||
				!strings.Contains(r.Stdout, `"step"`) {
				h.t.Errorf("%s: %v", words, r)
			}
		}
		odd := h.subhost("odd", minimal+"LOWER=l\x1b[1m\u00e4\n")
		must(h.t, os.Mkdir(odd.Dir+"/l\x1b[1m\u00e4", 0o755))
		if r := h.run("overlay-check", "-p", odd.Conf); r.Status != 0 || !strings.Contains(r.Stdout,
			`lowerdir=`+odd.Dir+`/l\x1b[1m`+"\u00e4,") || strings.Contains(r.Stdout, "\x1b") {
			h.t.Errorf("control characters: %q", r.Stdout)
		}
		for _, words := range []string{"-jx CONF", "CONF -x", "CONF --none", "-p", "--"} {
			r := h.run("overlay-check", strings.Fields(strings.ReplaceAll(words, "CONF", s.Conf))...)
			if r.Status != 2 || !strings.Contains(r.Stderr, "Usage: overlay-check") {
				h.t.Errorf("%s: %v", words, r)
			}
		}
		for _, words := range []string{"--plan CONF >/dev/full", "--json CONF >/dev/full",
			"--plan CONF >&-", "--json CONF >&-", "-p CONF CONF >/dev/full"} {
			r := h.exec(exec.Command("sh", "-c",
				h.engine.Dir+"/overlay-check "+strings.ReplaceAll(words, "CONF", s.Conf)))
			if r.Status != 1 || r.Stderr == "" {
				h.t.Errorf("%s: %v", words, r)
			}
		}
	})
}

// TestCheckMany checks that many names that are no variables are summed up.
func TestCheckMany(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		text := minimal
		for i := range 20000 {
			text += fmt.Sprintf("UNKNOWN%d=x\n", i)
		}
		c := h.check(h.subhost("many", text).Conf)
		if texts := c.texts("warning"); len(texts) != 21 || !slices.Contains(texts,
			": and 19980 more names in capitals that are no variables") {
			h.t.Errorf("%d: %q", len(texts), texts)
		}
	})
}

// TestCheckLocks checks what is said where a boot could not take its lock.
func TestCheckLocks(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("locks", minimal)
		held := `mkdir -p -m 700 /run/overlay-boot /run/overlay-boot/boot
			flock -n /run/overlay-boot/boot/locks ` + h.engine.Dir + `/overlay-check `
		r := h.exec(exec.Command("sh", "-c", held+s.Conf))
		h.sh("rm /run/overlay-boot/boot/locks")
		if r.Status != 0 || !strings.Contains(r.Stderr, "note: locks is in work") {
			h.t.Errorf("held: %v", r)
		}
		for _, at := range []string{"/run/overlay-boot", "/run"} {
			h.sh("mount -t tmpfs -o ro,mode=700 x " + at)
			c := h.check(s.Conf)
			if texts := c.texts("error"); len(texts) != 1 || !strings.Contains(texts[0],
				": Cannot make a lock in /run/overlay-boot: "+at+" is read-only") {
				h.t.Errorf("%s: %q", at, texts)
			}
			if r := h.run("overlay-boot", s.Conf); r.Status != 1 ||
				!strings.Contains(r.Stderr, "Cannot make a lock in /run/overlay-boot") {
				h.t.Errorf("%s: %v", at, r)
			}
			h.sh("umount " + at)
		}
	})
}

// TestCheckRunning checks that a subhost that runs is a note and no fault, that its own
// interface is not in its way, and that its commands are not run.
func TestCheckRunning(t *testing.T) {
	onHost(t, func(h *host) {
		h.notOriginal()
		s := h.subhost("runs", "CABLES= =\nSTART= none\nLOWER=!printf /\n")
		s.boot()
		c := h.check(s.Conf, "--commands")
		if got := fmt.Sprint(c.texts("note")); !c.WouldBoot ||
			!strings.Contains(got, "runs is running already") ||
			!strings.Contains(got, "which was not run, since runs runs") {
			h.t.Errorf("%v", c)
		}
		if c := h.check("runs"); !c.WouldBoot || c.File != s.Conf || c.Name != "runs" {
			h.t.Errorf("by its name: %v", c)
		}
		other := h.subhost("other", minimal+"LIVE="+s.Dir+"/live\n")
		errors := fmt.Sprint(h.check(other.Conf).texts("error"))
		if !strings.Contains(errors, "is in use by another subhost (runs)") {
			h.t.Errorf("LIVE in use: %v", errors)
		}
		s.stop()
		const note = "[LOWER: LOWER is a command, which was not run; --commands runs it]"
		if got := fmt.Sprint(h.check(s.Conf).texts("note")); got != note {
			h.t.Errorf("stopped: %v", got)
		}
	})
}

// planned is a configuration with all variables, but for the two whose defaults make most of the
// plan, and those of TestPlan itself.
const planned = `NAME=plan
CABLES= planbr= =02:00:00:00:00:07
START= none
LIVE=live
UPPER=root
WORK=work
LOWER=/
PREMOUNT=./pre
RAM_SIZE=40M
DROP= sys_module sys_rawio
SHARE=/tmp/b/data:/srv/data:ro
WRITABLE= /proc/irq
HOSTNAME=planned
DNS= 10.0.0.1
ADDRESS=10.0.0.2/24 via 10.0.0.1
ADDRESS=10.0.1.2/31
ENVIRONMENT= A=b
AFTER= none_such
READY=/bin/true
READY_TIMEOUT=20
RESTART=on-failure 2
`

// limit returns a value for LIMITS that this machine can set, with the file and its content; all
// are "" if there is none.
func (h *host) limit() (word, file, content string) {
	controllers := strings.Fields(h.sh("cat " + sandbox.CgroupRoot + "/cgroup.controllers"))
	for _, r := range limitValues {
		if name, _, _ := strings.Cut(r.file, "."); slices.Contains(controllers, name) {
			return r.file + "=" + r.value, sandbox.CgroupRoot + "/plan/" + r.file, r.content
		}
	}
	return "", "", ""
}

// TestPlan compares the plan with what the boot then makes: mounts, devices, links, limits and
// the order. A plan changes nothing, also while the subhost runs.
func TestPlan(t *testing.T) {
	if !sandbox.Inside() {
		passOn(t)
	}
	onHost(t, func(h *host) {
		h.notOriginal()
		h.sh("ip link add planbr type bridge; mkdir -p /tmp/b/data")
		limit, file, content := h.limit()
		s := h.subhost("plan", planned+"LIMITS= "+limit+"\n")
		s.Write("pre", "#!/bin/sh\n")
		h.sh("chmod +x " + s.Dir + "/pre")
		busy := fmt.Sprint(h.check(s.Conf).texts("error"))
		if strings.HasPrefix(limit, "hugetlb") && !strings.Contains(busy, "cannot be turned on") {
			h.t.Errorf("with processes in the group: %s", busy)
		}
		h.sh("cd " + sandbox.CgroupRoot + "; mkdir tests; for p in $(cat cgroup.procs); do" +
			" echo $p > tests/cgroup.procs || :; done")
		h.snap()
		kinds, devices, points, texts := s.steps()
		const order = "log netns cable hook mount file hook file mount device file mount" +
			" file mount file share group start mount start ready restart"
		if got := strings.Join(kinds, " "); got != order {
			h.t.Errorf("steps %s, want %s", got, order)
		}
		if limit != "" {
			h.contains(texts, "group mkdir "+sandbox.CgroupRoot+"/plan", "group echo "+content+" > "+file)
		}
		tree := s.boot()
		var made []string
		for point := range s.mounts(tree) {
			made = append(made, point)
		}
		slices.Sort(made)
		slices.Sort(points)
		if !slices.Equal(made, points) {
			h.t.Errorf("mounts\n%v, planned\n%v", made, points)
		}
		slices.Sort(devices)
		if got := s.says("find /dev -xdev -type c | sort"); got != strings.Join(devices, "\n") {
			h.t.Errorf("devices %q, planned %v", got, devices)
		}
		if got := s.links(); got != "eth0 eth1 lo" {
			h.t.Errorf("links %s", got)
		}
		s.plannedAgain(limit, file, content)
		s.stop()
		if _, runs := sandbox.Find("plan"); runs {
			h.t.Error("it runs")
		}
	})
}

// steps returns what the plan of a boot has, which touches nothing: the kinds of its steps in
// their order, its devices and mount points, and all steps.
func (s *subhost) steps() (kinds, devices, points, texts []string) {
	s.t.Helper()
	var plan []struct{ Step, Text string }
	s.untouched(func() { plan = s.check(s.Conf, "--plan").Plan })
	for _, p := range plan {
		texts = append(texts, p.Step+" "+p.Text)
		words := strings.Fields(strings.TrimSuffix(p.Text, " (ro)"))
		if len(kinds) == 0 || kinds[len(kinds)-1] != p.Step {
			kinds = append(kinds, p.Step)
		}
		switch target := strings.TrimPrefix(words[len(words)-1], s.Dir+"/live"); p.Step {
		case "device":
			devices = append(devices, "/"+words[3])
		case "mount", "share":
			if !strings.Contains(p.Text, " remount,") {
				points = append(points, "/"+strings.TrimPrefix(target, "/"))
			}
		case "cable", "netns":
			if words[0] != "ip" {
				s.t.Errorf("%v", p)
			}
		}
	}
	return kinds, devices, points, texts
}

// contains checks that a list has these texts.
func (h *host) contains(list []string, wanted ...string) {
	h.t.Helper()
	for _, w := range wanted {
		if !slices.Contains(list, w) {
			h.t.Errorf("no %q in %q", w, list)
		}
	}
}

// plannedAgain checks a subhost that runs: its own group is no fault, and its limit, which somebody
// has changed, stays.
func (s *subhost) plannedAgain(limit, file, content string) {
	s.t.Helper()
	if limit != "" {
		if got := s.sh("cat " + file); strings.TrimSpace(got) != content {
			s.t.Errorf("%s is %s, want %s", file, got, content)
		}
		s.sh("echo max > " + file)
	}
	s.untouched(func() {
		c := s.check(s.Conf, "--plan")
		if !c.WouldBoot || len(c.Plan) == 0 {
			s.t.Errorf("while it runs: %v", c)
		}
		if want := "READY"; len(c.texts("warning")) != 1 {
			s.t.Errorf("%s: %v", want, c.Messages)
		}
	})
	if limit != "" {
		if got := s.sh("cat " + file); strings.TrimSpace(got) != "max" {
			s.t.Errorf("the plan has written %s into %s", got, file)
		}
	}
}

// TestPlanIsComplete checks that TestPlan has all variables.
func TestPlanIsComplete(t *testing.T) {
	for _, name := range variables(t) {
		if strings.Contains(" BASE LOG LIMITS POSTMOUNT INIT ", " "+name+" ") {
			continue
		}
		if !strings.Contains("\n"+planned, "\n"+name+"=") {
			t.Errorf("no %s", name)
		}
	}
}

// oddLines are configurations with lines that mean something else than they seem to, and what
// overlay-check says: LINE: TEXT.
var oddLines = [...]struct{ config, says string }{
	{"LIVES=x", "1: LIVES is no variable; did you mean LIVE?"},
	{"CABEL= =", "1: CABEL is no variable; did you mean CABLES?"},
	{"POSTMONT=x", "1: POSTMONT is no variable; did you mean POSTMOUNT?"},
	{"LVIE=x", "1: LVIE is no variable; did you mean LIVE?"},
	{"LWOER=/", "1: LWOER is no variable; did you mean LOWER?"},
	{"ENV=x", "1: ENV is no variable; did you mean ENVIRONMENT?"},
	{"SHARES=/x", "1: SHARES is no variable; did you mean SHARE?"},
	{"WRITEABLE=all", "1: WRITEABLE is no variable; did you mean WRITABLE?"},
	{"Live=x", "1: Live is no variable; did you mean LIVE?"},
	{"live=x", "1: live is no variable; did you mean LIVE?"},
	{"  lives=x", ""}, // may be meant for a hook
	{"mine=x\nmy_name=y", ""},
	{"QUOTA=5", "1: QUOTA is no variable"},
	{"X=5", "1: X is no variable"},
	{" QUOTA=5", ""},
	{"START =x", "1: a blank before the = of START: the line means nothing"},
	{"START\t= x", "1: a blank before the = of START: the line means nothing"},
	{" START=x", "1: a blank before START: the line means nothing"},
	{" STRAT=x", "1: STRAT is no variable; did you mean START?"},
	{"START: x", "1: no = behind START: the line means nothing"},
	{"START x", "1: no = behind START: the line means nothing"},
	{"START:=x", "1: START is set by START=value only: the line means nothing"},
	{"START+=x", "1: START is set by START=value only: the line means nothing"},
	{"export WORK=work", "1: export before WORK: the line means nothing"},
	{"RAM_SIZE=1M\n# x\nRAM_SIZE=2M",
		"3: another line for RAM_SIZE, which does not count: line 1 does"},
	{"RAM_SIZE=1M \\\nRAM_SIZE=2M", ""},
	{"RAM_SIZE=1M\\\\\nRAM_SIZE=2M",
		"2: another line for RAM_SIZE, which does not count: line 1 does"},
	{"RAM_SIZE=1M\\\n# x\n\nRAM_SIZE=2M\nRAM_SIZE=3M",
		"5: another line for RAM_SIZE, which does not count: line 1 does"},
	{"RAM_SIZE=1M \\\n  2M", ""},
	{"RAM_SIZE=1M \\\n  and more",
		"2: the value of RAM_SIZE goes on only in a line RAM_SIZE=...: this one means nothing"},
	{"SHARE=/etc\nSHARE =/usr\nSHARE=/opt", ""},
	{" SHARE=/usr", "1: a blank before SHARE: the line means nothing"},
	{"RAM_SIZE=1M # big", "1: the # and what is behind it are part of the value of RAM_SIZE: " +
		"it begins no comment there"},
	{"AFTER= # x y", "1: the # and what is behind it are part of the value of AFTER: " +
		"it begins no comment there"},
	{"\ufeffBASE=.", "1: the file begins with a byte order mark (BOM); its first line " +
		"means nothing: remove the mark"},
	{"\ufeff# x", ""},
	{"RAM_SIZE=1M#big", ""},
	{"UPPER=\"root\"", "1: the quotes are part of the value of UPPER"},
	{"UPPER='root'", ""},
	{"START=\"/bin/true\"", ""},
	{"START=\"a b\"", "1: the quotes are part of the value of START"},
	{"# LIVES=x\n  # START =x\n#LIVE=x", ""},
	{"Some words that mean nothing.\n\n--- and more", ""},
	{"RAM_SIZE=1M\r\nLIVES=x\r", "2: LIVES is no variable; did you mean LIVE?"},
	{"QUOTA\xff=5", ""},
	{"QUOTA-A=5", "1: QUOTA-A is no variable"},
}

// TestOddLines checks what is said about lines, by both shells.
func TestOddLines(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.needTools("dash")
		h.export(bases + "/.set")
		h.sh("touch " + bases + "/.set/reaper") // or dash misses it
		for _, r := range oddLines {
			s := h.subhost("odd", "LOG=/tmp/odd\nBASE=.\nCABLES=\n")
			s.Write("odd.conf", r.config+"\nLOG=/tmp/odd\nBASE=.\nCABLES=\n")
			if !strings.Contains(r.config, "START") {
				s.Write("odd.conf", r.config+"\nSTART=none\nBASE=.\n")
			}
			for _, got := range []sandbox.Result{
				h.run("overlay-check", s.Conf),
				h.exec(exec.Command("dash", bases+"/.set/overlay-check", s.Conf)),
			} {
				said := ""
				for line := range strings.Lines(got.Stderr) {
					line = strings.TrimPrefix(strings.TrimSuffix(line, "\n"), s.Conf+":")
					if number, text, ok := strings.Cut(line, ": warning: "); ok &&
						!strings.HasPrefix(text, "START: ") {
						said += number + ": " + text
					}
				}
				if said != r.says {
					h.t.Errorf("%q: %v\nwant %q", r.config, got, r.says)
				}
			}
			must(h.t, os.RemoveAll(s.Dir))
		}
	})
}

// TestCheckJSON checks that what is printed as JSON is JSON, whatever bytes the configuration has.
func TestCheckJSON(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.needTools("dash")
		h.export(bases + "/.set")
		s := h.subhost("bytes", "BASE=.\nCABLES=\nSTART=none\nLOWER=/\"\x01\t\x7f\\\\ \xc3\xa4 "+
			"\xff \xc0\xaf \xed\xa0\x80 \xf0\x9f\x98\x80 \xf4\x90\x80\x80 \xe2\x82\nSHARE=/$(id)`id`<&>\n")
		const want = "LOWER: LOWER=/\"\x01\t\x7f\\ \u00e4 \ufffd \ufffd\ufffd " +
			"\ufffd\ufffd\ufffd \U0001f600 \ufffd\ufffd\ufffd\ufffd \ufffd\ufffd is not a directory"
		texts := h.check(s.Conf).texts("error")
		if !slices.Contains(texts, want) {
			h.t.Errorf("%q, want %q", texts, want)
		}
		h.check("/no/such\xff.conf", "--plan")
		h.check(h.subhost("plan", minimal).Conf, "--plan")
		both := h.run("overlay-check", "--json", "--plan", s.Conf, "/no/such.conf")
		h.validate(both.Stdout)
		dash := h.exec(exec.Command("dash", bases+"/.set/overlay-check", "--json", s.Conf))
		if ours := h.run("overlay-check", "--json", s.Conf); dash.Stdout != ours.Stdout {
			h.t.Errorf("dash: %v\nours: %v", dash, ours)
		}
	})
}

// TestLook compares what overlay-check sees of a root with an overlay that the kernel mounts.
func TestLook(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.needTools("dash")
		h.export(bases + "/.set")
		h.sh(`cd ` + bases + `; mkdir -p l/d/e l/only u/d w m u/new l/f.d; cd l
			touch d/e/f d/g hidden only/x f; ln -s d/e link; ln -s /d/g abs; ln -s ../../../f up
			ln -s loop loop
			ln -s only/x both; ln -s d f.d/l; mkdir gone; touch gone/x; ln -s only changed
			cd ../u; mknod hidden c 0 0; mknod d/g c 0 0; mknod gone c 0 0; touch new/n f.d; ln -s new both
			ln -s ../only d/out; mkdir changed; touch changed/mine; ln -s /../new abs2; mkfifo d/pipe
			mount -t overlay -o lowerdir=../l,upperdir=.,workdir=../w x ../m`)
		paths := strings.Fields(`/ /d /d/e /d/e/f /d/g /hidden /only/x /f /f/x /link /link/f
			/abs /up /loop
			/f/../f /both /both/n /f.d /f.d/l /gone /gone/x /changed /changed/mine /changed/x /new/n /abs2
			/abs2/n /d/out /d/out/x /d/../f /no/../f /d/e/../../only/x /link/../g /d/pipe //d//e/./f /no/no
			/changed/../only/x /both/../f`)
		script := `OVERLAYDIR=` + bases + `/.set; cd ` + bases + `; . .set/functions; . .set/look
			TAB='	' SHARED= ROOT=overlay UPPER=$PWD/u LOWER=$PWD/l LIVE=$PWD/m RAM_SIZE=none
			for P in "$@" ; do
				look "$P"
				echo "$P ${FOUND:+yes} $([ -d "$FOUND" ] && echo dir) ${PLACE:-/}"
			done`
		kernel := `cd ` + bases + `/m; for P in "$@" ; do
			echo "$P $(overlay-below . test -e "$P" && echo yes)" \
				"$(overlay-below . test -d "$P" && echo dir) $(overlay-below . realpath -m "$P")" ; done`
		said := func(shell, script string) []string {
			r := h.exec(exec.Command(shell, append([]string{"-c", script, "look"}, paths...)...))
			if r.Stderr != "" || r.Status != 0 {
				h.t.Errorf("%s: %v", shell, r)
			}
			return strings.Split(r.Stdout, "\n")
		}
		want := said(h.engine.Dir+"/overlay-sh", kernel)
		for _, shell := range []string{"dash", h.engine.Dir + "/overlay-sh"} {
			got := said(shell, script)
			for i := range want {
				if i >= len(got) || got[i] != want[i] {
					h.t.Errorf("%s: %q, want %q", shell, got[min(i, len(got)-1)], want[i])
				}
			}
		}
		h.sh("umount " + bases + "/m")
	})
}

// TestCheckTwice checks that a faulty word that a value has twice is named once.
func TestCheckTwice(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("twice", minimal+"LIMITS= none none\nWRITABLE= /etc /etc\n")
		r := h.run("overlay-check", s.Conf)
		if strings.Count(r.Stderr, "none is not FILE=VALUE") != 1 ||
			strings.Count(r.Stderr, "/etc is not below") != 1 {
			h.t.Errorf("%v", r)
		}
	})
}
