package interp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
	"overlayboot/interp/signals"
	"overlayboot/interp/text"
)

// The state of a shell goes to a process of its own as a list of texts, each
// with its length before it: what fork would have copied, and the commands to
// run. Open files, directory, mask and ignored signals are inherited.

// stateVersion guards against a binary that was replaced meanwhile.
const stateVersion = "overlay-sh state 1"

type stateWriter struct{ bytes.Buffer }

func (w *stateWriter) text(s string) {
	w.Write(binary.AppendUvarint(nil, uint64(len(s))))
	w.WriteString(s)
}

func (w *stateWriter) number(n int) { w.Write(binary.AppendVarint(nil, int64(n))) }

func (w *stateWriter) texts(list []string) {
	w.number(len(list))
	for _, s := range list {
		w.text(s)
	}
}

func (w *stateWriter) table(table map[string]string) {
	w.number(len(table))
	for name, value := range table {
		w.text(name)
		w.text(value)
	}
}

func (w *stateWriter) traps(traps map[int]string) {
	w.number(len(traps))
	for n, action := range traps {
		w.number(n)
		w.text(action)
	}
}

// save writes the shell's state and the command st.
func (s *Shell) save(st *syntax.Stmt) []byte {
	var w stateWriter
	w.text(stateVersion)
	w.text(s.name)
	w.text(s.context)
	w.text(s.pwd)
	w.texts(s.params)
	for _, n := range [...]int{
		int(s.opts), s.pid, s.lastBg, s.status, s.funcDepth, s.loopDepth, s.tested,
		int(s.hardIgnored), // what is ignored beside these, a trap can change
	} {
		w.number(n)
	}
	names := s.names()
	w.number(len(names))
	for _, name := range names {
		v := s.vars.get(name)
		w.text(name)
		w.text(v.value)
		w.text(v.marks())
	}
	w.number(len(s.funcs))
	for name, f := range s.funcs {
		body, line := f.src.Commands([]*syntax.Stmt{f.body})
		w.text(name)
		w.number(line)
		w.text(body)
	}
	w.table(s.aliases)
	w.table(s.hash)
	w.number(s.getopts.Index)
	w.number(s.getopts.Offset)
	w.traps(s.traps)
	w.traps(s.outerTraps)
	body, line := s.src.Commands(listOf(st))
	w.number(line)
	w.text(body)
	return w.Bytes()
}

func (v variable) marks() string {
	marks := ""
	for _, m := range [...]struct {
		on   bool
		mark string
	}{{v.set, "s"}, {v.export, "x"}, {v.readonly, "r"}} {
		if m.on {
			marks += m.mark
		}
	}
	return marks
}

// listOf is the command itself, or the list that blockOf made one command of.
func listOf(st *syntax.Stmt) []*syntax.Stmt {
	if b, ok := st.Cmd.(*syntax.Block); ok && !b.Lbrace.IsValid() {
		return b.Stmts
	}
	return []*syntax.Stmt{st}
}

type stateReader struct {
	r   *bytes.Reader
	err error
}

func (r *stateReader) text() string {
	n, err := binary.ReadUvarint(r.r)
	if err != nil || n > uint64(r.r.Len()) {
		r.err = io.ErrUnexpectedEOF
		return ""
	}
	buf := make([]byte, n)
	io.ReadFull(r.r, buf)
	return string(buf)
}

func (r *stateReader) number() int {
	n, err := binary.ReadVarint(r.r)
	if err != nil {
		r.err = io.ErrUnexpectedEOF
	}
	return int(n)
}

func (r *stateReader) texts() []string {
	list := make([]string, 0, 8)
	for n := r.number(); n > 0 && r.err == nil; n-- {
		list = append(list, r.text())
	}
	return list
}

func (r *stateReader) table(table map[string]string) {
	for n := r.number(); n > 0 && r.err == nil; n-- {
		name := r.text()
		table[name] = r.text()
	}
}

func (r *stateReader) traps() map[int]string {
	traps := map[int]string{}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		sig := r.number()
		traps[sig] = r.text()
	}
	return traps
}

// Resume runs the command of a saved state in this process, which was started
// for it, and returns the exit status.
func Resume(host *Host, state []byte) (int, error) {
	r := &stateReader{r: bytes.NewReader(state)}
	if r.text() != stateVersion {
		return 2, errors.New("the saved state is of another version of this program")
	}
	signals.BeShell()
	s := New(host, nil)
	s.vars = newVarTable(32)
	s.adoptFiles()
	s.name, s.context, s.pwd, s.params = r.text(), r.text(), r.text(), r.texts()
	s.opts = options(r.number())
	s.pid, s.lastBg, s.status = r.number(), r.number(), r.number()
	s.funcDepth, s.loopDepth, s.tested = r.number(), r.number(), r.number()
	s.hardIgnored = sigset(r.number())
	for n := r.number(); n > 0 && r.err == nil; n-- {
		name, value, marks := r.text(), r.text(), r.text()
		s.store(name, variable{value, strings.Contains(marks, "s"),
			strings.Contains(marks, "x"), strings.Contains(marks, "r")})
	}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		name, line, body := r.text(), r.number(), r.text()
		if err := s.restoreFunction(name, line, body); err != nil {
			return 2, err
		}
	}
	r.table(s.aliases)
	r.table(s.hash)
	s.getopts = text.GetoptsState{Index: r.number(), Offset: r.number()}
	for n, action := range r.traps() {
		s.setTrap(n, action)
	}
	s.outerTraps = r.traps()
	line, body := r.number(), r.text()
	if r.err != nil {
		return 2, r.err
	}
	if s.funcDepth > 0 {
		s.locals = append(s.locals, scope{})
	}
	s.run(&source{text: body, line: line, plain: true})
	return s.leave(), nil
}

func (s *Shell) restoreFunction(name string, line int, body string) error {
	list, src, err := parse.All(body, parse.Config{FirstLine: line})
	if err != nil || len(list) != 1 {
		return errors.Join(errors.New("function "+name+" was not handed over whole"), err)
	}
	s.funcs[name] = &function{body: list[0], src: originOf(src)}
	return nil
}

// adoptFiles takes the descriptors that the process was started with.
func (s *Shell) adoptFiles() {
	for n := range 10 {
		flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0)
		if err != nil || n > 2 && flags&unix.FD_CLOEXEC != 0 {
			continue
		}
		fd := n
		if n > 2 {
			if fd, err = high(n); err != nil {
				continue
			}
		}
		f := newFile(fd)
		if s.files.put(n, f); n <= 2 {
			s.host.real[n] = f
		}
	}
}
