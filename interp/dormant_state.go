package interp

import (
	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/builtins/base/signals"
	"overlayboot/interp/utility"
)

// A bundle holds the file descriptors that a dormant shell keeps open beside its files.
type bundle struct {
	script     int // the file with the rest of the script, -1 for none
	redirected [][]kept
}

// A kept file becomes the file n again, from the file descriptor fd.
type kept struct{ n, fd int }

// bundleFiles gives a Spec the files of the shell, and the files that redirections hide. It
// leaves out files that only the program in the foreground got.
func (s *Shell) bundleFiles(spec *proc.Spec, leaf station) (b bundle, err error) {
	files := append(fileTable(nil), s.files...)
	hidden := append([][]undone(nil), s.redirected...)
	if s.errand.pid != 0 && isLeafRedirected(leaf.path) {
		last := len(hidden) - 1
		for i := len(hidden[last]) - 1; i >= 0; i-- {
			files.put(hidden[last][i].n, hidden[last][i].old)
		}
		hidden[last] = nil
	}
	if spec.Files, err = files.descriptors(nil); err != nil {
		return b, err
	}
	for _, list := range hidden {
		var keep []kept
		for _, u := range list {
			fd, err := s.keepOpen(spec, u.old)
			if err != nil {
				return b, err
			}
			keep = append(keep, kept{u.n, fd})
		}
		b.redirected = append(b.redirected, keep)
	}
	b.script, err = s.keepOpen(spec, s.script)
	return b, err
}

// keepOpen returns a descriptor of a file that a Spec passes on; -1 for a closed file.
func (s *Shell) keepOpen(spec *proc.Spec, f *openFile) (int, error) {
	if f == nil {
		return -1, nil
	}
	fd, err := f.osFD()
	if err != nil {
		return -1, err
	}
	if fd, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, firstFile); err != nil {
		return -1, err
	}
	spec.Own(fd)
	spec.Pass = append(spec.Pass, fd)
	return fd, nil
}

// saveDormant encodes the shell for the process that continues it.
func (s *Shell) saveDormant(places []station, b bundle, held uint64) []byte {
	w := handover.NewWriter()
	s.encode(w, nil)
	w.Flag(true)
	for _, set := range [...]uint64{signals.Mask(), held, signals.Pending()} {
		w.Number(int(set))
	}
	w.Number(s.errand.pid)
	w.Texts(s.errand.argv)
	w.Text(s.outside)
	w.Number(s.line)
	w.Number(s.inputLine)
	s.jobs.encode(w)
	encodeScopes(w, s.locals)
	w.Number(len(s.loops))
	for _, l := range s.loops {
		w.Texts(l.items)
		w.Number(l.status)
	}
	b.encode(w)
	s.encodeReading(w)
	w.Number(places[0].number)
	w.Number(len(s.calls))
	for i, a := range s.calls {
		a.encode(w)
		w.Number(places[i+1].number)
	}
	return w.Bytes()
}

// encodeReading writes the commands from the current line on. For a text that is read from a
// file it writes that line alone, since the rest can be read.
func (s *Shell) encodeReading(w *handover.Writer) {
	r := s.reading
	src := source{script: r.src.script, plain: r.src.plain, line: r.line}
	w.Flag(r.fromFile)
	if r.src.in != nil {
		src.text = r.src.parser.Text().Between(r.from, r.to)
	} else {
		src.text = r.src.text[r.from:]
	}
	src.encode(w)
}

func (b *bundle) encode(w *handover.Writer) {
	w.Number(b.script)
	w.Number(len(b.redirected))
	for _, list := range b.redirected {
		w.Number(len(list))
		for _, k := range list {
			w.Number(k.n)
			w.Number(k.fd)
		}
	}
}

func (b *bundle) decode(r *handover.Reader) {
	b.script = r.Number()
	for n := r.Count(); n > 0; n-- {
		var list []kept
		for m := r.Count(); m > 0; m-- {
			list = append(list, kept{r.Number(), r.Number()})
		}
		b.redirected = append(b.redirected, list)
	}
}

