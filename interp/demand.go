package interp

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/interp/parse"
)

// A demand is what the body of a subshell asks of it.
type demand struct {
	process bool           // it uses what only a process of its own has
	calls   []string       // the commands that may be functions
	dots    []*syntax.Word // the files that it reads by the special built-in dot
}

// needsProcess reports whether a subshell with that body has to be a process: the
// body, a function that it calls or a file that it reads uses resource limits, the file
// mode mask, an entry in /proc, traps, or has children that outlive it.
func (s *Shell) needsProcess(body syntax.Node) bool { return s.demands(body, s.src, nil) }

// demands is needsProcess for the body of a subshell or function and its text; those
// of the functions in within, which has nil for a file, are being looked at.
func (s *Shell) demands(body syntax.Node, src *origin, within []*function) bool {
	d := demandIn(body, src)
	return d.process || s.callsDemand(&d, within) ||
		slices.ContainsFunc(d.dots, func(w *syntax.Word) bool { return s.dotDemands(w, within) })
}

func (s *Shell) callsDemand(d *demand, within []*function) bool {
	if len(s.funcs) == 0 {
		return false
	}
	for _, name := range d.calls {
		f := s.funcs[name]
		if f != nil && !slices.Contains(within, f) && s.demands(f.body, f.src, append(within, f)) {
			return true
		}
	}
	return false
}

// dotDemands is demands for a file that a subshell reads by dot: one that cannot be
// looked at beforehand may hold anything.
func (s *Shell) dotDemands(w *syntax.Word, within []*function) bool {
	name, ok := s.plainText(w.Parts)
	if !ok || len(within) > maxWithin {
		return true
	}
	text, ok := s.peekDot(name)
	if !ok {
		return true
	}
	list, _, err := parse.All(string(text), parse.Config{})
	return err != nil || s.demands(&syntax.File{Stmts: list}, nil, append(within, nil))
}

// maxWithin bounds how deep functions and files are looked into: a file may read itself.
const maxWithin = 10

// peekDot is the text of a file for dot, if that can be read again.
func (s *Shell) peekDot(name string) (text []byte, ok bool) {
	if !strings.Contains(name, "/") {
		if name, ok = s.findDot(name); !ok {
			return nil, false
		}
	}
	if text, ok := s.host.script(s.absolute(name)); ok {
		return text, true
	}
	var st unix.Stat_t
	if unix.Fstatat(s.dir, name, &st, 0) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, false
	}
	text, err := readAll(s.dir, name)
	return text, err == nil
}

// plainText is what the parts of a word stand for where no expansion does something.
func (s *Shell) plainText(parts []syntax.WordPart) (text string, ok bool) {
	for _, part := range parts {
		value := ""
		switch part := part.(type) {
		case *syntax.Lit:
			value, ok = part.Value, !strings.ContainsAny(part.Value, `\*?[~`)
		case *syntax.SglQuoted:
			value, ok = part.Value, !part.Dollar
		case *syntax.DblQuoted:
			value, ok = s.plainText(part.Parts)
		case *syntax.ParamExp:
			ok = part.Param != nil && part.Exp == nil && !part.Length
			if ok = ok && parse.IsName(part.Param.Value); ok {
				value, ok = s.get(part.Param.Value)
			}
		default:
			ok = false
		}
		if !ok {
			return "", false
		}
		text += value
	}
	return text, ok
}

// demandIn is demandOf, which looks at a body of a text only once.
func demandIn(body syntax.Node, src *origin) demand {
	if src == nil {
		return demandOf(body)
	}
	d, ok := src.demands.get(body)
	if !ok {
		d = demandOf(body)
		src.demands.put(body, d)
	}
	return d
}

// demandOf looks at the words that are written, not at what they expand to, and asks
// for a process when in doubt.
func demandOf(node syntax.Node) (d demand) {
	// One command that is a program would be the process itself: its parent is ours.
	isParent := !isSimple(node)
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			// What it leaves in the background must lose its parent at its end.
			d.process = d.process || n.Background
		case *syntax.CallExpr:
			d.command(n)
		case *syntax.Redirect:
			// The text of a here-document is for others.
			if n.Word != nil {
				inner := demandOf(n.Word)
				d.process = d.process || inner.process
				d.calls = append(d.calls, inner.calls...)
				d.dots = append(d.dots, inner.dots...)
			}
			return false
		case *syntax.Lit:
			d.process = d.process || isProcSelf(n.Value)
		case *syntax.SglQuoted:
			d.process = d.process || isProcSelf(n.Value) ||
				isParent && strings.Contains(n.Value, "PPID")
		}
		return !d.process
	})
	return d
}

// command adds what one command asks for.
func (d *demand) command(c *syntax.CallExpr) {
	args := c.Args
	for len(args) > 1 && args[0].Lit() == "command" {
		args = args[1:]
	}
	if len(args) == 0 {
		return
	}
	switch name := args[0].Lit(); name {
	case "ulimit":
		d.process = true
	case "umask":
		d.process = d.process || len(args) > 1
	case "trap":
		d.process = d.process || trapsSignal(args[1:])
	case ".":
		if len(args) > 1 {
			d.dots = append(d.dots, args[1])
		}
	case "eval":
		d.process = d.process || mentions(c, "ulimit", "umask", "trap")
	case "":
	default:
		if !slices.Contains(d.calls, name) {
			d.calls = append(d.calls, name)
		}
	}
}

// mentions reports whether a command has one of the words in its text.
func mentions(c *syntax.CallExpr, words ...string) (found bool) {
	syntax.Walk(c, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Lit:
			found = found || containsAny([]byte(n.Value), words...)
		case *syntax.SglQuoted:
			found = found || containsAny([]byte(n.Value), words...)
		}
		return !found
	})
	return found
}

// isSimple reports whether a subshell is nothing but one simple command.
func isSimple(node syntax.Node) bool {
	var list []*syntax.Stmt
	switch n := node.(type) {
	case *syntax.Stmt:
		list = []*syntax.Stmt{n}
	case *syntax.Subshell:
		list = n.Stmts
	case *syntax.CmdSubst:
		list = n.Stmts
	}
	if len(list) != 1 {
		return false
	}
	_, ok := list[0].Cmd.(*syntax.CallExpr)
	return ok
}

// trapsSignal reports whether the operands of trap name a signal to catch.
func trapsSignal(operands []*syntax.Word) bool {
	if len(operands) < 2 || operands[0].Lit() == "-" {
		return false
	}
	for _, w := range operands[1:] {
		if name := w.Lit(); name != "EXIT" && name != "0" {
			return true
		}
	}
	return false
}

// isProcSelf leaves out what is the same for a subshell inside the process:
// its namespaces and mounts; and /proc/self/fd, which the shell answers itself.
func isProcSelf(text string) bool {
	for _, dir := range [...]string{"/proc/self/", "/proc/thread-self/"} {
		_, rest, ok := strings.Cut(text, dir)
		if ok && !hasAnyPrefix(rest, "fd", "mount", "ns/") {
			return true
		}
	}
	return false
}

func hasAnyPrefix(text string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}
