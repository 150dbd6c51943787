package testsuite

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
	"overlayboot/compat/sandbox/sandboxtest"
)

// A listed is an object of overlay-list --json.
type listed struct {
	Name, State  string
	Broken       []string
	BootedBy     *string `json:"booted_by"`
	Since        *time.Time
	Config       *string
	Configured   bool
	Pid          *int
	Supervisor   *int `json:"supervisor_pid"`
	Processes    *int
	Memory       *float64 `json:"memory_bytes"`
	MemorySource *string  `json:"memory_source"`
	CPU          *float64 `json:"cpu_seconds"`
	CPUSource    *string  `json:"cpu_source"`
	Cables       []listedCable
}

type listedCable struct {
	Host           string
	Inside, Bridge *string
	VLAN           *int
	MAC            *string
	Exists, Up     bool
	Addresses      []string
}

// list returns what overlay-list --json says, by names. The schema judges it.
func (h *host) list(words ...string) map[string]listed {
	h.t.Helper()
	r := h.run("overlay-list", append([]string{"--json"}, words...)...)
	if r.Status != 0 || r.Stderr != "" {
		h.t.Fatalf("overlay-list --json: %v", r)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("../scripts/schema/overlay-list.json")
	must(h.t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(r.Stdout))
	must(h.t, err)
	if err := schema.Validate(value); err != nil {
		h.t.Errorf("%v\n%s", err, r.Stdout)
	}
	var list []listed
	must(h.t, json.Unmarshal([]byte(r.Stdout), &list))
	by := map[string]listed{}
	for _, l := range list {
		by[l.Name] = l
	}
	if len(by) != len(list) {
		h.t.Errorf("names that are not unique: %s", r.Stdout)
	}
	return by
}

// autostart lists configurations for the start of the host; without any it removes the list.
func (h *host) autostart(paths ...string) {
	h.t.Helper()
	if len(paths) == 0 {
		must(h.t, os.Remove("/etc/subhosts.conf"))
		return
	}
	must(h.t, os.WriteFile("/etc/subhosts.conf", []byte(strings.Join(paths, "\n")+"\n"), 0o644))
}

// addressed makes a bridge with an address.
func (h *host) addressed(name, address string) {
	h.t.Helper()
	h.needTools("ip", "nsenter")
	h.sh("ip link add " + name + " type bridge; ip addr add " + address + " dev " + name +
		"; ip link set " + name + " up")
	h.snap()
}

// inNet runs a command in the network of a process, with the machine's tools.
func (h *host) inNet(pid int, command string) string {
	h.t.Helper()
	return h.sh("nsenter -t " + strconv.Itoa(pid) + " -n " + command)
}

// held boots a subhost that stays in PREMOUNT.
func (h *host) held(name string) *subhost {
	h.t.Helper()
	s := h.subhost(name, "CABLES= =\nSTART= none\nPREMOUNT="+bases+"/"+name+"/hold\n")
	s.Script("hold", ": > "+s.Dir+"/here; while : ; do sleep 0.1; done")
	cmd := h.engine.Command("overlay-boot", s.Conf)
	must(h.t, cmd.Start())
	go func() { _ = cmd.Wait() }()
	if !sandbox.Until(func() bool { _, err := os.Stat(s.Dir + "/here"); return err == nil }) {
		h.t.Fatal(s.Story())
	}
	return s
}

// recorded returns the process of a key in the record.
func (s *subhost) recorded(key string) int {
	s.t.Helper()
	text, err := os.ReadFile("/run/overlay-boot/subhosts/" + s.Name)
	must(s.t, err)
	pid := 0
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, key+"="); ok {
			pid, _ = strconv.Atoi(strings.Fields(value)[0])
		}
	}
	return pid
}

// killed kills processes, and waits for their end.
func (h *host) killed(pids ...int) {
	h.t.Helper()
	for _, pid := range pids {
		// one may end with another one
		if err := unix.Kill(pid, unix.SIGKILL); err != nil && err != unix.ESRCH {
			h.t.Fatal(err)
		}
	}
	if !sandbox.Until(func() bool {
		return !slices.ContainsFunc(sandbox.Processes(), func(p sandbox.Process) bool {
			return slices.Contains(pids, p.Pid) && p.State != "Z"
		})
	}) {
		h.t.Errorf("%v do not end", pids)
	}
}

