package scripts

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// A configRow is one configuration file, read by the original's functions and by ours.
type configRow struct {
	name, text string
	// differs is the reason why the exit status or the values differ from the original's;
	// shown is the reason why standard error differs. The test fails if they then do not
	// differ.
	differs, shown string
}

var configRows = []configRow{
	{name: "minimal", text: "BASE=.\n"},
	{name: "no newline at the end", text: "BASE=."},
	{name: "empty file", text: ""},
	{name: "no BASE", text: "NAME=x\nCABLES= =\n"},
	{name: "empty BASE", text: "BASE=   \n"},
	{name: "BASE that is not there", text: "BASE=nowhere\n"},
	{name: "BASE below what is not there", text: "BASE=no/where\n"},
	{name: "BASE that is a file", text: "BASE=file\n"},
	{name: "BASE below the folder", text: "BASE=sub\nLIVE=x\n"},
	{name: "BASE above", text: "BASE=..\n"},
	{name: "absolute BASE", text: "BASE=/usr\n"},
	{name: "blanks around", text: "BASE=  \t.\t \nNAME=\tn1  \n"},
	{name: "carriage returns", text: "BASE=.\r\nNAME=crlf\r\nSTART=none\r\n"},
	{name: "form feeds", text: "BASE=\f.\v\n"},
	{name: "indented lines do not count", text: " NAME=no\n\tBASE=no\nBASE=.\n"},
	{name: "a blank before = does not count", text: "NAME =no\nBASE=.\n"},
	{name: "commented lines do not count", text: "#NAME=no\n# BASE=no\nBASE=.\n"},
	{name: "the first counts", text: "NAME=a\nBASE=.\nNAME=b\nBASE=..\n"},
	{name: "an empty first counts", text: "NAME=\nNAME=b\nBASE=.\n"},
	{name: "longer names", text: "MYNAME=a\nNAMES=b\nXBASE=c\nBASE=.\n"},
	{name: "lower case", text: "name=a\nBASE=.\n"},
	{name: "= in the value", text: "NAME==x=\nBASE=.\nCABLES== br0=02:00:00:00:00:01 =.302\n"},
	{name: "a comment after the value is part", text: "NAME=a#b\nBASE=.\n"},
	{name: "a comment word", text: "START=a # b\nBASE=.\n",
		shown: "the original takes # for a comment"},
	{name: "blanks inside", text: "START=a   b\tc\nBASE=.\n",
		shown: "the original joins blanks"},
	{name: "empty values", text: "BASE=.\nCABLES=\nLIVE=\nRAM_SIZE=\nSTART=\n"},
	{name: "all", text: "BASE=.\nNAME=n\nLOG=l\nCABLES==\nLIVE=a\nUPPER=b\nWORK=c\nLOWER=d\n" +
		"START=e f\nPREMOUNT=/p q\nPOSTMOUNT=/r\nINIT=cat x\nRAM_SIZE=1M\n"},

	{name: "backslash", text: `NAME=a\b` + "\nBASE=.\n"},
	{name: "two backslashes", text: `NAME=a\\b` + "\nBASE=.\n",
		shown: "the original takes \\ away"},
	{name: "four backslashes", text: `START=a\\\\nb` + "\nBASE=.\n",
		shown: "the original takes \\ away"},
	{name: "escaped blank at the start", text: `START=\ a` + "\nBASE=.\n"},
	{name: "escaped blank at the end", text: `START=a\ ` + "\nBASE=.\n"},
	{name: "continued", text: "NAME=a\\\nNAME=b\nBASE=.\n"},
	{name: "continued twice", text: "NAME=a\\\nNAME=b\\\nBASE=.\nNAME=c\nNAME=d\n"},
	{name: "continued with blanks", text: "START=a \\\nSTART=  b\nBASE=.\n"},
	{name: "continued by nothing", text: "BASE=.\nNAME=a\\\n"},
	{name: "only a backslash", text: "BASE=.\nNAME=\\\n"},
	{name: "backslash, not continued", text: "NAME=a\\\\\nNAME=b\nBASE=.\n",
		shown: "the original takes \\ away"},

	{name: "double quotes", text: `START="a  b" c` + "\nBASE=.\n",
		shown: "the original takes \" away"},
	{name: "double quotes, one word", text: `NAME="x"` + "\nBASE=.\n",
		shown: "the original takes \" away"},
	{name: "single quotes, one word", text: "NAME='x'\nBASE=.\n"},
	{name: "glob that matches nothing", text: "START=a* [b] ?\nBASE=.\n"},
	{name: "glob that matches", text: "BASE=.\nSTART=x f*\n",
		shown: "the original shows the files"},
	{name: "variable", text: "LOG=/tmp/$NAME.log\nBASE=.\n",
		shown: "the original expands it"},
	{name: "tilde", text: "BASE=.\nSTART=x ~/y\nLIVE=~/z\n",
		shown: "the original expands it"},
	{name: "braces", text: "BASE=.\nSTART={a,b} }\n"},
	{name: "percent", text: "BASE=.\nSTART=%s 100%\n"},
	{name: "bytes", text: "BASE=.\nSTART=h\xc3\xa4 \xff\n"},

	{name: "command", text: "NAME=!echo hello\nBASE=!echo .\n"},
	{name: "command after blanks", text: "START=   !echo  hello   you\nBASE=.\n"},
	{name: "command with quotes", text: "START=!echo \"a  b\" 'c'\nBASE=.\n",
		differs: "a value with ' in it is not evaluated",
		shown:   "the original evaluates it"},
	{name: "command with double quotes", text: "START=!echo \"a  b\"\nBASE=.\n",
		shown: "the original takes \" away"},
	{name: "command with a variable", text: "BASE=.\nSTART=!echo $HOME\n",
		shown: "the original expands it"},
	{name: "command with a glob", text: "BASE=.\nSTART=!echo f* nothing*\n"},
	{name: "command runs in BASE", text: "BASE=sub\nSTART=!pwd -P\n"},
	{name: "command sees ACTION", text: "BASE=.\nSTART=!printenv ACTION\n"},
	{name: "first line", text: "BASE=.\nSTART=!printf a\\\\nb\\\\n\n"},
	{name: "empty first line", text: "BASE=.\nSTART=!printf \\\\na\\\\n\n",
		shown: "the original expands backslashes of a value"},
	{name: "blanks in the output", text: "BASE=.\nSTART=!cat file\n",
		shown: "the original joins blanks"},
	{name: "backslashes in the output", text: "BASE=.\nSTART=!cat back\n",
		shown: "the original takes \\ away"},
	{name: "output without newline", text: "BASE=.\nSTART=!printf a\n"},
	{name: "prints nothing", text: "BASE=.\nSTART=!true\n"},
	{name: "prints blanks", text: "BASE=.\nSTART=!echo\n"},
	{name: "fails and prints nothing", text: "BASE=.\nSTART=!false\n"},
	{name: "fails and prints", text: "BASE=.\nSTART=!ls file nowhere\n"},
	{name: "no such command", text: "BASE=.\nSTART=!nosuchcommand x\n"},
	{name: "no command", text: "BASE=.\nSTART=!\n"},
	{name: "! later", text: "BASE=.\nSTART=a !b\n"},
	{name: "output that starts with !", text: "BASE=.\nSTART=!echo !x\n"},

	{name: "runs when shown", text: "BASE=.\nSTART=$(touch /dev/null; echo run)\n",
		shown: "the original runs it"},
	{name: "runs when shown, old style", text: "BASE=.\nSTART=`echo run`\n",
		shown: "the original runs it"},
	{name: "runs after a semicolon", text: "BASE=.\nSTART=a;echo run\n",
		shown: "the original runs it"},
	{name: "assigns when shown", text: "BASE=.\nSTART=${X:=1}\n",
		shown: "the original expands it"},
	{name: "single quote", text: "BASE=.\nSTART=it's\n",
		differs: "the original stops with a syntax error",
		shown:   "the original evaluates it"},
	{name: "single quotes with blanks", text: "BASE=.\nSTART='echo run'\n",
		differs: "the original runs it",
		shown:   "the original evaluates it"},
	{name: "unpaired double quote", text: "BASE=.\nSTART=a\"b\n",
		differs: "the original stops with a syntax error",
		shown:   "the original evaluates it"},
	{name: "redirection", text: "BASE=.\nSTART=a<file\n",
		shown: "the original redirects"},
}

