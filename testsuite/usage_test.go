package testsuite

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/scripts"
)

// commands are the commands for an administrator, with the section of their man page.
var commands = map[string]string{
	"overlay-boot": "8", "overlay-stop": "8", "overlay-go": "8", "overlay-share": "8",
	"overlay-check": "8", "overlay-diskfile": "8", "overlay-compat": "8", "overlay-sh": "1",
	"overlay-log": "8", "overlay-restart": "8", "overlay-wait": "8", "overlay-clean": "8",
	"overlay-list": "8", "overlay-map": "8", "overlay-diff": "8", "overlay-reset": "8",
}

// nativeTools are the commands that are no scripts.
var nativeTools = []string{"overlay-list", "overlay-map", "overlay-diff", "overlay-reset"}

// A usageRow is a call that needs no subhost and no root. A ~ in an argument stands for a
// blank, and an argument "" is empty. Each pattern matches a whole stream.
type usageRow struct {
	args           string
	status         int
	stdout, stderr string
}

// wrongUsage is the message of each tool, or its script, about wrong usage.
const wrongUsage = `NAME: .*\nUsage: NAME .*\n`

var toolRows = [...]usageRow{
	{"--help", 0, `Usage: NAME \[--scripts DIR\] (?s:.*)Exit status: .*, 2 wrong usage\.\n`, ``},
	{"--version", 0, `NAME \S+\n`, ``},
	{"--version=1", 2, ``, wrongUsage},
	{"--no-such", 2, ``, wrongUsage},
	{"-x", 2, ``, wrongUsage},
	{"--scripts", 2, ``, wrongUsage},
	{"--scripts=", 2, ``, wrongUsage},
	{"--export-scripts", 2, ``, wrongUsage},
	{"--export-scripts /proc/no/such", 1, ``, `overlay-boot: cannot export scripts: .*\n`},
	{"--list-scripts", 0, `(\S+ +(embedded|/etc/overlay-boot/scripts/\S+ .*)\n){COUNT}`, ``},
	{"--scripts /proc/no/such --list-scripts", 1, `(\S+ +.*no such file.*\n){COUNT}`, ``},
}

// nativeRows are about tools without a script.
var nativeRows = [...]usageRow{
	{"--help", 0, `Usage: NAME (?s:.*)Exit status: (?s:.*), 2 wrong usage\.\n`, ``},
	{"--version", 0, `NAME \S+\n`, ``},
	{"--version=1", 2, ``, wrongUsage},
	{"--no-such", 2, ``, wrongUsage},
	{"-x", 2, ``, wrongUsage},
	{"--scripts /usr", 2, ``, wrongUsage},
	{"--list-scripts", 2, ``, wrongUsage},
}

var shellRows = [...]usageRow{
	{"--help", 0, `Usage: overlay-sh (?s:.*)`, ``},
	{"--version", 0, `overlay-sh \S+\n`, ``},
	{"-c exit~7", 7, ``, ``},
	{"-c true", 0, ``, ``},
	{"-c no-such-command", 127, ``, `NAME: 1: no-such-command: not found\n`},
	{"-c /etc/passwd", 126, ``, `NAME: 1: /etc/passwd: Permission denied\n`},
	{"-c )", 2, ``, `NAME: 1: Syntax error: .*\n`},
	{"-c", 2, ``, `NAME: 0: -c requires an argument\n`},
	{"-o no-such", 2, ``, `NAME: 0: Illegal option -o no-such\n`},
	{"/no/such/script", 2, ``, `NAME: 0: cannot open /no/such/script: No such file\n`},
}

// TestUsage calls each command with --help, correctly, and wrongly.
func TestUsage(t *testing.T) {
	for name := range commands {
		var rows []usageRow
		switch name {
		case "overlay-compat": // its own package has more such tests
			rows = []usageRow{{"--help", 0, `Usage: NAME (?s:.*)Exit status: (?s:.*)`, ``},
				{"--version", 0, `NAME \S+\n`, ``}}
		case "overlay-sh":
			rows = shellRows[:]
		default:
			rows = toolRows[:]
			if slices.Contains(nativeTools, name) {
				rows = nativeRows[:]
			}
		}
		for _, r := range rows {
			t.Run(name+" "+r.args, func(t *testing.T) { r.check(t, name) })
		}
	}
}

// scriptUsage is the message of a script about wrong usage.
const scriptUsage = `Usage: NAME .*\n`

