package builtins

import "sort"

// about says in a few words what each command does, sorted by name.
var about = [...]struct{ name, text string }{
	{"awk", "find and process patterns in text, as mawk does"},
	{"basename", "strip directory and suffix from a name"},
	{"brctl", "make, change and show bridges"},
	{"cat", "print files one after the other"},
	{"chmod", "change the mode of files"},
	{"chown", "change the owner and group of files"},
	{"chroot", "run a command below another root directory"},
	{"cp", "copy files and directories"},
	{"cut", "print parts of each line"},
	{"dirname", "strip the last part of a name"},
	{"env", "run a command with another environment, or print that"},
	{"expr", "evaluate an expression"},
	{"false", "do nothing, and fail"},
	{"flock", "lock a file while a command runs"},
	{"grep", "print lines that match a pattern"},
	{"head", "print the beginning of files"},
	{"hostname", "print or set the name of the host"},
	{"id", "print user and group ids"},
	{"ip", "show and change links, addresses, routes and network namespaces"},
	{"kill", "send a signal to processes"},
	{"ldd", "print the libraries that a program wants"},
	{"ln", "make links"},
	{"mkdir", "make directories"},
	{"mkfifo", "make named pipes"},
	{"mknod", "make device files and named pipes"},
	{"mount", "mount a file system, or list what is mounted"},
	{"mountpoint", "tell whether a directory is a mount point"},
	{"mv", "move and rename files"},
	{"nohup", "run a command that a hangup does not end"},
	{"nsenter", "run a command in the namespaces of another process"},
	{"overlay-below", "run a file command below a root that its links cannot leave"},
	{"overlay-bind", "bind a file or directory into a root, following no link out of it"},
	{"overlay-copy", "copy standard input to standard output in very little memory"},
	{"overlay-dummy", "a service that waits until somebody writes to /run/dummy_service"},
	{"overlay-keyring", "run a command with a session keyring of its own"},
	{"overlay-reaper", "install the pid 1 of a subhost"},
	{"overlay-root", "make the top of a mount the root, and take the old one away"},
	{"overlay-terminal", "run a command on a terminal of its own"},
	{"partx", "show the partitions of a disk or an image"},
	{"pgrep", "find processes by name and other traits"},
	{"pivot_root", "change the root file system"},
	{"pkill", "signal processes by name and other traits"},
	{"ps", "list processes"},
	{"readlink", "print what a symbolic link points to"},
	{"realpath", "print the path of a file without links"},
	{"rm", "remove files and directories"},
	{"rmdir", "remove empty directories"},
	{"sed", "edit a stream of text"},
	{"setpriv", "run a command with other privileges"},
	{"setsid", "run a command in a session of its own"},
	{"sh", "the shell"},
	{"sleep", "wait for some time"},
	{"sort", "sort lines"},
	{"tail", "print the end of files"},
	{"tee", "copy standard input to files and to standard output"},
	{"touch", "make files, or set their times"},
	{"tr", "translate or delete characters"},
	{"true", "do nothing"},
	{"umount", "unmount file systems"},
	{"uname", "print the name and version of the system"},
	{"uniq", "drop or count lines that repeat"},
	{"unshare", "run a command in new namespaces"},
	{"waitpid", "wait until processes end, whoever their parent is"},
	{"wc", "count lines, words and bytes"},
}

// About is what overlay-sh --natives says of a command, empty where it has no text.
func About(name string) string {
	i := sort.Search(len(about), func(i int) bool { return about[i].name >= name })
	if i < len(about) && about[i].name == name {
		return about[i].text
	}
	return ""
}
