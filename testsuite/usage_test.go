package testsuite

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
)

// commands are those that an administrator calls, with the section of their
// manual page.
var commands = map[string]string{
	"overlay-boot": "8", "overlay-stop": "8", "overlay-go": "8", "overlay-share": "8",
	"overlay-diskfile": "8", "overlay-compat": "8", "overlay-sh": "1",
}

// A usageRow is a call that needs no subhost and no root; a ~ in an argument is a
// blank. Each pattern matches all of a stream.
type usageRow struct {
	args           string
	status         int
	stdout, stderr string
}

// wrongUsage is what each of the five tools says then.
const wrongUsage = `NAME: .*\nUsage: NAME \[--scripts DIR\] .*\n`

var toolRows = [...]usageRow{
	{"--help", 0, `Usage: NAME \[--scripts DIR\] (?s:.*)Exit status: .*, 2 wrong usage\.\n`, ``},
	{"--no-such", 2, ``, wrongUsage},
	{"-x", 2, ``, wrongUsage},
	{"--scripts", 2, ``, wrongUsage},
	{"--scripts=", 2, ``, wrongUsage},
	{"--export-scripts", 2, ``, wrongUsage},
	{"--export-scripts /proc/no/such", 1, ``, `overlay-boot: cannot export scripts: .*\n`},
	{"--list-scripts", 0, `(\S+ +(embedded|/etc/overlay-boot/scripts/\S+ .*)\n){9}`, ``},
	{"--scripts /proc/no/such --list-scripts", 1, `(\S+ +.*no such file.*\n){9}`, ``},
}

var shellRows = [...]usageRow{
	{"--help", 0, `Usage: overlay-sh (?s:.*)`, ``},
	{"-c exit~7", 7, ``, ``},
	{"-c true", 0, ``, ``},
	{"-c no-such-command", 127, ``, `NAME: 1: no-such-command: not found\n`},
	{"-c /etc/passwd", 126, ``, `NAME: 1: /etc/passwd: Permission denied\n`},
	{"-c )", 2, ``, `NAME: 1: Syntax error: .*\n`},
	{"-c", 2, ``, `NAME: 0: -c requires an argument\n`},
	{"-o no-such", 2, ``, `NAME: 0: Illegal option -o no-such\n`},
	{"/no/such/script", 2, ``, `NAME: 0: cannot open /no/such/script: No such file\n`},
}

// TestUsage calls each command as it is described by --help, and wrongly.
func TestUsage(t *testing.T) {
	for name := range commands {
		var rows []usageRow
		switch name {
		case "overlay-compat": // has such tests of its own
			rows = []usageRow{{"--help", 0, `Usage: NAME (?s:.*)Exit status: (?s:.*)`, ``}}
		case "overlay-sh":
			rows = shellRows[:]
		default:
			rows = toolRows[:]
		}
		for _, r := range rows {
			t.Run(name+" "+r.args, func(t *testing.T) { r.check(t, name) })
		}
	}
	for _, name := range []string{"overlay-boot", "overlay-stop"} {
		usageRow{"", 2, ``, wrongUsage}.check(t, name)
	}
}

func (r usageRow) check(t *testing.T, name string) {
	t.Helper()
	var args []string
	for _, arg := range strings.Fields(r.args) {
		args = append(args, strings.ReplaceAll(arg, "~", " "))
	}
	e := ours(t)
	cmd := exec.Command(e.Dir+"/"+name, args...)
	cmd.Env = e.Env
	got, err := sandbox.Exec(cmd)
	must(t, err)
	pattern := func(p string) *regexp.Regexp {
		return regexp.MustCompile(`^(` + strings.ReplaceAll(p, "NAME", `(\S*/)?`+name) + `)$`)
	}
	if got.Status != r.status || !pattern(r.stdout).MatchString(got.Stdout) ||
		!pattern(r.stderr).MatchString(got.Stderr) {
		t.Errorf("%s %s: %v\nwant %d %q %q", name, r.args, got, r.status, r.stdout, r.stderr)
	}
}

// TestManuals: each command has a page that tells how to call it and how it ends,
// and names its options.
func TestManuals(t *testing.T) {
	for name, section := range commands {
		text, err := os.ReadFile("../scripts/man/" + name + "." + section)
		if err != nil {
			t.Error(err)
			continue
		}
		page := string(text)
		for _, want := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"} {
			if !strings.Contains(page, "\n.Sh "+want+"\n") {
				t.Errorf("%s(%s) has no %s", name, section, want)
			}
		}
		if section == "8" && name != "overlay-compat" && !strings.Contains(page, "-scripts Ar dir") {
			t.Errorf("%s(%s) does not tell of --scripts", name, section)
		}
	}
}

// TestFewFiles: where too few files may be open, and that cannot be changed, nothing is
// begun that could not be brought to its end.
func TestFewFiles(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("few", minimal)
		for _, limit := range []string{"6", "13", "24", "48"} {
			cmd := h.engine.Command("overlay-boot", s.conf)
			cmd.Args = append([]string{"sh", "-c", "ulimit -n " + limit + `; exec "$0" "$@"`},
				append([]string{cmd.Path}, cmd.Args[1:]...)...)
			cmd.Path = "/bin/sh"
			r := h.exec(cmd)
			if r.Status == 0 {
				s.stop() // who may raise the limit boots
			} else if r.Status != 2 || !strings.Contains(r.Stderr, "open files") {
				h.t.Errorf("ulimit -n %s: %v", limit, r)
			}
			s.gone()
		}
	})
}
