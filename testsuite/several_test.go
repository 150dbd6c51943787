package testsuite

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/sandbox"
)

// order is the file of the host in which the subhosts of site write what they do.
const order = bases + "/.order"

// site makes five subhosts: a, then b and c, then d after both, and e by itself. Each tells when
// it starts and stops. All but e are ready some time after that.
func (h *host) site() map[string]*subhost {
	h.t.Helper()
	h.sh("mkdir -p " + order)
	list := map[string]*subhost{}
	for name, after := range map[string]string{"a": "", "b": "a", "c": "a", "d": "c b", "e": ""} {
		config := "CABLES=\nSTART= /svc\nSHARE= " + order + "\nAFTER= " + after + "\n"
		if name != "e" {
			config += "READY= /ready\n"
		}
		s := h.subhost(name, config)
		s.Script("root/svc", "echo "+name+" $1 >> "+order+"/log\n[ $1 = stop ] || sleep 1000 &")
		s.Script("root/ready", "[ -e /once ] || { > /once; exit 1; }\n"+
			"echo "+name+" ready >> "+order+"/log")
		list[name] = s
	}
	return list
}

// events returns what the subhosts have written, and begins anew.
func events(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(order + "/log")
	must(t, err)
	must(t, os.Remove(order+"/log"))
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// inOrder fails the test unless the events, two for each row, are in their order.
func inOrder(t *testing.T, list []string, rows [][2]string) {
	t.Helper()
	for _, r := range rows {
		first, second := slices.Index(list, r[0]), slices.Index(list, r[1])
		if first < 0 || second < 0 || first > second {
			t.Errorf("no %q before %q: %q", r[0], r[1], list)
		}
	}
}

// TestSeveral boots five with dependencies, on a list and as all that are configured, and stops
// them in the reverse order.
func TestSeveral(t *testing.T) {
	onEngines(t, func(h *host) {
		list := h.site()
		confs := []string{}
		for _, name := range []string{"e", "d", "c", "b", "a"} {
			confs = append(confs, list[name].Conf)
		}
		h.sh("echo " + strings.Join(confs, " ") + " > " + bases + "/subhosts.conf")
		h.engine.Env = append(h.engine.Env, "SUBHOSTS_CONF="+bases+"/subhosts.conf")
		for _, args := range [][]string{confs, {"--all"}, {"a", "b", "c", "d", "e"}} {
			r := h.run("overlay-boot", args...)
			if r.Status != 0 || !strings.Contains(r.Stderr, "d: d runs\n") &&
				!strings.Contains(r.Stderr, "\nd: runs\n") {
				h.t.Fatalf("%q: %v", args, r)
			}
			inOrder(h.t, events(h.t), [][2]string{{"a ready", "b start"}, {"a ready", "c start"},
				{"b ready", "d start"}, {"c ready", "d start"}, {"e start", "d start"}})
			for name := range list {
				if _, ok := sandbox.Find(name); !ok {
					h.t.Errorf("%q: %s does not run", args, name)
				}
			}
			if r := h.run("overlay-boot", "--all"); r.Status != 0 ||
				r.Stderr != "There is nothing to boot\n" {
				h.t.Errorf("again: %v", r)
			}
			if r := h.run("overlay-stop", "--all"); r.Status != 0 {
				h.t.Errorf("overlay-stop: %v", r)
			}
			inOrder(h.t, events(h.t), [][2]string{{"d stop", "b stop"}, {"d stop", "c stop"},
				{"b stop", "a stop"}, {"c stop", "a stop"}, {"e stop", "a stop"}})
			h.clean()
		}
	})
}

// TestSeveralFail checks that the last line names those that failed, and that the others run.
func TestSeveralFail(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		good := h.subhost("good", "CABLES=\nSTART= none\nAFTER= bad runs nosuch\n")
		bad := h.subhost("bad", "CABLES=\nSTART= none\nLOWER= /nowhere\n")
		running := h.subhost("runs", minimal)
		running.boot()
		r := h.run("overlay-boot", good.Conf, bad.Conf, good.Conf)
		if r.Status != 1 || !strings.HasSuffix(r.Stderr, "\nCould not be started: bad\n") ||
			!strings.Contains(r.Stderr, "\nbad: LOWER=/nowhere is not a directory\n") ||
			!strings.HasPrefix(r.Stderr, "Warning: good has AFTER=nosuch, which neither runs nor is "+
				"booted now\n") || strings.Contains(r.Stderr, "AFTER=runs") {
			h.t.Errorf("%v", r)
		}
		if r := h.run("overlay-boot", good.Conf, running.Conf); r.Status != 1 ||
			!strings.Contains(r.Stderr, "runs: runs is running already\n") {
			h.t.Errorf("%v", r)
		}
		good.stop()
		running.stop()
	})
}