// TestListStates lists subhosts that run, are stopped, are being started, and are broken.
func TestListStates(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.addressed("br5", "10.75.0.1/24")
		runs := h.subhost("runs", "CABLES= br5=02:00:00:00:00:51 =\nSTART= none\n")
		off := h.subhost("file", "NAME= off\nCABLES= br5= br5=.7\nSTART= none\n"+
			"ADDRESS= 10.9.0.2/24 via 10.9.0.1 fe80::5/64\n")
		lost, dead := h.subhost("lost", minimal), h.subhost("dead", minimal)
		h.autostart(runs.Conf, off.Conf, dead.Conf)
		trees := map[string]sandbox.Tree{}
		for _, s := range []*subhost{runs, lost, dead} {
			trees[s.Name] = s.boot()
		}
		slow := h.held("slow")
		booter, supervisor := slow.recorded("BOOTER"), slow.recorded("SUPERVISOR")
		got := h.list()
		want := map[string]string{"runs": "running", "off": "stopped", "lost": "running",
			"dead": "running", "slow": "starting"}
		checkStates(h, got, want)
		h.numbers(got["runs"], trees["runs"].Reaper)
		h.ofCables(got["runs"], trees["runs"].Reaper.Pid)
		h.ofStopped(got["off"], off)
		if !got["runs"].Configured || got["lost"].Configured || *got["runs"].BootedBy != "overlay-boot" {
			h.t.Errorf("%+v, %+v", got["runs"], got["lost"])
		}
		h.beingStopped("runs")

		h.killed(trees["lost"].Supervisor.Pid)
		h.killed(trees["dead"].Supervisor.Pid, trees["dead"].Unshare.Pid, trees["dead"].Reaper.Pid)
		h.killed(booter, supervisor)
		got = h.list()
		want["lost"], want["dead"], want["slow"] = "broken", "broken", "broken"
		checkStates(h, got, want)
		for name, want := range map[string][]string{
			"lost": h.left("lost", "supervisor died", "2 processes", "cable lost0", "netns", "claims"),
			"dead": h.left("dead", "supervisor died", "cable dead0", "netns", "claims"),
			"slow": h.left("slow", "boot died", "cable slow0", "netns", "claims")} {
			if d := cmp.Diff(want, got[name].Broken); d != "" {
				h.t.Errorf("%s is broken: -want +got\n%s", name, d)
			}
		}
		if r := h.run("overlay-list", "-q", "--running", off.Conf, "runs"); r.Stdout != "runs\n" {
			h.t.Errorf("-q --running: %v", r)
		}
		for _, s := range []*subhost{runs, lost} {
			s.stop()
		}
		for _, s := range []*subhost{dead, slow} {
			if r := s.run("overlay-stop", s.Conf); !strings.Contains(r.Stderr, "not running") {
				h.t.Errorf("overlay-stop %s: %v", s.Name, r)
			}
		}
		checkStates(h, h.list(),
			map[string]string{"runs": "stopped", "off": "stopped", "dead": "stopped"})
		h.autostart()
	})
}

// beingStopped takes the lock of overlay-stop, and checks that the list says so.
func (h *host) beingStopped(name string) {
	h.t.Helper()
	file := "/run/overlay-boot/stop/" + name
	f, err := os.Create(file)
	must(h.t, err)
	if l := h.list(name)[name]; l.State != "running" {
		h.t.Errorf("with a lock that nobody has: %s", l.State)
	}
	must(h.t, unix.Flock(int(f.Fd()), unix.LOCK_EX))
	if l := h.list(name)[name]; l.State != "stopping" {
		h.t.Errorf("with the lock of overlay-stop: %s", l.State)
	}
	must(h.t, f.Close())
	must(h.t, os.Remove(file))
}

// left inserts the group into a list of what is left, if there is one.
func (h *host) left(name string, list ...string) []string {
	if _, err := os.Stat(filepath.Join(sandbox.CgroupRoot, name)); err == nil {
		at := slices.Index(list, "netns")
		return slices.Insert(list, at+1, "group")
	}
	return list
}

func checkStates(h *host, got map[string]listed, want map[string]string) {
	h.t.Helper()
	states := map[string]string{}
	for name, l := range got {
		states[name] = l.State
	}
	if d := cmp.Diff(want, states); d != "" {
		h.t.Errorf("states: -want +got\n%s", d)
	}
}

