package builtins

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/benhoyt/goawk/interp"
	"github.com/benhoyt/goawk/lexer"
	"github.com/benhoyt/goawk/parser"
	"golang.org/x/sys/unix"
)

var awkOptions = [...]option{{'F', "", needArg}, {'v', "", needArg}, {'f', "", needArg}}

// runAwk is awk, by GoAWK. Characters are bytes, as in the C locale.
func runAwk(c *Call) int {
	opts, operands, problem := c.options(awkOptions[:], operandsLast)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	config := &interp.Config{Argv0: c.Name(), Environ: pairs(c.Env)}
	var files []string
	for _, o := range opts {
		if o.key == 'f' {
			files = append(files, o.value)
			continue
		}
		name, value := "FS", o.value
		if o.key == 'v' {
			name, value, _ = strings.Cut(o.value, "=")
		}
		text, err := lexer.Unescape(value)
		if err != nil || !isName(name) {
			return c.Unsupported("option '-%c %s'", o.key, o.value)
		}
		config.Vars = append(config.Vars, name, text)
	}
	text, operands, status := c.awkProgram(files, operands)
	if status != 0 {
		return status
	}
	program, err := parser.ParseProgram(text, nil)
	if err != nil {
		return c.Unsupported("program: %v", err)
	}
	config.Args = operands
	return c.awk(program, config)
}

// awkProgram reads the files of -f, or takes the first operand.
func (c *Call) awkProgram(files, operands []string) (text []byte, rest []string, status int) {
	if len(files) == 0 {
		if len(operands) == 0 {
			return nil, nil, c.Unsupported("no program")
		}
		return []byte(operands[0]), operands[1:], 0
	}
	for _, name := range files {
		b, err := c.awkFile(name)
		if err != nil {
			c.Errorf("couldn't open file %s: %s", name, Strerror(err))
			return nil, nil, 2
		}
		text = append(append(text, b...), '\n')
	}
	return text, operands, 0
}

func (c *Call) awkFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(c.Stdin)
	}
	f, err := c.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}

func isName(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return s != "" && !isDigit(s[0])
}

// pairs gives the environment as a list of names and values.
func pairs(env []string) []string {
	list := []string{} // not nil, which would mean the process's own
	for _, e := range env {
		if name, value, ok := strings.Cut(e, "="); ok {
			list = append(list, name, value)
		}
	}
	return list
}

// awk runs a program. GoAWK opens files and starts programs by names relative
// to its thread's working directory, so it gets a thread of its own.
func (c *Call) awk(program *parser.Program, config *interp.Config) (status int) {
	out := bufio.NewWriter(c.Stdout)
	config.Stdin, config.Output, config.Error = c.Stdin, out, c.Stderr
	// The shell gets the caller's environment, not the process's.
	config.ShellCommand = append(append([]string{"/usr/bin/env", "-i", "--"}, c.Env...),
		"/bin/sh", "-c")
	var runErr error
	_, err := inDir(c.Dir, func() int {
		status, runErr = interp.ExecProgram(program, config)
		return 0
	})
	if err == nil {
		err = runErr
	}
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	switch {
	case errors.Is(err, unix.EPIPE):
		return 141
	case err != nil:
		c.Errorf("%v", err)
		return 2
	}
	return status
}
