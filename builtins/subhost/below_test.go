package subhost_test

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"overlayboot/builtins/native/nativetest"
	"overlayboot/builtins/subhost"
	"overlayboot/compat/judge"
	"overlayboot/compat/sandbox/sandboxtest"
)

// inBelowSandbox runs body in namespaces of its own, where /mnt is an empty tmpfs.
func inBelowSandbox(t *testing.T, body func(t *testing.T)) {
	t.Helper()
	sandboxtest.TestBare(t, 5*time.Minute, body)
}

func mountState(t *testing.T) string {
	t.Helper()
	text, err := judge.MountState()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// callIn runs a native command in /mnt.
func callIn(t *testing.T, stdin string, argv ...string) (o judge.Outcome) {
	t.Helper()
	dir, err := unix.Open("/mnt", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dir)
	var out, errs bytes.Buffer
	o.Status, _ = ours(&judge.Call{Argv: argv, Dir: dir, Path: "/mnt", Env: judge.Env(),
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs})
	o.Stdout, o.Stderr = out.String(), errs.String()
	return o
}

// hostSide shows what commands below /mnt/r must leave alone: the files of /mnt/out, and all
// mounts except those below /mnt/r and those below /mnt/work, to which somebody has moved a
// directory of /mnt/r.
func hostSide(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(judge.Tree(t, "/mnt/out"))
	for line := range strings.Lines(mountState(t)) {
		if !strings.Contains(line, " /mnt/r/") && !strings.Contains(line, " /mnt/work/") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// A hostileRow is a command below /mnt/r, where somebody has planted symbolic links. The host's
// directory /mnt/out has the files of hostFiles.
type hostileRow struct {
	plant  string // a script that runs in /mnt/r
	argv   string
	status int
	// text is a part of the expected standard error.
	text string
	// check is a script that runs in /mnt/r and fails if the command did not do its work.
	check string
}

const hostFiles = `mkdir -p r out/dir; echo host > out/file; chmod 600 out/file; ln -s gone out/link
mkfifo out/fifo; touch -d @1000 out/file`

// plantProc mounts proc and sysfs, as an administrator does in an old root, and makes mnt/out.
// A link of proc leads to the host's root, which is also the root of pid 1 here.
const plantProc = "mkdir proc sys; mount -t proc p proc; mount -t sysfs s sys; " +
	"mkdir -p mnt/out; "

var hostileRows = [...]hostileRow{
	// Links in the middle and at the end of a name, absolute and with "..".
	{"ln -s /mnt/out etc", "tee etc/file", 1, "No such file", "! test -e mnt"},
	{"ln -s /mnt/out etc; mkdir -p mnt/out", "tee etc/file", 0, "", "grep -q text mnt/out/file"},
	{"ln -s ../../out etc", "tee etc/file", 1, "No such file", ""},
	{"ln -s ../../out etc; mkdir out", "tee -a etc/file", 0, "", "grep -q text out/file"},
	{"mkdir etc; ln -s /mnt/out/file etc/f", "tee etc/f", 1, "No such file", ""},
	{"ln -s /mnt/out/new f; mkdir -p mnt/out", "tee f", 0, "", "grep -q text mnt/out/new"},
	{"ln -s b a; ln -s c b; ln -s /mnt/../../mnt/out c", "touch a/x", 1, "No such file", ""},
	{"ln -s b a; ln -s a b", "touch a", 1, "Too many levels", ""},
	{"ln -s /mnt/out/file f", "touch f", 1, "No such file", ""},
	{"ln -s /mnt/out/new f; mkdir -p mnt/out", "touch f", 0, "", "test -f mnt/out/new"},
	{"ln -s /mnt/out d", "mkdir d", 1, "File exists", ""},
	{"ln -s /mnt/out d", "mkdir -p d", 1, "File exists", ""},
	{"ln -s /mnt/out d", "mkdir -p d/a/b", 1, "File exists", ""},
	{"ln -s /mnt/out d; mkdir -p mnt/out", "mkdir -p d/a/b", 0, "", "test -d mnt/out/a/b"},
	{"mkdir var; ln -s /run var/run; mkdir run", "mkdir -p var/run/x", 0, "", "test -d run/x"},
	{"ln -s /mnt/out/new n", "mknod -m 666 n c 1 3", 1, "File exists", ""},
	{"ln -s /mnt/out dev", "mknod dev/null c 1 3", 1, "No such file", ""},
	{"ln -s /mnt/out dev", "mkfifo dev/f", 1, "No such file", ""},
	{"ln -s /mnt/out/file n", "chown root:tty n", 1, "cannot dereference", ""},
	{"ln -s /mnt/out/file n", "chmod 777 n", 1, "dangling", ""},
	{"ln -s ../out d", "chmod -R 777 d", 1, "dangling", ""},
	{"ln -s /mnt/out/link l", "ln -sTf /proc/self/fd l", 0, "", "[ $(readlink l) = /proc/self/fd ]"},
	{"ln -s /mnt/out d", "ln -sTf x d/l", 1, "No such file", ""},
	{"ln -s /mnt/out d", "rm -rf d/file d/dir d", 0, "", "! test -L d"},
	{"ln -s /mnt/out d", "rmdir d/dir", 1, "No such file", ""},
	{"echo new > f; ln -s /mnt/out/file g", "cp f g", 1, "not writing through dangling", ""},
	{"echo new > f; ln -s /mnt/out d", "mv f d/", 1, "", "test -e f"},
	{"ln -s /mnt/out/file f", "cat f", 1, "No such file", ""},
	{"ln -s /mnt/out/file f", "sed -i s/h/j/ f", 2, "", ""},
	{"ln -s /mnt/out/.reaper .reaper", "overlay-reaper .reaper", 1, "File exists", ""},
	{"mkdir -p mnt/out; ln -s /mnt/out d", "overlay-reaper d/.reaper", 0, "",
		"test -x mnt/out/.reaper"},
	{"ln -s /mnt/out d", "overlay-reaper d/.reaper", 1, "No such file", ""},
	{"ln -s /mnt/out/file f", "test -e f", 1, "", ""},
	{"ln -s /mnt/out/file f", "[ -L f ]", 0, "", ""},
	{"mkdir etc; touch etc/f; ln -s /etc/f f", "test -r f", 0, "", ""},
	{"", "test -f /etc/passwd", 1, "", ""},
	{"", "test -t", 0, "", ""},
	{"ln -s /mnt/out d", "readlink -f d", 1, "", ""},
	{"ln -s /mnt/out d; mkdir -p mnt/out", "realpath d", 0, "", ""},

	// Files that are not regular: opening one may block for ever, or fail.
	{"mkfifo f", "tee f", 1, "f: Not a regular file", ""},
	{"mkfifo f", "cat f", 1, "Not a regular file", ""},
	{"mkfifo f; ln -s f l", "tee -a l", 1, "Not a regular file", ""},
	{"mkdir etc; mkfifo etc/passwd etc/group", "chown root:root etc", 0, "", ""},
	{"mkdir -p proc/thread-self; mkfifo proc/thread-self/status", "mkdir -pm 755 a/b", 0, "",
		"[ $(stat -c %a a) = 755 ]"},
	{"mknod n c 1 3", "tee n", 1, "Not a regular file", ""},
	{"mkfifo f", "touch f", 0, "", ""},
	{"mkdir d", "tee d", 1, "Is a directory", ""},

	// User and group names are looked up in the host's files.
	{"mkdir etc; echo tty:x:77: > etc/group; touch f", "chown root:tty f", 0, "",
		`[ "$(stat -c %G f)" = tty ]`},

	// A proc file system inside, with its magic links and kernel files.
	{plantProc + "ln -s /proc/1/root/mnt/out d", "tee d/file", 1, "No such file", ""},
	{plantProc + "ln -s /proc/1/root/mnt/out/file f", "touch f", 1, "No such file", ""},
	{plantProc + "ln -s proc/self/root/mnt/out d", "mkdir -p d/x", 1, "File exists", ""},
	{plantProc + "ln -s /proc/1/cwd d", "mknod d/x c 1 3", 1, "No such file", ""},
	{plantProc + "ln -s /proc/1/fd/0 d", "tee d", 1, "", ""},
	{plantProc + "ln -s /proc/sys/kernel/hostname d", "tee d", 1, "No such file", ""},
	{plantProc + "ln -s /sys/kernel/uevent_helper d", "tee d", 1, "No such file", ""},
	{plantProc + "ln -s /proc/1/root/mnt/out d", "rm -rf d/dir", 0, "", ""},
	{plantProc + "ln -s /proc/1/root/mnt/out d", "test -e d", 1, "", ""},
	{plantProc, "mkdir -p a/b", 0, "", "test -d a/b && grep -q . proc/1/stat"},
	{plantProc + "mkdir p; mount -t proc q p; ln -s /p/1/root/mnt/out d", "touch d/x", 1, "", ""},
	{plantProc + "mount -t tmpfs dev sys; ln -s /sys d", "mknod d/null c 1 3", 0, "",
		"test -c sys/null"},
	{"mkdir proc; mount -t proc p proc; mount --bind . .; cd ../r; ln -s /proc/1/root/mnt/out d",
		"touch d/x", 1, "No such file", ""},
	{"mkdir -p a/b/proc c; mount -t proc p a/b/proc; mount --bind c a; ln -s /a/b/proc/1/root d",
		"touch d/x", 1, "No such file", ""},
	{plantProc + "mount -t sysfs q proc; mount -t proc r proc; ln -s /proc/1/root/mnt/out d",
		"touch d/x", 1, "No such file", "grep -q . proc/1/stat"},
	{plantProc + "ln -s /proc/1/root/mnt/out d", "mountpoint -q d", 1, "", ""},
	{plantProc + "ln -s /proc/1/root/mnt/out/dir d", "mount --bind d mnt", 32, "", ""},
	{plantProc + "rmdir mnt/out; ln -s /proc/1/root/mnt/out d", "mount -t tmpfs t d", 32, "", ""},
	{plantProc + "rmdir mnt/out; ln -s /proc/1/root d", "umount d/mnt", 32, "", ""},
	{plantProc + "ln -s /proc/1/root d", "umount -R d", 1, "", ""},

	// Mounts.
	{"ln -s /mnt/out dev", "mount -t tmpfs t dev", 32, "symbolic link to nowhere", ""},
	{"ln -s ../../mnt/out dev; mkdir -p mnt/out", "mount -t tmpfs t dev", 0, "",
		"mountpoint -q mnt/out"},
	{"mkdir a; ln -s /mnt/out d", "mount --bind d a", 32, "special device", ""},
	{"mkdir a b; touch b/x; ln -s /b d", "mount --bind d a", 0, "", "test -e a/x"},
	{"touch f g; echo x > f", "mount --bind f g", 0, "", "grep -q x g"},
	{"mkdir a; mount -t tmpfs t a", "mount -o remount,bind,ro a", 0, "", "! touch a/x 2>/dev/null"},
	{"mkdir a; mount -t tmpfs t a", "mount --make-private a", 0, "", ""},
	{"mkdir dev; ln -s /mnt/out dev/pts", "mount -t devpts d dev/pts", 32, "nowhere", ""},
	{"mkdir sys", "mount -t sysfs sysfs sys", 0, "", "mountpoint -q sys"},
	{"mkdir a", "umount /", 32, "not mounted", ""},
	{"mkdir a; ln -s / b", "umount b/../..", 32, "not mounted", ""},
	{"mkdir a; mount -t tmpfs t a; ln -s /a l", "umount l", 0, "", "! mountpoint -q a"},
	{"mkdir a b; mount -t tmpfs t a; mkdir a/s; mount -t tmpfs u a/s", "umount -R a", 0, "", ""},
	{"mkdir a; mount -t tmpfs t a", "umount -l t", 0, "", ""},
	{"ln -s /mnt d", "umount d", 32, "", ""},
	{"mkdir a b c", "mount -t overlay -o lowerdir=/a,upperdir=/b,workdir=/c o a", 2,
		"not supported", ""},
	{"mkdir a; truncate -s 1M i", "mount i a", 2, "not supported below a root", ""},
	{"mkdir a etc; echo 't /a tmpfs x 0 0' > etc/fstab", "mount a", 2, "not supported", ""},
	{"", "mount -m -t tmpfs t /new", 2, "not supported", ""},
	{"", "mount --version", 2, "not supported", ""},
	{"mkdir a", "touch -d 2020-01-01 a", 2, "not supported", ""},

	// Commands that overlay-below does not run.
	{"", "sh -c true", 127, "sh is no command that can run below a root", ""},
	{"", "env true", 127, "starts no programs", ""},
	{"", "/bin/true", 127, "starts no programs", ""},
	{"", "overlay-below / touch x", 127, "starts no programs", ""},
	{"", "awk 'BEGIN{system(\"id\")}'", 127, "starts no programs", ""},
	{"", "pivot_root . .", 127, "", ""},
	{"", "overlay-bind 1 / a", 127, "", ""},
}

func TestBelowHostile(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		for _, r := range hostileRows {
			t.Run(r.plant+" :: "+r.argv, r.run)
		}
	})
}

func (r hostileRow) run(t *testing.T) {
	if err := unix.Mount("mnt", "/mnt", "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount("/mnt", unix.MNT_DETACH)
	nativetest.Shell(t, hostFiles+"; cd r; "+r.plant)
	before := hostSide(t)
	argv := append([]string{"overlay-below", "r"}, judge.Split(t, r.argv)...)
	done := make(chan judge.Outcome, 1)
	go func() { done <- callIn(t, "text\n", argv...) }()
	select {
	case o := <-done:
		if o.Status != r.status || !strings.Contains(o.Stderr, r.text) ||
			o.Status > 1 && o.Stderr == "" {
			t.Errorf("status %d, %q; want %d, %q", o.Status, o.Stderr, r.status, r.text)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for ever")
	}
	if after := hostSide(t); after != before {
		t.Errorf("the host has changed (-before +after):\n%s", cmp.Diff(before, after))
	}
	if r.check != "" {
		nativetest.Shell(t, "cd r; "+r.check)
	}
}

// asToolRows are compared with the system's tools.
var asToolRows = [...]string{
	"mkdir a", "mkdir -p a/b/c", "mkdir -m 1777 a", "mkdir f", "mkdir x/y",
	"mknod -m 622 c c 5 1", "mknod c c 1 3", "mknod -m 444 f c 1 8", "mkfifo q",
	"chown root:tty f l", "chown 7:8 f", "chown nosuch f", "chmod 1777 d", "chmod u+s f",
	"ln -sTf /proc/self/fd l", "ln -sTf x d", "ln -s x y", "ln f g",
	"touch new", "touch -d @1000 f", "touch x/y", "tee new", "tee -a f", "tee l", "tee n",
	"cat f", "cat l x", "cp f g", "cp -p f d/g", "cp -a d g", "mv f d", "mv x y",
	"rm f", "rm -rf d x", "rm d", "rmdir d/e", "rmdir d", "readlink l", "readlink f",
	"grep tex f", "sed s/t/u/ f", "sed -i s/t/u/ f", "head -n 1 f", "wc -c f",
	"test -e f", "test ! -e f", "test -r l -a -d d", "test -p p", "[ -f n ]",
	"mount -t tmpfs -o size=1M,mode=700 t d", "mount --bind d d/e", "mount --bind f d",
	"mount --bind d f", "mount -t tmpfs t x", "mount -t tmpfs t n",
	"mount -t devpts devpts d/e", "umount d", "umount x", "mountpoint d", "mountpoint x",
	"cut -c1 f", "tail -n 1 f x", "sort -o g f", "uniq f g", "realpath l", "readlink -f n",
	"grep -r text .", "chmod -R g+w .", "rm -rf .",
}

// TestBelowAsTool checks that commands below a root do what the system's tools do in that
// directory, as long as nobody has planted anything.
func TestBelowAsTool(t *testing.T) {
	const setup = "mkdir -p d/e; echo text > f; ln -s f l; ln -s nowhere n; mkfifo p"
	inBelowSandbox(t, func(t *testing.T) {
		for _, argv := range asToolRows {
			t.Run(argv, func(t *testing.T) {
				want := belowOutcome(t, setup, func() judge.Outcome { return toolIn(t, judge.Split(t, argv)) })
				got := belowOutcome(t, setup, func() judge.Outcome {
					return callIn(t, "in\n", append([]string{"overlay-below", "/mnt/r"},
						judge.Split(t, argv)...)...)
				})
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("-system +ours:\n%s", d)
				}
			})
		}
	})
}

// belowOutcome returns what a command does to a new /mnt/r. Where a tool prints absolute names,
// it removes the root from them.
func belowOutcome(t *testing.T, setup string, run func() judge.Outcome) judge.Outcome {
	t.Helper()
	if err := unix.Mount("mnt", "/mnt", "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount("/mnt", unix.MNT_DETACH)
	nativetest.Shell(t, "mkdir r; cd r; "+setup)
	o := run()
	short := strings.NewReplacer("/mnt/r/", "/", "/usr/bin/", "")
	o.Stdout, o.Stderr = short.Replace(o.Stdout), short.Replace(o.Stderr)
	o.Tree = judge.Tree(t, "/mnt/r") + mountState(t)
	return o
}

func toolIn(t *testing.T, argv []string) (o judge.Outcome) {
	t.Helper()
	var out, errs bytes.Buffer
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir, c.Env, c.Stdin = "/mnt/r", judge.Env(), strings.NewReader("in\n")
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); c.ProcessState == nil {
		t.Fatal(err)
	}
	return judge.Outcome{Status: c.ProcessState.ExitCode(), Stdout: out.String(),
		Stderr: errs.String()}
}

// TestBelowIsTested checks that every command of overlay-below has a test.
func TestBelowIsTested(t *testing.T) {
	var all strings.Builder
	for _, r := range hostileRows {
		all.WriteString(r.argv + "\n")
	}
	all.WriteString(strings.Join(asToolRows[:], "\n"))
	for _, command := range subhost.BelowNames() {
		if !strings.Contains("\n"+all.String(), "\n"+command+" ") {
			t.Errorf("%s: no row", command)
		}
	}
}

// TestBelowRoot checks the operand ROOT: it is a name of the caller's, of a directory.
func TestBelowRoot(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		nativetest.Shell(t, "mkdir -p r 'a b'; ln -s /mnt/r l; touch f")
		for _, row := range []struct {
			root   string
			status int
			text   string
			made   string
		}{
			{"r", 0, "", "r/x"}, {"/mnt/l", 0, "", "r/x"}, {"./l/..", 0, "", "x"},
			{"a b", 0, "", "a b/x"},
			{"f", 125, "overlay-below: cannot use f as a root: Not a directory\n", ""},
			{"", 125, "overlay-below: cannot use '' as a root: No such file or directory\n", ""},
			{"/proc", 125, "overlay-below: cannot use /proc as a root: a proc or sys file system " +
				"below it cannot be taken away\n", ""},
		} {
			o := callIn(t, "", "overlay-below", row.root, "mkdir", "/x")
			if o.Status != row.status || o.Stderr != row.text {
				t.Errorf("%q: %+v", row.root, o)
			}
			if row.made != "" {
				nativetest.Shell(t, "rmdir '"+row.made+"'")
			}
		}
	})
}

