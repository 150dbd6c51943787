package compat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"overlayboot/compat/sandbox"
)

// oursSeed is the seed of the first run of our side, after two of the original. A seed
// makes what the kernel numbers begin elsewhere in each run.
const oursSeed = 2

// doubts is how many more runs of each side a difference must outlast.
const doubts = 3

// initScript starts the subhosts that a machine starts by itself.
const initScript = "/etc/init.d/subhosts"

// A Harness runs scenarios.
type Harness struct {
	// Original is the folder of the original's script set.
	Original string
	// OursSet is the folder of the set that our side runs; empty for Original.
	OursSet string
	// Program is our binary.
	Program string
	// Limit is what one run may take; 0 for three minutes.
	Limit time.Duration
}

// Run compares one scenario, in all its variants.
func (h *Harness) Run(ctx context.Context, s *Scenario) []*Result {
	if why := h.lacks(s); why != "" {
		return []*Result{{Scenario: s, Failure: why}}
	}
	var runs []*Trace
	original := side{variant: s.reference(), set: h.Original}
	for seed := range oursSeed {
		t := h.trace(ctx, s, original, seed)
		if t.Failure != "" {
			return []*Result{{Scenario: s, Failure: "the original: " + t.Failure}}
		}
		runs = append(runs, t)
	}
	set := h.Original
	if h.OursSet != "" {
		set = h.OursSet
	}
	j := judge{original: original, runs: runs, lines: pipelines(texts(h.Original))}
	var results []*Result
	for _, v := range s.variants() {
		res := h.judge(ctx, s, j, side{variant: v, set: set, plants: true})
		res.Scenario, res.Variant = s, v.Label
		results = append(results, res)
	}
	return results
}

// A side is one that runs a scenario.
type side struct {
	variant variant
	// set is the folder of its scripts.
	set string
	// plants is set where the steps' plants are to be made.
	plants bool
}

// A judge is the original with its runs so far.
type judge struct {
	original side
	runs     []*Trace
	// lines are the pipelines in its scripts.
	lines []pipeline
}

// judge compares one variant. What differs has to differ in every run of our side from
// all runs of the original: while something does, each runs once more.
func (h *Harness) judge(ctx context.Context, s *Scenario, j judge, our side) *Result {
	j.runs = slices.Clone(j.runs)
	var ours []*Trace
	for seed := oursSeed; ; seed += 2 {
		got := h.trace(ctx, s, our, seed)
		if got.Failure != "" {
			return &Result{Failure: "ours: " + got.Failure}
		}
		ours = append(ours, got)
		res := j.settled(s, ours)
		if len(res.Differences) == 0 || len(ours) > doubts {
			return res
		}
		if t := h.trace(ctx, s, j.original, seed+1); t.Failure == "" {
			j.runs = append(j.runs, t)
		}
	}
}

// settled compares all runs of our side with all those of the original.
func (j judge) settled(s *Scenario, ours []*Trace) *Result {
	res := compare(s, j.runs, ours[0], j.lines)
	for _, t := range ours[1:] {
		res.settle(compare(s, j.runs, t, j.lines))
	}
	return res
}

// lacks names what the machine does not have for a scenario.
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

// trace does one run in a sandbox, and another where a machine with much to do did
// not let it come to rest.
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
		limit = 3 * time.Minute
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
	// The package's init script, where the set is that of an unpacked package.
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
