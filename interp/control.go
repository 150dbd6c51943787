package interp

import (
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/handover"
)

// flow says how control leaves the commands being run.
type flow uint8

const (
	flowNone flow = iota
	flowBreak
	flowContinue
	flowReturn
	flowExit
)

// A control is where a shell is in its commands.
type control struct {
	status int // $?

	context   string  // built-in or dot script that messages name
	src       *origin // of the commands being run
	line      int     // LINENO of the command being run
	inputLine int     // the line up to which commands have been read

	flow       flow
	flowCount  int  // levels of break and continue left; 1 for a return with a status
	postponed  flow // until a simple command has been run
	trapStatus *int // $? before the trap being run, for exit
	loopDepth  int
	funcDepth  int
	dotDepth   int
	// nested counts the texts that are being run inside each other.
	nested   int
	tested   int  // >0: the status is tested, errexit does not act
	exitDone bool // the EXIT trap has been run
	returned bool // return, and not exit, ends the shell
	failed   bool // an error, and not exit, ends the shell

	// calls, loops, redirected and reading say where the shell is in its commands, for
	// another process that goes on there (dormant.go).
	calls      []activation
	loops      []loop
	redirected [][]undone // what commands around this one have redirected
	reading    reading
	script     *openFile // from which what follows that is read
	errand     errand
	outside    string // the context around the built-in being run

	running     *syntax.CallExpr // the simple command being run
	hadSubst    bool
	substStatus int  // of the last command substitution
	tracing     bool // expanding PS4
	quiet       bool // errors are not to be written
}

// fork returns the control of a subshell, which starts where the shell is.
func (c *control) fork() control {
	f := *c
	f.flow, f.flowCount, f.postponed, f.trapStatus = flowNone, 0, flowNone, nil
	f.exitDone, f.returned, f.failed = false, false, false
	f.running, f.hadSubst, f.substStatus = nil, false, 0
	f.calls, f.loops, f.redirected, f.reading = nil, nil, nil, reading{}
	f.script, f.errand, f.outside = nil, errand{}, ""
	return f
}

// encode writes the control for another process, which gets the commands as a text with
// the numbers of its lines. What is nested there begins anew.
func (c *control) encode(w *handover.Writer) {
	w.Text(c.context)
	for _, n := range [...]int{
		c.status, c.loopDepth, c.funcDepth, c.dotDepth, c.tested,
	} {
		w.Number(n)
	}
	w.Flag(c.tracing)
}

func (c *control) decode(r *handover.Reader) {
	c.context = r.Text()
	for _, n := range [...]*int{
		&c.status, &c.loopDepth, &c.funcDepth, &c.dotDepth, &c.tested,
	} {
		*n = r.Number()
	}
	c.tracing = r.Flag()
}
