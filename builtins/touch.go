package builtins

import (
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

var touchOptions = []option{
	{'a', "", noArg}, {'m', "", noArg}, {'c', "no-create", noArg}, {'d', "date", needArg},
	{'t', "", needArg}, {'r', "reference", needArg}, {'f', "", noArg},
	{'h', "no-dereference", noArg},
}

type toucher struct {
	*Call
	access, modify, noCreate, noFollow bool
	times                              [2]unix.Timespec
	now                                bool
}

// runTouch is touch(1). Its dates are those of date -d; others are left to the system's tool.
func runTouch(c *Call) int {
	opts, names, problem := c.options(touchOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if c.Getenv("_POSIX2_VERSION") != "" {
		return c.Unsupported("_POSIX2_VERSION")
	}
	sources, t := 0, toucher{Call: c, now: true}
	for _, o := range opts {
		switch o.key {
		case 'a':
			t.access = true
		case 'm':
			t.modify = true
		case 'c':
			t.noCreate = true
		case 'h':
			t.noFollow = true
		case 'd', 't', 'r':
			if sources++; sources > 1 {
				return c.Unsupported("several times")
			}
			if status := t.setTime(o); status != 0 {
				return status
			}
		}
	}
	if !t.access && !t.modify {
		t.access, t.modify = true, true
	}
	if len(names) == 0 {
		return c.usageError(1, "missing file operand")
	}
	status := 0
	for _, name := range names {
		if !t.touch(name) {
			status = 1
		}
	}
	return status
}

func (t *toucher) setTime(o parsedOption) int {
	t.now = false
	if o.key == 'r' {
		st, err := t.stat(o.value)
		if err != nil {
			t.Errorf("failed to get attributes of %s: %s", quoteAlways(o.value), Strerror(err))
			return 1
		}
		t.times = [2]unix.Timespec{st.Atim, st.Mtim}
		return 0
	}
	parse := parseDate
	if o.key == 't' {
		parse = parseTouchStampNow
	}
	zone := time.UTC
	switch {
	case t.below == nil:
		zone = t.timeZone()
	case o.key == 't' || !strings.HasPrefix(o.value, "@"):
		return t.Unsupported("date %s", quoteText(o.value)) // zones are files of the root
	}
	now := time.Now().In(zone)
	when, ok := parse(o.value, now)
	if !ok {
		return t.Unsupported("date %s", quoteText(o.value))
	}
	later := now.Add(time.Second + 1)
	if again, _ := parse(o.value, later); when.Equal(now) && again.Equal(later) {
		t.now = true // who may only write a file may set this time
		return 0
	}
	ts := unix.Timespec{Sec: when.Unix(), Nsec: int64(when.Nanosecond())}
	t.times = [2]unix.Timespec{ts, ts}
	return 0
}

func parseTouchStampNow(text string, now time.Time) (time.Time, bool) {
	return parseTouchStamp(text, now.Location())
}

// parseTouchStamp reads [[CC]YY]MMDDhhmm[.ss].
func parseTouchStamp(text string, zone *time.Location) (time.Time, bool) {
	digits, seconds, dotted := strings.Cut(text, ".")
	if !dotted {
		seconds = "00"
	}
	switch len(digits) {
	case 8:
		digits = strconv.Itoa(time.Now().In(zone).Year()) + digits
	case 10:
		century := "20"
		if digits[:2] > "68" {
			century = "19"
		}
		digits = century + digits
	}
	when, err := time.ParseInLocation("200601021504.05", digits+"."+seconds, zone)
	return when, err == nil
}

func (t *toucher) touch(name string) bool {
	times := t.times
	if t.now {
		times = [2]unix.Timespec{{Nsec: unix.UTIME_NOW}, {Nsec: unix.UTIME_NOW}}
	}
	if !t.access {
		times[0].Nsec = unix.UTIME_OMIT
	}
	if !t.modify {
		times[1].Nsec = unix.UTIME_OMIT
	}
	if name == "-" {
		return t.touchOutput(times)
	}
	var openErr error
	if !t.noCreate && !t.noFollow {
		f, err := t.OpenFile(name,
			unix.O_WRONLY|unix.O_CREAT|unix.O_NONBLOCK|unix.O_NOCTTY, 0o666)
		if openErr = err; err == nil {
			defer f.Close()
		}
	}
	flags := 0
	if t.noFollow {
		flags = unix.AT_SYMLINK_NOFOLLOW
	}
	err := unix.UtimesNanoAt(t.Dir, name, times[:], flags)
	if err == nil || t.noCreate && err == unix.ENOENT {
		return true
	}
	if openErr != nil && openErr != unix.EISDIR {
		t.Errorf("cannot touch %s: %s", quoteAlways(name), Strerror(openErr))
		return false
	}
	t.Errorf("setting times of %s: %s", quoteAlways(name), Strerror(err))
	return false
}

// touchOutput sets the times of standard output, which "-" stands for.
func (t *toucher) touchOutput(times [2]unix.Timespec) bool {
	fd := descriptor(t.Stdout)
	if _, closed := t.Stdout.Write(nil); fd < 0 && closed == nil {
		return true // a pipe that only exists inside this process
	}
	err := futimens(fd, &times)
	if err == nil || t.noCreate && err == unix.EBADF {
		return true
	}
	t.Errorf("setting times of %s: %s", quoteAlways("-"), Strerror(err))
	return false
}

// futimens is futimens(3), which the system has as utimensat(2) without a name.
func futimens(fd int, times *[2]unix.Timespec) error {
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0,
		uintptr(unsafe.Pointer(times)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
