package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"overlayboot/builtins"
	"overlayboot/builtins/native"
)

const head = `.\" Made by "make natives" from the tables of the commands: do not edit.
.Dd November 27, 2026
.Dt OVERLAY-NATIVES 7
.Os
.Sh NAME
.Nm overlay-natives
.Nd options of the native commands of overlay-sh
.Sh DESCRIPTION
This page lists the native commands of
.Xr overlay-sh 1 ,
and their options.
.Bl -tag -width Ds
.It native
The native command has these options.
.It falls through
The tool of Debian 12 has these options, and the native command does not.
The shell runs the system's tool for them, before anything is read or done.
The same holds for an option that is in neither list.
.El
.Pp
The system's tool also runs for a value or an operand that the native command does not
support.
On a host without that tool, an option that falls through is refused, with status 2 and
a message that names it.
.Sh COMMANDS
.Bl -tag -width Ds
`

const foot = `.El
.Sh SEE ALSO
.Xr overlay-sh 1
`

// writePage writes the page.
func writePage(w io.Writer) {
	fmt.Fprint(w, head)
	for _, c := range builtins.Commands() {
		if strings.HasPrefix(c.Name, "overlay-") || c.IsShell {
			continue
		}
		fmt.Fprintf(w, ".It Nm %s\n%s.\n", c.Name, sentence(c.About))
		native, tool := c.Options(), helpOf(c.Name)
		none := "none"
		switch {
		case len(native) > 0:
		case c.Prefix != nil && c.Run == nil:
			native = taken(c, tool)
		default:
			none, tool = "its options are not listed here: see the manual of the tool", nil
		}
		paragraph(w, "native", native, none)
		paragraph(w, "falls through", lacking(native, tool), "")
	}
	fmt.Fprint(w, foot)
}

// taken returns those options of a tool that a prefix command handles itself.
func taken(c native.Command, tool []string) (list []string) {
	for _, o := range tool {
		if slices.ContainsFunc(strings.Split(o, ","), c.Takes) {
			list = append(list, o)
		}
	}
	return list
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func paragraph(w io.Writer, title string, options []string, none string) {
	switch {
	case len(options) > 0:
		text := strings.ReplaceAll(strings.Join(options, " "), "-", `\-`)
		fmt.Fprintf(w, ".br\n.Em %s :\n%s\n", title, strings.ReplaceAll(text, ",", ", "))
	case none != "":
		fmt.Fprintf(w, ".br\n.Em %s :\n%s\n", title, none)
	}
}

var (
	optionLine = regexp.MustCompile(`(?m)^ {1,8}(-[A-Za-z0-9])?(?:[, ]*)(--[a-z][-a-z0-9]*)?`)
	// numbered matches lines in the help of cut that describe no option.
	numbered = regexp.MustCompile(`(?m)^.*'th .*$`)
)

// helpOf lists the options in the help of a tool of this system. Two names of one option
// are joined.
func helpOf(name string) (list []string) {
	file, err := exec.LookPath(name)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, file, "--help")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "COLUMNS=80"}
	text, _ := cmd.CombinedOutput() // some tools exit with an error
	lines := numbered.ReplaceAllString(string(text), "")
	for _, m := range optionLine.FindAllStringSubmatch(lines, -1) {
		if o := strings.Trim(m[1]+","+m[2], ","); o != "" {
			list = append(list, o)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// lacking returns the options of a tool that a native does not have.
func lacking(native, tool []string) (list []string) {
	known := map[string]bool{}
	for _, o := range native {
		for _, name := range strings.Split(o, ",") {
			known[name] = true
		}
	}
	for _, o := range tool {
		if !slices.ContainsFunc(strings.Split(o, ","), func(name string) bool { return known[name] }) {
			list = append(list, o)
		}
	}
	return list
}
