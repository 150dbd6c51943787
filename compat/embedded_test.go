package compat

import (
	"slices"
	"testing"
)

// TestSubhostNames checks the names of mount namespaces in a run of the embedded scripts
// with two subhosts: those that a run of the original has.
func TestSubhostNames(t *testing.T) {
	trace := &Trace{Facts: []Fact{
		{"two/mounts/host", "on /"},
		{"two/mounts/overlay-boot", "on /\non /srv/s"},
		{"two/mounts/overlay-boot>unshare", "on outside"},
		{"two/inside overlay-boot>unshare//etc", "folder"},
		{"two/mounts/overlay-boot#2", "on /\non /srv/t"},
		{"two/mounts/overlay-boot#2>unshare", "on outside"},
		{"two/inside overlay-boot#2>unshare//etc", "folder"},
		{"two/process overlay-boot#2>unshare/comm", "unshare"},
		{"two/mounts/other#2>unshare", "on outside"},
	}}
	want := []Fact{
		{"two/mounts/host", "on /"},
		{"two/mounts/of the supervisor", "on /srv/s"},
		{"two/mounts/overlay-boot", "on outside"},
		{"two/inside overlay-boot//etc", "folder"},
		{"two/mounts/of the supervisor#2", "on /srv/t"},
		{"two/mounts/overlay-boot#2", "on outside"},
		{"two/inside overlay-boot#2//etc", "folder"},
		{"two/process overlay-boot#2>unshare/comm", "unshare"},
		{"two/mounts/other#2>unshare", "on outside"},
	}
	if got := withSubhosts(trace).Facts; !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}
