package awk

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
)

// An output is a buffered output stream.
type output struct {
	w      io.Writer
	buf    []byte
	err    error
	broken error // error of an earlier write, which the next print reports
	// direct disables the buffer.
	direct bool
}

const outputSize = 32 << 10

func newOutput(w io.Writer) *output { return &output{w: w} }

func (o *output) flush() error {
	if len(o.buf) > 0 && o.err == nil {
		_, o.err = o.w.Write(o.buf)
	}
	o.buf = o.buf[:0]
	return o.err
}

// lost drops the output that could not be written and returns the error.
func (o *output) lost() error {
	err := o.err
	o.buf, o.err = o.buf[:0], nil
	if err != nil {
		o.broken = err
	}
	return err
}

// closed is an output that the program has closed.
type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, syscall.EBADF }

// write appends to a stream. A failed write ends the program.
func (m *machine) write(o *output, s string) {
	if o.broken != nil {
		m.writeFailed(o, o.broken)
	}
	o.buf = append(o.buf, s...)
	if len(o.buf) >= outputSize || o.direct {
		if err := o.flush(); err != nil {
			m.writeFailed(o, err)
		}
	}
}

func (m *machine) writeFailed(o *output, err error) {
	m.diagnose("write failure (" + m.ErrorText(err) + ")")
	m.closeFailed(o, err)
}

// diagnose prints a message and lets the program continue.
func (m *machine) diagnose(text string) {
	_, _ = io.WriteString(m.errors(), m.Name+": "+text+"\n")
}

// closeFailed ends the program because its output is lost.
func (m *machine) closeFailed(o *output, err error) {
	o.lost()
	name := "/dev/stdout"
	for _, s := range m.streams {
		if s.out == o {
			name = s.name
		}
	}
	m.fail("close failed on file " + name + " (" + m.ErrorText(err) + ")")
}

// A stream is a file or a command that the program has opened.
type stream struct {
	name   string
	out    *output
	in     *records
	file   io.Closer
	wait   func() int // waits for a command
	listed int
}

// streamKey returns the key of a stream. mawk keeps streams of different kinds with the same
// name apart.
func streamKey(kind byte, name string) string { return string(kind) + name }

// destination finds or opens the output of a print.
func (m *machine) destination(name string, how byte) *output {
	if how != '|' {
		if name == "/dev/stdout" {
			return m.out
		}
	}
	kind := byte('>')
	if how == '|' {
		kind = '|'
	}
	if s := m.streams[streamKey(kind, name)]; s != nil {
		return s.out
	}
	s := &stream{name: name}
	switch {
	case how == '|':
		m.openCommand(s, name)
	case name == "/dev/stderr":
		s.out = &output{w: m.errors(), direct: true}
	default:
		flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if how == 'a' {
			flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
		}
		f, err := m.Open(name, flags, 0o666)
		if err != nil {
			m.fail("cannot open \"" + name + "\" for output (" + m.ErrorText(err) + ")")
		}
		s.out, s.file = newOutput(f), f
	}
	s.listed = len(m.streams)
	m.streams[streamKey(kind, name)] = s
	return s.out
}

// pipe makes a pipe with two blocking ends, as programs expect.
func pipe() (r, w *os.File, err error) {
	var fds [2]int
	if err = syscall.Pipe2(fds[:], syscall.O_CLOEXEC); err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "pipe"), os.NewFile(uintptr(fds[1]), "pipe"), nil
}

// openCommand starts a command that reads the output of print.
func (m *machine) openCommand(s *stream, command string) {
	m.flushAll()
	r, w, err := pipe()
	if err != nil {
		m.fail("cannot open \"" + command + "\" for output (" + m.ErrorText(err) + ")")
	}
	done := make(chan int, 1)
	go func() {
		status := m.Shell(pipeShell, command, r, m.Stdout)
		_ = r.Close()
		done <- status
	}()
	s.out, s.file, s.wait = newOutput(m.Pipe(w)), w, func() int { return <-done }
}

// errors returns standard error, unless the program has closed it.
func (m *machine) errors() io.Writer {
	if m.noErrors {
		return closed{}
	}
	return m.Stderr
}

