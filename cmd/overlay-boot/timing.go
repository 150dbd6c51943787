package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/interp/handover"
	"overlayboot/interp/proc"
	"overlayboot/interp/proc/limits"
	"overlayboot/interp/signals"
	"overlayboot/interp/timing"
)

// canBeTimed tells the tools that have --timing.
func canBeTimed(name string) bool { return name == "overlay-boot" || name == "overlay-stop" }

// A watch waits for a tool that runs with --timing, and takes the records of its processes.
type watch struct {
	pid     int
	socket  int // -1: no process has the other end any more
	began   time.Time
	records []timing.Record
	last    time.Time // when the last one came
	ready   bool      // pid 1 of the subhost has become what it is to be
}

// watch runs a tool as a process of its own, so that whatever it executes in its place
// changes nothing, and shows where the time went when it has ended. It ends as the tool.
func (p *program) watch(name, dir string, args []string) int {
	w, err := p.startWatched(dir, args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: --timing: %v\n", name, err)
		return 1
	}
	// The scripts look for subhosts by the arguments of processes.
	p.host.Show([]string{"overlay-timing"})
	catchEnding()
	status := w.untilEnd()
	// The embedded overlay-boot returns when the subhost runs; others go on behind it.
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

// startWatched starts the tool with one end of a socket for its records.
func (p *program) startWatched(dir string, args []string) (*watch, error) {
	ours, theirs, err := recordSocket()
	if err != nil {
		return nil, err
	}
	defer unix.Close(theirs)
	w := &watch{socket: ours, began: time.Now()}
	w.last = w.began
	note := handover.Note{Exe: p.host.Exe, State: -1, Ignored: p.note.Ignored,
		Closed: p.note.Closed, Limits: limits.Text(), Timing: timing.Text(theirs, 0, false, w.began)}
	argv := []string{p.host.Argv[0]}
	if dir != "" {
		argv = append(argv, "--scripts", dir)
	}
	spec := &proc.Spec{
		Argv: append(argv, args...), Env: append(p.env, note.String()),
		Exe: p.host.Exe, Pass: []int{p.host.Exe, theirs}, Dir: unix.AT_FDCWD,
		Files: []int{0, 1, 2},
	}
	w.pid, err = spec.Start()
	return w, err
}

// recordSocket makes a socket, with room for what nobody has read yet. Both ends are above
// the standard files, which may be closed, and above those of any script.
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

// ending are the signals that end a process, and that are handed on to the tool: what it
// does about them is its own affair.
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

// look is how often the watch looks for the end of the tool and for signals, and how long
// it lets records lie: it is not to be in the way of those whose time it takes.
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

// quiet is how long nothing is done in a boot that is taken to have come to its end,
// though pid 1 is still the shell that began it.
const quiet = 10 * time.Second

// untilReady waits for pid 1 of the subhost, or for the end of all processes that make it.
// The tool has ended: a signal is for this process then.
func (w *watch) untilReady() {
	for w.socket >= 0 && !w.ready && time.Since(w.last) < quiet &&
		signals.Pending()&signals.Caught() == 0 {
		w.take()
		time.Sleep(look)
	}
}

// take reads the records that have come.
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
