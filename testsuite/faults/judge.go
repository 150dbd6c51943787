package faults

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"overlayboot/compat/sandbox"
)

// These are the classes of outcomes. The first five are correct behaviour.
const (
	unreached = "not reached"
	noted     = "up, service fault noted"
	equal     = "up and equal"
	refused   = "refused and clean"
	killed    = "killed and cleared"

	nothing   = "0 and no subhost"
	missing   = "0 and something missing"
	lame      = "0 and service fault unsaid"
	left      = "left something"
	silent    = "no reason given"
	hung      = "hung"
	stuck     = "not stopped after it"
	again     = "no boot after it"
	harmed    = "subhost harmed"
	disagrees = "done, but status not 0"
	traceback = "traceback"
)

// classes are all classes, in the order of a report.
var classes = [...]string{equal, refused, killed, unreached, noted, nothing, missing, lame, left,
	silent, hung, stuck, again, harmed, disagrees, traceback}

// good reports whether a class is no violation.
func good(class string) bool { return slices.Contains(classes[:5], class) }

// learn observes the operation without faults, and counts the calls.
func (s *scene) learn() (*outcome, error) {
	o := &outcome{Words: map[string]bool{}}
	s.Up = nil
	if err := s.learnRound(o, nil, false); err != nil {
		return nil, err
	}
	if err := s.learnRound(o, s.in, true); err != nil {
		return nil, err
	}
	o.Counts = s.in.Counts()
	s.in.Disarm()
	if err := s.learnRound(o, nil, false); err != nil {
		return nil, err
	}
	o.Up, o.Done = s.Up, s.Done
	return o, s.in.Err()
}

// learnRound boots and stops once, with the operation between them if operate is set.
func (s *scene) learnRound(o *outcome, in *Injector, operate bool) error {
	if operate && s.Op == "boot" {
		in.Arm()
	}
	if err := s.well(o, s.command("overlay-boot", conf), in); err != nil {
		return err
	}
	up, err := s.rest()
	if err != nil {
		return err
	}
	s.Up = s.Up.join(newNormal(up))
	if s.Op != "boot" {
		s.awaitDormant()
	}
	if operate && (s.Op == "share" || s.Op == "go") {
		in.Arm()
		if err := s.well(o, s.operation(), in); err != nil {
			return err
		}
		if up, err = s.rest(); err != nil {
			return err
		}
		s.Done = newNormal(up)
	}
	if operate && s.Op == "stop" {
		in.Arm()
	} else if in != nil {
		in.Disarm()
		in = nil
	}
	if err := s.well(o, s.command("overlay-stop", conf), in); err != nil {
		return err
	}
	diff, err := s.differs(patience)
	if err == nil && len(diff) > 0 {
		err = fmt.Errorf("without faults is left:\n%s", strings.Join(diff, "\n"))
	}
	return err
}

// well runs a command that must succeed, and records the lines that it writes.
func (s *scene) well(o *outcome, c *command, in *Injector) error {
	r, err := c.run(in)
	if err != nil {
		return err
	}
	if r.Status != 0 {
		return fmt.Errorf("without faults: %q: %v", c.Args, r)
	}
	for _, line := range strings.Split(r.Stderr+"\n"+logText(), "\n") {
		o.Words[line] = true
	}
	return nil
}

func logText() string {
	text, _ := os.ReadFile(base + "/log")
	return string(text)
}

// point injects the fault of the scene's point and judges the outcome.
func (s *scene) point() (*outcome, error) {
	begun := time.Now()
	o := &outcome{Point: s.Point.String()}
	err := s.attempt(o)
	log := logText()
	spoke := panicked(log + o.Result.Stderr)
	if err == nil && o.Class != hung && o.Class != unreached {
		err = s.aftermath(o)
	}
	if err == nil {
		err = s.in.Err()
	}
	o.Hit, o.Seconds = s.in.Hit(), time.Since(begun).Seconds()
	if good(o.Class) && spoke {
		o.Class = traceback
	}
	if !good(o.Class) {
		o.Detail = append(o.Detail, "log: "+log[max(0, len(log)-600):])
	}
	return o, err
}

