package builtins

import (
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/interp/text"
)

// Exit statuses of overlay-below where its command did not run, as those of chroot(1).
const (
	belowFailed  = 125
	belowUnknown = 127
)

// A belowCommand is a command that overlay-below runs. It has no use for others: what they
// do has no place below a root, or they run or look for programs.
type belowCommand struct {
	name string
	run  func(*Call) int
	// onMounts is for commands that change or tell mounts: they act in the mount namespace
	// of the caller.
	onMounts bool
}

// belowCommands lists all. The words of test are the shell's own elsewhere.
var belowCommands = [...]belowCommand{
	{name: "[", run: runTestBelow}, {name: "cat", run: runCat}, {name: "chmod", run: runChmod},
	{name: "chown", run: runChown}, {name: "cp", run: runCp}, {name: "cut", run: runCut},
	{name: "grep", run: runGrep}, {name: "head", run: runHead}, {name: "ln", run: runLn},
	{name: "mkdir", run: runMkdir}, {name: "mkfifo", run: runMkfifo},
	{name: "mknod", run: runMknod}, {name: "mount", run: runMount, onMounts: true},
	{name: "mountpoint", run: runMountpoint, onMounts: true}, {name: "mv", run: runMv},
	{name: "overlay-reaper", run: runReaper}, {name: "readlink", run: runReadlink},
	{name: "realpath", run: runRealpath}, {name: "rm", run: runRm},
	{name: "rmdir", run: runRmdir}, {name: "sed", run: runSed}, {name: "sort", run: runSort},
	{name: "tail", run: runTail}, {name: "tee", run: runTee}, {name: "test", run: runTestBelow},
	{name: "touch", run: runTouch}, {name: "umount", run: runUmount, onMounts: true},
	{name: "uniq", run: runUniq}, {name: "wc", run: runWc},
}

// runBelow is "overlay-below ROOT COMMAND [ARG...]": it runs a native command with ROOT as
// its root and current directory, so that links which somebody inside has planted lead to
// what is below ROOT. ROOT itself is a name for the caller. See belowRoot.
//
// "overlay-below ROOT -" runs the commands on standard input, one in each line, until one
// fails; see wordLines for how they are written. They have nothing to read.
func runBelow(c *Call) int {
	if len(c.Args) < 3 {
		c.Errorf("usage: overlay-below ROOT COMMAND [ARG...], or - to read commands")
		return belowFailed
	}
	list := [][]string{c.Args[2:]}
	if len(c.Args) == 3 && c.Args[2] == "-" {
		input, err := io.ReadAll(c.Stdin)
		if err == nil {
			list, err = wordLines(string(input))
		}
		if err != nil {
			c.Errorf("cannot read commands: %s", Strerror(err))
			return belowFailed
		}
		reader := *c
		reader.Stdin, c = strings.NewReader(""), &reader
	}
	commands, status := c.findBelow(list)
	if status != 0 {
		return status
	}
	return c.runAllBelow(c.Args[1], commands)
}

// findBelow looks for the commands of all lines, before any of them is run.
func (c *Call) findBelow(list [][]string) (commands []belowLine, status int) {
	for _, args := range list {
		i := slices.IndexFunc(belowCommands[:], func(b belowCommand) bool { return b.name == args[0] })
		if i < 0 {
			c.Errorf("%s is no command that can run below a root; "+
				"overlay-below starts no programs", args[0])
			return nil, belowUnknown
		}
		commands = append(commands, belowLine{belowCommands[i], args})
	}
	return commands, 0
}

// A belowLine is one invocation of a command.
type belowLine struct {
	belowCommand
	args []string
}

// runAllBelow runs commands until one fails.
func (c *Call) runAllBelow(root string, commands []belowLine) int {
	dir, err := c.openRoot(root)
	if err != nil {
		c.Errorf("cannot use %s as a root: %s", quoteName(root), Strerror(err))
		return belowFailed
	}
	defer dir.Close()
	status := 0
	for len(commands) > 0 && status == 0 {
		if commands, status, err = c.runOnThread(int(dir.Fd()), commands); err != nil {
			c.Errorf("cannot use %s as a root: %s", quoteName(root), Strerror(err))
		}
	}
	return status
}

// runOnThread runs commands until one fails, or the thread cannot run the rest, since it has
// other mounts.
func (c *Call) runOnThread(dir int, commands []belowLine) (rest []belowLine, status int, err error) {
	b := newBelowRoot(c, slices.ContainsFunc(commands, func(l belowLine) bool { return l.name == "chown" }))
	defer b.close()
	onThread(func() {
		defer b.leave()
		for len(commands) > 0 && status == 0 && !b.apart {
			kind := commands[0].onMounts
			if status, err = belowFailed, b.enter(dir, kind); err != nil {
				return
			}
			for status = 0; len(commands) > 0 && commands[0].onMounts == kind && status == 0; {
				status = b.run(c, commands[0].args, commands[0].belowCommand)
				commands = commands[1:]
			}
		}
	})
	return commands, status, err
}

// openRoot opens the directory that is to be a root, without reading it.
func (c *Call) openRoot(name string) (*os.File, error) {
	return c.OpenFile(name, unix.O_PATH|unix.O_DIRECTORY, 0)
}

// run runs the command on the thread that has entered the root. Nothing of the caller's
// goes with it that is a name or leads to one.
func (b *belowRoot) run(c *Call, args []string, command belowCommand) int {
	inner := &Call{Args: args, Env: c.Env, Dir: unix.AT_FDCWD, NetNS: c.NetNS,
		Stdin: c.Stdin, Stdout: c.Stdout, Stderr: c.Stderr, below: b}
	status := command.run(inner)
	if status == Unsupported {
		inner.Errorf("%s is not supported below a root", inner.Lacks)
		return 2
	}
	return status
}

// runTestBelow is test(1), which cannot know the files and scripts of the shell here.
func runTestBelow(c *Call) int {
	status, err := text.Test(c.Args, belowTest{})
	if err != nil {
		c.Errorf("%s", strings.TrimPrefix(err.Error(), c.Args[0]+": "))
	}
	return status
}

// belowTest is what test sees below a root: files by their names.
type belowTest struct{}

func (belowTest) DirFD() int              { return unix.AT_FDCWD }
func (belowTest) IsScript(string) bool    { return false }
func (belowTest) OSFile(int) (int, bool)  { return -1, false }
func (belowTest) Path(name string) string { return name }