// operandRows has for each command what it does without operands, with too many, with an
// unknown option, and with an operand after "--" that looks like an option.
var operandRows = map[string][4]usageRow{
	"overlay-boot": {{"", 2, ``, wrongUsage}, {"a.conf b.conf", 1, ``, `a\.conf is neither .*\n`},
		{"-x a.conf", 2, ``, wrongUsage}, {"-- -x.conf", 1, ``, `-x\.conf is neither .*\n`}},
	"overlay-stop": {{"", 2, ``, wrongUsage}, {"a.conf b.conf", 1, ``, `a\.conf is neither .*\n`},
		{"-x a.conf", 2, ``, wrongUsage}, {"-- -x.conf", 1, ``, `-x\.conf is neither .*\n`}},
	"overlay-check": {{"", 2, ``, scriptUsage}, {"/a.conf /b.conf", 1, ``,
		`/a.conf: error: Cannot use /a.conf\n/b.conf: error: Cannot use /b.conf\n`},
		{"-x a.conf", 2, ``, wrongUsage},
		{"-- -x.conf", 1, ``, `-x\.conf: error: -x\.conf is neither .*\n`}},
	"overlay-go": {{"", 0, `Select subhost: (?s:.*)`, ``}, {"no-such nor-such", 2, ``, scriptUsage},
		{"-x no-such", 2, ``, wrongUsage}, {"-- -x", 1, ``, `-x is neither .*\n`}},
	"overlay-log": {{"", 2, ``, scriptUsage}, {"no-such nor-such", 2, ``, scriptUsage},
		{"no-such -x", 2, ``, wrongUsage}, {"-f -- -x", 1, ``, `-x is neither .*\n`}},
	"overlay-restart": {{"", 2, ``, scriptUsage},
		{"/no/such /nor/such", 1, ``, `Cannot use /no/such\n`},
		{"-x no-such", 2, ``, wrongUsage}, {"-- -x", 1, ``, `-x is neither .*\n`}},
	"overlay-wait": {{"no-such", 2, ``, scriptUsage}, {"--up no-such nor-such", 2, ``, scriptUsage},
		{"-x no-such", 2, ``, wrongUsage}, {"--down -- /-x", 1, ``, `/-x is neither .*\n`}},
	"overlay-clean": {{"-n", 0, ``, ``}, {"-n no-such /nor/such", 1, ``, `(\S+ is neither .*\n){2}`},
		{"-x no-such", 2, ``, wrongUsage}, {"-n -- -x", 1, ``, `bad .* config: -x .*\n`}},
	"overlay-list": {{"", 0, `[N]AME .*\n`, ``}, {"no-such nor-such", 1, ``,
		`(NAME: no\S+ is neither .*\n){2}`},
		{"-x no-such", 2, ``, wrongUsage}, {"-- -x", 1, ``, `NAME: -x is neither .*\n`}},
	"overlay-map": {{"", 0, `(?s:.*)`, ``}, {"no-such nor-such", 1, ``,
		`(NAME: no\S+ is neither .*\n){2}`},
		{"-x no-such", 2, ``, wrongUsage}, {"-- -x", 1, ``, `NAME: -x is neither .*\n`}},
	"overlay-diff": {{"", 2, ``, wrongUsage}, {"no-such /a", 1, ``, `NAME: no-such is neither .*\n`},
		{"-x no-such", 2, ``, wrongUsage}, {"-- -x", 1, ``, `NAME: -x is neither .*\n`}},
	"overlay-reset": {{"", 2, ``, wrongUsage}, {"no-such /a", 1, ``, `NAME: no-such is neither .*\n`},
		{"-x no-such", 2, ``, wrongUsage}, {"-- -x", 1, ``, `NAME: -x is neither .*\n`}},
	"overlay-share": {{"", 2, ``, scriptUsage}, {"/usr no-such nor-such", 2, ``, scriptUsage},
		{"-x no-such", 2, ``, wrongUsage}, {"-- -x no-such", 1, ``, `\*\* Not a directory: \./-x\n`}},
	"overlay-diskfile": {{"", 2, ``, scriptUsage}, {"mnt/ a.img 1 2", 2, ``, scriptUsage},
		{"-x mnt/", 2, ``, wrongUsage}, {"-- -x/y a.img 1", 0, `-x/y\n`, ``}},
	"overlay-sh": {{"", 0, ``, ``}, {"-c exit~$# 0 1 2", 2, ``, ``},
		{"-Z", 2, ``, `NAME: 0: Illegal option -Z\n`},
		{"-- -x", 2, ``, `NAME: 0: cannot open -x: No such file\n`}},
	"overlay-compat": {{"", 2, ``, `(?s:.*)Usage: NAME .*(?s:.*)`},
		{"shell a b", 2, ``, `(?s:.+)`}, {"run -x", 2, ``, `(?s:.*)Usage: NAME .*(?s:.*)`},
		{"shell -- -x.sh", 2, ``, `NAME: stat -x\.sh: no such file or directory\n`}},
}

