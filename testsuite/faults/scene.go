package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

const (
	// fixtures is what the tests themselves have in the sandbox's root.
	fixtures = "/opt/overlay-faults"
	program  = fixtures + "/bin/overlay-boot"
	// bases is where the subhost and what it shares is.
	bases     = "/tmp/b"
	name      = "fault"
	base      = bases + "/" + name
	conf      = base + "/" + name + ".conf"
	share     = bases + "/share"
	shareFile = bases + "/file"
	// extra is what overlay-share shares.
	extra = bases + "/extra"
	// records is where running subhosts are written down.
	records = "/run/overlay-boot"

	innerArg = "faults-inner"

	// limit is what one command may take; patience, what may take its time after it.
	limit    = 20 * time.Second
	patience = 2 * time.Second
	settled  = 10 * time.Second
)

const config = `BASE=.
LOG=` + base + `/log
CABLES=br0=02:00:00:00:00:01
SHARE=` + share + `
SHARE=` + shareFile + `
START=/opt/service
`

// service is one as the documentation has it: a program that goes to the background.
const service = `#!/bin/sh
case $1 in
start) sleep 99999 </dev/null >/dev/null 2>&1 & echo $! >/run/service.pid ;;
stop) kill "$(cat /run/service.pid)" ;;
esac
`

// A task is what the inner side of a sandbox gets to do.
type task struct {
	Op    string
	Point *Point
	// Up and Done are how it looks with the subhost, and after the operation; without
	// a point the inner side finds out.
	Up, Done *normal
	// Words are the lines that a run without faults may write to standard error.
	Words map[string]bool
	// Plant is a text that is run before the judgement.
	Plant string
}

// An outcome is what became of it.
type outcome struct {
	Point   string
	Hit     *Hit
	Result  sandbox.Result
	Class   string
	Detail  []string
	Seconds float64

	Counts   map[string]int
	Up, Done *normal
	Words    map[string]bool
}

// Inner is to be called by a program after [sandbox.Stage]: in the sandbox it does its
// part and does not return.
func Inner() {
	if !sandbox.Inside() || len(os.Args) != 2 || os.Args[1] != innerArg {
		return
	}
	unix.CloseOnExec(sandbox.Changes)
	var t task
	err := json.NewDecoder(os.Stdin).Decode(&t)
	if err == nil {
		var o *outcome
		if o, err = t.run(); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(o)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

// A scene is one subhost in one sandbox.
type scene struct {
	*task
	in  *Injector
	off *normal
}

func (t *task) run() (*outcome, error) {
	s := &scene{task: t, in: NewInjector(t.Point)}
	s.in.Told = s.told
	if err := s.build(); err != nil {
		return nil, err
	}
	off, err := outside()
	if err != nil {
		return nil, err
	}
	s.off = newNormal(off)
	if t.Point == nil {
		return s.learn()
	}
	return s.point()
}

// build makes the host that the subhost is for.
func (s *scene) build() error {
	for _, tool := range []string{"overlay-stop", "overlay-go", "overlay-share", "overlay-sh"} {
		err := os.Symlink("overlay-boot", filepath.Join(filepath.Dir(program), tool))
		if err != nil {
			return err
		}
	}
	for _, dir := range []string{"live", "root/opt", "work", "../share", "../extra"} {
		if err := os.MkdirAll(filepath.Join(base, dir), 0o755); err != nil {
			return err
		}
	}
	if err := errors.Join(os.WriteFile(conf, []byte(config), 0o644),
		os.WriteFile(base+"/root/opt/service", []byte(service), 0o755),
		os.WriteFile(share+"/inside", []byte("shared\n"), 0o644),
		os.WriteFile(extra+"/inside", []byte("shared\n"), 0o644),
		os.WriteFile(shareFile, []byte("shared\n"), 0o644)); err != nil {
		return err
	}
	const bridge = "ip link add br0 type bridge; ip link set br0 up"
	r, err := s.command("overlay-sh", "-ec", bridge).run(nil)
	if err == nil && r.Status != 0 {
		err = fmt.Errorf("the bridge: %v", r)
	}
	return err
}

// A command is one that a scene runs.
type command struct {
	*exec.Cmd
	out  [2]*os.File
	hung bool
}

func (s *scene) command(tool string, args ...string) *command {
	cmd := exec.Command(filepath.Join(filepath.Dir(program), tool), args...)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(program)+":"+sandbox.Path)
	return &command{Cmd: cmd}
}

// told reports whether a boot has said in the subhost's record that it runs: a
// supervisor that is killed from then on might as well be killed at any later time.
func (s *scene) told() bool {
	text, _ := os.ReadFile("/run/overlay-boot/subhosts/" + name)
	return s.Op == "boot" && strings.Contains(string(text), "STATE=running\n")
}

// awaitDormant waits until the supervisor is a tiny program, which makes no calls: those are
// the boot's, and not of what is done next.
func (s *scene) awaitDormant() {
	within(patience, func() bool {
		text, _ := os.ReadFile("/run/overlay-boot/subhosts/" + name)
		_, after, _ := strings.Cut(string(text), "SUPERVISOR=")
		pid, _, _ := strings.Cut(after, " ")
		exe, _ := os.Readlink("/proc/" + pid + "/exe")
		return strings.HasPrefix(exe, "/memfd:")
	})
}

// operation is the command that the points of an operation are about.
func (s *scene) operation() *command {
	switch s.Op {
	case "stop":
		return s.command("overlay-stop", conf)
	case "share":
		return s.command("overlay-share", extra, name)
	case "go":
		c := s.command("overlay-go", name)
		c.Stdin = strings.NewReader("echo hello; echo went > /run/went\n")
		return c
	}
	return s.command("overlay-boot", conf)
}

// begin starts it, watched where there is an injector. What it leaves in the
// background keeps its output open: that goes to files.
func (c *command) begin(in *Injector) error {
	for i := range c.out {
		fd, err := unix.MemfdCreate("output", unix.MFD_CLOEXEC)
		if err != nil {
			return err
		}
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, unix.O_APPEND); err != nil {
			return err
		}
		c.out[i] = os.NewFile(uintptr(fd), "output")
	}
	c.Stdout, c.Stderr = c.out[0], c.out[1]
	if in == nil {
		return c.Start()
	}
	return in.Start(c.Cmd)
}

