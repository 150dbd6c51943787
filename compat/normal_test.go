package compat

import (
	"testing"
)

func learned(values []string) *normal {
	return learn(values, nil)
}

func TestNormal(t *testing.T) {
	for _, row := range []struct {
		runs      []string
		common    string
		same      []string
		different []string
	}{
		{[]string{"a 1", "a 1"}, "a 1", []string{"a 1"}, []string{"a 2", "a 1\n", "a", absent}},
		{[]string{"pid 12", "pid 345"}, "pid <number>", []string{"pid 9", "pid 12"},
			[]string{"pid xyz", "pod 12", "pid 12 ", "pid"}},
		{[]string{"02.ab.7f", "02.1c.00"}, "02.<number>.<number>", []string{"02.ff.01"},
			[]string{"03.ab.7f", "02.ab.zz", "02.ab.7f.00"}},
		// An address is one token: single parts of two addresses may be alike by chance.
		{[]string{"at 02:ab:7f:01:02:03", "at 02:1c:00:01:05:06"}, "at <number>",
			[]string{"at 04:00:00:00:00:01"}, []string{"at zz", "at 04:zz:00"}},
		{[]string{"tmp.aXy", "tmp.bQ9"}, "tmp.<word>", []string{"tmp.zz"}, []string{"tmp.z-z"}},
		{[]string{"a 1\nb", "a 2\nb"}, "a <number>\nb", []string{"a 3\nb"},
			[]string{"a 3\nc", "b\na 3", "a 3"}},
		{[]string{"x 1\ny", "y\nx 2\ny"}, "(other lines in each run)",
			[]string{"y\nx 3"}, []string{"z", "y\nz 1", "x 1", "x 3\nx 3\ny"}},
		// A sign has no kind, so it must not stand for another sign.
		{[]string{"-", "+"}, "(other lines in each run)", []string{"-", "+"}, []string{"=", "1"}},
	} {
		n := learned(row.runs)
		if got := n.String(); got != row.common {
			t.Errorf("%q: in common %q, want %q", row.runs, got, row.common)
		}
		for _, v := range append(row.same, row.runs...) {
			if !n.matches(v) {
				t.Errorf("%q: %q is different", row.runs, v)
			}
		}
		for _, v := range row.different {
			if n.matches(v) {
				t.Errorf("%q: %q is the same", row.runs, v)
			}
		}
	}
}

func TestCompare(t *testing.T) {
	trace := func(facts ...Fact) *Trace { return &Trace{Facts: facts} }
	s, err := ParseScenario("s", []byte(`boot: true
compare: boot/*
differs: boot/known known
	- a
	+ b
differs: boot/gone should be there
	- a
	+ b
`))
	if err != nil {
		t.Fatal(err)
	}
	runs := []*Trace{
		trace(Fact{"boot/pid", "1"}, Fact{"boot/known", "a"}, Fact{"boot/lost", "x"}),
		trace(Fact{"boot/pid", "2"}, Fact{"boot/known", "a"}, Fact{"boot/lost", "x"}),
	}
	res := judge{runs: runs}.compare(s, []*Trace{trace(Fact{"boot/pid", "3"}, Fact{"boot/known", "b"},
		Fact{"boot/more", "y"}, Fact{"stop/pid", "not compared"})})
	var got []string
	for _, d := range res.Differences {
		got = append(got, d.String())
	}
	want := []string{
		`boot/lost: "(not there)", the original "x"`,
		`boot/more: "y", the original "(not there)"`,
		`boot/gone: boot/gone should be there: "(not there)", ` +
			`the original "(a documented difference)"`,
	}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %s, want %s", got[i], want[i])
		}
	}
	if len(res.Documented) != 1 || res.Documented[0].Why != "known" || res.Facts != 4 ||
		len(res.Normalised) != 1 || res.Normalised[0].Value != "<number>" {
		t.Errorf("got %+v", res)
	}
}
