package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/testsuite/program"
)

// TestMain runs the bench itself if the process is in the sandbox.
func TestMain(m *testing.M) {
	sandbox.Stage()
	if sandbox.Inside() {
		if err := run(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// built builds the program that the bench measures, with its names.
func built(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if err := program.Build(dir + "/overlay-boot"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"overlay-stop", "overlay-sh"} {
		if err := os.Symlink("overlay-boot", dir+"/"+name); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("OVERLAY_BIN", dir)
}

// TestParts makes each part measure a little of everything. It judges no times.
func TestParts(t *testing.T) {
	kit.Root(t)
	built(t)
	dir := t.TempDir()
	if err := compile(dir); err != nil {
		t.Fatal(err)
	}
	figures := map[string][]string{
		"start":  {"start.ours", "start.go", "start.dash", "start.c"},
		"boot":   {"boot.ours", "stop.ours", "boot.floor", "stop.floor", "calls.ours", "calls.floor"},
		"memory": {"pss.ours", "private.ours", "pss.floor"},
		"many":   {"atonce.ours", "running.ours", "mounts.ours", "processes.ours"},
		"shell":  {"shell.worst"},
		"tools":  nil,
	}
	if kit.MustWork() {
		figures["boot"] = append(figures["boot"], "boot.original", "boot.scripts", "boot.bwrap",
			"boot.crun", "boot.lxc")
	}
	for _, part := range parts() {
		t.Run(part, func(t *testing.T) {
			args := []string{"-quick", part}
			o, err := parseOptions(args)
			if err != nil {
				t.Fatal(err)
			}
			o.dir = dir
			values := measureAll(t, o, args)
			for _, name := range figures[part] {
				if values[name] <= 0 {
					t.Errorf("%s is %v; of %v", name, values[name], values)
				}
			}
			for name, v := range values {
				if strings.HasPrefix(name, "lost.") && v != 0 {
					t.Errorf("%s: %v", name, v)
				}
			}
		})
	}
}

// measureAll returns the figures that the scenes of a part measure.
func measureAll(t *testing.T, o options, args []string) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	for _, s := range scenesOf(o.part) {
		r, err := s.measure(o, args)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if !strings.HasPrefix(r.Markdown, "## ") {
			t.Errorf("%s says %q", s.name, r.Markdown)
		}
		for _, p := range r.Plots {
			checkSVG(t, p, 0)
		}
		maps.Copy(values, r.Values)
	}
	return values
}

// TestCounts checks that addCounts reads the table of strace.
func TestCounts(t *testing.T) {
	counts := map[string]int{}
	file := filepath.Join(t.TempDir(), "calls")
	text := "% time     seconds  usecs/call     calls    errors syscall\n" +
		"------ ----------- ----------- --------- --------- ----------------\n" +
		" 50.00    0.000002           2         3         1 openat\n" +
		" 50.00    0.000002           2         4           close\n" +
		"------ ----------- ----------- --------- --------- ----------------\n" +
		"100.00    0.000004           2         7         1 total\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := addCounts(counts, file); err != nil {
			t.Fatal(err)
		}
	}
	if got := most(counts, 5); got != "close 8, openat 6" {
		t.Errorf("strace's table gives %q", got)
	}
}

func TestMedian(t *testing.T) {
	for _, row := range []struct {
		list []time.Duration
		want time.Duration
	}{{[]time.Duration{7}, 7}, {[]time.Duration{9, 1, 5}, 5}, {[]time.Duration{4, 3, 2, 1}, 3}} {
		if got := median(row.list); got != row.want {
			t.Errorf("median(%v) = %v, want %v", row.list, got, row.want)
		}
	}
}

func TestShort(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.5: "0.500", 0.996: "1.00", 1: "1.00", 9.994: "9.99", 9.996: "10.0", 31.26: "31.3",
		99.96: "100", 7654.3: "7654", -2.345: "-2.35",
	} {
		if got := short(v); got != want {
			t.Errorf("short(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestAims(t *testing.T) {
	text := aimsTable(map[string]float64{"boot.ours": 9, "boot.floor": 3, "boot.original": 350,
		"stop.ours": 2})
	for _, want := range []string{
		"| boot, to the floor             |    3.00× |   at most 3× | yes |",
		"| boot, faster than the original |    38.9× | at least 40× |  no |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "stop") || strings.Contains(text, "crun") {
		t.Errorf("an aim without all of its figures in\n%s", text)
	}
	if aimsTable(nil) != "" {
		t.Error("without figures there is a table")
	}
}

func TestTable(t *testing.T) {
	tab := table{{"", "ms"}, {"a×", "1"}, {"longer", "1000"}}
	want := "|        |   ms |\n| ------ | ---: |\n| a×     |    1 |\n| longer | 1000 |\n"
	if got := tab.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTicks(t *testing.T) {
	for _, row := range []struct {
		name      string
		got, want []float64
	}{
		{"499", linearTicks(499), []float64{0, 100, 200, 300, 400, 500}},
		{"2000", linearTicks(2000), []float64{0, 500, 1000, 1500, 2000}},
		{"5000", linearTicks(5000), []float64{0, 1000, 2000, 3000, 4000, 5000}},
		{"2", linearTicks(2), []float64{0, 1, 2}},
		{"0", linearTicks(0), []float64{0, 1}},
		{"2.6 to 350", logTicks(2.6, 350), []float64{2, 5, 10, 20, 50, 100, 200, 500}},
		{"10 to 10", logTicks(10, 10), []float64{10, 20}},
	} {
		if fmt.Sprint(row.got) != fmt.Sprint(row.want) {
			t.Errorf("%s: %v, want %v", row.name, row.got, row.want)
		}
	}
}

func TestScale(t *testing.T) {
	x := scale{from: 0, to: 500, a: 70, b: 770}
	y := scale{from: 1, to: 100, a: 300, b: 100, log: true}
	if x.at(0) != 70 || x.at(250) != 420 || x.at(500) != 770 {
		t.Errorf("x: %v %v %v", x.at(0), x.at(250), x.at(500))
	}
	if y.at(1) != 300 || y.at(10) != 200 || y.at(100) != 100 {
		t.Errorf("y: %v %v %v", y.at(1), y.at(10), y.at(100))
	}
}

// TestPlot checks that a plot is XML, has all that it must show, and shows it inside the
// picture.
func TestPlot(t *testing.T) {
	p := plot{Title: "a < b", XLabel: "things", YLabel: "ms", Lines: []line{
		{"one", []float64{0, 499}, []float64{2.6, 3}}, {"two & more", []float64{0}, []float64{344}}}}
	svg := checkSVG(t, p, 3)
	for _, want := range []string{"a &lt; b", "two &amp; more", ">500<", ">things<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in\n%s", want, svg)
		}
	}
}

// checkSVG checks that a plot is XML with its points in the visible area.
func checkSVG(t *testing.T, p plot, points int) string {
	t.Helper()
	svg := p.svg()
	d := xml.NewDecoder(strings.NewReader(svg))
	circles := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
			circles++
			inPlot(t, e)
		}
	}
	if circles == 0 || points > 0 && circles != points {
		t.Errorf("%d points, not %d", circles, points)
	}
	return svg
}

func inPlot(t *testing.T, e xml.StartElement) {
	t.Helper()
	var x, y float64
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "cx":
			fmt.Sscan(a.Value, &x)
		case "cy":
			fmt.Sscan(a.Value, &y)
		}
	}
	if x < left || x > width-right || y < top || y > height-bottom {
		t.Errorf("a point at %v, %v", x, y)
	}
}
