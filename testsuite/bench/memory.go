package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// settled is how long a shell is left alone before its memory is counted.
const settled = 2500 * time.Millisecond

// reportMemory prints the memory of shells that wait for a program.
func reportMemory(dir string, list []shell) error {
	program, err := exec.LookPath("sleep")
	if err != nil {
		return err
	}
	// By another name, so that it is a program for every shell.
	child := filepath.Join(dir, "child")
	if err := os.Symlink(program, child); err != nil {
		return err
	}
	fmt.Println("\nmemory of a shell that waits for a program:")
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
		fmt.Printf("%-6s PSS %5d kB, private %5d kB, of it not also in a file %5d kB\n", sh.name,
			m["Pss"], m["Private_Clean"]+m["Private_Dirty"], m["Private_Dirty"])
	}
	return nil
}

// memoryOf is what /proc says of all memory of a process together, in kB.
func memoryOf(pid int) (map[string]int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return nil, err
	}
	sizes := map[string]int{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		var kB int
		if _, err := fmt.Sscanf(value, "%d kB", &kB); err == nil {
			sizes[name] = kB
		}
	}
	return sizes, nil
}
