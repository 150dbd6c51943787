package builtins

import (
	"strings"

	"golang.org/x/sys/unix"
)

// maxMountLinks is how many symbolic links a name may lead through, as in the kernel.
const maxMountLinks = 40

// mountPath is realpath(3), from the calling thread's directory. A name that
// leads nowhere comes back as it was, with false.
func mountPath(name string) (string, bool) {
	rest, done := name, ""
	if name == "" {
		return name, false
	}
	if name[0] != '/' {
		cwd, err := unix.Getwd()
		if err != nil {
			return name, false
		}
		done = strings.TrimSuffix(cwd, "/")
	}
	for links := 0; rest != ""; {
		part, tail, slash := strings.Cut(rest, "/")
		rest = tail
		switch part {
		case "", ".":
			continue
		case "..":
			done = done[:max(strings.LastIndexByte(done, '/'), 0)]
			continue
		}
		target, err := linkTarget(done + "/" + part)
		if err == unix.EINVAL { // no link
			done += "/" + part
			if slash && !pathIsDir(done) {
				return name, false
			}
			continue
		}
		if links++; err != nil || links > maxMountLinks {
			return name, false
		}
		if target != "" && target[0] == '/' {
			done = ""
		}
		rest = target + "/" + rest
	}
	if done == "" {
		done = "/"
	}
	return done, true
}

func linkTarget(name string) (string, error) {
	var buf [unix.PathMax]byte
	n, err := unix.Readlink(name, buf[:])
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

func pathIsDir(name string) bool {
	var st unix.Stat_t
	return unix.Stat(name, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

func pathExists(name string) bool {
	var st unix.Stat_t
	return unix.Stat(name, &st) == nil
}
