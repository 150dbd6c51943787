package interp

import (
	"strings"
	"sync"
)

// A searchCache keeps where the scripts of this program found natives in PATH. The scripts look
// up many names in subshells, whose hash tables are lost.
type searchCache struct{ known sync.Map }

type searchedName struct{ dirs, name string }

func (c *searchCache) get(in searchPath, name string) (p program, ok bool) {
	found, ok := c.known.Load(searchedName{in.dirs, name})
	if ok {
		p = found.(program)
	}
	return p, ok
}

// put keeps a native if each directory of PATH has an absolute name. The result is then the
// same in each current directory.
func (c *searchCache) put(in searchPath, name string, p program) {
	if p.kind != nativeCommand || !in.set {
		return
	}
	for dir := range strings.SplitSeq(in.dirs, ":") {
		if !strings.HasPrefix(dir, "/") {
			return
		}
	}
	c.known.Store(searchedName{in.dirs, name}, p)
}
