package site

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

// A Config is the text of a configuration file. Its variables have the values that the function
// config_value of the boot scripts finds.
type Config struct {
	// Path is the absolute path of the file.
	Path  string
	lines []string
}

// A Value is what a configuration has for a variable.
type Value struct {
	// Text is the value; that of a command begins with "!".
	Text string
	// Line is the number of its first line, from 1.
	Line int
}

// ReadConfig reads a configuration file.
func ReadConfig(path string) (*Config, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("cannot use %s: %w", path, err)
	}
	text, err := readFile(abs)
	if err != nil {
		return nil, fmt.Errorf("cannot use %s: %w", path, err)
	}
	return ParseConfig(abs, text), nil
}

// ParseConfig returns the configuration with a text; path is absolute.
func ParseConfig(path string, text []byte) *Config {
	// a shell's variable has no null bytes
	text = bytes.ReplaceAll(text, []byte{0}, nil)
	return &Config{Path: path, lines: strings.Split(string(text), "\n")}
}

// space are the characters of the class [:space:] in the POSIX locale.
const space = " \t\n\v\f\r"

// Value returns the value of a variable; ok says that the configuration has one that is not
// empty.
func (c *Config) Value(name string) (v Value, ok bool) {
	v, _ = c.next(name, 0)
	return v, v.Text != ""
}

// Get returns the value of a variable as a text, or else a default. A command is not run: its
// value is the default.
func (c *Config) Get(name, otherwise string) string {
	if v, ok := c.Value(name); ok && !v.IsCommand() {
		return v.Text
	}
	return otherwise
}

// Shares returns the values of all lines for SHARE, the only variable that may have blanks
// before the "=" and any number of lines.
func (c *Config) Shares() (list []Value) {
	d := &Config{Path: c.Path, lines: make([]string, len(c.lines))}
	for i, line := range c.lines {
		if rest, ok := strings.CutPrefix(line, "SHARE"); ok {
			if rest = strings.TrimLeft(rest, space); strings.HasPrefix(rest, "=") {
				d.lines[i] = "SHARE" + rest
			}
		}
	}
	for at := 0; at < len(d.lines); {
		var v Value
		if v, at = d.next("SHARE", at); v.Text != "" {
			list = append(list, v)
		}
	}
	return list
}

// Addresses returns the value of each line for ADDRESS: that of the first cable, of the second,
// and so on.
func (c *Config) Addresses() (list []Value) {
	for at := 0; at < len(c.lines); {
		var v Value
		if v, at = c.next("ADDRESS", at); v.Line != 0 {
			list = append(list, v)
		}
	}
	return list
}

// IsCommand reports whether the value is a command, whose output is the value of the variable.
func (v Value) IsCommand() bool { return strings.HasPrefix(v.Text, "!") }

// next returns the value of the first line for a variable at or behind a line, and the line at
// which the search for another value goes on. Line is 0 if there is none.
func (c *Config) next(name string, from int) (v Value, after int) {
	var parts []string
	for i := from; i < len(c.lines); i++ {
		text, ok := strings.CutPrefix(c.lines[i], name+"=")
		if !ok {
			continue
		}
		if v.Line == 0 {
			v.Line = i + 1
		}
		text = strings.Trim(text, space)
		if text != "" || len(parts) > 0 {
			parts = append(parts, text)
		}
		after = i + 1
		if !continues(text) {
			v.Text = finish(strings.Join(parts, "\n"))
			return v, after
		}
	}
	v.Text = finish(strings.Join(parts, "\n"))
	return v, len(c.lines)
}

// continues reports whether a line ends with a backslash that joins the next one.
func continues(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// finish takes the backslashes of a value away, as read(1) does, and the quotes of 'word'.
func finish(text string) string {
	if strings.Contains(text, `\`) {
		text = unescape(text)
	}
	if len(text) > 2 && text[0] == '\'' && text[len(text)-1] == '\'' {
		if word := text[1 : len(text)-1]; strings.Trim(word, plain) == "" {
			return word
		}
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// plain are the characters of a word whose single quotes mean nothing.
const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=,+@%-"

// unescape returns what dash's read makes of a text: one line, without backslashes, and without
// blanks at its ends but for those behind a backslash. Where blanks and then only characters
// with a backslash end the line, dash drops these, too.
func unescape(text string) string {
	var line []byte
	kept := 0 // the length up to the last character that stays
	for i := 0; i < len(text); i++ {
		ch, escaped := text[i], false
		if ch == '\\' {
			if i++; i == len(text) {
				break
			}
			if ch, escaped = text[i], true; ch == '\n' {
				continue
			}
		}
		if ch == '\n' {
			break
		}
		blank := !escaped && (ch == ' ' || ch == '\t')
		if blank && len(line) == 0 {
			continue
		}
		line = append(line, ch)
		if !blank && (!escaped || kept == len(line)-1) {
			kept = len(line)
		}
	}
	return string(line[:kept])
}

// Name returns the name of the subhost: NAME, or the file's name without ".conf". A command
// that gives the name is not run; the file's name then counts, as for the function conf_is of
// the scripts.
func (c *Config) Name() string { return c.Get("NAME", FileName(c.Path)) }

// FileName returns the name of the subhost whose configuration does not tell it.
func FileName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".conf") }

// Log returns the path of the log. A relative one starts at the directory in which
// overlay-boot was called, which nobody knows.
func (c *Config) Log() string { return c.Get("LOG", "/tmp/overlay-"+c.Name()+".log") }

// Base returns the directory of the subhost, absolute and without links.
func (c *Config) Base() (string, error) {
	v, ok := c.Value("BASE")
	switch {
	case !ok:
		return "", fmt.Errorf("there is no BASE=... in %s", c.Path)
	case v.IsCommand():
		return "", fmt.Errorf("%s:%d: BASE is the output of a command", c.Path, v.Line)
	}
	base := v.Text
	if !filepath.IsAbs(base) {
		base = filepath.Join(filepath.Dir(c.Path), base)
	}
	base, err := filepath.EvalSymlinks(base)
	if err != nil {
		return "", fmt.Errorf("%s:%d: BASE=%s: %w", c.Path, v.Line, v.Text, err)
	}
	return base, nil
}

// Folder returns the absolute path of a variable that names a directory: LOWER, UPPER, WORK or
// LIVE. A relative one starts at BASE.
func (c *Config) Folder(name string) (string, error) {
	base, err := c.Base()
	if err != nil {
		return "", err
	}
	v, _ := c.Value(name)
	switch {
	case v.IsCommand():
		return "", fmt.Errorf("%s:%d: %s is the output of a command", c.Path, v.Line, name)
	case v.Text == "":
		v.Text = folders[name]
	}
	if filepath.IsAbs(v.Text) {
		return filepath.Clean(v.Text), nil
	}
	return filepath.Join(base, v.Text), nil
}

// folders are the defaults of the variables for directories.
var folders = map[string]string{"LOWER": "/", "UPPER": "root", "WORK": "work", "LIVE": "live"}
