package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// toolCases are commands on f, a text, and t, a tree of files.
var toolCases = [...]string{
	"cat f", "cat f | cat", "sort f", "sort -n -k9 f", "sort -u -k2,2 f", "sed s/a/b/g f",
	"sed s/error/E/ f", "sed -n /kernel9/p f", "grep -c error f", "grep -ci error f",
	"grep -c 'a.*9' f", "grep -v fox f", "awk '{ s += $9 } END { print s }' f",
	"awk '{ print $1, $3 }' f", "awk '/error/ { n++ } END { print n }' f",
	"awk '/kernel[0-9]+ fox/ { n++ } END { print n }' f",
	"awk '{ n[$1]++ } END { for (k in n) print k, n[k] }' f",
	"awk '{ gsub(/o/, \"0\"); print }' f", "awk 'END { print NR }' f", "cut -d' ' -f2,4 f",
	"tr a-z A-Z <f", "wc f", "uniq -c f", "find t", "find t -name 'f1*' -type f",
}

const inDirectory = 200

// benchTools runs each case with the system's tools under dash and with ours, in turns.
func benchTools(o options, r *report) error {
	bin, err := binaries()
	if err != nil {
		return err
	}
	dash, err := exec.LookPath("dash")
	if err != nil {
		return fmt.Errorf("there is nothing to compare with: %w", err)
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := makeInput(dir, o); err != nil {
		return err
	}
	r.printf("## Tools\n\n"+
		"On a text of %d MB or a tree of %d files, LC_ALL=C: CPU time in ms, medians "+
		"of %d; × is the ratio of ours to the system's.\n\n", o.text>>20, o.tree*inDirectory,
		o.toolRounds)
	t := table{{"", "system", "ours", "×", "× wall"}}
	for _, script := range toolCases {
		var theirs, ours costs
		for range o.toolRounds {
			if err := theirs.add(dir, dash, "sh", script); err != nil {
				return err
			}
			if err := ours.add(dir, bin+"/overlay-boot", "overlay-sh", script); err != nil {
				return err
			}
		}
		a, b := median(theirs.cpu), median(ours.cpu)
		t.row("`"+strings.ReplaceAll(script, "|", "\\|")+"`", short(ms(a)), short(ms(b)),
			short(ratio(b, a)), short(ratio(median(ours.wall), median(theirs.wall))))
	}
	r.printf("%v\n", t)
	return nil
}

// add runs a script once more.
func (c *costs) add(dir, file, name, script string) error {
	cmd := exec.Command(file)
	cmd.Args = []string{name, "-c", script}
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	// No /dev/null, since grep would stop reading early.
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Dir, cmd.Stdout = dir, out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %s: %w", name, script, err)
	}
	c.wall = append(c.wall, time.Since(start))
	c.cpu = append(c.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	return nil
}

// makeInput makes f and t, the same each time.
func makeInput(dir string, o options) error {
	f, err := os.Create(filepath.Join(dir, "f"))
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	writeText(w, rand.New(rand.NewPCG(1, 1)), o.text)
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for i := range o.tree {
		d := filepath.Join(dir, "t", "d"+strconv.Itoa(i))
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
		for j := range inDirectory {
			if err := os.WriteFile(filepath.Join(d, "f"+strconv.Itoa(j)), nil, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeText writes lines of eight words and two numbers.
func writeText(w io.Writer, r *rand.Rand, most int) {
	words := [...]string{"the", "quick", "brown", "fox", "jumps", "over", "lazy", "dog", "error",
		"warning",
		"kernel", "alpha", "beta", "gamma", "delta", "Error", "system", "daemon", "init", "overlay",
		"boot",
		"mount", "namespace", "config", "service", "start", "stop", "value", "number", "string"}
	for size := 0; size < most; {
		var line []byte
		for range 8 {
			line = append(line, words[r.IntN(len(words))]...)
			if r.IntN(3) == 0 {
				line = strconv.AppendInt(line, r.Int64N(1000), 10)
			}
			line = append(line, ' ')
		}
		line = fmt.Appendf(line, "%d %d\n", r.IntN(1000000), r.IntN(100))
		size += len(line)
		_, _ = w.Write(line) // the buffer keeps the error
	}
}
