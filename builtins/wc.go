package builtins

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

var wcOptions = []option{{'l', "lines", noArg}, {'w', "words", noArg}, {'c', "bytes", noArg}}

// wcCounts are lines, words and bytes.
type wcCounts [3]int64

type wcRun struct {
	*Call
	out   *bufio.Writer
	show  [3]bool
	width int
}

// runWc is wc(1).
func runWc(c *Call) int {
	opts, names, problem := c.options(wcOptions, permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	w := wcRun{Call: c, out: bufio.NewWriter(c.Stdout)}
	for _, o := range opts {
		w.show[bytes.IndexByte([]byte("lwc"), byte(o.key))] = true
	}
	if len(opts) == 0 {
		w.show = [3]bool{true, true, true}
	}
	files := names
	if len(names) == 0 {
		files = []string{"-"}
	}
	w.width = w.columnWidth(files)
	status := 0
	var total wcCounts
	for _, name := range files {
		counts, opened, err := w.count(name)
		if err != nil {
			c.Errorf("%s: %s", quoteName(name), Strerror(err))
			status = 1
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
	return c.flush(w.out, status)
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
	if f, ok := w.Stdin.(*os.File); ok {
		err = unix.Fstat(int(f.Fd()), &st)
	}
	return st, err
}

func (w *wcRun) count(name string) (n wcCounts, opened bool, err error) {
	in, err := w.input(name)
	if err != nil {
		return n, false, err
	}
	defer in.Close()
	buf := make([]byte, 64<<10)
	inWord := false
	for {
		got, err := in.Read(buf)
		n[0] += int64(bytes.Count(buf[:got], []byte("\n")))
		n[2] += int64(got)
		for _, b := range buf[:got] {
			switch {
			case b == ' ' || '\t' <= b && b <= '\r':
				inWord = false
			case '!' <= b && b <= '~' && !inWord:
				inWord = true
				n[1]++
			}
		}
		if err == io.EOF {
			return n, true, nil
		}
		if err != nil {
			return n, true, err
		}
	}
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
}
