package fsys

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestNamesByInode: the order is that of ls -U -i, sorted by its numbers, also where the
// records of a directory do not fit into one read.
func TestNamesByInode(t *testing.T) {
	dir := t.TempDir()
	for i := range 1500 {
		name := fmt.Sprintf("%s/%d-%s", dir, i*7919%1500, strings.Repeat("x", i%60))
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("sh", "-c", `ls -AUi "$1" | sort -sn -k1,1 | sed 's/^ *[0-9]* //'`,
		"sh", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	names, err := NamesByInode(f)
	if want := strings.Fields(string(out)); err != nil || !slices.Equal(names, want) {
		t.Errorf("%d names, %v; want %d, the first %.3q", len(names), err, len(want), want)
	}
}
