package interp

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/proc"
)

// firstFile is the lowest number of the shell's own file descriptors. Scripts can name only
// lower numbers.
const firstFile = 10

// An openFile is an open file of the shell: a file descriptor of the process, or text in
// memory. The text is a here-document, the output of a command substitution, or a pipe between
// two commands of the shell. It gets a descriptor only when a program needs one.
type openFile struct {
	refs atomic.Int32
	fd   int           // -1 for none yet
	kind atomic.Uint32 // the file type, 0 until it is asked for
	keep bool

	mu   sync.Mutex
	text *bytes.Reader // of a here-document
	sink *capture
	pipe *memPipe // the pipe of which this file is an end
	end  int

	peeker *peeker // for a pipe from which the shell reads lines
}

func newFile(fd int) *openFile {
	f := &openFile{fd: fd}
	f.refs.Store(1)
	return f
}

// A fileTable maps the descriptors that scripts name to open files.
type fileTable []*openFile

func (t fileTable) share() fileTable {
	c := make(fileTable, len(t), max(len(t), 3))
	for i, f := range t {
		if f != nil {
			f.refs.Add(1)
			c[i] = f
		}
	}
	return c
}

func (t fileTable) close() {
	for i, f := range t {
		if f != nil {
			f.release()
			t[i] = nil
		}
	}
}

func (t fileTable) get(n int) *openFile {
	if n < len(t) {
		return t[n]
	}
	return nil
}

// closed returns the set of standard files that are closed. Bit 0 is standard input.
func (t fileTable) closed() (set uint64) {
	for n := range 3 {
		if t.get(n) == nil {
			set |= 1 << n
		}
	}
	return set
}

// put makes f the file n, where f may be nil. It returns the former file, still open.
func (t *fileTable) put(n int, f *openFile) *openFile {
	for n >= len(*t) {
		*t = append(*t, nil)
	}
	old := (*t)[n]
	(*t)[n] = f
	return old
}

// replace does the work of put, and releases the former file.
func (t *fileTable) replace(n int, f *openFile) {
	if old := t.put(n, f); old != nil {
		old.release()
	}
}

// descriptors appends the file descriptors of all files to a list. It appends -1 for a closed
// file.
func (t fileTable) descriptors(list []int) ([]int, error) {
	for _, f := range t {
		fd := -1
		if f != nil {
			var err error
			if fd, err = f.osFD(); err != nil {
				return nil, err
			}
		}
		list = append(list, fd)
	}
	return list, nil
}

func (t fileTable) writer(n int) io.Writer {
	if f := t.get(n); f != nil {
		return f
	}
	return closedFile{}
}

func (t fileTable) reader(n int) io.Reader {
	if f := t.get(n); f != nil {
		return f
	}
	return closedFile{}
}

// closedFile stands for a file that is not open.
type closedFile struct{}

func (closedFile) Read([]byte) (int, error)  { return 0, unix.EBADF }
func (closedFile) Write([]byte) (int, error) { return 0, unix.EBADF }

func (f *openFile) release() {
	if f.refs.Add(-1) > 0 || f.keep {
		return
	}
	switch {
	case f.sink != nil:
		return // the capture owns its pipe
	case f.pipe != nil:
		f.pipe.close(f.end)
		return
	}
	if f.fd >= 0 {
		unix.Close(f.fd)
	}
	if f.peeker != nil {
		f.peeker.close()
	}
}

// Read reads from the file, and waits on a descriptor that is non-blocking.
func (f *openFile) Read(p []byte) (int, error) { return f.readUnless(nil, p) }