// TestSeveralRefused checks what is refused before anything is made.
func TestSeveralRefused(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		for name, after := range map[string]string{"a": "c", "b": "a", "c": "b d", "d": ""} {
			h.subhost(name, "CABLES=\nSTART= none\nAFTER= "+after+"\n")
		}
		h.subhost("same", "CABLES=\nSTART=none\nNAME=d\n")
		h.snap()
		for _, r := range []struct{ names, says string }{
			{"d a b c", "AFTER goes round in a circle: a, c, b, a\n"},
			{"d same", bases + "/d/d.conf and " + bases + "/same/same.conf are both d\n"},
			{"d nowhere", "Cannot use " + bases + "/nowhere/nowhere.conf\n"},
		} {
			args := []string{}
			for _, name := range strings.Fields(r.names) {
				args = append(args, fmt.Sprintf("%s/%s/%s.conf", bases, name, name))
			}
			got := h.run("overlay-boot", args...)
			if got.Status != 1 || !strings.Contains(got.Stderr, r.says) {
				h.t.Errorf("%s: %v, want %q", r.names, got, r.says)
			}
			h.clean()
		}
		for _, args := range [][]string{{"--all", "d"}, {"d", ""}, {"", "d"}, {}} {
			if got := h.run("overlay-boot", args...); got.Status != 2 {
				h.t.Errorf("%q: %v", args, got)
			}
		}
		if got := h.run("overlay-stop", "--all", "d"); got.Status != 2 {
			h.t.Errorf("overlay-stop --all d: %v", got)
		}
	})
}

// TestSeveralInterrupted checks that a signal ends the boots that are at work, and only those.
func TestSeveralInterrupted(t *testing.T) {
	onEngines(t, func(h *host) {
		up := h.subhost("up", "CABLES=\nSTART= none\n")
		s := h.subhost("waits", "CABLES=\nSTART= none\nREADY= /bin/false\n")
		later := h.subhost("later", "CABLES=\nSTART= none\nAFTER= waits\n")
		c := s.begin("overlay-boot", up.Conf, s.Conf, later.Conf)
		s.awaits("READY", "waiting")
		up.awaits("STATE", "running")
		h.kill("INT", c.Process.Pid)
		if status, stderr := c.end(); status != 130 {
			h.t.Errorf("status %d, %s", status, stderr)
		}
		if _, runs := sandbox.Find("waits"); runs {
			h.t.Error("it still runs")
		}
		up.stop()
	})
}

// TestSeveralOnTerminal checks that each has a line on a terminal, which is drawn again.
func TestSeveralOnTerminal(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.needTools("script")
		a := h.subhost("a", "CABLES=\nSTART= none\n")
		b := h.subhost("b", "CABLES=\nSTART= none\nAFTER= a\nLOWER=/nowhere\n")
		got := h.sh("TERM=linux script -qec '" + h.engine.Dir + "/overlay-boot " +
			a.Conf + " " + b.Conf + "; echo \"status $?\"' /dev/null </dev/null | tr -d '\\r'")
		for _, want := range []string{"b             waits for a\n", "\033[2A\033[Ka ", "status 1\n",
			"a             runs (", "b: LOWER=/nowhere is not a directory\n",
			"\nCould not be started: b\n"} {
			if !strings.Contains(got, want) {
				h.t.Errorf("no %q in %q", want, got)
			}
		}
		a.stop()
	})
}

