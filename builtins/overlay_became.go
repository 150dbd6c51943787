package builtins

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// How often overlay-became looks: the kernel tells nobody that a process executes a program.
// One that takes long to do so is looked at less often, and so is any as long as nobody has
// opened the program that is expected.
const (
	becameSoon  = 200 * time.Microsecond
	becameLater = 2 * time.Millisecond
)

const becameEnded = 4

// runBecame is "overlay-became [-t SECONDS] [-w FILE] PID WORD": it waits until a process that
// was started with WORD as its last argument has executed another program, and sleeps: one
// that ends at once does not. A program that is busy has a tenth of a second for that. The
// status is 1 where the process has ended before, 4 where after that, 3 where the time is over.
// FILE is what will probably be executed.
func runBecame(c *Call) int {
	a, operands, status := c.await(1, "overlay-became [-t SECONDS] [-w FILE] PID WORD",
		option{'w', "watch", needArg})
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
			continue // with a new look at its state
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
			start, opened = time.Now(), -1 // it will be soon
		}
	}
}

// drained reads what the kernel has told about a file, and reports whether it was anything.
func drained(changes int) bool {
	if changes < 0 {
		return false
	}
	var events [4096]byte
	n, _ := unix.Read(changes, events[:])
	return n > 0
}

// state is that of the process by proc(5), 0 where there is none.
func (a *awaiting) state() byte {
	var r procReader
	if p, ok := r.process(a.pid, 0); ok {
		return p.state
	}
	return 0
}

// has reports whether WORD is the last argument of the process. One that is just being
// executed has none to be seen.
func (a *awaiting) has(word string) bool {
	var r procReader
	text, err := r.file("/proc/" + strconv.Itoa(a.pid) + "/cmdline")
	args := strings.TrimRight(string(text), "\x00")
	return err != nil || args == "" || args == word || strings.HasSuffix(args, "\x00"+word)
}
