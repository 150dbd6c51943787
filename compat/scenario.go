package compat

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// These are the sides of a comparison, and the engines that steps may name.
const (
	Original = "original"
	Ours     = "ours"
	either   = "*"
)

// Embedded, as the value of Scenario.Scripts, stands for our own script set.
const Embedded = "embedded"

// A Scenario is a list of actions for both sides. It is read from a txtar archive (package
// golang.org/x/tools/txtar). The archive's files are created in the current folder. Its
// comment has the lines below; a line that begins with a blank continues the one before.
// The first # line is the description.
//
//	base: NAME           begin with the host code, files and steps of a scenario in base/,
//	                     unless this one has its own of the same name
//	config: LINE         a line of the base's configuration: another value, or, NAME
//	                     alone, no such variable
//	host: CODE           run by the system's shell on both sides; must succeed
//	unknown: NAME...     variables that no configuration has, set on purpose
//	NAME: CODE           a step: shell code that calls the overlay tools of the side
//	action NAME: CODE    a step whose name is not one of actionNames
//	NAME@original: CODE  a step with the original's tools on both sides; also @ours
//	NAME@*: CODE         every combination with the other steps of this kind
//	until: CODE          after the preceding step, wait until CODE succeeds
//	plant: CODE          on our side only, before the preceding step is observed
//	scripts: embedded    our side runs its embedded scripts
//	scripts: original    the scenario changes the original's: it has no embedded form
//	compare: GLOB...     compare only these facts
//	unordered: GLOB...   in these the order of the lines does not count: two processes
//	                     write them at once
//	differs: GLOB WHY    a documented difference, which must occur: the lines below it
//	    - LINE           that only the original has
//	    + LINE           and that only ours has, with * for any text (see Rule)
//	needs: TOOL...       there is nothing to compare without these
type Scenario struct {
	Name        string
	Description string
	// Files are written below the current folder. Those that begin with #! become
	// executable.
	Files []File
	Steps []Step
	// Scripts is Embedded if our side runs its own set, and Original if the scenario makes
	// no sense with that set. Otherwise the default is the original's set.
	Scripts string
	Compare []string
	// Unordered are the facts in which a race determines the order of lines.
	Unordered []string
	Differs   *Rules `json:"-"`
	Needs     []string
	// Areas and Dir are for a user's own configuration. Areas is Root.Areas of package
	// sandbox, and Dir the current folder; empty means Workplace.
	Areas []string
	Dir   string

	base     *Scenario
	settings string
}

// A File is a file that a scenario brings along.
type File struct{ Name, Text string }

// A Step is one action, or a preparation, with the condition to wait for.
type Step struct {
	// Name is the moment of the facts observed after the step. It is empty for host code.
	Name string
	// By names the engine. It is empty for the side's own.
	By    string
	Code  string
	Until string
	Plant string
}

// ParseScenario reads a scenario from a txtar archive.
func ParseScenario(name string, text []byte) (*Scenario, error) {
	archive := txtar.Parse(text)
	s := &Scenario{Name: name}
	for _, f := range archive.Files {
		if !path.IsAbs(f.Name) && strings.HasPrefix(path.Clean(f.Name), "../") {
			return nil, fmt.Errorf("%s: the file %s is outside of the current folder", name, f.Name)
		}
		s.Files = append(s.Files, File{f.Name, string(f.Data)})
	}
	list := directives(string(archive.Comment))
	for _, d := range list {
		if err := s.directive(d); err != nil {
			return nil, fmt.Errorf("%s.txtar:%d: %w", name, d.line, err)
		}
	}
	if err := checkSettings(list, s.Files); err != nil {
		return nil, fmt.Errorf("%s.txtar:%w", name, err)
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(s.Steps, named) {
		return nil, fmt.Errorf("%s: there is no step in it", name)
	}
	return s, nil
}

// WithEmbedded returns the scenario with the embedded scripts on our side, and whether the
// scenario has such a form.
func (s *Scenario) WithEmbedded() (*Scenario, bool) {
	other := *s
	other.Scripts, other.Differs = Embedded, nil
	return &other, s.Scripts != Original
}

// A directive is one logical line of a scenario or a list.
type directive struct {
	line      int
	key, text string
}

// directives splits a text into logical lines. The key of a comment is #.
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

// directive adds one line to the scenario.
func (s *Scenario) directive(d directive) error {
	switch d.key {
	case "#":
		if s.Description == "" {
			s.Description = d.text
		}
	case "base":
		return s.begin(d.text)
	case "config":
		s.settings += d.text + "\n"
	case "unknown": // see checkSettings
	case "host":
		s.Steps = append(s.Steps, Step{Code: d.text})
	case "until", "plant":
		return s.amend(d)
	case "scripts":
		if d.text != Embedded && d.text != Original {
			return fmt.Errorf("scripts: %q; it is %q or %q", d.text, Embedded, Original)
		}
		s.Scripts = d.text
	case "compare":
		s.Compare = append(s.Compare, strings.Fields(d.text)...)
	case "unordered":
		s.Unordered = append(s.Unordered, strings.Fields(d.text)...)
	case "differs":
		head, lines, _ := strings.Cut(d.text, "\n")
		glob, why, found := strings.Cut(head, " ")
		if !found || lines == "" {
			return errors.New("differs: wants a pattern, a reason, and lines below it")
		}
		if s.Differs == nil {
			s.Differs = &Rules{}
		}
		row := &Row{Original: head, Why: why}
		s.Differs.Rows = append(s.Differs.Rows, row)
		return row.add(glob+"\n"+lines, nil)
	case "needs":
		s.Needs = append(s.Needs, strings.Fields(d.text)...)
	default:
		return s.step(d)
	}
	return nil
}

// amend adds a condition or a plant to the last step.
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
	key, by, _ := strings.Cut(d.key, "@")
	name, err := actionName(key)
	if err != nil {
		return err
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
	// Engines has one engine for each step.
	Engines []string
}

// reference returns the variant with the original in every step.
func (s *Scenario) reference() variant {
	v := variant{Engines: make([]string, len(s.Steps))}
	for i := range v.Engines {
		v.Engines[i] = Original
	}
	return v
}

// variants returns the variants for our side: all combinations for the steps marked @*,
// except the one that equals the reference.
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
