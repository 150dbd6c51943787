package handover

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	w := NewWriter()
	texts := []string{"", "a", "two words\n", "\x00\xff:=,"}
	for _, s := range texts {
		w.Text(s)
	}
	for _, n := range []int{0, 1, -1, 1 << 40, -1 << 40} {
		w.Number(n)
	}
	w.Flag(true)
	w.Texts(texts)
	w.Texts(nil)
	w.Flag(false)

	r, err := NewReader(w.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range texts {
		if got := r.Text(); got != s {
			t.Errorf("%q came as %q", s, got)
		}
	}
	for _, n := range []int{0, 1, -1, 1 << 40, -1 << 40} {
		if got := r.Number(); got != n {
			t.Errorf("%d came as %d", n, got)
		}
	}
	if !r.Flag() || !slices.Equal(r.Texts(), texts) || r.Texts() != nil || r.Flag() {
		t.Error("flags or lists came otherwise")
	}
	if r.Err() != nil || len(r.text) != 0 {
		t.Errorf("%v, %d bytes left", r.Err(), len(r.text))
	}
}

// TestPack checks that a packed text is read as it was, and that a truncated one is an error.
func TestPack(t *testing.T) {
	w := NewWriter()
	long := strings.Repeat("the same text again\n", 500)
	w.Text(long)
	w.Number(-5)
	short := Pack(w.Bytes())
	if len(short) > len(long)/10 {
		t.Errorf("%d bytes for %d", len(short), len(long))
	}
	r, err := NewReader(short)
	if err != nil || r.Text() != long || r.Number() != -5 || r.Err() != nil {
		t.Errorf("%v, %v", err, r)
	}
	for size := range len(short) {
		if r, err := NewReader(short[:size]); err == nil && r.Text() == long && r.Number() == -5 {
			t.Errorf("%d of %d bytes were enough", size, len(short))
		}
	}
}

// TestShortText checks that a text truncated at any point is an error, and that the values read
// before that are those written.
func TestShortText(t *testing.T) {
	w := NewWriter()
	w.Text("a text")
	w.Number(1 << 20)
	w.Texts([]string{"b", "c"})
	whole := w.Bytes()
	for size := range len(whole) {
		r, err := NewReader(whole[:size])
		if err != nil {
			continue
		}
		r.Text()
		r.Number()
		if list := r.Texts(); r.Err() == nil {
			t.Errorf("%d of %d bytes were enough, and gave %q", size, len(whole), list)
		}
	}
	if _, err := NewReader([]byte("\x03abc")); err != ErrVersion {
		t.Errorf("another version: %v", err)
	}
}

func TestNote(t *testing.T) {
	for _, n := range []Note{
		{Exe: 20, State: -1},
		{Exe: 20, State: 21, Ignored: 1<<63 | 1},
		{Exe: 20, State: -1, Scripts: "/a dir/with:colon"},
		{Exe: 20, State: 21, Limits: "9,1,ff;2,0,1;", Scripts: "/a:b"},
		{Exe: 20, State: 21, Ignored: 1 << 12, Scripts: "/x"},
		{Exe: 20, State: -1, Closed: 5, Scripts: "/x"},
		{Exe: 20, State: -1, Origin: Unseen, Scripts: "/x"},
		{Exe: 20, State: -1, Timing: "24.ff.1", Scripts: "/a:b,c"},
		{Exe: 20, State: -1, Ignored: 2, Closed: 1, Origin: Embedded},
	} {
		got, rest := Take([]string{"A=b", n.String(), "C="})
		if !reflect.DeepEqual(got, n) || !slices.Equal(rest, []string{"A=b", "C="}) {
			t.Errorf("%q became %+v, beside %q", n.String(), got, rest)
		}
	}
	for _, bad := range []string{"", "x", "-1,-5:z 3:", ",,,:::"} {
		n, _ := Take([]string{Variable + "=" + bad})
		if n.Exe >= 0 || n.State >= 0 {
			t.Errorf("%q gave descriptors: %+v", bad, n)
		}
	}
	if n, _ := Take(nil); n.Exe != -1 || n.State != -1 {
		t.Errorf("no note: %+v", n)
	}
}
