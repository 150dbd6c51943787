package text

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var wcOptions = []native.Option{{Key: 'l', Long: "lines"}, {Key: 'w', Long: "words"},
	{Key: 'm', Long: "chars"},
	{Key: 'c', Long: "bytes"}}

// wcCounts are the numbers of lines, words, characters and bytes.
type wcCounts [4]int64

type wcRun struct {
	*native.Call
	locale native.Locale
	out    *bufio.Writer
	show   [4]bool
	width  int
}

// Wc is wc(1).
func Wc(c *native.Call) int {
	opts, names, problem := c.Options(wcOptions, native.Permute)
	var l native.Locale
	if problem == "" {
		l, problem = c.InLocale(native.Coreutils, native.AnyOrder)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	w := wcRun{Call: c, locale: l, out: c.Buffered()}
	for _, o := range opts {
		w.show[bytes.IndexByte([]byte("lwmc"), byte(o.Key))] = true
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
			told := native.QuoteName(name)
			if status = 1; native.ClosedInput(name, err) {
				if closed = true; len(names) == 0 {
					told = native.QuoteAlways("standard input")
				}
			}
			_ = w.out.Flush()
			c.Errorf("%s: %s", told, clib.Strerror(err))
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
	return c.EndsClosed(c.Flush(w.out, status), closed)
}

// columnWidth returns the width of the sum of all sizes. It is at least 7 if a size is unknown.
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
		case fsys.Type(st) == unix.S_IFREG:
			sum += st.Size
		default:
			width = 7
		}
	}
	return max(width, len(strconv.FormatInt(sum, 10)))
}

func (w *wcRun) statInput(name string) (st unix.Stat_t, err error) {
	if name != "-" {
		return w.Stat(name)
	}
	fd := native.FD(w.Stdin)
	if fd < 0 {
		if _, err := w.Stdin.Read(nil); errors.Is(err, unix.EBADF) {
			return st, err
		}
		return st, nil
	}
	return st, fsys.Retry(func() error { return unix.Fstat(fd, &st) })
}

func (w *wcRun) count(name string) (n wcCounts, opened bool, err error) {
	in, err := w.Input(name)
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

// sizeOnly returns the rest of the size of a file if only bytes are counted, so that the file
// need not be read. A file made by the kernel has size 0 or a multiple of the page size; such
// files are read.
func (w *wcRun) sizeOnly(in io.Reader) (size int64, known bool) {
	fd := native.FD(in)
	var st unix.Stat_t
	if w.show != [4]bool{3: true} || fd < 0 || unix.Fstat(fd, &st) != nil ||
		fsys.Type(st) != unix.S_IFREG || st.Size%int64(os.Getpagesize()) == 0 {
		return 0, false
	}
	at, err := unix.Seek(fd, 0, io.SeekCurrent)
	return max(st.Size-at, 0), err == nil
}

// A wcCounter counts characters and words. Bytes that are part of no character do not count. A
// character that cannot be printed neither starts nor ends a word.
type wcCounter struct {
	locale       native.Locale
	posix        bool // a no-break space is no space
	words, chars int64
	inWord       bool
}

// add counts text and returns the length that it used, since a character may continue in the
// next text.
func (k *wcCounter) add(text []byte, last bool) (used int) {
	for used < len(text) {
		rest := text[used:]
		if !last && k.locale.UTF8 && rest[0] >= utf8.RuneSelf && !utf8.FullRune(rest) {
			break
		}
		r, size, valid := k.locale.Char(rest)
		used += size
		if !valid && k.locale.UTF8 {
			continue
		}
		k.chars++
		switch {
		case native.IsSpaceRune(r) || k.noBreakSpace(r):
			k.inWord = false
		case !k.inWord && valid && native.IsPrintRune(r):
			k.inWord = true
			k.words++
		}
	}
	return used
}

func (k *wcCounter) noBreakSpace(r rune) bool {
	return k.locale.UTF8 && !k.posix && (r == 0xa0 || r == 0x2007 || r == 0x202f || r == 0x2060)
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
	w.out.Flush() // one line at a time: other processes may write to the same file
}
