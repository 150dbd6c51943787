package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"overlayboot/builtins"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// nativesVar names the environment variable that turns natives off, for debugging and
// comparison. Its value is "none", or the names to turn off, separated by commas.
const nativesVar = "OVERLAY_NATIVES"

// natives returns the look-up function for natives that nativesVar in env leaves on, or
// nil.
func natives(env []string) func(string) (native.Command, bool) {
	value := ""
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, nativesVar+"="); ok {
			value = v
		}
	}
	switch value {
	case "":
		return builtins.Lookup
	case "none":
		return nil
	}
	off := strings.Split(value, ",")
	return func(name string) (native.Command, bool) {
		for _, o := range off {
			if strings.TrimPrefix(o, "-") == name {
				return native.Command{}, false
			}
		}
		return builtins.Lookup(name)
	}
}

// always returns a look-up function that finds a tool, and what another one finds. A tool stands
// in for no program: the file of its name is this program, and would be executed for ever.
func always(tool string,
	rest func(string) (native.Command, bool)) func(string) (native.Command, bool) {
	return func(name string) (native.Command, bool) {
		switch {
		case name == tool:
			return builtins.Lookup(name)
		case rest == nil:
			return native.Command{}, false
		}
		return rest(name)
	}
}

// filesNatives are the natives by which the embedded scripts find and start one another.
// The scripts are in no file, and the system's tools of these names would look for files.
var filesNatives = [...]string{"realpath", "env", "setsid", "unshare"}

// embeddedNeeds returns the first of filesNatives that is turned off, and whether there is
// one.
func (p *program) embeddedNeeds() (name string, missing bool) {
	for _, name := range filesNatives {
		if p.process.Lookup == nil {
			return name, true
		}
		if _, ok := p.process.Lookup(name); !ok {
			return name, true
		}
	}
	return "", false
}

// listNatives prints a line for each native that is not turned off: its name and its
// purpose.
func (p *program) listNatives(w io.Writer) int {
	var list strings.Builder
	for _, c := range builtins.Commands() {
		if p.process.Lookup == nil {
			break
		}
		if _, on := p.process.Lookup(c.Name); on {
			fmt.Fprintf(&list, "%-16s %s\n", c.Name, c.About)
		}
	}
	if _, err := io.WriteString(w, list.String()); err != nil {
		fmt.Fprintf(os.Stderr, "overlay-sh: write error: %s\n", clib.Strerror(err))
		return 1
	}
	return 0
}
