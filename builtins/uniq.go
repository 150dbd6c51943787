package builtins

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

var uniqOptions = []option{
	{'c', "count", noArg}, {'d', "repeated", noArg}, {'u', "unique", noArg},
	{'!', "check-chars", needArg},
}

// runUniq is uniq(1).
func runUniq(c *Call) int {
	opts, args, problem := c.options(uniqOptions, permute)
	if problem == "" {
		_, problem = c.inLocale(coreutils, plainOrder)
	}
	for _, a := range args {
		if len(a) > 1 && a[0] == '+' && problem == "" {
			problem = "argument '" + a + "'" // how characters to skip were once written
		}
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	count, repeated, unique := false, false, false
	for _, o := range opts {
		switch o.key {
		case 'c':
			count = true
		case 'd':
			repeated = true
		case 'u':
			unique = true
		}
	}
	if len(args) > 2 {
		return c.extraOperand(args[2])
	}
	args = append(args, []string{"-", "-"}[:2-len(args)]...)
	in, err := c.input(args[0])
	if err != nil {
		c.Errorf("%s: %s", quoteName(args[0]), Strerror(err))
		return 1
	}
	defer in.Close()
	out, closeOut, err := c.uniqOutput(args[1])
	if err != nil {
		c.Errorf("%s: %s", quoteName(args[1]), Strerror(err))
		return 1
	}
	defer closeOut()
	w := bufio.NewWriter(out)
	err = eachRun(in, func(line []byte, n int) {
		if n == 1 && repeated || n > 1 && unique {
			return
		}
		if count {
			fmt.Fprintf(w, "%7d ", n)
		}
		w.Write(line)
		w.WriteByte('\n')
	})
	if err != nil {
		c.Errorf("error reading %s", quoteAlways(args[0]))
		return c.flush(w, 1)
	}
	return c.flush(w, 0)
}

// uniqOutput opens the second operand.
func (c *Call) uniqOutput(name string) (w io.Writer, done func(), err error) {
	if name == "-" {
		return c.Stdout, func() {}, nil
	}
	f, err := c.OpenFile(name, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o666)
	if err != nil {
		return nil, nil, err
	}
	return c.watch(f), func() { _ = f.Close() }, nil
}

// eachRun calls f with each line and how often it follows itself.
func eachRun(in io.Reader, f func(line []byte, n int)) error {
	r := bufio.NewReader(in)
	var last []byte
	n := 0
	for {
		line, err := r.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if len(line) > 0 {
			line = bytes.TrimSuffix(line, []byte("\n"))
			if n > 0 && !bytes.Equal(line, last) {
				f(last, n)
				n = 0
			}
			last = line
			n++
		}
		if err == io.EOF {
			if n > 0 {
				f(last, n)
			}
			return nil
		}
	}
}
