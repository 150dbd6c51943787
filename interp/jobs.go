package interp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
)

// A job is a background list. Under job control it is also any command that was stopped.
type job struct {
	number int
	pid    int
	rest   []*stage // the processes of a pipeline except the last, which is pid
	// pipefail says that the status is that of the last process to fail.
	pipefail bool
	// group says that the job was started under job control: its processes are a process group.
	group   bool
	state   jobState
	last    bool              // the last process has ended
	status  unix.WaitStatus   // of the last change of state
	ends    []unix.WaitStatus // of the processes that ended meanwhile
	waited  bool              // the shell has returned the status to wait
	changed bool              // the user has not been told of the last change of state
	text    []string          // the text of its commands, under job control
}

// A stage is a process of a pipeline.
type stage struct {
	pid    int
	ended  bool
	status unix.WaitStatus
}

type jobState uint8

const (
	running jobState = iota
	stopped
	done
)

// jobTable holds the jobs of a shell environment.
type jobTable struct {
	slots []*job // by number, less one; nil for a free number
	order []*job // the current job first
}

// add gives a new job a number and makes it the current job, behind those that are stopped.
func (t *jobTable) add(j *job) {
	at := slices.Index(t.slots, nil)
	if at < 0 {
		at = len(t.slots)
		t.slots = append(t.slots, nil)
	}
	j.number, t.slots[at] = at+1, j
	t.makeCurrent(j)
}

// makeCurrent moves a job to the front: a stopped job before all others, a running job behind
// the stopped ones.
func (t *jobTable) makeCurrent(j *job) {
	t.order = slices.DeleteFunc(t.order, func(o *job) bool { return o == j })
	at := 0
	for j.state != stopped && at < len(t.order) && t.order[at].state == stopped {
		at++
	}
	t.order = slices.Insert(t.order, at, j)
}

func (t *jobTable) remove(j *job) {
	t.slots[j.number-1] = nil
	t.order = slices.DeleteFunc(t.order, func(o *job) bool { return o == j })
}

// makeRoom removes the first job that has ended and been waited for. The caller is about to
// start a process.
func (t *jobTable) makeRoom() {
	for _, j := range t.slots {
		if j == nil {
			return
		}
		if j.state == done && j.waited {
			t.remove(j)
			return
		}
	}
}

// byPid finds the job of a process.
func (t *jobTable) byPid(pid int) *job {
	i := slices.IndexFunc(t.order, func(j *job) bool {
		isIt := func(st *stage) bool { return st.pid == pid }
		return j.pid == pid || slices.ContainsFunc(j.rest, isIt)
	})
	if i < 0 {
		return nil
	}
	return t.order[i]
}

// A complaint is an error in the words of dash, whose use of capitals varies.
type complaint string

// Error returns the message.
func (c complaint) Error() string { return string(c) }

// byID finds a job by its job id (XBD 3.182). The error has the text of dash.
func (t *jobTable) byID(id string) (*job, error) {
	missing := "No such job: " + id
	name, ok := strings.CutPrefix(id, "%")
	if !ok && id != "" {
		return nil, complaint(missing)
	}
	at := 0
	switch name {
	case "-":
		at, missing = 1, "No previous job"
		fallthrough
	case "", "%", "+":
		if at == 0 {
			missing = "No current job"
		}
		if at >= len(t.order) {
			return nil, complaint(missing)
		}
		return t.order[at], nil
	}
	if n, err := strconv.Atoi(name); err == nil && strings.Trim(name, "0123456789") == "" {
		if n < 1 || n > len(t.slots) || t.slots[n-1] == nil {
			return nil, complaint(missing)
		}
		return t.slots[n-1], nil
	}
	return t.byText(id, name)
}

// byText finds the job whose command starts with a text, or contains the text behind a `?`.
func (t *jobTable) byText(id, name string) (found *job, err error) {
	matches := strings.HasPrefix
	if rest, ok := strings.CutPrefix(name, "?"); ok {
		name, matches = rest, strings.Contains
	}
	for _, j := range t.order {
		if !matches(j.command(), name) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%s: ambiguous", id)
		}
		found = j
	}
	if found == nil {
		return nil, complaint("No such job: " + id)
	}
	return found, nil
}

// command returns the text of the job's first command.
func (j *job) command() string {
	if len(j.text) == 0 {
		return ""
	}
	return j.text[0]
}

// settle applies a change of the job's state.
func (t *jobTable) settle(j *job, status unix.WaitStatus) {
	j.status, j.changed = status, true
	switch {
	case status.Stopped():
		j.state = stopped
		t.makeCurrent(j)
	case status.Continued():
		j.state = running
	default:
		j.state = done
	}
}

// reap collects the status of jobs that have ended or stopped, so that they do not remain
// zombies until somebody waits for them.
func (s *Shell) reap() { s.reapBut(nil) }

// reapBut does the work of reap, except for a job that a caller waits for.
func (s *Shell) reapBut(awaited *job) {
	for _, j := range slices.Clone(s.jobs.order) {
		if j.state == done || j == awaited {
			continue
		}
		if status, ok := j.collect(s.waitFlags()); ok {
			s.jobs.settle(j, status)
		}
		j.ends = nil
	}
}

