package awk

import "slices"

// A Program is a parsed program. It can run any number of times.
type Program struct {
	begin, end []stmt // one block each
	rules      []*rule
	globals    []*symbol
	names      map[string]*symbol
	funcs      map[string]*function
}

// A rule is a pattern with its action.
type rule struct {
	pattern, until expr // until is the second pattern of a range
	body           stmt // nil for {print}
	number         int  // index of the rule, for ranges
}

// use says what a name stands for.
type use byte

const (
	unknown use = iota
	scalar
	arrayUse
)

// A symbol is a variable: global or local to a function.
type symbol struct {
	name  string
	use   use
	index int
	local bool
}

type function struct {
	name    string
	params  []*symbol
	body    stmt
	defined bool
	line    int
}

// An argument is a bare name as an argument of a function call. The function decides whether
// the name is an array.
type argument struct {
	call *callExpr
	arg  int
	sym  *symbol
	line int
}

type parser struct {
	lexer
	*Program
	locals  map[string]*symbol
	inFunc  *function
	loops   int
	inRule  bool
	noGt    bool // a > is the redirection of print
	noIn    bool // an in belongs to for
	regexps map[string]*regexNode
	pending []argument
	calls   []*callExpr
}

// Parse parses a program. The error is a *SyntaxError.
func Parse(src string) (p *Program, err error) {
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case *SyntaxError:
			err = problem
		default:
			panic(problem)
		}
	}()
	q := &parser{lexer: lexer{src: src, line: 1}, Program: &Program{
		names: map[string]*symbol{}, funcs: map[string]*function{}}}
	for i := range specials {
		q.global(specialName(i))
	}
	q.names["ENVIRON"].use, q.names["ARGV"].use = arrayUse, arrayUse
	q.next()
	q.program()
	q.resolve()
	return q.Program, nil
}

func (p *parser) program() {
	for p.terminators(); p.kind != tEOF; p.terminators() {
		switch {
		case p.kind == tKeyword && p.text == "function":
			p.function()
		case p.kind == tKeyword && p.text == "BEGIN":
			p.next()
			p.begin = append(p.begin, p.action())
		case p.kind == tKeyword && p.text == "END":
			p.next()
			p.end = append(p.end, p.action())
		default:
			p.rule()
		}
	}
}

// action parses the block after BEGIN, END or the head of a function.
func (p *parser) action() stmt {
	if !p.is("{") {
		p.unexpected()
	}
	return p.block()
}

func (p *parser) rule() {
	r := &rule{number: len(p.rules)}
	p.inRule = true
	if !p.is("{") {
		r.pattern = p.expr()
		if p.accept(",") {
			p.newlines()
			r.until = p.expr()
		}
	}
	if p.is("{") {
		r.body = p.block()
	} else if p.kind != tEOF && p.kind != tNewline && !p.is(";") {
		p.unexpected()
	}
	p.inRule = false
	p.rules = append(p.rules, r)
}

func (p *parser) function() {
	p.next()
	if p.kind != tName && p.kind != tFuncCall {
		p.unexpected()
	}
	f := p.functionNamed(p.text)
	if f.defined {
		p.fail("redefinition of %s", p.text)
	}
	f.defined = true
	p.next()
	p.expect("(")
	p.locals = map[string]*symbol{}
	for p.kind == tName {
		if p.locals[p.text] != nil {
			p.fail("%s is duplicated in argument list of %s", p.text, f.name)
		}
		s := &symbol{name: p.text, index: len(f.params), local: true}
		f.params = append(f.params, s)
		p.locals[p.text] = s
		p.next()
		if !p.accept(",") {
			break
		}
		p.newlines()
	}
	p.expect(")")
	p.newlines()
	p.inFunc = f
	f.body = p.action()
	p.inFunc, p.locals = nil, nil
}

func (p *parser) functionNamed(name string) *function {
	f := p.funcs[name]
	if f == nil {
		if p.names[name] != nil {
			p.fail("syntax error at or near %s", name)
		}
		f = &function{name: name, line: p.line}
		p.funcs[name] = f
	}
	return f
}

func (p *parser) is(op string) bool { return p.kind == tOp && p.text == op }

func (p *parser) isWord(word string) bool { return p.kind == tKeyword && p.text == word }

