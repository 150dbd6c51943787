package compat

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"overlayboot/compat/sandbox"
)

const (
	// restFor is how long a sandbox must be motionless to count as at rest. It is longer
	// than our shell waits before it becomes dormant.
	restFor  = 400 * time.Millisecond
	restStep = 25 * time.Millisecond
	// restLimit bounds the wait for that.
	restLimit = 90 * time.Second
)

var errRestless = errors.New("the processes do not come to rest in " + restLimit.String())

// rest waits until every process has slept for restFor without any processor time or
// context switch, and until the kernel no longer probes an address.
func rest() error {
	var before string
	since := time.Now()
	for end := time.Now().Add(restLimit); time.Now().Before(end); {
		now, idle := motion()
		if !idle || now != before {
			before, since = now, time.Now()
		} else if time.Since(since) > restFor && !tentative() {
			return nil
		}
		time.Sleep(restStep)
	}
	return errRestless
}

// motion returns a summary of what changes while processes work. It returns false if a
// process is running.
func motion() (string, bool) {
	var b strings.Builder
	idle := true
	for _, p := range sandbox.Processes() {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Pid))
		f := statFields(string(stat))
		if err != nil || len(f) < 14 {
			return "", false
		}
		if !strings.Contains("SZTtI", p.State) {
			idle = false
		}
		// The page faults, and the user and system time, of the process.
		fmt.Fprintln(&b, p.Pid, p.Comm, p.Argv, f[7], f[9], f[11], f[12], switches(p.Pid))
	}
	return b.String(), idle
}

// switches returns the counters of context switches in /proc/PID/status.
func switches(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "\nvoluntary_ctxt_switches:")
	return rest
}

// statFields returns the fields of /proc/PID/stat from the third, the state, on.
func statFields(stat string) []string {
	_, rest, _ := strings.Cut(stat[strings.LastIndexByte(stat, ')')+1:], " ")
	return strings.Fields(rest)
}

// tentative reports whether the kernel still probes an address for duplicates on its link.
func tentative() bool {
	for _, p := range append(sandbox.Processes(), sandbox.Self()) {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/if_inet6", p.Pid))
		for _, line := range strings.Split(string(text), "\n") {
			// The fields are address, index, prefix, scope, flags and name; flag 0x40 is
			// IFA_F_TENTATIVE.
			f := strings.Fields(line)
			if len(f) == 6 && strings.ContainsAny(f[4][:1], "4567cdef") {
				return true
			}
		}
	}
	return false
}
