package files

import (
	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

var syncOptions = [...]native.Option{{Key: 'd', Long: "data"}, {Key: 'f', Long: "file-system"}}

// Sync is sync(1).
func Sync(c *native.Call) int {
	opts, names, problem := c.Options(syncOptions[:], native.Permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	data, system := false, false
	for _, o := range opts {
		data = data || o.Key == 'd'
		system = system || o.Key == 'f'
	}
	switch {
	case data && system:
		c.Errorf("cannot specify both --data and --file-system")
		return 1
	case data && len(names) == 0:
		c.Errorf("--data needs at least one argument")
		return 1
	case len(names) == 0:
		unix.Sync()
		return 0
	}
	call := unix.Fsync
	switch {
	case data:
		call = unix.Fdatasync
	case system:
		call = unix.Syncfs
	}
	status := 0
	for _, name := range names {
		if !syncFile(c, name, call) {
			status = 1
		}
	}
	return status
}

func syncFile(c *native.Call, name string, call func(int) error) bool {
	f, err := c.OpenFile(name, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		if w, werr := c.OpenFile(name, unix.O_WRONLY|unix.O_NONBLOCK, 0); werr == nil {
			f, err = w, nil
		}
	}
	if err != nil {
		c.Errorf("error opening %s: %s", native.QuoteAlways(name), clib.Strerror(err))
		return false
	}
	defer func() { _ = f.Close() }()
	if err := fsys.Retry(func() error { return call(int(f.Fd())) }); err != nil {
		c.Errorf("error syncing %s: %s", native.QuoteAlways(name), clib.Strerror(err))
		return false
	}
	return true
}
