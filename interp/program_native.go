package interp

import (
	"io"
	"os"
	"path"
	"sync"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/native"
)

// runHere runs a script or a native command inside this process.
func (s *Shell) runHere(spec *proc.Spec, p program, m mode) int {
	switch {
	case p.kind == script:
		return s.runScript(spec, p, m)
	case p.command.IsShell && spec.Changed() != 0:
		return s.becomeShell(spec)
	case p.command.IsShell:
		return s.nestedShell(spec, m)
	}
	return s.runNative(spec, p, m)
}

// runNative runs a native command.
func (s *Shell) runNative(spec *proc.Spec, p program, m mode) int {
	if p.command.Touches&native.ListsProcesses != 0 && !s.isLast() {
		s.home().standIn() // a list of processes shows the subshell by it
	}
	call := s.newCall(spec)
	if spec.Changed() != 0 { // only to another network, which the native enters itself
		call.NetNS = spec.NetNS()
	}
	status, failure := p.command.Perform(call)
	switch status {
	case native.Unsupported:
		return s.fallBack(call, spec, m)
	case native.NeedsProcess:
		return s.startSelf(spec, m)
	}
	if sig := s.writeSignal(failure); sig != 0 {
		if m == replace || s.isLast() {
			s.endBy(sig)
		} else {
			s.reportSignal(unix.WaitStatus(sig))
		}
		status = 128 + sig
	}
	return s.afterNative(status, m)
}

// A writeWatch remembers the first error of a writer.
type writeWatch struct {
	w   io.Writer
	err error
}

func (w *writeWatch) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

// newCall describes the command of a Spec to a native command.
func (s *Shell) newCall(spec *proc.Spec) *native.Call {
	name := spec.Argv[0]
	return &native.Call{
		Args: spec.Argv, Env: spec.Env, Dir: s.dir, NetNS: -1,
		Own: s.role == aCommand, File: s.fileNumber, WriteSignal: s.writeSignal,
		Stdin: s.files.reader(0), Stdout: s.files.writer(1), Stderr: s.files.writer(2),
		Scripts: s.process.Scripts, Embedded: s.isEmbedded(), Buffers: &s.process.buffers,
		Run: func(argv []string, in io.Reader, out, err io.Writer) int {
			return s.runAs(s.dir, spec.Env, argv, "", nil, [3]any{in, out, err}).Status
		},
		RunAs: func(argv []string, blame string, in io.Reader, out, err io.Writer) native.Ended {
			return s.runAs(s.dir, spec.Env, argv, blame, nil, [3]any{in, out, err})
		},
		RunIn: func(dir int, argv []string, blame string, in io.Reader, out, err io.Writer) native.Ended {
			return s.runAs(dir, spec.Env, argv, blame, nil, [3]any{in, out, err})
		},
		System: func(name, command string, in io.Reader, out, err io.Writer) native.Ended {
			argv, where := []string{name, "-c", command}, &searchPath{"/bin", true}
			return s.runAs(s.dir, spec.Env, argv, "%s: %s", where, [3]any{in, out, err})
		},
		Start:   s.startFor,
		Getent:  s.getent,
		HasTool: func() bool { _, ok := s.process.systemTool(path.Base(name)); return ok },
	}
}

// fileNumber returns the process's file descriptor for the file n of the script.
func (s *Shell) fileNumber(n int) (fd int, ok bool) {
	if n < 0 || s.files.get(n) == nil {
		return -1, false
	}
	fd, err := s.files.get(n).osFD()
	return fd, err == nil
}

