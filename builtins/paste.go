package builtins

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

var pasteOptions = [...]option{
	{'d', "delimiters", needArg}, {'s', "serial", noArg}, {'z', "zero-terminated", noArg},
}

type paster struct {
	*Call
	w          *bufio.Writer
	delimiters []string
	end        byte
	status     int
	closed     bool // standard input, before
}

// runPaste is paste(1).
func runPaste(c *Call) int {
	opts, names, problem := c.options(pasteOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	p := paster{Call: c, w: c.buffered(), delimiters: []string{"\t"}, end: '\n'}
	serial := false
	for _, o := range opts {
		switch o.key {
		case 's':
			serial = true
		case 'z':
			p.end = 0
		case 'd':
			var ok bool
			if p.delimiters, ok = pasteDelimiters(o.value); !ok {
				c.Errorf("delimiter list ends with an unescaped backslash: %s", o.value)
				return 1
			}
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	stdin := bufio.NewReader(c.Stdin)
	var err error
	if serial {
		err = p.serial(names, stdin)
	} else {
		err = p.parallel(names, stdin)
	}
	if err != nil {
		return c.writeError(err)
	}
	return c.endsClosed(c.flush(p.w, p.status), p.closed)
}

// pasteDelimiters splits a list; \0 is an empty one.
func pasteDelimiters(list string) (all []string, ok bool) {
	for i := 0; i < len(list); i++ {
		if list[i] != '\\' {
			all = append(all, list[i:i+1])
			continue
		}
		if i++; i == len(list) {
			return nil, false
		}
		switch at := strings.IndexByte("bfnrtv0", list[i]); {
		case at == 6:
			all = append(all, "")
		case at >= 0:
			all = append(all, "\b\f\n\r\t\v"[at:at+1])
		default:
			all = append(all, list[i:i+1])
		}
	}
	if len(all) == 0 {
		all = []string{""}
	}
	return all, true
}

func (p *paster) fail(name string, err error) {
	p.status = 1
	p.closed = p.closed || closedInput(name, err)
	_ = p.w.Flush()
	p.Errorf("%s: %s", quoteName(name), Strerror(pathErrno(err)))
}

func (p *paster) open(name string, stdin *bufio.Reader) (*bufio.Reader, io.Closer, error) {
	if name == "-" {
		return stdin, io.NopCloser(nil), nil
	}
	f, err := p.Open(name)
	if err != nil {
		return nil, nil, err
	}
	return bufio.NewReader(f), f, nil
}

// another reports whether there is another line.
func another(r *bufio.Reader) (more bool, failed error) {
	_, err := r.Peek(1)
	if err == io.EOF {
		return false, nil
	}
	return err == nil, err
}

// copyLine copies a line without its end, a part at a time: it may be without one.
func (p *paster) copyLine(r *bufio.Reader) (read, write error) {
	for {
		text, err := r.ReadSlice(p.end)
		if _, failed := p.w.Write(bytes.TrimSuffix(text, []byte{p.end})); failed != nil {
			return nil, failed
		}
		switch err {
		case nil, io.EOF:
			return nil, nil
		case bufio.ErrBufferFull:
		default:
			return err, nil
		}
	}
}

func (p *paster) serial(names []string, stdin *bufio.Reader) error {
	for _, name := range names {
		r, f, err := p.open(name, stdin)
		if err != nil {
			p.fail(name, err)
			continue
		}
		failed, err := p.joined(r)
		_ = f.Close()
		if err == nil {
			err = p.w.WriteByte(p.end)
		}
		if err != nil {
			return err
		}
		if failed != nil {
			p.fail(name, failed)
		}
	}
	return nil
}

// joined writes the lines of a file as one, without an end.
func (p *paster) joined(r *bufio.Reader) (read, write error) {
	for n := 0; ; n++ {
		more, failed := another(r)
		if !more {
			return failed, nil
		}
		if n > 0 {
			_, _ = p.w.WriteString(p.delimiters[(n-1)%len(p.delimiters)])
		}
		if failed, err := p.copyLine(r); failed != nil || err != nil {
			return failed, err
		}
	}
}

func (p *paster) parallel(names []string, stdin *bufio.Reader) error {
	readers := make([]*bufio.Reader, len(names))
	for i, name := range names {
		r, f, err := p.open(name, stdin)
		if err != nil {
			p.Errorf("%s: %s", quoteName(name), Strerror(err))
			p.status = 1
			return nil
		}
		readers[i] = r
		defer func() { _ = f.Close() }()
	}
	for {
		any, err := p.row(names, readers)
		if err != nil || !any {
			return err
		}
	}
}

// row writes a line of each file. A file that has none any more is left out: its
// delimiters are written before the line of another one, or at the end.
func (p *paster) row(names []string, readers []*bufio.Reader) (any bool, err error) {
	var between string
	for i, r := range readers {
		if i > 0 {
			between += p.delimiters[(i-1)%len(p.delimiters)]
		}
		if r == nil {
			continue
		}
		more, failed := another(r)
		if failed != nil {
			p.fail(names[i], failed)
		}
		if !more {
			readers[i] = nil
			continue
		}
		any = true
		_, _ = p.w.WriteString(between)
		between = ""
		failed, err = p.copyLine(r)
		if err != nil {
			return true, err
		}
		if failed != nil {
			p.fail(names[i], failed)
		}
	}
	if any {
		_, err = p.w.WriteString(between + string(p.end))
	}
	return any, err
}