// numbers compares numbers of a subhost with those that /proc and the group have.
func (h *host) numbers(l listed, reaper sandbox.Process) {
	h.t.Helper()
	if l.Pid == nil || *l.Pid != reaper.Pid || l.Supervisor == nil {
		h.t.Fatalf("%+v: pid 1 is %d", l, reaper.Pid)
	}
	inside, pages := 0, 0
	for _, p := range sandbox.Processes() {
		if p.NS("pid") == reaper.NS("pid") {
			inside++
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.Pid))
			n, _ := strconv.Atoi(strings.Fields(string(text))[1])
			pages += n
		}
	}
	if *l.Processes != inside {
		h.t.Errorf("%d processes, not %d", *l.Processes, inside)
	}
	h.needTools("ps", "date")
	started := h.sh(fmt.Sprintf(`date -d "$(LC_ALL=C ps -o lstart= -p %d)" +%%s`, reaper.Pid))
	if n, _ := strconv.ParseInt(strings.TrimSpace(started), 10, 64); l.Since.Unix()-n > 1 ||
		n-l.Since.Unix() > 1 { // ps rounds
		h.t.Errorf("since %v, ps says %d", l.Since, n)
	}
	group := filepath.Join(sandbox.CgroupRoot, l.Name)
	memory, source := float64(pages*os.Getpagesize()), "rss"
	if text, err := os.ReadFile(group + "/memory.current"); err == nil {
		n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		memory, source = float64(n), "group"
	}
	if *l.MemorySource != source || *l.Memory != memory {
		h.t.Errorf("memory %v from %s, not %v from %s", *l.Memory, *l.MemorySource, memory, source)
	}
	if text, err := os.ReadFile(group + "/cpu.stat"); err == nil {
		n, _ := strconv.Atoi(strings.Fields(string(text))[1])
		if *l.CPUSource != "group" || *l.CPU != float64(n)/1e6 {
			h.t.Errorf("processor %v from %s, the group has %d us", *l.CPU, *l.CPUSource, n)
		}
	} else if *l.CPUSource != "processes" {
		h.t.Errorf("processor from %s", *l.CPUSource)
	}
}

// ofCables compares the cables of a subhost with what ip shows.
func (h *host) ofCables(l listed, pid int) {
	h.t.Helper()
	if len(l.Cables) != 2 || l.Cables[0].Bridge == nil || *l.Cables[0].Bridge != "br5" ||
		l.Cables[1].Bridge != nil || l.Cables[1].Host != "runs1" || !l.Cables[0].Up {
		h.t.Fatalf("cables: %+v", l.Cables)
	}
	h.inNet(pid, "ip addr add 10.75.0.2/24 dev eth0")
	h.inNet(pid, "ip link set eth0 up")
	h.inNet(pid, "ip addr add fd75::2/64 dev eth0 nodad")
	c := h.list("runs")["runs"].Cables[0]
	for _, line := range strings.Split(h.inNet(pid, "ip -br addr show dev eth0"), "\n") {
		if f := strings.Fields(line); len(f) > 2 {
			want, got := slices.Sorted(slices.Values(f[2:])), slices.Sorted(slices.Values(c.Addresses))
			if d := cmp.Diff(want, got); d != "" || len(got) < 2 {
				h.t.Errorf("addresses: -ip +overlay-list\n%s", d)
			}
		}
	}
	if *c.Inside != "eth0" || *c.MAC != "02:00:00:00:00:51" {
		h.t.Errorf("%+v", c)
	}
}

// ofStopped checks what is known of a subhost by its configuration.
func (h *host) ofStopped(l listed, s *subhost) {
	h.t.Helper()
	if l.Pid != nil || l.Since != nil || l.BootedBy != nil || *l.Config != s.Conf || !l.Configured ||
		len(l.Cables) != 2 || *l.Cables[0].Bridge != "br5" || *l.Cables[1].VLAN != 7 ||
		l.Cables[1].Host != "off0.7" || l.Cables[0].Exists || len(l.Cables[1].Addresses) != 0 ||
		!slices.Equal(l.Cables[0].Addresses, []string{"10.9.0.2/24", "fe80::5/64"}) {
		h.t.Errorf("stopped: %+v", l)
	}
}

