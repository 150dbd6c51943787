package layer

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

const diffUsage = "Usage: overlay-diff [OPTION]... NAME|CONF [PATH]..."

// The keys of the options that have no letter.
const (
	keyJSON = native.LongOnly + iota
	keyExitCode
	keyRestore
	keyBackup
	keyDryRun
)

var diffOptions = [...]native.Option{
	{Key: '0', Long: "null"}, {Key: 's', Long: "stat"}, {Key: 'u', Long: "text"},
	{Key: keyJSON, Long: "json"}, {Key: 't', Long: "times"}, {Key: keyExitCode, Long: "exit-code"},
}

// The exit statuses with --exit-code are those of diff(1).
const (
	statusDiffers = 1
	statusTrouble = 2
)

// A report prints changes, in the order in which they are found.
type report interface {
	change(c *Change) error
	end() error
	// below reports whether each path below a removed directory matters.
	below() bool
}

// diffCall is a call of overlay-diff.
type diffCall struct {
	*native.Call
	out      *bufio.Writer
	form     rune // the key of the option for the form, or 0
	times    bool
	exitCode bool
	differs  bool
}

// Diff is "overlay-diff [OPTION]... NAME|CONF [PATH]...": it shows what the upper directory of a
// subhost adds to the lower directory, changes in it and removes from it.
func Diff(c *native.Call) int {
	d := diffCall{Call: c}
	opts, operands, problem := c.Options(diffOptions[:], native.Permute)
	if problem != "" {
		problem = unknown(problem)
	} else {
		problem = d.read(opts)
	}
	switch {
	case problem != "":
	case len(operands) == 0 || operands[0] == "":
		problem = "which subhost?"
	case slices.Contains(operands, ""):
		problem = "a path is empty"
	}
	if problem != "" {
		return wrong(c, problem, diffUsage)
	}
	p, err := find(c, operands[0])
	if err == nil {
		err = p.locate()
	}
	if err == nil {
		err = d.show(p, inside(operands[1:]))
	}
	switch {
	case err != nil && !d.exitCode:
		c.Errorf("%v", err)
		return 1
	case err != nil:
		c.Errorf("%v", err)
		return statusTrouble
	case d.exitCode && d.differs:
		return statusDiffers
	}
	return 0
}

// DiffUnwritten is for an output that cannot be written.
func DiffUnwritten(c *native.Call, err error, _ bool) int {
	c.Errorf("write error: %s", clib.Strerror(err))
	opts, _, _ := c.Options(diffOptions[:], native.Permute)
	isExitCode := func(o native.GivenOption) bool { return o.Key == keyExitCode }
	if slices.ContainsFunc(opts, isExitCode) {
		return statusTrouble
	}
	return 1
}

// unknown completes what Options says about an option.
func unknown(problem string) string {
	if strings.Contains(problem, "without") {
		return problem
	}
	return "unknown " + problem
}

// wrong says what is wrong with a call, and how to call the command.
func wrong(c *native.Call, problem, usage string) int {
	c.Lacks = strings.TrimPrefix(problem, "unknown ") // or the table of options, if that was asked
	c.Errorf("%s", problem)
	fmt.Fprintln(c.Stderr, usage)
	return 2
}

// read reads the options, and returns what is wrong with them.
func (d *diffCall) read(opts []native.GivenOption) (problem string) {
	for _, o := range opts {
		switch o.Key {
		case 't':
			d.times = true
		case keyExitCode:
			d.exitCode = true
		case '0', 's', 'u', keyJSON:
			if d.form != 0 && d.form != o.Key {
				return "only one of --null, --stat, --text and --json can be given"
			}
			d.form = o.Key
		default:
			return unknown(o.Named())
		}
	}
	return ""
}

// show prints the changes of a subhost.
func (d *diffCall) show(p *place, only []string) error {
	layers, err := p.open()
	if err != nil {
		return err
	}
	defer layers.Close()
	d.out = d.Buffered()
	r := d.report(layers)
	missing, err := layers.Walk(Options{Times: d.times, Below: r.below(), Only: only},
		func(c *Change) error {
			d.differs = true
			return r.change(c)
		})
	if err == nil {
		err = r.end()
	}
	if flushErr := d.out.Flush(); err == nil {
		err = flushErr
	}
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("%s is in neither directory; links are not followed",
			quotePath("/"+missing[0]))
	}
	return err
}

// report returns the report of the form that was asked for.
func (d *diffCall) report(l *Layers) report {
	switch d.form {
	case 's':
		return &statReport{out: d.out}
	case 'u':
		return &textReport{out: d.out}
	case keyJSON:
		return &jsonReport{out: d.out}
	}
	return &lineReport{out: d.out, null: d.form == '0'}
}

// A lineReport prints a line for each change.
type lineReport struct {
	out  *bufio.Writer
	null bool
}

func (r *lineReport) change(c *Change) error {
	if r.null {
		_, err := fmt.Fprintf(r.out, "%c /%s\x00", c.Kind, c.Path)
		return err
	}
	_, err := fmt.Fprintf(r.out, "%c %s\n", c.Kind, quotePath("/"+c.Path))
	return err
}

func (r *lineReport) end() error  { return nil }
func (r *lineReport) below() bool { return false }

// size returns the size of the content of a file; only regular files have one.
func size(n *Node) int64 {
	if n == nil || n.Type() != unix.S_IFREG {
		return 0
	}
	return n.Stat.Size
}
