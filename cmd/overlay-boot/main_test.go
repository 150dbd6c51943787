package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"overlayboot/compat/sandbox/sandboxtest"
)

// TestMain runs the test binary as the program itself if it is called by one of the
// program's names.
func TestMain(m *testing.M) {
	if filepath.Ext(os.Args[0]) != ".test" {
		main()
	}
	sandboxtest.Main(m)
}

// programAs copies the test binary into a new folder under a name and returns the path.
// Called by that name, the copy acts as the program. A symbolic link would not do, since a
// sandbox does not see the test binary's folder.
func programAs(t *testing.T, name string) string {
	t.Helper()
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	file := filepath.Join(t.TempDir(), name)
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, self); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}
