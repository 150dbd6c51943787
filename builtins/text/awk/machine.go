package awk

import (
	"io"
	"os"
	"strings"
)

// The special variables come first among the global variables.
const (
	vNF = iota
	vNR
	vFNR
	vFS
	vRS
	vOFS
	vORS
	vSUBSEP
	vCONVFMT
	vOFMT
	vRSTART
	vRLENGTH
	vFILENAME
	vENVIRON
	vARGC
	vARGV
)

// specials are the names of the special variables, with their initial values.
var specials = [...]string{"NF", "NR", "FNR", "FS= ", "RS=\n", "OFS= ", "ORS=\n", "SUBSEP=\034",
	"CONVFMT=%.6g", "OFMT=%.6g", "RSTART", "RLENGTH", "FILENAME", "ENVIRON", "ARGC", "ARGV"}

func specialName(i int) string {
	name, _, _ := strings.Cut(specials[i], "=")
	return name
}

// A Config is the environment in which a program runs.
type Config struct {
	Name           string   // for messages
	Vars           []string // assignments before BEGIN: NAME=VALUE with escapes
	Args           []string // the operands
	Env            []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Open opens a file by the name that the program uses.
	Open func(name string, flags int, perm os.FileMode) (io.ReadWriteCloser, error)
	// Shell runs a command and returns its exit status, or 256 plus the signal that ended it.
	// name is argv[0] of the shell.
	Shell func(name, command string, in io.Reader, out io.Writer) int
	// Pipe wraps the write end of a pipe to a command, so that the caller sees failed writes
	// that end the program. It may be nil.
	Pipe func(io.Writer) io.Writer
	// ErrorText returns the C library's text for an error.
	ErrorText func(error) string
}

// A cell holds a variable.
type cell struct {
	value
	array *array
}

// A machine runs a program.
type machine struct {
	*Program
	*Config
	vars  []cell // global variables
	frame []cell // variables of the running function
	depth int

	record  string
	fields  []value // fields[i] is $(i+1); valid up to nf if split is set
	split   bool    // fields are the fields of record
	stale   bool    // record must be rebuilt from fields
	nf      int
	whole   value // $0
	convfmt string
	ofmt    string
	ofs     string
	ors     string
	subsep  string
	fs      separator

	inRange []bool
	result  value // value of return
	status  int
	random  generator

	out     *output
	streams map[string]*stream
	input   *records
	nextArg int
	used    bool // an operand was a file
	main    bool // the main input has ended
	// noErrors says that standard error is closed.
	noErrors bool
	dynamic  map[string]*regex
	joined   []byte
}

// A fatal is a panic value that ends the program with a status. Without a text it ends the
// program quietly.
type fatal struct {
	text   string
	status int
}

func (m *machine) fail(text string) {
	panic(fatal{m.Name + ": " + text, 2})
}

// failAt is fail for run-time errors, which name the position in the input.
func (m *machine) failAt(text string) {
	panic(fatal{m.Name + ": run time error: " + text + "\n\tFILENAME=\"" +
		m.vars[vFILENAME].str("%.6g") + "\" FNR=" + m.vars[vFNR].str("%.6g") + " NR=" +
		m.vars[vNR].str("%.6g"), 2})
}

// Run runs the program and returns its exit status.
func (p *Program) Run(c *Config) (status int) {
	m := &machine{Program: p, Config: c, vars: make([]cell, len(p.globals)),
		inRange: make([]bool, len(p.rules)), streams: map[string]*stream{},
		dynamic: map[string]*regex{}, nextArg: 1}
	m.out = newOutput(c.Stdout)
	defer func() {
		switch problem := recover().(type) {
		case nil:
			return
		case fatal:
			m.giveUp(problem)
			status = problem.status
		default:
			m.drop()
			panic(problem)
		}
	}()
	m.prepare()
	m.run()
	if !m.closeAll() {
		return 2
	}
	return m.status & 0xff
}

// drop closes the files when the program ends as by a signal.
func (m *machine) drop() {
	for _, s := range m.streams {
		if s.file != nil {
			_ = s.file.Close()
		}
	}
}

// giveUp ends the program after an error. The message comes before the output that is still
// buffered.
func (m *machine) giveUp(f fatal) {
	if f.text != "" {
		_, _ = io.WriteString(m.errors(), f.text+"\n")
	}
	_ = m.out.flush()
	m.abandon()
}

