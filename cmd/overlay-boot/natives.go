package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"overlayboot/builtins"
)

// nativesVar is the environment variable that turns native commands off, for
// debugging and comparison: "none", or names to leave out, separated by commas.
const nativesVar = "OVERLAY_NATIVES"

// natives returns the look-up of native commands.
func natives(env []string) func(string) (builtins.Command, bool) {
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
	return func(name string) (builtins.Command, bool) {
		for _, o := range off {
			if strings.TrimPrefix(o, "-") == name {
				return builtins.Command{}, false
			}
		}
		return builtins.Lookup(name)
	}
}

// filesNatives are the commands by which the embedded scripts find and start one another,
// although they are in no file: the system's would look for files.
var filesNatives = [...]string{"realpath", "env", "setsid", "unshare"}

// embeddedNeeds returns a native command that the embedded scripts need and that is turned
// off.
func (p *program) embeddedNeeds() (name string, missing bool) {
	for _, name := range filesNatives {
		if p.host.Lookup == nil {
			return name, true
		}
		if _, ok := p.host.Lookup(name); !ok {
			return name, true
		}
	}
	return "", false
}

// listNatives prints each native command that is not turned off, and what it does.
func (p *program) listNatives(w io.Writer) int {
	var list strings.Builder
	for _, c := range builtins.Commands() {
		if p.host.Lookup == nil {
			break
		}
		if _, on := p.host.Lookup(c.Name); on {
			fmt.Fprintf(&list, "%-16s %s\n", c.Name, builtins.About(c.Name))
		}
	}
	if _, err := io.WriteString(w, list.String()); err != nil {
		fmt.Fprintf(os.Stderr, "overlay-sh: write error: %s\n", builtins.Strerror(err))
		return 1
	}
	return 0
}
