package layer

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

const resetUsage = "Usage: overlay-reset [OPTION]... NAME|CONF [PATH]..."

var resetOptions = [...]native.Option{
	{Key: 'y', Long: "yes"}, {Key: 'n', Long: "dry-run"},
	{Key: keyBackup, Long: "backup", Arg: native.NeedArg},
	{Key: keyRestore, Long: "restore", Arg: native.NeedArg},
}

// resetCall is a call of overlay-reset.
type resetCall struct {
	*native.Call
	yes, dryRun     bool
	backup, restore string
}

// errRefused says that nothing has been done, since the user did not want it.
var errRefused = errors.New("nothing has been changed")

// Reset is "overlay-reset [OPTION]... NAME|CONF [PATH]...": it puts paths of a subhost, or all,
// back to what the lower directory has.
func Reset(c *native.Call) int {
	r := resetCall{Call: c}
	opts, operands, problem := c.Options(resetOptions[:], native.Permute)
	if problem != "" {
		problem = unknown(problem)
	} else {
		problem = r.read(opts, operands)
	}
	if problem != "" {
		return wrong(c, problem, resetUsage)
	}
	if err := r.run(operands); err != nil {
		c.Errorf("%v", err)
		return 1
	}
	return 0
}

// read reads the options, and returns what is wrong with the call.
func (r *resetCall) read(opts []native.GivenOption, operands []string) (problem string) {
	for _, o := range opts {
		switch o.Key {
		case 'y':
			r.yes = true
		case 'n':
			r.dryRun = true
		case keyBackup, keyRestore:
			if o.Value == "" {
				return o.Named() + " wants the name of a file"
			}
			if o.Key == keyBackup {
				r.backup = o.Value
			} else {
				r.restore = o.Value
			}
		default:
			return unknown(o.Named())
		}
	}
	switch {
	case len(operands) == 0 || operands[0] == "":
		return "which subhost?"
	case slices.Contains(operands[1:], ""):
		return "a path is empty"
	case r.restore != "" && r.backup != "":
		return "only one of --backup and --restore can be given"
	case r.restore != "" && len(operands) > 1:
		return "--restore takes no paths: it restores all that the backup has"
	}
	return ""
}

func (r *resetCall) run(operands []string) error {
	p, err := find(r.Call, operands[0])
	if err != nil {
		return err
	}
	lock, err := p.lock()
	if err != nil {
		return err
	}
	defer lock.unlock()
	if err := p.configured(); err != nil {
		return err
	}
	claim, err := p.claimUpper()
	if err != nil {
		return err
	}
	defer claim.drop()
	if err := p.free(); err != nil {
		return err
	}
	if !r.yes && !r.dryRun && !isTerminal(r.Call) {
		return fmt.Errorf("standard input is no terminal on which to ask; --yes answers before: %w",
			errRefused)
	}
	s, err := openResetter(p)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.unclaimed(claim); err != nil {
		return err
	}
	if r.restore != "" {
		return r.restoreInto(p, s)
	}
	return r.reset(p, s, inside(operands[1:]))
}

// isTerminal reports whether standard input is a terminal.
func isTerminal(c *native.Call) bool {
	_, err := unix.IoctlGetTermios(native.FD(c.Stdin), unix.TCGETS)
	return err == nil
}

// reset puts paths back, or all if there are none.
func (r *resetCall) reset(p *place, s *resetter, only []string) error {
	only = topmost(only)
	count, err := r.show(s, only)
	if err != nil {
		return err
	}
	units, err := s.units(only)
	if err != nil {
		return err
	}
	if count == 0 {
		fmt.Fprintf(r.Stderr, "%s: there is nothing to reset\n", r.Name())
		return nil
	}
	if r.dryRun {
		return nil
	}
	question := fmt.Sprintf("Put %s of %s back to what %s has?", paths(count), p.name, p.lower)
	if err := r.ask(question); err != nil {
		return err
	}
	if r.backup != "" {
		if err := r.write(p, s, units, len(only) == 0); err != nil {
			return fmt.Errorf("cannot make the backup %s: %w; %w", r.backup, err, errRefused)
		}
	}
	return s.perform(only, units)
}

// paths returns a number of paths in words.
func paths(n int) string {
	if n == 1 {
		return "1 path"
	}
	return fmt.Sprintf("%d paths", n)
}

// topmost returns sorted paths without those below others.
func topmost(list []string) (top []string) {
	list = slices.Clone(list)
	slices.Sort(list)
	for _, p := range list {
		below := func(t string) bool { return isAtOrBelow(p, t) }
		if !slices.ContainsFunc(top, below) {
			top = append(top, p)
		}
	}
	return top
}

// show lists what differs, and returns how many paths do.
func (r *resetCall) show(s *resetter, only []string) (count int, err error) {
	lines := lineReport{out: bufio.NewWriter(r.Stdout)}
	missing, err := s.Walk(Options{Times: true, Only: only}, func(c *Change) error {
		count++
		return lines.change(c)
	})
	if flushErr := lines.out.Flush(); err == nil {
		err = flushErr
	}
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("%s is in neither directory; links are not followed",
			quotePath("/"+missing[0]))
	}
	return count, err
}

// ask asks the user, unless --yes was given.
func (r *resetCall) ask(question string) error {
	if r.yes {
		return nil
	}
	fmt.Fprintf(r.Stderr, "%s [y/N] ", question)
	line, err := bufio.NewReader(r.Stdin).ReadString('\n')
	if err != nil {
		fmt.Fprintln(r.Stderr)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return errRefused
}

// units returns what goes for the paths, or all that the upper directory has if there are none.
func (s *resetter) units(only []string) (units []unit, err error) {
	if len(only) == 0 {
		names, err := s.upper.names()
		for _, name := range names {
			units = append(units, unit{path: name})
		}
		return units, err
	}
	for _, at := range only {
		u, ok, err := s.inspect(at)
		if err != nil {
			return nil, err
		}
		if ok && !slices.ContainsFunc(units, func(o unit) bool { return o.path == u.path }) {
			units = append(units, u)
		}
	}
	return units, s.detach(units, true)
}

// perform puts the paths back, or all.
func (s *resetter) perform(only []string, units []unit) (err error) {
	if s.trash, err = openTrash(s.work); err != nil {
		return fmt.Errorf("%w; %w", err, errRefused)
	}
	if len(only) == 0 {
		err = s.putAll(units)
	} else if err = s.detach(units, false); err == nil {
		for i, at := range only {
			if err = s.put(at); err != nil {
				err = fmt.Errorf("cannot reset /%s: %w; %s", at, err, soFar(i, len(only)))
				break
			}
		}
	}
	return both(err, s.trash.close())
}

// putAll empties the upper directory, has the root look like that of the lower tree, and removes
// what the kernel has left in WORK.
func (s *resetter) putAll(units []unit) error {
	for i, u := range units {
		if _, err := s.trash.take(s.upper, u.path); err != nil && err != unix.ENOENT {
			return fmt.Errorf("cannot reset /%s: %w; %s", u.path, err, soFar(i, len(units)))
		}
	}
	for _, name := range []string{"work", "index"} {
		if _, err := s.trash.take(s.work, name); err != nil && err != unix.ENOENT {
			return fmt.Errorf("cannot remove %s in WORK: %w", name, err)
		}
	}
	node, err := s.upper.node()
	if err != nil {
		return err
	}
	like, err := s.Lower.root.node()
	if err != nil || node == nil || like == nil {
		return err
	}
	if err := s.likeness(node, like); err != nil {
		return fmt.Errorf("cannot give UPPER the owner and mode of LOWER: %w", err)
	}
	return nil
}
