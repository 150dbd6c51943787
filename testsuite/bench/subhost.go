package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

const bases = "/tmp/b"

// A subhost is a subhost to be booted: a directory with the files for any contender.
type subhost struct {
	name, base, conf string
}

// newSubhost creates the directory. Its root has our pid 1, which records when it begins to
// run; with an empty reaper the contender installs its own.
func newSubhost(name, reaper string) (*subhost, error) {
	s := &subhost{name: name, base: filepath.Join(bases, name)}
	for _, dir := range []string{"live", "work", "root/dev", "root/proc", "root/sys", "root/run",
		"root/tmp", "root/etc"} {
		if err := os.MkdirAll(filepath.Join(s.base, dir), 0o755); err != nil {
			return nil, err
		}
	}
	if reaper != "" {
		text, err := os.ReadFile(reaper)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(s.base+"/root/.reaper", text, 0o755); err != nil {
			return nil, err
		}
	}
	var err error
	s.conf, err = write(s.base, name+".conf",
		"BASE=.\nCABLES= =\nSTART= none\nLOG="+s.base+"/log\n")
	return s, err
}

func (s *subhost) remove() error {
	os.Remove(filepath.Join(sandbox.CgroupRoot, s.name)) // the original leaves it behind
	return os.RemoveAll(s.base)
}

// log returns the end of the boot's log, for a failure.
func (s *subhost) log() string {
	text, _ := os.ReadFile(s.base + "/log")
	return string(text[max(0, len(text)-2000):])
}

// ran returns when pid 1 began to run, as it recorded itself.
func (s *subhost) ran() (time.Duration, bool) {
	text, err := os.ReadFile(s.base + "/root/.running")
	if err != nil || len(text) != 16 {
		return 0, false
	}
	sec, nsec := binary.NativeEndian.Uint64(text), binary.NativeEndian.Uint64(text[8:])
	return time.Duration(sec)*time.Second + time.Duration(nsec), true
}

// waitRan waits until pid 1 runs. The interval of its checks does not affect the measured
// time. It grows, since a hundred such waits may run beside the subhosts that they wait
// for.
func (s *subhost) waitRan(limit time.Duration) (time.Duration, error) {
	pause := time.Millisecond
	for end := now() + limit; ; time.Sleep(pause) {
		pause = min(pause*5/4, 20*time.Millisecond)
		if at, ok := s.ran(); ok {
			return at, nil
		}
		if now() > end {
			return 0, fmt.Errorf("%s does not run after %v; log: %s", s.name, limit, s.log())
		}
	}
}

// waitGone waits until there are no more processes than before, no cable and no network
// namespace.
func (s *subhost) waitGone(processes int) error {
	gone := func() bool {
		for _, path := range []string{"/run/netns/" + s.name, "/sys/class/net/" + s.name + "0"} {
			if _, err := os.Lstat(path); err == nil {
				return false
			}
		}
		return countProcesses() <= processes
	}
	if !sandbox.Until(gone) {
		return fmt.Errorf("left of %s: %d processes, of %d before; links %v", s.name,
			countProcesses(), processes, sandbox.Links())
	}
	return nil
}

// now reads the clock that pid 1 reads.
func now() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic(err) // it cannot fail
	}
	return time.Duration(t.Nano())
}

func countProcesses() int {
	dir, err := os.Open("/proc")
	if err != nil {
		return 0
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	n := 0
	for _, name := range names {
		if name[0] >= '0' && name[0] <= '9' {
			n++
		}
	}
	return n
}

// lastPid returns the last number given in this pid namespace. Threads have numbers as
// well.
func lastPid() int {
	text, _ := os.ReadFile("/proc/loadavg")
	f := strings.Fields(string(text))
	n, _ := strconv.Atoi(f[len(f)-1])
	return n
}
