// Package program builds the program that tests run, as make(1) builds it: the flags
// are in the Makefile alone.
package program

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Build makes the program from the sources, as the given file.
func Build(file string) error {
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	cmd := exec.Command("make", "-s", "-C", root, "program", "PROGRAM="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s%w", out, err)
	}
	return nil
}