// probe is a script that reads a configuration and prints every variable.
const probe = `#!/bin/sh
PROGRAMDIR=/scripts OVERLAYDIR=/scripts
. "${0%/*}/functions"
subhost_name "$1"
subhost_config
for V in NAME LOG BASE CABLES LIVE UPPER WORK LOWER START PREMOUNT POSTMOUNT INIT RAM_SIZE ; do
    eval "printf '%s\n' \"$V:\$$V\""
done
pwd
`

// TestConfig reads every configuration with both sets of functions. Messages, values and
// exit status must be the same. Ours must also agree under our own shell.
func TestConfig(t *testing.T) {
	kit.Root(t)
	dir := blankless(t)
	theirs, ours := filepath.Join(dir, "theirs"), filepath.Join(dir, "ours")
	setup := exec.Command("/bin/sh", "-ec", `mkdir theirs ours c c/sub
		cp "$1/functions" theirs ; printf %s "$2" > ours/functions
		for D in theirs ours ; do printf %s "$3" > $D/overlay-boot ; chmod 755 $D/* ; done
		printf '  in  a file \nmore\n' > c/file
		printf 'a\\\nb \\x\\\\y\n' > c/back ; : > c/f2
		`, "sh", kit.Original(t), text(t, "functions"), probe)
	setup.Dir = dir
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	shell := overlayShell(t)
	for _, r := range configRows {
		t.Run(r.name, func(t *testing.T) {
			conf := filepath.Join(dir, "c", "conf.conf")
			if err := os.WriteFile(conf, []byte(r.text), 0o644); err != nil {
				t.Fatal(err)
			}
			want, wantShown := read(t, "", theirs, conf)
			got, gotShown := read(t, "", ours, conf)
			if (want == got) == (r.differs != "") {
				t.Errorf("config %q, differs %q\noriginal:\n%s\nours:\n%s",
					r.text, r.differs, want, got)
			}
			if (wantShown == gotShown) == (r.shown != "") {
				t.Errorf("config %q, shown %q\noriginal:\n%s\nours:\n%s",
					r.text, r.shown, wantShown, gotShown)
			}
			if here, hereShown := read(t, shell, ours, conf); here+hereShown != got+gotShown {
				t.Errorf("config %q\nours under dash:\n%s\nunder overlay-sh:\n%s",
					r.text, got+gotShown, here+hereShown)
			}
		})
	}
}

