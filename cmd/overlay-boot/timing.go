package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/proc/limits"
	"overlayboot/builtins/base/signals"
	"overlayboot/interp/timing"
)

// canBeTimed reports whether a tool has the option --timing.
func canBeTimed(name string) bool { return name == "overlay-boot" || name == "overlay-stop" }

// A watch waits for a tool that runs with --timing, and receives the records of the tool's
// processes.
type watch struct {
	pid     int
	socket  int // -1 when no process has the other end any more
	began   time.Time
	records []timing.Record
	last    time.Time // arrival time of the last record
	ready   bool      // pid 1 of the subhost has executed its final program
}

// watch runs a tool in a child process and prints where the time went after the tool has
// ended. The tool may thus execute any program in its place. The exit status or the fatal
// signal of the tool becomes that of this process.
func (p *program) watch(name, dir string, args []string) int {
	w, err := p.startWatched(dir, args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: --timing: %v\n", name, err)
		return 1
	}
	// The scripts look for subhosts by the arguments of processes.
	p.process.Show([]string{"overlay-timing"}, true)
	catchEnding()
	status := w.untilEnd()
	// The embedded overlay-boot returns once the subhost runs, and other processes go on
	// behind it.
	if name == "overlay-boot" && dir != "" && proc.ExitStatus(status) == 0 {
		w.untilReady()
	}
	w.take()
	fmt.Fprint(os.Stderr, newTimingTree(w, status).table())
	if status.Signaled() {
		signals.Die(int(status.Signal()))
	}
	return proc.ExitStatus(status)
}

// startWatched starts the tool and gives it one end of a socket for its records.
func (p *program) startWatched(dir string, args []string) (*watch, error) {
	ours, theirs, err := recordSocket()
	if err != nil {
		return nil, err
	}
	defer unix.Close(theirs)
	w := &watch{socket: ours, began: time.Now()}
	w.last = w.began
	note := handover.Note{Exe: p.process.Exe, State: -1, Ignored: p.note.Ignored,
		Closed: p.note.Closed, Limits: limits.Text(), Timing: timing.Text(theirs, 0, false, w.began)}
	argv := []string{p.process.Argv[0]}
	if dir != "" {
		argv = append(argv, "--scripts", dir)
	}
	spec := &proc.Spec{
		Argv: append(argv, args...), Env: append(p.env, note.String()),
		Exe: p.process.Exe, Pass: []int{p.process.Exe, theirs}, Dir: unix.AT_FDCWD,
		Files: []int{0, 1, 2},
	}
	w.pid, err = spec.Start()
	return w, err
}

// recordSocket creates a socket pair with a large buffer for records not yet read. Both
// ends have numbers above the standard files, which may be closed, and above the
// descriptors of any script.
func recordSocket() (ours, theirs int, err error) {
	const lowest, room = 24, 4 << 20
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, -1, os.NewSyscallError("socketpair", err)
	}
	for i, fd := range ends {
		var moved int
		if moved, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, lowest); err == nil {
			ends[i] = moved
			unix.Close(fd)
			continue
		}
		unix.Close(ends[0])
		unix.Close(ends[1])
		return -1, -1, os.NewSyscallError("fcntl", err)
	}
	_ = unix.SetsockoptInt(ends[1], unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, room)
	return ends[0], ends[1], nil
}

// ending are the signals that end a process. The watch hands them on to the tool, which
// decides what to do about them.
var ending = [...]unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM,
	unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM}

func catchEnding() {
	for _, sig := range ending {
		if signals.Ignored()&signals.Bit(int(sig)) == 0 {
			signals.Catch(int(sig))
		}
	}
}

func (w *watch) handOn() {
	for _, sig := range ending {
		if bit := signals.Bit(int(sig)); signals.Pending()&bit != 0 {
			signals.Clear(bit)
			_ = unix.Kill(w.pid, sig)
		}
	}
}

// look is the interval at which the watch checks for the end of the tool, for signals and
// for records. It keeps the watch from taking processor time from the processes that it
// times.
const look = time.Millisecond

// untilEnd waits for the tool and returns its wait status.
func (w *watch) untilEnd() (status unix.WaitStatus) {
	for {
		w.handOn()
		w.take()
		pid, err := unix.Wait4(w.pid, &status, unix.WNOHANG, nil)
		if pid == w.pid || err != nil && err != unix.EINTR {
			return status
		}
		time.Sleep(look)
	}
}

// quiet is the time without any record after which a boot counts as complete, even if pid 1
// is still the shell that began it.
const quiet = 10 * time.Second

// untilReady waits for pid 1 of the subhost, or for the end of all processes that make it.
// The tool has ended, so a signal now is meant for this process.
func (w *watch) untilReady() {
	for w.socket >= 0 && !w.ready && time.Since(w.last) < quiet &&
		signals.Pending()&signals.Caught() == 0 {
		w.take()
		time.Sleep(look)
	}
}

// take reads the records that have arrived.
func (w *watch) take() {
	packet := make([]byte, 1024)
	for w.socket >= 0 {
		n, _, err := unix.Recvfrom(w.socket, packet, unix.MSG_DONTWAIT)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return
		case err != nil || n == 0:
			unix.Close(w.socket)
			w.socket = -1
			return
		}
		if record, ok := timing.Decode(packet[:n]); ok {
			w.last = time.Now()
			w.records = append(w.records, record)
			w.ready = w.ready || record.Kind == timing.Replaced && record.Pid == 1
		}
	}
}
