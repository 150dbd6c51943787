package packages

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

// worldDir is where a world's root is made, in the sandbox.
const worldDir = "/tmp/world"

// library has what the scripts of the steps call.
//
//go:embed steps.sh
var library string

// enter makes a root of Debian in memory, goes there, and executes an init. /site is no overlay,
// so that subhosts can be there.
const enter = `
mount -t tmpfs -o mode=755 world ` + worldDir + `
cd ` + worldDir + `
mkdir upper work root
mount -t overlay -o lowerdir="$1",upperdir=$PWD/upper,workdir=$PWD/work overlay root
cd root
mkdir site packages original
# it would mount the machine's other cgroup hierarchies, and make groups there
rm -f etc/runlevels/sysinit/cgroups
mount --bind "$2" packages
[ ! -d "$3" ] || mount --bind "$3" original
mount -t tmpfs -o mode=755 site site
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 dev dev
for n in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 dev/${n%:*} c 1 ${n#*:}; done
mknod -m 666 dev/tty c 5 0
mknod -m 600 dev/console c 5 1
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ip link set lo up
mkdir run/old
pivot_root . run/old
umount -l run/old
rmdir run/old
shift 3
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
`

// A world is a host with Debian's files and a process 1 of its own.
type world struct {
	t    *testing.T
	init int // its process 1, as the sandbox sees it
}

// inWorld runs a test in a world with an init, which is a list of words.
func inWorld(t *testing.T, init []string, body func(w *world)) {
	t.Helper()
	packages, module := prepared(t)
	sandboxtest.Test(t, limit, func(t *testing.T) {
		base, err := filepath.EvalSymlinks(module + "/.cache/packages/base")
		must(t, err)
		must(t, os.MkdirAll(worldDir, 0o755))
		group := sandbox.CgroupRoot + "/world"
		must(t, os.Mkdir(group, 0o755))
		// the world's cgroup namespace begins at its group
		cmd := exec.Command("sh", append([]string{"-ec",
			`echo 0 >` + group + `/cgroup.procs
exec unshare -m -p -n -u -i -C -f --kill-child --propagation private sh -ec "$@"`,
			"sh", enter, "sh", base, packages, module + "/.original"}, init...)...)
		log, err := os.Create("/tmp/world.log")
		must(t, err)
		cmd.Stdout, cmd.Stderr = log, log
		must(t, cmd.Start())
		defer cmd.Wait()
		defer cmd.Process.Kill()
		w := &world{t: t, init: firstChild(t, cmd.Process.Pid)}
		if !sandbox.Until(func() bool { return w.try("test ! -e /run/old").Status == 0 }) {
			text, _ := os.ReadFile("/tmp/world.log")
			t.Fatalf("no world: %s", text)
		}
		body(w)
		if t.Failed() {
			text, _ := os.ReadFile("/tmp/world.log")
			t.Logf("the world's console:\n%s", text)
		}
	})
}

func firstChild(t *testing.T, pid int) (child int) {
	t.Helper()
	file := "/proc/" + strconv.Itoa(pid) + "/task/" + strconv.Itoa(pid) + "/children"
	if !sandbox.Until(func() bool {
		text, _ := os.ReadFile(file)
		words := strings.Fields(string(text))
		if len(words) > 0 {
			child, _ = strconv.Atoi(words[0])
		}
		return child > 0
	}) {
		t.Fatal("the world has no process 1")
	}
	return child
}

// try runs a script in the world. Its text is in a file: the original finds subhosts by words in
// the arguments of processes.
func (w *world) try(script string) sandbox.Result {
	w.t.Helper()
	err := os.WriteFile("/proc/"+strconv.Itoa(w.init)+"/root/site/step", []byte(library+script), 0o644)
	if err != nil {
		return sandbox.Result{Status: -1, Stderr: err.Error()}
	}
	cmd := exec.Command("nsenter", "-t", strconv.Itoa(w.init), "-m", "-p", "-n", "-u", "-i", "-C",
		"-r", "-w", "sh", "/site/step")
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C",
		"DEBIAN_FRONTEND=noninteractive", "TERM=dumb"}
	r, err := sandbox.Exec(cmd)
	must(w.t, err)
	return r
}

// sh runs a script that must succeed, and returns its output.
func (w *world) sh(script string) string {
	w.t.Helper()
	r := w.try("set -e; " + script)
	if r.Status != 0 {
		w.t.Fatalf("%s\n%v", script, r)
	}
	return r.Stdout
}

// A step is a script with what it has to print and its status.
type step struct {
	script string
	want   string // the output, without blanks at its ends
	status int
}

// steps runs steps in their order; the first that fails ends the test.
func (w *world) steps(list []step) {
	w.t.Helper()
	for _, s := range list {
		r := w.try(s.script)
		if got := strings.TrimSpace(r.Stdout); got != s.want || r.Status != s.status {
			w.t.Fatalf("%s\n%v\nwant status %d and %q", s.script, r, s.status, s.want)
		}
	}
}

// subhost makes a subhost in the world, and returns its configuration.
func (w *world) subhost(name, config string) string {
	w.t.Helper()
	w.sh("mkdir -p /site/" + name + "/live /site/" + name + "/root /site/" + name + "/work; " +
		"printf 'BASE=.\\nLOG=/site/" + name + "/log\\n" + config + "' >/site/" + name + "/" + name +
		".conf")
	return "/site/" + name + "/" + name + ".conf"
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