// undoing returns the files that a redirection hides, opened in this process.
func undoing(list []kept) (u []undone) {
	for _, k := range list {
		var old *openFile
		if k.fd >= 0 {
			_, _ = unix.FcntlInt(uintptr(k.fd), unix.F_SETFD, unix.FD_CLOEXEC)
			old = newFile(k.fd)
		}
		u = append(u, undone{k.n, old})
	}
	return u
}

// encode writes an activation. The number of its position stands for the calling command.
func (a *activation) encode(w *handover.Writer) {
	a.function.encode(w)
	w.Number(a.scopes)
	w.Texts(a.params)
	w.Number(a.loopDepth)
	w.Number(a.getopts.Index)
	w.Number(a.getopts.Offset)
}

func (a *activation) decode(r *handover.Reader) {
	a.function = decodeFunction(r)
	a.scopes, a.params, a.loopDepth = r.Number(), r.Texts(), r.Number()
	a.getopts = utility.GetoptsState{Index: r.Number(), Offset: r.Number()}
}

func encodeScopes(w *handover.Writer, scopes []scope) {
	w.Number(len(scopes))
	for _, sc := range scopes {
		w.Texts(sc.names)
		for _, v := range sc.saved {
			w.Text(v.value)
			w.Text(v.marks())
		}
		w.Flag(sc.opts != nil)
		if sc.opts != nil {
			w.Number(int(*sc.opts))
		}
	}
}

func decodeScopes(r *handover.Reader) (scopes []scope) {
	for n := r.Count(); n > 0; n-- {
		sc := scope{names: r.Texts()}
		for range sc.names {
			sc.saved = append(sc.saved, markedVariable(r.Text(), r.Text()))
		}
		if r.Flag() {
			opts := options(r.Number())
			sc.opts = &opts
		}
		scopes = append(scopes, sc)
	}
	return scopes
}

// encode writes the jobs, which stay children of the process.
func (t *jobTable) encode(w *handover.Writer) {
	w.Number(len(t.slots))
	for _, j := range t.slots {
		w.Flag(j != nil)
		if j != nil {
			j.encode(w)
		}
	}
	w.Number(len(t.order))
	for _, j := range t.order {
		w.Number(j.number)
	}
}

func (t *jobTable) decode(r *handover.Reader) {
	for n := r.Count(); n > 0; n-- {
		var j *job
		if r.Flag() {
			j = &job{number: len(t.slots) + 1}
			j.decode(r)
		}
		t.slots = append(t.slots, j)
	}
	for n := r.Count(); n > 0; n-- {
		if number := r.Number(); number > 0 && number <= len(t.slots) {
			t.order = append(t.order, t.slots[number-1])
		}
	}
}

func (j *job) encode(w *handover.Writer) {
	for _, n := range [...]int{j.pid, int(j.state), int(j.status), len(j.rest)} {
		w.Number(n)
	}
	for _, st := range j.rest {
		w.Number(st.pid)
		w.Flag(st.ended)
		w.Number(int(st.status))
	}
	for _, on := range [...]bool{j.pipefail, j.group, j.last, j.waited, j.changed} {
		w.Flag(on)
	}
	w.Number(len(j.ends))
	for _, status := range j.ends {
		w.Number(int(status))
	}
	w.Texts(j.text)
}

func (j *job) decode(r *handover.Reader) {
	j.pid, j.state, j.status = r.Number(), jobState(r.Number()), unix.WaitStatus(r.Number())
	for n := r.Count(); n > 0; n-- {
		j.rest = append(j.rest, &stage{r.Number(), r.Flag(), unix.WaitStatus(r.Number())})
	}
	for _, on := range [...]*bool{&j.pipefail, &j.group, &j.last, &j.waited, &j.changed} {
		*on = r.Flag()
	}
	for n := r.Count(); n > 0; n-- {
		j.ends = append(j.ends, unix.WaitStatus(r.Number()))
	}
	j.text = r.Texts()
}

// isLeafRedirected reports whether the waiting command has redirections of its own.
func isLeafRedirected(path []syntax.Node) bool {
	if len(path) < 2 {
		return false
	}
	st, ok := path[len(path)-2].(*syntax.Stmt)
	return ok && len(st.Redirs) > 0
}
