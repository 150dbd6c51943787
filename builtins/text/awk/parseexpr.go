package awk

import "strings"

// The methods below parse the levels of expressions, from the weakest. mawk has its own order:
// a pipe into getline binds more tightly than concatenation, and ! binds more tightly than
// comparisons.

func (p *parser) expr() expr { return p.ternary() }

func (p *parser) ternary() expr {
	cond := p.or()
	if !p.is("?") {
		return cond
	}
	p.next()
	p.newlines()
	yes := p.ternary()
	p.newlines()
	p.expect(":")
	p.newlines()
	return &condExpr{cond, yes, p.ternary()}
}

func (p *parser) or() expr {
	left := p.and()
	for p.is("||") {
		p.next()
		p.newlines()
		left = &logicExpr{left, p.and(), true}
	}
	return left
}

func (p *parser) and() expr {
	left := p.in()
	for p.is("&&") {
		p.next()
		p.newlines()
		left = &logicExpr{left, p.in(), false}
	}
	return left
}

func (p *parser) in() expr {
	left := p.match()
	for p.isWord("in") {
		p.next()
		if p.kind != tName {
			p.unexpected()
		}
		left = &inExpr{[]expr{left}, p.array(p.text)}
		p.next()
	}
	return left
}

func (p *parser) match() expr {
	left := p.compare()
	for {
		switch {
		case p.is("~"):
			p.next()
			left = &matchExpr{left, p.pattern(p.compare()), false}
		case p.is("!"):
			before := p.lexer
			p.operand = false
			if p.next(); !p.is("~") {
				p.lexer = before
				return left
			}
			p.next()
			left = &matchExpr{left, p.pattern(p.compare()), true}
		default:
			return left
		}
	}
}

func (p *parser) compare() expr {
	left := p.concat()
	for p.kind == tOp && inList(" == != < <= > >= ", p.text) && (p.text != ">" || !p.noGt) {
		op := p.text
		p.next()
		left = &compareExpr{left, p.concat(), compareOps(op)}
	}
	return left
}

// compareOps returns the results of compare that satisfy an operator, as bits for -1, 0 and 1.
func compareOps(op string) byte {
	return map[string]byte{"<": 1, "==": 2, "<=": 3, ">": 4, "!=": 5, ">=": 6}[op]
}

func (p *parser) concat() expr {
	left := p.sum()
	var parts []expr
	for p.beginsOperand() {
		if parts == nil {
			parts = []expr{left}
		}
		parts = append(parts, p.operandOf(p.sum()))
	}
	if parts == nil {
		return left
	}
	return &concatExpr{parts}
}

func (p *parser) beginsOperand() bool {
	switch p.kind {
	case tNumber, tString, tRegex, tName, tFuncCall, tBuiltin:
		return true
	case tKeyword:
		return p.text == "getline"
	case tOp:
		if p.text == "!" {
			return !strings.HasPrefix(strings.TrimLeft(p.src[p.pos:], " \t"), "~")
		}
		return inList(" $ ( - + ++ -- ", p.text)
	}
	return false
}

func (p *parser) sum() expr {
	left := p.product()
	for p.is("+") || p.is("-") {
		op := p.text[0]
		p.next()
		left = &mathExpr{left, p.operandOf(p.product()), op}
	}
	return left
}

func (p *parser) product() expr {
	left := p.unary()
	for p.is("*") || p.is("/") || p.is("%") {
		op := p.text[0]
		p.next()
		left = &mathExpr{left, p.operandOf(p.unary()), op}
	}
	return left
}

func (p *parser) unary() expr {
	switch {
	case p.accept("!"):
		return &notExpr{p.operandOf(p.unary())}
	case p.accept("-"):
		return &negExpr{p.operandOf(p.unary())}
	case p.accept("+"):
		return &mathExpr{numberExpr(num(0)), p.operandOf(p.unary()), '+'}
	}
	return p.piped()
}

// operandOf checks an operand. In mawk, an assignment is an operand only in parentheses.
func (p *parser) operandOf(e expr) expr {
	switch e.(type) {
	case *assignExpr, *updateExpr:
		p.fail("syntax error at an assignment")
	}
	return e
}

// piped parses an operand, or a command before | getline.
func (p *parser) piped() expr {
	left := p.power()
	for p.is("|") {
		before := p.lexer
		if p.next(); !p.isWord("getline") {
			p.lexer = before
			return left
		}
		p.next()
		left = &getlineExpr{source: left, from: '|', target: p.optionalLvalue()}
	}
	return left
}

func (p *parser) power() expr {
	left := p.postfix()
	if !p.is("^") {
		return left
	}
	p.next()
	return &mathExpr{left, p.operandOf(p.powerOperand()), '^'}
}

// powerOperand parses the right side of ^, which may have a sign.
func (p *parser) powerOperand() expr {
	switch {
	case p.accept("-"):
		return &negExpr{p.powerOperand()}
	case p.accept("+"):
		return &mathExpr{numberExpr(num(0)), p.powerOperand(), '+'}
	case p.accept("!"):
		return &notExpr{p.powerOperand()}
	}
	return p.power()
}

