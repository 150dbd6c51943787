package admin

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/native"
)

// A lister is one invocation of overlay-list.
type lister struct {
	c                    *native.Call
	pen                  pen
	words                []string
	quiet, json, running bool
	every                time.Duration // of --watch, or 0
	// said is what --watch shows of problems: the screen would hide a message.
	said []string
}

// The keys of the options without a letter.
const (
	keyJSON = native.LongOnly + iota
	keyWatch
	keyRunning
)

func listOptions() []native.Option {
	return []native.Option{{Key: 'q', Long: "quiet"}, {Key: keyJSON, Long: "json"},
		{Key: keyRunning, Long: "running"}, {Key: keyWatch, Long: "watch", Arg: native.OptArg}}
}

const listUsage = "Usage: overlay-list [OPTION]... [NAME|CONF]..."

// List is overlay-list: it lists the subhosts that run, and those that are configured to start
// with the host.
func List(c *native.Call) int {
	opts, words, problem := c.Options(listOptions(), native.Permute)
	if problem != "" {
		return misused(c, listUsage, problem)
	}
	l := &lister{c: c, pen: newPen(c), words: words}
	for _, o := range opts {
		switch o.Key {
		case 'q':
			l.quiet = true
		case keyJSON:
			l.json = true
		case keyRunning:
			l.running = true
		case keyWatch:
			if l.every = interval(o); l.every == 0 {
				return misused(c, listUsage, "--watch="+o.Value+" is no number of seconds")
			}
		}
	}
	switch {
	case slices.Contains(words, ""):
		return misused(c, listUsage, "a name is empty")
	case l.quiet && l.json:
		return misused(c, listUsage, "--quiet and --json exclude each other")
	case l.every == 0:
		text, status := l.once(0)
		return printed(c, text, status)
	case l.json:
		return misused(c, listUsage, "--watch and --json exclude each other")
	}
	return l.watch()
}

// printed prints a text, and returns the status, or that of a failed write.
func printed(c *native.Call, text string, status int) int {
	if _, err := io.WriteString(c.Stdout, text); err != nil {
		return c.WriteError(err)
	}
	return status
}

// misused says what is wrong with a call. The problem is also what a table of options says
// about an option that it does not have.
func misused(c *native.Call, usage, problem string) int {
	c.Lacks = problem
	if strings.HasPrefix(problem, "option ") {
		problem = "unknown " + problem
	}
	c.Errorf("%s\n%s", problem, usage)
	return 2
}

// interval returns the time of --watch, or 0 for a wrong one.
func interval(o native.GivenOption) time.Duration {
	const usual, longest = 2 * time.Second, 24 * 60 * 60
	if !o.Has {
		return usual
	}
	n, err := strconv.ParseFloat(o.Value, 64)
	if err != nil || !(n >= 0.1 && n <= longest) {
		return 0
	}
	return time.Duration(n * float64(time.Second))
}

// once returns the list as a text, and the status. width is that of the terminal, or 0.
func (l *lister) once(width int) (text string, status int) {
	s, err := look()
	if err != nil {
		l.tell(err.Error())
		return "", 1
	}
	list, unknown := s.choose(l.words, workDir(l.c))
	status = l.complain(s, unknown)
	var shown []*subhost
	for _, h := range list {
		if !l.running || h.isUp() {
			shown = append(shown, h)
		}
	}
	switch {
	case l.json:
		return listJSON(shown), status
	case l.quiet:
		var b strings.Builder
		for _, h := range shown {
			b.WriteString(l.pen.text(h.name) + "\n")
		}
		return b.String(), status
	}
	if width == 0 {
		width = terminalWidth(l.c)
	}
	if len(shown) == 0 && len(unknown) > 0 {
		return "", status
	}
	return l.table(shown, width), status
}

// complain says what could not be found or read, and returns the status.
func (l *lister) complain(s *survey, unknown []string) (status int) {
	for _, p := range s.problems {
		l.tell(p)
		status = 1
	}
	for _, word := range unknown {
		l.tell(word + " is neither a configuration file nor the name of a subhost")
		status = 1
	}
	return status
}

// tell prints a message, or keeps it for the next screen.
func (l *lister) tell(message string) {
	if message = l.pen.text(message); l.every == 0 {
		l.c.Errorf("%s", message)
		return
	}
	l.said = append(l.said, message)
}

// workDir returns the directory at which relative paths start.
func workDir(c *native.Call) string {
	if dir, err := c.Canonical(".", 0, false); err == nil {
		return dir
	}
	return "/"
}

// terminalWidth returns the width of the terminal that is standard output, 0 for none.
func terminalWidth(c *native.Call) int {
	width, _ := terminalSize(c)
	return width
}

func terminalSize(c *native.Call) (width, height int) {
	fd := native.FD(native.Unwatched(c.Stdout))
	size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	if err != nil {
		return 0, 0
	}
	width, height = int(size.Col), int(size.Row)
	if width == 0 { // a serial line, say
		width, height = 80, 24
	}
	return width, height
}
