// Overlay-compat runs the same configurations, scripts or commands twice, with the original
// and with ours, each in a sandbox of its own, and shows what differs.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"overlayboot/compat"
	"overlayboot/compat/sandbox"
)

const usageText = `Usage: overlay-compat run [OPTION...] CONF|SCENARIO...
       overlay-compat shell SCRIPT [ARG...]
       overlay-compat cmd -- COMMAND [ARG...]

Do the same thing twice, with the original's scripts on the system's shell and
tools and with ours, each in a sandbox of its own, and show what differs.

  run    boot and stop the subhost of a configuration, or play a scenario, a file
         that ends in .txtar
  shell  run a script with dash and with overlay-sh
  cmd    run the system's command and the native one of that name

Options of run:
  --original DIR  the script set to compare (default /var/lib/overlay-boot)
  --ours DIR      the script set that our side runs (default: the same)
  --program FILE  our program (default: the overlay-boot beside this one)
  --embedded      our side runs its embedded scripts, the original is without its
                  trace, and the documented differences do not count; a scenario
                  that changes the original's scripts is left out
  --complete      with --embedded: each documented difference has to be seen
  --json          print the results as JSON
  --html FILE     write a report that a browser shows
  --normalised    print what two runs of the original differ in, too
  --jobs N        how many scenarios at a time (default: one for each processor)
  --help          show this
  --version       show the version

Exit status: 0 identical, 1 different, 2 could not compare or wrong usage.
`

// version is the version of the program; make sets it from git.
var version = "unknown"

func main() {
	sandbox.Stage()
	compat.Inner()
	status, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "overlay-compat: %v\n", err)
		status = 2
	}
	os.Exit(status)
}

// options are the options on the command line.
type options struct {
	harness    compat.Harness
	html       string
	json       bool
	normalised bool
	embedded   bool
	complete   bool
	jobs       int
}

func run(args []string) (int, error) {
	if len(args) == 0 {
		return 2, fmt.Errorf("what is to be compared?\n%s", usageText)
	}
	verb, args := args[0], args[1:]
	switch verb {
	case "--help":
		fmt.Print(usageText)
		return 0, nil
	case "--version":
		fmt.Println("overlay-compat", version)
		return 0, nil
	}
	o, operands, err := parse(args)
	if err != nil || o == nil {
		return 0, err
	}
	scenarios, err := o.scenarios(verb, operands)
	if err != nil {
		return 2, err
	}
	if os.Geteuid() != 0 {
		return 2, fmt.Errorf("sandboxes need root")
	}
	results := o.play(scenarios)
	status := compat.Status(results)
	if err := o.report(results); err != nil {
		return status, err
	}
	return max(status, o.unseen()), nil
}

// unseen prints the documented differences that no scenario showed if --complete demands
// each. It returns 1 if there are any.
func (o *options) unseen() (status int) {
	if !o.complete {
		return 0
	}
	for _, difference := range compat.Unseen() {
		fmt.Fprintf(os.Stderr, "overlay-compat: not seen: %s\n", difference)
		status = 1
	}
	return status
}

// parse reads the options. It returns neither options nor an error if it has printed the
// help.
func parse(args []string) (*options, []string, error) {
	o := &options{jobs: runtime.NumCPU()}
	o.harness.Original = compat.Home
	values := map[string]func(string) error{
		"--original": setPath(&o.harness.Original),
		"--ours":     setPath(&o.harness.OursSet),
		"--program":  setPath(&o.harness.Program),
		"--html":     func(v string) error { o.html = v; return nil },
		"--jobs": func(v string) error {
			if _, err := fmt.Sscan(v, &o.jobs); err != nil || o.jobs < 1 {
				return fmt.Errorf("--jobs %s: wants a number from 1", v)
			}
			return nil
		},
	}
	switches := map[string]*bool{"--json": &o.json, "--normalised": &o.normalised,
		"--embedded": &o.embedded, "--complete": &o.complete}
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		name, value, hasValue := strings.Cut(args[0], "=")
		args = args[1:]
		if name == "--" {
			break
		}
		if name == "--help" {
			fmt.Print(usageText)
			return nil, nil, nil
		}
		if on, found := switches[name]; found {
			*on = true
			continue
		}
		set, found := values[name]
		if !found {
			return nil, nil, fmt.Errorf("unknown option %s\n%s", name, usageText)
		}
		if !hasValue {
			if len(args) == 0 {
				return nil, nil, fmt.Errorf("%s wants a value", name)
			}
			value, args = args[0], args[1:]
		}
		if err := set(value); err != nil {
			return nil, nil, err
		}
	}
	return o, args, o.findProgram()
}

func setPath(to *string) func(string) error {
	return func(v string) (err error) {
		*to, err = filepath.Abs(v)
		return err
	}
}

// findProgram looks for our program in the folder of this one, unless --program names it.
func (o *options) findProgram() error {
	if o.harness.Program == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		o.harness.Program = filepath.Join(filepath.Dir(self), "overlay-boot")
	}
	program, err := filepath.EvalSymlinks(o.harness.Program)
	if err != nil {
		return fmt.Errorf("our program: %w", err)
	}
	o.harness.Program = program
	return nil
}

// scenarios returns the scenarios that the command line asks for.
func (o *options) scenarios(verb string, operands []string) ([]*compat.Scenario, error) {
	if len(operands) == 0 {
		return nil, fmt.Errorf("%s: nothing to compare\n%s", verb, usageText)
	}
	switch verb {
	case "run":
		if _, err := os.Stat(o.harness.Original + "/overlay-boot"); err != nil {
			return nil, fmt.Errorf("the original's scripts: %w", err)
		}
		var list []*compat.Scenario
		for _, name := range operands {
			s, err := load(name)
			if err != nil {
				return nil, err
			}
			if o.embedded {
				var possible bool
				if s, possible = s.WithEmbedded(); !possible {
					continue
				}
			}
			list = append(list, s)
		}
		return list, nil
	case "shell":
		s, err := compat.Shell(operands[0], operands[1:])
		return []*compat.Scenario{s}, err
	case "cmd":
		s, err := compat.Command(operands)
		return []*compat.Scenario{s}, err
	}
	return nil, fmt.Errorf("no such way to compare: %s\n%s", verb, usageText)
}

func load(name string) (*compat.Scenario, error) {
	if !strings.HasSuffix(name, ".txtar") {
		return compat.Boot(name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return compat.ParseScenario(strings.TrimSuffix(filepath.Base(name), ".txtar"), text)
}

// play runs all scenarios, several at a time, and keeps their order.
func (o *options) play(scenarios []*compat.Scenario) []*compat.Result {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	defer cancel()
	found := make([][]*compat.Result, len(scenarios))
	slots := make(chan struct{}, o.jobs)
	var group sync.WaitGroup
	for i, s := range scenarios {
		slots <- struct{}{}
		group.Add(1)
		go func() {
			defer group.Done()
			found[i] = o.harness.Run(ctx, s)
			<-slots
		}()
	}
	group.Wait()
	var results []*compat.Result
	for _, list := range found {
		results = append(results, list...)
	}
	return results
}

func (o *options) report(results []*compat.Result) error {
	if o.html != "" {
		f, err := os.Create(o.html)
		if err != nil {
			return err
		}
		if err := compat.ReportHTML(f, results); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	if o.json {
		return compat.ReportJSON(os.Stdout, results)
	}
	compat.Report(os.Stdout, results, o.normalised)
	return nil
}
