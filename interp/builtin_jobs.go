package interp

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
)

// runJobs shows jobs. It shows a job that has ended once.
func runJobs(s *Shell, argv []string) int {
	given, operands, ok := s.options(argv, "lp")
	if !ok {
		return 2
	}
	form := ""
	if len(given) > 0 {
		form = given[len(given)-1]
	}
	s.reap()
	list := slices.Clone(s.jobs.order)
	if len(operands) > 0 {
		list = nil
	}
	var out strings.Builder
	for _, j := range list {
		s.show(&out, j, form)
	}
	for _, id := range operands {
		j, ok := s.namedJob(id)
		if !ok {
			s.files.writer(1).Write([]byte(out.String()))
			return 2
		}
		s.show(&out, j, form)
	}
	return s.print(argv, out.String())
}

// show writes a job in the form that an option of jobs selects.
func (s *Shell) show(out *strings.Builder, j *job, form string) {
	if form == "p" {
		out.WriteString(itoa(j.leader()) + "\n")
		return
	}
	out.WriteString(s.tell(j, form == "l"))
}

// runForeground is fg and bg, which continue stopped jobs.
func runForeground(s *Shell, argv []string) int {
	_, operands, ok := s.options(argv, "")
	if !ok {
		return 2
	}
	ids := operands
	if len(ids) == 0 {
		ids = []string{""}
	}
	status := 0
	for _, id := range ids {
		j, ok := s.namedJob(id)
		if !ok {
			return 2
		}
		if !j.group {
			if id == "" {
				id = "(null)"
			}
			return s.blame(argv, 2, "job %s not created under job control", id)
		}
		if argv[0] == "bg" {
			s.inBackground(j)
		} else {
			status = s.inForeground(j)
		}
	}
	return status
}

// inBackground continues a job without the terminal.
func (s *Shell) inBackground(j *job) {
	if j.state == stopped {
		j.state = running
		s.jobs.makeCurrent(j)
	}
	s.files.writer(1).Write([]byte("[" + itoa(j.number) + "] " + j.words() + "\n"))
	s.resume(j)
}

// inForeground gives a job the terminal and waits for it.
func (s *Shell) inForeground(j *job) int {
	s.files.writer(1).Write([]byte(j.words() + "\n"))
	s.giveTerminal(j.leader())
	s.resume(j)
	return s.waitForeground(j)
}

// resume continues the processes of a job.
func (s *Shell) resume(j *job) {
	if j.state == done {
		return
	}
	j.state = running
	unix.Kill(-j.leader(), unix.SIGCONT)
}

func (j *job) words() string { return strings.Join(j.text, " | ") }

// exitStatus returns the status of a job as the shell shows it.
func (j *job) exitStatus() int { return proc.ExitStatus(j.status) }
