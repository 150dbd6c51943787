package compat

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// The sides of a comparison, and the engines that steps may name.
const (
	Original = "original"
	Ours     = "ours"
	either   = "*"
)

// Embedded, as the value of Scenario.Scripts, is our own script set.
const Embedded = "embedded"

// A Scenario is what both sides do. It is read from a txtar archive (package
// golang.org/x/tools/txtar) whose files are made in the current folder and whose
// comment has these lines, a line that begins with a blank being part of the one
// before, and the first # line being the description:
//
//	host: CODE           by the system's shell on both sides; must succeed
//	NAME: CODE           a step: shell code in which the overlay tools are the side's
//	NAME@original: CODE  a step with the original's tools on both sides; also @ours
//	NAME@*: CODE         every combination with the other steps of this kind
//	until: CODE          wait after the step before until CODE succeeds
//	plant: CODE          on our side only, before the step before is observed
//	scripts: embedded    our side runs its embedded scripts
//	compare: GLOB...     compare only these facts
//	unordered: GLOB...   in these the order of the lines does not count: two processes
//	                     write them at once
//	differs: GLOB WHY    a documented difference, which must be there
//	needs: TOOL...       there is nothing to compare without these
type Scenario struct {
	Name        string
	Description string
	// Files are written below the current folder; those that begin with #! are
	// made executable.
	Files []File
	Steps []Step
	// Scripts is empty for the original's set, or Embedded.
	Scripts string
	Compare []string
	// Unordered are the facts in which the order of lines is that of a race.
	Unordered []string
	Differs   []Documented
	Needs     []string
	// Areas and Dir are for a user's own configuration: see Root.Areas of package
	// sandbox, and the current folder; empty for Workplace.
	Areas []string
	Dir   string
}

// A File is one that a scenario brings along.
type File struct{ Name, Text string }

// A Step is one action, or preparation, with what it waits for.
type Step struct {
	// Name is the moment of the facts observed after the step; empty for host code.
	Name string
	// By is the engine: empty for the side's own.
	By    string
	Code  string
	Until string
	Plant string
}

// Documented is a difference that the documentation promises.
type Documented struct{ Glob, Why string }

// ParseScenario reads an archive.
func ParseScenario(name string, text []byte) (*Scenario, error) {
	archive := txtar.Parse(text)
	s := &Scenario{Name: name}
	for _, f := range archive.Files {
		if !path.IsAbs(f.Name) && strings.HasPrefix(path.Clean(f.Name), "../") {
			return nil, fmt.Errorf("%s: the file %s is outside of the current folder", name, f.Name)
		}
		s.Files = append(s.Files, File{f.Name, string(f.Data)})
	}
	for _, d := range directives(string(archive.Comment)) {
		if err := s.directive(d); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, d.line, err)
		}
	}
	if !slices.ContainsFunc(s.Steps, func(s Step) bool { return s.Name != "" }) {
		return nil, fmt.Errorf("%s: there is no step in it", name)
	}
	return s, nil
}

// A directive is one logical line of a scenario.
type directive struct {
	line      int
	key, text string
}

// directives joins continued lines. The key of a comment is #.
func directives(text string) []directive {
	var list []directive
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.TrimSpace(line) == "":
		case line[0] == '#':
			list = append(list, directive{i + 1, "#", strings.TrimSpace(line[1:])})
		case (line[0] == ' ' || line[0] == '\t') && len(list) > 0:
			more := strings.TrimPrefix(strings.TrimPrefix(line, "\t"), "    ")
			list[len(list)-1].text += "\n" + more
		default:
			key, value, found := strings.Cut(line, ":")
			if !found {
				key, value = "", line
			}
			list = append(list, directive{i + 1, key, strings.TrimSpace(value)})
		}
	}
	return list
}

// directive takes one line into the scenario.
func (s *Scenario) directive(d directive) error {
	switch d.key {
	case "#":
		if s.Description == "" {
			s.Description = d.text
		}
	case "host":
		s.Steps = append(s.Steps, Step{Code: d.text})
	case "until", "plant":
		return s.amend(d)
	case "scripts":
		if d.text != Embedded {
			return fmt.Errorf("scripts: %q; only %q can be asked for", d.text, Embedded)
		}
		s.Scripts = d.text
	case "compare":
		s.Compare = append(s.Compare, strings.Fields(d.text)...)
	case "unordered":
		s.Unordered = append(s.Unordered, strings.Fields(d.text)...)
	case "differs":
		glob, why, found := strings.Cut(d.text, " ")
		if !found {
			return errors.New("differs: wants a pattern and a reason")
		}
		s.Differs = append(s.Differs, Documented{glob, strings.TrimSpace(why)})
	case "needs":
		s.Needs = append(s.Needs, strings.Fields(d.text)...)
	default:
		return s.step(d)
	}
	return nil
}

// amend adds to the step before.
func (s *Scenario) amend(d directive) error {
	if len(s.Steps) == 0 {
		return fmt.Errorf("%s: there is no step before it", d.key)
	}
	last := &s.Steps[len(s.Steps)-1]
	if d.key == "until" {
		last.Until = d.text
	} else {
		last.Plant = d.text
	}
	return nil
}

func (s *Scenario) step(d directive) error {
	name, by, _ := strings.Cut(d.key, "@")
	if name == "" || strings.ContainsAny(name, " \t/") {
		return fmt.Errorf("not a directive: %q", d.key)
	}
	if !slices.Contains([]string{"", Original, Ours, either}, by) {
		return fmt.Errorf("no engine is called %q", by)
	}
	for _, other := range s.Steps {
		if other.Name == name {
			return fmt.Errorf("there are two steps called %s", name)
		}
	}
	s.Steps = append(s.Steps, Step{Name: name, By: by, Code: d.text})
	return nil
}

// A variant is one assignment of engines to a scenario's steps.
type variant struct {
	// Label is empty for a scenario's only variant.
	Label string
	// Engines has one for each step.
	Engines []string
}

// reference is the variant with the original everywhere.
func (s *Scenario) reference() variant {
	v := variant{Engines: make([]string, len(s.Steps))}
	for i := range v.Engines {
		v.Engines[i] = Original
	}
	return v
}

// variants are our side's: all combinations for the steps that ask for it, but
// for the one that is the reference.
func (s *Scenario) variants() []variant {
	list := []variant{{}}
	for _, step := range s.Steps {
		engines := []string{step.By}
		switch step.By {
		case "":
			engines[0] = Ours
		case either:
			engines = []string{Original, Ours}
		}
		var longer []variant
		for _, v := range list {
			for _, e := range engines {
				next := variant{v.Label, append(slices.Clone(v.Engines), e)}
				if step.By == either {
					next.Label = strings.TrimSpace(v.Label + " " + step.Name + "=" + e)
				}
				longer = append(longer, next)
			}
		}
		list = longer
	}
	return slices.DeleteFunc(list, func(v variant) bool {
		return v.Label != "" && !slices.Contains(v.Engines, Ours)
	})
}
