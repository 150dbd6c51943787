package text

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"

	"overlayboot/builtins/base/ascii"
	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

var headOptions = []native.Option{
	{Key: 'n', Long: "lines", Arg: native.NeedArg}, {Key: 'c', Long: "bytes", Arg: native.NeedArg},
	{Key: 'q', Long: "quiet"},
	{Key: 'q', Long: "silent"}, {Key: 'v', Long: "verbose"}, {Key: 'z', Long: "zero-terminated"},
}

type headRun struct {
	*native.Call
	out   *bufio.Writer
	count int64
	bytes bool
	end   byte
}

// Head is head(1). Counts from the end, such as -n -1, and counts with a suffix are left to the
// system's tool.
func Head(c *native.Call) int {
	args := c.Args[1:]
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && ascii.IsDigits(args[0][1:]) {
		args = append([]string{"-n", args[0][1:]}, args[1:]...)
	}
	opts, names, problem := native.ParseOptions(args, headOptions, c.Order(native.Permute))
	if problem == "" {
		_, problem = c.InLocale(native.Coreutils, native.AnyOrder)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	h := headRun{Call: c, out: c.Buffered(), count: 10, end: '\n'}
	titles := len(names) > 1
	for _, o := range opts {
		switch o.Key {
		case 'n', 'c':
			n, err := strconv.ParseInt(o.Value, 10, 64)
			if err != nil || !ascii.IsDigits(o.Value) {
				return c.Unsupported("count %s", native.QuoteText(o.Value))
			}
			h.count, h.bytes = n, o.Key == 'c'
		case 'q':
			titles = false
		case 'v':
			titles = true
		case 'z':
			h.end = 0
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	status, closed := h.files(names, titles)
	return c.EndsClosed(c.Flush(h.out, status), closed)
}

func (h *headRun) files(names []string, titles bool) (status int, closed bool) {
	first := true
	for _, name := range names {
		in, err := h.Input(name)
		if err != nil {
			h.Errorf("cannot open %s for reading: %s", native.QuoteAlways(name), clib.Strerror(err))
			status = 1
			continue
		}
		if titles {
			h.out.WriteString(fileTitle(name, first))
		}
		first = false
		if err := h.copy(in); err != nil {
			_ = h.out.Flush()
			if native.ClosedInput(name, err) {
				name, closed = "standard input", true
			}
			h.Errorf("error reading %s: %s", native.QuoteAlways(name), clib.Strerror(err))
			status = 1
		}
		in.Close()
	}
	return status, closed
}

// fileTitle returns the title that head and tail write above each of several files.
func fileTitle(name string, first bool) string {
	if name == "-" {
		name = "standard input"
	}
	title := fmt.Sprintf("==> %s <==\n", name)
	if !first {
		title = "\n" + title
	}
	return title
}

// copy stops at the count. In a file that can seek, it seeks back over what it read too far, so
// that the next reader of standard input finds that.
func (h *headRun) copy(in io.Reader) error {
	buf := make([]byte, 32<<10)
	for left := h.count; left > 0; {
		n, err := in.Read(buf)
		used := 0
		for used < n && left > 0 {
			if h.bytes {
				step := min(int64(n-used), left)
				used += int(step)
				left -= step
				continue
			}
			i := bytes.IndexByte(buf[used:n], h.end)
			if i < 0 {
				used = n
				break
			}
			used += i + 1
			left--
		}
		if _, err := h.out.Write(buf[:used]); err != nil {
			return nil // Flush reports the error
		}
		if s, ok := in.(io.Seeker); ok && used < n {
			s.Seek(int64(used-n), io.SeekCurrent)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
