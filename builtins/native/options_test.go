package native

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

var optionTestSpec = []Option{
	{'a', "all", NoArg},
	{'m', "mode", NeedArg},
	{'m', "modus", NeedArg},
	{'c', "color", OptArg},
	{'s', "", NoArg},
	{'t', "", NeedArg},
	{LongOnly, "only-long", NoArg},
	{LongOnly + 1, "only-other", NeedArg},
	{LongOnly + 2, "only", NoArg}, // exact, after two longer names
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
	"--onl x",
	"--zebra",
	"--all=1",
	"-m",
	"--mode",
	"-t",
}

// TestOptions compares with getopt(1), the command for getopt_long(3).
func TestOptions(t *testing.T) {
	if _, err := exec.LookPath("getopt"); err != nil {
		kit.Missing(t, "no oracle: %v", err)
	}
	// getopt(1) prints the long name; showOptions has only the key.
	letters := strings.NewReplacer("--all ", "-a ", "--mode ", "-m ", "--color ", "-c ")
	for _, r := range optionRows {
		args := strings.Fields(r)
		for _, order := range []optionOrder{Permute, OperandsLast} {
			short := []string{"", "+"}[order] + "am:c::st:"
			long := "all,mode:,color::,only-long,only-other:,only"
			cmd := append([]string{"-n", "x", "-o", short, "-l", long, "--"}, args...)
			out, err := exec.Command("getopt", cmd...).Output()
			want := letters.Replace(strings.TrimSpace(string(out)))
			opts, operands, problem := ParseOptions(args, optionTestSpec, order)
			if (err != nil) != (problem != "") {
				t.Errorf("%q order %d: problem %q, getopt says %v", r, order, problem, err)
			}
			if got := showOptions(opts, operands); err == nil && got != want {
				t.Errorf("%q order %d: got %s, want %s", r, order, got, want)
			}
		}
	}
}

// showOptions writes the parsed options in the format of getopt(1).
func showOptions(opts []GivenOption, operands []string) string {
	var b strings.Builder
	for _, o := range opts {
		switch {
		case o.Key < LongOnly:
			fmt.Fprintf(&b, "-%c ", o.Key)
		default:
			fmt.Fprintf(&b, "--%s ", optionTestSpec[6+o.Key-LongOnly].Long)
		}
		kind := NoArg
		for _, s := range optionTestSpec {
			if s.Key == o.Key {
				kind = s.Arg
			}
		}
		if kind != NoArg {
			fmt.Fprintf(&b, "'%s' ", o.Value)
		}
	}
	b.WriteString("--")
	for _, o := range operands {
		fmt.Fprintf(&b, " '%s'", o)
	}
	return b.String()
}

// TestBareWords has no oracle: ps prints nothing of what it read. The rows of ps have one.
func TestBareWords(t *testing.T) {
	spec := []Option{{'h', "", NoArg}, {'p', "pid", NeedArg}, {Bare + 'h', "", NoArg},
		{Bare + 'o', "", NeedArg}, {LongOnly, "no-head", NoArg}}
	for _, row := range []struct{ args, want, problem string }{
		{"h 1 ho pid -hp2 --pid=3 --no-head 4", "h h o=pid -h -p=2 -p=3 --no-head 1 4", ""},
		{"hopid -p -h", "h o=pid -p=-h", ""},
		{"p 1", "", "option 'p'"}, {"-o 1", "", "option '-o'"},
		{"ho", "", "option 'o' without its argument"},
		{"-p", "", "option '-p' without its argument"}, {"--no-hea 1", "", "option '--no-hea'"},
		{"--", "", "option '--'"}, {"-", "", "option '-'"}, {"-1", "", "option '-1'"},
	} {
		opts, operands, problem := ParseOptions(strings.Fields(row.args), spec, BareWords)
		var got []string
		for _, o := range opts {
			name := strings.TrimPrefix(GivenOption{Key: o.Key}.Named(), "option '")
			name, _ = strings.CutSuffix(name, "'")
			if o.Key == LongOnly {
				name = "--" + o.long
			}
			if o.Has {
				name += "=" + o.Value
			}
			got = append(got, name)
		}
		text := strings.Join(append(got, operands...), " ")
		if problem != row.problem || problem == "" && text != row.want {
			t.Errorf("%s: %q, problem %q", row.args, text, problem)
		}
	}
	if _, _, problem := ParseOptions([]string{""}, spec, BareWords); problem != "empty argument" {
		t.Errorf("empty argument: %q", problem)
	}
}
