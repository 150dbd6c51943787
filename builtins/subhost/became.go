package subhost

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
	"overlayboot/builtins/process"
)

// These are the intervals at which overlay-became looks: the kernel does not announce that a
// process executes a program. The longer one is for a process that takes long, and for any
// process as long as nobody has opened the expected program.
const (
	becameSoon  = 200 * time.Microsecond
	becameLater = 2 * time.Millisecond
)

// becameEnded is the status for a process that ended after it had executed a program.
const becameEnded = 4

// Became is "overlay-became [-t SECONDS] [-w FILE] PID WORD": it waits for a process that was
// started with WORD as its last argument. The wait ends when that process has executed another
// program and sleeps, since a program that ends at once does not sleep. A busy program counts
// as sleeping after a tenth of a second. The status is 1 if the process ends before it executes
// a program, 4 if it ends afterwards, 3 if the time is over. FILE is the program that the
// process will probably execute.
func Became(c *native.Call) int {
	a, operands, status := await(c, 1, "overlay-became [-t SECONDS] [-w FILE] PID WORD",
		native.Option{Key: 'w', Long: "watch", Arg: native.NeedArg})
	if status != 0 {
		return status
	}
	defer a.close()
	opened := a.watch(a.file, unix.IN_OPEN|unix.IN_DONT_FOLLOW)
	if opened >= 0 {
		defer unix.Close(opened)
	}
	start, became := time.Now(), time.Time{}
	for {
		state := a.state()
		switch {
		case state == 0 || state == 'Z' || state == 'X':
			if became.IsZero() {
				return awaitEnded
			}
			return becameEnded
		case became.IsZero() && !a.has(operands[0]):
			became = time.Now()
			continue // check the state again
		case !became.IsZero() && (state == 'S' || time.Since(became) > 100*time.Millisecond):
			return 0
		case a.late():
			return awaitTimeout
		}
		pause := becameSoon
		if became.IsZero() && opened >= 0 || time.Since(start) > 100*time.Millisecond {
			pause = becameLater
		}
		a.pause(pause, opened)
		if drained(opened) {
			start, opened = time.Now(), -1 // the process will execute the program soon
		}
	}
}

// drained reads the pending inotify events, and reports whether there were any.
func drained(changes int) bool {
	if changes < 0 {
		return false
	}
	var events [4096]byte
	n, _ := unix.Read(changes, events[:])
	return n > 0
}

// state returns the state of the process as in proc(5), 0 if there is no such process.
func (a *awaiting) state() byte {
	var r process.ProcReader
	if p, ok := r.Process(a.pid, 0); ok {
		return p.State
	}
	return 0
}

// has reports whether WORD is the last argument of the process. While a process executes a
// program, its arguments cannot be read; has is then true.
func (a *awaiting) has(word string) bool {
	var r process.ProcReader
	text, err := r.File("/proc/" + strconv.Itoa(a.pid) + "/cmdline")
	args := strings.TrimRight(string(text), "\x00")
	return err != nil || args == "" || args == word || strings.HasSuffix(args, "\x00"+word)
}