// TestListOriginal lists a subhost that the original has booted, and then one whose
// supervisor was killed.
func TestListOriginal(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("other", minimal)
		we, they := h.engine, withPath(sandbox.Engine{Name: "original", Dir: h.original()})
		h.engine = they
		tree := s.boot()
		h.engine = we
		l := h.list()["other"]
		if l.State != "running" || *l.BootedBy != "original" || *l.Config != s.Conf ||
			*l.Pid != tree.Reaper.Pid || len(l.Cables) != 1 || *l.Cables[0].Inside != "eth0" ||
			*l.Supervisor != tree.Supervisor.Pid {
			h.t.Errorf("%+v, want %v", l, tree)
		}
		if !sandbox.Until(func() bool { l = h.list()["other"]; return *l.CPU == worked(tree.Reaper) }) ||
			*l.CPUSource != "processes" {
			h.t.Errorf("processor %v from %s, want %v", *l.CPU, *l.CPUSource, worked(tree.Reaper))
		}
		h.killed(tree.Supervisor.Pid)
		if l = h.list()["other"]; l.State != "broken" || l.Config != nil ||
			!slices.Contains(l.Broken, "supervisor died") || !slices.Contains(l.Broken, "cable other0") {
			h.t.Errorf("without a supervisor: %+v", l)
		}
		h.autostart(s.Conf)
		if l = h.list()["other"]; l.Config == nil || *l.Config != s.Conf || l.State != "broken" {
			h.t.Errorf("configured, too: %+v", l)
		}
		h.killed(tree.Unshare.Pid)
		if !sandbox.Until(func() bool { return h.list()["other"].Processes == nil }) {
			h.t.Errorf("without processes: %+v", h.list()["other"])
		}
		if l = h.list()["other"]; l.State != "broken" || l.Broken[0] != "cable other0" {
			h.t.Errorf("without processes: %+v", l)
		}
		if r := h.run("overlay-clean", "--yes", "other"); r.Status != 0 {
			h.t.Errorf("overlay-clean: %v", r)
		}
		if l = h.list()["other"]; l.State != "stopped" {
			h.t.Errorf("without anything: %+v", l)
		}
		s.dropCgroup()
		h.autostart()
	})
}

// worked returns the seconds that processors worked for the processes of a subhost, and for the
// children that they have waited for.
func worked(reaper sandbox.Process) (seconds float64) {
	ticks := 0
	for _, p := range sandbox.Processes() {
		if p.NS("pid") != reaper.NS("pid") {
			continue
		}
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Pid))
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		for _, f := range fields[11:15] { // utime, stime, cutime, cstime
			n, _ := strconv.Atoi(f)
			ticks += n
		}
	}
	return float64(ticks) / 100
}

// onTerminal runs one of the tools on a terminal of a width, types a text, and returns the
// lines that it shows, and the status.
func (h *host) onTerminal(width int, typed string, argv ...string) (lines []string, status int) {
	h.t.Helper()
	master, slave := terminal(h.t)
	defer master.Close()
	defer slave.Close()
	must(h.t, unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ,
		&unix.Winsize{Col: uint16(width), Row: 30}))
	before, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	must(h.t, err)
	cmd := h.engine.Command(argv[0], argv[1:]...)
	cmd.Env = append(cmd.Env, "LC_ALL=C.UTF-8")
	text := atTerminal(h.t, cmd, master, slave, typed)
	after, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	must(h.t, err)
	if *before != *after {
		h.t.Errorf("%q: the terminal has other settings", argv)
	}
	return strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n"), cmd.ProcessState.ExitCode()
}

