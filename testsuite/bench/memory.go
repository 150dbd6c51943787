package main

import (
	"bufio"
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
		pss, private, err := memoryOf(cmd.Process.Pid)
		if err := cmd.Wait(); err != nil {
			return err
		}
		if err != nil {
			return err
		}
		fmt.Printf("%-6s PSS %5d kB, private %5d kB\n", sh.name, pss, private)
	}
	return nil
}

// memoryOf adds up what /proc says of a process, in kB.
func memoryOf(pid int) (pss, private int, err error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		var kB int
		switch name {
		case "Pss", "Private_Clean", "Private_Dirty":
			if _, err := fmt.Sscan(value, &kB); err != nil {
				return 0, 0, err
			}
		}
		if name == "Pss" {
			pss = kB
		} else {
			private += kB
		}
	}
	return pss, private, lines.Err()
}
