package mount_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"overlayboot/compat/judge"
	"overlayboot/compat/kit"
)

// diskImage makes an image with a partition table, from a script for sfdisk.
func diskImage(t *testing.T, table string) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "i")
	c := exec.Command("sh", "-c", `truncate -s 64M "$1" && [ -z "$2" ] || echo "$2" | sfdisk -q "$1"`,
		"sh", image, table)
	if out, err := c.CombinedOutput(); err != nil {
		kit.Missing(t, "sfdisk: %v %s", err, out)
	}
	return image
}

func TestPartx(t *testing.T) {
	images := strings.NewReplacer(
		"GPT", diskImage(t, "label: gpt\n2048,8M\n,4M\n102400,1M"),
		"MBR", diskImage(t, "label: dos\n2048,8M\n,4M\n,20M,E\n,2M\n,3M\n,1M"),
		"NONE", diskImage(t, ""))
	rows := []judge.Row{
		{Argv: "partx -g -r -o START,SECTORS -n 2 GPT"},
		{Argv: "partx -g -r -o NR,START,END,SECTORS GPT"},
		{Argv: "partx -g -r -o START -n 9 GPT"},
		{Argv: "partx -g -r -o NR,START,SECTORS MBR"},
		{Argv: "partx -g -r -o START,SECTORS -n 5 MBR"},
		{Argv: "partx -g -r -o START,SECTORS -n 6 MBR"},
		{Argv: "partx -g -r -o START,SECTORS -n 1 MBR"},
		{Argv: "partx -g -r -o START NONE"},
		{Argv: "partx -g -r -o START nosuch"},
		{Argv: "partx GPT -g -r -o START"},
		{Argv: "partx -gro START GPT"},
		{Argv: "partx -gr --output=START --nr=1 GPT"},
		{Argv: "partx -gr --output START --nr 1 -- GPT"},
		{Argv: "partx --raw --nohead -oSTART -n1 GPT"},
		{Argv: "partx -gr -o START -o NR GPT"},
		{Argv: "partx -gr -o start,nr -n 1 -n 02 MBR"},
		{Argv: "partx --no --ra -o NR -n +1 GPT"},
		{Argv: "partx -gr -o START ''"},
		{Argv: "partx -gr -o START -- -n"},
		{Argv: "partx -l GPT", Lacks: true},
		{Argv: "partx GPT -gr -o START", Env: []string{"POSIXLY_CORRECT=1"}, Lacks: true},
		{Argv: "partx -gr --out START GPT", Lacks: true},
		{Argv: "partx -gr --output-all GPT", Lacks: true},
		{Argv: "partx -grZ -o START GPT", Lacks: true},
		{Argv: "partx -gr -o", Lacks: true},
		{Argv: "partx --noheadings=1 -r -o START GPT", Lacks: true},
		{Argv: "partx -gr -o START,,NR GPT", Lacks: true},
		{Argv: "partx -gr -o START -n 1:2 GPT", Lacks: true},
		{Argv: "partx -gr -o START -n0 GPT", Lacks: true},
		{Argv: "partx -grP -o START GPT", Lacks: true},
		{Argv: "partx -gr -o START", Lacks: true},
		{Argv: "partx -g -r -o NAME GPT", Lacks: true},
	}
	for i := range rows {
		rows[i].Argv = images.Replace(rows[i].Argv)
	}
	ours.Rows(t, rows)
}
