package layer

import (
	"bufio"
	"fmt"
	"math/big"
)

// A statReport prints a line with the bytes that come and go for each change, and a sum. What
// was below a directory that is no longer there is in the line of that.
type statReport struct {
	out *bufio.Writer

	// held is the line that is not complete: more may be found below its path.
	held           statLine
	added, removed big.Int
	count          struct{ added, changed, removed int }
}

type statLine struct {
	kind   Kind
	path   string
	isDone bool // the line has been printed
	covers bool // the line is also about what was below its path
	// files with holes may have more bytes in all than an int64 has room for
	added, removed big.Int
}

func (r *statReport) below() bool { return true }

func (r *statReport) change(c *Change) error {
	if r.held.covers && c.Kind == Removed && isAtOrBelow(c.Path, r.held.path) {
		plus(&r.held.removed, size(c.Old))
		return nil
	}
	if err := r.flush(); err != nil {
		return err
	}
	grown := size(c.New) - size(c.Old)
	r.held = statLine{kind: c.Kind, path: c.Path, covers: c.Old.IsDir() && !c.New.IsDir()}
	plus(&r.held.added, max(grown, 0))
	plus(&r.held.removed, max(-grown, 0))
	return nil
}

// plus adds a number to a sum.
func plus(sum *big.Int, n int64) { sum.Add(sum, big.NewInt(n)) }

// flush prints the line that is held, and counts it.
func (r *statReport) flush() error {
	l := &r.held
	if l.kind == 0 || l.isDone {
		return nil
	}
	l.isDone = true
	switch l.kind {
	case Added:
		r.count.added++
	case Changed:
		r.count.changed++
	case Removed:
		r.count.removed++
	}
	r.added.Add(&r.added, &l.added)
	r.removed.Add(&r.removed, &l.removed)
	_, err := fmt.Fprintf(r.out, "%c %11s %11s %s\n", l.kind, "+"+l.added.String(),
		"-"+l.removed.String(), quotePath("/"+l.path))
	return err
}

func (r *statReport) end() error {
	if err := r.flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(r.out, "%d added, %d changed, %d removed, +%s -%s bytes\n",
		r.count.added, r.count.changed, r.count.removed, &r.added, &r.removed)
	return err
}