// TestBelowLetsGo checks that a root can be unmounted as soon as a command below it has ended,
// and that no thread and no descriptor stays.
func TestBelowLetsGo(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		fds := len(nativetest.Shell(t, "ls /proc/$PPID/fd"))
		for range 50 {
			nativetest.Shell(t, "mkdir -p r; mount -t tmpfs t r; mkdir r/proc; mount -t proc p r/proc")
			for _, argv := range []string{"mkdir a", "umount proc", "mkdir b", "mountpoint -q /"} {
				o := callIn(t, "", append([]string{"overlay-below", "r"}, judge.Split(t, argv)...)...)
				if o.Status != 0 {
					t.Fatalf("%s: %+v", argv, o)
				}
			}
			if err := unix.Unmount("/mnt/r", 0); err != nil {
				t.Fatal(err)
			}
		}
		if now := len(nativetest.Shell(t, "ls /proc/$PPID/fd")); now > fds+8 {
			t.Errorf("descriptors stay: %d bytes of list, %d before", now, fds)
		}
	})
}

// swap exchanges two names again and again until the test ends.
func swap(t *testing.T, a, b string) {
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
			}
		}
	})
	t.Cleanup(func() { close(stop); wg.Wait() })
}

// TestBelowRace changes the root while commands run there.
func TestBelowRace(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		for _, race := range []struct{ plant, a, b string }{
			{"mkdir d out; ln -s /mnt/out l", "r/d", "r/l"},
			{"mkdir d out; ln -s ../../../out l", "r/d", "r/l"},
			{plantProc + "mkdir d; ln -s /proc/1/root/mnt/out l", "r/d", "r/l"},
			{"mkdir -p d/e out/dir /mnt/work/w/e", "r/d", "work/w"}, // out of the root
			{"cd ..; mkdir -p real/d/e real/out/dir work/w/e; mount --bind real r", "real/d", "work/w"},
		} {
			t.Run(race.plant, func(t *testing.T) { belowRace(t, race.plant, race.a, race.b) })
		}
	})
}

