package interp

import (
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
)

// children holds what a shell knows of the processes that it started.
type children struct {
	jobs   jobTable
	lastBg int  // $!, 0 for none
	forked bool // dash would have waited for a process, and collected ended jobs meanwhile

	program *watchedProgram // run by a native command, or nil
}

// fork returns the children of a subshell, which has no jobs and the same $!.
func (c *children) fork() children { return children{lastBg: c.lastBg} }

func (c *children) encode(w *handover.Writer) { w.Number(c.lastBg) }

func (c *children) decode(r *handover.Reader) { c.lastBg = r.Number() }

// A console holds the part of a shell in job control.
type console struct {
	jobControl bool // option -m is on and there is a terminal
	terminal   terminal
	isStage    bool         // a stage of a background pipeline: standard input is set up already
	groupOf    int          // the leader of the process group that a stage joins, 0 for none
	warned     int          // >0: the user has been warned of stopped jobs
	simple     *syntax.Stmt // the command being run, under job control
}

// fork returns the console of a subshell, which has no part in job control. The shell that
// starts a process for a subshell puts that process into a process group.
func (c *console) fork() console { return console{terminal: c.terminal} }
