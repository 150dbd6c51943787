package hostile

import (
	"fmt"
	"os"
	"os/exec"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// attackerName is what the test binary is called as to be an attacker, in argv[0].
const attackerName = "attacker"

// attackerPath is where it is, on the host and so in a subhost on the host's root.
const attackerPath = tools + "/attacker"

// attack does what the words say, prints what came of it, and returns a status.
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

// typeInto types a text into every terminal that can be got at: the controlling one, and
// those that are open.
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

// keyName is a secret in the session keyring of who boots.
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

// plantLinks puts a link to the target at a path, again and again, for half a minute.
func plantLinks(target, path string) {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		_ = os.Symlink(target, path)
		_ = os.Remove(path)
	}
}

// attacker is the program as a command of the host's.
func attacker(words ...string) *exec.Cmd {
	cmd := exec.Command(attackerPath, words...)
	cmd.Args[0] = attackerName
	return cmd
}

// attackInside is the program as a command line of a shell inside.
func attackInside(words string) string {
	return "bash -c 'exec -a " + attackerName + " " + attackerPath + ` "$@"' - ` + words
}
