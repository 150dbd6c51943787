package shell

// A difference is a row on which the two shells disagree for a reason. want is the standard
// output of ours.
type difference struct{ reason, script, want string }

// The reasons.
const (
	testedDot = "dash forgets in a dot script that the status is tested; " +
		"XCU 2.14 set -e exempts it"
)

var differences = [...]difference{
	{testedDot, "echo 'false; echo in' > f1; set -e\n. ./f1 || echo or\necho after $?",
		"in\nafter 0\n"},
}
