package faults

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// operations are the operations that receive faults, with their share of a sample.
var operations = [...]struct {
	name   string
	points int
}{{"boot", 150}, {"stop", 45}, {"share", 20}, {"go", 20}}

// once has points that every run includes, whatever the counts: the call is made once, or
// is the first.
var once = []Point{{"boot", "close_range", 1, false}, {"boot", "flock", 1, false}}

// beside is the number of points that run at the same time. They spend most of their time
// waiting.
const beside = 3

// TestFaults runs a sample of points. OVERLAY_FAULTS=all runs every point;
// OVERLAY_FAULTS='boot:mount:3:error stop:read:7:kill' runs the named ones, with * for any.
func TestFaults(t *testing.T) {
	l := newLab(t)
	for _, op := range operations {
		l.learn(op.name)
	}
	l.covers("boot", "mount", "umount2", "pivot_root", "setns", "unshare", "clone3", "execveat",
		"mkdirat", "mknodat", "prctl", "sendto", "read", "write", "openat")
	l.all(l.choose(os.Getenv("OVERLAY_FAULTS")))
	l.report()
}

// TestJudgement creates things that a boot must not leave, or removes things that it must
// have made, and checks that the judgement finds this.
func TestJudgement(t *testing.T) {
	l := newLab(t)
	known := l.learn("boot")
	const refuse, goOn = "boot:mount:2:error", "boot:ioctl:9999:error"
	for _, r := range []struct{ point, plant, class, detail string }{
		{refuse, ":", refused, ""},
		{goOn, ":", unreached, ""},
		{refuse, "ip link add stray type veth peer name yarts", left, "+ link stray"},
		{refuse, "ip netns add stray", left, "+ netns stray"},
		{refuse, "mount -t tmpfs stray /srv", left, "+ mount /srv tmpfs"},
		{refuse, "mkdir /sys/fs/cgroup/stray", left, "+ cgroup"},
		{refuse, ": >/.reaper", left, "+ changed .reaper"},
		{refuse, ": >/run/stray", left, "+ file /stray"},
		{refuse, "mkdir " + base + "/live/stray", left, "+ left /stray"},
		{refuse, "sleep 99 </dev/null >/dev/null 2>&1 &", left, `"sleep"`},
		{goOn, "overlay-stop " + conf + " 2>/dev/null", nothing, ""},
		{goOn, "ip link set fault0 down", missing, "link fault0"},
		{goOn, "ip netns exec fault ip link set lo down", missing, "inside link lo"},
		{goOn, inSubhost("umount /dev/pts"), missing, "- inside mount /dev/pts"},
		{goOn, inSubhost("rm /dev/null"), missing, "- inside file /dev /null"},
		{goOn, inSubhost("rm /run/service.pid"), lame, "/service.pid"},
	} {
		p, err := ParsePoint(r.point)
		if err != nil {
			t.Fatal(err)
		}
		o, err := l.run(task{Op: "boot", Point: &p, Up: known.Up, Words: known.Words,
			Plant: r.plant})
		if err != nil {
			t.Errorf("%s, %q: %v", r.point, r.plant, err)
			continue
		}
		if o.Class != r.class || !strings.Contains(strings.Join(o.Detail, "\n"), r.detail) {
			t.Errorf("%q: want %q, %q, got %v", r.plant, r.class, r.detail, o)
		}
	}
}

// inSubhost returns a script that runs another one in the subhost.
func inSubhost(text string) string {
	return "echo '" + text + "' | overlay-go fault >/dev/null"
}

func newLab(t *testing.T) *lab {
	t.Helper()
	return &lab{t: t, bin: bin(t), known: map[string]*outcome{}}
}

// covers checks that the calls of an operation are counted at all. Nothing would fail if
// our program were taken for a foreign one.
func (l *lab) covers(op string, names ...string) {
	l.t.Helper()
	for _, name := range names {
		if l.known[op].Counts[name] == 0 {
			l.t.Errorf("%s: no %s is counted", op, name)
		}
	}
}

// learn observes an operation without faults.
func (l *lab) learn(op string) *outcome {
	l.t.Helper()
	o, err := l.run(task{Op: op})
	if err != nil {
		if text := err.Error(); strings.Contains(text, "a private root") ||
			strings.Contains(text, errNoListener.Error()) {
			kit.Missing(l.t, "%v", err)
		}
		l.t.Fatalf("%s without faults: %v", op, err)
	}
	l.known[op] = o
	return o
}

// A lab runs each point in a sandbox of its own.
type lab struct {
	t     *testing.T
	bin   string
	known map[string]*outcome

	mu   sync.Mutex
	done []*outcome
}

// run carries out a task in a sandbox.
func (l *lab) run(task task) (*outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 8*limit)
	defer cancel()
	root := sandbox.Root{Copies: []sandbox.Copy{{From: l.bin + "/overlay-boot", To: program}}}
	return part.Private(ctx, root, task)
}

// choose returns the points that the value of OVERLAY_FAULTS asks for.
func (l *lab) choose(order string) []Point {
	var list []Point
	for _, op := range operations {
		switch order {
		case "all":
			list = append(list, every(op.name, l.known[op.name].Counts)...)
		case "":
			list = append(list, sample(op.name, l.known[op.name].Counts, op.points)...)
		}
	}
	if order == "" {
		list = append(list, once...)
	}
	if len(list) > 0 {
		return list
	}
	for _, word := range strings.Fields(order) {
		list = append(list, l.named(word)...)
	}
	if len(list) == 0 {
		l.t.Fatalf("OVERLAY_FAULTS=%s: no points", order)
	}
	return list
}