// openInput starts a command whose output getline reads.
func (m *machine) openInput(command string) *stream {
	m.flushAll()
	r, w, err := pipe()
	if err != nil {
		m.fail("cannot open \"" + command + "\" for input (" + m.ErrorText(err) + ")")
	}
	done := make(chan int, 1)
	go func() {
		status := m.Shell(pipeShell, command, m.Stdin, w)
		_ = w.Close()
		done <- status
	}()
	return &stream{name: command, in: newRecords(r, 4096, m.rs()), file: r,
		wait: func() int { return <-done }}
}

// flushAll flushes all outputs before a command of the program runs. As in mawk, output that
// cannot be written is dropped. flushAll returns the first error.
func (m *machine) flushAll() (err error) {
	_ = m.out.flush()
	err = m.out.lost()
	for _, s := range m.streams {
		if s.out == nil {
			continue
		}
		_ = s.out.flush()
		if lost := s.out.lost(); err == nil {
			err = lost
		}
	}
	return err
}

// close closes a stream. It returns 0, or the exit status of the command.
func (m *machine) close(s *stream) int {
	status := 0
	if s.out != nil {
		if err := s.out.flush(); err != nil && s.wait == nil {
			m.fail("close failed on file " + s.name + " (" + m.ErrorText(err) + ")")
		}
	}
	if s.file != nil {
		_ = s.file.Close()
	}
	if s.wait != nil {
		status = s.wait()
	}
	return status
}

// closeAll closes the program's outputs and waits for its commands.
func (m *machine) closeAll() bool {
	for key, s := range m.streams {
		delete(m.streams, key)
		m.close(s)
	}
	err := m.out.flush()
	if err == nil {
		if _, lost := m.Stdout.Write(nil); errors.Is(lost, syscall.EBADF) {
			err = lost // closing a closed file fails even if nothing was written
		}
	}
	if _, lost := m.Stderr.Write(nil); err == nil && errors.Is(lost, syscall.EBADF) {
		m.fail("close failed on file /dev/stderr") // this message goes nowhere
	}
	switch {
	case err == nil:
		return true
	case m.out.w == closed{}:
		m.fail("write failure (" + m.ErrorText(err) + ")")
	}
	m.closeFailed(m.out, err)
	return false
}

// abandon closes everything after an error.
func (m *machine) abandon() {
	for key, s := range m.streams {
		delete(m.streams, key)
		if s.out != nil {
			_ = s.out.flush()
		}
		if s.file != nil {
			_ = s.file.Close()
		}
		if s.wait != nil {
			s.wait()
		}
	}
}

func closeCall(m *machine, args []expr) value {
	name := m.str(args[0].eval(m))
	result := -1
	switch {
	case name == "/dev/stdout":
		if err := m.out.flush(); err != nil {
			m.closeFailed(m.out, err)
		}
		m.out.w, result = closed{}, 0
	case name == "/dev/stderr" && !m.noErrors:
		m.noErrors, result = true, 0
	}
	for _, kind := range []byte(">|<c") {
		if s := m.streams[streamKey(kind, name)]; s != nil {
			delete(m.streams, streamKey(kind, name))
			result = m.close(s)
		}
	}
	return num(float64(result))
}

func flushCall(m *machine, args []expr) value {
	if len(args) == 0 {
		_ = m.out.flush()
		_ = m.out.lost()
		return num(0)
	}
	name := m.str(args[0].eval(m))
	if name == "/dev/stdout" || name == "" {
		return num(m.flushed(m.out))
	}
	result := -1.0
	if name == "/dev/stderr" && !m.noErrors {
		result = 0
	}
	for _, kind := range []byte(">|") {
		if s := m.streams[streamKey(kind, name)]; s != nil {
			result = m.flushed(s.out)
		}
	}
	return num(result)
}

// flushed flushes a stream and returns the result of fflush.
func (m *machine) flushed(o *output) float64 {
	_ = o.flush()
	return m.unexpected(o.lost())
}

// unexpected reports a failed write after which the program continues.
func (m *machine) unexpected(err error) float64 {
	if err == nil {
		return 0
	}
	m.diagnose("unexpected write error (" + m.ErrorText(err) + ")")
	return -1
}

func system(m *machine, args []expr) value {
	command := m.str(args[0].eval(m))
	m.unexpected(m.flushAll())
	return num(float64(m.Shell("sh", command, m.Stdin, m.Stdout)))
}

