package site

import "strings"

// A Claim is what a file in the directory "roots" of the records says: which subhost has the
// directory that the file stands for. It counts as long as that subhost exists or, if a process
// is named, as long as that runs.
type Claim struct {
	Owner   string
	process string
}

// ReadClaim reads a claim; one that cannot be read has no owner, and does not count.
func ReadClaim(path string) Claim {
	text, err := readFile(path)
	if err != nil {
		return Claim{}
	}
	line, _, _ := strings.Cut(string(text), "\n")
	owner, process, _ := strings.Cut(strings.TrimSpace(line), " ")
	return Claim{owner, process}
}

// Counts reports whether the owner has the directory now.
func (c Claim) Counts() bool {
	if c.process != "" {
		return Record{"PROCESS": c.process}.Alive("PROCESS")
	}
	if c.Owner == "" || strings.Contains(c.Owner, "/") {
		return false
	}
	r, err := ReadRecord(c.Owner)
	return err == nil && (r.Starts() || r.Alive("SUPERVISOR") || r.Alive("UNSHARE"))
}