// end waits for it, for as long as the limit.
func (c *command) end() (sandbox.Result, error) {
	timer := time.AfterFunc(limit, func() {
		c.hung = true
		_ = c.Process.Kill()
	})
	err := c.Wait()
	timer.Stop()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return sandbox.Result{}, err
	}
	r := sandbox.Result{Status: c.ProcessState.ExitCode()}
	if ws := c.ProcessState.Sys().(interface{ Signaled() bool }); ws.Signaled() {
		r.Status = 128 + 9
	}
	for i, text := range []*string{&r.Stdout, &r.Stderr} {
		b, err := io.ReadAll(io.NewSectionReader(c.out[i], 0, 1<<20))
		if err != nil {
			return r, err
		}
		*text = string(b)
		c.out[i].Close()
	}
	return r, nil
}

func (c *command) run(in *Injector) (sandbox.Result, error) {
	if err := c.begin(in); err != nil {
		return sandbox.Result{}, err
	}
	return c.end()
}

// differs waits until the host is as it was, and tells what is different if it is not.
func (s *scene) differs(wait time.Duration) ([]string, error) {
	var diff []string
	var err error
	within(wait, func() bool {
		var now picture
		if now, err = outside(); err != nil {
			return true
		}
		diff = s.off.diff(append(now, kept()...))
		return len(diff) == 0
	})
	return diff, err
}

// whole takes a picture of everything while the subhost is up.
func whole() (picture, bool) {
	in, ok := inside()
	if !ok {
		return nil, false
	}
	out, err := outside()
	return append(in, out...), err == nil
}

// unlike waits until the subhost is up and looks as it should.
func (s *scene) unlike(n *normal, wait time.Duration) (diff []string, up bool) {
	within(wait, func() bool {
		var p picture
		if p, up = whole(); !up {
			diff = nil
			return false
		}
		diff = n.diff(p)
		return len(diff) == 0
	})
	return diff, up
}

// rest waits until the picture stays as it is.
func (s *scene) rest() (picture, error) {
	var before, p picture
	var diff []string
	var same int
	ok := within(settled, func() bool {
		now, up := whole()
		if !up {
			return false
		}
		before, p = p, now
		if diff = newNormal(before).diff(p); len(diff) == 0 {
			same++
		} else {
			same = 0
		}
		time.Sleep(20 * time.Millisecond)
		return same >= 10
	})
	if !ok {
		return nil, fmt.Errorf("the subhost does not come to rest: %q", diff)
	}
	return p, nil
}

// within asks until the answer is yes.
func within(wait time.Duration, yes func() bool) bool {
	for deadline := time.Now().Add(wait); ; time.Sleep(10 * time.Millisecond) {
		if yes() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}