// TestListTerminal checks that no line is wider than the terminal, and that names stay.
func TestListTerminal(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		deep := strings.Repeat("a-long-folder/", 6)
		must(h.t, os.MkdirAll(bases+"/"+deep, 0o755))
		s := &subhost{h, sandboxtest.NewBase(h.t, bases+"/"+deep, "wide",
			"CABLES= = = =\nSTART= none\nNAME= widest-name\n")}
		s.Name = "widest-name"
		tree := s.boot()
		for i := range 3 {
			h.inNet(tree.Reaper.Pid, fmt.Sprintf("ip addr add 10.99.%d.2/24 dev eth%d", i, i))
		}
		for _, width := range []int{200, 100, 60, 30, 11, 5} {
			lines, status := h.onTerminal(width, "", "overlay-list")
			if status != 0 || len(lines) != 2 || !strings.HasPrefix(lines[0], "NAME") {
				h.t.Errorf("%d columns, status %d: %q", width, status, lines)
			}
			for _, line := range lines {
				if n := len([]rune(line)); n > width {
					h.t.Errorf("%d columns on a terminal of %d: %q", n, width, line)
				}
			}
			if width > 10 && !strings.HasPrefix(lines[1], "widest-name"[:min(width, 11)]) {
				h.t.Errorf("%d columns: no name in %q", width, lines)
			}
			if width >= 60 && !strings.Contains(lines[1], "running") {
				h.t.Errorf("%d columns: no state in %q", width, lines)
			}
		}
		whole := h.run("overlay-list").Stdout
		if !strings.Contains(whole, " "+s.Conf+" ") || strings.Count(whole, "\n") != 2 ||
			!strings.Contains(whole, " =10.99.0.2/24;=10.99.1.2/24;=10.99.2.2/24 ") {
			h.t.Errorf("not on a terminal: %q", whole)
		}
		h.killed(tree.Supervisor.Pid)
		lines, _ := h.onTerminal(60, "", "overlay-list")
		if len(lines) != 3 || !strings.HasPrefix(lines[2], "  supervisor died, 2 processes, ") {
			h.t.Errorf("broken, on a terminal: %q", lines)
		}
		for _, typed := range []string{"x", "\x03"} {
			h.watched(typed)
		}
		lines, status := h.onTerminal(80, "q", "overlay-list", "--watch", "nosuch")
		if text := strings.Join(lines, "\n"); status != 1 || !strings.Contains(text, "q ends\x1b[K\n"+
			"! nosuch is neither a configuration file nor the name of a subhost\x1b[K\n") {
			h.t.Errorf("--watch and a word that nobody knows: status %d, %q", status, lines)
		}
		s.stop()
	})
}

// watched runs overlay-list --watch, types a text when the list has been shown, and q when it
// has been shown again.
func (h *host) watched(typed string) {
	h.t.Helper()
	master, slave := terminal(h.t)
	defer master.Close()
	defer slave.Close()
	before, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	must(h.t, err)
	cmd := h.engine.Command("overlay-list", "--watch=0.1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(h.t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var text strings.Builder
	buf := make([]byte, 4096)
	for state := 0; ; {
		list := []unix.PollFd{{Fd: int32(master.Fd()), Events: unix.POLLIN}}
		if n, _ := unix.Poll(list, 50); n > 0 {
			n, _ := master.Read(buf)
			text.Write(buf[:max(n, 0)])
		}
		shown := strings.Count(text.String(), "widest-name")
		if state == 0 && shown > 0 {
			_, _ = master.WriteString(typed)
			state = 1
		} else if state == 1 && shown > 3 {
			_, _ = master.WriteString("q")
			state = 2
		}
		select {
		case err := <-ended:
			after, failed := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
			if err != nil || failed != nil || *before != *after || (state == 2) != (typed == "x") ||
				!strings.HasPrefix(text.String(), "\x1b[H\x1b[2J") {
				h.t.Errorf("--watch and %q: %v, %v, step %d, %q", typed, err, failed, state, text.String())
			}
			return
		default:
		}
	}
}

// TestListHostile has root inside give an interface a name that is a sequence of a terminal,
// and the administrator a folder: nothing that is shown may hold them as they are.
func TestListHostile(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.addressed("br5", "10.75.0.1/24")
		const name, folder = "\x1b[7m\a\"<&\\", "od d\x1b]0;t\a\"<&\xff"
		s := h.subhost(folder, "NAME= odd\nLOG="+bases+"/odd.log\n"+
			"CABLES= br5=\nSTART= none\nSHARE="+bases+"/sh\x1b[2Jare\n")
		s.Name = "odd"
		must(h.t, os.MkdirAll(bases+"/sh\x1b[2Jare", 0o755))
		tree := s.boot()
		h.inNet(tree.Reaper.Pid, "ip link set eth0 down name '"+name+"'")
		h.inNet(tree.Reaper.Pid, "ip addr add 10.75.0.2/24 dev '"+name+"'")
		if c := h.list()["odd"].Cables[0]; c.Inside == nil || *c.Inside != name ||
			!slices.Equal(c.Addresses, []string{"10.75.0.2/24"}) {
			h.t.Errorf("%+v", c)
		}
		for _, argv := range [][]string{{"overlay-list"}, {"overlay-list", "--json"},
			{"overlay-list", s.Conf, "nosuch\x1b[2J"}, {"overlay-map"}, {"overlay-map", "--dot"},
			{"overlay-map", "--svg", "-"}} {
			r := h.run(argv[0], argv[1:]...)
			lines, _ := h.onTerminal(200, "", argv...)
			all := r.Stdout + r.Stderr + strings.Join(lines, "\n")
			if strings.ContainsAny(all, "\x1b\a") || strings.Contains(all, "\xff") ||
				!strings.Contains(all, "odd") {
				h.t.Errorf("%q shows %q", argv, all)
			}
		}
		s.stop()
	})
}

