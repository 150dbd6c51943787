package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"overlayboot/builtins/base/proc"
)

// The table of --timing has three columns of milliseconds, and fits a terminal.
const (
	tableWidth = 80
	deepest    = 12 // the level beyond which steps are indented no further
)

// table returns the text that shows where the time of a run went.
func (t *timingTree) table() string {
	var b strings.Builder
	if t.root == nil {
		return "Nothing has told where the time went.\n"
	}
	name, _, _ := strings.Cut(t.root.label(), " ")
	said := fmt.Sprintf("%s ended with status %d after %s ms", name,
		proc.ExitStatus(t.status), milliseconds(t.root.At-t.began))
	b.WriteString("\n" + cut(said, tableWidth) + "\n")
	if t.init != nil {
		program, _, _ := strings.Cut(plain(t.init.became), " ")
		said = fmt.Sprintf("pid 1 became %s after %s ms", program,
			milliseconds(t.init.At-t.began))
		b.WriteString(cut(said, tableWidth) + "\n")
	}
	b.WriteString("   start     time      own  step, in ms; & beside the others, + runs on\n")
	t.rows(&b, t.root, 0)
	return b.String()
}

// rows writes the line of a step, and below it the lines of its parts.
func (t *timingTree) rows(b *strings.Builder, s *timedStep, level int) {
	row(b, s.Start-t.began, s.took(), t.own(s), level, s.label())
	for _, c := range s.children {
		t.rows(b, c, level+1)
	}
	if few := t.fewTime(s); few > 0 {
		text := fmt.Sprintf("(%d below %s)", s.Few, milliseconds(t.least))
		row(b, -1, few, few, level+1, text)
	}
}

func row(b *strings.Builder, start, took, own int64, level int, text string) {
	from := ""
	if start >= 0 {
		from = milliseconds(start)
	}
	line := fmt.Sprintf("%8s %8s %8s  %s%s", from, milliseconds(took), milliseconds(own),
		strings.Repeat("  ", min(level, deepest)), text)
	b.WriteString(cut(line, tableWidth) + "\n")
}

func milliseconds(ns int64) string {
	return fmt.Sprintf("%.2f", float64(ns)/float64(time.Millisecond))
}

// label returns the text for a step in the table.
func (s *timedStep) label() string {
	text := plain(s.Name)
	if s.isProcess() {
		text = fmt.Sprintf("%s [%d]", shownCommand(text), s.Pid)
	}
	if s.Beside {
		text += " &"
	}
	if !s.ended {
		text += " +"
	}
	if n := len(s.others); n > 0 {
		text = fmt.Sprintf("%d x %s", n+1, text)
	}
	return text
}

// shownCommand shortens a command line: the program, or the script of a shell, loses its
// directory, as in ps -o comm. The arguments stay.
func shownCommand(text string) string {
	program, rest, _ := strings.Cut(text, " ")
	if strings.HasSuffix(program, "/sh") && strings.HasPrefix(rest, "/") {
		program, rest, _ = strings.Cut(rest, " ")
	}
	program = program[strings.LastIndexByte(program, '/')+1:]
	return strings.TrimSuffix(program+" "+rest, " ")
}

// plain makes one line of a command, without characters that control a terminal.
func plain(text string) string {
	text = strings.ToValidUTF8(text, "?")
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, text)
}

// cut shortens a line to a width in characters.
func cut(line string, width int) string {
	if utf8.RuneCountInString(line) <= width {
		return line
	}
	return string([]rune(line)[:width-3]) + "..."
}
