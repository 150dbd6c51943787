// Bench measures, and judges nothing: our shell against dash and the other shells
// that are here, natives against the tools of this system, and our boots and stops
// against the original's. All of them take turns in one run, and what it prints are
// medians and ratios.
//
//	bench [-rounds N] [shell|tools|boot]
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"overlayboot/compat/sandbox"
)

func main() {
	sandbox.Stage()
	rounds := flag.Int("rounds", 10, "how often each is measured")
	flag.Parse()
	if err := run(flag.Arg(0), *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures what is named, both by default. Boots are measured in a sandbox,
// in which this program runs again.
func run(what string, rounds int) error {
	outside := []struct {
		name  string
		bench func(int) error
	}{{"shell", benchShell}, {"tools", benchTools}}
	known := what == "" || what == "boot"
	for _, b := range outside {
		if known = known || what == b.name; sandbox.Inside() || what != "" && what != b.name {
			continue
		}
		if err := b.bench(rounds); err != nil {
			return err
		}
		fmt.Println()
	}
	switch {
	case !known:
		return fmt.Errorf("there is shell, tools and boot, but no %q", what)
	case what == "" || what == "boot":
		return benchBoot(rounds)
	}
	return nil
}

// binaries is the directory of our program.
func binaries() (string, error) {
	dir := os.Getenv("OVERLAY_BIN")
	if dir == "" {
		here, err := os.Getwd()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(here, "bin")
	}
	if _, err := os.Stat(dir + "/overlay-boot"); err != nil {
		return "", fmt.Errorf("%w (make build)", err)
	}
	return dir, nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median[T cmp.Ordered](list []T) T {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}
