package files

import (
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/dates"
	"overlayboot/builtins/native"
)

var touchOptions = []native.Option{
	{Key: 'a'}, {Key: 'm'}, {Key: 'c', Long: "no-create"},
	{Key: 'd', Long: "date", Arg: native.NeedArg},
	{Key: 't', Arg: native.NeedArg}, {Key: 'r', Long: "reference", Arg: native.NeedArg}, {Key: 'f'},
	{Key: 'h', Long: "no-dereference"},
}

type toucher struct {
	*native.Call
	access, modify, noCreate, noFollow bool
	times                              [2]unix.Timespec
	now                                bool
}

// Touch is touch(1). It knows the dates of date -d that Date knows. Other dates are left to the
// system's tool.
func Touch(c *native.Call) int {
	opts, names, problem := c.Options(touchOptions, native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	if c.Getenv("_POSIX2_VERSION") != "" {
		return c.Unsupported("_POSIX2_VERSION")
	}
	sources, t := 0, toucher{Call: c, now: true}
	for _, o := range opts {
		switch o.Key {
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
		return c.UsageError(1, "missing file operand")
	}
	status := 0
	for _, name := range names {
		if !t.touch(name) {
			status = 1
		}
	}
	return status
}

func (t *toucher) setTime(o native.GivenOption) int {
	t.now = false
	if o.Key == 'r' {
		st, err := t.Stat(o.Value)
		if err != nil {
			t.Errorf("failed to get attributes of %s: %s", native.QuoteAlways(o.Value), clib.Strerror(err))
			return 1
		}
		t.times = [2]unix.Timespec{st.Atim, st.Mtim}
		return 0
	}
	parse := dates.Parse
	if o.Key == 't' {
		parse = dates.ParseStampNow
	}
	zone := time.UTC
	switch {
	case t.Below == nil:
		zone = t.TimeZone()
	case o.Key == 't' || !strings.HasPrefix(o.Value, "@"):
		// time zones are files below the root
		return t.Unsupported("date %s", native.QuoteText(o.Value))
	}
	now := time.Now().In(zone)
	when, ok := parse(o.Value, now)
	if !ok {
		return t.Unsupported("date %s", native.QuoteText(o.Value))
	}
	later := now.Add(time.Second + 1)
	if again, _ := parse(o.Value, later); when.Equal(now) && again.Equal(later) {
		t.now = true // a user who may only write the file may set the current time
		return 0
	}
	ts := unix.Timespec{Sec: when.Unix(), Nsec: int64(when.Nanosecond())}
	t.times = [2]unix.Timespec{ts, ts}
	return 0
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
		t.Errorf("cannot touch %s: %s", native.QuoteAlways(name), clib.Strerror(openErr))
		return false
	}
	t.Errorf("setting times of %s: %s", native.QuoteAlways(name), clib.Strerror(err))
	return false
}

// touchOutput sets the times of standard output, for the operand "-".
func (t *toucher) touchOutput(times [2]unix.Timespec) bool {
	fd := native.FD(t.Stdout)
	if _, closed := t.Stdout.Write(nil); fd < 0 && closed == nil {
		return true // a pipe that exists only inside this process
	}
	err := futimens(fd, &times)
	if err == nil || t.noCreate && err == unix.EBADF {
		return true
	}
	t.Errorf("setting times of %s: %s", native.QuoteAlways("-"), clib.Strerror(err))
	return false
}

// futimens is futimens(3), which is utimensat(2) without a name.
func futimens(fd int, times *[2]unix.Timespec) error {
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0,
		uintptr(unsafe.Pointer(times)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
