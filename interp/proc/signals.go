package proc

import (
	"bytes"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// SignalsUnderWay reports whether a signal may have been sent to this process
// whose handler has not run: one that no thread has taken yet, or which another
// thread that is not asleep may be about to handle (proc_pid_status(5), ShdPnd;
// proc_pid_stat(5), state). Without /proc it reports false.
func SignalsUnderWay() bool {
	status := readProc("/proc/self/status")
	_, rest, _ := bytes.Cut(status, []byte("\nShdPnd:\t"))
	set, _, _ := bytes.Cut(rest, []byte("\n"))
	return len(bytes.Trim(set, "0")) > 0 || othersRun()
}

// othersRun reports whether a thread of this process other than the caller's runs
// or is ready to.
func othersRun() bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	self := strconv.Itoa(unix.Gettid())
	for _, thread := range threads() {
		if thread == self {
			continue
		}
		stat := readProc("/proc/self/task/" + thread + "/stat")
		if i := bytes.LastIndexByte(stat, ')'); i >= 0 && i+2 < len(stat) && stat[i+2] == 'R' {
			return true
		}
	}
	return false
}

// threads lists the threads of this process by their numbers.
func threads() []string {
	fd, err := unix.Open("/proc/self/task", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	var names []string
	var buf [4096]byte
	for {
		n, err := unix.ReadDirent(fd, buf[:])
		if err != nil || n <= 0 {
			return names
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
}

// readProc reads the beginning of a file in /proc, where the rest is of no
// interest.
func readProc(name string) []byte {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	buf := make([]byte, 2048)
	n, _ := unix.Read(fd, buf)
	return buf[:max(n, 0)]
}

// Nap sleeps on this thread alone: time.Sleep would have the Go library wake
// another.
func Nap(d time.Duration) {
	ts := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&ts, nil)
}
