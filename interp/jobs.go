package interp

import (
	"os"
	"os/signal"
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/interp/proc"
)

// A job is a background list.
type job struct {
	pid    int
	done   bool
	status int
	ended  chan unix.WaitStatus // once somebody waits
	waited bool                 // its status was asked for; it goes when the next job comes
}

func (s *Shell) addJob(pid int) { s.adopt(&job{pid: pid}) }

func (s *Shell) adopt(j *job) {
	s.jobs = slices.DeleteFunc(s.jobs, func(o *job) bool { return o.waited })
	s.jobs = append(s.jobs, j)
	s.lastBg = j.pid
}

// reap takes the status of background jobs that have ended, so that they do not
// stay zombies until somebody waits.
func (s *Shell) reap() {
	for _, j := range s.jobs {
		var status unix.WaitStatus
		if j.done || j.ended != nil {
			continue
		}
		if pid, err := unix.Wait4(j.pid, &status, unix.WNOHANG, nil); err == nil && pid == j.pid {
			j.done, j.status = true, proc.ExitStatus(status)
		}
	}
}

// waitJob waits for a job. A signal with a trap ends the wait
// with a status above 128.
func (s *Shell) waitJob(j *job, report bool) int {
	if !j.done {
		if sig := s.await(j, report); sig != 0 {
			return 128 + sig
		}
	}
	j.waited = true
	return j.status
}

// await waits until the job ends or a trapped signal comes. In that case a
// goroutine goes on waiting, and a later call finds its result.
func (s *Shell) await(j *job, report bool) (sig int) {
	if j.ended == nil {
		j.ended = make(chan unix.WaitStatus, 1)
		go func() {
			status, ok := proc.Wait(j.pid)
			if !ok {
				status = 127 << 8
			}
			j.ended <- status
		}()
	}
	select {
	case status := <-j.ended:
		j.done, j.status = true, proc.ExitStatus(status)
		s.settleSignals()
		if report {
			s.reportSignal(status)
		}
		return 0
	case got := <-s.host.signals.caught:
		n := int(got.(unix.Signal))
		s.runTrap(n)
		return n
	}
}

// reportSignal says that a program was ended by a signal, as dash does for all
// but SIGINT and SIGPIPE.
func (s *Shell) reportSignal(status unix.WaitStatus) {
	if !status.Signaled() || status.Signal() == unix.SIGINT || status.Signal() == unix.SIGPIPE {
		return
	}
	text := builtins.SignalText(int(status.Signal()))
	if status.CoreDump() {
		text += " (core dumped)"
	}
	s.files.writer(2).Write([]byte(text + "\n"))
}

// dieAs ends this process as its child ended.
func dieAs(status unix.WaitStatus) {
	if status.Signaled() {
		signal.Reset(status.Signal())
		unix.Kill(unix.Getpid(), status.Signal())
	}
	os.Exit(proc.ExitStatus(status))
}

// native finds a native command.
func (h *Host) native(name string) (builtins.Command, bool) {
	if h.Lookup == nil {
		return builtins.Command{}, false
	}
	return h.Lookup(name)
}

// nativeSh reports whether scripts for sh are run by this shell.
func (h *Host) nativeSh() bool {
	_, ok := h.native("sh")
	return ok
}

// scriptFor finds the script of the script set that has a command's name.
func (h *Host) scriptFor(name string) (string, bool) {
	if h.ScriptDir == "" || h.Scripts == nil && !path.IsAbs(h.ScriptDir) {
		return "", false
	}
	file := path.Join(h.ScriptDir, name)
	if h.Scripts != nil {
		if _, ok := h.Scripts.Script(file); ok {
			return file, true
		}
	}
	if isExecutable(unix.AT_FDCWD, file) {
		return file, true
	}
	return "", false
}

func (h *Host) isSpecial(name string) bool {
	b := h.builtins[name]
	return b != nil && b.special
}

// show sets what ps shows as the arguments of this process.
func (h *Host) show(argv []string) {
	h.Argv = argv
	if h.Show != nil {
		h.Show(argv)
	}
}
