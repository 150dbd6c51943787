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
)

// A configRow is one configuration file, read by the original's functions and
// by ours.
type configRow struct {
	name, text string
	// differs says why ours does something else; the test then only sees that
	// it does.
	differs string
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
	{name: "a comment word", text: "START=a # b\nBASE=.\n"},
	{name: "blanks inside", text: "START=a   b\tc\nBASE=.\n"},
	{name: "empty values", text: "BASE=.\nCABLES=\nLIVE=\nRAM_SIZE=\nSTART=\n"},
	{name: "all", text: "BASE=.\nNAME=n\nLOG=l\nCABLES==\nLIVE=a\nUPPER=b\nWORK=c\nLOWER=d\n" +
		"START=e f\nPREMOUNT=/p q\nPOSTMOUNT=/r\nINIT=cat x\nRAM_SIZE=1M\n"},

	{name: "backslash", text: `NAME=a\b` + "\nBASE=.\n"},
	{name: "two backslashes", text: `NAME=a\\b` + "\nBASE=.\n"},
	{name: "four backslashes", text: `START=a\\\\nb` + "\nBASE=.\n"},
	{name: "escaped blank at the start", text: `START=\ a` + "\nBASE=.\n"},
	{name: "escaped blank at the end", text: `START=a\ ` + "\nBASE=.\n"},
	{name: "continued", text: "NAME=a\\\nNAME=b\nBASE=.\n"},
	{name: "continued twice", text: "NAME=a\\\nNAME=b\\\nBASE=.\nNAME=c\nNAME=d\n"},
	{name: "continued with blanks", text: "START=a \\\nSTART=  b\nBASE=.\n"},
	{name: "continued by nothing", text: "BASE=.\nNAME=a\\\n"},
	{name: "only a backslash", text: "BASE=.\nNAME=\\\n"},
	{name: "backslash, not continued", text: "NAME=a\\\\\nNAME=b\nBASE=.\n"},

	{name: "double quotes", text: `START="a  b" c` + "\nBASE=.\n"},
	{name: "double quotes, one word", text: `NAME="x"` + "\nBASE=.\n"},
	{name: "single quotes, one word", text: "NAME='x'\nBASE=.\n"},
	{name: "glob that matches nothing", text: "START=a* [b] ?\nBASE=.\n"},
	{name: "glob that matches", text: "BASE=.\nSTART=x f*\n"},
	{name: "variable", text: "LOG=/tmp/$NAME.log\nBASE=.\n"},
	{name: "tilde", text: "BASE=.\nSTART=x ~/y\nLIVE=~/z\n"},
	{name: "braces", text: "BASE=.\nSTART={a,b} }\n"},
	{name: "percent", text: "BASE=.\nSTART=%s 100%\n"},
	{name: "bytes", text: "BASE=.\nSTART=h\xc3\xa4 \xff\n"},

	{name: "command", text: "NAME=!echo hello\nBASE=!echo .\n"},
	{name: "command after blanks", text: "START=   !echo  hello   you\nBASE=.\n"},
	{name: "command with quotes", text: "START=!echo \"a  b\" 'c'\nBASE=.\n",
		differs: "a value with ' in it is not evaluated"},
	{name: "command with double quotes", text: "START=!echo \"a  b\"\nBASE=.\n"},
	{name: "command with a variable", text: "BASE=.\nSTART=!echo $HOME\n"},
	{name: "command with a glob", text: "BASE=.\nSTART=!echo f* nothing*\n"},
	{name: "command runs in BASE", text: "BASE=sub\nSTART=!pwd -P\n"},
	{name: "command sees ACTION", text: "BASE=.\nSTART=!printenv ACTION\n"},
	{name: "first line", text: "BASE=.\nSTART=!printf a\\\\nb\\\\n\n"},
	{name: "empty first line", text: "BASE=.\nSTART=!printf \\\\na\\\\n\n"},
	{name: "blanks in the output", text: "BASE=.\nSTART=!cat file\n"},
	{name: "backslashes in the output", text: "BASE=.\nSTART=!cat back\n"},
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
		differs: "the original runs it"},
	{name: "runs when shown, old style", text: "BASE=.\nSTART=`echo run`\n",
		differs: "the original runs it"},
	{name: "runs after a semicolon", text: "BASE=.\nSTART=a;echo run\n",
		differs: "the original runs it"},
	{name: "assigns when shown", text: "BASE=.\nSTART=${X:=1}\n",
		differs: "the original expands it"},
	{name: "single quote", text: "BASE=.\nSTART=it's\n",
		differs: "the original stops with a syntax error"},
	{name: "single quotes with blanks", text: "BASE=.\nSTART='echo run'\n",
		differs: "the original runs it"},
	{name: "unpaired double quote", text: "BASE=.\nSTART=a\"b\n",
		differs: "the original stops with a syntax error"},
	{name: "redirection", text: "BASE=.\nSTART=a<file\n",
		differs: "the original redirects"},
}

