package namespace_test

import (
	"strings"
	"testing"

	"overlayboot/builtins/namespace"
	"overlayboot/builtins/native"
)

// TestLeft: which arguments are left to the system's tools. What the others do is judged by the
// rows of cmd/overlay-boot, which run the programs.
func TestLeft(t *testing.T) {
	nsenter := native.Command{Name: "nsenter", Prefix: namespace.Nsenter}
	unshare := native.Command{Name: "unshare", Prefix: namespace.Unshare}
	for _, row := range []struct {
		command native.Command
		args    string
		lacks   string
	}{
		{nsenter, "-t 1 -u true", ""}, {nsenter, "-ut1 true", ""}, {nsenter, "--targ=1 --ut", ""},
		{nsenter, "-t 1 -u -- -x", ""}, {nsenter, "-t 1 -u true -Z", ""},
		{nsenter, "-t 1 -a true", "option '-a'"}, {nsenter, "--all true", "option '--all'"},
		{nsenter, "--us true", "option '--user'"}, {nsenter, "--u true", "option '--u'"},
		{nsenter, "--w true", "option '--w'"}, {nsenter, "-W / true", "option '-W'"},
		{nsenter, "-t", "option '-t' without its argument"}, {nsenter, "-t x", "process 'x'"},
		{nsenter, "--net= true", "option '--net' with an empty argument"},
		{unshare, "-uf true", ""}, {unshare, "--propa shared -m true", ""}, {unshare, "-u true -Z", ""},
		{unshare, "--kill true", ""}, {unshare, "--mount-p true", ""}, {unshare, "- -Z", ""},
		{unshare, "--kill-child=TERM true", "signal 'TERM'"},
		{unshare, "--kill-child= true", "signal ''"},
		{unshare, "--kill-child=9 true", "signal '9'"}, {unshare, "--kill-child=SIGKILL true", ""},
		{unshare, "--mount=f true", "option '--mount'"}, {unshare, "--m true", "option '--m'"},
		{unshare, "--mount-proc=/p true", "option '--mount-proc' with a directory"},
		{unshare, "--propagation", "option '--propagation' without its argument"},
		{unshare, "--propagation x true", "propagation 'x'"}, {unshare, "-ur true", "option '-r'"},
		{unshare, "--map-r true", "option '--map-root-user'"}, {unshare, "-U true", "option '-U'"},
	} {
		if got := row.command.Lacks(strings.Fields(row.args)...); got != row.lacks {
			t.Errorf("%s %s: %q, want %q", row.command.Name, row.args, got, row.lacks)
		}
	}
}