// TestSeveralAfter checks what the words of AFTER may be, that a wrong one is told of that subhost
// alone, and that no command is run to list the subhosts.
func TestSeveralAfter(t *testing.T) {
	onEngines(t, func(h *host) {
		good := h.subhost("good", "CABLES=\nSTART= none\nAFTER= none\n")
		confs := []string{good.Conf}
		for name, after := range map[string]string{"slash": "a/b", "fails": "!false", "ran": "!./aft"} {
			s := h.subhost(name, "CABLES=\nSTART= none\nAFTER= "+after+"\n")
			s.Script("aft", "pwd >> "+bases+"/.ran\necho good")
			confs = append(confs, s.Conf)
		}
		h.configured(confs)
		for _, args := range [][]string{confs, {"--all"}} {
			r := h.run("overlay-boot", args...)
			if r.Status != 1 || !strings.Contains(r.Stderr, "slash: bad AFTER config: a/b has a slash") ||
				!strings.Contains(r.Stderr, "fails: bad AFTER config: !false is a command") ||
				!strings.Contains(r.Stderr, "ran: bad AFTER config: !./aft is a command") ||
				!strings.Contains(r.Stderr, "\nCould not be started: ") {
				h.t.Errorf("%q: %v", args, r)
			}
			good.stop()
			h.clean()
		}
		if text, err := os.ReadFile(bases + "/.ran"); err == nil {
			h.t.Errorf("the command was run in %s", text)
		}
	})
}

// configured makes a list of configurations that --all takes.
func (h *host) configured(confs []string) {
	h.t.Helper()
	h.sh("echo " + strings.Join(confs, " ") + " > " + bases + "/subhosts.conf")
	h.engine.Env = append(h.engine.Env, "SUBHOSTS_CONF="+bases+"/subhosts.conf")
}

// TestSeveralTwice checks that two at once end well: each subhost is started by one of them, and
// the other waits for that; and the same for the end.
func TestSeveralTwice(t *testing.T) {
	onEngines(t, func(h *host) {
		first := h.subhost("first", "CABLES=\nSTART= none\nREADY= /bin/sh -c \"test -e /up\"\n")
		second := h.subhost("second", "CABLES=\nSTART= /svc\nAFTER= first\n")
		second.Script("root/svc", "[ $1 = stop ] || { sleep 1000 & exit; }\n"+
			"until [ -e /down ]; do > /told; sleep 0.02; done")
		h.configured([]string{first.Conf, second.Conf})
		alone := first.begin("overlay-boot", first.Conf)
		first.awaits("READY", "waiting")
		calls := []*call{first.begin("overlay-boot", "--all"), first.begin("overlay-boot", "--all"),
			first.begin("overlay-boot", second.Conf, first.Conf)}
		for i, c := range calls {
			if !sandbox.Until(func() bool {
				text, _ := os.ReadFile(c.stderr.Name())
				return strings.Contains(string(text), "first: is being started by another overlay-boot\n")
			}) {
				h.t.Errorf("%d does not wait", i)
			}
		}
		if recorded("second", "STATE") != "" {
			h.t.Error("second does not wait for first")
		}
		first.says("> /up")
		for i, c := range append(calls, alone) {
			if status, stderr := c.end(); status != 0 {
				h.t.Errorf("%d: status %d, %s", i, status, stderr)
			}
		}
		second.running(sandbox.Result{})
		calls = []*call{first.begin("overlay-stop", "--all")}
		second.isTold()
		calls = append(calls, first.begin("overlay-stop", "--all"))
		if !sandbox.Until(func() bool {
			text, _ := os.ReadFile(calls[1].stderr.Name())
			return strings.Contains(string(text), "second is being stopped already")
		}) {
			h.t.Error("the second overlay-stop does not wait")
		}
		second.says("> /down")
		for i, c := range calls {
			if status, stderr := c.end(); status != 0 {
				h.t.Errorf("%d: status %d, %s", i, status, stderr)
			}
		}
		h.clean()
	})
}

// TestSeveralAbroad checks that AFTER waits for a subhost that another process is starting.
func TestSeveralAbroad(t *testing.T) {
	onEngines(t, func(h *host) {
		first := h.subhost("first", "CABLES=\nSTART= none\nREADY= /bin/sh -c \"test -e /up\"\n")
		second := h.subhost("second", "CABLES=\nSTART= none\nAFTER= first\n")
		other := h.subhost("other", "CABLES=\nSTART= none\n")
		alone := first.begin("overlay-boot", first.Conf)
		first.awaits("READY", "waiting")
		c := first.begin("overlay-boot", other.Conf, second.Conf)
		other.awaits("STATE", "running")
		if recorded("second", "STATE") != "" {
			h.t.Error("second does not wait for first")
		}
		first.says("> /up")
		for i, c := range []*call{c, alone} {
			if status, stderr := c.end(); status != 0 {
				h.t.Errorf("%d: status %d, %s", i, status, stderr)
			}
		}
		for _, s := range []*subhost{first, second, other} {
			s.stop()
		}
	})
}

