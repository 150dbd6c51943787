package interp

import "bytes"

// needsOwnProcess reports whether the text of a new shell asks for what only a
// process of its own has: its process id, that of its parent, or a signal that
// must not hit the shell that started it. Like needsProcess it looks at what
// is written, and takes the process when in doubt.
func needsOwnProcess(text []byte) bool {
	for _, word := range [...]string{"$$", "${$", "PPID", "kill", "ulimit", "umask", "/proc/self"} {
		if bytes.Contains(text, []byte(word)) {
			return true
		}
	}
	return false
}

// commandString returns the operand of sh -c, nil where there is none.
func commandString(argv []string) []byte {
	for i, arg := range argv[1:] {
		if len(arg) < 2 || arg[0] != '-' {
			break
		}
		if arg[1] != '-' && containsByte(arg, 'c') && i+2 < len(argv) {
			return []byte(argv[i+2])
		}
	}
	return nil
}