// readUnless does the work of Read. If wait is set, it waits for the descriptor, and reports
// whether to read.
func (f *openFile) readUnless(wait func(fd int) bool, p []byte) (int, error) {
	f.mu.Lock()
	fd := f.fd
	if fd < 0 && f.text != nil {
		defer f.mu.Unlock()
		return f.text.Read(p)
	}
	f.mu.Unlock()
	if fd < 0 && f.pipe != nil {
		if n, ok, err := f.pipe.read(p); ok {
			return n, err
		}
		fd = f.descriptor()
	}
	for {
		if wait != nil && !wait(fd) {
			return 0, unix.EINTR
		}
		n, err := unix.Read(fd, p)
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			waitReady(fd, unix.POLLIN)
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// Write writes all of p, and waits on a descriptor that is non-blocking.
func (f *openFile) Write(p []byte) (int, error) {
	if f.sink != nil && f.sink.take(p) {
		return len(p), nil
	}
	done := 0
	if f.pipe != nil && f.inMemory() {
		var err error
		if done, err = f.pipe.write(p); err != nil {
			return done, err
		}
	}
	for done < len(p) {
		n, err := unix.Write(f.descriptor(), p[done:])
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			waitReady(f.fd, unix.POLLOUT)
		case err != nil:
			return done, err
		default:
			done += n
		}
	}
	return done, nil
}

// waitReady waits for a descriptor that some process has made non-blocking.
func waitReady(fd int, events int16) {
	unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, -1)
}

func (f *openFile) descriptor() int {
	fd, err := f.osFD()
	if err != nil {
		return -1
	}
	return fd
}

// osFD returns a file descriptor of the process for the file. It puts text in memory into a
// pipe, or into an unnamed file if the pipe is too small.
func (f *openFile) osFD() (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fd >= 0 {
		return f.fd, nil
	}
	var err error
	switch {
	case f.sink != nil:
		f.fd, err = f.sink.open()
	case f.text != nil:
		f.fd, err = textFile(f.text)
	case f.pipe != nil:
		f.fd, err = f.pipe.open(f.end)
	}
	return f.fd, err
}

// peek returns the rest of a here-document in memory. It reports false for other files.
func (f *openFile) peek() (rest []byte, ok bool) {
	if f == nil {
		return nil, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fd >= 0 || f.text == nil {
		return nil, false
	}
	rest = make([]byte, f.text.Len())
	n, _ := f.text.ReadAt(rest, f.text.Size()-int64(len(rest)))
	return rest[:n], true
}

// pipeSize is the capacity of a new pipe (pipe(7)).
const pipeSize = 65536

func textFile(text *bytes.Reader) (int, error) {
	rest := make([]byte, text.Len())
	io.ReadFull(text, rest)
	if len(rest) > pipeSize {
		return unnamedFile(rest)
	}
	r, w, err := pipe()
	if err != nil {
		return -1, err
	}
	unix.Write(w, rest)
	unix.Close(w)
	return r, nil
}

// unnamedFile returns an unnamed file that holds a text. A limit on the size of files is meant
// for files that commands write. Where it prevents the unnamed file, unnamedFile returns a
// pipe.
func unnamedFile(text []byte) (int, error) {
	fd, err := proc.Memfd("here-document", unix.MFD_NOEXEC_SEAL)
	if err != nil {
		return -1, err
	}
	if err = writeAll(fd, text); err != nil {
		unix.Close(fd)
		return filledPipe(text)
	}
	unix.Seek(fd, 0, io.SeekStart)
	return high(fd)
}

// filledPipe returns the read end of a pipe that delivers a text of any size.
func filledPipe(text []byte) (int, error) {
	r, w, err := pipe()
	if err != nil {
		return -1, err
	}
	go func() {
		_ = writeAll(w, text) // the reader may have closed its end
		unix.Close(w)
	}()
	return r, nil
}

func writeAll(fd int, text []byte) error {
	for len(text) > 0 {
		n, err := unix.Write(fd, text)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		default:
			text = text[n:]
		}
	}
	return nil
}

func pipe() (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	if r, err = high(p[0]); err == nil {
		w, err = high(p[1])
	}
	return r, w, err
}

// high dups a descriptor below firstFile to firstFile or above, and closes the original.
func high(fd int) (int, error) {
	if fd >= firstFile {
		return fd, nil
	}
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, firstFile)
	unix.Close(fd)
	return n, err
}

// openHere returns a file that delivers the text of a here-document.
func openHere(text string) *openFile {
	f := newFile(-1)
	f.text = bytes.NewReader([]byte(text))
	return f
}
