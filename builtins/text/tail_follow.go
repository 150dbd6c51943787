package text

import (
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// A tailFollow holds the options and the state of tail -f.
type tailFollow struct {
	on       bool
	byName   bool
	retry    bool
	pids     []int
	interval time.Duration
	titles   bool
	files    []*followedFile
	last     *followedFile // the file whose text was shown last
	inotify  int
}

// A followedFile is a file that is followed, or a name at which a file may appear.
type followedFile struct {
	name     string
	file     *os.File // nil: there is no file now
	dev, ino uint64
	offset   int64
	over     bool // the file is no longer followed
}

// option handles an option about following.
func (f *tailFollow) option(o native.GivenOption) (problem string) {
	switch o.Key {
	case 'f':
		f.on = true
		switch {
		case !o.Has || o.Value == "descriptor":
			f.byName = false
		case o.Value == "name":
			f.byName = true
		default:
			return "option '--follow=" + o.Value + "'"
		}
	case 'F':
		f.on, f.byName, f.retry = true, true, true
	case tailRetry:
		f.retry = true
	case tailPid:
		n, err := strconv.ParseUint(o.Value, 10, 31)
		if err != nil {
			return "process '" + o.Value + "'"
		}
		f.pids = append(f.pids, int(n))
	case 's':
		seconds, rest, ok := clib.Strtod(o.Value)
		if !ok || rest != "" || !(seconds >= 0 && seconds < 1e9) {
			return "interval '" + o.Value + "'"
		}
		f.interval = time.Duration(seconds * float64(time.Second))
	}
	return ""
}

// unfit names a case that is left to the system's tool. Nothing has been read at this point.
func (t *tailRun) unfit(names []string) (problem string) {
	f := &t.tailFollow
	switch {
	case !f.on && (f.retry || len(f.pids) > 0):
		return "these options without -f"
	case f.on && f.retry && !f.byName:
		return "option '--retry' without --follow=name"
	case !f.on:
		return ""
	}
	for _, name := range names {
		var st unix.Stat_t
		var err error
		if name == "-" {
			err = unix.Fstat(native.FD(t.Stdin), &st)
			isPipe := st.Mode&unix.S_IFMT == unix.S_IFIFO
			if f.byName || err != nil || isPipe && len(names) > 1 {
				return "standard input here"
			} else if isPipe { // the end of a pipe is final
				f.on = false
				continue
			}
		} else if st, err = fsys.StatAt(t.Dir, name, 0); err != nil {
			continue
		}
		if st.Mode&unix.S_IFMT != unix.S_IFREG {
			return "following this type of file"
		}
	}
	return ""
}

// follow shows the files, and then the text that is added to them, until it is ended.
func (t *tailRun) follow(names []string) int {
	status := 0
	t.inotify, _ = unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	defer unix.Close(t.inotify)
	for _, name := range names {
		f := &followedFile{name: name}
		t.tailFollow.files = append(t.tailFollow.files, f)
		if err := t.open(f); err != nil {
			t.Errorf("cannot open %s for reading: %s", native.QuoteAlways(name), clib.Strerror(err))
			f.over, status = !t.retry, 1
			continue
		}
		t.title(f)
		if t.count != 0 || t.fromStart {
			if err := t.copy(f.file); err != nil {
				t.Errorf("error reading %s: %s", native.QuoteAlways(name), clib.Strerror(err))
				f.over, status = true, 1
				continue
			}
			f.offset, _ = f.file.Seek(0, io.SeekCurrent)
		} else {
			f.offset, _ = f.file.Seek(0, io.SeekEnd)
		}
	}
	for {
		dead := t.writersDead()
		for _, f := range t.tailFollow.files {
			if !f.over {
				t.look(f)
			}
		}
		if err := t.out.Flush(); err != nil {
			return t.WriteError(err)
		}
		switch {
		case !t.anyLeft():
			t.Errorf("no files remaining")
			return 1
		case dead:
			return status
		case t.pause():
			return t.WriteError(unix.EPIPE)
		}
	}
}

func (t *tailRun) anyLeft() bool {
	for _, f := range t.tailFollow.files {
		if !f.over {
			return true
		}
	}
	return false
}

// writersDead reports whether the processes of --pid have ended.
func (t *tailRun) writersDead() bool {
	for _, pid := range t.pids {
		if err := unix.Kill(pid, 0); err == nil || err == unix.EPERM {
			return false
		}
	}
	return len(t.pids) > 0
}

// open opens the file that has the name now, and watches it.
func (t *tailRun) open(f *followedFile) (err error) {
	if f.name == "-" {
		var fd int
		fd, err = unix.FcntlInt(uintptr(native.FD(t.Stdin)), unix.F_DUPFD_CLOEXEC, 0)
		f.file = os.NewFile(uintptr(fd), f.name)
	} else {
		f.file, err = t.OpenFile(f.name, unix.O_RDONLY, 0)
	}
	if t.byName {
		t.watchDirectory(f)
	}
	var st unix.Stat_t
	if err == nil {
		err = unix.Fstat(int(f.file.Fd()), &st)
	}
	if err != nil {
		f.file = nil
		return err
	}
	f.dev, f.ino, f.offset = uint64(st.Dev), st.Ino, 0
	const changes = unix.IN_MODIFY | unix.IN_ATTRIB
	_, _ = unix.InotifyAddWatch(t.inotify, fmt.Sprintf("/proc/self/fd/%d", f.file.Fd()), changes)
	return nil
}

// watchDirectory watches a directory for names that come and go.
func (t *tailRun) watchDirectory(f *followedFile) {
	dir := path.Dir(f.name)
	if !path.IsAbs(dir) && t.Dir >= 0 {
		dir = fmt.Sprintf("/proc/self/fd/%d/%s", t.Dir, dir)
	}
	const names = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM |
		unix.IN_ATTRIB
	_, _ = unix.InotifyAddWatch(t.inotify, dir, names)
}

// title writes the name of the file whose text follows, if there are several files.
func (t *tailRun) title(f *followedFile) {
	if t.titles && t.last != f {
		t.out.WriteString(fileTitle(f.name, t.last == nil))
	}
	t.last = f
}

// look shows the new text in a file, and checks whether its name belongs to another file.
func (t *tailRun) look(f *followedFile) {
	if f.file != nil {
		t.showNew(f)
	}
	if !t.byName {
		return
	}
	st, err := fsys.StatAt(t.Dir, f.name, 0)
	switch {
	case err != nil && f.file != nil:
		if t.retry {
			t.say("%s has become inaccessible: %s", native.QuoteAlways(f.name), clib.Strerror(err))
		} else {
			t.say("%s: %s", native.QuoteName(f.name), clib.Strerror(err))
		}
		f.file.Close()
		f.file, f.over = nil, !t.retry
	case err != nil, f.file != nil && uint64(st.Dev) == f.dev && st.Ino == f.ino:
	default:
		what := "appeared"
		if f.file != nil {
			what = "been replaced"
			f.file.Close()
		}
		if t.open(f) == nil {
			t.say("%s has %s;  following new file", native.QuoteAlways(f.name), what)
			t.showNew(f)
		}
	}
}

// say writes a message after all output so far.
func (t *tailRun) say(format string, args ...any) {
	_ = t.out.Flush() // the next Flush reports the error
	t.Errorf(format, args...)
}

// showNew shows the text that was added to a file.
func (t *tailRun) showNew(f *followedFile) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.file.Fd()), &st); err == nil && st.Size < f.offset {
		t.say("%s: file truncated", native.QuoteName(f.name))
		f.offset, _ = f.file.Seek(0, io.SeekStart)
	}
	buf := make([]byte, 32<<10)
	for {
		n, err := f.file.Read(buf)
		if n > 0 {
			t.title(f)
			t.out.Write(buf[:n])
			f.offset += int64(n)
		}
		if err != nil {
			return
		}
	}
}

// pause waits for a change, at most for the interval. broken reports that nobody reads the
// output any more.
func (t *tailRun) pause() (broken bool) {
	watched := []unix.PollFd{
		{Fd: int32(t.inotify), Events: unix.POLLIN},
		{Fd: int32(native.FD(t.Stdout)), Events: 0},
	}
	_, err := unix.Poll(watched, int(min(t.interval, time.Hour)/time.Millisecond))
	if err != nil {
		return false
	}
	if watched[0].Revents != 0 {
		var events [4096]byte
		_, _ = unix.Read(t.inotify, events[:])
	}
	return watched[1].Revents&unix.POLLERR != 0
}

// followsToo removes the f of the obsolete syntax, such as -5f.
func followsToo(arg string) (rest string, ok bool) {
	rest, ok = strings.CutSuffix(arg, "f")
	if !ok || len(rest) < 2 {
		return arg, false
	}
	tail := strings.TrimLeft(rest[1:], "0123456789")
	return rest, tail == "" || len(tail) == 1 && strings.Contains("bcl", tail)
}
