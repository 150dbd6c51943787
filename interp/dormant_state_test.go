package interp

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/syntax"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/base/proc"
	"overlayboot/interp/parse"
	"overlayboot/interp/utility"
)

// through returns a reader of what encode writes.
func through(t *testing.T, encode func(w *handover.Writer)) *handover.Reader {
	t.Helper()
	w := handover.NewWriter()
	encode(w)
	w.Text("end")
	r, err := handover.NewReader(w.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ends checks that all has been read.
func ends(t *testing.T, r *handover.Reader) {
	t.Helper()
	if end := r.Text(); end != "end" || r.Err() != nil {
		t.Errorf("something else was read than was written: %q, %v", end, r.Err())
	}
}

// filledJob returns a job in which each field has a value that no new job has. A field that is
// added and not encoded is found by this.
func filledJob(t *testing.T, number int) *job {
	t.Helper()
	j := new(job)
	v := reflect.ValueOf(j).Elem()
	for i := range v.NumField() {
		if !fill(settable(v.Field(i))) {
			t.Fatalf("the test cannot fill the field %s", v.Type().Field(i).Name)
		}
	}
	j.number = number
	j.rest = []*stage{{1, true, 2 << 8}, {3, false, 9}}
	j.ends = []unix.WaitStatus{4 << 8, 15}
	return j
}

// flaggedJobs returns a job for each flag, which has only that.
func flaggedJobs() (jobs []*job) {
	kind := reflect.TypeFor[job]()
	for i := range kind.NumField() {
		if kind.Field(i).Type.Kind() == reflect.Bool {
			j := &job{number: len(jobs) + 1}
			settable(reflect.ValueOf(j).Elem().Field(i)).SetBool(true)
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// TestJobsKept checks that a shell that was dormant has the same jobs in the same order, with
// the same numbers, also between free numbers.
func TestJobsKept(t *testing.T) {
	one, three, five := &job{number: 1, pid: 10}, filledJob(t, 3), &job{number: 5, state: done}
	for _, from := range []jobTable{
		{}, {slots: []*job{one}, order: []*job{one}},
		{slots: []*job{one, nil, three, nil, five}, order: []*job{three, five, one}},
		{slots: []*job{nil, nil, three}, order: []*job{three}}, {slots: flaggedJobs()},
		{slots: []*job{one, nil, three}, order: nil},
	} {
		r := through(t, from.encode)
		var got jobTable
		got.decode(r)
		ends(t, r)
		if len(got.slots) != len(from.slots) || len(got.order) != len(from.order) {
			t.Fatalf("%d jobs, %d in order, want %d, %d", len(got.slots), len(got.order),
				len(from.slots), len(from.order))
		}
		for i, j := range from.slots {
			if (j == nil) != (got.slots[i] == nil) || j != nil && !sameJob(j, got.slots[i]) {
				t.Errorf("job %d: %+v, want %+v", i+1, got.slots[i], j)
			}
		}
		for i, j := range from.order {
			if got.order[i] != got.slots[j.number-1] {
				t.Errorf("job %d of the order is another job", i)
			}
		}
	}
}

// sameJob compares jobs. An empty list may have become none.
func sameJob(a, b *job) bool {
	x, y := *a, *b
	x.rest, y.rest, x.ends, y.ends, x.text, y.text = nil, nil, nil, nil, nil, nil
	return reflect.DeepEqual(x, y) && slices.Equal(a.ends, b.ends) && slices.Equal(a.text, b.text) &&
		slices.EqualFunc(a.rest, b.rest, func(p, q *stage) bool { return *p == *q })
}

// TestScopesKept checks the values that functions will restore.
func TestScopesKept(t *testing.T) {
	opts := options(5)
	from := []scope{
		{}, {names: []string{"a", "b", "c", "d"}, saved: []variable{
			{"x y\n", true, true, true}, {"", true, false, false}, {"", false, true, false},
			{"", false, false, false},
		}},
		{names: []string{"e"}, saved: []variable{{"1", true, false, true}}, opts: &opts},
	}
	r := through(t, func(w *handover.Writer) { encodeScopes(w, from) })
	got := decodeScopes(r)
	ends(t, r)
	if len(got) != len(from) {
		t.Fatalf("%d scopes, want %d", len(got), len(from))
	}
	for i, sc := range from {
		if !slices.Equal(got[i].names, sc.names) || !slices.Equal(got[i].saved, sc.saved) ||
			!reflect.DeepEqual(got[i].opts, sc.opts) {
			t.Errorf("scope %d: %+v, want %+v", i, got[i], sc)
		}
	}
}

// TestActivationKept checks what a function is left with.
func TestActivationKept(t *testing.T) {
	s := testShell(t)
	s.run(textSource("\n\nf() {\n\techo $LINENO\n}"))
	f, _ := s.funcs.get("f")
	from := activation{function: f, scopes: 2, params: []string{"a", "", "b c"}, loopDepth: 3,
		getopts: utility.GetoptsState{Index: 4, Offset: 5}}
	r := through(t, from.encode)
	var got activation
	got.decode(r)
	ends(t, r)
	if got.function.line != f.line || got.function.text != f.text || f.text == "" {
		t.Errorf("function: line %d, %q, want %d, %q", got.function.line, got.function.text,
			f.line, f.text)
	}
	got.function = f
	if !reflect.DeepEqual(got, from) {
		t.Errorf("%+v, want %+v", got, from)
	}
}

// TestBundleKept checks the descriptors that redirections hide.
func TestBundleKept(t *testing.T) {
	for _, from := range []bundle{
		{script: -1}, {script: 12, redirected: [][]kept{nil, {{1, -1}}, {{0, 13}, {2, 14}}}},
	} {
		r := through(t, from.encode)
		var got bundle
		got.decode(r)
		ends(t, r)
		if !reflect.DeepEqual(got, from) {
			t.Errorf("%+v, want %+v", got, from)
		}
	}
}

// TestKeepOpen checks that the process that continues a shell gets its files, and that they are
// not passed on to other programs.
func TestKeepOpen(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := newFile(fd)
	defer file.release()
	s, spec := testShell(t), &proc.Spec{Exe: -1}
	defer spec.Release()
	if n, err := s.keepOpen(spec, nil); n != -1 || err != nil || len(spec.Pass) > 0 {
		t.Errorf("a closed file: %d, %v", n, err)
	}
	n, err := s.keepOpen(spec, file)
	if err != nil || n < firstFile || !slices.Equal(spec.Pass, []int{n}) {
		t.Fatalf("an open file: %d, %v, passed on %d", n, err, spec.Pass)
	}
	copied, err := unix.FcntlInt(uintptr(n), unix.F_DUPFD, 0) // without close-on-exec
	if err != nil {
		t.Fatal(err)
	}
	list := undoing([]kept{{4, copied}, {5, -1}})
	if len(list) != 2 || list[0].n != 4 || list[1].n != 5 || list[1].old != nil {
		t.Fatalf("%+v", list)
	}
	defer list[0].old.release()
	if flags, err := unix.FcntlInt(uintptr(copied), unix.F_GETFD, 0); err != nil ||
		flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("the file stays open in programs: %v", err)
	}
	if text, err := io.ReadAll(list[0].old); string(text) != "text" || err != nil {
		t.Errorf("it reads %q, %v", text, err)
	}
}

// TestBundleFiles checks which files a dormant shell keeps: those of its environment, and those
// that the redirections around the waiting command hide. A redirection of that command itself
// is undone, as only the program got its file.
func TestBundleFiles(t *testing.T) {
	null := func() *openFile {
		fd, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		return newFile(fd)
	}
	for _, row := range []struct {
		command string
		pid     int // of the program that the shell waits for
		hidden  int // files that stay hidden in the redirection of the command
		first   string
	}{
		{"X >f", 5, 0, "old"}, {"X >f", 0, 1, "new"}, {"X", 5, 1, "new"},
	} {
		s, spec := testShell(t), &proc.Spec{Exe: -1}
		files := map[string]*openFile{"old": null(), "new": null()}
		s.files.put(1, files["new"])
		s.redirected = [][]undone{{{2, nil}}, {{1, files["old"]}}}
		s.errand.pid = row.pid
		list, x := commandX(t, row.command)
		b, err := s.bundleFiles(spec, station{path: []syntax.Node{list[0], x}})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(b.redirected[len(b.redirected)-1]); got != row.hidden {
			t.Errorf("%s, %d: %d files are hidden, want %d", row.command, row.pid, got, row.hidden)
		}
		if !reflect.DeepEqual(b.redirected[0], []kept{{2, -1}}) || b.script != -1 {
			t.Errorf("%s: %+v", row.command, b)
		}
		if got := spec.Files[1]; got != files[row.first].fd {
			t.Errorf("%s, %d: output is descriptor %d, not the %s file", row.command, row.pid, got,
				row.first)
		}
		if s.files.get(1) != files["new"] {
			t.Errorf("%s: the shell itself has other files now", row.command)
		}
		spec.Release()
		files["old"].release()
		files["new"].release()
	}
}

// TestLeafRedirected checks which commands have redirections of their own.
func TestLeafRedirected(t *testing.T) {
	for text, want := range map[string]bool{
		"X": false, "X >f": true, "{ X; } >f": false, "{ X >f; }": true, "(X) >f": false,
		"if X >f; then :; fi": true, "if X; then :; fi >f": false, "! X 2>&1": true,
	} {
		list, _, err := parse.All(text, testShell(t).grammar())
		if err != nil {
			t.Fatal(err)
		}
		var path, found []syntax.Node
		syntax.Walk(list[0], func(node syntax.Node) bool {
			if node == nil {
				path = path[:len(path)-1]
				return true
			}
			path = append(path, node)
			if c, ok := node.(*syntax.CallExpr); ok && len(c.Args) > 0 && c.Args[0].Lit() == "X" {
				found = slices.Clone(path)
			}
			return true
		})
		if got := isLeafRedirected(found); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	if isLeafRedirected(nil) {
		t.Error("no command has redirections")
	}
}
