package limits

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestKept(t *testing.T) {
	if err := Set(unix.RLIMIT_AS, unix.Rlimit{Cur: 2 << 30, Max: 3 << 30}); err != nil {
		t.Fatal(err)
	}
	var real unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &real); err != nil || real.Cur == 2<<30 {
		t.Errorf("the process itself has %v, %v", real, err)
	}
	err := Set(unix.RLIMIT_AS, unix.Rlimit{Cur: 4 << 30, Max: 3 << 30})
	if !errors.Is(err, unix.EINVAL) {
		t.Errorf("soft above hard: %v", err)
	}
	want := []Kept{{unix.RLIMIT_AS, unix.Rlimit{Cur: 2 << 30, Max: 3 << 30}}}
	if got := All(); !slices.Equal(got, want) {
		t.Errorf("kept: %v", got)
	}
	text := Text()
	if err := Set(unix.RLIMIT_AS, unix.Rlimit{Cur: 1 << 30, Max: 1 << 30}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", "9", "9,1", "99,1,1;", "-1,1,1;", "9,z,1;;,"} {
		Take(bad)
		if got := Get(unix.RLIMIT_AS); got.Cur != 1<<30 {
			t.Errorf("%q: %v", bad, got)
		}
	}
	if Take(text); !slices.Equal(All(), want) {
		t.Errorf("%q: %v", text, All())
	}
}