func (m *machine) prepare() {
	for i, s := range specials {
		if _, text, ok := strings.Cut(s, "="); ok {
			m.set(i, str(text))
		}
	}
	env, argv := newArray(), newArray()
	for _, e := range m.Env {
		if name, text, ok := strings.Cut(e, "="); ok {
			*env.at(key{name: name}) = value{s: text, k: maybe}
		}
	}
	for i, a := range append([]string{m.Name}, m.Args...) {
		*argv.at(key{number: i, isNumber: true}) = value{s: a, k: maybe}
	}
	m.vars[vENVIRON].array, m.vars[vARGV].array = env, argv
	m.set(vARGC, num(float64(len(m.Args)+1)))
	for _, s := range m.globals {
		if s.use == arrayUse && m.vars[s.index].array == nil {
			m.vars[s.index].array = newArray()
		}
	}
	m.setRecord("")
	m.vars[vFILENAME].value = str("")
	m.vars[vNR].value, m.vars[vFNR].value = num(0), num(0)
	for _, v := range m.Vars {
		m.assignment(v)
	}
}

// assignment makes an assignment NAME=VALUE of the command line.
func (m *machine) assignment(text string) {
	name, v, _ := strings.Cut(text, "=")
	s := m.names[name]
	if s == nil {
		return // the program does not use the variable
	}
	if s.use == arrayUse {
		m.fail("cannot command line assign to " + name + "\n\ttype clash or keyword")
	}
	m.set(s.index, value{s: Unescape(v), k: maybe})
}

func (m *machine) run() {
	exited := m.guarded(m.begin)
	if !exited && (len(m.rules) > 0 || len(m.end) > 0) {
		m.guarded([]stmt{mainLoop{}})
	}
	m.guarded(m.end)
}

// guarded runs blocks. exit ends them, even in a function.
func (m *machine) guarded(blocks []stmt) (exited bool) {
	defer func() {
		problem := recover()
		if _, ok := problem.(exitCall); ok {
			m.frame, m.depth = nil, 0
			exited = true
		} else if problem != nil {
			panic(problem)
		}
	}()
	for _, b := range blocks {
		if b.exec(m) == flowExit {
			return true
		}
	}
	return false
}

// mainLoop is the statement that applies the rules to the main input.
type mainLoop struct{}

func (mainLoop) exec(m *machine) flow {
	m.loop()
	return flowNone
}

// loop runs the rules for each record.
func (m *machine) loop() {
	for {
		line, ok := m.mainRecord()
		if !ok {
			return
		}
		m.setRecord(line)
	rules:
		for _, r := range m.rules {
			if !m.selects(r) {
				continue
			}
			switch m.action(r) {
			case flowNext:
				break rules
			case flowNextFile:
				m.skipFile()
				break rules
			case flowExit:
				return
			}
		}
	}
}

func (m *machine) action(r *rule) flow {
	if r.body == nil {
		m.writeRecord()
		return flowNone
	}
	return r.body.exec(m)
}

func (m *machine) selects(r *rule) bool {
	switch {
	case r.pattern == nil:
		return true
	case r.until == nil:
		return r.pattern.eval(m).isTrue()
	case !m.inRange[r.number] && !r.pattern.eval(m).isTrue():
		return false
	}
	m.inRange[r.number] = !r.until.eval(m).isTrue()
	return true
}

// get returns the value of a global variable.
func (m *machine) get(i int) value {
	if i == vNF {
		m.needFields()
		return m.vars[vNF].value
	}
	return m.vars[i].value
}

// set sets a global variable.
func (m *machine) set(i int, v value) {
	if i > vOFMT {
		m.vars[i].value = v
		return
	}
	if i == vFS {
		m.needFields() // the current record is split by the old FS
	}
	if i == vOFS {
		m.needRecord() // the current record is joined by the old OFS
	}
	m.vars[i].value = v
	switch i {
	case vNF:
		m.setNF(v.num())
		m.vars[i].value = v
	case vFS:
		m.fs = m.separator(v.str(m.convfmt))
	case vRS:
		if sep := m.rs(); m.input != nil {
			m.input.by(sep)
		}
	case vOFS:
		m.ofs = v.str(m.convfmt)
	case vORS:
		m.ors = v.str(m.convfmt)
	case vSUBSEP:
		m.subsep = v.str(m.convfmt)
	case vCONVFMT:
		m.convfmt = v.str(m.convfmt)
	case vOFMT:
		m.ofmt = v.str(m.convfmt)
	}
}

// str returns a value as a string.
func (m *machine) str(v value) string { return v.str(m.convfmt) }
