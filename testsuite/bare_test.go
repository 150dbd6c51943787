package testsuite

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// TestNoTools boots on a host that has our program and nothing else: no shell, no mount, no
// ip. LOWER is a tree without programs as well.
func TestNoTools(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("bare", minimal+"LOWER="+bases+"/bare/tree\n")
		for _, dir := range []string{"proc", "sys", "dev", "run", "tmp", "etc"} {
			must(h.t, os.MkdirAll(s.Dir+"/tree/"+dir, 0o755))
		}
		s.Write("tree/etc/bare", "yes\n")
		s.coverTools()
		h.engine = sandbox.Engine{Name: "ours", Dir: "/usr/sbin", Env: []string{"PATH="}}
		h.snap()

		tree := s.boot()
		checkTree(h.t, s, tree)
		at := s.mounts(tree)
		for _, point := range []string{"/proc", "/dev", "/dev/pts", "/sys", "/run"} {
			if at[point].FSType == "" {
				h.t.Errorf("%s is not mounted", point)
			}
		}
		if !s.hasInside(tree, "/etc/bare") {
			h.t.Error("LOWER is not the root")
		}
		s.stop()
		s.gone()

		// A native that runs in a process of its own must have the shell's descriptors.
		r := h.run("overlay-sh", "-c", "exec 3</tmp/b/bare/tree/etc/bare; cat /dev/fd/3")
		if r.Stdout != "yes\n" || r.Status != 0 {
			h.t.Errorf("a file by the name of its descriptor: %v", r)
		}
	})
}

// bareRows are commands for a host that has only our program, each in a new directory, with
// a regular expression for both outputs. A kernel may lack a type of link; our program then
// says so.
var bareRows = []struct{ script, want string }{
	{"mkdir -p a/b; : >a/f; find . -type f -name 'f*'; find a -maxdepth 1 -type d | sort",
		"./a/f\na\na/b\n"},
	{"mkdir -p a/b; : >a/f; ls -1 a; ls -d a/b", "b\nf\na/b\n"},
	{"printf abc >f; chmod 640 f; stat -c '%a %s %F' f", "640 3 regular file\n"},
	{"date -u -d @86400 +%F", "1970-01-02\n"},
	{"seq 2 2 6", "2\n4\n6\n"},
	{"f=$(mktemp ./x.XXXXXX); stat -c %a $f; rm $f; ls", "600\n"},
	{"printf '1 2 3' | xargs -n2 echo", "1 2\n3\n"},
	{"flock l sh -c 'flock -n l true; echo $?'; flock -n l sh -c 'echo free'", "1\nfree\n"},
	{"timeout 0.2 sleep 9; echo $?; timeout 9 sh -c 'exit 3'; echo $?", "124\n3\n"},
	{"echo $(($(nice -n 2 nice) - $(nice)))", "2\n"},
	{"sysctl -n kernel.ostype; sysctl -ar '^kernel.ostype$'", "Linux\nkernel.ostype = Linux\n"},
	{"sysctl -q net.ipv4.ip_forward=1; cat /proc/sys/net/ipv4/ip_forward", "1\n"},
	{"echo x >s; install -D -m 711 s i/j; stat -c %a i/j; cat i/j", "711\nx\n"},
	{"seq 3 | tac", "3\n2\n1\n"},
	{"seq 4 | paste - -", "1\t2\n3\t4\n"},
	{"printf abcdef | dd bs=1 skip=2 count=3 status=none", "cde"},
	{"head -c 65536 /dev/zero >z; du -k z", "64\tz\n"},
	{"mkdir m; mount -t tmpfs -o size=1m x m; df -kT m; umount m",
		"Filesystem +Type +1K-blocks +Used +Available +Use% +Mounted on\n" +
			"x +tmpfs +1024 +0 +1024 +0% +/\\S+/m\n"},
	{"sync; echo $?; : >f; sync f; echo $?; sync nosuch",
		"0\n0\nsync: error opening 'nosuch': No such file or directory\n"},
	{"truncate -s 1K t; stat -c %s t", "1024\n"},
	{"mkdir m; mount -t tmpfs x m; findmnt -no FSTYPE,SOURCE m; " +
		"findmnt -rno TARGET | grep -c /m$; umount m; findmnt m; echo $?",
		"tmpfs  x\n1\n1\n"},
	{"truncate -s 1M i; d=$(losetup -f --show i); losetup -nO BACK-FILE $d; losetup -d $d; " +
		"losetup -j i; test -b $d; echo $?",
		"/\\S+/i\n0\n"},
	{"sleep 9 & [ $(pidof -s sleep) = $! ] && echo found; kill $!; wait; pidof sleep || echo gone",
		"found\ngone\n"},
	{"whoami; nproc --ignore=100000", "root\n1\n"},
	{"setpriv --reuid=65534 --regid=65533 --clear-groups sh -c 'id -u; id -g; id -G; : >new'",
		"65534\n65533\n65533\nsh: .*new: Permission denied\n"},
	{"setpriv --nnp --bounding-set=-all grep -E 'NoNew|Bnd' /proc/self/status",
		"CapBnd:\t0+\nNoNewPrivs:\t1\n"},
	{"ip link add b0 type bridge vlan_filtering 1 || exit; " +
		"bridge vlan add dev b0 vid 7 self; bridge vlan show dev b0; ip link del b0",
		"port +vlan-id *\nb0 +1 PVID Egress Untagged\n +7\n" +
			"|RTNETLINK answers: Operation not supported\n"},
	{"ip link add v0 type veth peer v1; ip link set v0 up; ip addr add 10.9.0.1/24 dev v0; " +
		"ip neigh add 10.9.0.2 lladdr " +
		"02:00:00:00:00:01 dev v0; ip neigh show dev v0; ip neigh del 10.9.0.2 dev v0; ip link del v0",
		"10.9.0.2 lladdr 02:00:00:00:00:01 PERMANENT *\n"},
	{"ip link add v0 type veth peer v1; ip link add x0 link v0 type macvlan mode bridge && " +
		"ip -d link show x0 | grep -o 'macvlan mode bridge'; " +
		"ip link del v0", "macvlan mode bridge\n|Error: Unknown device type\\.\n"},
	{"ip link add v0 type veth peer v1; ip link add x0 link v0 type ipvlan mode l3 && " +
		"ip -d link show x0 | grep -o 'ipvlan  *mode l3'; " +
		"ip link del v0", "ipvlan +mode l3\n|Error: Unknown device type\\.\n"},
	{"ip link add x0 type dummy && ip -d link show x0 | grep -o dummy && ip link del x0",
		"(dummy\n)+|Error: Unknown device type\\.\n"},
	{"logger -s -t me hello; echo $?; logger -t me hello; echo $?",
		"logger: socket /dev/log: No such file or directory\n1\n0\n"},
	{"switch_root",
		"switch_root: not enough arguments\nTry 'switch_root --help' for more information.\n"},
	{"unshare -mpf --kill-child sh -c 'mkdir n; mount -t tmpfs x n; " +
		"cp /usr/sbin/overlay-boot n/sh; mkdir n/proc; " +
		"exec switch_root $PWD/n /sh -c \"echo /*; ls /proc/1/exe\"'",
		"switch_root: old root filesystem is not an initramfs: .*\n/proc /sh\n/proc/1/exe\n"},
}

