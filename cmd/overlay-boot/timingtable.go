package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"overlayboot/interp/proc"
)

// The table of --timing has three columns of milliseconds, and fits a terminal.
const (
	tableWidth = 80
	deepest    = 12 // the level from which on steps are indented no further
)

// table shows where the time of a run went.
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

// rows shows a step, and below it those that are part of it.
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

// label is what a line of the table says of a step.
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

// shownCommand is what ps -o comm would show of arguments, and those behind it: of a script
// its name.
func shownCommand(text string) string {
	program, rest, _ := strings.Cut(text, " ")
	if strings.HasSuffix(program, "/sh") && strings.HasPrefix(rest, "/") {
		program, rest, _ = strings.Cut(rest, " ")
	}
	program = program[strings.LastIndexByte(program, '/')+1:]
	return strings.TrimSuffix(program+" "+rest, " ")
}

// plain makes one line of a command, that does nothing to a terminal.
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

// cut shortens a line to a number of characters.
func cut(line string, width int) string {
	if utf8.RuneCountInString(line) <= width {
		return line
	}
	return string([]rune(line)[:width-3]) + "..."
}
