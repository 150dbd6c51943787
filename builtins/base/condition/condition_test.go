package condition

import (
	"os/exec"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/judge"
)

const testFiles = `touch -d @1000000000 old; touch -d @1000000001 new; echo x >full; mkdir dir
ln -s old link; ln -s nowhere dangling; ln old hard; mkfifo pipe; touch suid sgid run
touch ro; chmod u+s suid; chmod g+s sgid; chmod +x run; chmod 444 ro
chmod +t dir; chown 12:34 new 2>/dev/null || :
touch none; chmod 0 none`

// tests are lists of arguments between [ and ], separated by ¦.
var tests = []string{
	"", "a", "¦", "!", "!¦", "!¦a", "-n", "-z", "-n¦", "-z¦", "-f", "a¦=", "a¦=¦b", "a¦=¦a",
	"a¦==¦a",
	"a¦!=¦b", "a¦<¦b", "b¦>¦a", "1¦-eq¦1", "1¦-eq¦x", "x¦-eq¦1", "1¦-eq¦", " 1 ¦-eq¦1",
	"1a¦-eq¦1",
	"99999999999999999999¦-eq¦1", "010¦-eq¦10", "0x10¦-eq¦16", "+1¦-eq¦1", "-1¦-lt¦1",
	"1¦-ne¦2¦-a¦3¦-gt¦2", "1¦-ge¦2¦-o¦3¦-le¦3", "a¦-a", "a¦-a¦", "¦-o¦a", "-a¦a", "!¦a¦=¦b",
	"!¦a¦=¦a", "(¦a", "(¦a¦)", "(¦)", "(¦a¦=¦a¦)", "(¦a¦=¦a", "(¦!¦a¦)", "!¦(¦a¦)", "!¦!¦a",
	"!¦!¦!¦!¦a", "!¦!¦!¦!¦!¦a", "a¦b", "a¦b¦c", "a¦b¦c¦d", "a¦=¦b¦c", "-n¦a¦b",
	"a¦=¦b¦-a",
	"a¦=¦b¦-o", "-x¦a¦-a", "=", "=¦=", "=¦=¦=", "-n¦=", "-n¦=¦x", "-f¦=¦-f", "!¦=¦x", "!¦=¦!",
	"(¦=¦x",
	"(¦=¦(", "(¦-n¦x¦)", "-t", "-t¦0", "-t¦x", "-t¦99", "-t¦", "a¦-a¦b¦-o¦c¦-a¦", "¦-a¦¦-o¦c",
	"a¦-o¦¦-a¦", "(¦a¦-o¦¦)¦-a¦", "-e¦/¦-a¦-d¦/", "-d¦/¦-a¦!¦-f¦/", "!¦-f¦/¦-a¦-d¦/",
	"1¦-eq¦1¦-a¦x¦-eq¦1", "1¦-eq¦2¦-a¦x¦-eq¦1", "1¦-eq¦1¦-o¦x¦-eq¦1", "x¦-eq¦y", "/¦-ef¦/.",
	"a¦-ef",
	"-N¦/", "-v¦x", "-o¦x", "-Q¦x", "-Q", "a¦-Q¦b", "a¦=~¦b", "-e¦", "-n¦a¦-a", "-z¦a¦-a¦b",
	"a¦-a¦-a",
	"-a¦-a¦-a", "-a¦=¦-a", "a¦-a¦-n", "x¦-a¦-f", "!¦-a¦a", "!¦-n", "!¦-n¦x", "!¦-z¦x¦y",
	"!¦x¦y", "(¦x¦y",
	"(¦x¦y¦)", "x¦)", ")", "(", "(¦(¦a¦)¦)", "(¦a¦)¦b", "(¦a¦)¦)", "a¦=¦a¦)", "1¦-eq", "-eq¦1",
	"1¦-eq¦1¦-a", "1¦-eq¦1¦2", "1¦-eq¦1¦2¦3¦4", "a¦=¦a¦=¦a", "a¦=¦a¦-a¦b¦=¦b¦-a¦c¦=¦d",
	"-n¦x¦-a¦(¦-n¦y¦-o¦-z¦y¦)", "!¦(¦-n¦x¦-a¦-z¦y¦)", "(¦(¦)", "(¦a¦)¦]", "-f¦-a¦-f", "-f¦-o¦-f",
	"-d¦-a¦/", "9223372036854775808¦-gt¦1", "1\t¦-eq¦1", "\n1¦-eq¦1", "1¦-eq¦1 x", " ¦-eq¦0", "]",
	"a¦]", "¦-a", "!¦¦-a¦", "!¦a¦-o¦a", "(¦¦)", "!¦(¦)", "!¦(", "(¦!¦)", "a¦-o", "¦-o", "!¦!",
	"!¦!¦!",
	"-n¦(¦=¦)", "(¦(¦(¦a¦)¦)¦)", "a¦-a¦!", "a¦-a¦!¦", "a¦-a¦!¦!¦a",
	"x¦=¦x¦-o¦1¦-eq¦y", "(¦-a¦)",
	"(¦=¦)¦-a¦b", "-L¦=¦-L", "-f¦old¦-a¦-s¦full¦-a¦!¦-s¦old", "old¦-nt¦new¦-o¦new¦-nt¦old",
	"\x80¦>¦a",
	"old¦-nt¦new", "new¦-nt¦old", "old¦-ot¦new", "new¦-ot¦old", "old¦-nt¦old", "old¦-nt¦nosuch",
	"nosuch¦-ot¦old", "old¦-ef¦hard", "old¦-ef¦link", "old¦-ef¦new", "nosuch¦-ef¦nosuch",
}