// panicked reports whether a text contains a message of Go's runtime.
func panicked(text string) bool {
	for _, mark := range []string{"\ngoroutine ", "fatal error: ", "panic: ", "runtime: "} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}

// attempt prepares the scene, and runs the operation with the fault.
func (s *scene) attempt(o *outcome) error {
	if s.Op != "boot" {
		r, err := s.command("overlay-boot", conf).run(s.in)
		if err != nil || r.Status != 0 {
			return fmt.Errorf("without faults: %v, %w", r, err)
		}
		if diff, up := s.unlike(s.Up, settled); !up || len(diff) > 0 {
			return fmt.Errorf("without faults: up %v, %q", up, diff)
		}
		s.awaitDormant()
	}
	c := s.operation()
	s.in.Arm()
	if err := c.begin(s.in); err != nil {
		return err
	}
	var err error
	o.Result, err = c.end()
	s.in.Ended()
	if err != nil {
		return err
	}
	if c.hung {
		o.Class = hung
		o.Detail = append(o.Detail, processes()...)
		return nil
	}
	if err := s.plant(); err != nil {
		return err
	}
	return s.judge(o)
}

// processes lists all processes with their parents.
func processes() (list []string) {
	for _, p := range sandbox.Processes() {
		list = append(list, p.String())
	}
	return list
}

// plant runs the script of TestJudgement that makes a fault for the judgement to find.
func (s *scene) plant() error {
	if s.Plant == "" {
		return nil
	}
	r, err := s.command("overlay-sh", "-ec", s.Plant).run(nil)
	if err == nil && r.Status != 0 {
		err = fmt.Errorf("%q: %v", s.Plant, r)
	}
	return err
}

func (s *scene) judge(o *outcome) error {
	switch s.Op {
	case "boot":
		return s.judgeBoot(o)
	case "stop":
		return s.judgeStop(o)
	}
	s.judgeUse(o)
	return nil
}

// excused reports whether the command could not report the outcome, because it was killed
// or had already ended.
func (s *scene) excused() bool {
	h := s.in.Hit()
	return h != nil && s.Point.Kill && (h.Main || h.Late)
}

// ofService reports whether the hit process runs the service's script, so that the only
// service ended. A subhost that then ends for lack of processes did run.
func (s *scene) ofService() bool {
	h := s.in.Hit()
	return h != nil && strings.Contains(h.What, `"/opt/service"`)
}

func (s *scene) judgeBoot(o *outcome) error {
	if o.Result.Status == 0 || s.excused() {
		diff, up := s.unlike(s.Up, patience)
		switch {
		case s.in.Hit() == nil && up && len(diff) == 0:
			o.Class = unreached
		case up && (len(diff) == 0 || onlyShell(diff)):
			o.Class = equal
		case s.excused():
			o.Class = killed // aftermath shows whether it can be cleared
		case s.ofService() && (!up || onlyService(diff)):
			o.Class = noted // it failed after pid 1 had found it running
		case !up:
			o.Class = nothing
		case onlyService(diff) && s.said(logText()):
			o.Class = noted // as with a service's own failure
		case onlyService(diff):
			o.Class = lame
		default:
			o.Class = missing
			diff = append(diff, processes()...)
		}
		o.Detail = diff
		return nil
	}
	return s.judgeRefusal(o)
}

// judgeRefusal judges an exit status other than 0: there must be a reason, and nothing may
// be left.
func (s *scene) judgeRefusal(o *outcome) error {
	diff, err := s.differs(patience)
	switch {
	case len(diff) > 0:
		o.Class = left
	case !s.said(o.Result.Stderr):
		o.Class = silent
	default:
		o.Class = refused
	}
	o.Detail = diff
	return err
}

// said reports whether a text has a line that a run without faults does not write.
func (s *scene) said(text string) bool {
	for _, line := range strings.Split(text, "\n") {
		if (!s.Words[line] || line == "Killed") && strings.TrimSpace(line) != "" {
			return true
		}
	}
	return false
}

// onlyService reports whether nothing but the service in START is missing.
func onlyService(diff []string) bool {
	return !slices.ContainsFunc(diff, func(line string) bool {
		return !strings.Contains(line, "sleep") && !strings.Contains(line, "service") &&
			!strings.Contains(line, "dummy")
	})
}

