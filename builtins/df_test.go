package builtins

import "testing"

// What is mounted there has sizes that stay as they are.
func TestDf(t *testing.T) {
	rows := []row{{argv: "df", lacks: true}, {argv: "df -i /", lacks: true}}
	for _, args := range []string{"/sys", "-h /sys", "-P /sys", "-T /sys", "-PT /sys /proc", "-hP /sys", "-hT /sys",
		"nope", "nope /sys", "-k /proc", "/dev/pts", "-H /dev/pts", "-k /sys/kernel"} {
		rows = append(rows, row{argv: "df " + args})
	}
	judge(t, rows)
}