// fileTests are the operators that are tried on all testedFiles.
const fileTests = "efdcbpSLhsugkrwxOG"

var testedFiles = []string{
	"old", "new", "full", "dir", "link", "dangling", "pipe", "suid", "sgid", "run", "ro", "none",
	"nosuch", "", "/dev/null", "/", "full/x", "../", ".", "dir/",
}

// fakeEnv has one directory, one script, and one open file with the number 7.
type fakeEnv struct {
	dir, terminal int
	script        string
}

func (e fakeEnv) DirFD() int                { return e.dir }
func (e fakeEnv) IsScript(path string) bool { return e.script != "" && path == e.script }
func (e fakeEnv) OSFile(n int) (int, bool)  { return e.terminal, n == 7 && e.terminal >= 0 }
func (e fakeEnv) Path(path string) string   { return path }

func TestTest(t *testing.T) {
	dir := t.TempDir()
	setup := exec.Command("/bin/sh", "-ec", testFiles)
	setup.Dir = dir
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	env := fakeEnv{dir: fd, terminal: -1}
	check := func(args ...string) {
		t.Helper()
		want := judge.Dash(t, dir, "exec 0</dev/null;"+judge.Command(args[0], args[1:]))
		status, err := Test(args, env)
		got := judge.Verdict{Status: status}
		if err != nil {
			got.Stderr = err.Error() + "\n"
		}
		if got != want {
			t.Errorf("%q: %v, want %v", args, got, want)
		}
	}
	for _, row := range tests {
		check(append(append([]string{"["}, judge.Words(row)...), "]")...)
	}
	for _, file := range testedFiles {
		script, got := "", ""
		for _, op := range fileTests {
			script += judge.Command("test", []string{"-" + string(op), file}) + "; echo $?\n"
			status, _ := Test([]string{"test", "-" + string(op), file}, env)
			got += strconv.Itoa(status) + "\n"
		}
		if want := judge.Dash(t, dir, script); got != want.Stdout {
			t.Errorf("test -[%s] %q: %q, want %v", fileTests, file, got, want)
		}
	}
	check("[")
	check("[", "a")
	check("[", "a", "]", "b")
	check("[", "a", "]x")
	check("[", "")
	check("test", "a", "]")
	check("test", "a", "b", "c")
	check("test", "x", "-eq", "1")
	check("test", "(", "a")
	check("test")
}

// TestTerminal checks that test -t uses the shell's descriptor numbers.
func TestTerminal(t *testing.T) {
	terminal, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(terminal)
	env := fakeEnv{dir: unix.AT_FDCWD, terminal: terminal}
	for n, want := range map[string]int{"7": 0, "8": 1} {
		if status, err := Test([]string{"test", "-t", n}, env); status != want || err != nil {
			t.Errorf("-t %s: %d, %v", n, status, err)
		}
	}
}

func TestScript(t *testing.T) {
	env := fakeEnv{dir: unix.AT_FDCWD, script: "/no/script"}
	for _, op := range fileTests {
		want := 1
		switch op {
		case 'e', 'f', 'r', 's', 'x':
			want = 0
		}
		if status, _ := Test([]string{"test", "-" + string(op), "/no/script"}, env); status != want {
			t.Errorf("-%c: %d", op, status)
		}
	}
}

func BenchmarkTest(b *testing.B) {
	args := []string{"[", "5", "-lt", "10", "]"}
	for b.Loop() {
		Test(args, fakeEnv{dir: unix.AT_FDCWD})
	}
}
