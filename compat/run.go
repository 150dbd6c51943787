package compat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"overlayboot/compat/sandbox"
)

// Each side runs more than once, since a race may end either way. While something differs,
// the original runs again, up to a limit: its own runs show what a race may change. Ours runs
// again where a race that is listed explains all that differs, since a busy machine may let
// the race end the same way three times.
const (
	originalRuns  = 2
	originalLimit = 5
	oursRuns      = 3
	oursLimit     = 8
)

// initScript starts the subhosts that a machine starts at boot.
const initScript = "/etc/init.d/subhosts"

// A Harness runs scenarios.
type Harness struct {
	// Original is the folder of the original's script set.
	Original string
	// OursSet is the folder of the script set that our side runs; empty means Original.
	OursSet string
	// Program is the path of our binary.
	Program string
	// Limit bounds one run; 0 means five minutes.
	Limit time.Duration
}

// Run compares one scenario, in all its variants.
func (h *Harness) Run(ctx context.Context, s *Scenario) []*Result {
	if why := h.lacks(s); why != "" {
		return []*Result{{Scenario: s, Failure: why}}
	}
	j := judge{original: side{variant: s.reference(), set: h.Original},
		lines: pipelines(texts(h.Original))}
	if s.Scripts == Embedded {
		j.documented = differences
		quiet, err := quietSet(h.Original)
		if err != nil {
			return []*Result{{Scenario: s, Failure: err.Error()}}
		}
		defer os.RemoveAll(quiet)
		j.original.set = quiet
	}
	for seed := range originalRuns {
		t := h.trace(ctx, s, j.original, seed)
		if t.Failure != "" {
			return []*Result{{Scenario: s, Failure: "the original: " + t.Failure}}
		}
		j.runs = append(j.runs, t)
	}
	set := j.original.set
	if h.OursSet != "" {
		set = h.OursSet
	}
	var results []*Result
	for _, v := range s.variants() {
		res := h.judge(ctx, s, j, side{variant: v, set: set, plants: true})
		res.Scenario, res.Variant = s, v.Label
		results = append(results, res)
	}
	return results
}

// traceSwitch matches a line of a script that switches its trace on or off.
var traceSwitch = regexp.MustCompile(`(?m)^(\s*)set [-+]x$`)

// quietSet copies a script set without its trace. The embedded scripts have no trace, and
// trace lines would mix with the output of the scripts.
func quietSet(set string) (dir string, err error) {
	if dir, err = os.MkdirTemp("/var/tmp", "overlay-compat-"); err != nil {
		return "", err
	}
	err = errors.Join(os.Chmod(dir, 0o755), os.CopyFS(dir, os.DirFS(set)))
	for name, text := range texts(dir) {
		err = errors.Join(err,
			os.WriteFile(name, traceSwitch.ReplaceAll([]byte(text), []byte("$1:")), 0))
	}
	return dir, err
}

// A side is one of the two that run a scenario.
type side struct {
	variant variant
	// set is the folder of the side's scripts.
	set string
	// plants is set if the steps' plants are to be carried out.
	plants bool
}

// A judge is the original's side with its runs so far.
type judge struct {
	original side
	runs     []*Trace
	// lines are the pipelines in the original's scripts.
	lines []pipeline
	// documented are the documented differences of the scripts on our side.
	documented *Rules
}

// judge compares one variant.
func (h *Harness) judge(ctx context.Context, s *Scenario, j judge, our side) *Result {
	j.runs = slices.Clone(j.runs)
	seed := originalRuns
	var ours []*Trace
	for range oursRuns {
		got := h.trace(ctx, s, our, seed)
		if got.Failure != "" {
			return &Result{Failure: "ours: " + got.Failure}
		}
		ours, seed = append(ours, got), seed+1
	}
	for {
		res := j.compare(s, ours)
		var by side
		var runs *[]*Trace
		switch {
		case len(res.Differences) == 0:
			return res
		case len(j.runs) < originalLimit:
			by, runs = j.original, &j.runs
		case len(ours) < oursLimit && res.mayRace():
			by, runs = our, &ours
		default:
			return res
		}
		t := h.trace(ctx, s, by, seed)
		if t.Failure != "" {
			return res
		}
		*runs, seed = append(*runs, t), seed+1
	}
}

// lacks names a tool that the scenario needs and the machine does not have.
func (h *Harness) lacks(s *Scenario) string {
	for _, tool := range append(s.Needs, "dash", "nsenter", "ip") {
		if tool == "dash" && systemShell() == "/bin/sh" {
			continue
		}
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Sprintf("the machine has no %s", tool)
		}
	}
	return ""
}

// trace does one run in a sandbox. It repeats the run once if the sandbox did not come to
// rest, as on a busy machine.
func (h *Harness) trace(ctx context.Context, s *Scenario, by side, seed int) *Trace {
	t := h.traceOnce(ctx, s, by, seed)
	if strings.Contains(t.Failure, errRestless.Error()) && ctx.Err() == nil {
		t = h.traceOnce(ctx, s, by, seed)
	}
	return t
}

func (h *Harness) traceOnce(ctx context.Context, s *Scenario, by side, seed int) *Trace {
	limit := h.Limit
	if limit == 0 {
		limit = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	order, err := json.Marshal(job{Scenario: s, Engines: by.variant.Engines, Seed: seed,
		Plant: by.plants})
	if err != nil {
		return &Trace{Failure: err.Error()}
	}
	root := sandbox.Root{Areas: s.Areas, Copies: []sandbox.Copy{{From: h.Program, To: binary}}}
	if len(root.Areas) == 0 {
		root.Areas = []string{Workplace}
	}
	if filepath.Clean(by.set) != Home {
		root.Copies = append(root.Copies, sandbox.Copy{From: by.set, To: Home})
	}
	// If the set is that of an unpacked package, the package's init script goes along.
	boot := filepath.Join(h.Original, "../../../etc/init.d/subhosts")
	if _, err := os.Stat(boot); err == nil && boot != initScript {
		root.Copies = append(root.Copies, sandbox.Copy{From: boot, To: initScript})
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, "/proc/self/exe", innerArg)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(order), &out, &errs
	err = sandbox.RunPrivate(ctx, root, cmd)
	t := &Trace{}
	if err == nil {
		err = json.Unmarshal(out.Bytes(), t)
	}
	if err != nil {
		t.Failure = strings.TrimSpace(fmt.Sprintf("%v %s", err, &errs))
	}
	return t
}
