// Bench measures, and judges only whether an aim is met. It compares boots and stops of our
// program with the original's and with other ways to start a container, down to the system
// calls that none of them can do without; our shell with dash and the other installed
// shells; natives with the tools of this system. All of them take turns in one run. The
// results are medians and ratios.
//
//	bench [-rounds N] [-most N] [-quick] [-out DIR] [start|boot|memory|many|shell|tools]
//
// Without a part it measures all parts. It writes Markdown to standard output, and with
// -out also bench.md and the plots to that directory.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

func main() {
	sandbox.Stage()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command-line options of a run.
type options struct {
	part, out string
	// scene is, in the sandbox, the scene to measure, with files in dir.
	scene, dir string
	sizes
}

func parseOptions(args []string) (options, error) {
	var o options
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	rounds := set.Int("rounds", 20, "how often each is measured")
	quick := set.Bool("quick", false, "see that it works, with little of everything")
	most := set.Int("most", 0, "the most subhosts, mounts and processes, for a small machine")
	set.StringVar(&o.out, "out", "", "directory for bench.md and the plots")
	set.StringVar(&o.scene, "scene", "", "for the bench itself: what to measure in the sandbox")
	set.StringVar(&o.dir, "dir", "", "for the bench itself: its programs and results")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	o.part = set.Arg(0)
	o.sizes = fullSizes(*rounds)
	if *quick {
		o.sizes = quickSizes()
	}
	if *most > 0 {
		o.sizes = o.sizes.atMost(*most)
	}
	return o, nil
}

// run is the body of the program. Outside it measures the named part, in the sandbox one
// scene.
func run(args []string) error {
	o, err := parseOptions(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case sandbox.Inside():
		return inside(o)
	}
	return outside(o, args)
}

// outside measures the scenes of one part, or of all, and writes the document.
func outside(o options, args []string) error {
	scenes := scenesOf(o.part)
	if scenes == nil {
		return fmt.Errorf("there is %s, but no %q", strings.Join(parts(), ", "), o.part)
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o.dir = dir
	if err := compile(dir); err != nil {
		return err
	}
	var doc document
	doc.begin(o)
	var failed []error // the other scenes are still reported
	for _, s := range scenes {
		fmt.Fprintln(os.Stderr, "bench:", s.name)
		r, err := s.measure(o, args)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
			r = report{Markdown: fmt.Sprintf("**%s could not be measured.**\n\n", s.name)}
		}
		doc.add(r)
		if err := doc.save(o); err != nil {
			return err
		}
	}
	return errors.Join(append(failed, doc.finish(o, os.Stdout))...)
}

// measure returns the report of a scene, measured in this process or by this program in a
// sandbox.
func (s scene) measure(o options, args []string) (report, error) {
	var r report
	if !s.sandboxed {
		err := s.run(o, &r)
		return r, err
	}
	if os.Geteuid() != 0 {
		return r, errors.New("booting subhosts needs root")
	}
	root, err := moduleRoot()
	if err != nil {
		return r, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	// A signal that ends the bench ends the sandbox in the normal way.
	ctx, stop := signal.NotifyContext(ctx, unix.SIGINT, unix.SIGTERM)
	defer stop()
	keep := []string{root, o.dir, os.Getenv("OVERLAY_BIN")}
	inner := append([]string{"-scene", s.name, "-dir", o.dir}, args...)
	if err := sandbox.Run(ctx, os.Stderr, keep, inner...); err != nil {
		return r, err
	}
	text, err := os.ReadFile(filepath.Join(o.dir, s.name+".json"))
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// inside measures the scene that the outer side named, and leaves the report to that side.
func inside(o options) error {
	for _, s := range scenesOf("") {
		if s.name != o.scene {
			continue
		}
		var r report
		if err := s.run(o, &r); err != nil {
			return err
		}
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(o.dir, s.name+".json"), text, 0o644)
	}
	return fmt.Errorf("no scene %q", o.scene)
}

// moduleRoot returns the nearest directory, from the current one up, with a go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir + "/go.mod"); err == nil {
			return dir, nil
		}
		if dir == "/" {
			return "", errors.New("not in the project's directory")
		}
	}
}

// binaries returns the directory of our program.
func binaries() (string, error) {
	dir := os.Getenv("OVERLAY_BIN")
	if dir == "" {
		root, err := moduleRoot()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(root, "bin")
	}
	if _, err := os.Stat(dir + "/overlay-boot"); err != nil {
		return "", fmt.Errorf("%w (make build)", err)
	}
	return dir, nil
}