func (p *parser) accept(op string) bool {
	if !p.is(op) {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(op string) {
	if !p.accept(op) {
		p.unexpected()
	}
}

func (p *parser) unexpected() {
	switch p.kind {
	case tEOF:
		p.fail("syntax error at or near end of file")
	case tNewline:
		p.line++
		p.fail("unexpected newline")
	}
	p.fail("syntax error at or near %s", p.text)
}

func (p *parser) newlines() {
	for p.kind == tNewline {
		p.next()
	}
}

func (p *parser) terminators() {
	for p.kind == tNewline || p.is(";") {
		p.next()
	}
}

// block parses { statements }.
func (p *parser) block() stmt {
	p.expect("{")
	var list blockStmt
	for p.terminators(); !p.is("}"); p.terminators() {
		if p.kind == tEOF {
			p.fail("missing } near end of file")
		}
		list = append(list, p.statement())
	}
	p.operand = false
	p.next()
	return list
}

// ends parses the end of a simple statement.
func (p *parser) ends() {
	switch {
	case p.kind == tNewline || p.is(";"):
		p.next()
	case p.is("}") || p.kind == tEOF:
	default:
		p.unexpected()
	}
}

func (p *parser) statement() stmt {
	switch {
	case p.is("{"):
		return p.block()
	case p.accept(";"):
		return blockStmt{}
	case p.kind == tKeyword:
		switch p.text {
		case "if":
			return p.ifStmt()
		case "while":
			return p.whileStmt()
		case "do":
			return p.doStmt()
		case "for":
			return p.forStmt()
		}
	}
	s := p.simple()
	p.ends()
	return s
}

// body parses the statement that a condition or a loop controls.
func (p *parser) body() stmt {
	p.newlines()
	return p.statement()
}

func (p *parser) loopBody() stmt {
	p.loops++
	s := p.body()
	p.loops--
	return s
}

func (p *parser) ifStmt() stmt {
	p.next()
	p.expect("(")
	s := &ifStmt{cond: p.expr()}
	p.expect(")")
	s.then = p.body()
	// The else may follow newlines or a semicolon. Mostly there is none.
	before := p.lexer
	p.terminators()
	if p.isWord("else") {
		p.next()
		s.other = p.body()
		return s
	}
	p.lexer = before
	return s
}

func (p *parser) whileStmt() stmt {
	p.next()
	p.expect("(")
	s := &loopStmt{cond: p.expr()}
	p.expect(")")
	s.body = p.loopBody()
	return s
}

func (p *parser) doStmt() stmt {
	p.next()
	s := &loopStmt{body: p.loopBody(), late: true}
	p.terminators()
	if !p.isWord("while") {
		p.unexpected()
	}
	p.next()
	p.expect("(")
	s.cond = p.expr()
	p.expect(")")
	p.ends()
	return s
}

func (p *parser) forStmt() stmt {
	p.next()
	p.expect("(")
	if s := p.forIn(); s != nil {
		return s
	}
	s := &loopStmt{}
	if !p.is(";") {
		s.init = p.simple()
	}
	p.expect(";")
	p.newlines()
	if !p.is(";") {
		s.cond = p.expr()
	}
	p.expect(";")
	p.newlines()
	if !p.is(")") {
		s.step = p.simple()
	}
	p.expect(")")
	s.body = p.loopBody()
	return s
}

// forIn parses for (name in array). It returns nil for another form of for.
func (p *parser) forIn() stmt {
	before := p.lexer
	if p.kind == tName {
		name := p.text
		if p.next(); p.isWord("in") {
			if p.next(); p.kind == tName {
				array := p.text
				if p.next(); p.is(")") {
					p.next()
					s := &forInStmt{target: p.variable(name), array: p.array(array)}
					s.body = p.loopBody()
					return s
				}
			}
		}
	}
	p.lexer = before
	return nil
}

// simple parses a statement that contains no others.
func (p *parser) simple() stmt {
	if p.kind != tKeyword {
		return exprStmt{p.expr()}
	}
	word := p.text
	switch word {
	case "getline":
		return exprStmt{p.expr()}
	case "print", "printf":
		return p.print()
	case "delete":
		return p.deleteStmt()
	}
	p.next()
	switch word {
	case "break", "continue":
		if p.loops == 0 {
			p.fail("%s statement outside of loop", word)
		}
	case "next", "nextfile":
		if !p.inRule {
			p.fail("improper use of %s", word)
		}
	case "exit":
		return &exitStmt{p.optionalExpr()}
	case "return":
		if p.inFunc == nil {
			p.fail("return outside function body")
		}
		return &returnStmt{p.optionalExpr()}
	default:
		p.fail("syntax error at or near %s", word)
	}
	return jumpStmt(jumps()[word])
}

func jumps() map[string]flow {
	return map[string]flow{"break": flowBreak, "continue": flowContinue, "next": flowNext,
		"nextfile": flowNextFile}
}

func (p *parser) optionalExpr() expr {
	if p.kind == tNewline || p.kind == tEOF || p.is(";") || p.is("}") {
		return nil
	}
	return p.expr()
}

func (p *parser) deleteStmt() stmt {
	p.next()
	if p.kind != tName {
		p.unexpected()
	}
	s := &deleteStmt{array: p.array(p.text)}
	p.next()
	if p.accept("[") {
		s.index = p.exprs("]")
	}
	return s
}

func (p *parser) print() stmt {
	s := &printStmt{format: p.text == "printf"}
	p.next()
	p.noGt = true
	if p.is("(") {
		s.args = p.groupOrArgs()
	} else if !p.printEnd() {
		s.args = p.exprList()
	}
	p.noGt = false
	for _, op := range [...]string{">", ">>", "|"} {
		if p.is(op) {
			p.next()
			s.redirect = op[0]
			if op == ">>" {
				s.redirect = 'a'
			}
			s.dest = p.destination()
			break
		}
	}
	if s.format && len(s.args) == 0 {
		p.fail("no arguments in call to printf")
	}
	return s
}

// destination parses the file or command of print, in which > is no comparison.
func (p *parser) destination() expr {
	p.noGt = true
	e := p.expr()
	p.noGt = false
	return e
}

func (p *parser) printEnd() bool {
	return p.kind == tNewline || p.kind == tEOF || p.kind == tOp &&
		slices.Contains([]string{";", "}", ">", ">>", "|"}, p.text)
}

// groupOrArgs parses (a, b) as the arguments of print, or an expression that begins with (.
func (p *parser) groupOrArgs() []expr {
	before, pending := p.lexer, len(p.pending)
	p.next()
	p.noGt = false
	if p.is(")") {
		p.next()
		p.noGt = true
		return nil
	}
	list := p.exprList()
	p.noGt = true
	if p.accept(")") && p.printEnd() {
		return list
	}
	p.lexer = before
	p.pending = p.pending[:pending]
	return p.exprList()
}

func (p *parser) exprList() []expr {
	list := []expr{p.expr()}
	for p.accept(",") {
		p.newlines()
		list = append(list, p.expr())
	}
	return list
}

// exprs parses a list of expressions up to a closing bracket or parenthesis.
func (p *parser) exprs(end string) (list []expr) {
	noGt, noIn := p.noGt, p.noIn
	p.noGt, p.noIn = false, false
	p.newlines()
	if !p.is(end) {
		list = p.exprList()
	}
	p.newlines()
	p.expect(end)
	p.noGt, p.noIn = noGt, noIn
	return list
}

// global finds a global variable or makes it.
func (p *parser) global(name string) *symbol {
	s := p.names[name]
	if s == nil {
		s = &symbol{name: name, index: len(p.globals)}
		if len(p.globals) < len(specials) {
			s.use = scalar
		}
		p.names[name] = s
		p.globals = append(p.globals, s)
	}
	return s
}

func (p *parser) symbol(name string) *symbol {
	if s := p.locals[name]; s != nil {
		return s
	}
	if p.funcs[name] != nil {
		p.fail("syntax error at or near %s", name)
	}
	return p.global(name)
}

func (p *parser) variable(name string) *varExpr {
	s := p.symbol(name)
	if s.use == arrayUse {
		p.fail("illegal reference to array %s", name)
	}
	s.use = scalar
	return &varExpr{s, s.index, s.local}
}

func (p *parser) array(name string) *symbol {
	s := p.symbol(name)
	if s.use == scalar {
		p.fail("illegal reference to variable %s", name)
	}
	s.use = arrayUse
	return s
}

// resolve checks the function calls, and decides which bare names in arguments are arrays.
func (p *parser) resolve() {
	for _, f := range p.funcs {
		if !f.defined {
			p.fail("function %s never defined", f.name)
		}
	}
	for _, e := range p.calls {
		if len(e.args) > len(e.f.params) {
			panic(&SyntaxError{e.line, "too many arguments in call to " + e.f.name})
		}
	}
	for changed := true; changed; {
		changed = false
		for _, a := range p.pending {
			changed = a.unify() || changed
		}
	}
	for _, a := range p.pending {
		a.settle(p)
	}
}

// unify transfers the use of a name between an argument and its parameter. It reports a change.
func (a argument) unify() bool {
	if a.arg >= len(a.call.f.params) {
		return false
	}
	param := a.call.f.params[a.arg]
	switch {
	case param.use == a.sym.use:
		return false
	case param.use == unknown:
		// A parameter becomes an array only if it gets an array.
		if a.sym.use != arrayUse {
			return false
		}
		param.use = arrayUse
	case a.sym.use == unknown:
		a.sym.use = param.use
	default:
		return false
	}
	return true
}

func (a argument) settle(p *parser) {
	if a.arg >= len(a.call.f.params) {
		return
	}
	param := a.call.f.params[a.arg]
	if (param.use == arrayUse) != (a.sym.use == arrayUse) {
		panic(&SyntaxError{a.line, "type error in arg(" + string(rune('1'+a.arg)) +
			") in call to " + a.call.f.name})
	}
	if param.use == arrayUse {
		a.call.args[a.arg] = &arrayArg{a.sym}
	}
}
