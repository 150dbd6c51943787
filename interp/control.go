package interp

import (
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
)

// flow says how control leaves the running commands.
type flow uint8

const (
	flowNone flow = iota
	flowBreak
	flowContinue
	flowReturn
	flowExit
)

// A control holds the position of a shell in its commands.
type control struct {
	status int // $?

	context   string  // the built-in or dot script that messages name
	src       *origin // the origin of the running commands
	line      int     // LINENO of the running command
	inputLine int     // the last line that the parser has read

	flow       flow
	flowCount  int  // levels of break and continue that are left; 1 for a return with a status
	postponed  flow // put off until a simple command has run
	trapStatus *int // $? before the running trap action, for exit
	loopDepth  int
	funcDepth  int
	dotDepth   int
	// nested counts the texts that run inside each other.
	nested   int
	tested   int  // >0: the status is tested, and errexit does not act
	exitDone bool // the EXIT trap has run
	returned bool // return ends the shell, and not exit
	failed   bool // an error ends the shell, and not exit

	// calls, loops, redirected and reading hold the position for another process that continues
	// the commands (dormant.go).
	calls      []activation
	loops      []loop
	redirected [][]undone // files that the redirections around this command have replaced
	reading    reading
	script     *openFile // the file with the text behind the position
	errand     errand
	outside    string // the context around the running built-in

	running     *syntax.CallExpr // the running simple command
	hadSubst    bool
	substStatus int  // the status of the last command substitution
	tracing     bool // the shell expands PS4
	quiet       bool // the shell prints no errors
}

// fork returns the control of a subshell, which starts at the position of the shell.
func (c *control) fork() control {
	f := *c
	f.flow, f.flowCount, f.postponed, f.trapStatus = flowNone, 0, flowNone, nil
	f.exitDone, f.returned, f.failed = false, false, false
	f.running, f.hadSubst, f.substStatus = nil, false, 0
	f.calls, f.loops, f.redirected, f.reading = nil, nil, nil, reading{}
	f.script, f.errand, f.outside = nil, errand{}, ""
	return f
}

// encode writes the control for another process. That process gets its commands as text with
// line numbers, so nesting begins anew there.
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
