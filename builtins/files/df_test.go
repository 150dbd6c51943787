package files_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// TestDf uses file systems whose sizes stay the same.
func TestDf(t *testing.T) {
	rows := []judge.Row{{Argv: "df -l", Lacks: true}, {Argv: "df -B1 /", Lacks: true}}
	for _, args := range []string{"/sys", "-h /sys", "-P /sys", "-T /sys", "-PT /sys /proc",
		"-hP /sys", "-hT /sys",
		"nope", "nope /sys", "-k /proc", "/dev/pts", "-H /dev/pts", "-k /sys/kernel", "-i /sys",
		"-iT /dev/shm", "-ihP /dev/shm", "-a /sys", "-t proc", "-at proc", "-at proc -t sysfs",
		"-aiTt devpts", "-t nosuch", "-t proc /proc /sys", "-x proc /proc",
		"-x proc -t proc", "-haT -t sysfs", "-at nosuch /proc"} {
		rows = append(rows, judge.Row{Argv: "df " + args})
	}
	ours.Rows(t, rows)
}
