package compat

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// A word of a scenario that is misspelt must not be taken for something else: `bse: minimal`
// for an action called bse, `config: STRAT=x` for a variable that nobody reads. Such a scenario
// would run, and both sides would be the same. So all names are known ones, or are marked.

// directiveNames are the directives besides actions.
var directiveNames = []string{"base", "config", "host", "until", "plant", "scripts", "compare",
	"unordered", "differs", "needs", "unknown"}

// actionNames are the usual names of actions. A number may follow: stop2.
var actionNames = []string{"boot", "again", "go", "list", "share", "kill", "echo", "start",
	"status", "stop"}

// ownAction marks an action of another name.
const ownAction = "action "

// settingNames are the variables that a configuration may have.
var settingNames = []string{"ADDRESS", "AFTER", "BASE", "CABLES", "DNS", "DROP",
	"ENVIRONMENT", "HOSTNAME", "INIT", "LIMITS", "LIVE", "LOG", "LOWER", "NAME", "POSTMOUNT",
	"PREMOUNT", "RAM_SIZE", "READY", "READY_TIMEOUT", "RESTART", "SHARE", "START", "UPPER", "WORK",
	"WRITABLE"}

// actionName returns the name of an action without its mark.
func actionName(key string) (string, error) {
	name, own := strings.CutPrefix(key, ownAction)
	name = strings.TrimSpace(name)
	if name == "" || strings.ContainsAny(name, " \t/") {
		return "", notDirective(key)
	}
	if !own && !slices.Contains(actionNames, strings.TrimRight(name, "0123456789")) {
		return "", notDirective(key)
	}
	return name, nil
}

func notDirective(key string) error {
	return fmt.Errorf("not a directive: %q; there are %s, the actions %s, and any other with "+
		"\"action NAME: CODE\"", key, strings.Join(directiveNames, ", "),
		strings.Join(actionNames, ", "))
}

// A settingCheck checks the variables that a scenario sets.
type settingCheck struct {
	unknown map[string]bool // on purpose, by "unknown:"; true for those that were found
}

// checkSettings checks that each variable of the settings and of the configurations that a
// scenario brings along is one that the scripts know, or is named by "unknown:", and that
// nothing is named there for no reason. An error begins with the line, or with the file.
func checkSettings(list []directive, files []File) error {
	check := settingCheck{map[string]bool{}}
	for _, d := range list {
		for _, name := range unknownIn(d) {
			check.unknown[name] = false
		}
	}
	for _, d := range list {
		if d.key == "config" {
			name, _, _ := strings.Cut(d.text, "=")
			if err := check.name(fmt.Sprint(d.line), strings.TrimSpace(name)); err != nil {
				return err
			}
		}
	}
	if err := check.files(files); err != nil {
		return err
	}
	for _, d := range list {
		for _, name := range unknownIn(d) {
			if !check.unknown[name] {
				return fmt.Errorf("%d: unknown: %s is known, or is not set here", d.line, name)
			}
		}
	}
	return nil
}

func unknownIn(d directive) []string {
	if d.key != "unknown" {
		return nil
	}
	return strings.Fields(d.text)
}

// name checks the name of one variable.
func (c settingCheck) name(where, name string) error {
	if slices.Contains(settingNames, name) {
		return nil
	}
	if _, ok := c.unknown[name]; ok {
		c.unknown[name] = true
		return nil
	}
	return fmt.Errorf("%s: no variable of a configuration: %q; there are %s; one that is "+
		"meant to be none wants \"unknown: NAME\"", where, name, strings.Join(settingNames, ", "))
}

// nameBytes are the bytes of the names of variables.
const nameBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789"

// files checks the assignments of all configurations.
func (c settingCheck) files(files []File) error {
	for _, f := range files {
		if path.Ext(f.Name) != ".conf" {
			continue
		}
		for i, line := range strings.Split(f.Text, "\n") {
			name, _, assigns := strings.Cut(line, "=")
			if !assigns || strings.Trim(name, nameBytes) != "" {
				continue
			}
			if err := c.name(fmt.Sprintf(" %s:%d", f.Name, i+1), name); err != nil {
				return err
			}
		}
	}
	return nil
}
