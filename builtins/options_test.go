package builtins

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

var optionTestSpec = []option{
	{'a', "all", noArg},
	{'m', "mode", needArg},
	{'m', "modus", needArg},
	{'c', "color", optArg},
	{'s', "", noArg},
	{'t', "", needArg},
	{longOnly, "only-long", noArg},
	{longOnly + 1, "only-other", needArg},
}

// optionRows are argument lists, split at blanks.
var optionRows = []string{
	"",
	"x y",
	"-a x -s y",
	"-as x",
	"-asm 755 x",
	"-m755 x",
	"-am755 x",
	"-t x -a",
	"x -- -a y",
	"-- -a",
	"- x -a",
	"--all x",
	"--al x",
	"--mode=1 x --mode 2",
	"--mod 3",
	"--color x --color=always",
	"-c x -calways",
	"--color= x",
	"--only-l --only-o=3",
	"-Z x",
	"-aZ",
	"--only x",
	"--zebra",
	"--all=1",
	"-m",
	"--mode",
	"-t",
}

// TestOptions lets getopt(1), which is getopt_long(3) as a command, judge.
func TestOptions(t *testing.T) {
	if _, err := exec.LookPath("getopt"); err != nil {
		missing(t, "no oracle: %v", err)
	}
	// getopt(1) repeats the long name; ours knows the option by its key.
	letters := strings.NewReplacer("--all ", "-a ", "--mode ", "-m ", "--color ", "-c ")
	for _, r := range optionRows {
		args := strings.Fields(r)
		for _, order := range []optionOrder{permute, operandsLast} {
			short := []string{"", "+"}[order] + "am:c::st:"
			long := "all,mode:,color::,only-long,only-other:"
			cmd := append([]string{"-n", "x", "-o", short, "-l", long, "--"}, args...)
			out, err := exec.Command("getopt", cmd...).Output()
			want := letters.Replace(strings.TrimSpace(string(out)))
			opts, operands, problem := parseOptions(args, optionTestSpec, order)
			if (err != nil) != (problem != "") {
				t.Errorf("%q order %d: problem %q, getopt says %v", r, order, problem, err)
			}
			if got := showOptions(opts, operands); err == nil && got != want {
				t.Errorf("%q order %d: got %s, want %s", r, order, got, want)
			}
		}
	}
}

// showOptions writes what was parsed as getopt(1) does.
func showOptions(opts []parsedOption, operands []string) string {
	var b strings.Builder
	for _, o := range opts {
		switch {
		case o.key < longOnly:
			fmt.Fprintf(&b, "-%c ", o.key)
		default:
			fmt.Fprintf(&b, "--%s ", optionTestSpec[6+o.key-longOnly].long)
		}
		kind := noArg
		for _, s := range optionTestSpec {
			if s.key == o.key {
				kind = s.arg
			}
		}
		if kind != noArg {
			fmt.Fprintf(&b, "'%s' ", o.value)
		}
	}
	b.WriteString("--")
	for _, o := range operands {
		fmt.Fprintf(&b, " '%s'", o)
	}
	return b.String()
}
