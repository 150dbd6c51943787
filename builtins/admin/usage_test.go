package admin

import (
	"os"
	"path/filepath"
	"testing"
)

// TestGroup reads the files of a group as a kernel with all controllers has them.
func TestGroup(t *testing.T) {
	dir := t.TempDir()
	if _, ok := groupMemory(dir); ok {
		t.Error("memory of a group without an account")
	}
	for name, text := range map[string]string{"memory.current": "1064960\n",
		"cpu.stat": "usage_usec 2500000\nuser_usec 1\nsystem_usec 2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if n, ok := groupMemory(dir); n != 1064960 || !ok {
		t.Errorf("memory %v, %v", n, ok)
	}
	if n, ok := groupCPU(dir); n != 2.5 || !ok {
		t.Errorf("processor %v, %v", n, ok)
	}
}

// TestNumbers checks how sizes and times are shown.
func TestNumbers(t *testing.T) {
	for n, want := range map[float64]string{0: "0B", 999: "999B", 1024: "1.0K", 10 << 10: "10K",
		1536: "1.5K", 1000 << 10: "1.0M", 5 << 30: "5.0G", 3 << 50: "3072T"} {
		if got := sizeText(n); got != want {
			t.Errorf("%v bytes: %s, want %s", n, got, want)
		}
	}
	for n, want := range map[float64]string{0: "0.0s", 59.94: "59.9s", 61: "1m01s",
		3600: "1h00m", 90000: "25h00m"} {
		if got := cpuText(n); got != want {
			t.Errorf("%v seconds: %s, want %s", n, got, want)
		}
	}
}