// collect collects the job's processes that have ended. ok says that all have ended, or that
// the last one has stopped.
func (j *job) collect(flags int) (status unix.WaitStatus, ok bool) {
	if !j.last {
		pid, err := unix.Wait4(j.pid, &status, unix.WNOHANG|flags, nil)
		switch {
		case err != nil || pid != j.pid:
			return 0, false
		case status.Stopped():
			return status, true
		}
		j.last, j.status = true, status
		j.ends = append(j.ends, status)
	}
	for _, st := range j.rest {
		if !st.ended {
			got, err := unix.Wait4(st.pid, &st.status, unix.WNOHANG, nil)
			if st.ended = got == st.pid || err == unix.ECHILD; st.ended {
				j.ends = append(j.ends, st.status)
			}
		}
		if !st.ended {
			return 0, false
		}
	}
	return j.overall(j.status), true
}

// overall returns the status of a job whose last process ended with the given status.
func (j *job) overall(status unix.WaitStatus) unix.WaitStatus {
	for i := len(j.rest) - 1; i >= 0 && j.pipefail && status == 0; i-- {
		status = j.rest[i].status
	}
	return status
}

// wait waits until all processes of the job have ended, or until the last one stops.
func (j *job) wait(flags int) unix.WaitStatus {
	status := j.status
	if !j.last {
		var ok bool
		if status, ok = proc.WaitFor(j.pid, flags); !ok {
			status = 127 << 8
		}
	}
	if status.Stopped() {
		return status
	}
	if !j.last {
		j.ends = append(j.ends, status)
	}
	for _, st := range j.rest {
		if !st.ended {
			st.status, _ = proc.Wait(st.pid)
			st.ended = true
			j.ends = append(j.ends, st.status)
		}
	}
	return j.overall(status)
}

// leader returns the process that leads the job's process group.
func (j *job) leader() int {
	if len(j.rest) > 0 {
		return j.rest[0].pid
	}
	return j.pid
}

// waitFlags returns the flags of waitpid. Under job control a job may stop.
func (s *Shell) waitFlags() int {
	if s.jobControl {
		return unix.WUNTRACED
	}
	return 0
}

// willFork is called where dash would make a process and wait for it, and so collect its jobs
// meanwhile.
func (s *Shell) willFork() {
	s.forked = true
	if !s.jobControl {
		s.jobs.makeRoom()
	}
}

// running lists the running processes of the running jobs.
func (t *jobTable) running() (pids []int) {
	for _, j := range t.order {
		if j.state != running {
			continue
		}
		if !j.last {
			pids = append(pids, j.pid)
		}
		for _, st := range j.rest {
			if !st.ended {
				pids = append(pids, st.pid)
			}
		}
	}
	return pids
}

// addJob adds a process as a job.
func (s *Shell) addJob(pid int) { s.adopt(&job{pid: pid, group: s.jobControl}) }

func (s *Shell) adopt(j *job) {
	if !s.jobControl {
		s.jobs.makeRoom()
	}
	s.jobs.add(j)
	s.lastBg = j.pid
	signals.CatchChildren()
}

// await waits until a running job ends or stops, or until a signal arrives on which the shell
// acts.
func (s *Shell) await(j *job, report bool) (sig int) {
	if signals.Caught() == 0 && len(s.jobs.order) == 1 && !s.mayDoze() { // nothing else can happen
		s.jobs.settle(j, j.wait(s.waitFlags()))
	} else if sig = s.awaitAny(j, s.trapPending); sig != 0 {
		return sig
	}
	for _, status := range j.ends {
		if report {
			s.reportSignal(status)
		}
	}
	j.ends = nil
	return 0
}

// awaitAny waits until a job ends or stops, or until a signal arrives. It collects other jobs
// meanwhile. A SIGCHLD that comes with the end of the job is not reported.
func (s *Shell) awaitAny(j *job, signal func() int) (sig int) {
	flags := s.waitFlags()
	come := func() bool {
		if sig = signal(); sig != 0 && sig != int(unix.SIGCHLD) {
			return true
		}
		if status, ok := j.collect(flags); ok {
			s.jobs.settle(j, status)
			sig = 0
			return true
		}
		s.collectChildren(j)
		return sig != 0
	}
	if s.mayDoze() && !signals.AwaitFor(shortest, come) {
		s.doze()
	}
	signals.Await(-1, come)
	return sig
}

// collectChildren collects jobs that have ended since its last call, except for a job that a
// caller waits for.
func (s *Shell) collectChildren(awaited *job) {
	s.process.signals.reaping.Lock()
	defer s.process.signals.reaping.Unlock()
	if signals.Pending()&signals.Children != 0 {
		signals.Clear(signals.Children)
		s.process.signals.since.Store(0)
		s.reapBut(awaited)
	}
}

// isInit reports whether the process is pid 1, which must collect orphans.
func isInit() bool { return unix.Getpid() == 1 }

