package subhost

import (
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/condition"
	"overlayboot/builtins/files"
	"overlayboot/builtins/mount"
	"overlayboot/builtins/native"
	"overlayboot/builtins/text"
)

// The exit statuses of overlay-below for a command that did not run, as in chroot(1).
const (
	belowFailed  = 125
	belowUnknown = 127
)

// A belowCommand is a command that overlay-below can run. Other native commands are left out:
// they make no sense below a root, or they run or search for programs.
type belowCommand struct {
	name string
	run  func(*native.Call) int
	// onMounts marks a command that changes or shows mounts: it acts in the mount namespace of
	// the caller.
	onMounts bool
}

// belowCommands lists them all. "test" and "[" are built-in utilities of the shell elsewhere.
var belowCommands = [...]belowCommand{
	{name: "[", run: runTestBelow}, {name: "cat", run: text.Cat}, {name: "chmod", run: files.Chmod},
	{name: "chown", run: files.Chown}, {name: "cp", run: files.Cp}, {name: "cut", run: text.Cut},
	{name: "grep", run: text.Grep}, {name: "head", run: text.Head}, {name: "ln", run: files.Ln},
	{name: "mkdir", run: files.Mkdir}, {name: "mkfifo", run: files.Mkfifo},
	{name: "mknod", run: files.Mknod}, {name: "mount", run: mount.Mount, onMounts: true},
	{name: "mountpoint", run: mount.Mountpoint, onMounts: true}, {name: "mv", run: files.Mv},
	{name: "overlay-reaper", run: Reaper}, {name: "readlink", run: files.Readlink},
	{name: "realpath", run: files.Realpath}, {name: "rm", run: files.Rm},
	{name: "rmdir", run: files.Rmdir}, {name: "sed", run: text.Sed}, {name: "sort", run: text.Sort},
	{name: "tail", run: text.Tail}, {name: "tee", run: text.Tee}, {name: "test", run: runTestBelow},
	{name: "touch", run: files.Touch}, {name: "umount", run: mount.Umount, onMounts: true},
	{name: "uniq", run: text.Uniq}, {name: "wc", run: text.Wc},
}

// Below is "overlay-below ROOT COMMAND [ARG...]": it runs a native command with ROOT as its
// root and current directory. So a symbolic link that somebody has planted inside cannot lead
// out of ROOT. The caller's own root applies to the name ROOT itself. See native.BelowRoot.
//
// "overlay-below ROOT -" runs the commands on standard input, one per line, until one fails;
// wordLines has the syntax of a line. These commands have an empty standard input.
func Below(c *native.Call) int {
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
			c.Errorf("cannot read commands: %s", clib.Strerror(err))
			return belowFailed
		}
		reader := *c
		reader.Stdin, c = strings.NewReader(""), &reader
	}
	commands, status := findBelow(c, list)
	if status != 0 {
		return status
	}
	return runAllBelow(c, c.Args[1], commands)
}

// findBelow looks up the commands of all lines, before any of them runs.
func findBelow(c *native.Call, list [][]string) (commands []belowLine, status int) {
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
func runAllBelow(c *native.Call, root string, commands []belowLine) int {
	dir, err := openRoot(c, root)
	if err != nil {
		c.Errorf("cannot use %s as a root: %s", native.QuoteName(root), clib.Strerror(err))
		return belowFailed
	}
	defer dir.Close()
	status := 0
	for len(commands) > 0 && status == 0 {
		if commands, status, err = runOnThread(c, int(dir.Fd()), commands); err != nil {
			c.Errorf("cannot use %s as a root: %s", native.QuoteName(root), clib.Strerror(err))
		}
	}
	return status
}

// runOnThread runs commands until one fails, or until the thread has a mount namespace of its
// own, in which it cannot run the rest.
func runOnThread(c *native.Call, dir int, commands []belowLine) (
	rest []belowLine, status int, err error) {
	b := native.NewBelowRoot(c, slices.ContainsFunc(commands,
		func(l belowLine) bool { return l.name == "chown" }))
	defer b.Close()
	native.OnThread(func() {
		defer b.Leave()
		for len(commands) > 0 && status == 0 && !b.Apart {
			kind := commands[0].onMounts
			if status, err = belowFailed, b.Enter(dir, kind); err != nil {
				return
			}
			for status = 0; len(commands) > 0 && commands[0].onMounts == kind && status == 0; {
				status = run(b, c, commands[0].args, commands[0].belowCommand)
				commands = commands[1:]
			}
		}
	})
	return commands, status, err
}

// openRoot opens the future root directory with O_PATH.
func openRoot(c *native.Call, name string) (*os.File, error) {
	return c.OpenFile(name, unix.O_PATH|unix.O_DIRECTORY, 0)
}

// run runs the command on the thread that has entered the root. It passes on nothing of the
// caller's that is a file name or leads to one.
func run(b *native.BelowRoot, c *native.Call, args []string, command belowCommand) int {
	inner := &native.Call{Args: args, Env: c.Env, Dir: unix.AT_FDCWD, NetNS: c.NetNS,
		Stdin: c.Stdin, Stdout: c.Stdout, Stderr: c.Stderr, Below: b}
	status := command.run(inner)
	if status == native.Unsupported {
		inner.Errorf("%s is not supported below a root", inner.Lacks)
		return 2
	}
	return status
}

// runTestBelow is test(1). It has no access to the shell's open files and scripts.
func runTestBelow(c *native.Call) int {
	status, err := condition.Test(c.Args, belowTest{})
	if err != nil {
		c.Errorf("%s", strings.TrimPrefix(err.Error(), c.Args[0]+": "))
	}
	return status
}

// belowTest gives test its view below a root: only files by their names.
type belowTest struct{}

func (belowTest) DirFD() int              { return unix.AT_FDCWD }
func (belowTest) IsScript(string) bool    { return false }
func (belowTest) OSFile(int) (int, bool)  { return -1, false }
func (belowTest) Path(name string) string { return name }
