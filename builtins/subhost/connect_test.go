package subhost_test

import (
	"net"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
)

// TestConnect checks overlay-connect against listeners of this process.
func TestConnect(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "::1"} {
		l, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
		if err != nil {
			kit.Cannot(t, "listen at %s: %v", address, err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		if o, _ := timed(t, "overlay-connect", address, port); o.Status != 0 || o.Stderr != "" {
			t.Errorf("%s: %v", address, o)
		}
		l.Close()
		o, _ := timed(t, "overlay-connect", "-t", "5", address, port)
		if o.Status != 1 || !strings.Contains(o.Stderr, "port "+port+": Connection refused") {
			t.Errorf("%s, closed: %v", address, o)
		}
	}
}

// TestConnectTimeout connects to a listener whose queue is full.
func TestConnectTimeout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	short := func(fd uintptr) { err = unix.Listen(int(fd), 0) }
	if e := raw.Control(short); e != nil || err != nil {
		t.Fatal(e, err)
	}
	for range 8 {
		c, err := net.DialTimeout("tcp", "127.0.0.1:"+port, 1e8)
		if err != nil {
			break
		}
		defer c.Close()
	}
	o, _ := timed(t, "overlay-connect", "-t", "0.2", "127.0.0.1", port)
	if o.Status != 1 || !strings.Contains(o.Stderr, "Connection timed out") {
		t.Errorf("%v", o)
	}
}

// TestConnectWrong checks what is wrong usage.
func TestConnectWrong(t *testing.T) {
	for _, r := range []struct{ args, says string }{
		{"", "usage: overlay-connect"}, {"127.0.0.1", "usage: "}, {"127.0.0.1 1 2", "usage: "},
		{"localhost 22", "localhost is no address"}, {"127.0.1 22", "is no address"},
		{"fe80::1%lo 22", "is no address"}, {"::1 0", "0 is no port"},
		{"::1 65536", "is no port"}, {"::1 ssh", "is no port"},
		{"-t x ::1 22", "a timeout of x is unknown"}, {"-t 0 ::1 22", "is unknown"},
		{"-z ::1 22", "is unknown"},
	} {
		argv := append([]string{"overlay-connect"}, strings.Fields(r.args)...)
		if o, _ := timed(t, argv...); o.Status != 2 || !strings.Contains(o.Stderr, r.says) {
			t.Errorf("%v: %v, want %q", argv, o, r.says)
		}
	}
}