// TestSeveralAllUntaken checks that --all names what it could not take, and starts the others.
func TestSeveralAllUntaken(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		good := h.subhost("good", "CABLES=\nSTART= none\n")
		same := h.subhost("same", "CABLES=\nSTART=none\nNAME=good\n")
		h.configured([]string{good.Conf, same.Conf})
		h.sh("mount -t tmpfs t /etc && mkdir /etc/subhosts.d && ln -s /nowhere /etc/subhosts.d/x.conf")
		r := h.run("overlay-boot", "--all")
		h.sh("umount /etc")
		if r.Status != 1 || !strings.Contains(r.Stderr, "/etc/subhosts.d/x.conf is a link to a file "+
			"that does not exist\n") || !strings.Contains(r.Stderr, same.Conf+" are both good\n") ||
			!strings.HasSuffix(r.Stderr, "\nCould not be started: /etc/subhosts.d/x.conf "+same.Conf+"\n") {
			h.t.Errorf("%v", r)
		}
		good.stop()
	})
}

// TestSeveralStopGoesOn checks that nothing in the configurations keeps several running subhosts
// from being stopped: circles of AFTER, a wrong AFTER, a file that is gone, one that has the name
// of another by now, and two subhosts that were booted from one file.
func TestSeveralStopGoesOn(t *testing.T) {
	onEngines(t, func(h *host) {
		for _, all := range []bool{true, false} {
			list := map[string]*subhost{}
			words := []string{}
			for _, name := range []string{"a", "b", "c", "self", "bad", "gone", "first"} {
				list[name] = h.subhost(name, "CABLES=\nSTART= none\n")
				list[name].boot()
				words = append(words, name, list[name].Conf)
			}
			for name, line := range map[string]string{"a": "AFTER=c", "b": "AFTER=a", "c": "AFTER=b",
				"self": "AFTER= self", "bad": "AFTER= !false", "first": "NAME=a"} {
				h.sh("echo '" + line + "' >> " + list[name].Conf)
			}
			must(h.t, os.Remove(list["gone"].Conf))
			if all {
				words = []string{"--all"}
				second := list["first"]
				second.Configure("CABLES=\nSTART= none\nNAME=second\nUPPER=up2\nWORK=work2\nLIVE=live2\n")
				h.sh("cd " + second.Dir + "; mkdir up2 work2 live2")
				if r := h.run("overlay-boot", second.Conf); r.Status != 0 {
					h.t.Fatal(r)
				}
			}
			r := h.run("overlay-stop", words...)
			if r.Status != 1 || !strings.HasSuffix(r.Stderr, "in an orderly way: gone\n") {
				h.t.Errorf("%q: %v", words, r)
			}
			const circle = "Warning: AFTER goes round in a circle: a, c, b, a; they are stopped all the same"
			if strings.Count(r.Stderr, circle) != 1 {
				h.t.Errorf("%q: %s", words, r.Stderr)
			}
			for name := range list {
				if _, runs := sandbox.Find(name); runs {
					h.t.Errorf("%q: %s runs", words, name)
				}
			}
			h.clean()
			for _, s := range list {
				must(h.t, os.RemoveAll(s.Dir))
			}
			h.snap()
		}
	})
}

// TestStopRenamed stops a subhost whose file has another NAME since, by its name and by the file.
func TestStopRenamed(t *testing.T) {
	onEngines(t, func(h *host) {
		s := h.subhost("was", "CABLES=\nSTART= none\n")
		for _, word := range []string{"was", s.Conf} {
			s.boot()
			h.sh("echo NAME=is >> " + s.Conf)
			if r := h.run("overlay-stop", word); r.Status != 0 {
				h.t.Errorf("%s: %v", word, r)
			}
			s.gone()
			h.sh("sed -i /NAME=is/d " + s.Conf)
		}
	})
}
