package compat

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// plantedBase is the scenario of every row, with the original on both sides, so that the
// plant is the only difference. Each %s stands for the plant of the step above it.
const plantedBase = `# a planted difference
host: mkdir -p min/live min/root/etc min/work
action before@original: :
%sboot@original: overlay-boot $PWD/min/min.conf
%sgo@original: echo 'hostname; echo warned >&2; exit 3' | overlay-go min
%sstop@original: overlay-stop $PWD/min/min.conf
%s-- min/min.conf --
BASE=.
CABLES= =
START= none
LOG=/srv/subhosts/min/log
-- min/root/etc/note --
note
-- min/target --
`

// A planting is a difference made on one side after a step.
type planting struct {
	name, after, code string
	// where matches the paths of the facts that must differ, at the moment of the plant or
	// at the moment seen; also matches those that may differ as well.
	where, also string
	// seen is the first moment that shows the difference; empty stands for after.
	seen string
}

// inSubhost begins a plant that acts on the first process of the subhost.
const inSubhost = `R=$(ps -eo pid,args | awk '/[/].reaper/{print $1; exit}')
IN="nsenter -t $R -m -p"
`

// replaceExec returns a plant, for use before the boot, that changes the beginning of the
// wrapper's last line, "exec".
func replaceExec(name, begin string) string {
	begin = strings.ReplaceAll(begin, "&", `\&`)
	return fmt.Sprintf("sed -i 's|^exec |%s|' %s/%s/%s", begin, fixtures, Original, name)
}

// wrapExec returns a plant that adds code before that exec.
func wrapExec(name, code string) string { return replaceExec(name, code+"; exec ") }

// wrapAfter returns a plant that removes the exec and adds code after the command.
func wrapAfter(name, code string) string {
	return replaceExec(name, "") +
		fmt.Sprintf("\necho '%s' >>%s/%s/%s", code, fixtures, Original, name)
}

const (
	log     = `files//srv/subhosts/min/log content`
	anyProc = `process [^/]+/`
)

