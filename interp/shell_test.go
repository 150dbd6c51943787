package interp

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"overlayboot/builtins/base/handover"
)

// A fate says how a new shell gets a field.
type fate uint8

const (
	same fate = iota + 1 // the new shell has the same value
	anew                 // the field has the value of a newly made shell
	own                  // the new shell has a value of its own, which other tests check
)

// fates lists the fate of each field of a shell: in a subshell inside the process, and in a
// process to which the shell is handed over.
var fates = map[string]struct{ fork, handover fate }{
	"process":               {same, own},
	"environment.name":      {same, same},
	"environment.params":    {same, same},
	"environment.vars":      {own, own},
	"environment.exports":   {same, own}, // made again
	"environment.locals":    {same, own}, // only whether there are any
	"environment.funcs":     {own, own},
	"environment.aliases":   {own, own},
	"environment.hash":      {own, own},
	"environment.getopts":   {same, same},
	"environment.opts":      {same, same},
	"environment.ifsBytes":  {same, anew}, // computed on first use
	"place.files":           {own, anew},  // inherited as descriptors
	"place.dir":             {own, anew},  // of the process
	"place.pwd":             {same, same},
	"place.mask":            {same, anew}, // of the process
	"place.apart":           {same, anew}, // the mask is that of the process
	"control.status":        {same, same},
	"control.context":       {same, same},
	"control.src":           {same, anew}, // commands go as text
	"control.line":          {same, anew}, // with their line numbers
	"control.inputLine":     {same, anew},
	"control.flow":          {anew, anew},
	"control.flowCount":     {anew, anew},
	"control.postponed":     {anew, anew},
	"control.trapStatus":    {anew, anew},
	"control.loopDepth":     {same, same},
	"control.funcDepth":     {same, same},
	"control.dotDepth":      {same, same},
	"control.nested":        {same, anew},
	"control.tested":        {same, same},
	"control.exitDone":      {anew, anew},
	"control.returned":      {anew, anew},
	"control.failed":        {anew, anew},
	"control.hadSubst":      {anew, anew},
	"control.substStatus":   {anew, anew},
	"control.tracing":       {same, same},
	"control.quiet":         {same, anew},
	"identity.role":         {own, same},
	"identity.detached":     {anew, same},
	"identity.pid":          {same, same},
	"identity.main":         {own, anew}, // the shell is the process
	"identity.argv":         {anew, anew},
	"identity.preloaded":    {same, same},
	"lineage.parent":        {own, anew},
	"lineage.body":          {anew, anew},
	"lineage.merged":        {anew, anew},
	"lineage.stand":         {own, anew},
	"lineage.held":          {anew, anew},
	"lineage.step":          {same, anew},
	"lineage.endedBy":       {anew, anew},
	"control.running":       {anew, anew},
	"control.calls":         {anew, anew}, // a dormant shell hands them over, too
	"control.loops":         {anew, anew},
	"control.redirected":    {anew, anew},
	"control.reading":       {anew, anew},
	"control.script":        {anew, anew},
	"control.errand":        {anew, anew},
	"control.outside":       {anew, anew},
	"reactions.traps":       {own, own},
	"reactions.outerTraps":  {own, own},
	"reactions.hardIgnored": {same, same},
	"children.jobs":         {anew, anew},
	"children.lastBg":       {same, same},
	"children.forked":       {anew, anew},
	"children.program":      {anew, anew},
	"console.jobControl":    {anew, anew},
	"console.terminal":      {same, anew},
	"console.isStage":       {anew, anew},
	"console.groupOf":       {anew, anew},
	"console.warned":        {anew, anew},
	"console.simple":        {anew, anew},
}

// fields returns the fields of a shell, by the names of part and field.
func fields(s *Shell) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		name, value := v.Type().Field(i).Name, v.Field(i)
		if !v.Type().Field(i).Anonymous {
			all[name] = settable(value)
			continue
		}
		for j := range value.NumField() {
			all[name+"."+value.Type().Field(j).Name] = settable(value.Field(j))
		}
	}
	return all
}

func settable(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// fill sets a field to a value that no new shell has.
func fill(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(1 << 5)
	case reflect.String:
		v.SetString("text of " + v.Type().String())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		if v.Type().Elem().Kind() == reflect.String {
			v.Index(0).SetString("one")
		}
	case reflect.Func:
		v.Set(reflect.MakeFunc(v.Type(), func([]reflect.Value) []reflect.Value { return nil }))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(settable(v.Field(i)))
		}
	default:
		return false
	}
	return true
}

