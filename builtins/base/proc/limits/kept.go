package limits

import (
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
)

// A Kept is a limit on a resource (prlimit(2)) for the programs that this process starts, but
// not for the process itself: the Go runtime ends with a report of its own state if it gets no
// more memory.
type Kept struct {
	Resource int
	unix.Rlimit
}

// resources is RLIM_NLIMITS, the number of resources.
const resources = 16

// kept belongs to the process: like the limits themselves it exists once, however many shells
// run inside.
var kept struct {
	mu   sync.Mutex
	set  [resources]bool
	list [resources]unix.Rlimit
}

// find looks up a kept limit; the caller holds the lock.
func find(resource int) (r unix.Rlimit, ok bool) {
	if kept.set[resource] {
		return kept.list[resource], true
	}
	return signals.Raised(resource)
}

// Get is getrlimit(2) for the programs that this process starts.
func Get(resource int) (r unix.Rlimit) {
	kept.mu.Lock()
	defer kept.mu.Unlock()
	r, ok := find(resource)
	if !ok {
		_ = unix.Getrlimit(resource, &r)
	}
	return r
}

// Set is setrlimit(2) for the programs that this process starts. For most resources it also
// sets the limit of the process itself.
func Set(resource int, r unix.Rlimit) error {
	old := Get(resource)
	kept.mu.Lock()
	defer kept.mu.Unlock()
	_, raised := find(resource)
	switch {
	case !raised && !keeps(resource):
		return unix.Setrlimit(resource, &r)
	case r.Cur > r.Max:
		return unix.EINVAL
	case r.Max > old.Max && !mayRaise():
		return unix.EPERM
	}
	kept.set[resource], kept.list[resource] = true, r
	return nil
}

// keeps reports whether the Go runtime cannot run under a limit on the resource.
func keeps(resource int) bool {
	return resource == unix.RLIMIT_AS || resource == unix.RLIMIT_DATA ||
		resource == unix.RLIMIT_STACK
}

// mayRaise reports whether this process has CAP_SYS_RESOURCE.
func mayRaise() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	err := unix.Capget(&header, &data[0])
	return err == nil && data[0].Effective>>unix.CAP_SYS_RESOURCE&1 != 0
}

// All lists the kept limits.
func All() (list []Kept) {
	kept.mu.Lock()
	defer kept.mu.Unlock()
	for n := range kept.set {
		if r, ok := find(n); ok {
			list = append(list, Kept{n, r})
		}
	}
	return list
}

// Text returns All as a text for this binary, when it is re-executed without these limits.
func Text() string {
	var b strings.Builder
	for _, k := range All() {
		b.WriteString(strconv.Itoa(k.Resource) + "," + strconv.FormatUint(k.Cur, 16) + "," +
			strconv.FormatUint(k.Max, 16) + ";")
	}
	return b.String()
}

// Take keeps the limits in a text of Text.
func Take(text string) {
	kept.mu.Lock()
	defer kept.mu.Unlock()
	for one := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(one, ",")
		soft, hard, _ := strings.Cut(value, ",")
		n, err := strconv.Atoi(name)
		cur, err2 := strconv.ParseUint(soft, 16, 64)
		most, err3 := strconv.ParseUint(hard, 16, 64)
		if err == nil && err2 == nil && err3 == nil && n >= 0 && n < resources {
			kept.set[n], kept.list[n] = true, unix.Rlimit{Cur: cur, Max: most}
		}
	}
}
