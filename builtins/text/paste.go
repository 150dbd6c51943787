package text

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var pasteOptions = [...]native.Option{
	{Key: 'd', Long: "delimiters", Arg: native.NeedArg}, {Key: 's', Long: "serial"},
	{Key: 'z', Long: "zero-terminated"},
}

type paster struct {
	*native.Call
	w          *bufio.Writer
	delimiters []string
	end        byte
	status     int
	closed     bool // a read found standard input closed
}

// Paste is paste(1).
func Paste(c *native.Call) int {
	opts, names, problem := c.Options(pasteOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	p := paster{Call: c, w: c.Buffered(), delimiters: []string{"\t"}, end: '\n'}
	serial := false
	for _, o := range opts {
		switch o.Key {
		case 's':
			serial = true
		case 'z':
			p.end = 0
		case 'd':
			var ok bool
			if p.delimiters, ok = pasteDelimiters(o.Value); !ok {
				c.Errorf("delimiter list ends with an unescaped backslash: %s", o.Value)
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
		return c.WriteError(err)
	}
	return c.EndsClosed(c.Flush(p.w, p.status), p.closed)
}

// pasteDelimiters splits a list of delimiters. \0 is an empty delimiter.
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
	p.closed = p.closed || native.ClosedInput(name, err)
	_ = p.w.Flush()
	p.Errorf("%s: %s", native.QuoteName(name), clib.Strerror(fsys.Errno(err)))
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

// copyLine copies a line without its end. It works in parts, since the input may have no line
// ends.
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

// joined writes the lines of a file as one line without an end.
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
			p.Errorf("%s: %s", native.QuoteName(name), clib.Strerror(err))
			p.status = 1
			return nil
		}
		readers[i] = r
		defer func() { _ = f.Close() }()
	}
	for {
		some, err := p.row(names, readers)
		if err != nil || !some {
			return err
		}
	}
}

// row writes a line of each file. A file without further lines is left out: its delimiters come
// before the line of the next file, or at the end.
func (p *paster) row(names []string, readers []*bufio.Reader) (some bool, err error) {
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
		some = true
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
	if some {
		_, err = p.w.WriteString(between + string(p.end))
	}
	return some, err
}
