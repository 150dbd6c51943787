package builtins

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

var headOptions = []option{
	{'n', "lines", needArg}, {'c', "bytes", needArg}, {'q', "quiet", noArg},
	{'q', "silent", noArg}, {'v', "verbose", noArg}, {'z', "zero-terminated", noArg},
}

type headRun struct {
	*Call
	out   *bufio.Writer
	count int64
	bytes bool
	end   byte
}

// runHead is head(1). Counts from the end, such as -n -1, and counts with a
// suffix are left to the system's tool.
func runHead(c *Call) int {
	args := c.Args[1:]
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && isDigits(args[0][1:]) {
		args = append([]string{"-n", args[0][1:]}, args[1:]...)
	}
	opts, names, problem := parseOptions(args, headOptions, c.order(permute))
	if problem == "" {
		_, problem = c.inLocale(coreutils, anyOrder)
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	h := headRun{Call: c, out: c.buffered(), count: 10, end: '\n'}
	titles := len(names) > 1
	for _, o := range opts {
		switch o.key {
		case 'n', 'c':
			n, err := strconv.ParseInt(o.value, 10, 64)
			if err != nil || !isDigits(o.value) {
				return c.Unsupported("count %s", quoteText(o.value))
			}
			h.count, h.bytes = n, o.key == 'c'
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
	return c.endsClosed(c.flush(h.out, status), closed)
}

// allDigits reports whether there is nothing but decimal digits; there may be none.
func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (h *headRun) files(names []string, titles bool) (status int, closed bool) {
	first := true
	for _, name := range names {
		in, err := h.input(name)
		if err != nil {
			h.Errorf("cannot open %s for reading: %s", quoteAlways(name), Strerror(err))
			status = 1
			continue
		}
		if titles {
			h.out.WriteString(fileTitle(name, first))
		}
		first = false
		if err := h.copy(in); err != nil {
			_ = h.out.Flush()
			if closedInput(name, err) {
				name, closed = "standard input", true
			}
			h.Errorf("error reading %s: %s", quoteAlways(name), Strerror(err))
			status = 1
		}
		in.Close()
	}
	return status, closed
}

// fileTitle is what head and tail write above one of several files.
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

// copy stops at the count; what it read too much of a file that can seek goes
// back, so that the next reader of standard input finds it.
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
			return nil // flush reports it
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
