package awk

// flow says how a statement ended.
type flow byte

const (
	flowNone flow = iota
	flowBreak
	flowContinue
	flowNext
	flowNextFile
	flowExit
	flowReturn
)

// A stmt is a statement.
type stmt interface{ exec(m *machine) flow }

type (
	blockStmt []stmt
	exprStmt  struct{ e expr }
	ifStmt    struct {
		cond        expr
		then, other stmt
	}
	loopStmt struct {
		init       stmt
		cond       expr
		step, body stmt
		late       bool // do: the body runs before the first test
	}
	forInStmt struct {
		target *varExpr
		array  *symbol
		body   stmt
	}
	jumpStmt   flow
	exitStmt   struct{ status expr }
	returnStmt struct{ result expr }
	deleteStmt struct {
		array *symbol
		index []expr
	}
	printStmt struct {
		args     []expr
		format   bool
		redirect byte // >, a for append, |, or 0
		dest     expr
	}
)

func (b blockStmt) exec(m *machine) flow {
	for _, s := range b {
		if f := s.exec(m); f != flowNone {
			return f
		}
	}
	return flowNone
}

func (s exprStmt) exec(m *machine) flow {
	s.e.eval(m)
	return flowNone
}

func (s *ifStmt) exec(m *machine) flow {
	switch {
	case s.cond.eval(m).isTrue():
		return s.then.exec(m)
	case s.other != nil:
		return s.other.exec(m)
	}
	return flowNone
}

func (s *loopStmt) exec(m *machine) flow {
	if s.init != nil {
		s.init.exec(m)
	}
	for first := s.late; first || s.cond == nil || s.cond.eval(m).isTrue(); first = false {
		switch f := s.body.exec(m); f {
		case flowNone, flowContinue:
		case flowBreak:
			return flowNone
		default:
			return f
		}
		if s.step != nil {
			s.step.exec(m)
		}
	}
	return flowNone
}

func (s *forInStmt) exec(m *machine) flow {
	for _, name := range m.array(s.array).names() {
		s.target.assign(m, value{s: name, k: text})
		switch f := s.body.exec(m); f {
		case flowNone, flowContinue:
		case flowBreak:
			return flowNone
		default:
			return f
		}
	}
	return flowNone
}

func (s jumpStmt) exec(*machine) flow { return flow(s) }

func (s *exitStmt) exec(m *machine) flow {
	if s.status != nil {
		m.status = toInt(s.status.eval(m).num())
	}
	return flowExit
}

func (s *returnStmt) exec(m *machine) flow {
	m.result = value{}
	if s.result != nil {
		m.result = s.result.eval(m)
	}
	return flowReturn
}

func (s *deleteStmt) exec(m *machine) flow {
	if s.index == nil {
		m.array(s.array).clear()
		return flowNone
	}
	m.array(s.array).remove(m.subscript(s.index))
	return flowNone
}

func (s *printStmt) exec(m *machine) flow {
	out := m.out
	if !s.format && len(s.args) > 0 || s.redirect != 0 {
		return s.general(m)
	}
	if s.format {
		return s.printf(m, out)
	}
	m.writeRecord()
	return flowNone
}

// general evaluates the arguments first, then the file name, and then prints.
func (s *printStmt) general(m *machine) flow {
	if s.format && s.redirect != 0 {
		return s.printf(m, nil)
	}
	var room [8]value
	args := room[:0]
	for _, a := range s.args {
		args = append(args, a.eval(m))
	}
	out := m.out
	if s.redirect != 0 {
		out = m.destination(m.str(s.dest.eval(m)), s.redirect)
	}
	if len(s.args) == 0 {
		m.needRecord()
		m.write(out, m.record)
	}
	for i, v := range args {
		if i > 0 {
			m.write(out, m.ofs)
		}
		m.write(out, v.str(m.ofmt))
	}
	m.write(out, m.ors)
	return flowNone
}

func (s *printStmt) printf(m *machine, out *output) flow {
	var args []value
	for _, a := range s.args {
		args = append(args, a.eval(m))
	}
	if out == nil {
		out = m.destination(m.str(s.dest.eval(m)), s.redirect)
	}
	b, problem := sprintf(m.joined[:0], m.str(args[0]), args[1:], m.convfmt)
	m.joined = b
	m.write(out, string(b))
	if problem != "" {
		m.formatProblem(problem, "printf")
	}
	return flowNone
}

func (m *machine) writeRecord() {
	m.needRecord()
	m.write(m.out, m.record)
	m.write(m.out, m.ors)
}