// blankless returns a temporary folder with no blank in its path, whatever $TMPDIR
// contains: the original cannot handle blanks.
func blankless(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "config-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// overlayShell returns the path of the built program as a shell.
func overlayShell(t *testing.T) string {
	t.Helper()
	return filepath.Join(kit.Bin(t), "overlay-sh")
}

// text returns the text of a script.
func text(t *testing.T, name string) string {
	t.Helper()
	text, ok := Text(name)
	if !ok {
		t.Fatalf("there is no script %s", name)
	}
	return text
}

// read runs the probe with the system's shell or another one. It hides what may differ: the
// default of LOG, which is a documented difference, and the script's line number in the
// shell's messages.
func read(t *testing.T, shell, dir, conf string) (values, shown string) {
	t.Helper()
	argv := []string{filepath.Join(dir, "overlay-boot"), conf}
	if shell != "" {
		argv = append([]string{shell}, argv...)
	}
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir = filepath.Dir(conf)
	c.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C"}
	status, out, errs := run(t, c)
	lineNumber := regexp.MustCompile(`(DIR/overlay-boot:) \d+:`)
	plain := func(text string) string {
		text = strings.ReplaceAll(text, dir, "DIR")
		text = lineNumber.ReplaceAllString(text, "$1 N:")
		return strings.ReplaceAll(text, "/tmp/oly-", "/tmp/overlay-")
	}
	return plain(fmt.Sprintf("status %d\n%s", status, out)), plain(errs)
}

// TestNothingRuns checks many random values: none of them is executed or ends the shell.
// The random source has a fixed seed.
func TestNothingRuns(t *testing.T) {
	kit.Root(t)
	dir := t.TempDir()
	words := []string{"a", " ", "\"", "\"", "\\", "'", "$", "(", ")", "`", ";", "&", "|", "<",
		">", "{", "}", "${", "#", "~", "*", "[", "=", ":", "?",
		"touch ran", "$(touch ran)", "x=ran",
		"$((", "))", ">ran", "$X", "||", "-n", "%s", "\t"}
	random := rand.New(rand.NewPCG(1, 2))
	var values strings.Builder
	const count = 5000
	for range count {
		values.WriteString("v")
		for range 1 + random.IntN(8) {
			values.WriteString(words[random.IntN(len(words))])
		}
		values.WriteString("\n")
	}
	c := exec.Command("/bin/sh", "-c", text(t, "functions")+`
		N=0 CONFIG=c
		while IFS= read -r VALUE ; do
		    CONFIG_TEXT="${NL}START=$VALUE$NL"
		    config START ""
		    N=$((N+1))
		done
		echo "$N values"`, "overlay-boot")
	c.Dir, c.Stdin = dir, strings.NewReader(values.String())
	status, out, errs := run(t, c)
	if status != 0 || out != fmt.Sprintf("%d values\n", count) {
		lines := strings.Split(errs, "\n")
		lines = lines[max(0, len(lines)-5):]
		t.Errorf("status %d, %q; the last lines: %q", status, out, lines)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// shareRows are configurations, and the path and the place of each share that they have.
var shareRows = [...]struct{ name, text, want string }{
	{"none", "BASE=.\nSHARES=/usr\n SHARE=/usr\n#SHARE=/usr\nshare=/usr\n", ""},
	{"plain", "SHARE=/usr\n", "/usr at /usr\n"},
	{"another place", "SHARE=/usr:/a b\n", "/usr at /a b\n"},
	{"several", "SHARE=/usr\nBASE=.\nSHARE=/etc:/a:b\n", "/usr at /usr\n/etc at /a:b\n"},
	{"blanks", "SHARE = /usr  \nSHARE\t=\t/etc\t\n", "/usr at /usr\n/etc at /etc\n"},
	{"carriage returns", "SHARE=/usr\r\nSHARE= /etc \r\n", "/usr at /usr\n/etc at /etc\n"},
	{"no value", "SHARE=\nSHARE= \t\nSHARE=/etc\n", "/etc at /etc\n"},
	{"no newline at the end", "SHARE=/usr\nSHARE=/etc", "/usr at /usr\n/etc at /etc\n"},
	{"a backslash at the end", "SHARE=/etc\nSHARE=/nowhere\\", "/etc at /etc\n" +
		"SHARE=/nowhere: special device /nowhere does not exist.\n"},
	{"continued", "SHARE=/us\\\nBASE=.\nSHARE =r\nSHARE=/etc\n", "/usr at /usr\n/etc at /etc\n"},
	{"escaped", `SHARE=/u\sr:/a\ b` + "\n" + `SHARE=/etc:/c\\` + "\nSHARE=/usr\n",
		"/usr at /a b\n" + `/etc at /c\` + "\n/usr at /usr\n"},
	{"quotes around a word", "SHARE='/usr'\n", "/usr at /usr\n"},
	{"other quotes", "SHARE=/usr:/a'b'\nSHARE=/usr:\"/a\"\n",
		"/usr at /a'b'\n/usr at \"/a\"\n"},
	{"= in the path", "SHARE=/usr:/a=b=\n", "/usr at /a=b=\n"},
	{"relative", "SHARE=here:/a\nSHARE=here\n", "C/here at /a\nC/here at C/here\n"},
	{"LOWER itself", "SHARE=/usr/..\n", ""},
}

// TestShares reads the lines of SHARE, under dash and under our shell.
func TestShares(t *testing.T) {
	kit.Root(t)
	dir := blankless(t)
	script := text(t, "functions") + text(t, "root") + `
		setup_share() { echo "$FROM at $TO" ; }
		LOWER=/ CONFIG=c/c.conf
		CONFIG_TEXT="$NL$(cat "$CONFIG")$NL"
		cd c && setup_shares 2>&1`
	if err := os.MkdirAll(dir+"/c/here", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, r := range shareRows {
		for _, shell := range []string{"/bin/sh", overlayShell(t)} {
			if err := os.WriteFile(dir+"/c/c.conf", []byte(r.text), 0o644); err != nil {
				t.Fatal(err)
			}
			c := exec.Command(shell, "-c", script, "overlay-boot")
			c.Dir = dir
			_, out, errs := run(t, c)
			if out = strings.ReplaceAll(out, dir+"/c", "C"); out != r.want || errs != "" {
				t.Errorf("%s, %s: %q\n%q%s\nwant\n%q", shell, r.name, r.text, out, errs, r.want)
			}
		}
	}
}
