package awk

// builtinArgs returns the minimum and maximum number of arguments of a built-in function.
func builtinArgs(name string) (least, most int) {
	switch name {
	case "srand", "fflush":
		return 0, 1
	case "rand", "systime":
		return 0, 0
	case "index", "atan2", "match":
		return 2, 2
	case "substr", "split", "sub", "gsub":
		return 2, 3
	case "sprintf":
		return 1, 1 << 20
	}
	return 1, 1
}

// builtin parses a call of a built-in function.
func (p *parser) builtin() expr {
	name, line := p.text, p.line
	p.next()
	switch name {
	case "length":
		return p.length()
	case "strftime", "mktime":
		panic(&SyntaxError{line, "function " + name})
	}
	if !p.is("(") {
		p.unexpected()
	}
	p.next()
	if name == "split" {
		return p.split(line)
	}
	args := p.exprs(")")
	least, most := builtinArgs(name)
	if len(args) < least || len(args) > most {
		panic(&SyntaxError{line, "wrong number of arguments in call to " + name})
	}
	switch name {
	case "sub", "gsub":
		return p.substitute(name, args)
	case "match":
		args[1] = p.pattern(args[1])
	}
	return &builtinExpr{name, args, builtinFuncs(name)}
}

// length parses a call of length, which needs no parentheses and accepts arrays.
func (p *parser) length() expr {
	e := &lengthExpr{}
	if !p.is("(") {
		return e
	}
	p.next()
	if p.accept(")") {
		return e
	}
	if sym := p.nameAlone(); sym != nil {
		e.sym = sym
		e.arg = &varExpr{sym, sym.index, sym.local}
		p.expect(")")
		return e
	}
	list := p.exprs(")")
	if len(list) != 1 {
		p.fail("wrong number of arguments in call to length")
	}
	e.arg = list[0]
	return e
}

func (p *parser) split(line int) expr {
	noGt := p.noGt
	p.noGt = false
	e := &splitExpr{text: p.expr()}
	p.expect(",")
	p.newlines()
	if p.kind != tName {
		p.unexpected()
	}
	e.array = p.array(p.text)
	p.next()
	p.noGt = noGt
	if p.accept(",") {
		list := p.exprs(")")
		if len(list) != 1 {
			panic(&SyntaxError{line, "wrong number of arguments in call to split"})
		}
		e.by = list[0]
		if s, ok := e.by.(stringExpr); ok && len(s.s) > 1 {
			p.regexNode(s.s) // reports a bad expression now
		}
		return e
	}
	p.expect(")")
	return e
}

func (p *parser) substitute(name string, args []expr) expr {
	e := &subExpr{pattern: p.pattern(args[0]), by: args[1], all: name == "gsub"}
	e.target = &fieldExpr{numberExpr(num(0))}
	if len(args) == 3 {
		inner := args[2]
		if g, ok := inner.(*groupExpr); ok {
			inner = g.e
		}
		target, ok := inner.(lvalue)
		if !ok {
			p.unexpected()
		}
		e.target = target
	}
	return e
}
