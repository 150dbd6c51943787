package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"overlayboot/compat/sandbox"
)

const bases = "/tmp/b"

// A contender is an engine with what was measured of it.
type contender struct {
	sandbox.Engine
	boot, stop          []time.Duration
	bootStarts, stopped []int
}

// benchBoot measures how long a subhost takes to boot and to stop, by our program
// and by the original scripts on the system's shell, in turns in one sandbox.
//
// A boot is over when the reaper runs: when the process that is the subhost's
// pid 1 has become it. A stop is over when overlay-stop returns.
func benchBoot(rounds int) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	if !sandbox.Inside() {
		if os.Geteuid() != 0 {
			return fmt.Errorf("booting subhosts needs root")
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
		defer cancel()
		keep := []string{dir, os.Getenv("OVERLAY_BIN")}
		return sandbox.Run(ctx, os.Stdout, keep, os.Args[1:]...)
	}
	list, err := contenders(dir)
	if err != nil {
		return err
	}
	for round := range rounds {
		for i := range list {
			if err := list[i].measure(); err != nil {
				return fmt.Errorf("%s, round %d: %w", list[i].Name, round+1, err)
			}
		}
	}
	reportBoots(rounds, list)
	return nil
}

// contenders are those whose files are there; ours has to be.
func contenders(dir string) ([]contender, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	path := "PATH=" + bin + ":" + sandbox.Path
	list := []contender{{Engine: sandbox.Engine{Name: "ours", Dir: bin, Env: []string{path}}}}
	original := filepath.Join(dir, ".original/x/var/lib/overlay-boot")
	if _, err := os.Stat(original); err != nil {
		fmt.Println("without the original scripts there is nothing to compare with (make original)")
		return list, nil
	}
	const copied = bases + "/.original"
	if err := os.CopyFS(copied, os.DirFS(original)); err != nil {
		return nil, err
	}
	return append(list,
		contender{Engine: sandbox.Engine{Name: "original scripts on our shell", Dir: bin,
			Env: []string{path, "OVERLAY_SCRIPTS=" + copied}}},
		contender{Engine: sandbox.Engine{Name: "original on dash", Dir: copied,
			Env: []string{"PATH=" + copied + ":" + sandbox.Path}}}), nil
}

// measure boots and stops once, on a base of its own.
func (c *contender) measure() error {
	base := bases + "/bench"
	for _, dir := range []string{"live", "root", "work"} {
		if err := os.MkdirAll(filepath.Join(base, dir), 0o755); err != nil {
			return err
		}
	}
	defer os.RemoveAll(base)
	conf := base + "/bench.conf"
	text := "BASE=.\nCABLES= =\nSTART= none\nLOG=" + base + "/log\n"
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return err
	}
	pids, start := lastPid(), time.Now()
	r, err := sandbox.Exec(c.Command("overlay-boot", conf))
	if err != nil {
		return err
	}
	if !spin(func() bool { _, ok := sandbox.Find("bench"); return ok }) {
		log, _ := os.ReadFile(base + "/log")
		return fmt.Errorf("no boot: %v\nlog: %s", r, log)
	}
	c.boot = append(c.boot, time.Since(start))
	if !waitDummy() {
		return fmt.Errorf("no dummy service")
	}
	c.bootStarts = append(c.bootStarts, lastPid()-pids)

	pids, start = lastPid(), time.Now()
	if r, err = sandbox.Exec(c.Command("overlay-stop", conf)); err != nil || r.Status != 0 {
		return fmt.Errorf("no stop: %v %v", r, err)
	}
	c.stop = append(c.stop, time.Since(start))
	c.stopped = append(c.stopped, lastPid()-pids)
	if !spin(func() bool { return len(sandbox.Processes()) == 0 && len(sandbox.NetNamespaces()) == 0 }) {
		return fmt.Errorf("left: %v %v", sandbox.Processes(), sandbox.NetNamespaces())
	}
	os.Remove(sandbox.CgroupRoot + "/bench") // the original leaves it
	return nil
}

// waitDummy waits for the last process that a boot starts.
func waitDummy() bool {
	return spin(func() bool {
		return slices.ContainsFunc(sandbox.Processes(), func(p sandbox.Process) bool {
			return p.Comm == "dummy_service"
		})
	})
}

// spin asks more often than sandbox.Until, for the sake of the measurement.
func spin(yes func() bool) bool {
	for end := time.Now().Add(sandbox.Limit); time.Now().Before(end); {
		if yes() {
			return true
		}
		time.Sleep(200 * time.Microsecond)
	}
	return false
}

// lastPid is the number that was given last in this pid namespace. Threads have
// numbers, too.
func lastPid() int {
	text, _ := os.ReadFile("/proc/loadavg")
	f := strings.Fields(string(text))
	n, _ := strconv.Atoi(f[len(f)-1])
	return n
}

func reportBoots(rounds int, list []contender) {
	fmt.Printf("medians of %d rounds; (tasks) counts processes and threads\n", rounds)
	fmt.Printf("%-32s %10s %7s %8s %10s %7s %8s\n",
		"", "boot", "tasks", "ratio", "stop", "tasks", "ratio")
	last := list[len(list)-1]
	for _, c := range list {
		boot, stop := median(c.boot), median(c.stop)
		fmt.Printf("%-32s %9.1fms %7d %7.1fx %9.1fms %7d %7.1fx\n", c.Name,
			ms(boot), median(c.bootStarts), ms(median(last.boot))/ms(boot),
			ms(stop), median(c.stopped), ms(median(last.stop))/ms(stop))
	}
	fmt.Printf("a ratio is how many times faster than %q\n", last.Name)
}