// filled returns a shell in which each field has a value that no new shell has.
func filled(t *testing.T) *Shell {
	t.Helper()
	s := testShell(t)
	for name, v := range fields(s) {
		rule := fates[name]
		if rule.fork == own || rule.handover == own {
			continue // keeps a working value; TestOwnValues checks it
		}
		if !fill(v) {
			t.Errorf("the test cannot fill %s, a %s", name, v.Type())
		}
	}
	s.locals = []scope{{}}
	s.jobs = jobTable{order: []*job{{pid: 1}}}
	return s
}

func (f fate) check(t *testing.T, what, name string, from, got, fresh any) {
	t.Helper()
	switch {
	case f == 0:
		t.Errorf("nobody has said what becomes of %s at %s", name, what)
	case f == same && !reflect.DeepEqual(from, got):
		t.Errorf("%s of %s: %v, not the same as %v", what, name, got, from)
	case f == anew && !reflect.DeepEqual(fresh, got):
		t.Errorf("%s of %s: %v, not fresh", what, name, got)
	}
}

// TestFieldsFork checks that each field of a shell has a fate, and that a subshell gets the
// field accordingly.
func TestFieldsFork(t *testing.T) {
	s, start := filled(t), fields(new(Shell))
	sub := fields(s.sub())
	for name, v := range fields(s) {
		fates[name].fork.check(t, "fork", name, v.Interface(), sub[name].Interface(),
			start[name].Interface())
	}
	for name := range fates {
		if !start[name].IsValid() {
			t.Errorf("there is no field %s any more", name)
		}
	}
}

// TestFieldsHandover checks that a process to which a shell is handed over gets each field
// according to its fate.
func TestFieldsHandover(t *testing.T) {
	s := filled(t)
	s.role = aSubshell
	w := handover.NewWriter()
	s.encode(w, nil)
	r, err := handover.NewReader(w.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	c, start := New(s.process, nil), fields(New(s.process, nil))
	c.decode(r)
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	got := fields(c)
	for name, v := range fields(s) {
		fates[name].handover.check(t, "handover", name, v.Interface(), got[name].Interface(),
			start[name].Interface())
	}
}

// TestOwnValues checks fields of which a subshell, or another process, gets its own value.
// Commands see the same value as in the parent, and a change affects no other shell.
func TestOwnValues(t *testing.T) {
	setup := `a=1; export b='x y'; readonly c; unset d; export e; alias l='ls -l' m=n
f() { echo "$1" <<E; return 3; }
text of $a
E
g() case $1 in (a) echo a;; esac
trap 'echo bye' EXIT; trap '' INT; trap 'echo hup' HUP
set -- p 'q r'; getopts ab: o -ab x; PATH=/usr/bin:/bin; hash ls; IFS=,; set -f`
	show := `set; export -p; readonly; alias; echo $OPTIND "$@" "$#" $-; f a; echo $?; ` +
		`g a; hash; trap`
	change := `a=2; unset b; alias l=m; unalias m; unset -f f; g() { :; }; trap - EXIT; ` +
		`shift; hash -r`

	parent := testShell(t)
	parent.run(textSource(setup))
	before := printed(t, parent, show)
	for name, c := range map[string]*Shell{
		"subshell": parent.sub(), "other process": handOverTo(t, parent),
	} {
		if got := printed(t, c, show); got != before {
			t.Errorf("the %s has\n%s\nand not\n%s", name, got, before)
		}
		c.run(textSource(change))
		if got := printed(t, c, show); got == before {
			t.Errorf("nothing has changed in the %s", name)
		}
	}
	if got := printed(t, parent, show); got != before {
		t.Errorf("a subshell has changed its parent to\n%s\nfrom\n%s", got, before)
	}
}

// handOverTo returns a shell with the state that a process for a subshell gets.
func handOverTo(t *testing.T, s *Shell) *Shell {
	t.Helper()
	w := handover.NewWriter()
	s.sub().encode(w, nil)
	r, err := handover.NewReader(w.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	c := New(s.process, nil)
	if c.decode(r); r.Err() != nil {
		t.Fatal(r.Err())
	}
	return c
}

// printed returns the standard output of commands, with sorted lines.
func printed(t *testing.T, s *Shell, script string) string {
	t.Helper()
	out, file := newCapture()
	old := s.files.put(1, file)
	s.run(textSource(script))
	s.files.put(1, old)
	text, err := out.finish()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestFunctionHandedOver checks that a function is parsed at its first call, with its line
// numbers.
func TestFunctionHandedOver(t *testing.T) {
	s := testShell(t)
	s.run(textSource("\n\nf() {\n\techo $LINENO\n}"))
	c := handOverTo(t, handOverTo(t, s))
	f, _ := c.funcs.get("f")
	if f == nil || f.body != nil {
		t.Fatal("the function is not there, or parsed already")
	}
	if got := printed(t, c, "f"); got != "\n4" {
		t.Errorf("it writes %q", got)
	}
	if f.body == nil {
		t.Error("it was run without its body")
	}
}