// TestListRefused checks what wrong calls and what cannot be read give.
func TestListRefused(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("some", minimal)
		for _, row := range []struct {
			argv   string
			status int
			said   string
		}{
			{"overlay-list", 0, ""},
			{"overlay-list some", 1, "some is neither a configuration file nor the name of a subhost"},
			{"overlay-list " + bases, 1, bases + " is neither a configuration"},
			{"overlay-list " + s.Conf, 0, ""},
			{"overlay-list -x", 2, "unknown option -x\nUsage: overlay-list "},
			{"overlay-list -q --nosuch", 2, "unknown option '--nosuch'"},
			{"overlay-list -q --json", 2, "--quiet and --json exclude each other"},
			{"overlay-list --watch", 2, "--watch needs a terminal"},
			{"overlay-list --watch=no", 2, "--watch=no is no number of seconds"},
			{"overlay-list --watch=0", 2, "--watch=0 is no number"},
			{"overlay-list --watch=nan", 2, "--watch=nan is no number"},
			{"overlay-map nosuch", 1, "nosuch is neither a configuration file"},
			{"overlay-map -x", 2, "unknown option -x\nUsage: overlay-map "},
			{"overlay-map --text --dot", 2, "exclude each other"},
			{"overlay-map --svg", 2, "option '--svg' without its argument"},
			{"overlay-map --svg " + bases, 1, "cannot write " + bases + ": Is a directory"},
			{"overlay-map --svg " + bases + "/no/file", 1, "No such file or directory"},
			{"overlay-map --svg /dev/null", 1, "cannot write /dev/null: "},
		} {
			argv := strings.Fields(row.argv)
			r := h.run(argv[0], argv[1:]...)
			if r.Status != row.status || !strings.Contains(r.Stderr, row.said) ||
				(row.said == "") != (r.Stderr == "") {
				h.t.Errorf("%s: %v, want status %d, %q", row.argv, r, row.status, row.said)
			}
		}
		for _, off := range []string{"none", "overlay-list"} {
			cmd := h.engine.Command("overlay-list", "-q", s.Conf)
			cmd.Env = append(cmd.Env, "OVERLAY_NATIVES="+off)
			if r := h.exec(cmd); r.Stdout != "some\n" {
				h.t.Errorf("OVERLAY_NATIVES=%s: %v", off, r)
			}
		}
		h.autostart(s.Conf, bases+"/gone.conf")
		r := h.run("overlay-list")
		if r.Status != 1 || !strings.Contains(r.Stderr, "gone.conf: no such file") ||
			!strings.Contains(r.Stdout, "\ngone  broken ") ||
			!strings.Contains(r.Stdout, "\nsome  stopped ") {
			h.t.Errorf("a configuration that is gone: %v", r)
		}
		h.autostart()
	})
}

// TestListPause lists a subhost that waits for its next boot, and one that waits for READY.
func TestListPause(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.restarting("RESTART=always\n", "exit 0")
		s.ends(s.boot(), "exit 0")
		s.awaits("STATE", "restarting")
		booter, _, _ := strings.Cut(recorded("again", "BOOTER"), " ")
		if l := h.list("again")["again"]; l.State != "restarting" || len(l.Broken) > 0 ||
			l.Supervisor == nil || strconv.Itoa(*l.Supervisor) != booter {
			h.t.Errorf("in the pause of %s: %+v", booter, l)
		}
		if r := h.run("overlay-map", "again"); !strings.Contains(r.Stdout, "restarting") {
			h.t.Errorf("overlay-map: %v", r)
		}
		s.stop()
		s.gone()
		s = h.subhost("late", "CABLES=\nSTART= none\nREADY= /check\n")
		s.Script("root/check", "[ -e /done ]")
		c := s.begin("overlay-boot", s.Conf)
		s.awaits("READY", "waiting")
		if l := h.list("late")["late"]; l.State != "waiting" {
			h.t.Errorf("before READY: %+v", l)
		}
		s.says("> /done")
		if status, stderr := c.end(); status != 0 {
			h.t.Errorf("%d, %s", status, stderr)
		}
		if l := h.list("late")["late"]; l.State != "running" {
			h.t.Errorf("when it is ready: %+v", l)
		}
		s.stop()
		s.gone()
	})
}