// collectOrphans collects children that have ended and that this shell did not start: orphans
// of pid 1, and children from before an exec in this process. No other caller may wait for a
// child, except for the one whose process id is awaited (0 for none).
func (s *Shell) collectOrphans(awaited int) {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		pid := int(siginfoPid(&info))
		if err != nil || pid == 0 || pid == awaited || s.jobs.byPid(pid) != nil {
			return
		}
		_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
	}
}

// siginfoPid returns si_pid, which follows three numbers and, on 64-bit Linux, a gap.
func siginfoPid(info *unix.Siginfo) int32 {
	return *(*int32)(unsafe.Pointer(uintptr(unsafe.Pointer(info)) + 16))
}

// untilCollected is the number of commands behind a kill within which wait still finds the
// killed job. dash runs so few commands in some microseconds, in which no process dies.
const untilCollected = 8

// childrenChanged collects jobs between commands, even if no command makes a process. It leaves
// ended jobs alone for a few commands, such as the action of a trap. The next command may be a
// wait for a job that was just killed, which may have died by now.
func (s *Shell) childrenChanged() {
	if s.process.signals.since.Add(1) > untilCollected {
		s.processShell().collectChildren(nil)
	}
	if isInit() && !s.inside() {
		s.collectOrphans(0)
	}
}

// waitChild waits for a child that is no job. Meanwhile it collects ended jobs of the main
// shell: the child may look for them by kill -0.
func (s *Shell) waitChild(pid int) (status unix.WaitStatus, ok bool) {
	root := s.processShell()
	if len(root.jobs.order) > 0 {
		root.collectUntil(pid)
	} else if s.mayDoze() {
		s.dozeBeside(pid)
	}
	return proc.Wait(pid)
}

// collectUntil collects jobs until a child ends.
func (s *Shell) collectUntil(pid int) {
	for {
		s.process.signals.reaping.Lock()
		s.reap()
		pids := s.jobs.running()
		s.process.signals.reaping.Unlock()
		timeout := -1
		if s.mayDoze() {
			timeout = int(shortest.Milliseconds())
		} else if len(pids) == 0 {
			return
		}
		ended, timedOut := awaitEnd(pid, pids, timeout)
		if ended {
			return
		}
		if timedOut {
			s.errand.pid = pid
			s.doze()
		}
	}
}

// awaitEnd waits until one of the processes ends, or for timeout milliseconds. ended says that
// the first process has ended, or that its state is unknown.
func awaitEnd(first int, others []int, timeout int) (ended, timedOut bool) {
	var list []unix.PollFd
	defer func() {
		for _, p := range list {
			unix.Close(int(p.Fd))
		}
	}()
	for _, pid := range append([]int{first}, others...) {
		fd, err := proc.Pidfd(pid)
		if err != nil {
			return true, false
		}
		list = append(list, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	}
	n, err := unix.Poll(list, timeout) // a signal only makes the caller start again
	return list[0].Revents != 0, n == 0 && err == nil
}

// reportSignal prints that a signal ended a program. As in dash, SIGINT and SIGPIPE are not
// reported.
func (s *Shell) reportSignal(status unix.WaitStatus) {
	if s.program != nil {
		if status.Signaled() {
			s.program.Signal = int(status.Signal())
		}
		return
	}
	if !status.Signaled() || status.Signal() == unix.SIGINT || status.Signal() == unix.SIGPIPE {
		return
	}
	s.files.writer(2).Write([]byte(signalText(status) + "\n"))
}

func signalText(status unix.WaitStatus) string {
	text := clib.SignalText(int(status.Signal()))
	if status.CoreDump() {
		text += " (core dumped)"
	}
	return text
}

// stateText returns the state of a job as jobs shows it.
func (j *job) stateText() string {
	switch {
	case j.state == running:
		return "Running"
	case j.state == stopped:
		return clib.SignalText(int(j.status.StopSignal()))
	case j.status.Signaled():
		return signalText(j.status)
	case j.status.ExitStatus() != 0:
		return fmt.Sprintf("Done(%d)", j.status.ExitStatus())
	}
	return "Done"
}

// line returns the line that jobs shows for a job.
func (t *jobTable) line(j *job, withPid bool) string {
	mark := " "
	switch slices.Index(t.order, j) {
	case 0:
		mark = "+"
	case 1:
		mark = "-"
	}
	line := fmt.Sprintf("[%d] %s ", j.number, mark)
	if withPid {
		line += strconv.Itoa(j.pid) + " "
	}
	return fmt.Sprintf("%-33s%s\n", line+j.stateText(), strings.Join(j.text, " | "))
}

// tell returns the line for a job, and then removes a job that has ended.
func (s *Shell) tell(j *job, withPid bool) string {
	line := s.jobs.line(j, withPid)
	s.told(j)
	return line
}

func (s *Shell) told(j *job) {
	j.changed = false
	if j.state == done {
		s.jobs.remove(j)
	}
}

// tellChanges reports the changes of jobs before the shell reads a command.
func (s *Shell) tellChanges() {
	if !s.jobControl {
		return
	}
	s.reap()
	for _, j := range slices.Clone(s.jobs.order) {
		if j.changed {
			s.files.writer(2).Write([]byte(s.tell(j, false)))
		}
	}
}
