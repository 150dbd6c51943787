package builtins

import "golang.org/x/sys/unix"

var syncOptions = [...]option{{'d', "data", noArg}, {'f', "file-system", noArg}}

// runSync is sync(1).
func runSync(c *Call) int {
	opts, names, problem := c.options(syncOptions[:], permute)
	if problem != "" {
		return c.Unsupported("%s", problem)
	}
	data, system := false, false
	for _, o := range opts {
		data = data || o.key == 'd'
		system = system || o.key == 'f'
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
		if !c.syncFile(name, call) {
			status = 1
		}
	}
	return status
}

func (c *Call) syncFile(name string, call func(int) error) bool {
	f, err := c.OpenFile(name, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		if w, werr := c.OpenFile(name, unix.O_WRONLY|unix.O_NONBLOCK, 0); werr == nil {
			f, err = w, nil
		}
	}
	if err != nil {
		c.Errorf("error opening %s: %s", quoteAlways(name), Strerror(err))
		return false
	}
	defer func() { _ = f.Close() }()
	if err := retry(func() error { return call(int(f.Fd())) }); err != nil {
		c.Errorf("error syncing %s: %s", quoteAlways(name), Strerror(err))
		return false
	}
	return true
}
