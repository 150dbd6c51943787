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
	// restFor is how long nothing may move for a sandbox to be at rest.
	restFor  = 150 * time.Millisecond
	restStep = 10 * time.Millisecond
	// restLimit bounds the waiting for it.
	restLimit = 40 * time.Second
)

var errRestless = errors.New("the processes do not come to rest in " + restLimit.String())

// rest waits until every process sleeps and has used no time and made no switch
// for a while, and no link's address is still being tried.
func rest() error {
	var before string
	since := time.Now()
	for end := time.Now().Add(restLimit); time.Now().Before(end); {
		now, idle := motion()
		if !idle || now != before {
			before, since = now, time.Now()
		} else if time.Since(since) > restFor {
			return nil
		}
		time.Sleep(restStep)
	}
	return errRestless
}

// motion sums up what moves; false when something runs at this moment.
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
		// The faults, user and system time of the process.
		fmt.Fprintln(&b, p.Pid, p.Comm, p.Argv, f[7], f[9], f[11], f[12], switches(p.Pid))
	}
	return b.String(), idle && !tentative()
}

// switches is what /proc says of a process having waited by itself.
func switches(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "\nvoluntary_ctxt_switches:")
	return rest
}

// statFields are those of /proc/PID/stat from the third, the state, on.
func statFields(stat string) []string {
	_, rest, _ := strings.Cut(stat[strings.LastIndexByte(stat, ')')+1:], " ")
	return strings.Fields(rest)
}

// tentative tells whether an address is still looked for on its link.
func tentative() bool {
	for _, p := range append(sandbox.Processes(), sandbox.Self()) {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/if_inet6", p.Pid))
		for _, line := range strings.Split(string(text), "\n") {
			// Address, index, prefix, scope, flags, name; 0x40 is IFA_F_TENTATIVE.
			f := strings.Fields(line)
			if len(f) == 6 && strings.ContainsAny(f[4][:1], "4567cdef") {
				return true
			}
		}
	}
	return false
}
