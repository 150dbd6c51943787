package interp

import (
	"strings"
	"sync"
)

// A searched keeps where the scripts of this program found natives in PATH. They look many
// names up in subshells, which forget what they have hashed.
type searched struct{ known sync.Map }

type searchedName struct{ dirs, name string }

func (c *searched) get(in searchPath, name string) (p program, ok bool) {
	found, ok := c.known.Load(searchedName{in.dirs, name})
	if ok {
		p = found.(program)
	}
	return p, ok
}

// put keeps a native, which does not depend on the current directory where each directory of
// PATH is an absolute name.
func (c *searched) put(in searchPath, name string, p program) {
	if p.kind != native || !in.set {
		return
	}
	for dir := range strings.SplitSeq(in.dirs, ":") {
		if !strings.HasPrefix(dir, "/") {
			return
		}
	}
	c.known.Store(searchedName{in.dirs, name}, p)
}
