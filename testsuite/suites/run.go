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

// kept is the number of bytes kept from the end of a test's output.
const kept = 64 << 10

// nobody is the user ID of the tests that do not need root.
const nobody = "65534"

// tail keeps the end of the data written to it.
type tail struct{ bytes.Buffer }

// Write appends p and drops old data beyond the limit.
func (t *tail) Write(p []byte) (int, error) {
	if t.Len() > 4*kept {
		rest := bytes.Clone(t.Bytes()[t.Len()-kept:])
		t.Reset()
		t.Buffer.Write(rest)
	}
	return t.Buffer.Write(p)
}

// A result is the outcome and the output of one test.
type result struct {
	outcome Outcome
	output  string
	took    time.Duration
}

// limits bound one test: a wrapper that finds itself in PATH, or a loop that writes, must
// not exhaust the machine. The number of processes is counted over all those of nobody. For
// root only the time and the namespace bound it.
const limits = "ulimit -u 600 2>/dev/null; ulimit -f 8388608; ulimit -c 0; "

// run runs one test in namespaces of its own. All processes that the test started end with
// it.
func run(ctx context.Context, t Test, limit time.Duration) map[string]result {
	sh, unshare, setpriv := absolute("sh"), absolute("unshare"), absolute("setpriv")
	argv := []string{"-m", "-n", "-p", "-i", "-u", "-f", "--kill-child", "--mount-proc", "--"}
	if !t.Root {
		argv = append(argv, setpriv, "--reuid", nobody, "--regid", nobody, "--clear-groups", "--")
	}
	// gnulib's tests write the reason for a skip to descriptor 9.
	argv = append(argv, sh, "-c", limits+`exec 9>&2; exec "$@"`, "sh")
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, unshare, append(argv, t.Argv...)...)
	cmd.Dir, cmd.Env = t.Dir, t.Env
	cmd.WaitDelay = 2 * time.Second
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	_ = cmd.Run() // the exit status is read below
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

// absolute returns the path of the system's tool, whatever a test has in its PATH.
func absolute(name string) string {
	if file, err := systemTool(name); err == nil {
		return file
	}
	return name
}

// workers is the number of tests that run at a time.
const workers = 2

// A patience returns the time that a test may take.
type patience func(Test) time.Duration

// withSystem returns the limits for the system's tools. Only a test that never ends reaches
// them.
func withSystem(limit time.Duration) patience {
	return func(Test) time.Duration { return 10 * limit }
}

// withOurs returns the limits for our tools, based on the time that the system's tools took
// on the same machine under the same load. A test that takes ten times that hangs on any
// machine.
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

// runAll runs the tests, several at a time.
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

// environment returns the environment of a test, with the test's own variables last.
func environment(s *Side, path string, more ...string) []string {
	if path != "" {
		path += ":"
	}
	return append([]string{
		"PATH=" + path + s.Shared + "/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/", "LC_ALL=C", "TERM=dumb", "TZ=UTC0", "TMPDIR=" + s.Dir,
		"LOCPATH=" + s.Shared + "/locales",
		"SHELL=/bin/sh",
	}, more...)
}

// lastLines returns the end of an output, for a report.
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
