package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"overlayboot/compat/sandbox"
)

// A contender is one way to start a subhost, or something similar.
type contender struct {
	name, key  string
	boot, stop func(*subhost) *exec.Cmd
	// prepare writes the other files that the contender needs into the subhost's directory.
	prepare func(*subhost) error
	// stays is set if the boot's command runs as long as the subhost.
	stays bool
	// own is set if the contender runs the scripts, which install their own reaper.
	own bool
}

// A boot is a boot that has been done.
type boot struct {
	cmd *exec.Cmd // only of a contender that stays
	// running is the time from the call to pid 1, returned the time from there to the end
	// of the call.
	running, returned time.Duration
	tasks             int
}

// bootLimit bounds the slowest command while all others run.
const bootLimit = 3 * time.Minute

// measured makes a subhost whose pid 1 records when it begins to run.
func (c contender) measured(o options, name string) (*subhost, error) {
	s, err := newSubhost(name, filepath.Join(o.dir, "reaper"))
	if err == nil && c.prepare != nil {
		err = c.prepare(s)
	}
	return s, err
}

// start boots a subhost and waits until its pid 1 runs and the command has ended. It does
// not wait for a command that stays.
func (c contender) start(s *subhost) (boot, error) {
	pids, called := lastPid(), now()
	b := boot{cmd: c.boot(s)}
	ended, err := c.call(b.cmd)
	if err != nil {
		return b, fmt.Errorf("%s: %w\nlog: %s", c.name, err, s.log())
	}
	ran, err := s.waitRan(bootLimit)
	if err != nil {
		return b, fmt.Errorf("%s: %w", c.name, err)
	}
	b.running, b.returned, b.tasks = ran-called, ended-ran, lastPid()-pids
	return b, nil
}

// call runs the command of a boot, and returns when it ended.
func (c contender) call(cmd *exec.Cmd) (time.Duration, error) {
	if c.stays {
		return 0, cmd.Start()
	}
	return finish(cmd)
}

// end stops a subhost, and returns how long that took.
func (c contender) end(s *subhost, b boot) (time.Duration, error) {
	if c.stays {
		return endForeground(b.cmd)
	}
	called := now()
	ended, err := finish(c.stop(s))
	if err != nil {
		return 0, fmt.Errorf("%s does not stop: %w", c.name, err)
	}
	return ended - called, nil
}

// finish runs a command that must succeed, and returns when it ended. The output goes to a
// file, since processes in the background may continue to write.
func finish(cmd *exec.Cmd) (time.Duration, error) {
	out, err := os.CreateTemp("", "output-")
	if err != nil {
		return 0, err
	}
	defer out.Close()
	defer os.Remove(out.Name())
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	late := time.AfterFunc(bootLimit, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	err = cmd.Wait()
	ended := now()
	if err != nil {
		text, _ := os.ReadFile(out.Name())
		return ended, fmt.Errorf("%q: %w\n%s", cmd.Args, err, text[max(0, len(text)-2000):])
	}
	return ended, nil
}

// scripted returns the contenders that run overlay-boot's scripts. The original's are left
// out if they are not installed.
func scripted() ([]contender, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	path := "PATH=" + bin + ":" + sandbox.Path
	list := []contender{ofEngine("ours", sandbox.Engine{Name: "ours, embedded scripts", Dir: bin,
		Env: []string{path}})}
	original := filepath.Join(root, ".original/x/var/lib/overlay-boot")
	if _, err := os.Stat(original); err != nil {
		return list, nil
	}
	const copied = bases + "/.original"
	if _, err := os.Stat(copied); err != nil { // otherwise an earlier call has made the copy
		if err := os.CopyFS(copied, os.DirFS(original)); err != nil {
			return nil, err
		}
	}
	return append(list,
		ofEngine("scripts", sandbox.Engine{Name: "original's scripts on our shell", Dir: bin,
			Env: []string{path, "OVERLAY_SCRIPTS=" + copied}}),
		ofEngine("original", sandbox.Engine{Name: "the original on dash", Dir: copied,
			Env: []string{"PATH=" + copied + ":" + sandbox.Path}})), nil
}

func ofEngine(key string, e sandbox.Engine) contender {
	return contender{name: e.Name, key: key, own: true,
		boot: func(s *subhost) *exec.Cmd { return e.Command("overlay-boot", s.conf) },
		stop: func(s *subhost) *exec.Cmd { return e.Command("overlay-stop", s.conf) }}
}

// contenders returns all available contenders, and a sentence about the others.
func contenders(o options) ([]contender, string, error) {
	list, err := scripted()
	if err != nil {
		return nil, "", err
	}
	missing := ""
	if len(list) == 1 {
		missing = "The original's scripts are not here (make original). "
	}
	list = append(list, floor(o.dir))
	for _, c := range containers() {
		if _, err := exec.LookPath(c.boot(&subhost{}).Args[0]); err != nil {
			missing += fmt.Sprintf("There is no %s here (make testdeps). ", c.name)
			continue
		}
		list = append(list, c)
	}
	return list, missing, nil
}

// some returns the contenders with these keys. A quick run only shows that the bench works,
// so two are enough.
func (o options) some(list []contender, keys ...string) []contender {
	if o.quick {
		keys = []string{"ours", "floor"}
	}
	return only(list, keys...)
}

// only returns the available contenders with these keys.
func only(list []contender, keys ...string) []contender {
	var some []contender
	for _, key := range keys {
		for _, c := range list {
			if c.key == key {
				some = append(some, c)
			}
		}
	}
	return some
}
