package text

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

var uniqOptions = []native.Option{
	{Key: 'c', Long: "count"}, {Key: 'd', Long: "repeated"}, {Key: 'u', Long: "unique"},
	{Key: '!', Long: "check-chars", Arg: native.NeedArg},
}

// Uniq is uniq(1).
func Uniq(c *native.Call) int {
	opts, args, problem := c.Options(uniqOptions, native.Permute)
	if problem == "" {
		_, problem = c.InLocale(native.Coreutils, native.PlainOrder)
	}
	for _, a := range args {
		if len(a) > 1 && a[0] == '+' && problem == "" {
			problem = "argument '" + a + "'" // the obsolete syntax of characters to skip
		}
	}
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	count, repeated, unique := false, false, false
	for _, o := range opts {
		switch o.Key {
		case 'c':
			count = true
		case 'd':
			repeated = true
		case 'u':
			unique = true
		}
	}
	if len(args) > 2 {
		return c.ExtraOperand(args[2])
	}
	args = append(args, []string{"-", "-"}[:2-len(args)]...)
	in, err := c.Input(args[0])
	if err != nil {
		c.Errorf("%s: %s", native.QuoteName(args[0]), clib.Strerror(err))
		return 1
	}
	defer in.Close()
	out, closeOut, err := uniqOutput(c, args[1])
	if err != nil {
		c.Errorf("%s: %s", native.QuoteName(args[1]), clib.Strerror(err))
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
		c.Errorf("error reading %s", native.QuoteAlways(args[0]))
		return c.Flush(w, 1)
	}
	return c.Flush(w, 0)
}

// uniqOutput opens the second operand.
func uniqOutput(c *native.Call, name string) (w io.Writer, done func(), err error) {
	if name == "-" {
		return c.Stdout, func() {}, nil
	}
	f, err := c.OpenFile(name, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o666)
	if err != nil {
		return nil, nil, err
	}
	return c.Watch(f), func() { _ = f.Close() }, nil
}

// eachRun calls f with each distinct line and its number of consecutive occurrences.
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
