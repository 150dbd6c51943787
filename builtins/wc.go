package builtins

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

var wcOptions = []option{{'l', "lines", noArg}, {'w', "words", noArg}, {'m', "chars", noArg},
	{'c', "bytes", noArg}}

// wcCounts are lines, words, characters and bytes.
type wcCounts [4]int64

type wcRun struct {
	*Call
	locale locale
	out    *bufio.Writer
	show   [4]bool
	width  int
}

// runWc is wc(1).
func runWc(c *Call) int {
	opts, names, problem := c.options(wcOptions, permute)
	var l locale
	if problem == "" {
		l, problem = c.inLocale(coreutils, anyOrder)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	w := wcRun{Call: c, locale: l, out: c.buffered()}
	for _, o := range opts {
		w.show[bytes.IndexByte([]byte("lwmc"), byte(o.key))] = true
	}
	if len(opts) == 0 {
		w.show = [4]bool{true, true, false, true}
	}
	files := names
	if len(names) == 0 {
		files = []string{"-"}
	}
	w.width = w.columnWidth(files)
	status, closed := 0, false
	var total wcCounts
	for _, name := range files {
		counts, opened, err := w.count(name)
		switch {
		case name == "":
			c.Errorf("invalid zero-length file name")
			status = 1
		case err != nil:
			told := quoteName(name)
			if status = 1; closedInput(name, err) {
				if closed = true; len(names) == 0 {
					told = quoteAlways("standard input")
				}
			}
			_ = w.out.Flush()
			c.Errorf("%s: %s", told, Strerror(err))
		}
		for i := range total {
			total[i] += counts[i]
		}
		switch {
		case len(names) == 0:
			w.line(counts, "")
		case opened:
			w.line(counts, " "+name)
		}
	}
	if len(names) > 1 {
		w.line(total, " total")
	}
	return c.endsClosed(c.flush(w.out, status), closed)
}

// columnWidth fits the sum of all sizes; where a size is not known it is 7.
func (w *wcRun) columnWidth(files []string) int {
	shown := 0
	for _, is := range w.show {
		if is {
			shown++
		}
	}
	if shown == 1 && len(files) == 1 {
		return 1
	}
	width, sum := 1, int64(0)
	for _, name := range files {
		st, err := w.statInput(name)
		switch {
		case err != nil:
		case fileType(st) == unix.S_IFREG:
			sum += st.Size
		default:
			width = 7
		}
	}
	return max(width, len(strconv.FormatInt(sum, 10)))
}

func (w *wcRun) statInput(name string) (st unix.Stat_t, err error) {
	if name != "-" {
		return w.stat(name)
	}
	fd := descriptor(w.Stdin)
	if fd < 0 {
		if _, err := w.Stdin.Read(nil); errors.Is(err, unix.EBADF) {
			return st, err
		}
		return st, nil
	}
	return st, retry(func() error { return unix.Fstat(fd, &st) })
}

func (w *wcRun) count(name string) (n wcCounts, opened bool, err error) {
	in, err := w.input(name)
	if err != nil {
		return n, false, err
	}
	defer in.Close()
	if size, known := w.sizeOnly(in); known {
		n[3] = size
		return n, true, nil
	}
	buf := make([]byte, 64<<10)
	k := wcCounter{locale: w.locale, posix: w.Getenv("POSIXLY_CORRECT") != ""}
	each := w.show[1] || w.show[2]
	for left := 0; ; {
		got, err := in.Read(buf[left:])
		n[0] += int64(bytes.Count(buf[left:left+got], []byte("\n")))
		n[3] += int64(got)
		if each {
			used := k.add(buf[:left+got], err != nil)
			left = copy(buf, buf[used:left+got])
			n[1], n[2] = k.words, k.chars
		}
		if err == io.EOF {
			return n, true, nil
		}
		if err != nil {
			return n, true, err
		}
	}
}

// sizeOnly is what is left of a file of which only the bytes are to be counted: it is not
// read. A file of the kernel says no size, or whole pages.
func (w *wcRun) sizeOnly(in io.Reader) (size int64, known bool) {
	fd := descriptor(in)
	var st unix.Stat_t
	if w.show != [4]bool{3: true} || fd < 0 || unix.Fstat(fd, &st) != nil ||
		fileType(st) != unix.S_IFREG || st.Size%int64(os.Getpagesize()) == 0 {
		return 0, false
	}
	at, err := unix.Seek(fd, 0, io.SeekCurrent)
	return max(st.Size-at, 0), err == nil
}

// A wcCounter counts characters and words. Bytes that are part of no character count as
// none; what cannot be printed neither starts nor ends a word.
type wcCounter struct {
	locale       locale
	posix        bool // a no-break space is none
	words, chars int64
	inWord       bool
}

// add returns how much of text it used: a character may go on in the next one.
func (k *wcCounter) add(text []byte, last bool) (used int) {
	for used < len(text) {
		rest := text[used:]
		if !last && k.locale.utf8 && rest[0] >= utf8.RuneSelf && !utf8.FullRune(rest) {
			break
		}
		r, size, valid := k.locale.char(rest)
		used += size
		if !valid && k.locale.utf8 {
			continue
		}
		k.chars++
		switch {
		case isSpaceRune(r) || k.noBreakSpace(r):
			k.inWord = false
		case !k.inWord && valid && isPrintRune(r):
			k.inWord = true
			k.words++
		}
	}
	return used
}

func (k *wcCounter) noBreakSpace(r rune) bool {
	return k.locale.utf8 && !k.posix && (r == 0xa0 || r == 0x2007 || r == 0x202f || r == 0x2060)
}

func (w *wcRun) line(n wcCounts, name string) {
	first := true
	for i, is := range w.show {
		if !is {
			continue
		}
		if !first {
			w.out.WriteByte(' ')
		}
		first = false
		digits := strconv.FormatInt(n[i], 10)
		for range w.width - len(digits) {
			w.out.WriteByte(' ')
		}
		w.out.WriteString(digits)
	}
	w.out.WriteString(name + "\n")
	w.out.Flush() // a line at a time: others may write to the same file
}
