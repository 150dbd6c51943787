package layer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/site"
)

// A claim keeps boots of any name away from a directory; see Claims in scripts/functions. The
// lock of a name does not: several configurations can have one UPPER, and a command may give the
// name.
type claim struct{ path, text string }

// claimUpper claims UPPER for this process, under the name of the subhost.
func (p *place) claimUpper() (*claim, error) {
	var st unix.Stat_t
	if err := unix.Stat(p.upper, &st); err != nil {
		return nil, fmt.Errorf("UPPER=%s: %w", p.upper, err)
	}
	unlock, err := lockClaims()
	if err != nil {
		return nil, err
	}
	defer unlock()
	_, start, ok := site.Stat(os.Getpid())
	if !ok {
		return nil, errors.New("cannot read the start time of this process: is /proc mounted?")
	}
	c := &claim{
		path: filepath.Join(site.Records, "roots", fmt.Sprintf("%d-%d", st.Dev, st.Ino)),
		text: fmt.Sprintf("%s %d %d\n", p.name, os.Getpid(), start),
	}
	if there := site.ReadClaim(c.path); there.Counts() {
		return nil, fmt.Errorf("UPPER=%s is in use by the subhost %s; stop it first", p.upper,
			there.Owner)
	}
	return c, os.WriteFile(c.path, []byte(c.text), 0o600)
}

// others returns the claims that other subhosts have now, by their directories.
func (c *claim) others() (map[fsys.Inode]string, error) {
	paths, err := filepath.Glob(filepath.Join(site.Records, "roots", "*"))
	owners := map[fsys.Inode]string{}
	for _, path := range paths {
		var st unix.Stat_t
		n, _ := fmt.Sscanf(filepath.Base(path), "%d-%d", &st.Dev, &st.Ino)
		if n != 2 || path == c.path {
			continue
		}
		if there := site.ReadClaim(path); there.Counts() {
			owners[fsys.InodeOf(st)] = there.Owner
		}
	}
	return owners, err
}

// unclaimed makes sure that no other subhost has a directory below one of which files go.
func (r *resetter) unclaimed(c *claim) error {
	owners, err := c.others()
	if err != nil || len(owners) == 0 {
		return err
	}
	if err := claimedIn(r.upper, nil, owners); err != nil {
		return fmt.Errorf("UPPER has %w", err)
	}
	for _, name := range []string{"work", "index"} {
		d, err := r.work.openIfThere(name)
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		err = claimedIn(d, (*trail)(nil).to(name), owners)
		d.close()
		if err != nil {
			return fmt.Errorf("WORK has %w", err)
		}
	}
	return nil
}

// claimedIn looks for claimed directories in a directory.
func claimedIn(d *dir, at *trail, owners map[fsys.Inode]string) error {
	names, err := d.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		n, err := d.lookup(name)
		if err != nil {
			return err
		}
		if !n.IsDir() {
			continue
		}
		here := at.to(name)
		if owner, ok := owners[fsys.InodeOf(n.Stat)]; ok {
			return fmt.Errorf("a directory of the subhost %s in it, %s; stop that first", owner,
				quotePath("/"+here.String()))
		}
		sub, err := d.openIfThere(name)
		if err != nil {
			return err
		}
		if sub == nil {
			continue
		}
		err = claimedIn(sub, here, owners)
		sub.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// drop gives up the claim.
func (c *claim) drop() {
	unlock, err := lockClaims()
	if err != nil {
		return // it ends with this process
	}
	defer unlock()
	if text, err := os.ReadFile(c.path); err == nil && string(text) == c.text {
		_ = os.Remove(c.path)
	}
}

// lockClaims locks all claims.
func lockClaims() (unlock func(), err error) {
	f, err := os.Open(filepath.Join(site.Records, "roots"))
	if err != nil {
		return nil, err
	}
	err = fsys.Retry(func() error { return unix.Flock(int(f.Fd()), unix.LOCK_EX) })
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot lock the claims: %w", err)
	}
	return func() { f.Close() }, nil
}