// emptyRows are calls with an empty operand, which is not the same as none: a script may have
// been called with an empty variable.
var emptyRows = map[string][]usageRow{
	"overlay-boot":  {{`""`, 2, ``, scriptUsage}},
	"overlay-check": {{`""`, 2, ``, scriptUsage}, {`/a.conf ""`, 2, ``, scriptUsage}},
	"overlay-stop":  {{`""`, 2, ``, scriptUsage}},
	"overlay-go": {{`""`, 2, ``, scriptUsage}, {`-- ""`, 2, ``, scriptUsage},
		{`no-such ""`, 2, ``, scriptUsage},
		{`-u "" no-such`, 2, ``, `NAME: -u: its value is empty\nUsage: NAME .*\n`},
		{`-C "" no-such`, 2, ``, `NAME: -C: its value is empty\nUsage: NAME .*\n`},
		{`--user= no-such`, 2, ``, `NAME: --user: its value is empty\nUsage: NAME .*\n`},
		{`-e "" no-such`, 2, ``, `NAME: -e '': the name of the variable is empty\nUsage: NAME .*\n`},
		{`no-such -- ""`, 2, ``, `NAME: the name of the command is empty\nUsage: NAME .*\n`},
		{`no-such --`, 2, ``, `NAME: -- wants a command\nUsage: NAME .*\n`},
		{`-e 1=x no-such`, 2, ``, wrongUsage}, {`-u root`, 2, ``, scriptUsage},
		{`-u`, 2, ``, wrongUsage}},
	"overlay-log": {{`""`, 2, ``, scriptUsage}, {`-n "" no-such`, 2, ``, wrongUsage},
		{`-n 1k no-such`, 2, ``, wrongUsage}, {`no-such -n`, 2, ``, wrongUsage}},
	"overlay-restart": {{`no-such ""`, 2, ``, scriptUsage}},
	"overlay-wait": {{`--up ""`, 2, ``, scriptUsage}, {`--up --down x`, 2, ``, scriptUsage},
		{`--up --timeout 1.5 x`, 2, ``, wrongUsage},
		{`--up --timeout= x`, 2, ``, `NAME: --timeout '': not a .*\nUsage: NAME .*\n`},
		{`x --up --timeout`, 2, ``, wrongUsage}, {`--down -t 0 no-such`, 0, ``, ``},
		{`--up -t 0 no-such`, 3, ``, ``}},
	"overlay-clean": {{`""`, 2, ``, scriptUsage}},
	"overlay-share": {{`/usr ""`, 2, ``, scriptUsage}, {`-- -x ""`, 2, ``, scriptUsage},
		{`"" no-such`, 1, ``, `\*\* Not a directory: \n`},
		{`/usr`, 0, `Select subhost: (?s:.*)`, ``},
		{`-- -x`, 1, ``, `\*\* Not a directory: \./-x\n`}},
	"overlay-list":  {{`""`, 2, ``, wrongUsage}, {`a ""`, 2, ``, wrongUsage}},
	"overlay-map":   {{`""`, 2, ``, wrongUsage}},
	"overlay-diff":  {{`""`, 2, ``, wrongUsage}, {`a ""`, 2, ``, wrongUsage}},
	"overlay-reset": {{`""`, 2, ``, wrongUsage}, {`a ""`, 2, ``, wrongUsage}},
	"overlay-diskfile": {{`""`, 2, ``, scriptUsage}, {`mnt/ ""`, 2, ``, scriptUsage},
		{`mnt/ a.img ""`, 2, ``, scriptUsage}, {`mnt/`, 0, `mnt/\n`, ``}},
}

// TestEmptyOperands calls each script with empty operands.
func TestEmptyOperands(t *testing.T) {
	kit.Root(t)
	for name, rows := range emptyRows {
		for _, r := range rows {
			t.Run(name+" "+r.args, func(t *testing.T) { r.check(t, name) })
		}
	}
}

// TestOperands calls each command with too few and too many operands, with an option that it
// does not have, and with "--".
func TestOperands(t *testing.T) {
	kit.Root(t)
	for name := range commands {
		rows, ok := operandRows[name]
		if !ok {
			t.Errorf("%s is left out", name)
		}
		for _, r := range rows {
			t.Run(name+" "+r.args, func(t *testing.T) { r.check(t, name) })
		}
	}
}

func (r usageRow) check(t *testing.T, name string) {
	t.Helper()
	r.stdout = strings.ReplaceAll(r.stdout, "COUNT", strconv.Itoa(len(scripts.Names())))
	var args []string
	for _, arg := range strings.Fields(r.args) {
		args = append(args, strings.NewReplacer("~", " ", `""`, "").Replace(arg))
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

// TestManuals checks that each command has a man page with its synopsis and exit status, and
// with each option of its help.
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
		help, err := exec.Command(ours(t).Dir+"/"+name, "--help").Output()
		must(t, err)
		flags := regexp.MustCompile(`(?m)^  +(-\w)?(?:, )?(--[a-z-]+)?`)
		for _, m := range flags.FindAllStringSubmatch(string(help), -1) {
			for _, flag := range m[1:] {
				if flag != "" && !strings.Contains(page, "Fl "+flag[1:]) &&
					!strings.Contains(page, ", "+flag[1:]) { // behind the short one
					t.Errorf("%s(%s) does not tell of %s", name, section, flag)
				}
			}
		}
	}
}

// TestFewFiles checks that the tool refuses to begin if too few files may be open and the
// limit cannot be raised: it could not finish.
func TestFewFiles(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("few", minimal)
		for _, limit := range []string{"6", "13", "24", "48"} {
			cmd := h.engine.Command("overlay-boot", s.Conf)
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
