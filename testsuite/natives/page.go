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
)

const head = `.\" Made by "make natives" from the tables of the commands: do not edit.
.Dd November 27, 2026
.Dt OVERLAY-NATIVES 7
.Os
.Sh NAME
.Nm overlay-natives
.Nd options of the native commands of overlay-sh
.Sh DESCRIPTION
The commands that
.Xr overlay-sh 1
has inside, and their options.
.Bl -tag -width Ds
.It native
What the command does itself.
.It falls through
What the tool's help on Debian 12 tells of and the command does not know: the shell
then runs the system's tool, before anything is read or done.
So it does for any other option.
.El
.Pp
On a host without that tool, an option that falls through is refused, with status 2 and
a message that names it.
The value of an option, and an operand, may fall through as well.
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
		fmt.Fprintf(w, ".It Nm %s\n%s.\n", c.Name, sentence(builtins.About(c.Name)))
		native, tool := c.Options(), helpOf(c.Name)
		none := "none"
		switch {
		case len(native) > 0:
		case c.Prefix != nil && c.Run == nil:
			native = taken(c, tool)
		default:
			none, tool = "it reads its arguments without a table of options", nil
		}
		paragraph(w, "native", native, none)
		paragraph(w, "falls through", lacking(native, tool), "")
	}
	fmt.Fprint(w, foot)
}

// taken are the options of a tool that a command takes which runs another.
func taken(c builtins.Command, tool []string) (list []string) {
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

// helpOf lists the options that a tool of this system tells of; where it has two names for
// one, they are together.
func helpOf(name string) (list []string) {
	file, err := exec.LookPath(name)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, file, "--help")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "COLUMNS=80"}
	text, _ := cmd.CombinedOutput() // some leave with an error
	line := regexp.MustCompile(`(?m)^ {1,8}(-[A-Za-z0-9])?(?:[, ]*)(--[a-z][-a-z0-9]*)?`)
	numbered := regexp.MustCompile(`(?m)^.*'th .*$`) // of cut: no options
	for _, m := range line.FindAllStringSubmatch(numbered.ReplaceAllString(string(text), ""), -1) {
		if o := strings.Trim(m[1]+","+m[2], ","); o != "" {
			list = append(list, o)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// lacking are the options of a tool that a native does not have.
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
