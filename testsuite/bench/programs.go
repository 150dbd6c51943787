package main

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed programs/*.c
var sources embed.FS

// compile builds the bench's own programs in a directory: floor, reaper, crowd, spawn and
// via in C, and an empty one in C and in Go.
func compile(dir string) error {
	if err := os.CopyFS(dir, sources); err != nil {
		return err
	}
	libc := []string{"-O2", "-Wall", "-static"}
	flags := map[string][]string{
		"floor": libc, "crowd": libc, "spawn": libc, "empty": libc, "via": libc,
		"reaper": {"-O2", "-Wall", "-static", "-nostdlib", "-ffreestanding"},
	}
	for name, args := range flags {
		source := filepath.Join(dir, "programs", name+".c")
		args = append(args, "-o", filepath.Join(dir, name), source)
		if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("gcc %s: %w\n%s", name, err, out)
		}
	}
	return compileGo(dir)
}

// compileGo builds a program that does nothing, with the flags of ours.
func compileGo(dir string) error {
	const text = "package main\n\nfunc main() {}\n"
	file, err := write(dir, "empty.go", text)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w",
		"-o", filepath.Join(dir, "empty-go"), file)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

func write(dir, name, text string) (string, error) {
	file := filepath.Join(dir, name)
	return file, os.WriteFile(file, []byte(text), 0o644)
}
