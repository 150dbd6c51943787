package faults

import (
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
	// fixtures is the folder of the tests' own files in the sandbox's root.
	fixtures = "/opt/overlay-faults"
	program  = fixtures + "/bin/overlay-boot"
	// bases is the folder of the subhost and of the files that it shares.
	bases     = "/tmp/b"
	name      = "fault"
	base      = bases + "/" + name
	conf      = base + "/" + name + ".conf"
	share     = bases + "/share"
	shareFile = bases + "/file"
	// extra is the folder that overlay-share shares.
	extra = bases + "/extra"
	// records is the folder of the records about running subhosts.
	records = "/run/overlay-boot"

	// limit bounds one command; patience bounds what may still happen after it.
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

// service is a service as the documentation describes it: a program that goes to the
// background.
const service = `#!/bin/sh
case $1 in
start) sleep 99999 </dev/null >/dev/null 2>&1 & echo $! >/run/service.pid ;;
stop) kill "$(cat /run/service.pid)" ;;
esac
`

// A task is the order that the inner side of a sandbox receives.
type task struct {
	Op    string
	Point *Point
	// Up and Done are the normal states with the subhost running and after the operation.
	// Without a point the inner side determines them.
	Up, Done *normal
	// Words are the lines that a run without faults may write to standard error or the log.
	Words map[string]bool
	// Plant is a script that runs before the judgement.
	Plant string
}

// An outcome is the result of a task.
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

// part carries out a task in a sandbox.
var part = sandbox.Part[task, *outcome]{Name: "faults-inner",
	Do: func(t task) (*outcome, error) { return t.run() }}

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

// build sets up the host for the subhost.
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

// A command is a command that a scene runs.
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

// told reports whether a boot has recorded that the subhost runs. A supervisor that is
// killed from then on might as well be killed at any later time.
func (s *scene) told() bool {
	text, _ := os.ReadFile("/run/overlay-boot/subhosts/" + name)
	return s.Op == "boot" && strings.Contains(string(text), "STATE=running\n")
}

// awaitDormant waits until the supervisor is a tiny program, which makes no calls. Its
// earlier calls belong to the boot, not to the next operation.
func (s *scene) awaitDormant() {
	within(patience, func() bool {
		text, _ := os.ReadFile("/run/overlay-boot/subhosts/" + name)
		_, after, _ := strings.Cut(string(text), "SUPERVISOR=")
		pid, _, _ := strings.Cut(after, " ")
		exe, _ := os.Readlink("/proc/" + pid + "/exe")
		return strings.HasPrefix(exe, "/memfd:")
	})
}

// operation returns the command that receives the fault.
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

// begin starts the command, watched if there is an injector. The output goes to files,
// since processes left in the background keep it open.
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

// end waits for the command, within limit.
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

// differs waits until the host is as before, and returns the differences if it is not.
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

// whole returns a picture of everything while the subhost is up.
func whole() (picture, bool) {
	in, ok := inside()
	if !ok {
		return nil, false
	}
	out, err := outside()
	return append(in, out...), err == nil
}

// unlike waits until the subhost is up and looks as n says. It returns the differences, and
// whether the subhost is up.
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

// rest waits until the picture no longer changes.
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

// within repeats a test until it returns true, or the time is over.
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