// named returns the points that match a word, in which * stands for anything.
func (l *lab) named(word string) []Point {
	if p, err := ParsePoint(word); err == nil {
		return []Point{p}
	}
	f := strings.Split(word, ":")
	var list []Point
	for _, op := range operations {
		for _, p := range every(op.name, l.known[op.name].Counts) {
			g := strings.Split(p.String(), ":")
			if len(f) == len(g) && !slices.ContainsFunc([]int{0, 1, 2, 3}, func(i int) bool {
				return f[i] != "*" && f[i] != g[i]
			}) {
				list = append(list, p)
			}
		}
	}
	if len(list) == 0 {
		l.t.Logf("OVERLAY_FAULTS: no point is %q", word)
	}
	return list
}

// every returns all points of an operation, in the order of calls.
func every(op string, counts map[string]int) []Point {
	var list []Point
	for _, c := range calls {
		for n := range counts[c.name] {
			if c.errno != 0 {
				list = append(list, Point{op, c.name, n + 1, false})
			}
			list = append(list, Point{op, c.name, n + 1, true})
		}
	}
	return list
}

// sample chooses about size points. The share of each call grows with the square root of
// its count, and the points of one call are evenly spaced.
func sample(op string, counts map[string]int, size int) []Point {
	var sum float64
	for _, n := range counts {
		sum += math.Sqrt(float64(n))
	}
	var list []Point
	for i, c := range calls {
		n := counts[c.name]
		take := min(2*n, int(math.Ceil(math.Sqrt(float64(n))*float64(size)/sum)))
		for k := range take {
			at := 1 + (2*k+1)*n/(2*take)
			kill := c.errno == 0 || (i+k)%3 == 0
			list = append(list, Point{op, c.name, min(at, n), kill})
		}
	}
	return list
}

// all runs the points, several at a time, in a shuffled but fixed order. If the time does
// not suffice, some points of every kind have run.
func (l *lab) all(points []Point) {
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	deadline, limited := l.t.Deadline()
	begun := time.Now()
	queue := make(chan Point)
	var group sync.WaitGroup
	for range beside {
		group.Go(func() {
			for p := range queue {
				l.one(p)
			}
		})
	}
	for i, p := range points {
		if i%100 == 99 {
			fmt.Fprintf(os.Stderr, "%d of %d points, %v\n", i+1, len(points),
				time.Since(begun).Round(time.Second))
		}
		if limited && time.Until(deadline) < 2*limit {
			l.t.Errorf("no time for %d of %d points", len(points)-i, len(points))
			break
		}
		queue <- p
	}
	close(queue)
	group.Wait()
}

func (l *lab) one(p Point) {
	known := l.known[p.Op]
	if known == nil {
		l.t.Errorf("%v: no such operation", p)
		return
	}
	o, err := l.run(task{Op: p.Op, Point: &p, Up: known.Up, Done: known.Done, Words: known.Words})
	if err != nil {
		l.t.Errorf("%v: %v", p, err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = append(l.done, o)
	if !good(o.Class) {
		l.t.Error(o)
	}
}

// String returns a report of a violation for people.
func (o *outcome) String() string {
	what := "nothing"
	if o.Hit != nil {
		what = fmt.Sprintf("main %v late %v %s", o.Hit.Main, o.Hit.Late, o.Hit.What)
	}
	stderr := o.Result.Stderr
	return fmt.Sprintf("%s: %s\n  hit %s\n  status %d, stderr ends with %q\n  %s", o.Point, o.Class,
		what, o.Result.Status, stderr[max(0, len(stderr)-300):],
		strings.ReplaceAll(strings.Join(o.Detail, "\n"), "\n", "\n  "))
}

// report prints the numbers, and writes all outcomes to the file that OVERLAY_FAULTS_TO
// names.
func (l *lab) report() {
	slices.SortFunc(l.done, func(a, b *outcome) int { return cmp.Compare(a.Point, b.Point) })
	all := 0
	for _, op := range operations {
		all += len(every(op.name, l.known[op.name].Counts))
	}
	fmt.Fprintf(os.Stderr, "%s%d of %d points\n", table(l.done), len(l.done), all)
	file := os.Getenv("OVERLAY_FAULTS_TO")
	if file == "" {
		return
	}
	text, err := json.MarshalIndent(l.done, "", " ")
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	if err != nil {
		l.t.Error(err)
	}
}

// table returns a text with a column for each operation and kind of fault, and a line for
// each class.
func table(done []*outcome) string {
	count := map[string]map[string]int{}
	var seconds float64
	for _, o := range done {
		f := strings.Split(o.Point, ":")
		column := f[0] + " " + f[3]
		if count[column] == nil {
			count[column] = map[string]int{}
		}
		count[column][o.Class]++
		count[column]["points"]++
		seconds += o.Seconds
	}
	columns := slices.Sorted(maps.Keys(count))
	var b strings.Builder
	fmt.Fprintf(&b, "%-25s", "")
	for _, c := range columns {
		fmt.Fprintf(&b, "%12s", c)
	}
	for _, class := range append([]string{"points"}, classes[:]...) {
		fmt.Fprintf(&b, "\n%-25s", class)
		for _, c := range columns {
			fmt.Fprintf(&b, "%12d", count[c][class])
		}
	}
	fmt.Fprintf(&b, "\n%.1f seconds a point\n", seconds/float64(max(1, len(done))))
	return b.String()
}