func belowRace(t *testing.T, plant, a, b string) {
	if err := unix.Mount("mnt", "/mnt", "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount("/mnt", unix.MNT_DETACH)
	nativetest.Shell(t, hostFiles+"; cd r; "+plant)
	before := hostSide(t)
	// The kernel takes a while from d to the end of this name. If d is moved meanwhile, ".."
	// bypasses r.
	slow := "d/" + strings.Repeat("e/../", 700) + "../../out"
	t.Run("", func(t *testing.T) {
		swap(t, "/mnt/"+a, "/mnt/"+b)
		for end := time.Now().Add(time.Second / 2); time.Now().Before(end); {
			for _, argv := range []string{"tee d/file d/../../out/file", "mkdir d/dir/x d/../../out/x",
				"mknod d/n c 1 3", "rm -rf d/file", "chmod 777 d/dir", "ln -sTf x d/link"} {
				callIn(t, "text\n", append([]string{"overlay-below", "r"}, judge.Split(t, argv)...)...)
			}
			for _, argv := range []string{"mount -t tmpfs t d/dir", "mount --bind d d",
				"umount -l d", "umount -l d/dir", "umount -l d/../../out/dir"} {
				callIn(t, "", append([]string{"overlay-below", "r"}, judge.Split(t, argv)...)...)
			}
			callIn(t, "text", "overlay-below", "r", "tee", "-a", slow+"/file")
			callIn(t, "", "overlay-below", "r", "mkdir", "-m", "700", slow+"/new")
			callIn(t, "", "overlay-below", "r", "mount", "-t", "tmpfs", "t", slow+"/dir")
			callIn(t, "", "overlay-bind", "--root", "r", "/mnt/out/dir", slow+"/dir")
			callIn(t, "", "overlay-below", "r", "umount", "-l", slow+"/dir")
			callIn(t, "", "overlay-below", "r", "umount", "-l", "out/dir")
		}
	})
	if after := hostSide(t); after != before {
		t.Errorf("the host has changed (-before +after):\n%s", cmp.Diff(before, after))
	}
}

// TestBelowLines runs commands from standard input. Each sees what the earlier ones made and
// mounted, and none runs after one that fails.
func TestBelowLines(t *testing.T) {
	inBelowSandbox(t, func(t *testing.T) {
		nativetest.Shell(t, "mkdir r out")
		lines := "mkdir -p dev 'a b'\nmount -t tmpfs -o mode=755 dev dev\nmkdir dev/x\n" +
			"mount -t tmpfs y dev/x\ntouch dev/x/in\nln -s /mnt/out 'a b/link'\n\ncat dev/x/in\n"
		if o := callIn(t, lines, "overlay-below", "r", "-"); o.Status != 0 || o.Stderr != "" {
			t.Errorf("%+v", o)
		}
		nativetest.Shell(t, "[ -e r/dev/x/in ] && mountpoint -q r/dev/x && "+
			"mountpoint -q r/dev && [ -L 'r/a b/link' ]")
		// Kernel file systems are hidden only from the commands for files.
		lines = "mkdir proc p\nmount -t proc proc proc\nmkdir z\nmount -t tmpfs a p\ntouch p/in\n" +
			"mount -t tmpfs b z\nmkdir z/y\n"
		if o := callIn(t, lines, "overlay-below", "r", "-"); o.Status != 0 || o.Stderr != "" {
			t.Errorf("%+v", o)
		}
		nativetest.Shell(t, "[ -e r/p/in ] && mountpoint -q r/p && mountpoint -q r/proc && "+
			"[ -d r/z/y ] && umount r/proc")
		o := callIn(t, "mkdir 1\nmkdir no/2\nmkdir 3\nmount -t tmpfs t 1\n", "overlay-below", "r", "-")
		if o.Status != 1 || !strings.Contains(o.Stderr, "no/2") {
			t.Errorf("%+v", o)
		}
		nativetest.Shell(t, "[ -d r/1 ] && [ ! -e r/3 ] && ! mountpoint -q r/1")
		o = callIn(t, "mkdir 4\nsh -c :\n", "overlay-below", "r", "-")
		if o.Status != 127 {
			t.Errorf("%+v", o)
		}
		o = callIn(t, "mkdir 4\nmkdir '5\n", "overlay-below", "r", "-")
		if o.Status != 125 {
			t.Errorf("%+v", o)
		}
		o = callIn(t, "mkdir '/a b/link/6'\n", "overlay-below", "r", "-")
		if o.Status != 1 {
			t.Errorf("%+v", o)
		}
		nativetest.Shell(t, "[ ! -e r/4 ] && [ -z \"$(ls out)\" ]")
	})
}
