//go:build amd64 || arm64

package signals

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// helperVar names the helper that this program runs when it is re-executed, with signals of its
// own.
const helperVar = "SIGNALS_TEST_HELPER"

// The first thread takes the signals of a shell, and so it does in a helper.
func init() {
	if os.Getenv(helperVar) != "" {
		runtime.LockOSThread()
	}
}

func TestMain(m *testing.M) {
	if name := os.Getenv(helperVar); name != "" {
		// No helper may leave a core file.
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
		Begin()
		helpers[name]()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	usr1 = int(unix.SIGUSR1)
	urg  = int(unix.SIGURG)
	segv = int(unix.SIGSEGV)
	pipe = int(unix.SIGPIPE)
)

// toItself sends a signal to this thread, as the runtime does.
func toItself(n int) { _ = unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.Signal(n)) }

func pendingText() string { return fmt.Sprintf("%#x", Pending()) }

var helpers = map[string]func(){
	"caught": func() {
		Catch(usr1)
		_ = Kill(unix.Getpid(), usr1)
		fmt.Println(pendingText())
		Clear(Bit(usr1))
		Ignore(usr1)
		_ = Kill(unix.Getpid(), usr1)
		fmt.Println(pendingText(), Ignored()&Bit(usr1) != 0)
		Default(usr1)
		_ = Kill(unix.Getpid(), usr1)
		fmt.Println("not reached")
	},
	"preemption": func() {
		Catch(urg)
		toItself(urg)
		fmt.Println(pendingText())
		_ = Kill(unix.Getpid(), urg)
		fmt.Println(pendingText())
	},
	"fault": func() {
		defer func() {
			fmt.Println(recover())
			Catch(segv)
			_ = Kill(unix.Getpid(), segv)
			fmt.Println(pendingText())
			Default(segv)
			_ = Kill(unix.Getpid(), segv)
			fmt.Println("not reached")
		}()
		var p *int
		*p = 1
	},
	"pipe": func() {
		r, w, _ := os.Pipe()
		r.Close()
		_, err := unix.Write(int(w.Fd()), []byte("a"))
		fmt.Println(err)
		_ = Kill(unix.Getpid(), pipe)
		fmt.Println("not reached")
	},
	"children": func() {
		CatchChildren()
		fmt.Println(pendingText())
		Clear(Children)
		_ = exec.Command("true").Run()
		Await(-1, func() bool { return Pending() != 0 })
		fmt.Println(pendingText())
	},
	"die": func() {
		Ignore(int(unix.SIGTERM))
		Die(int(unix.SIGTERM))
		fmt.Println("not reached")
	},
}

func TestHelpers(t *testing.T) {
	for name, want := range map[string]string{
		"caught":     "0x200\n0x0 true\nsignal: user defined signal 1",
		"preemption": "0x0\n0x400000\nok",
		"fault": "runtime error: invalid memory address or nil pointer dereference\n0x400\n" +
			"signal: segmentation fault",
		"pipe":     "broken pipe\nsignal: broken pipe",
		"children": "0x100\n0x100\nok",
		"die":      "signal: terminated",
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), helperVar+"="+name)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			out, err := cmd.Output()
			end := "ok"
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				end = exit.String()
			}
			if got := string(out) + end; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestFormer checks that a process that did not call Begin, such as a test, gets its own
// handlers back.
func TestFormer(t *testing.T) {
	var before, after action
	sigaction(usr1, nil, &before)
	Catch(usr1)
	_ = Kill(unix.Getpid(), usr1)
	for end := time.Now().Add(10 * time.Second); Pending()&Bit(usr1) == 0; {
		if time.Now().After(end) {
			t.Fatal("the signal did not come")
		}
		time.Sleep(time.Millisecond)
	}
	Clear(Bit(usr1))
	Default(usr1)
	if sigaction(usr1, nil, &after); before != after {
		t.Errorf("%+v, was %+v", after, before)
	}
}

func TestAwait(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	asked := 0
	if Await(int(r.Fd()), func() bool { asked++; return asked == 1 }) {
		t.Error("there is nothing to read")
	}
	if _, err := w.WriteString("a"); err != nil {
		t.Fatal(err)
	}
	if !Await(int(r.Fd()), func() bool { return false }) {
		t.Error("there is something to read")
	}
}