// probe reads a configuration and prints every variable.
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

// original returns the directory with the original's scripts.
func original(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("OVERLAY_ORIGINAL")
	if dir == "" {
		dir = "../.original/x/var/lib/overlay-boot"
	}
	if _, err := os.Stat(filepath.Join(dir, "functions")); err != nil {
		missing(t, "the original scripts are not here: %v", err)
	}
	return dir
}

// TestConfig reads every configuration with both; what is shown, the meaning
// and the end must be the same. So they must be for ours under our own shell.
func TestConfig(t *testing.T) {
	if os.Getuid() != 0 {
		missing(t, "the scripts want root")
	}
	dir := blankless(t)
	theirs, ours := filepath.Join(dir, "theirs"), filepath.Join(dir, "ours")
	setup := exec.Command("/bin/sh", "-ec", `mkdir theirs ours c c/sub
		cp "$1/functions" theirs ; printf %s "$2" > ours/functions
		for D in theirs ours ; do printf %s "$3" > $D/overlay-boot ; chmod 755 $D/* ; done
		printf '  in  a file \nmore\n' > c/file
		printf 'a\\\nb \\x\\\\y\n' > c/back ; : > c/f2
		`, "sh", absolute(t, original(t)), functions, probe)
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
			want, got := read(t, "", theirs, conf), read(t, "", ours, conf)
			if (want == got) == (r.differs != "") {
				t.Errorf("config %q, differs %q\noriginal:\n%s\nours:\n%s",
					r.text, r.differs, want, got)
			}
			if here := read(t, shell, ours, conf); here != got {
				t.Errorf("config %q\nours under dash:\n%s\nunder overlay-sh:\n%s",
					r.text, got, here)
			}
		})
	}
}

// blankless is a temporary folder with no blank in its name, whatever $TMPDIR has: the
// original cannot do with one.
func blankless(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "config-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// overlayShell is the built program as a shell.
func overlayShell(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("OVERLAY_BIN")
	if dir == "" {
		dir = "../bin"
	}
	path := absolute(t, filepath.Join(dir, "overlay-sh"))
	if _, err := os.Stat(path); err != nil {
		missing(t, "%v (make build)", err)
	}
	return path
}

// read runs the probe, by the system's shell or by another. LOG's default is a
// documented difference, and the shell's messages tell the number of a line of
// the script.
func read(t *testing.T, shell, dir, conf string) string {
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
	text := "status " + string(rune('0'+status)) + "\n" + out + "stderr:\n" + errs
	text = strings.ReplaceAll(text, dir, "DIR")
	text = lineNumber.ReplaceAllString(text, "$1 N:")
	return strings.ReplaceAll(text, "/tmp/oly-", "/tmp/overlay-")
}

// TestNothingRuns shows a great many values, and nothing in them is run or
// ends the shell. The words come from a fixed seed.
func TestNothingRuns(t *testing.T) {
	if os.Getuid() != 0 {
		missing(t, "the scripts want root")
	}
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
	c := exec.Command("/bin/sh", "-c", functions+`
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

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
