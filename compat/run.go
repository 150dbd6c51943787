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
	"strings"
	"time"

	"overlayboot/compat/sandbox"
)

// The seeds of all runs of one scenario: each makes what the kernel numbers begin
// elsewhere.
const (
	originalSeed = iota
	originalAgain
	oursSeed
	originalThird
	oursAgain
)

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
	for _, seed := range []int{originalSeed, originalAgain} {
		t := h.trace(ctx, s, s.reference(), h.Original, seed)
		if t.Failure != "" {
			return []*Result{{Scenario: s, Failure: "the original: " + t.Failure}}
		}
		runs = append(runs, t)
	}
	set := h.Original
	if h.OursSet != "" {
		set = h.OursSet
	}
	lines := pipelines(texts(h.Original))
	var results []*Result
	for _, v := range s.variants() {
		results = append(results, h.judge(ctx, s, v, set, runs, lines))
	}
	return results
}

// judge compares one variant. When something differs it asks the original once
// more what is its own changing, and then our side whether it differs again.
func (h *Harness) judge(ctx context.Context, s *Scenario, v variant, set string,
	runs []*Trace, lines []pipeline) *Result {
	res, err := h.compare(ctx, s, v, set, oursSeed, runs, lines)
	if err == nil && len(res.Differences) > 0 {
		if t := h.trace(ctx, s, s.reference(), h.Original, originalThird); t.Failure == "" {
			runs = append(runs[:2:2], t)
		}
		res = compare(s, runs, res.ours, lines)
	}
	if err == nil && len(res.Differences) > 0 {
		var again *Result
		if again, err = h.compare(ctx, s, v, set, oursAgain, runs, lines); err == nil {
			res.settle(again)
		}
	}
	if err != nil {
		res = &Result{Failure: "ours: " + err.Error()}
	}
	res.Scenario, res.Variant, res.ours = s, v.Label, nil
	return res
}

// compare does one run of our side and compares it.
func (h *Harness) compare(ctx context.Context, s *Scenario, v variant, set string, seed int,
	runs []*Trace, lines []pipeline) (*Result, error) {
	got := h.trace(ctx, s, v, set, seed)
	if got.Failure != "" {
		return nil, errors.New(got.Failure)
	}
	return compare(s, runs, got, lines), nil
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
func (h *Harness) trace(ctx context.Context, s *Scenario, v variant, set string,
	seed int) *Trace {
	t := h.traceOnce(ctx, s, v, set, seed)
	if strings.Contains(t.Failure, errRestless.Error()) && ctx.Err() == nil {
		t = h.traceOnce(ctx, s, v, set, seed)
	}
	return t
}

func (h *Harness) traceOnce(ctx context.Context, s *Scenario, v variant, set string,
	seed int) *Trace {
	limit := h.Limit
	if limit == 0 {
		limit = 3 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	order, err := json.Marshal(job{Scenario: s, Engines: v.Engines, Seed: seed,
		Plant: seed == oursSeed || seed == oursAgain})
	if err != nil {
		return &Trace{Failure: err.Error()}
	}
	root := sandbox.Root{Areas: s.Areas, Copies: []sandbox.Copy{{From: h.Program, To: binary}}}
	if len(root.Areas) == 0 {
		root.Areas = []string{Workplace}
	}
	if filepath.Clean(set) != Home {
		root.Copies = append(root.Copies, sandbox.Copy{From: set, To: Home})
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
