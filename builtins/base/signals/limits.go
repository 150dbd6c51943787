package signals

import "golang.org/x/sys/unix"

// A raise is a limit under which the Go runtime does not start, or ends later with a report of
// its own state. The entry raises the limit before the runtime begins. Programs that the
// process starts get the original limits (package limits). The entry reads this table; raise.h
// has its sizes.
type raise struct {
	resource uint64
	below    uint64 // a soft limit below this is raised
	want     uint64 // to this value; without the right to do so, to the hard limit
	floor    uint64 // the process ends if the limit is still below this
	text     string // its message in that case
}

const infinity = ^uint64(0)

// raises lists the limits. The floors are rounded up from measurements: the runtime needed
// 1,260 MB of addresses and 70 MB of data until its first commands had run.
var raises = [...]raise{
	{unix.RLIMIT_DATA, 4 << 30, infinity, 96 << 20,
		"overlay-sh: the limit on data (ulimit -d) is too small\n"},
	{unix.RLIMIT_STACK, 1 << 20, 8 << 20, 0, ""},
	{unix.RLIMIT_NPROC, 64, infinity, 16,
		"overlay-sh: the limit on processes (ulimit -p) is too small\n"},
	{unix.RLIMIT_NOFILE, 64, 1024, 6,
		"overlay-sh: the limit on open files (ulimit -n) is too small\n"},
	{unix.RLIMIT_AS, 4 << 30, infinity, 1280 << 20,
		"overlay-sh: the limit on memory (ulimit -v) is too small\n"},
}

// A limit is struct rlimit of prlimit(2).
type limit struct{ soft, hard uint64 }

// found are the limits of raises that the process was started with; the entry writes it.
var found [len(raises)]limit

// Raised returns the limit on a resource that the process was started with, if the entry has
// raised it. A limit that the entry could not read is all zero; no process runs with such a
// limit.
func Raised(resource int) (r unix.Rlimit, ok bool) {
	for i := range raises {
		if at := &raises[i]; entered && at.resource == uint64(resource) {
			r = unix.Rlimit{Cur: found[i].soft, Max: found[i].hard}
			return r, r.Cur < at.below && r != (unix.Rlimit{})
		}
	}
	return r, false
}