var plantings = []planting{
	// The subhost's devices.
	{name: "mode of a device", after: "boot", code: inSubhost + `$IN chmod 600 /dev/null`,
		where: `inside [^/]+//dev/null`},
	{name: "owner of a device", after: "boot", code: inSubhost + `$IN chown 1:1 /dev/zero`,
		where: `inside [^/]+//dev/zero`},
	{name: "number of a device", after: "boot",
		code:  inSubhost + `$IN sh -c 'rm /dev/zero; mknod -m 666 /dev/zero c 1 3'`,
		where: `inside [^/]+//dev/zero`},
	{name: "device missing", after: "boot", code: inSubhost + `$IN rm /dev/tty`,
		where: `inside [^/]+//dev/tty`},
	{name: "target of a link", after: "boot", code: inSubhost + `$IN ln -sfn /proc/1/fd /dev/fd`,
		where: `inside [^/]+//dev/fd`},

	// Mounts.
	{name: "mount flag", after: "boot", code: inSubhost + `$IN mount -o remount,noexec /run`,
		where: `mounts/overlay-boot`},
	{name: "extra mount inside", after: "boot", code: inSubhost + `$IN mount -t tmpfs x /mnt`,
		where: `mounts/overlay-boot`, also: `inside [^/]+//mnt`},
	{name: "mount missing inside", after: "boot", code: inSubhost + `$IN umount -l /dev/pts`,
		where: `mounts/overlay-boot`, also: `inside [^/]+//dev/pts.*`},
	{name: "propagation", after: "boot", code: inSubhost + `$IN mount --make-shared /dev`,
		where: `mounts/overlay-boot`},
	{name: "mount left", after: "stop", code: `mount -t tmpfs x /mnt`, where: `mounts/host`},

	// Attributes of processes.
	{name: "descriptor", after: "before", seen: "boot",
		code:  wrapExec("overlay-boot", "exec 7</dev/null"),
		where: anyProc + `fd 7`},
	{name: "variable", after: "before", seen: "boot",
		code:  wrapExec("overlay-boot", "export PLANTED=1"),
		where: anyProc + `environ PLANTED`},
	{name: "umask", after: "before", seen: "boot",
		code:  wrapExec("overlay-boot", "umask 027"),
		where: anyProc + `Umask`, also: `(files|inside|root).*`},
	{name: "ignored signal", after: "before", seen: "boot",
		code:  wrapExec("overlay-boot", `trap "" USR2`),
		where: anyProc + `SigIgn`},
	{name: "capabilities", after: "before", seen: "boot",
		code:  replaceExec("overlay-boot", "exec setpriv --bounding-set -sys_time "),
		where: anyProc + `CapBnd`, also: anyProc + `Cap...`},
	{name: "limit, inherited", after: "before", seen: "boot",
		code:  wrapExec("overlay-boot", "ulimit -c 4096"),
		where: anyProc + `limits`},
	{name: "limit of one", after: "boot", code: inSubhost + `prlimit --pid $R --nofile=100:100`,
		where: anyProc + `limits`},
	{name: "nice value", after: "boot", code: inSubhost + `renice -n 5 -p $R >/dev/null`,
		where: anyProc + `nice`},
	{name: "scheduling policy", after: "boot", code: inSubhost + `chrt -b -p 0 $R`,
		where: anyProc + `policy`},
	{name: "processors", after: "boot", code: inSubhost + `taskset -p -c 0 $R >/dev/null`,
		where: anyProc + `Cpus_allowed_list`},
	{name: "oom_score_adj", after: "boot", code: inSubhost + `echo 100 >/proc/$R/oom_score_adj`,
		where: anyProc + `oom_score_adj`},
	{name: "stopped process", after: "boot",
		code:  inSubhost + `kill -STOP $(ps -o pid= --ppid $R)`,
		where: anyProc + `State`, also: anyProc + `ShdPnd`},

	// The set of processes.
	{name: "process left", after: "stop", code: `setsid sleep 1000 >/dev/null 2>&1 </dev/null &`,
		where: `processes`},
	{name: "process not reaped", after: "stop",
		code:  `setsid sh -c 'true & exec sleep 1000' >/dev/null 2>&1 </dev/null &`,
		where: `processes`},
	{name: "process inside", after: "boot",
		code:  inSubhost + `$IN sh -c 'sleep 1000 & :' >/dev/null 2>&1 </dev/null`,
		where: `processes`, also: `cgroup/.*`},

	// The network.
	{name: "link left", after: "stop", code: `ip link add left0 type bridge`,
		where: `net host/link`},
	{name: "link down", after: "boot", code: `ip link set min0 down`,
		where: `net host/link`, also: `net host/(addr|route6?)|net (netns )?\S+/link`},
	{name: "size of packets", after: "boot", code: `ip link set min0 mtu 1400`,
		where: `net host/link`},
	{name: "queue of a link", after: "boot", code: `ip link set min0 txqueuelen 77`,
		where: `net host/link`},
	{name: "address", after: "boot", code: `ip addr add 10.9.9.9/32 dev min0`,
		where: `net host/addr`, also: `net host/route`},
	{name: "route", after: "boot", code: `ip route add blackhole 10.8.0.0/16`,
		where: `net host/route`},
	{name: "rule", after: "boot", code: `ip rule add from 10.7.0.1 table 7`,
		where: `net host/rule`},
	{name: "address inside", after: "boot", code: `ip -n min addr add 10.9.9.8/32 dev lo`,
		where: `net (netns min|overlay-boot>.*)/addr`,
		also:  `net (netns min|overlay-boot>.*)/route`},
	{name: "network namespace left", after: "stop", code: `ip netns add left`,
		where: `netns`, also: `mounts/host|net netns left/.*|files//run/netns/left.*`},
	{name: "network namespace without its name", after: "boot", code: `ip netns del min`,
		where: `netns`, also: `mounts/host|net .*|files//run/netns/min.*|stderr`},

	// Cgroups.
	{name: "cgroup left", after: "stop", code: `mkdir /sys/fs/cgroup/left`,
		where: `cgroup//sys/fs/cgroup/left`},
	{name: "process in another cgroup", after: "boot",
		code:  inSubhost + `echo $R >/sys/fs/cgroup/cgroup.procs`,
		where: `cgroup//sys/fs/cgroup/min`, also: anyProc + `cgroup`},

	// Files.
	{name: "content of the same size", after: "stop", code: `echo nots >min/root/etc/note`,
		where: `files//srv/subhosts/min/root/etc/note content`},
	{name: "mode of a file", after: "stop", code: `chmod 640 min/root/etc/note`,
		where: `files//srv/subhosts/min/root/etc/note`},
	{name: "attribute", after: "stop", code: `setcap cap_net_raw+ep min/root/etc/note`,
		where: `files//srv/subhosts/min/root/etc/note`},
	{name: "other kind of file", after: "stop", code: `rm min/target; mkfifo -m 644 min/target`,
		where: `files//srv/subhosts/min/target`, also: `files//srv/subhosts/min/target content`},
	{name: "file on the host", after: "stop", code: `echo 1 >/etc/planted`,
		where: `root//etc/planted`, also: `root//etc/planted content|root//etc`},
	{name: "file lost on the host", after: "stop", code: `rm /etc/passwd`,
		where: `root//etc/passwd`, also: `root//etc`},
	{name: "file in /tmp", after: "stop", code: `mkfifo /tmp/left`,
		where: `files//tmp/left`},
	{name: "script changed", after: "stop", code: `echo >>/var/lib/overlay-boot/functions`,
		where: `root//var/lib/overlay-boot/functions content`},

	// The log.
	{name: "log lines swapped", after: "stop",
		code:  `sed -i '/^+ setup_overlay /{h;d};/^+ local NAME=min LIVE/{G}' min/log`,
		where: log},
	{name: "log line missing", after: "stop", code: `sed -i 3d min/log`, where: log},
	{name: "log line twice", after: "stop", code: `sed -i 3p min/log`, where: log},
	{name: "log line added", after: "stop", code: `echo + planted >>min/log`, where: log},
	{name: "log line changed", after: "stop", code: `sed -i '3s/.$/%/' min/log`, where: log},
	{name: "log without its last newline", after: "stop", code: `truncate -s -1 min/log`,
		where: log},

	// Hostnames, and the output and status of steps.
	{name: "name of the subhost", after: "boot", code: inSubhost + `nsenter -t $R -u hostname other`,
		where: `hostname/.*`, also: `stdout`},
	{name: "name of the host", after: "stop", code: `hostname other`, where: `hostname/host`},
	{name: "status", after: "go", seen: "stop", code: wrapAfter("overlay-stop", "exit 4"),
		where: `status`},
	{name: "output", after: "go", seen: "stop", code: wrapExec("overlay-stop", "echo planted"),
		where: `stdout`},
	{name: "message", after: "go", seen: "stop", code: wrapExec("overlay-stop", "echo planted >&2"),
		where: `stderr`},
}