func (p *parser) postfix() expr {
	e := p.primary(true)
	target, ok := e.(lvalue)
	if !ok || p.kind != tOp {
		return e
	}
	switch p.text {
	case "++", "--":
		op := p.text
		p.operand = true
		p.next()
		return &stepExpr{target, stepOf(op), true}
	case "=":
		p.next()
		p.newlines()
		return &assignExpr{target, p.assigned()}
	case "+=", "-=", "*=", "/=", "%=", "^=":
		op := p.text[0]
		p.next()
		p.newlines()
		return &updateExpr{target, p.assigned(), op}
	}
	return e
}

// assigned parses the right side of an assignment, which extends as far as possible.
func (p *parser) assigned() expr { return p.ternary() }

func stepOf(op string) float64 {
	if op == "--" {
		return -1
	}
	return 1
}

// lvalue parses the target of an assignment.
func (p *parser) lvalue() lvalue {
	target, ok := p.primary(false).(lvalue)
	if !ok {
		p.unexpected()
	}
	return target
}

func (p *parser) optionalLvalue() lvalue {
	if p.is("$") || p.kind == tName {
		return p.lvalue()
	}
	return nil
}

// primary parses an operand without the operators after it. If alone is set, it may also be a
// call of getline.
func (p *parser) primary(alone bool) expr {
	word := p.text
	switch p.kind {
	case tNumber:
		n := p.num
		p.next()
		return numberExpr(num(n))
	case tString:
		p.next()
		return stringExpr(str(word))
	case tRegex:
		re := p.regexNode(word)
		p.next()
		return &regexExpr{re}
	case tName:
		p.next()
		return p.name(word)
	case tFuncCall:
		return p.call()
	case tBuiltin:
		return p.builtin()
	case tKeyword:
		if word == "getline" && alone {
			return p.getline()
		}
	case tOp:
		switch word {
		case "$":
			return p.fieldExpr()
		case "(":
			return p.group()
		case "++", "--":
			p.operand = false
			p.next()
			return &stepExpr{p.lvalue(), stepOf(word), false}
		case "-", "+", "!":
			return p.unary()
		}
	}
	p.unexpected()
	return nil
}

func (p *parser) fieldExpr() expr {
	p.next()
	if p.is("-") || p.is("+") || p.is("!") {
		return &fieldExpr{p.unary()}
	}
	index := p.primary(false)
	if v, ok := index.(*varExpr); ok && !v.local && v.index == vNF && (p.is("++") || p.is("--")) {
		index = &stepExpr{v, stepOf(p.text), true} // in mawk, $NF++ is $(NF++), for NF alone
		p.operand = true
		p.next()
	}
	return &fieldExpr{index}
}

// name parses a variable or an element.
func (p *parser) name(word string) expr {
	if p.accept("[") {
		return &indexExpr{p.array(word), p.exprs("]")}
	}
	return p.variable(word)
}

// group parses (expression), or (list) in array.
func (p *parser) group() expr {
	p.next()
	list := p.exprs(")")
	if len(list) == 1 {
		return &groupExpr{list[0]}
	}
	if len(list) == 0 || !p.isWord("in") {
		p.unexpected()
	}
	p.next()
	if p.kind != tName {
		p.unexpected()
	}
	e := &inExpr{list, p.array(p.text)}
	p.next()
	return e
}

func (p *parser) getline() expr {
	p.next()
	e := &getlineExpr{target: p.optionalLvalue()}
	if p.accept("<") {
		e.from = '<'
		e.source = p.getlineFile()
	}
	return e
}

// getlineFile parses the file name after <, which ends at any operator except ^.
func (p *parser) getlineFile() expr {
	switch {
	case p.is("-") || p.is("+") || p.is("!"):
		return p.unary()
	}
	return p.power()
}

// call parses a call of a function of the program.
func (p *parser) call() expr {
	f := p.functionNamed(p.text)
	e := &callExpr{f: f}
	line := p.line
	p.next()
	p.expect("(")
	noGt := p.noGt
	p.noGt = false
	for p.newlines(); !p.is(")"); p.newlines() {
		if len(e.args) > 0 {
			p.expect(",")
			p.newlines()
		}
		if sym := p.nameAlone(); sym != nil {
			p.pending = append(p.pending, argument{e, len(e.args), sym, line})
			e.args = append(e.args, &varExpr{sym, sym.index, sym.local})
			continue
		}
		e.args = append(e.args, p.expr())
	}
	p.noGt = noGt
	p.next()
	p.checkCall(e, line)
	return e
}

// nameAlone parses a name that is a whole argument.
func (p *parser) nameAlone() *symbol {
	if p.kind != tName {
		return nil
	}
	before, name := p.lexer, p.text
	p.next()
	if p.is(",") || p.is(")") {
		return p.symbol(name)
	}
	p.lexer = before
	return nil
}

// checkCall records a call. resolve checks the number of arguments when the function is known.
func (p *parser) checkCall(e *callExpr, line int) {
	e.line = line
	p.calls = append(p.calls, e)
}

func (p *parser) regexNode(src string) *regexNode {
	if re := p.regexps[src]; re != nil {
		return re
	}
	compiled, err := compile(src)
	if err != nil {
		p.fail("regular expression compile failed (%v)\n%s", err, src)
	}
	if p.regexps == nil {
		p.regexps = map[string]*regexNode{}
	}
	p.regexps[src] = &regexNode{compiled}
	return p.regexps[src]
}

// pattern parses the right side of ~. It compiles a constant now.
func (p *parser) pattern(e expr) expr {
	if s, ok := e.(stringExpr); ok {
		return &regexExpr{p.regexNode(s.s)}
	}
	return e
}