// startFor starts a program for a native command that waits for the program itself. The native
// has a process for itself, so the program may take over the shell's files.
func (s *Shell) startFor(argv []string, files []int, edit func(*proc.Spec)) (pid, status int) {
	for n, fd := range files {
		if fd < 0 {
			continue
		}
		fd, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, firstFile)
		if err != nil {
			s.complain("%s: %s", argv[0], clib.Strerror(err))
			return 0, 1
		}
		s.files.put(n, newFile(fd)) // the command may still use the former file
	}
	if files != nil {
		s.files = s.files[:min(len(s.files), len(files))]
	}
	spec := &proc.Spec{Argv: argv, Env: s.environ(), Exe: -1, Dir: s.dir}
	defer spec.Release()
	edit(spec)
	s.lastBg = 0
	status = s.runSpec(spec, s.searchPath(), background)
	return s.lastBg, status
}

// runAs runs a program for a native command, such as awk's system(). The program gets a
// directory, the files, and the environment of the native, which a prefix command may have
// changed. runAs searches the PATH of env, or in. It does not print which signal ended the
// program.
func (s *Shell) runAs(dir int, env, argv []string, blame string, in *searchPath,
	files [3]any,
) native.Ended {
	c := s.sub()
	var copied sync.WaitGroup
	defer copied.Wait() // runs after leave, which closes our end of the pipes
	defer c.leave()
	if dir != s.dir {
		c.closeDir()
		c.dir = dir
		c.dir = c.dupDir()
	}
	c.takeFiles(files, &copied)
	c.willFork()
	defer c.showFiles(argv)()
	c.program = &watchedProgram{blame: blame}
	spec := &proc.Spec{Argv: argv, Env: env, Exe: -1, Dir: c.dir,
		Blame: proc.Blame{Text: blame}}
	defer spec.Release()
	if in == nil {
		in = &searchPath{lookupEnv(env, "PATH"), true}
	}
	c.program.Status = c.runSpec(spec, *in, foreground)
	if c.endedBy.Signaled() {
		c.program.Signal = int(c.endedBy.Signal())
	}
	return c.program.Ended
}

// A watchedProgram is a program of a native command that asks how it ended.
type watchedProgram struct {
	native.Ended
	blame string
}

// takeFiles gives a subshell the files of a native command: files of the shell, files of the
// process, or, through a pipe, a writer of the command.
func (s *Shell) takeFiles(files [3]any, copied *sync.WaitGroup) {
	for n, f := range files {
		if w, ok := f.(io.Writer); ok && n > 0 {
			f = native.Unwatched(w)
		}
		switch file := f.(type) {
		case *openFile:
			file.refs.Add(1)
			s.files.replace(n, file)
		case *os.File:
			if fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, firstFile); err == nil {
				s.files.replace(n, newFile(fd))
			}
		case closedFile:
		case io.Writer:
			if n > 0 {
				s.files.replace(n, copyTo(file, copied))
			}
		}
	}
}

// copyTo returns a pipe whose text a goroutine copies to w; copied waits for the goroutine.
// Without a free pipe it returns nil, a closed file to which each write fails.
func copyTo(w io.Writer, copied *sync.WaitGroup) *openFile {
	r, end, err := pipe()
	if err != nil {
		return nil
	}
	from := os.NewFile(uintptr(r), "pipe")
	copied.Go(func() {
		_, _ = io.Copy(w, from)
		_ = from.Close()
	})
	return newFile(end)
}

// afterNative runs after a program. Behind exec it ends the shell.
func (s *Shell) afterNative(status int, m mode) int {
	if m == foreground {
		s.childEnded()
	}
	if m == replace {
		s.flow = flowExit
		s.exitDone = true // exec does not run the EXIT trap
	}
	return status
}

// fallBack runs the system's tool in place of a native command that lacks something.
func (s *Shell) fallBack(call *native.Call, spec *proc.Spec, m mode) int {
	name := path.Base(call.Args[0])
	found, ok := s.process.systemTool(name)
	if !ok {
		call.Errorf("%s is not supported, and there is no other %s on this system",
			call.Lacks, name)
		return s.afterNative(2, m)
	}
	spec.Argv, spec.Paths = call.Args, []string{found}
	return s.start(spec, m)
}