// rs returns RS as a separator of records.
func (m *machine) rs() separator {
	s := m.str(m.vars[vRS].value)
	if s == "" || len(s) == 1 {
		return separator{mode: 'c', char: s}
	}
	return separator{mode: 'r', re: m.regex(s)}
}

// A records reads a stream record by record.
type records struct {
	r      io.Reader
	buf    []byte
	lo, hi int
	chunk  int
	end    bool
	err    error
	sep    separator
	begun  bool
	ready  string // records that are cut off ahead, each with its separator
}

// readySize is the amount of text from which records are cut off at once. A field that the
// program keeps holds all of that text in memory.
const readySize = 1024

func newRecords(r io.Reader, chunk int, sep separator) *records {
	return &records{r: r, chunk: chunk, sep: sep}
}

// by sets the separator. Text that another separator has cut off ahead is put back.
func (r *records) by(sep separator) {
	if sep != r.sep {
		r.lo -= len(r.ready)
		r.ready, r.sep = "", sep
	}
}

// more reads more input. It returns false at the end of the input.
func (r *records) more() bool {
	if r.end {
		return false
	}
	if r.lo > 0 {
		copy(r.buf, r.buf[r.lo:r.hi])
		r.hi -= r.lo
		r.lo = 0
	}
	if len(r.buf)-r.hi < r.chunk {
		r.buf = append(r.buf, make([]byte, max(len(r.buf), r.chunk))...)
	}
	n, err := r.r.Read(r.buf[r.hi : r.hi+r.chunk])
	r.hi += n
	if err != nil {
		r.end = true
		if err != io.EOF {
			r.err = err
		}
	}
	return true
}

// next returns the next record, or false at the end of the input.
func (r *records) next() (string, bool) {
	switch {
	case r.sep.mode == 'r':
		return r.byRegex()
	case r.sep.char == "":
		return r.paragraph()
	}
	c := r.sep.char[0]
	if i := strings.IndexByte(r.ready, c); i >= 0 {
		s := r.ready[:i]
		r.ready = r.ready[i+1:]
		return s, true
	}
	for seen := 0; ; {
		if i := bytes.IndexByte(r.buf[r.lo+seen:r.hi], c); i >= 0 {
			return r.takeAhead(seen+i, c), true
		}
		seen = r.hi - r.lo
		if !r.more() {
			return r.last()
		}
	}
}

// take cuts off a record of n bytes and a separator of end bytes.
func (r *records) take(n, end int) string {
	s := string(r.buf[r.lo : r.lo+n])
	r.lo += n + end
	return s
}

// takeAhead is take, and cuts off some of the following records too.
func (r *records) takeAhead(n int, end byte) string {
	text := r.buf[r.lo:min(r.hi, r.lo+readySize)]
	all := max(n, bytes.LastIndexByte(text, end)) + 1
	s := r.take(all, 0)
	r.ready = s[n+1:]
	return s[:n]
}

func (r *records) last() (string, bool) {
	if r.lo == r.hi {
		return "", false
	}
	return r.take(r.hi-r.lo, 0), true
}

// paragraph returns a record that ends at empty lines.
func (r *records) paragraph() (string, bool) {
	for {
		for r.lo < r.hi && r.buf[r.lo] == '\n' {
			r.lo++
		}
		if r.lo < r.hi || !r.more() {
			break
		}
	}
	for {
		text := r.buf[r.lo:r.hi]
		if i := bytes.Index(text, []byte("\n\n")); i >= 0 {
			end := i
			for end < len(text) && text[end] == '\n' {
				end++
			}
			if end < len(text) || r.end {
				return r.take(i, end-i), true
			}
		}
		if !r.more() {
			s, ok := r.last()
			return strings.TrimSuffix(s, "\n"), ok
		}
	}
}

func (r *records) byRegex() (string, bool) {
	for {
		text := string(r.buf[r.lo:r.hi])
		lo, hi := r.sep.re.findIn(text, 0, !r.begun)
		for lo >= 0 && lo == hi && lo < len(text) {
			lo, hi = r.sep.re.findIn(text, lo+1, false)
		}
		if lo >= 0 && hi > lo && (hi < len(text) || r.end) {
			r.lo += hi
			r.begun = true
			return text[:lo], true
		}
		if !r.more() {
			return r.last()
		}
	}
}

// pipeShell is argv[0] of the shell behind a pipe, as mawk sets it. system() is the C library's
// and uses another name.
const pipeShell = "/bin/sh"
