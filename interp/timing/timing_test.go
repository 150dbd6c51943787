package timing

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asked returns a Recorder, and the end of the socket that receives its records.
func asked(t *testing.T) (r *Recorder, end int) {
	t.Helper()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	r = New(Text(ends[1], 5, true, time.Unix(0, 77)), []string{"sh", "x"})
	if r == nil {
		t.Fatal("the socket was not taken")
	}
	return r, ends[0]
}

func next(t *testing.T, end int) (r Record) {
	t.Helper()
	packet := make([]byte, 1024)
	n, _, err := unix.Recvfrom(end, packet, unix.MSG_DONTWAIT)
	if err != nil {
		t.Fatalf("no record: %v", err)
	}
	r, ok := Decode(packet[:n])
	if !ok {
		t.Fatalf("no record: %q", packet[:n])
	}
	return r
}

func TestRecordRoundTrip(t *testing.T) {
	r := Record{Kind: Replaced, ID: 1<<64 - 1, Parent: 1 << 63, Start: 1 << 60, At: -1, Pid: 9,
		Beside: true, Name: "a\x00b", Few: 3, FewTime: time.Second}
	got, ok := Decode(r.encode())
	if !ok || !reflect.DeepEqual(got, r) {
		t.Errorf("%+v became %+v, %v", r, got, ok)
	}
	whole := r.encode()
	for size := range len(whole) {
		if _, ok := Decode(whole[:size]); ok {
			t.Errorf("%d of %d bytes are a record", size, len(whole))
		}
	}
	r.Name = strings.Repeat("x", 5000)
	if got, ok := Decode(r.encode()); !ok || len(got.Name) != nameSize {
		t.Errorf("a long name: %d bytes, %v", len(got.Name), ok)
	}
}

// TestRecorder checks that a short step is counted, and that a long step and its parents are
// sent once each.
func TestRecorder(t *testing.T) {
	r, end := asked(t)
	first := next(t, end)
	if first.Kind != Process || first.Parent != 5 || first.Start != 77 || !first.Beside ||
		first.Name != "sh x" || first.Pid != unix.Getpid() {
		t.Errorf("the process: %+v", first)
	}
	outer := r.Begin(nil, []string{"outer"})
	r.End(r.Begin(outer, []string{"short"}))
	inner := r.Begin(outer, []string{"inner", "one"})
	time.Sleep(2 * Least)
	r.End(inner)
	begun, ended := next(t, end), next(t, end)
	if begun.Kind != Begun || begun.Name != "outer" || begun.Parent != first.ID {
		t.Errorf("the outer step: %+v", begun)
	}
	if ended.Kind != Ended || ended.Name != "inner one" || ended.Parent != begun.ID ||
		ended.At-ended.Start < int64(2*Least) {
		t.Errorf("the inner step: %+v", ended)
	}
	r.End(outer)
	ended = next(t, end)
	if ended.ID != begun.ID || ended.Few != 1 || ended.FewTime >= Least ||
		ended.Start != begun.Start {
		t.Errorf("the outer step: %+v", ended)
	}
	r.Close()
	if last := next(t, end); last.ID != first.ID || last.Kind != Ended {
		t.Errorf("the process at its end: %+v", last)
	}
}

// TestNobodyAsks checks that a Recorder closes its descriptor when the reader has gone, by
// itself or when it sends, and goes on without it.
func TestNobodyAsks(t *testing.T) {
	r, end := asked(t)
	unix.Close(end)
	step := r.Begin(nil, []string{"a"})
	r.Tell(step)
	if _, _, ok := r.Child(step, false); ok {
		t.Error("a child was told to send to nobody")
	}
	r.End(step)

	r, end = asked(t)
	unix.Close(end)
	closed := func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.fd < 0
	}
	for range 100 {
		if closed() {
			return
		}
		time.Sleep(lookAgain)
	}
	t.Error("the descriptor stays open")
}

// TestNotAsked checks that a descriptor that is no socket of a reader is left alone.
func TestNotAsked(t *testing.T) {
	for _, text := range []string{"", "x", "-1.2.3", "0.5.7", "9999.1.1"} {
		if r := New(text, nil); r != nil {
			t.Errorf("%q was taken", text)
		}
	}
	var r *Recorder
	r.Close()
	if _, _, ok := r.Child(nil, true); ok {
		t.Error("no Recorder has a child")
	}
}
