package builtins

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// diskImage makes an image with a partition table, from a script for sfdisk.
func diskImage(t *testing.T, table string) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "i")
	c := exec.Command("sh", "-c", `truncate -s 64M "$1" && [ -z "$2" ] || echo "$2" | sfdisk -q "$1"`,
		"sh", image, table)
	if out, err := c.CombinedOutput(); err != nil {
		missing(t, "sfdisk: %v %s", err, out)
	}
	return image
}

func TestPartx(t *testing.T) {
	images := strings.NewReplacer(
		"GPT", diskImage(t, "label: gpt\n2048,8M\n,4M\n102400,1M"),
		"MBR", diskImage(t, "label: dos\n2048,8M\n,4M\n,20M,E\n,2M\n,3M\n,1M"),
		"NONE", diskImage(t, ""))
	rows := []row{
		{argv: "partx -g -r -o START,SECTORS -n 2 GPT"},
		{argv: "partx -g -r -o NR,START,END,SECTORS GPT"},
		{argv: "partx -g -r -o START -n 9 GPT"},
		{argv: "partx -g -r -o NR,START,SECTORS MBR"},
		{argv: "partx -g -r -o START,SECTORS -n 5 MBR"},
		{argv: "partx -g -r -o START,SECTORS -n 6 MBR"},
		{argv: "partx -g -r -o START,SECTORS -n 1 MBR"},
		{argv: "partx -g -r -o START NONE"},
		{argv: "partx -g -r -o START nosuch"},
		{argv: "partx -l GPT", lacks: true},
		{argv: "partx -g -r -o NAME GPT", lacks: true},
	}
	for i := range rows {
		rows[i].argv = images.Replace(rows[i].argv)
	}
	judge(t, rows)
}
