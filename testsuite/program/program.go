// Package program builds the program that tests run by calling make(1), so that the flags
// are only in the Makefile.
package program

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Build builds the program from the sources and writes it to file.
func Build(file string) error {
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	cmd := exec.Command("make", "-s", "-C", root, "program", "PROGRAM="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s%w", out, err)
	}
	return nil
}
