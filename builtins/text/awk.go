package text

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
	"overlayboot/builtins/text/awk"
)

// Awk is awk(1) with the behavior of mawk 1.3.4, the default awk of Debian 12. Characters are
// bytes in every locale.
func Awk(c *native.Call) int {
	r := &awkRequest{Call: c}
	if status, done := r.options(); done {
		return status
	}
	program, err := awk.Parse(r.text)
	if err != nil {
		return r.handOver(err)
	}
	return program.Run(r.config())
}

// handOver leaves the program to the system's awk. A program that was read from standard input
// is gone from there, so it becomes an argument.
func (r *awkRequest) handOver(err error) int {
	switch {
	case !r.readStdin:
		return r.Unsupported("program: %v", err)
	case r.System == nil:
		r.Errorf("%v", err)
		return 2
	}
	argv := []string{r.Args[0]}
	for _, v := range r.vars {
		argv = append(argv, "-v", v)
	}
	argv = append(append(argv, "--", r.text), r.operands...)
	return r.Run(argv, r.Stdin, r.Stdout, r.Stderr)
}

// An awkRequest is one invocation of awk(1).
type awkRequest struct {
	*native.Call
	text      string
	files     []string
	vars      []string
	operands  []string
	readStdin bool
}

var awkOptions = [...]native.Option{{Key: 'F', Arg: native.NeedArg},
	{Key: 'v', Arg: native.NeedArg}, {Key: 'f', Arg: native.NeedArg}}

func (r *awkRequest) options() (status int, done bool) {
	opts, operands, problem := r.Call.Options(awkOptions[:], native.OperandsLast)
	if problem != "" {
		return r.Unsupported("%s", problem), true
	}
	for _, o := range opts {
		switch o.Key {
		case 'f':
			r.files = append(r.files, o.Value)
		case 'F':
			r.vars = append(r.vars, "FS="+o.Value)
		case 'v':
			name, _, ok := strings.Cut(o.Value, "=")
			if !ok || !awk.IsName(name) {
				return r.Unsupported("option '-v %s'", o.Value), true
			}
			r.vars = append(r.vars, o.Value)
		}
	}
	for _, v := range r.vars {
		if sep, ok := strings.CutPrefix(v, "FS="); ok && !awk.IsSeparator(sep) {
			return r.Unsupported("separator '%s'", sep), true
		}
	}
	if len(r.files) == 0 {
		if len(operands) == 0 {
			return r.Unsupported("no program"), true
		}
		r.text, r.operands = operands[0], operands[1:]
		return 0, false
	}
	r.operands = operands
	return r.readProgram()
}

// readProgram reads the files of -f.
func (r *awkRequest) readProgram() (status int, done bool) {
	var text strings.Builder
	for _, name := range r.files {
		b, err := r.readFile(name)
		if err != nil {
			r.Errorf("cannot open %s (%s)", name, clib.Strerror(err))
			return 2, true
		}
		text.Write(b)
		text.WriteByte('\n')
	}
	r.text = text.String()
	return 0, false
}

func (r *awkRequest) readFile(name string) ([]byte, error) {
	if name == "-" || name == "/dev/stdin" {
		r.readStdin = true
		return io.ReadAll(r.Stdin)
	}
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}

func (r *awkRequest) config() *awk.Config {
	return &awk.Config{Name: r.Name(), Vars: r.vars, Args: r.operands, Env: r.Env,
		Stdin: r.Stdin, Stdout: r.Stdout, Stderr: r.Stderr, ErrorText: clib.Strerror,
		Open: r.openAny, Shell: r.awkShell, Pipe: r.Watch}
}

func (r *awkRequest) openAny(name string, flags int, perm os.FileMode) (io.ReadWriteCloser, error) {
	if flags == os.O_RDONLY {
		f, err := r.Open(name)
		if err != nil {
			return nil, err
		}
		return readOnly{f}, nil
	}
	return r.OpenFile(name, flags, uint32(perm))
}

// readOnly is a file that is not open for writing.
type readOnly struct{ io.ReadCloser }

func (readOnly) Write([]byte) (int, error) { return 0, unix.EBADF }

// awkShell runs a command of the program. It uses the calling shell if there is one.
func (r *awkRequest) awkShell(name, command string, in io.Reader, out io.Writer) int {
	if r.System != nil {
		ended := r.System(name, command, in, out, r.Stderr)
		if ended.Signal != 0 {
			return 256 + ended.Signal
		}
		return ended.Status
	}
	child := exec.Command("/bin/sh", "-c", command)
	child.Args[0] = name
	child.Env = r.Env
	child.Stdin, child.Stdout, child.Stderr = in, out, r.Stderr
	status, err := native.InDirectory(r.Dir, func() int {
		if err := child.Run(); err != nil && child.ProcessState == nil {
			return 127
		}
		return exitOf(child.ProcessState)
	})
	if err != nil {
		return 127
	}
	return status
}

func exitOf(state *os.ProcessState) int {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 256 + int(ws.Signal())
	}
	return state.ExitCode()
}
