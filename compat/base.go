package compat

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// bases holds the scenarios that other scenarios build on.
//
//go:embed base/*.txtar
var bases embed.FS

// begin parses a base and takes over its host code. The files and the named steps of the
// base follow in finish.
func (s *Scenario) begin(name string) error {
	text, err := bases.ReadFile("base/" + name + ".txtar")
	if err != nil {
		return fmt.Errorf("base: there is none called %s", name)
	}
	if len(s.Steps) > 0 || s.base != nil {
		return fmt.Errorf("base: %s has to come before all steps, and once", name)
	}
	if s.base, err = ParseScenario(name, text); err != nil {
		return err
	}
	for _, step := range s.base.Steps {
		if step.Name == "" {
			s.Steps = append(s.Steps, step)
		}
	}
	return nil
}

// finish adds the files and the named steps of the base. A file of the scenario replaces
// the base's file of the same name, and any named step replaces all those of the base.
func (s *Scenario) finish() error {
	if s.base == nil {
		if s.settings != "" {
			return fmt.Errorf("%s: config: wants a base", s.Name)
		}
		return nil
	}
	files := slices.DeleteFunc(slices.Clone(s.base.Files), func(f File) bool {
		return slices.ContainsFunc(s.Files, func(own File) bool { return own.Name == f.Name })
	})
	for i := range files {
		if strings.HasSuffix(files[i].Name, ".conf") {
			files[i].Text = withSettings(files[i].Text, s.settings)
		}
	}
	s.Files = append(files, s.Files...)
	if !slices.ContainsFunc(s.Steps, named) {
		s.Steps = append(s.Steps, slices.DeleteFunc(slices.Clone(s.base.Steps),
			func(step Step) bool { return !named(step) })...)
	}
	s.base, s.settings = nil, ""
	return nil
}

// named reports whether a step is an action, not host code.
func named(step Step) bool { return step.Name != "" }

// withSettings replaces the lines of a configuration that set the same variables as
// settings does, and appends the others. A line with only a NAME removes the variable.
func withSettings(conf, settings string) string {
	list := strings.SplitAfter(conf, "\n")
	for _, setting := range strings.Split(settings, "\n") {
		if setting == "" {
			continue
		}
		name, _, found := strings.Cut(setting, "=")
		i := slices.IndexFunc(list, func(line string) bool {
			return strings.HasPrefix(line, name+"=")
		})
		switch {
		case !found && i >= 0:
			list = slices.Delete(list, i, i+1)
		case i >= 0:
			list[i] = setting + "\n"
		default:
			list = append(list, setting+"\n")
		}
	}
	return strings.Join(list, "")
}