// onlyShell reports whether the only addition is a shell between the supervisor and
// unshare: it starts as a separate process what could not be started directly.
func onlyShell(diff []string) bool {
	return len(diff) == 1 && strings.HasPrefix(diff[0], `+ process overlay-boot ["/bin/sh" `)
}

func (s *scene) judgeStop(o *outcome) error {
	if o.Result.Status == 0 {
		diff, err := s.differs(patience)
		o.Class, o.Detail = equal, diff
		if len(diff) > 0 {
			o.Class = left
		} else if s.in.Hit() == nil {
			o.Class = unreached
		}
		return err
	}
	o.Class = refused
	if s.excused() {
		o.Class = killed
	} else if !s.said(o.Result.Stderr) {
		o.Class = silent
	}
	return nil
}

// judgeUse judges an operation that leaves the subhost running.
func (s *scene) judgeUse(o *outcome) {
	if o.Result.Status == 0 {
		diff, up := s.unlike(s.Done, patience)
		o.Class, o.Detail = missing, diff
		switch {
		case !up:
			o.Class = harmed
		case len(diff) > 0 || s.Op == "go" && !strings.Contains(o.Result.Stdout, "hello"):
		case s.in.Hit() == nil:
			o.Class = unreached
		default:
			o.Class = equal
		}
		return
	}
	either := s.Up.join(s.Done)
	diff, up := s.unlike(either, patience)
	_, done := s.unlike(s.Done, 0)
	o.Detail = diff
	switch {
	case !up || len(diff) > 0:
		o.Class = harmed
	case s.excused():
		o.Class = killed
	case !s.said(o.Result.Stderr):
		o.Class = silent
	case s.Op == "share" && done && len(s.shared()) == 0:
		o.Class = disagrees
	default:
		o.Class = refused
	}
}

// shared returns the differences from the state after an overlay-share.
func (s *scene) shared() []string {
	diff, _ := s.unlike(s.Done, 0)
	return diff
}

// clearedByStop reports whether overlay-stop must clear the remains. The next boot must do
// so by itself once no process of the old one is at work, and every other point tests that.
// A subhost whose supervisor was killed continues to run; a boot would then only say so.
func (s *scene) clearedByStop(o *outcome) bool {
	if o.Class != killed || s.Op != "boot" || s.Point.N%2 == 1 {
		return true
	}
	if _, up := s.unlike(s.Up, 0); up {
		return true
	}
	return slices.ContainsFunc(sandbox.Processes(), func(p sandbox.Process) bool {
		return p.Comm == "overlay-boot"
	})
}

// aftermath stops the subhost, boots once more without faults, and stops again.
func (s *scene) aftermath(o *outcome) error {
	s.in.Disarm()
	worse := func(class, format string, args ...any) {
		if good(o.Class) {
			o.Class = class
		}
		o.Detail = append(o.Detail, fmt.Sprintf(format, args...))
	}
	if s.clearedByStop(o) {
		c := s.command("overlay-stop", conf)
		r, err := c.run(nil)
		if err != nil {
			return err
		}
		diff, err := s.differs(patience)
		if err != nil {
			return err
		}
		if c.hung || len(diff) > 0 {
			worse(stuck, "overlay-stop after it: %v\n%s", r, strings.Join(diff, "\n"))
			return nil
		}
	}
	c := s.command("overlay-boot", conf)
	r, err := c.run(nil)
	if err != nil {
		return err
	}
	if diff, up := s.unlike(s.Up, patience); c.hung || r.Status != 0 || !up || len(diff) > 0 {
		worse(again, "overlay-boot after it: %v up %v\n%s", r, up, strings.Join(diff, "\n"))
		return nil
	}
	c = s.command("overlay-stop", conf)
	if r, err = c.run(nil); err != nil {
		return err
	}
	diff, err := s.differs(patience)
	if c.hung || r.Status != 0 || len(diff) > 0 {
		worse(again, "the second overlay-stop after it: %v\n%s", r, strings.Join(diff, "\n"))
	}
	return err
}
