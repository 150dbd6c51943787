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
}

// runPaste is paste(1).
func runPaste(c *Call) int {
	opts, names, problem := c.options(pasteOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	p := paster{Call: c, w: bufio.NewWriter(c.Stdout), delimiters: []string{"\t"}, end: '\n'}
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
	return c.flush(p.w, p.status)
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

// line reads one without its end; more says whether there was any.
func (p *paster) line(r *bufio.Reader) (text []byte, more bool, err error) {
	text, err = r.ReadBytes(p.end)
	if err == io.EOF {
		return text, len(text) > 0, nil
	}
	return bytes.TrimSuffix(text, []byte{p.end}), err == nil, err
}

func (p *paster) serial(names []string, stdin *bufio.Reader) error {
	for _, name := range names {
		r, f, err := p.open(name, stdin)
		if err != nil {
			p.fail(name, err)
			continue
		}
		for n := 0; ; n++ {
			text, more, err := p.line(r)
			if err != nil {
				p.fail(name, err)
			}
			if !more {
				break
			}
			if n > 0 {
				_, _ = p.w.WriteString(p.delimiters[(n-1)%len(p.delimiters)])
			}
			if _, err := p.w.Write(text); err != nil {
				_ = f.Close()
				return err
			}
		}
		_ = f.Close()
		if err := p.w.WriteByte(p.end); err != nil {
			return err
		}
	}
	return nil
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
		var out []byte
		any := false
		for i, r := range readers {
			if i > 0 {
				out = append(out, p.delimiters[(i-1)%len(p.delimiters)]...)
			}
			if r == nil {
				continue
			}
			text, more, err := p.line(r)
			if err != nil {
				p.fail(names[i], err)
			}
			if !more {
				readers[i] = nil
				continue
			}
			any = true
			out = append(out, text...)
		}
		if !any {
			return nil
		}
		if _, err := p.w.Write(append(out, p.end)); err != nil {
			return err
		}
	}
}