// scenario returns the base scenario with the row's plant after its step.
func (p planting) scenario(t *testing.T) *Scenario {
	t.Helper()
	var plants []any
	for _, step := range []string{"before", "boot", "go", "stop"} {
		plant := ""
		if step == p.after {
			plant = "plant: " + strings.ReplaceAll(p.code, "\n", "\n\t") + "\n"
		}
		plants = append(plants, plant)
	}
	s, err := ParseScenario(p.name, fmt.Appendf(nil, plantedBase, plants...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPlanted checks that the comparison finds each planted difference, and nothing else.
func TestPlanted(t *testing.T) {
	h := harness(t)
	lines := pipelines(texts(h.Original))
	// All rows share the same runs of the original.
	var runs []*Trace
	base := planting{}.scenario(t)
	original := side{variant: base.reference(), set: h.Original}
	for _, seed := range []int{0, 1, 3} {
		runs = append(runs, h.trace(t.Context(), base, original, seed))
	}
	for _, r := range runs {
		if r.Failure != "" {
			t.Fatal(r.Failure)
		}
	}
	t.Run("rows", func(t *testing.T) {
		slots := make(chan struct{}, 2)
		for _, p := range append(plantings, planting{name: "nothing"}) {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				for _, fault := range p.faults(t, h, judge{runs: runs, lines: lines}) {
					t.Error(fault)
				}
			})
		}
	})
}

// faults returns what the judge found wrongly or failed to find. Dash writes a trace line
// in pieces, and two processes may mix their pieces, so a row passes if one of three runs
// shows the plant alone.
func (p planting) faults(t *testing.T, h *Harness, j judge) (faults []string) {
	s := p.scenario(t)
	planted := side{variant: s.reference(), set: h.Original, plants: true}
	for seed := 2; seed < 8; seed += 2 {
		got := h.trace(t.Context(), s, planted, seed)
		if got.Failure != "" {
			t.Fatal(got.Failure)
		}
		if faults = p.judge(j.compare(s, []*Trace{got})); len(faults) == 0 {
			break
		}
	}
	return faults
}

// judge looks for the planted difference among those found.
func (p planting) judge(res *Result) (faults []string) {
	first := p.after
	if p.seen != "" {
		first = p.seen
	}
	must := regexp.MustCompile(`^(?:` + first + `/(?:` + p.where + `))$`)
	may := regexp.MustCompile(`^(?:[a-z]+/(?:` + p.where + `|` + p.also + `))$`)
	found := false
	for _, d := range res.Differences {
		found = found || must.MatchString(d.Path)
		if p.where == "" || !may.MatchString(d.Path) {
			faults = append(faults, "not planted: "+brief(d))
		}
	}
	if !found && p.where != "" {
		faults = append(faults, fmt.Sprintf("not found at %s/%s", first, p.where))
	}
	return faults
}

// brief returns the path of a difference, and only the differing lines of a long text.
func brief(d Difference) string {
	var b strings.Builder
	printDifference(&b, d)
	return b.String()
}
