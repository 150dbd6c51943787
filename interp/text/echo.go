// Package text holds the parts of the shell's built-in commands that need
// nothing of the shell: echo, printf, test and getopts, what read, trap, kill,
// umask and ulimit understand, and the quoting of their output. Each does and
// says what dash 0.5.12 does and says, byte by byte, in the C locale.
package text

import "io"

// Echo writes the arguments of echo, separated by blanks: a first -n leaves
// out the newline, escapes always count, \c ends the output.
func Echo(w io.Writer, args []string) error {
	newline := true
	if len(args) > 0 && args[0] == "-n" {
		args, newline = args[1:], false
	}
	var few [256]byte
	out, stop := few[:0], false
	for i, arg := range args {
		if i > 0 {
			out = append(out, ' ')
		}
		if out, stop = appendEscaped(out, arg); stop {
			newline = false
			break
		}
	}
	if newline {
		out = append(out, '\n')
	}
	_, err := w.Write(out)
	return err
}
