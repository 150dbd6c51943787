package interp

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/signals"
	"overlayboot/compat/kit"
	"overlayboot/testsuite/fuzz"
)

// confined is the environment variable of a process that may enter its cell.
const confined = "OVERLAY_FUZZ_CELL"

// FuzzRun runs texts as scripts. A script must not crash the shell, hang it or leave a file
// open. There are no programs and no native commands, and the root directory is an empty
// directory, the only one that is writable. A worker of the fuzzing enters that root itself; a
// plain test run starts another process for it.
func FuzzRun(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(strings.ReplaceAll(strings.Join(fuzz.Program(seed), "\n"), "kill", "echo"))
	}
	for _, text := range runSeeds {
		f.Add(text)
	}
	switch {
	case unix.Geteuid() != 0 && os.Getenv(confined) == "":
		kit.Missing(f, "root, who alone can change the root directory")
	case os.Getenv(confined) != "" || isFuzzWorker():
		enterCell(f)
	case !isFuzzing():
		f.Fuzz(runApart)
		return
	}
	f.Fuzz(func(t *testing.T, text string) {
		// kill and ulimit reach beyond the shell.
		if strings.Contains(text, "kill") || strings.Contains(text, "ulimit") {
			kit.NotAbout(t, "the inside of this process")
		}
		runInCell(t, text)
	})
}

// runSeeds are commands that the generator does not make.
var runSeeds = [...]string{
	"alias a='echo b '; a c\na a\nunalias -a; eval 'alias x=y; x'",
	"trap 'echo bye $?; exit 3' EXIT; trap 'echo t' USR1; trap; (trap; exit 2); trap - EXIT",
	"set -aefuxC; set -o; set +o; echo $-; PS4='$(echo x) '; set -v; : ${x-y}",
	"while :; do :; done", "f() { f; }; f", "eval 'eval \"eval :\"'; . ./t.sh",
	"echo a | read x | { cat; echo $x; } & wait $!; jobs; wait; fg; bg",
	"cd /; pwd; cd -; cd nosuch; CDPATH=/:. cd d; pwd -P; >d/x; echo * */* [!a]",
	"exec 3>f 4<f 5<>g; echo x >&3; read y <&4; exec 3>&- 4<&-; exec >o; echo no; exec nosuch",
	"printf '%d %s %c %x %b\\n' 1 a b 0x1f '\\101'; printf; printf %; " +
		"printf '%*d|%.3s' 5 6 abcdef",
	"getopts ab:c o -a -b x; echo $o $OPTARG $OPTIND; local x; return; shift 2; " +
		"break; continue 2",
	"(. \"${+x}\"); x=$(. ./s$x'y'); (command . \"$(echo s)\") | cat; " +
		"case a in [[=a=]-[.b.]]) ;; esac; trap -p INT",
	"test a = b -o ! -z c; [ ( a ) ]; [ 1 -lt x ]; [; command -v if; type cd; hash -r; " +
		"umask 0; times",
	"readonly r=1; r=2; export r=3; unset r; echo ${r:=4} ${r?} ${#r} ${r%%*} ${nosuch:?no}",
	"cat <<A; read x <<-'B'; echo $(<f)\n$(echo `echo $((1/0))`)\nA\n\tb\n\tB\n",
	"set -e; ! false; false || true; if false; then :; fi; (exit 4); echo no",
	"echo $((1<<65 ? 017 : 08))",
}

func isFuzzWorker() bool { return hasArg("-test.fuzzworker") }

func isFuzzing() bool { return hasArg("-test.fuzz=") }

func hasArg(prefix string) bool {
	for _, arg := range os.Args[1:] {
		if strings.HasPrefix(arg, prefix) {
			return true
		}
	}
	return false
}

// runApart runs this test in another process.
func runApart(t *testing.T, _ string) {
	pattern := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	cmd := exec.Command(os.Args[0], "-test.v", "-test.run="+pattern)
	// With the race detector, a program otherwise waits a second before it exits.
	cmd.Env = append(os.Environ(), confined+"=1", "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%s%v", out, err)
	}
}

