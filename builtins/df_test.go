package builtins

import "testing"

// What is mounted there has sizes that stay as they are.
func TestDf(t *testing.T) {
	rows := []row{{argv: "df -l", lacks: true}, {argv: "df -B1 /", lacks: true}}
	for _, args := range []string{"/sys", "-h /sys", "-P /sys", "-T /sys", "-PT /sys /proc", "-hP /sys", "-hT /sys",
		"nope", "nope /sys", "-k /proc", "/dev/pts", "-H /dev/pts", "-k /sys/kernel", "-i /sys", "-iT /dev/shm", "-ihP /dev/shm", "-a /sys", "-t proc",
		"-at proc", "-at proc -t sysfs", "-aiTt devpts", "-t nosuch", "-t proc /proc /sys", "-x proc /proc",
		"-x proc -t proc", "-haT -t sysfs", "-at nosuch /proc"} {
		rows = append(rows, row{argv: "df " + args})
	}
	judge(t, rows)
}
