package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// settled is how long a shell is left alone before its memory is counted.
const settled = 2500 * time.Millisecond

// reportMemory adds a table of the memory of shells that wait for a program.
func reportMemory(r *report, dir string, list []shell) error {
	program, err := exec.LookPath("sleep")
	if err != nil {
		return err
	}
	// Under another name it is an external program for every shell.
	child := filepath.Join(dir, "child")
	if err := os.Symlink(program, child); err != nil {
		return err
	}
	t := table{{"a shell that waits for a program", "PSS kB", "private kB", "not also in a file"}}
	for _, sh := range list {
		cmd := exec.Command(sh.path)
		cmd.Args = append(append([]string(nil), sh.argv...), "-c", child+" 3; :")
		if err := cmd.Start(); err != nil {
			return err
		}
		time.Sleep(settled)
		m, err := memoryOf(cmd.Process.Pid)
		if err := cmd.Wait(); err != nil {
			return err
		}
		if err != nil {
			return err
		}
		t.row(sh.name, fmt.Sprint(m["Pss"]), fmt.Sprint(m["Private_Clean"]+m["Private_Dirty"]),
			fmt.Sprint(m["Private_Dirty"]))
	}
	r.printf("%v\n", t)
	return nil
}