// enterCell makes an empty file system the root of this process, and gives up the process's
// rights. A limit on the size of files would not do. A script that resets XFSZ is ended by that
// signal, and the shell under test is this process.
func enterCell(f *testing.F) {
	f.Helper()
	signals.Await(-1, func() bool { return true }) // opens the files that it keeps open
	cell, err := smallFileSystem()
	if err != nil {
		f.Fatal(err)
	}
	const nobody = 65534
	for _, err := range []error{
		unix.Fchdir(cell), unix.Chroot("."), unix.Close(cell), unix.Chown("/", nobody, nobody),
		syscall.Setgid(nobody), syscall.Setuid(nobody), os.Mkdir("d", 0o755),
	} {
		if err != nil {
			f.Fatal(err)
		}
	}
}

// smallFileSystem opens a file system in memory that is mounted nowhere. It ends with the
// process (fsmount(2)).
func smallFileSystem() (fd int, err error) {
	config, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, err
	}
	defer unix.Close(config)
	for key, value := range map[string]string{"size": "4m", "nr_inodes": "5000"} {
		if err := unix.FsconfigSetString(config, key, value); err != nil {
			return -1, err
		}
	}
	if err := unix.FsconfigCreate(config); err != nil {
		return -1, err
	}
	return unix.Fsmount(config, unix.FSMOUNT_CLOEXEC, 0)
}

// stopAfter is the time after which a script without an end is stopped.
const stopAfter = 200 * time.Millisecond

func runInCell(t *testing.T, text string) {
	before, goroutines := lowest(t), runtime.NumGoroutine()
	out, err := os.Create("/out")
	if err != nil {
		t.Fatal(err)
	}
	process := NewProcess(-1, []string{"sh"})
	done := make(chan string, 1)
	go func() { done <- runScript(process, out, text) }()
	stop := time.AfterFunc(stopAfter, process.Stop)
	defer stop.Stop()
	select {
	case failure := <-done:
		if failure != "" {
			t.Fatal(failure)
		}
	case <-time.After(10 * time.Second):
		stacks := make([]byte, 1<<20)
		t.Fatalf("does not end\n%s", stacks[:runtime.Stack(stacks, true)])
	}
	if after := lowest(t); after != before {
		t.Fatalf("a file was left open: %d, not %d, is the next descriptor", after, before)
	}
	for range 100 { // goroutines of pipelines end soon
		if runtime.NumGoroutine() <= goroutines {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d goroutines, not %d", runtime.NumGoroutine(), goroutines)
}

// runScript runs a script as Run does. It returns the text of a panic.
func runScript(process *Process, out *os.File, text string) (failure string) {
	defer func() {
		if e := recover(); e != nil {
			stack := make([]byte, 1<<16)
			failure = fmt.Sprintf("%v\n%s", e, stack[:runtime.Stack(stack, false)])
		}
	}()
	defer out.Close()
	if err := os.WriteFile("/t.sh", []byte(text), 0o644); err != nil {
		return err.Error()
	}
	defer lendFiles(int(out.Fd()))()
	s := New(process, []string{"PATH=/bin", "HOME=/d"})

	for n := range 3 { // other open files are not for the script
		s.files.put(n, newFile(n))
	}
	s.Main([]string{"sh", "/t.sh"})
	s.leave()
	for n := 1; n <= 64; n++ { // reset the signals for the next script
		s.clearTrap(n)
	}
	return ""
}

// lendFiles replaces this process's standard files, which are also a shell's, by a file. It
// returns the function that restores them.
func lendFiles(fd int) (restore func()) {
	var kept [3]int
	for n := range kept {
		kept[n], _ = unix.FcntlInt(uintptr(n), unix.F_DUPFD_CLOEXEC, firstFile)
		_ = unix.Dup3(fd, n, 0)
	}
	return func() {
		for n, fd := range kept {
			_ = unix.Dup3(fd, n, 0)
			unix.Close(fd)
		}
	}
}

// lowest returns the number of the shell's next file descriptor.
func lowest(t *testing.T) int {
	fd, err := unix.FcntlInt(2, unix.F_DUPFD_CLOEXEC, firstFile)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	return fd
}
