// Package utility holds the parts of the shell's built-in commands that need no shell: echo,
// printf and getopts, the arguments of read, trap, kill, umask and ulimit, and the quoting of
// their output. Behaviour and messages are those of dash 0.5.12, byte by byte, in the C locale.
package utility

import "io"

// Echo writes the arguments of echo, separated by blanks. A first -n omits the newline. Escapes
// always count, and \c ends the output.
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