// oddFiles are what a reader of configurations and records could wait for, or read for ever.
var oddFiles = []struct{ name, make, message string }{
	{"pipe in subhosts.d", "mkfifo /etc/subhosts.d/x.conf", ""},
	{"device in subhosts.d", "ln -s /dev/zero /etc/subhosts.d/x.conf", ""},
	{"large in subhosts.d", "truncate -s 8G /etc/subhosts.d/x.conf",
		"/etc/subhosts.d/x.conf is larger than 1 MiB"},
	{"pipe for the list", "mkfifo /etc/subhosts.conf", "/etc/subhosts.conf is no regular file"},
	{"device for the list", "ln -s /dev/zero /etc/subhosts.conf",
		"/etc/subhosts.conf is no regular file"},
	{"large list", "truncate -s 8G /etc/subhosts.conf", "/etc/subhosts.conf is larger than 1 MiB"},
	{"pipe that is listed", "mkfifo /tmp/b/x.conf; echo /tmp/b/x.conf >/etc/subhosts.conf",
		"/tmp/b/x.conf is no regular file"},
	{"pipe for a record", "mkfifo /run/overlay-boot/subhosts/x", "subhosts/x is no regular file"},
	{"endless record", "ln -s /dev/zero /run/overlay-boot/subhosts/x",
		"subhosts/x is no regular file"},
}

// TestListOdd lists subhosts where something is in the way that is no plain file.
func TestListOdd(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("plain", minimal)
		for _, row := range oddFiles {
			h.sh("mkdir -p /etc/subhosts.d /run/overlay-boot/subhosts; " + row.make)
			for _, argv := range [][]string{{"overlay-list"}, {"overlay-map"}, {"overlay-diff", "plain"},
				{"overlay-diff", s.Conf}, {"overlay-reset", "-n", s.Conf}} {
				r := h.run(argv[0], argv[1:]...)
				survey := len(argv) == 1
				if survey && ((row.message == "") != (r.Status == 0) ||
					!strings.Contains(r.Stderr, row.message)) {
					h.t.Errorf("%s: %q: %v", row.name, argv, r)
				}
			}
			h.sh("rm -rf /etc/subhosts.d /etc/subhosts.conf /tmp/b/x.conf /run/overlay-boot/subhosts/x")
		}
	})
}

// TestListLinks lists a subhost by links to its configuration.
func TestListLinks(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("real", minimal)
		link := bases + "/link.conf"
		h.sh("ln -s " + s.Conf + " " + link + "; mkdir /etc/subhosts.d")
		if l := h.list(link); len(l) != 1 || l["link"].State != "stopped" || *l["link"].Config != link {
			h.t.Errorf("a link: %+v", l)
		}
		h.sh("ln -s " + s.Conf + " /etc/subhosts.d/any.conf")
		if l := h.list(); len(l) != 1 || !l["real"].Configured {
			h.t.Errorf("a link in subhosts.d: %+v", l)
		}
		if l := h.list(link); len(l) != 1 || l["link"].Configured {
			h.t.Errorf("a link elsewhere: %+v", l)
		}
		s.boot()
		if l := h.list(link); len(l) != 1 || l["real"].State != "running" {
			h.t.Errorf("a link to that of one that runs: %+v", l)
		}
		h.sh("mv " + s.Conf + " " + s.Conf + ".gone")
		if l := h.list(); len(l) != 1 || l["real"].State != "running" || !l["real"].Configured {
			h.t.Errorf("a link that leads nowhere: %+v", l)
		}
		h.sh("mv " + s.Conf + ".gone " + s.Conf)
		s.stop()
		h.sh("rm " + link + "; mv " + s.Conf + " " + s.Conf + ".gone")
		h.status("lost", h.run("overlay-list"), 1, "cannot use "+s.Conf+": open "+s.Conf+
			": no such file or directory (/etc/subhosts.d/any.conf leads there)\n")
		h.sh("mv " + s.Conf + ".gone " + s.Conf + "; rm -rf /etc/subhosts.d")
		s.gone()
	})
}