// TestBareCommands runs the commands of bareRows. It also calls each native with an option
// that no native has: the native must fail and name the option, or say that it needs the
// system's tool.
func TestBareCommands(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("bare", minimal)
		s.coverTools()
		h.snap()
		h.engine = sandbox.Engine{Name: "ours", Dir: "/usr/sbin", Env: []string{"PATH="}}
		for _, row := range bareRows {
			r := h.run("overlay-sh", "-c", "rm -rf /tmp/w; mkdir /tmp/w; cd /tmp/w; exec 2>&1\n"+row.script)
			if !regexp.MustCompile("^(" + row.want + ")$").MatchString(r.Stdout) {
				h.t.Errorf("%s: %v, want %q", row.script, r, row.want)
			}
		}
		h.refusals()
		must(h.t, os.RemoveAll("/tmp/w"))
	})
}

// takesAll are natives that take every argument as a name or a text. The shell and its
// built-in utilities report an unknown option by its letter.
var takesAll = []string{"expr", "false", "true", "overlay-below", "overlay-reaper",
	"overlay-release", "overlay-root"}

func (h *host) refusals() {
	h.t.Helper()
	names := 0
	for line := range strings.Lines(h.run("overlay-sh", "--natives").Stdout) {
		name := strings.Fields(line)[0]
		names++
		if slices.Contains(takesAll, name) {
			continue
		}
		r := h.run("overlay-sh", "-c", "timeout 9 sh -c '"+name+" --nosuch-option x y' </dev/null")
		said := strings.Contains(r.Stderr, "nosuch-option") ||
			strings.HasSuffix(r.Stderr, ": Illegal option --\n")
		if r.Status == 0 || r.Status == 124 || !said {
			h.t.Errorf("%s: %v", name, r)
		}
	}
	if names < 80 {
		h.t.Errorf("--natives lists %d commands", names)
	}
}

// hasInside reports whether a file exists in /etc of the subhost, seen through the reaper's
// root.
func (s *subhost) hasInside(tree sandbox.Tree, path string) bool {
	s.t.Helper()
	files := sandbox.Files("/proc/" + strconv.Itoa(tree.Reaper.Pid) + "/root/etc")
	for _, f := range files {
		if strings.HasSuffix(f, path) {
			return true
		}
	}
	return false
}

// coverTools hides every program of the machine and then puts ours into /usr/sbin.
func (s *subhost) coverTools() {
	s.t.Helper()
	must(s.t, os.CopyFS(bases+"/.bin", os.DirFS(s.engine.Dir)))
	for _, dir := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib64"} {
		// Most of these are symbolic links into /usr.
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			must(s.t, unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=755"))
		}
	}
	must(s.t, os.MkdirAll("/usr/sbin", 0o755))
	must(s.t, os.CopyFS("/usr/sbin", os.DirFS(bases+"/.bin")))
}
