package interp

import (
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/handover"
)

// Children are what a shell knows of the processes that it has started.
type children struct {
	jobs   jobTable
	lastBg int  // $!, 0: none
	forked bool // something has run that dash waits for, and collects jobs meanwhile

	program *watchedProgram // which a native command runs, or nil
}

// fork returns the children of a subshell: none, but $! is as before.
func (c *children) fork() children { return children{lastBg: c.lastBg} }

func (c *children) encode(w *handover.Writer) { w.Number(c.lastBg) }

func (c *children) decode(r *handover.Reader) { c.lastBg = r.Number() }

// A console is a shell's part in job control.
type console struct {
	jobControl bool // option -m is on and there is a terminal
	terminal   terminal
	isStage    bool         // of a pipeline in the background: standard input is set up
	groupOf    int          // process that leads the group which a stage joins, 0: none
	warned     int          // >0: the user knows of stopped jobs
	simple     *syntax.Stmt // the command being run, under job control
}

// fork returns the console of a subshell, which has no part in job control. One that
// is to be a process is put into a group by the shell that starts it.
func (c *console) fork() console { return console{terminal: c.terminal} }
