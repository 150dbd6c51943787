package subhost

import (
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// The exit statuses of overlay-connect.
const (
	connectFailed = 1
	connectWrong  = 2
)

// connectLimit bounds a connection without -t, in seconds.
const connectLimit = 10

// Connect is "overlay-connect [-t SECONDS] ADDRESS PORT": it connects to a TCP port in its
// network namespace, and closes the connection. The address is a number, of IPv4 or IPv6. The
// status is 1 if that is refused, or takes longer than SECONDS.
func Connect(c *native.Call) int {
	opts, args, problem := c.Options([]native.Option{{Key: 't', Long: "timeout", Arg: native.NeedArg}},
		native.OperandsLast)
	limit := float64(connectLimit)
	for _, o := range opts {
		seconds, err := strconv.ParseFloat(o.Value, 64)
		if err != nil || seconds <= 0 || seconds > 1e6 {
			problem = "a timeout of " + o.Value
		}
		limit = seconds
	}
	if problem != "" {
		c.Errorf("%s is unknown", problem)
		return connectWrong
	}
	if len(args) != 2 {
		c.Errorf("usage: overlay-connect [-t SECONDS] ADDRESS PORT")
		return connectWrong
	}
	address, err := netip.ParseAddr(args[0])
	if err != nil || address.Zone() != "" {
		c.Errorf("%s is no address", native.QuoteName(args[0]))
		return connectWrong
	}
	port, err := strconv.ParseUint(args[1], 10, 16)
	if err != nil || port == 0 {
		c.Errorf("%s is no port", native.QuoteName(args[1]))
		return connectWrong
	}
	if err := dial(address, int(port), time.Duration(limit*1e9)); err != nil {
		c.Errorf("%s port %d: %s", args[0], port, clib.Strerror(err))
		return connectFailed
	}
	return 0
}

// dial connects, and closes the connection.
func dial(address netip.Addr, port int, limit time.Duration) error {
	family := unix.AF_INET6
	var to unix.Sockaddr = &unix.SockaddrInet6{Port: port, Addr: address.As16()}
	if address.Is4() {
		family, to = unix.AF_INET, &unix.SockaddrInet4{Port: port, Addr: address.As4()}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, to); err != unix.EINPROGRESS && err != unix.EINTR {
		return err
	}
	until := time.Now().Add(limit)
	for {
		left := unix.NsecToTimespec(int64(max(0, time.Until(until))))
		n, err := unix.Ppoll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, &left, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return err
		case n == 0:
			return unix.ETIMEDOUT
		}
		code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && code != 0 {
			err = unix.Errno(code)
		}
		return err
	}
}
