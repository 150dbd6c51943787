package suites

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// kept is how much of a test's output is kept, from its end.
const kept = 64 << 10

// nobody is who runs the tests that do not ask for root.
const nobody = "65534"

// tail keeps the end of what is written to it.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	if t.Len() > 4*kept {
		rest := bytes.Clone(t.Bytes()[t.Len()-kept:])
		t.Reset()
		t.Buffer.Write(rest)
	}
	return t.Buffer.Write(p)
}

// A result is the outcome of one test and what it said.
type result struct {
	outcome Outcome
	output  string
	took    time.Duration
}

// limits are of one test: a wrapper that finds itself in PATH, or a loop that writes, must
// not take the machine. They are those of nobody, whose processes are counted together; of
// root's only the time and the namespace bound the number.
const limits = "ulimit -u 600 2>/dev/null; ulimit -f 8388608; ulimit -c 0; "

// run runs one test in namespaces of its own, in which all ends that it started.
func run(ctx context.Context, t Test, limit time.Duration) map[string]result {
	sh, unshare, setpriv := absolute("sh"), absolute("unshare"), absolute("setpriv")
	argv := []string{"-m", "-n", "-p", "-i", "-u", "-f", "--kill-child", "--mount-proc", "--"}
	if !t.Root {
		argv = append(argv, setpriv, "--reuid", nobody, "--regid", nobody, "--clear-groups", "--")
	}
	// gnulib's tests say on descriptor 9 why they are skipped
	argv = append(argv, sh, "-c", limits+`exec 9>&2; exec "$@"`, "sh")
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, unshare, append(argv, t.Argv...)...)
	cmd.Dir, cmd.Env = t.Dir, t.Env
	cmd.WaitDelay = 2 * time.Second
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	_ = cmd.Run() // its status says it
	took := time.Since(start)
	if ctx.Err() != nil {
		return map[string]result{t.Name: {Failed, out.String() + "\ntook too long", took}}
	}
	status := cmd.ProcessState.ExitCode()
	if t.Results == nil {
		return map[string]result{t.Name: {byStatus(status), out.String(), took}}
	}
	all := map[string]result{}
	for name, o := range t.Results(out.String(), status) {
		all[t.Name+"/"+name] = result{o, out.String(), took}
	}
	return all
}

// absolute is the system's tool by its path, whatever a test has in its PATH.
func absolute(name string) string {
	if file, err := systemTool(name); err == nil {
		return file
	}
	return name
}

// workers is how many tests run at a time.
const workers = 2

// A patience is how long a test may take.
type patience func(Test) time.Duration

// withSystem are the limits of the system's tools: only what never ends reaches them.
func withSystem(limit time.Duration) patience {
	return func(Test) time.Duration { return 10 * limit }
}

// withOurs are the limits of ours, on a machine and under a load with which the system's
// tools took so long: what takes ten times that is hung, whatever the machine.
func withOurs(limit time.Duration, system map[string]result) patience {
	return func(t Test) time.Duration {
		var took time.Duration
		for name, r := range system {
			if name == t.Name || strings.HasPrefix(name, t.Name+"/") {
				took = max(took, r.took)
			}
		}
		return limit + 10*took
	}
}

// runAll runs the tests.
func runAll(ctx context.Context, tests []Test, limit patience) map[string]result {
	all := map[string]result{}
	var lock sync.Mutex
	var group sync.WaitGroup
	queue := make(chan Test)
	for range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for t := range queue {
				found := run(ctx, t, limit(t))
				lock.Lock()
				for name, r := range found {
					all[name] = r
				}
				lock.Unlock()
			}
		}()
	}
	for _, t := range tests {
		queue <- t
	}
	close(queue)
	group.Wait()
	return all
}

// environment is what every test gets, with its own variables behind.
func environment(s *Side, path string, more ...string) []string {
	if path != "" {
		path += ":"
	}
	return append([]string{
		"PATH=" + path + s.Shared + "/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/", "LC_ALL=C", "TERM=dumb", "TZ=UTC0", "TMPDIR=" + s.Dir, "LOCPATH=" + s.Shared + "/locales",
		"SHELL=/bin/sh",
	}, more...)
}

// lastLines is the end of an output, for a report.
func lastLines(output string, n int) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return "    " + strings.Join(lines, "\n    ")
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
