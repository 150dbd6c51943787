package interp

import (
	"strings"

	"overlayboot/interp/utility"
)

// runWait waits for the jobs that its operands name, or for all jobs.
func runWait(s *Shell, argv []string) int {
	_, operands, ok := s.options(argv, "")
	if !ok {
		return 2
	}
	s.errand = errand{allowed: true, argv: argv}
	defer func() { s.errand = errand{} }()
	return s.waitOperands(operands)
}

// waitOperands waits for the jobs that operands name. Without operands it waits for all.
func (s *Shell) waitOperands(operands []string) (status int) {
	if len(operands) == 0 {
		return s.waitAll()
	}
	for _, arg := range operands {
		j, ok := s.awaited(arg)
		if !ok {
			return 2
		}
		status = 127
		if j == nil {
			continue
		}
		var sig int
		if status, sig = s.waitJob(j, true); sig != 0 {
			return 128 + sig
		}
	}
	return status
}

// waitAll waits until no job runs. It reads the table of jobs anew each time, since the action
// of a trap may have changed it.
func (s *Shell) waitAll() int {
	for _, j := range s.jobs.slots {
		if j == nil {
			continue
		}
		if _, sig := s.waitJob(j, false); sig != 0 {
			return 128 + sig
		}
	}
	return 0
}

// waitJob waits until a job ends or stops. A signal on which the shell acts ends the wait.
func (s *Shell) waitJob(j *job, report bool) (status, sig int) {
	if j.state == running {
		if sig := s.await(j, report); sig != 0 {
			return 0, sig
		}
	}
	j.waited = true
	return j.exitStatus(), 0
}

// awaited returns the job that an operand of wait names, by job id or process id. It returns
// nil for a process that is no job, and false for an operand that is neither.
func (s *Shell) awaited(arg string) (j *job, ok bool) {
	if strings.HasPrefix(arg, "%") {
		return s.namedJob(arg)
	}
	pid, err := utility.ParseInt(arg)
	if err != nil {
		s.complain("%v", err)
		return nil, false
	}
	return s.jobs.byPid(pid), true
}

// namedJob finds a job by its id, or reports the error.
func (s *Shell) namedJob(id string) (j *job, ok bool) {
	j, err := s.jobs.byID(id)
	if err != nil {
		s.complain("%v", err)
		return nil, false
	}
	return j, true
}
